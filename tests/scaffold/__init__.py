"""A first draft of a vendor file."""
