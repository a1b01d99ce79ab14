"""What becomes of stored requests when a spec is mended, and when they are to go."""
