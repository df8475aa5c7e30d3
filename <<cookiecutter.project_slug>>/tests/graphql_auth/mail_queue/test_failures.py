"""Mail servers that fail, and further attempts."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.auth.signals import user_logged_in
from django.db import connection
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from graphql_auth.errors import Refusal
from graphql_auth.mails import kinds
from tests.api import mutation
from tests.conftest import PASSWORD, refused
from tests.graphql_auth.mail_queue.helpers import (
    DELAYS,
    DONE,
    HANGS_UP,
    NEW,
    NOBODY_LISTENS,
    PERMANENT,
    TEMPORARY,
    ask,
    states,
    token_in,
    try_again,
)
from tests.texts import subject

EMAIL_FAIL = refused(Refusal.EMAIL_FAIL)
every_fault = pytest.mark.parametrize("fault", [*TEMPORARY, *PERMANENT])
every_temporary_fault = pytest.mark.parametrize("fault", TEMPORARY)
no_server_or_a_bad_one = pytest.mark.parametrize("fault", [NOBODY_LISTENS, HANGS_UP])


@every_fault
def test_a_failing_server_leaves_the_account_and_the_mail_can_be_asked_for_again(mutate, new_account, server, fault):
    """D25."""
    server.fail(fault)

    answer = mutate("register", **new_account)

    assert (answer["success"], answer["errors"]) == (False, EMAIL_FAIL)
    assert get_user_model().objects.get().email == "new@example.com"
    assert mutate("resendActivationEmail", email="new@example.com")["errors"] == EMAIL_FAIL
    assert server.received == []

    server.fail(None)

    assert mutate("resendActivationEmail", email="new@example.com") == DONE
    [mail] = server.received
    assert mail["To"] == "new@example.com"
    assert mutate("verifyAccount", token=token_in(mail)) == DONE


@no_server_or_a_bad_one
def test_every_mutation_that_mails_reports_a_failing_server(mutate, unverified, verified, server, fault):
    """D25."""
    server.fail(fault)

    answers = [
        mutate("resendActivationEmail", email=unverified.email),
        mutate("sendPasswordResetEmail", email=verified.email),
        mutate("sendPasswordResetEmail", email=unverified.email),
        mutate("sendSecondaryEmailActivation", login=verified, email="second@example.com", password=PASSWORD),
    ]

    assert answers == [{"success": False, "errors": EMAIL_FAIL}] * 4


@no_server_or_a_bad_one
@pytest.mark.parametrize(
    "name", ["register", "resendActivationEmail", "sendPasswordResetEmail", "sendSecondaryEmailActivation"]
)
def test_a_failing_server_does_not_reveal_who_has_an_account(
    api, make_user, verified, unverified, server, configure, new_account, name, fault
):
    """D21."""
    configure(PREVENT_ENUMERATION=True)
    server.fail(fault)
    known = {
        "register": new_account | {"email": verified.email},
        "sendSecondaryEmailActivation": {"email": unverified.email, "password": PASSWORD},
    }.get(name, {"email": unverified.email})
    login = make_user("asking", verified=True) if name == "sendSecondaryEmailActivation" else None

    answer = api.post(*mutation(name, camel_case(known)), login=login)
    unknown = api.post(*mutation(name, camel_case(known | {"email": "unknown@example.com"})), login=login)

    assert server.received == []
    assert answer.status_code == unknown.status_code == 200
    assert answer.content == unknown.content
    assert answer.headers == unknown.headers
    assert answer.json()["data"][name]["success"] is True


def test_a_queued_mail_does_not_care_whether_the_server_works(mutate, new_account, server, work):
    server.fail(NOBODY_LISTENS)

    answer = mutate("register", **new_account)

    assert (answer["success"], answer["errors"]) == (True, None)
    assert server.shown == []
    assert states() == ["READY"]


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_queued_in_the_transaction_that_causes_it(api, new_account, listen, work):
    inside = []

    def fail(**_):
        inside.append((connection.in_atomic_block, states()))
        raise RuntimeError

    listen(user_logged_in, fail)

    answer = api.post(*mutation("register", new_account)).json()

    assert inside == [(True, ["READY"])]
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert not get_user_model().objects.exists()
    assert states() == []


def test_a_queued_mail_is_delivered_once(mutate, verified, server, work):
    mutate("sendPasswordResetEmail", email=verified.email)

    work()
    work()

    [mail] = server.received
    assert mail["To"] == verified.email
    assert mutate("passwordReset", token=token_in(mail), **NEW) == DONE
    assert states() == ["SUCCESSFUL"]


@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_queued_mail_speaks_the_language_of_its_request(api, verified, server, work, language):
    api.post(*mutation("sendPasswordResetEmail", {"email": verified.email}), HTTP_ACCEPT_LANGUAGE=language)

    work()

    [mail] = server.received
    with translation.override(language):
        assert mail["Subject"] == subject(kinds.PASSWORD_RESET)
    assert f'<html lang="{language}"' in mail.get_body(("html",)).get_content()


@every_temporary_fault
def test_a_mail_that_failed_is_tried_again_after_each_delay(mutate, verified, server, work, fault):
    mutate("sendPasswordResetEmail", email=verified.email)
    server.fail(fault)
    waited = timedelta()
    for tries, delay in enumerate(DELAYS, 1):
        work(after=waited)
        waited += delay
        work(after=waited - timedelta(seconds=20))
        assert states() == ["SUCCESSFUL"] * tries + ["READY"]
        waited += timedelta(seconds=20)
    server.fail(None)

    work(after=waited)
    work(after=timedelta(days=9))

    [mail] = server.received
    assert mutate("passwordReset", token=token_in(mail), **NEW) == DONE
    assert states() == ["SUCCESSFUL"] * 3


@every_fault
def test_a_mail_that_failed_for_good_waits_for_another_try(mutate, verified, staff, server, work, fault):
    mutate("sendPasswordResetEmail", email=verified.email)
    server.fail(fault)
    for day in range(4):
        work(after=timedelta(days=day))
    failed = DBTaskResult.objects.get(status="FAILED")
    assert states() == [*(["SUCCESSFUL"] * len(DELAYS) if fault in TEMPORARY else []), "FAILED"]
    server.fail(None)

    try_again(staff, *DBTaskResult.objects.all())
    work()
    work(after=timedelta(days=9))

    [mail] = server.received
    assert mutate("passwordReset", token=token_in(mail), **NEW) == DONE
    failed.refresh_from_db()
    assert (failed.status, failed.traceback) == ("SUCCESSFUL", "")


@pytest.mark.parametrize("fault", PERMANENT)
def test_a_mail_that_the_server_rejects_for_good_is_reported_once(mutate, verified, server, work, fault, caplog):
    """It was tried again for 14 hours."""
    mutate("sendPasswordResetEmail", email=verified.email)
    server.fail(fault)

    for day in range(4):
        work(after=timedelta(days=day))

    assert states() == ["FAILED"]
    [record] = [record for record in caplog.records if record.name == "graphql_auth.mails.queue"]
    assert fault[:3] in str(record.exc_info[1])
    assert verified.email not in caplog.text


@pytest.mark.parametrize(("permission", "state"), [("view", "FAILED"), ("change", "READY")])
def test_only_who_may_change_tasks_gives_them_another_try(make_user, work, verified, permission, state):
    ask(verified)
    DBTaskResult.objects.update(status="FAILED")
    helper = make_user("helper", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename=f"{permission}_dbtaskresult"))

    try_again(helper, *DBTaskResult.objects.all())

    assert states() == [state]


def camel_case(arguments):
    return {re.sub(r"_(\w)", lambda match: match[1].upper(), name): value for name, value in arguments.items()}
