"""A first draft of a vendor file, guessed from captured callbacks: no I/O, every guess with its reason."""
