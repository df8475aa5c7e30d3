"""The links that reset or set a password."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from graphql_auth import sessions, tokens
from graphql_auth.errors import Refusal
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.passwords.helpers import BAD_PASSWORDS, INVALID_TOKEN, NEW, live_sessions, logs_in

EXPIRED_TOKEN = refused(Refusal.EXPIRED_TOKEN)
ALREADY_SET = refused(Refusal.PASSWORD_ALREADY_SET)


@pytest.fixture(params=["passwordReset", "passwordSet"])
def link(request, make_user):
    """Return each mutation that sets a password by a mailed token, with a verified user and a token for it."""
    if request.param == "passwordReset":
        user = make_user("forgetful", verified=True)
        return request.param, user, tokens.make(tokens.PASSWORD_RESET, user)
    user = make_user("passwordless", password=None, verified=True)
    return request.param, user, tokens.make(tokens.PASSWORD_SET, user)


def test_a_mailed_reset_link_sets_a_new_password(mutate, verified, mailed_token):
    mutate("sendPasswordResetEmail", email=verified.email)

    answer = mutate("passwordReset", token=mailed_token(), **NEW)

    assert answer == {"success": True, "errors": None}
    assert logs_in(mutate, verified, NEW_PASSWORD)
    assert not logs_in(mutate, verified, PASSWORD)


def test_a_token_sets_a_password(mutate, link):
    name, user, token = link

    assert mutate(name, token=token, **NEW) == {"success": True, "errors": None}
    assert logs_in(mutate, user, NEW_PASSWORD)


def test_a_token_works_once(mutate, link):
    """D03: a used token is refused; that of a first password says why."""
    name, user, token = link
    mutate(name, token=token, **NEW)

    answer = mutate(name, token=token, new_password1=PASSWORD, new_password2=PASSWORD)

    assert answer == {"success": False, "errors": ALREADY_SET if name == "passwordSet" else INVALID_TOKEN}
    assert not logs_in(mutate, user, PASSWORD)


@pytest.mark.parametrize(("passwords", "errors"), BAD_PASSWORDS)
def test_a_failed_try_leaves_the_token_usable(mutate, link, hashes, passwords, errors):
    name, _, token = link

    assert mutate(name, token=token, **passwords) == {"success": False, "errors": errors}
    assert hashes() == 0
    assert mutate(name, token=token, **NEW)["success"] is True
    assert hashes() == 1


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "é:é:é", "." * 5000])
def test_an_invalid_token_is_rejected(mutate, link, hashes, token):
    name, _, _ = link

    assert mutate(name, token=token, **NEW) == {"success": False, "errors": INVALID_TOKEN}
    assert hashes() == 0


@pytest.mark.parametrize(
    ("name", "purpose", "setting", "default"),
    [
        ("passwordReset", tokens.PASSWORD_RESET, "EXPIRATION_PASSWORD_RESET_TOKEN", timedelta(hours=1)),
        ("passwordSet", tokens.PASSWORD_SET, "EXPIRATION_PASSWORD_SET_TOKEN", timedelta(days=7)),
    ],
)
@pytest.mark.parametrize("configured", [None, timedelta(minutes=3)])
def test_a_token_expires(mutate, make_user, configure, name, purpose, setting, default, configured):
    if configured:
        configure(**{setting: configured})
    user = make_user("late", password=None)
    token, made = tokens.make(purpose, user), timezone.now()
    lifetime = configured or default

    with time_machine.travel(made + lifetime + timedelta(seconds=5), tick=False):
        assert mutate(name, token=token, **NEW) == {"success": False, "errors": EXPIRED_TOKEN}
    with time_machine.travel(made + lifetime - timedelta(seconds=5), tick=False):
        assert mutate(name, token=token, **NEW)["success"] is True


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda user: user.set_password(PASSWORD), id="password"),
        pytest.param(lambda user: setattr(user, "email", "else@example.com"), id="email"),
        pytest.param(lambda user: setattr(user, "is_active", False), id="deactivation"),
    ],
)
def test_a_token_dies_with_what_it_was_made_for(mutate, link, change):
    """D03: a token from before the password or address changed, or the account was closed, is void."""
    name, user, token = link
    change(user)
    user.save()

    answer = mutate(name, token=token, **NEW)

    changed_password = name == "passwordSet" and user.has_usable_password()
    assert answer == {"success": False, "errors": ALREADY_SET if changed_password else INVALID_TOKEN}
    user.refresh_from_db()
    assert not user.check_password(NEW_PASSWORD)


def test_a_reset_link_mailed_to_a_secondary_address_dies_with_it(mutate, with_secondary, mailed_token):
    """D03: who removes an address does not trust it any more."""
    mutate("sendPasswordResetEmail", email="two_secondary@example.com")
    mutate("removeSecondaryEmail", login=with_secondary, password=PASSWORD)

    assert mutate("passwordReset", token=mailed_token(), **NEW)["errors"] == INVALID_TOKEN


def test_a_token_does_not_work_for_the_next_owner_of_the_address(mutate, make_user, link):
    """D02: even when the database gives the new account the key of the old one."""
    name, user, token = link
    pk, local = user.pk, user.email.partition("@")[0]
    user.delete()
    heir = make_user(local, password=None if name == "passwordSet" else PASSWORD, verified=True, pk=pk)

    answer = mutate(name, token=token, **NEW)

    heir.refresh_from_db()
    assert heir.email == user.email
    assert answer["errors"] == INVALID_TOKEN
    assert not heir.check_password(NEW_PASSWORD)


@pytest.mark.parametrize("name", ["verifyAccount", "verifySecondaryEmail", "passwordReset", "passwordSet"])
def test_a_token_serves_its_own_purpose_only(mutate, make_user, name):
    """D15: one salt for every purpose would let a link verify what another was mailed for."""
    user = make_user("passwordless", password=None)
    purposes = {
        "verifyAccount": tokens.ACTIVATION,
        "verifySecondaryEmail": tokens.SECONDARY_EMAIL,
        "passwordReset": tokens.PASSWORD_RESET,
        "passwordSet": tokens.PASSWORD_SET,
    }
    others = [purpose for other, purpose in purposes.items() if other != name]
    passwords = NEW if name.startswith("password") else {}

    for purpose in others:
        token = tokens.make(purpose, user, email="else@example.com")
        assert mutate(name, token=token, **passwords)["errors"] == INVALID_TOKEN


@pytest.mark.parametrize(
    "content",
    [
        {"email": "verified@example.com"},
        {"pk": 1, "is_superuser": True, "email": ""},
        {"pk__gt": 0},
        [],
        [1, None],
        [None, None, ""],
        ["x", None, ""],
        [[1], None, ""],
        [{}, None, ""],
        [10**30, None, ""],
        "abc",
        7,
        None,
    ],
)
def test_signed_nonsense_is_an_invalid_token(mutate, verified, content):
    """D15: what a token holds never becomes a look-up."""
    token = signing.dumps(content, salt=tokens.PASSWORD_RESET.salt)

    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN


def test_a_token_of_a_former_key_works_while_the_key_is_a_fallback(mutate, link, settings):
    name, _, token = link
    former, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-secret-key-of-more-than-thirty-two-bytes"

    settings.SECRET_KEY_FALLBACKS = []
    assert mutate(name, token=token, **NEW)["errors"] == INVALID_TOKEN

    settings.SECRET_KEY_FALLBACKS = [former]
    assert mutate(name, token=token, **NEW)["success"] is True


def test_a_token_of_a_former_key_works_once(mutate, verified, settings):
    token = tokens.make(tokens.PASSWORD_RESET, verified)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret-key", [settings.SECRET_KEY]
    mutate("passwordReset", token=token, **NEW)

    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN


@pytest.mark.parametrize(
    ("name", "purpose", "password"),
    [("passwordReset", tokens.PASSWORD_RESET, PASSWORD), ("passwordSet", tokens.PASSWORD_SET, None)],
)
def test_setting_a_password_by_mail_verifies_the_account(mutate, make_user, name, purpose, password):
    user = make_user("unverified", password=password)
    activation = tokens.make(tokens.ACTIVATION, user)

    mutate(name, token=tokens.make(purpose, user), **NEW)

    user.status.refresh_from_db()
    assert user.status.verified is True
    assert mutate("verifyAccount", token=activation)["success"] is False


@pytest.mark.parametrize("verified", [True, False])
def test_a_link_to_set_a_password_works_whatever_became_of_verified(mutate, link, verified):
    """The link was mailed to the address: who uses it has it, which is all that verified says."""
    name, user, token = link
    user.status.change(verified=verified)

    assert mutate(name, token=token, **NEW)["success"] is True
    user.status.refresh_from_db()
    assert user.status.verified is True


@pytest.mark.parametrize("verified_before", [True, False])
def test_setting_a_password_by_mail_ends_every_session(mutate, query, make_user, verified_before):
    """D13: whoever registered the address of somebody else is logged out."""
    user = make_user("victim", verified=verified_before)
    tokens_before = [sessions.start(user) for _ in range(2)]

    mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, user), **NEW)

    assert live_sessions(user) == 0
    for before in tokens_before:
        assert query("{ me { email } }", login=before.token) == {"me": None}
        assert mutate("refreshToken", refresh_token=before.refresh_token)["errors"] == INVALID_TOKEN


def test_a_pending_secondary_address_is_void_once_the_owner_shows_up(mutate, make_user):
    """D13: an address requested by whoever registered the account does not become its secondary one."""
    user = make_user("victim")
    pending = tokens.make(tokens.SECONDARY_EMAIL, user, email="attacker@example.com")

    mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, user), **NEW)

    assert mutate("verifySecondaryEmail", token=pending)["errors"] == INVALID_TOKEN


def test_a_password_that_was_set_otherwise_makes_the_link_to_set_one_void(mutate, make_user):
    user = make_user("passwordless", password=None)
    first = tokens.make(tokens.PASSWORD_SET, user)
    mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, user), **NEW)

    answer = mutate("passwordSet", token=first, new_password1=PASSWORD, new_password2=PASSWORD)

    assert answer == {"success": False, "errors": ALREADY_SET}
    assert logs_in(mutate, user, NEW_PASSWORD)


def test_an_archived_account_can_reset_its_password_and_come_back(mutate, archived, mailed_token):
    mutate("sendPasswordResetEmail", email=archived.email)

    assert mutate("passwordReset", token=mailed_token(), **NEW)["success"] is True
    assert mutate("tokenAuth", email=archived.email, password=NEW_PASSWORD)["unarchiving"] is True
