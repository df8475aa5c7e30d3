"""No password or token remains in a log or table after any operation that used or issued it.

After every test of any file, what was in use in it is searched in the database and in what is logged as configured.
Here records of all loggers count, at DEBUG, with their arguments and tracebacks; but for SQL, which Django logs only
where DEBUG is on, and whose parameters are the very columns that are searched here.
"""

import logging
import re

import pytest
from django.contrib.auth.signals import user_logged_in
from django.core.management import call_command
from graphene.utils.str_converters import to_camel_case

from tests.api import mutation
from tests.conftest import NEW_PASSWORD, PASSWORD
from tests.leaks import found, lines, rows

WRONG_PASSWORD = "no-horse-of-mine"
WEAK_PASSWORD = "zq9-xv"


def new(password, again=None):
    return {"new_password1": password, "new_password2": again or password}


def links(mails):
    return set(re.findall(r"https?://\S+/(\S+)", " ".join(mail.body for mail in mails)))


@pytest.fixture
def secrets():
    """Return the set of every password and token that was used or issued."""
    return set()


@pytest.fixture
def say(api, secrets, mailoutbox):
    """Return `say(name, login=token, **arguments)`: what the mutation answers; {} when that was an error."""

    def say(name, login=None, **arguments):
        document, variables = mutation(name, {to_camel_case(key): value for key, value in arguments.items()})
        answer = (api.post(document, variables, login).json()["data"] or {}).get(name) or {}
        secrets.update(value for key, value in arguments.items() if "password" in key or "token" in key)
        secrets.update(filter(None, (answer.get("token"), answer.get("refreshToken"))))
        secrets.update(links(mailoutbox))
        return answer

    return say


@pytest.fixture
def leaks(secrets, caplog, monkeypatch):
    """Listen to all loggers; return a function that returns where secrets were found, and what was found."""
    for name in ["root", *logging.root.manager.loggerDict]:
        if not name.startswith("django.db.backends"):
            caplog.set_level(logging.DEBUG, logger=name)
            monkeypatch.setattr(logging.getLogger(name), "propagate", True)

    def leaks():
        return found(secrets, [*lines(caplog), *rows()])

    return leaks


@pytest.fixture
def work(settings, monkeypatch):
    """Let mails wait in the database, and return a function that sends them as the worker does."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    # Here the connection holds the transaction of the test, and Ctrl+C stops the tests.
    monkeypatch.setattr("django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None)
    monkeypatch.setattr("signal.signal", lambda *handler: None)
    return lambda: call_command("mail_worker", once=True)


def test_a_whole_story_leaves_no_secret(say, leaks, secrets, mailed_token, new_account, make_user):
    email = new_account["email"]

    say("register", **new_account)
    say("register", **new_account)
    say("verifyAccount", token=f"{mailed_token()}x")
    say("verifyAccount", token=mailed_token())
    say("tokenAuth", email=email, password=WRONG_PASSWORD)
    first = say("tokenAuth", email=email, password=PASSWORD)
    say("verifyToken", token=first["token"])
    say("verifyToken", token=f"{first['token']}x")
    second = say("refreshToken", refresh_token=first["refreshToken"])
    say("refreshToken", refresh_token=first["refreshToken"])
    say("passwordChange", second["token"], old_password=WRONG_PASSWORD, **new(NEW_PASSWORD))
    say("passwordChange", second["token"], old_password=PASSWORD, **new(WEAK_PASSWORD))
    third = say("passwordChange", second["token"], old_password=PASSWORD, **new(NEW_PASSWORD))
    say("updateAccount", third["token"], first_name="Ada")
    say("sendPasswordResetEmail", email=email)
    say("passwordReset", token=mailed_token(), **new(PASSWORD, NEW_PASSWORD))
    say("passwordReset", token=mailed_token(), **new(PASSWORD))
    say("passwordReset", token=mailed_token(), **new(PASSWORD))
    say("updateAccount", third["token"], first_name="Ada")
    fourth = say("tokenAuth", email=email, password=PASSWORD)
    say("sendSecondaryEmailActivation", fourth["token"], email="second@example.com", password=WRONG_PASSWORD)
    say("sendSecondaryEmailActivation", fourth["token"], email="second@example.com", password=PASSWORD)
    say("verifySecondaryEmail", token=mailed_token())
    say("swapEmails", fourth["token"], password=PASSWORD)
    say("removeSecondaryEmail", fourth["token"], password=PASSWORD)
    say("archiveAccount", fourth["token"], password=PASSWORD)
    fifth = say("tokenAuth", email="second@example.com", password=PASSWORD)
    say("revokeToken", refresh_token=fifth["refreshToken"])
    sixth = say("tokenAuth", email="second@example.com", password=PASSWORD)
    ended = say("deleteAccount", sixth["token"], password=PASSWORD)
    say("resendActivationEmail", email=make_user("without_password", password=None).email)
    chosen = say("passwordSet", token=mailed_token(), **new(NEW_PASSWORD))

    assert (ended["success"], chosen["success"]) == (True, True)
    assert len(secrets) > 20
    assert leaks() == []


def test_a_limit_leaves_no_secret(say, leaks, verified, configure):
    configure(RATE_LIMITS={"login": "1/hour"})

    say("tokenAuth", email=verified.email, password=WRONG_PASSWORD)
    throttled = say("tokenAuth", email=verified.email, password=PASSWORD)

    assert throttled["success"] is False
    assert leaks() == []


def test_a_document_that_is_refused_leaves_no_secret(api, secrets, leaks):
    secrets.add(PASSWORD)

    for document in (
        f'mutation {{ tokenAuth(password: ["{PASSWORD}"]) {{ success }} }}',
        f'mutation {{ tokenAuth(word: "{PASSWORD}") {{ success }} }}',
        f'mutation {{ tokenAuth(password: "{PASSWORD}) }}',
    ):
        assert api.post(document).status_code == 200

    assert leaks() == []


def test_an_exception_inside_leaves_no_secret(say, leaks, listen, verified, caplog):
    listen(user_logged_in, raise_lookup_error)

    assert say("tokenAuth", email=verified.email, password=PASSWORD) == {}

    assert "LookupError: on purpose" in caplog.text
    assert leaks() == []


def test_a_mail_that_fails_leaves_no_secret(say, leaks, secrets, verified, failing_mail, caplog):
    assert say("sendPasswordResetEmail", email=verified.email)["success"] is False
    secrets.update(links(failing_mail))

    assert len(secrets) == 1
    assert "the server hung up" in caplog.text
    assert leaks() == []


def test_a_mail_that_waits_in_the_database_leaves_no_secret(say, leaks, secrets, new_account, work, mailoutbox):
    say("register", **new_account)
    say("sendPasswordResetEmail", email=new_account["email"])
    assert "send_mail" in str(list(rows()))
    assert leaks() == []

    work()
    secrets.update(links(mailoutbox))

    assert len(mailoutbox) == 2
    assert leaks() == []


def test_a_mail_that_failed_for_good_leaves_no_secret(say, leaks, secrets, verified, work, failing_mail, configure):
    configure(EMAIL_RETRY_DELAYS=[])
    say("sendPasswordResetEmail", email=verified.email)

    work()
    secrets.update(links(failing_mail))

    assert len(secrets) == 1
    assert "the server hung up" in str(list(rows()))
    assert leaks() == []


@pytest.mark.parametrize("secret", ["horse-nobody-rides", "header.payload.c2lnbmF0dXJl"])
def test_the_search_finds_a_secret(secret, secrets, leaks, make_user):
    secrets.add(secret)
    logger = logging.getLogger("somebody.else")

    logger.debug("They said %s.", secret)
    logger.info("They said it.", extra={"it": {"token": secret}})
    try:
        raise LookupError(secret)
    except LookupError:
        logger.exception("They said something.")
    make_user("talkative", first_name=secret)

    assert len(leaks()) == 4


def raise_lookup_error(**kwargs):
    raise LookupError("on purpose")
