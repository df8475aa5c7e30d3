"""Error reports show no passwords, tokens or keys, wherever the error is raised.

Each operation and page that handles a secret is run under a tracer, which records each function, in any library, with
the secret in a variable. Then it is run again for each of these functions, and the function raises an exception.
"""

import contextlib
import functools
import logging
import sys
import traceback
from types import FrameType

import pytest
from argon2 import low_level
from django.db.models import Manager, QuerySet
from django.test import Client
from django.urls import reverse
from django.utils.functional import LazyObject, Promise
from django.utils.log import AdminEmailHandler
from django.views import debug
from graphene.utils.str_converters import to_camel_case

from graphql_auth import sessions, tokens
from tests.api import Api, mutation
from tests.conftest import NEW_PASSWORD, PASSWORD
from tests.graphql_auth.reports.helpers import Planted

WRONG_PASSWORD = "no-horse-of-mine"
NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
# Of these the text would ask the database, or be the text of something else.
NOT_SHOWN = (QuerySet, Manager, LazyObject, Promise)


class Reports(AdminEmailHandler):
    """Keeps what is logged, what is mailed to ADMINS, and the variables that a service like Sentry would read."""

    def __init__(self):
        super().__init__(include_html=True)
        self.setFormatter(logging.Formatter())
        self.texts = []
        self.errors = []

    def emit(self, record):
        # What is raised in here would be the fault of the test.
        trace = sys.gettrace()
        sys.settrace(None)
        self.texts.append(self.format(record))
        if record.exc_info and record.exc_info[0]:
            self.errors.append(record.exc_info[0])
            self.texts.extend(variables(record.exc_info[1]))
        super().emit(record)
        sys.settrace(trace)

    def send_mail(self, subject, message, *args, html_message=None, **kwargs):
        self.texts += [subject, message, html_message or ""]


def variables(error):
    """Yield the variables of each function in the tracebacks of an error and of what led to it."""
    while error is not None:
        yield from (shown(frame) for frame, _ in traceback.walk_tb(error.__traceback__) if not is_of_tests(frame))
        error = error.__cause__ or error.__context__


def shown(frame: FrameType) -> str:
    """Return the variables of a function as a report shows them."""
    texts = []
    for name, value in frame.f_locals.items():
        with contextlib.suppress(Exception):
            texts.append(f"{name}: {value!r}" if not isinstance(value, NOT_SHOWN) else name)
    return f"{frame.f_code.co_filename} {frame.f_code.co_qualname}: {', '.join(texts)}"


def is_of_tests(frame):
    return "/tests/" in frame.f_code.co_filename or "/django/test/" in frame.f_code.co_filename


def traced(action, at_return, code=None) -> None:
    """Carry `action` out, and call `at_return(frame)` for each function that returns, until that raises.

    With `code` only the function of that code is traced, which is quicker.
    """

    def trace(frame, event, argument):
        if (code is not None and frame.f_code is not code) or is_of_tests(frame):
            return None
        frame.f_trace_lines = False
        if event == "return":
            at_return(frame)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        # The test's client raises what the project answered with an error.
        with contextlib.suppress(Planted):
            action()
    finally:
        sys.settrace(before)


@pytest.fixture
def secrets(monkeypatch):
    """Return the set of what must not be reported; it grows with each token that is made."""
    found = {PASSWORD, NEW_PASSWORD, WRONG_PASSWORD}
    make, issue = tokens.make, sessions._issue

    def made(*args, **kwargs):
        token = make(*args, **kwargs)
        found.add(token.rsplit(":")[-1])
        return token

    def issued(*args, **kwargs):
        new = issue(*args, **kwargs)
        found.update({new.token.rsplit(".")[-1], new.refresh_token})
        return new

    monkeypatch.setattr(tokens, "make", made)
    monkeypatch.setattr(sessions, "_issue", issued)
    return found


@pytest.fixture
def reports(settings, monkeypatch):
    """Have each error reported."""
    settings.ADMINS = ["admin@example.com"]
    # Django compiles the templates of a report anew for each: a third of the time of these tests.
    monkeypatch.setattr(debug.DEBUG_ENGINE, "from_string", functools.cache(debug.DEBUG_ENGINE.from_string))
    handler = Reports()
    loggers = [logging.getLogger(name) for name in ("django", "endpoint", "graphql_auth")]
    for logger in loggers:
        logger.addHandler(handler)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)


class Cast:
    """Makes the users and addresses of a story; each is new."""

    def __init__(self, make_user, new_account):
        self.make_user = make_user
        self.new_account = new_account
        self.count = 0

    def new(self):
        """Return the arguments of an account that can be registered."""
        name = self.address().partition("@")[0]
        return {argument: value.replace("new", name) for argument, value in self.new_account.items()}

    def address(self):
        """Return an address that nobody has."""
        self.count += 1
        return f"player{self.count}@example.com"

    def user(self, **values):
        """Return another user, verified unless `values` say otherwise."""
        return self.make_user(self.address().partition("@")[0], **({"verified": True} | values))

    def staff(self):
        """Return another superuser."""
        return self.user(is_staff=True, is_superuser=True)

    def with_secondary(self):
        """Return another user with a secondary address."""
        return self.user(secondary_email=self.address())

    def link(self, purpose, **values):
        """Return the token of a link mailed to another user."""
        return tokens.make(purpose, self.user(**values), email=self.address())


@pytest.fixture
def cast(make_user, new_account):
    return Cast(make_user, new_account)


def ask(name, login=None, **arguments):
    """Return what posts a mutation."""
    api = Api()
    document, values = mutation(name, {to_camel_case(argument): value for argument, value in arguments.items()})
    token = login and sessions.start(login).token
    return lambda: api.post(document, values, token)


def ask_inline(name, login=None, **arguments):
    """Return what posts a mutation that has its values in the document."""
    api = Api()
    given = ", ".join(f'{to_camel_case(argument)}: "{value}"' for argument, value in arguments.items())
    # % if cookiecutter.api == "relay"
    given = f"input: {{{given}}}"
    # % endif
    token = login and sessions.start(login).token
    return lambda: api.post(f"mutation {{ {name}({given}) {{ success errors }} }}", {}, token)


def press(path, token, **fields):
    """Return what opens a link and presses the button of its page."""
    client = Client(raise_request_exception=False)

    def press():
        client.get(f"{path}/{token}")
        context = client.get(path).context
        client.post(path, {"link": (context and context.get("link")) or "", **fields})

    return press


def post(path, form, user=None):
    """Return what posts a form of the admin."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return lambda: client.post(path, form)


# Each makes what it needs, and returns what is to be carried out.
STORIES = {
    "register": lambda cast: ask("register", **cast.new()),
    "tokenAuth": lambda cast: ask("tokenAuth", email=cast.user().email, password=PASSWORD),
    "tokenAuth, wrong": lambda cast: ask("tokenAuth", email=cast.user().email, password=WRONG_PASSWORD),
    "tokenAuth, inline": lambda cast: ask_inline("tokenAuth", email=cast.user().email, password=PASSWORD),
    "verifyToken": lambda cast: ask("verifyToken", token=sessions.start(cast.user()).token),
    "refreshToken": lambda cast: ask("refreshToken", refresh_token=sessions.start(cast.user()).refresh_token),
    "revokeToken": lambda cast: ask("revokeToken", refresh_token=sessions.start(cast.user()).refresh_token),
    "passwordChange": lambda cast: ask("passwordChange", cast.user(), old_password=PASSWORD, **NEW),
    "passwordChange, inline": lambda cast: ask_inline("passwordChange", cast.user(), old_password=PASSWORD, **NEW),
    "passwordReset": lambda cast: ask("passwordReset", token=cast.link(tokens.PASSWORD_RESET), **NEW),
    "passwordSet": lambda cast: ask(
        "passwordSet", token=cast.link(tokens.PASSWORD_SET, password=None, verified=False), **NEW
    ),
    "verifyAccount": lambda cast: ask("verifyAccount", token=cast.link(tokens.ACTIVATION, verified=False)),
    "verifySecondaryEmail": lambda cast: ask("verifySecondaryEmail", token=cast.link(tokens.SECONDARY_EMAIL)),
    "sendSecondaryEmailActivation": lambda cast: ask(
        "sendSecondaryEmailActivation", cast.user(), email=cast.address(), password=PASSWORD
    ),
    "sendPasswordResetEmail": lambda cast: ask("sendPasswordResetEmail", email=cast.user().email),
    "swapEmails": lambda cast: ask("swapEmails", cast.with_secondary(), password=PASSWORD),
    "removeSecondaryEmail": lambda cast: ask("removeSecondaryEmail", cast.with_secondary(), password=PASSWORD),
    "archiveAccount": lambda cast: ask("archiveAccount", cast.user(), password=PASSWORD),
    "deleteAccount": lambda cast: ask("deleteAccount", cast.user(), password=PASSWORD),
    "page of a reset": lambda cast: press("/password-reset", cast.link(tokens.PASSWORD_RESET), **NEW),
    "page of an activation": lambda cast: press("/activate", cast.link(tokens.ACTIVATION, verified=False)),
    "login of the admin": lambda cast: post(
        reverse("admin:login"), {"username": cast.staff().get_username(), "password": PASSWORD}
    ),
    "own password in the admin": lambda cast: post(
        reverse("admin:password_change"), {"old_password": PASSWORD, **NEW}, cast.staff()
    ),
    "another's password in the admin": lambda cast: post(
        reverse("admin:auth_user_password_change", args=[cast.user().pk]),
        {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"},
        cast.staff(),
    ),
    "new user in the admin": lambda cast: post(
        reverse("admin:users_customuser_add"), {"usable_password": "true", **cast.new()}, cast.staff()
    ),
}
# Functions that raised already, in whichever story. Those that every story goes through need not raise in each.
done = set()


@pytest.mark.parametrize("story", STORIES)
def test_an_error_is_reported_without_secrets_wherever_it_is_raised(story, cast, secrets, reports, settings):
    """B05: reports to ADMINS and other services showed passwords and tokens."""
    settings.FRONTEND_URL = "http://testserver"
    seen = {}

    def note(frame):
        if frame.f_code not in seen and holds_any(frame, secrets):
            seen[frame.f_code] = None

    traced(STORIES[story](cast), note)
    # The view's are last. Their errors are reported in each story, while others may be caught on the way.
    last = list(seen)[-1]
    new = [code for code in seen if code not in done or code is last]
    done.update(new)
    found = []
    for code in new:
        reports.texts.clear()
        traced(STORIES[story](cast), Plant(secrets), code)
        found += [(code, text) for text in reports.texts if any(secret in text for secret in secrets)]

    assert len(seen) > 5
    assert Planted in reports.errors
    assert [f"{code.co_qualname}: {text[:500]}" for code, text in found] == []


class Plant:
    """Raises when a function returns that has a secret in a variable."""

    def __init__(self, secrets):
        self.secrets = secrets
        self.raised = False

    def __call__(self, frame):
        if not self.raised and holds_any(frame, self.secrets):
            self.raised = True
            raise Planted


def holds_any(frame, secrets):
    text = shown(frame)
    return any(secret in text for secret in secrets)


def test_an_error_of_the_hasher_is_reported_without_the_password(cast, secrets, reports, settings, monkeypatch):
    """It works in a thread of its own."""
    settings.PASSWORD_HASHERS = ["graphql_auth.hashers.Argon2PasswordHasher"]

    def fail(secret, *args, **kwargs):
        raise Planted

    user = cast.user()
    monkeypatch.setattr(low_level, "hash_secret", fail)
    monkeypatch.setattr("argon2.PasswordHasher.verify", fail)
    ask("tokenAuth", email=user.email, password=PASSWORD)()
    ask("register", **cast.new())()

    assert reports.errors == [Planted, Planted]
    assert [text for text in reports.texts if any(secret in text for secret in secrets)] == []
