"""The project's tests, by user journey."""
