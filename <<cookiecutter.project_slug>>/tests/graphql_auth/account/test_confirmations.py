"""Mutations that need a login, a verified account or a password."""

import pytest

from graphql_auth import sessions
from graphql_auth.errors import Refusal
from graphql_auth.models import Session, UserStatus
from tests.api import null_outputs, verdict
from tests.conftest import PASSWORD, refused
from tests.graphql_auth.account.helpers import DONE, PASSWORD_FIELDS, PROTECTED, stored

UNAUTHENTICATED = refused(Refusal.UNAUTHENTICATED)
NOT_VERIFIED = refused(Refusal.NOT_VERIFIED)
THROTTLED = refused(Refusal.THROTTLED)


@pytest.mark.parametrize("name", PROTECTED)
@pytest.mark.parametrize("login", [None, "not-a-token"])
def test_a_protected_mutation_rejects_anonymous_clients(mutate, db, name, login):
    answer = mutate(name, login=login, **PROTECTED[name])

    assert answer == {"success": False, "errors": UNAUTHENTICATED, **null_outputs(name)}


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_mutation_refuses_an_unverified_account(mutate, make_user, mailoutbox, name):
    user = make_user("unverified", secondary_email="second@example.com")

    answer = mutate(name, login=user, **PROTECTED[name])

    assert answer == {"success": False, "errors": NOT_VERIFIED, **null_outputs(name)}
    assert stored(user).first_name == ""
    assert mailoutbox == []


@pytest.mark.parametrize("name", PROTECTED)
def test_an_account_without_a_status_counts_as_unverified(mutate, verified, name):
    """D27: users from before the account system, or from bulk_create, have no status row."""
    token = sessions.start(verified).token
    UserStatus.objects.all().delete()

    assert mutate(name, login=token, **PROTECTED[name])["errors"] == NOT_VERIFIED


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_mutation_refuses_an_archived_account(mutate, verified, name):
    """D10: also when its session was not ended, as by a change in the database."""
    token = sessions.start(verified).token
    UserStatus.objects.update(archived=True)

    assert mutate(name, login=token, **PROTECTED[name])["errors"] == UNAUTHENTICATED


@pytest.mark.parametrize("name", PASSWORD_FIELDS)
@pytest.mark.parametrize("wrong", ["wrong", "", f" {PASSWORD}", PASSWORD.upper()])
def test_a_protected_mutation_refuses_a_wrong_password(mutate, with_secondary, mailoutbox, hashes, name, wrong):
    token, before = sessions.start(with_secondary).token, stored(with_secondary)
    field = PASSWORD_FIELDS[name]

    answer = mutate(name, login=token, **PROTECTED[name] | {field: wrong})

    place = "oldPassword" if field == "old_password" else "password"
    errors = refused(Refusal.INVALID_PASSWORD, field=place)
    assert answer == {"success": False, "errors": errors, **null_outputs(name)}
    assert hashes() == 1
    after = stored(with_secondary)
    assert (after.email, after.password, after.is_active) == (before.email, before.password, True)
    assert (after.status.archived, after.status.secondary_email) == (False, "two_secondary@example.com")
    assert Session.objects.filter(ended_at=None).count() == 1
    assert mailoutbox == []


def test_guesses_at_the_password_are_limited_over_all_mutations(mutate, configure, with_secondary, hashes):
    """D20: all confirmations of the password share one limit."""
    configure(RATE_LIMITS={"login": f"{len(PASSWORD_FIELDS)}/hour"})
    token = sessions.start(with_secondary).token

    for name, field in PASSWORD_FIELDS.items():
        assert "nonFieldErrors" not in mutate(name, login=token, **PROTECTED[name] | {field: "wrong"})["errors"]

    for name in PASSWORD_FIELDS:
        assert mutate(name, login=token, **PROTECTED[name])["errors"] == THROTTLED
    assert hashes() == len(PASSWORD_FIELDS)


def test_the_owner_is_not_locked_out_by_the_guesses_of_strangers(mutate, configure, verified):
    """D20: the failed logins of strangers do not count for a client that is logged in."""
    configure(RATE_LIMITS={"login_account": "2/hour"})
    token = sessions.start(verified).token
    for _ in range(3):
        mutate("tokenAuth", email=verified.email, password="wrong")

    assert mutate("tokenAuth", email=verified.email, password=PASSWORD)["errors"] == THROTTLED
    assert verdict(mutate("archiveAccount", login=token, password=PASSWORD)) == DONE
