"""The checks of one vendor file, by what they look at."""
