"""Functions that several tests of reports use."""


class Planted(Exception):
    """Raised in a function that has a secret in a variable."""
