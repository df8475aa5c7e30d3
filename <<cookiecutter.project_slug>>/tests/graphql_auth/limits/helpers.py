"""Values that several tests of limits use."""

from graphql_auth.errors import Refusal
from tests.conftest import refused

THROTTLED = refused(Refusal.THROTTLED)
WRONG = refused(Refusal.INVALID_CREDENTIALS)
