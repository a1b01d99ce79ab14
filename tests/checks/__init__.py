"""For each code a file that has the mistake and one that has not."""
