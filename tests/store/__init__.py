"""Is what is stored there, once, whatever happens?"""
