"""Are stored requests judged anew as they should be?"""
