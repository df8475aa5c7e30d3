"""What the queue of mails contains."""

from datetime import timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from graphql_auth import sealing
from tests.conftest import PASSWORD
from tests.graphql_auth.mail_queue.helpers import (
    DONE,
    HANGS_UP,
    NEW,
    PERMANENT,
    REFUSES_THE_MAIL,
    REFUSES_THE_RECIPIENT,
    STALLS,
    ask,
    states,
    token_in,
)

KNOWN = {
    "unverified": "unverified@example.com",
    "verified": "verified@example.com",
    "with_secondary": "two_secondary@example.com",
    "archived": "archived@example.com",
    "inactive": "inactive@example.com",
    "closed": "closed@example.com",
}


@pytest.mark.parametrize("fault", [None, STALLS, HANGS_UP, *REFUSES_THE_MAIL])
def test_the_queue_holds_no_token(mutate, verified, server, work, fault, caplog):
    mutate("sendPasswordResetEmail", email=verified.email)
    server.fail(fault)

    for day in range(4):
        work(after=timedelta(days=day))

    stored = str(list(DBTaskResult.objects.values()))
    mailed = [token_in(mail) for mail in server.shown]
    assert len(mailed) == (1 if fault is None or fault in PERMANENT else 3)
    assert not [token for token in mailed if token in stored or token.split(":")[0] in stored or token in caplog.text]


@pytest.mark.parametrize("state", KNOWN)
def test_a_known_and_an_unknown_address_leave_the_same_row(mutate, configure, request, new_account, work, state):
    """A03: and neither can be read in it."""
    configure(PREVENT_ENUMERATION=True)
    request.getfixturevalue(state)
    asker = request.getfixturevalue("staff")
    local, _, domain = KNOWN[state].partition("@")

    for email in (KNOWN[state], f"{'x' * len(local)}@{domain}"):
        mutate("register", **new_account | {"email": email})
        mutate("resendActivationEmail", email=email)
        mutate("sendPasswordResetEmail", email=email)
        mutate("sendSecondaryEmailActivation", login=asker, email=email, password=PASSWORD)

    rows = [*DBTaskResult.objects.order_by("enqueued_at").values()]
    shapes = [shape(row) for row in rows]
    assert shapes[:4] == shapes[4:]
    assert "example.com" not in str(rows)


def shape(value):
    """Return the visible shape of a row without the keys: types, and the lengths of texts."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return len(value) if isinstance(value, str) else type(value)


def test_only_the_kind_of_a_sent_mail_is_kept(mutate, verified, server, work):
    """A03: for an unknown address as well."""
    for email in (verified.email, "unknown@example.com"):
        mutate("sendPasswordResetEmail", email=email)

    work()

    assert len(server.received) == 1
    for row in DBTaskResult.objects.all():
        assert row.args_kwargs == {"args": ["password_reset_request"], "kwargs": {}}


@pytest.mark.parametrize("fault", [HANGS_UP, *REFUSES_THE_RECIPIENT, REFUSES_THE_MAIL])
def test_a_failed_mail_names_no_address(mutate, verified, server, work, fault, caplog):
    """B08: a server's refusal names the recipient, and is kept with the task."""
    mutate("sendPasswordResetEmail", email=verified.email)
    server.fail(fault)

    for day in range(4):
        work(after=timedelta(days=day))

    assert states()[-1] == "FAILED"
    assert verified.email not in str([*DBTaskResult.objects.values()]) + caplog.text


@pytest.mark.parametrize("fallback", [True, False])
def test_a_mail_that_was_sealed_under_another_key_fails(mutate, verified, server, work, settings, fallback):
    mutate("sendPasswordResetEmail", email=verified.email)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-key-of-this-site"
    settings.SECRET_KEY_FALLBACKS = [former] if fallback else []

    work()

    assert states() == (["SUCCESSFUL"] if fallback else ["FAILED"])


@pytest.mark.parametrize("rotated", [True, False])
def test_the_mails_that_wait_for_an_account_are_deleted_with_it(
    mutate, configure, with_secondary, verified, work, settings, rotated
):
    """B08: without a worker they would wait forever."""
    configure(ALLOW_DELETE_ACCOUNT=True)
    for email in (with_secondary.email, "two_secondary@example.com", verified.email):
        mutate("sendPasswordResetEmail", email=email)
    ask(with_secondary)
    if rotated:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret-key-of-this-site", [settings.SECRET_KEY]

    mutate("deleteAccount", login=with_secondary, password=PASSWORD)

    [left] = DBTaskResult.objects.all()
    assert sealing.unseal(left.args_kwargs["args"][2]) == verified.email


def test_a_queued_mail_survives_a_change_of_the_key(mutate, verified, server, work, settings):
    mutate("sendPasswordResetEmail", email=verified.email)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 16, [settings.SECRET_KEY]

    work()

    assert mutate("passwordReset", token=token_in(server.received[0]), **NEW) == DONE
