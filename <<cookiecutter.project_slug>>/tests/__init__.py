"""The project's tests, by journey."""
