"""Values that several tests of limits use."""

from tests.conftest import refused

THROTTLED = refused("throttled", "Too many attempts. Please try again later.")
WRONG = refused("invalid_credentials", "Please, enter valid credentials.")
