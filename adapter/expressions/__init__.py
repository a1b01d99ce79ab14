"""How does an author point at a value?"""
