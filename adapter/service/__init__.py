"""The world outside: HTTP, disk, time, environment."""
