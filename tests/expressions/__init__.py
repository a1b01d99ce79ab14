"""Does an author's way of pointing at a value mean what it says?"""
