"""Flows in the transaction of their caller."""

import inspect
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions, throttling, tokens, transactions
from graphql_auth.errors import AccountError
from graphql_auth.flows import account, administration, login, passwords, registration, secondary_email
from graphql_auth.models import Session, UserStatus
from graphql_auth.signals import user_registered, user_verified
from tests.api import Api
from tests.conftest import NEW_PASSWORD, PASSWORD, mail_down, mail_waits

pytestmark = pytest.mark.django_db(transaction=True)


def asked(user=None):
    """Return a request of `user`, or of somebody who is not logged in."""
    request = RequestFactory().post("/graphql")
    request.user = user or AnonymousUser()
    return request


def confirmed(user):
    return {"request": asked(user), "user": user, "password": PASSWORD}


def new_account(name):
    # % if cookiecutter.login_field == "username"
    fields = {"username": name, "email": f"{name}@example.com"}
    # % else
    fields = {"email": f"{name}@example.com"}
    # % endif
    return {"request": asked(), "fields": fields, "password1": PASSWORD, "password2": PASSWORD}


NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
# What a flow needs: the state of its user, its arguments from that user, and the mails it sends.
FLOWS = {
    account.update_account: ({}, lambda user: {"user": user, "changes": {"first_name": "Ada"}}, 0),
    account.archive_account: ({}, confirmed, 0),
    account.delete_account: ({}, confirmed, 0),
    administration.verify_user: ({"verified": False}, lambda user: {"user": user}, 0),
    administration.archive_user: ({}, lambda user: {"user": user}, 0),
    administration.end_sessions_of_user: ({}, lambda user: {"user": user}, 0),
    administration.resend_activation: ({"verified": False}, lambda user: {"user": user}, 1),
    login.token_auth: (
        {"archived": True},
        lambda user: {"request": asked(), "password": PASSWORD, "identifiers": {"email": user.email}},
        0,
    ),
    login.refresh_token: ({}, lambda user: {"refresh_token": sessions.start(user).refresh_token}, 0),
    login.revoke_token: ({}, lambda user: {"refresh_token": sessions.start(user).refresh_token}, 0),
    passwords.send_password_reset_email: ({}, lambda user: {"request": asked(), "email": user.email}, 1),
    passwords.password_reset: ({}, lambda user: {"token": tokens.make(tokens.PASSWORD_RESET, user), **NEW}, 0),
    passwords.password_set: (
        {"password": None, "verified": False},
        lambda user: {"token": tokens.make(tokens.PASSWORD_SET, user), **NEW},
        0,
    ),
    passwords.password_change: (
        {},
        lambda user: {"request": asked(user), "user": user, "old_password": PASSWORD, **NEW},
        0,
    ),
    registration.register: ({}, lambda user: new_account("new"), 1),
    registration.verify_account: (
        {"verified": False},
        lambda user: {"token": tokens.make(tokens.ACTIVATION, user)},
        0,
    ),
    registration.disown_account: (
        {"verified": False},
        lambda user: {"token": tokens.make(tokens.ACTIVATION, user)},
        0,
    ),
    registration.resend_activation_email: (
        {"verified": False},
        lambda user: {"request": asked(), "email": user.email},
        1,
    ),
    secondary_email.send_secondary_email_activation: (
        {},
        lambda user: {**confirmed(user), "email": "second@example.com"},
        1,
    ),
    secondary_email.verify_secondary_email: (
        {},
        lambda user: {"token": tokens.make(tokens.SECONDARY_EMAIL, user, email="second@example.com")},
        1,
    ),
    secondary_email.swap_emails: ({"secondary_email": "second@example.com"}, confirmed, 2),
    secondary_email.remove_secondary_email: ({"secondary_email": "second@example.com"}, confirmed, 1),
}
# They change nothing.
READING = {
    login.verify_token,
    passwords.check_password_reset,
    passwords.check_password_set,
    registration.check_activation,
    secondary_email.check_secondary_email,
}
MODULES = [
    account,
    administration,
    login,
    passwords,
    registration,
    secondary_email,
]
# What they note about a token that was used twice outlives a rollback.
DURABLE = [login.refresh_token, login.revoke_token]


class Undone(Exception):
    """Rolls a transaction back."""


@contextmanager
def undone(block):
    """Roll `block` back at its end."""
    with suppress(Undone), block:
        yield
        raise Undone


def stored():
    models = (get_user_model(), UserStatus, Session, Group, DBTaskResult)
    return [list(model._base_manager.order_by("pk").values()) for model in models]


@pytest.fixture
def heard(listen):
    """Return a list of the signals that are sent."""
    heard = []
    for signal in (user_registered, user_verified):
        listen(signal, lambda user, **_: heard.append(user.email))
    return heard


@pytest.fixture(params=FLOWS, ids=lambda flow: flow.__name__)
def flow(request, make_user):
    """Return a flow, a call of it, and how many mails that sends."""
    state, arguments, mails = FLOWS[request.param]
    user = make_user("ada", **{"verified": True, **state})
    sessions.start(user)
    given = arguments(user)
    return request.param, lambda: request.param(**given), mails


def test_every_flow_is_here():
    functions = {each for module in MODULES for _, each in inspect.getmembers(module, inspect.isfunction)}
    flows = {
        each
        for each in functions
        if each.__module__.startswith("graphql_auth.flows.") and not each.__name__.startswith("_")
        if {one.kind for one in inspect.signature(each).parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
        if not each.__module__.endswith(".credentials")
    }

    assert flows == FLOWS.keys() | READING


def test_a_flow_is_committed_with_its_caller_and_mails_after_it(flow, mailoutbox, heard):
    _, call, mails = flow
    before = stored()

    with transactions.atomic():
        call()
        Group.objects.create(name="organisation")
        assert (mailoutbox, heard) == ([], [])

    assert stored() != before
    assert Group.objects.exists()
    assert len(mailoutbox) == mails


def test_a_flow_is_rolled_back_with_its_caller_and_mails_nothing(flow, mailoutbox, heard):
    _, call, _ = flow
    before = stored()

    with undone(transactions.atomic()):
        call()
        Group.objects.create(name="organisation")

    assert stored() == before
    assert (mailoutbox, heard) == ([], [])


def test_a_flow_whose_savepoint_is_rolled_back_mails_nothing(flow, mailoutbox, heard):
    _, call, _ = flow
    before = stored()

    with transactions.atomic(), undone(transactions.atomic()):
        call()

    assert stored() == before
    assert (mailoutbox, heard) == ([], [])


def test_a_mail_that_waits_in_the_database_is_rolled_back_too(flow):
    _, call, mails = flow
    before = stored()

    with mail_waits():
        with undone(transactions.atomic()):
            call()
        assert stored() == before
        call()
        assert DBTaskResult.objects.count() == mails


def test_a_flow_joins_a_transaction_of_django(flow, mailoutbox):
    function, call, mails = flow

    with suppress(RuntimeError), transaction.atomic():
        call()
        assert function not in DURABLE
        assert mailoutbox == []

    assert len(mailoutbox) == mails


@pytest.mark.parametrize("function", DURABLE, ids=lambda flow: flow.__name__)
@pytest.mark.parametrize("inner", [transaction.atomic, transactions.atomic])
def test_what_must_outlive_a_rollback_is_not_left_to_a_transaction_of_django(verified, function, inner):
    token = sessions.start(verified).refresh_token

    with pytest.raises(RuntimeError, match=r"graphql_auth\.transactions\.atomic"), transaction.atomic(), inner():
        function(refresh_token=token)


@pytest.mark.parametrize("outer", [transaction.atomic, transactions.atomic])
def test_a_registration_and_an_organisation_are_one(mailoutbox, outer):
    with undone(outer()):
        registration.register(**new_account("new"))
        Group.objects.create(name="organisation")
    assert (get_user_model().objects.count(), Group.objects.count(), len(mailoutbox)) == (0, 0, 0)

    with outer():
        registration.register(**new_account("new"))
        Group.objects.create(name="organisation")
    assert (get_user_model().objects.count(), Group.objects.count(), len(mailoutbox)) == (1, 1, 1)


def test_a_mail_that_fails_is_answered_by_the_outermost_transaction_and_undoes_nothing():
    @transactions.atomic()
    def register_two():
        registration.register(**new_account("new"))
        registration.register(**new_account("other"))
        Group.objects.create(name="organisation")

    with mail_down(), pytest.raises(AccountError) as refused:
        register_two()

    assert refused.value.code == "email_fail"
    assert (get_user_model().objects.count(), Group.objects.count()) == (2, 1)


def test_a_mail_that_fails_after_a_transaction_of_django_is_logged(caplog):
    called = []

    with mail_down(), transaction.atomic():
        registration.register(**new_account("new"))
        transaction.on_commit(lambda: called.append(True))

    assert "was not sent" in caplog.text
    assert called == [True]


def test_a_taken_name_leaves_the_transaction_of_the_caller_whole(make_user, monkeypatch):
    """Somebody takes the address after it was looked up."""
    make_user("new")
    monkeypatch.setattr(registration, "owner_of", lambda email: None)
    fields = new_account("new")
    # % if cookiecutter.login_field == "username"
    fields["fields"]["username"] = "another"
    # % endif

    with transactions.atomic():
        with pytest.raises(AccountError):
            registration.register(**fields)
        Group.objects.create(name="organisation")

    assert Group.objects.exists()


@pytest.mark.parametrize("function", DURABLE, ids=lambda flow: flow.__name__)
@pytest.mark.parametrize("savepoint", [False, True])
def test_a_session_whose_token_was_used_twice_stays_ended_and_its_owner_is_told(
    verified, mailoutbox, function, savepoint
):
    """A06: whatever the caller does with the refusal."""
    first = sessions.start(verified).refresh_token
    login.refresh_token(refresh_token=login.refresh_token(refresh_token=first).refresh_token)

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        if savepoint:
            with transactions.atomic(), suppress(AccountError), transaction.atomic():
                function(refresh_token=first)
        else:
            with pytest.raises(AccountError), transactions.atomic():
                function(refresh_token=first)

    assert Session.objects.get().ended_at is not None
    assert len(mailoutbox) == 1


def test_a_wrong_password_counts_though_its_transaction_is_rolled_back(verified, configure):
    configure(RATE_LIMITS={"login": "1/hour"})
    wrong = {"request": asked(), "password": "wrong", "identifiers": {"email": verified.email}}
    codes = []

    for _ in range(2):
        with pytest.raises(AccountError) as refused, transactions.atomic():
            login.token_auth(**wrong)
        codes.append(refused.value.code)

    assert codes == ["invalid_credentials", "throttled"]


def test_attempts_are_not_forgiven_by_a_reset_that_is_rolled_back(verified, configure):
    """B17."""
    configure(RATE_LIMITS={"login_account": "1/hour"})
    throttling.charge("login_account", f"user:{verified.pk}")
    token = tokens.make(tokens.PASSWORD_RESET, verified)

    with undone(transactions.atomic()):
        passwords.password_reset(token=token, **NEW)

    with pytest.raises(AccountError, match="Too many"):
        throttling.charge("login_account", f"user:{verified.pk}")


def test_the_endpoint_answers_outside_the_transaction_of_atomic_requests(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    arguments = {**new_account("new")["fields"], "password1": PASSWORD, "password2": PASSWORD}

    with mail_down():
        answer = Api().mutate("register", **arguments)

    assert answer["errors"]["nonFieldErrors"][0]["code"] == "email_fail"
    assert get_user_model().objects.exists()
