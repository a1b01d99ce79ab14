"""The service over real HTTP and real files."""
