"""How do vendors sign? Their schemes as data: algorithms, encodings, and what is put together to be signed."""
