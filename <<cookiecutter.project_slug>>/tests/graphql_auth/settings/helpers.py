"""Values and functions that several tests of settings use."""

from django.conf import settings as project
from django.core.checks import run_checks

BY_DEBUG = {
    True: {"PREVENT_ENUMERATION": False, "USERS_QUERY": "public"},
    False: {"PREVENT_ENUMERATION": True, "USERS_QUERY": "staff"},
}
SCOPES = [
    "login",
    "login_account",
    "login_client",
    "login_total",
    "mail_address",
    "mail_client",
    "register_client",
    "refresh",
]
ALL_LIMITS = dict.fromkeys(SCOPES, "5/hour")


def complaints(deploy=False):
    found = run_checks(tags=["security"], include_deployment_checks=deploy)
    return [message for message in found if message.id.startswith("graphql_auth.")]


def jwt(**values):
    """Return GRAPHQL_JWT with other values; None leaves a key out."""
    return {key: value for key, value in {**project.GRAPHQL_JWT, **values}.items() if value is not None}
