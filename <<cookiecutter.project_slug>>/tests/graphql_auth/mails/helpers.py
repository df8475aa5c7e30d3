"""Values and functions that several tests of mails use."""

import pytest

from graphql_auth.mails import kinds

PATHS = {
    kinds.ACTIVATION: ("ACTIVATION_PATH_ON_EMAIL", "activate"),
    kinds.ACTIVATION_RESEND: ("ACTIVATION_PATH_ON_EMAIL", "activate"),
    kinds.SECONDARY_EMAIL_ACTIVATION: ("ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL", "activate-secondary"),
    kinds.PASSWORD_SET: ("PASSWORD_SET_PATH_ON_EMAIL", "password-set"),
    kinds.PASSWORD_RESET: ("PASSWORD_RESET_PATH_ON_EMAIL", "password-reset"),
    kinds.ACCOUNT_UNVERIFIED_EXISTS: ("PASSWORD_RESET_PATH_ON_EMAIL", "password-reset"),
    kinds.ACCOUNT_CLOSED_EXISTS: ("PASSWORD_RESET_PATH_ON_EMAIL", "password-reset"),
}
every_link = pytest.mark.parametrize("kind", PATHS, ids=lambda kind: kind.name)


def html(mail):
    [(body, kind)] = mail.alternatives
    assert kind == "text/html"
    return body
