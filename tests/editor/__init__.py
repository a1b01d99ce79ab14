"""What an author sees while typing."""
