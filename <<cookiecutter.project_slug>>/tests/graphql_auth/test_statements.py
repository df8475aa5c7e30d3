"""Composed look-ups find what Django's ORM finds, and everything works without them, too."""

import sys
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from graphql_auth import addresses, sessions
from graphql_auth.errors import AccountError
from graphql_auth.features import ADDRESSES
from graphql_auth.models import Session, UserStatus
from graphql_auth.statements import Lookup, Statement
# % if cookiecutter.login_field == "username"
from graphql_auth.usernames import OWNER_BY_USERNAME
# % endif
from tests.conftest import NEW_PASSWORD, PASSWORD

LOOKUPS = {
    lookup
    for name, module in sys.modules.items()
    if name.startswith("graphql_auth.")
    for lookup in vars(module).values()
    if isinstance(lookup, Lookup)
}
ODD = "' OR %s = %(x)s -- \\ é🎉"


def stored_key(key):
    return Session._meta.pk.get_db_prep_value(key, connection)


# The values of each look-up for a session, and values that find nothing.
CASES = [
    (sessions.BY_KEY, lambda session: [stored_key(session.pk)], lambda: [stored_key(uuid4())]),
    (sessions.BY_KEY, lambda session: [stored_key(str(session.pk))], lambda: [None]),
    (sessions.HELD_BY_DIGEST, lambda session: [session.refresh_digest], lambda: [ODD]),
    (sessions.HELD_BY_DIGEST, lambda session: ["x", session.refresh_digest], lambda: ["x", ODD]),
    (addresses.owner_lookup("email"), lambda session: [session.user.email], lambda: [ODD]),
    (addresses.owner_lookup(*ADDRESSES), lambda session: [session.user.email], lambda: [ODD]),
    (addresses.owner_lookup(*ADDRESSES), lambda session: [UserStatus.of(session.user).secondary_email], lambda: [""]),
    # % if cookiecutter.login_field == "username"
    (OWNER_BY_USERNAME, lambda session: [session.user.username], lambda: [ODD]),
    # % endif
]


@pytest.fixture
def session(with_secondary, verified):
    """Return a session of a user with a secondary address, beside one of another user."""
    sessions.start(verified)
    sessions.start(with_secondary)
    return Session.objects.select_related("user__status").get(user=with_secondary)


@pytest.fixture
def in_both_ways(configure):
    """Return `in_both_ways(lookup, values)`: what was found, and the statement, composed and by the ORM."""

    def find(lookup, values):
        with CaptureQueriesContext(connection) as captured:
            found = lookup.first(*values)
        [statement] = captured.captured_queries
        return found, statement["sql"]

    def in_both_ways(lookup, values):
        composed = [find(lookup, values) for _ in range(2)]
        configure(COMPOSE_LOOKUPS_ONCE=False)
        return *composed, find(lookup, values)

    return in_both_ways


def contents(instance, known=()):
    """Return everything that is known about `instance` and the objects in its cache."""
    if instance is None or instance in known:
        return instance
    state = instance._state
    values = {name: value for name, value in vars(instance).items() if name != "_state"}
    related = {name: contents(other, (*known, instance)) for name, other in state.fields_cache.items()}
    return type(instance), state.db, state.adding, values, related


def test_every_look_up_has_a_case():
    of_addresses = {addresses.owner_lookup("email"), addresses.owner_lookup(*ADDRESSES)}

    assert {lookup for lookup, *_ in CASES} == LOOKUPS | of_addresses


@pytest.mark.parametrize(("lookup", "values"), [case[:2] for case in CASES])
def test_a_composed_look_up_finds_what_the_orm_finds(session, in_both_ways, lookup, values):
    (first, _), *others = in_both_ways(lookup, values(session))

    assert first in (session, session.user)
    assert [contents(found) for found, _ in others] == [contents(first)] * 2


@pytest.mark.parametrize(("lookup", "values"), [case[:2] for case in CASES])
def test_a_composed_look_up_takes_the_statement_of_the_orm(session, in_both_ways, lookup, values):
    (_, first), *others = in_both_ways(lookup, values(session))

    assert [statement for _, statement in others] == [first] * 2


@pytest.mark.parametrize(("lookup", "values"), [case[::2] for case in CASES])
def test_a_composed_look_up_finds_nothing_where_the_orm_does(session, in_both_ways, lookup, values):
    assert [found for found, _ in in_both_ways(lookup, values())] == [None] * 3


@pytest.mark.parametrize(("lookup", "values"), [case[:2] for case in CASES])
def test_a_composed_look_up_finds_who_has_no_status(session, in_both_ways, lookup, values):
    given = values(session)
    if given == [session.user.status.secondary_email]:
        given = [session.user.email]
    UserStatus.objects.all().delete()

    (first, _), *others = in_both_ways(lookup, given)

    assert [contents(found) for found, _ in others] == [contents(first)] * 2
    assert UserStatus.of(getattr(first, "user", first))._state.adding


def test_a_value_is_found_by_its_place(session, in_both_ways):
    """Even if values are equal to each other, or to a constant of the query."""
    users = get_user_model()._base_manager
    lookup = Lookup(lambda name, email: users.filter(first_name=name, last_name="x", email=email))
    users.filter(pk=session.user.pk).update(first_name="x", last_name="x", email="x")
    users.exclude(pk=session.user.pk).update(first_name="x", last_name="y")

    assert [found for found, _ in in_both_ways(lookup, ["x", "x"])] == [session.user] * 3
    assert lookup.first("y", "x") is None
    assert lookup.first("x", "y") is None


def test_a_query_of_your_own_is_read_like_the_orm_reads_it(session, in_both_ways):
    lookup = Lookup(
        lambda key: (
            Session.objects.filter(pk=key)
            .select_related("user__status")
            .defer("refresh_digest", "user__first_name")
            .annotate(number=Count("used_refresh_tokens"))
        )
    )

    (first, _), *others = in_both_ways(lookup, [stored_key(session.pk)])

    assert (first.number, first.get_deferred_fields()) == (0, {"refresh_digest"})
    assert [contents(found) for found, _ in others] == [contents(first)] * 2


@pytest.fixture
def uncomposed(configure, monkeypatch):
    """Turn composed look-ups off; a test that takes one fails."""
    configure(COMPOSE_LOOKUPS_ONCE=False)
    monkeypatch.delattr(Statement, "first")


def test_an_account_can_be_used_without_composed_look_ups(uncomposed, mutate, query, new_account, mailed_token):
    assert mutate("register", **new_account)["success"] is True
    assert mutate("register", **new_account)["success"] is False
    assert mutate("verifyAccount", token=mailed_token())["success"] is True
    token = mutate("tokenAuth", email=new_account["email"], password=PASSWORD)["token"]
    assert query("{ me { verified } }", login=token) == {"me": {"verified": True}}
    second = {"email": "second@example.com", "password": PASSWORD}
    assert mutate("sendSecondaryEmailActivation", token, **second)["success"] is True
    assert mutate("verifySecondaryEmail", token=mailed_token())["success"] is True
    assert mutate("sendPasswordResetEmail", email="second@example.com")["success"] is True
    reset = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert mutate("passwordReset", token=mailed_token(), **reset)["success"] is True
    assert query("{ me { email } }", login=token) == {"me": None}

    token = mutate("tokenAuth", email="second@example.com", password=NEW_PASSWORD)["token"]

    assert mutate("archiveAccount", token, password=NEW_PASSWORD)["success"] is True
    assert mutate("tokenAuth", email=new_account["email"], password=NEW_PASSWORD)["unarchiving"] is True


# % if cookiecutter.login_field == "username"
def test_a_username_logs_in_without_composed_look_ups(uncomposed, mutate, verified):
    assert mutate("tokenAuth", username="VERIFIED", password=PASSWORD)["success"] is True
    assert mutate("tokenAuth", username="nobody", password=PASSWORD)["success"] is False


# % endif
def test_a_session_is_refreshed_and_ended_without_composed_look_ups(uncomposed, mutate, verified):
    opened = sessions.start(verified)

    renewed = [mutate("refreshToken", refresh_token=opened.refresh_token) for _ in range(2)]

    assert renewed[0]["refreshToken"] == renewed[1]["refreshToken"]
    assert mutate("verifyToken", token=renewed[0]["token"])["success"] is True
    assert mutate("revokeToken", refresh_token=renewed[0]["refreshToken"])["success"] is True
    assert mutate("verifyToken", token=renewed[0]["token"])["success"] is False
    assert mutate("refreshToken", refresh_token="unknown")["success"] is False


@pytest.mark.parametrize("key", ["x", "", "0" * 40, "\0"])
def test_an_odd_key_is_refused_without_composed_look_ups(uncomposed, mutate, verified, key):
    with pytest.raises(AccountError):
        sessions.session_of({"sid": key, "sub": str(verified.pk)})
