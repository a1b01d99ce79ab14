"""Is what travels read as it was written?"""
