"""What goes wrong on purpose, at length: run by hand."""
