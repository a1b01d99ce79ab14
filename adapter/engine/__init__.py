"""One callback, one direction: no I/O, no clock, no environment."""
