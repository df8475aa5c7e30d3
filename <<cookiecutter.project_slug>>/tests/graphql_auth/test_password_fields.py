"""Every operation and form with a password is rate limited. Finds them in the schema and the URLconf."""

import re
import unicodedata
from contextlib import ExitStack
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import verify_password
from django.test import Client
from django.urls import URLResolver, get_resolver
from graphql import get_named_type, is_input_object_type

from config import settings as project
from config.schema import schema
from graphql_auth import hashers, sessions, tokens
from graphql_auth.conf import SETTINGS
from graphql_auth.errors import Refusal
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.texts import shown

TRIES = 2
THROTTLED = refused(Refusal.THROTTLED)


def arguments_of(field):
    """Return the names of a mutation's arguments, those of an input object included."""
    kinds = {name: get_named_type(argument.type) for name, argument in field.args.items()}
    inner = [kind.fields for kind in kinds.values() if is_input_object_type(kind)]
    # % if cookiecutter.api == "relay"
    return {*kinds, *(name for fields in inner for name in fields)} - {"input", "clientMutationId"}
    # % else
    return {*kinds, *(name for fields in inner for name in fields)} - {"input"}
    # % endif


MUTATIONS = {name: arguments_of(field) for name, field in schema.graphql_schema.mutation_type.fields.items()}
OPERATIONS = {name: names for name, names in MUTATIONS.items() if "password" in " ".join(names).lower()}
# Each page that has a form with a password field: its route, and who sees it.
PAGES = [
    ("admin/login/", "nobody"),
    ("admin/password_change/", "staff"),
    ("admin/users/customuser/add/", "staff"),
    ("admin/users/customuser/<id>/password/", "staff"),
    ("password-reset/<token>", "somebody with a reset link"),
    ("password-set/<token>", "somebody with a first link"),
]


def paths(patterns, prefix=""):
    """Return the routes of a URL map, in which an object's key is called <id> and a link's token <token>."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from paths(pattern.url_patterns, route)
        else:
            yield re.sub(r"<(?:\w+:)?(id|object_id)>", "<id>", route).replace("<str:token>", "<token>")


class Forms(HTMLParser):
    """The forms of a page: for each, where it is posted to and its inputs by name, with type and value."""

    def __init__(self, response):
        super().__init__()
        self.forms = []
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form":
            self.forms.append((values.get("action") or "", {}))
        elif tag == "input" and self.forms and "name" in values:
            self.forms[-1][1][values["name"]] = (values.get("type", "text"), values.get("value", ""))


@pytest.fixture
def limits(configure):
    """Allow TRIES attempts of each kind."""
    configure(RATE_LIMITS=dict.fromkeys(SETTINGS["RATE_LIMITS"].default, f"{TRIES}/hour"))


@pytest.fixture
def account(make_user):
    """Return a user who can use all operations with a password."""
    status = {"verified": True, "secondary_email": "two_secondary@example.com"}
    return make_user("two", **status, is_staff=True, is_superuser=True)


@pytest.fixture
def passwordless(make_user):
    """Return a user who has no password yet."""
    return make_user("passwordless", password=None)


def value_of(name, operation, account, passwordless, right):
    """Return what goes into an argument of a mutation; None if it can be left out.

    A new one for a password needs a line here, and so a look at its limit.
    """
    choice = {
        "password": PASSWORD if right else "wrong",
        "oldPassword": PASSWORD if right else "wrong",
        "newPassword1": NEW_PASSWORD,
        "newPassword2": NEW_PASSWORD if right else "different",
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD if right else "different",
        "email": account.email if operation == "tokenAuth" else "somebody@example.com",
        # % if cookiecutter.login_field == "username"
        "username": "somebody",
        # % endif
    }
    if name != "token":
        return choice[name] if "assword" in name else choice.get(name)
    purposes = {"passwordReset": (tokens.PASSWORD_RESET, account), "passwordSet": (tokens.PASSWORD_SET, passwordless)}
    return tokens.make(*purposes[operation])


@pytest.fixture
def attempt(mutate, account, passwordless):
    """Return a function that tries an operation with the right passwords or with wrong ones, and returns the errors."""
    login = sessions.start(account).token

    def attempt(operation, right):
        # % if cookiecutter.login_field == "username"
        names = OPERATIONS[operation] - ({"username"} if operation == "tokenAuth" else set())
        # % else
        names = OPERATIONS[operation]
        # % endif
        values = {name: value_of(name, operation, account, passwordless, right) for name in names}
        arguments = {name: value for name, value in values.items() if value is not None}
        public = operation in {"tokenAuth", "register", "passwordReset", "passwordSet"}
        return mutate(operation, login=None if public else login, **arguments)["errors"]

    return attempt


# Typed on one machine and on another, and hashed.
COMPOSED = "corr\u00e9ct-horse-battery", "st\u00e0ple-of-another-horse"
DECOMPOSED = tuple(unicodedata.normalize("NFD", password) for password in COMPOSED)


@pytest.fixture
def decomposed(account, monkeypatch):
    """Let the account have a password with an accent, and let whatever follows type it as a letter and its accent."""
    account.set_password(COMPOSED[0])
    account.save()
    account.refresh_from_db()
    for name, password in zip(("PASSWORD", "NEW_PASSWORD"), DECOMPOSED, strict=True):
        monkeypatch.setattr(f"{__name__}.{name}", password)


def hashed_spellings():
    """Return which of the passwords above each account has; None where it has no password."""
    hashes = [user.password for user in get_user_model().objects.all() if user.has_usable_password()]
    known = COMPOSED + DECOMPOSED
    return {next(password for password in known if verify_password(password, hashed)[0]) for hashed in hashes}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_that_takes_a_password_is_limited(limits, attempt, hashes, operation):
    """B04."""
    wrong = [attempt(operation, right=False) for _ in range(TRIES)]
    hashes()

    assert None not in wrong
    assert THROTTLED not in wrong
    assert attempt(operation, right=True) == THROTTLED
    assert hashes() == 0


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_that_takes_a_password_accepts_the_right_one(limits, attempt, operation):
    """Or the test above would prove nothing."""
    assert attempt(operation, right=False) is not None
    assert attempt(operation, right=True) is None


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_takes_and_stores_a_password_however_its_accents_are_typed(decomposed, attempt, operation):
    assert attempt(operation, right=True) is None
    assert hashed_spellings() <= {*COMPOSED}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_is_refused_where_too_many_wait_to_hash_and_counts_nothing(settings, limits, attempt, operation):
    """B14: it does not wait, reveals nothing and uses up no attempts."""
    settings.PASSWORD_HASHERS = [*project.PASSWORD_HASHERS, *settings.PASSWORD_HASHERS]
    with ExitStack() as queue:
        for _ in range(settings.PASSWORD_HASHES_AT_ONCE + settings.PASSWORD_HASHES_WAITING):
            queue.enter_context(hashers.place())
        assert [attempt(operation, right=True) for _ in range(TRIES + 1)] == [THROTTLED] * (TRIES + 1)

    assert attempt(operation, right=True) is None


@pytest.fixture
def open_page(settings, account, passwordless):
    """Return a function that opens a page; it returns the browser and the answer, or None for an unknown parameter."""
    settings.SECURE_SSL_REDIRECT = False
    links = {
        "somebody with a reset link": tokens.make(tokens.PASSWORD_RESET, account),
        "somebody with a first link": tokens.make(tokens.PASSWORD_SET, passwordless),
    }

    def open_page(route, visitor):
        address = route.replace("<token>", links.get(visitor, "wrong")).replace("<id>", str(account.pk))
        if re.search(r"[<(?^$]", address):
            return None
        browser = Client()
        if visitor == "staff":
            browser.force_login(account, "graphql_auth.backends.AccountBackend")
        return browser, browser.get(f"/{address}", follow=True)

    open_page.visitors = ["nobody", "staff", *links]
    return open_page


def form_with_password(response):
    """Return the inputs of the form with a password field in a page, if there is one, and where it is posted to."""
    if "text/html" in response.headers.get("Content-Type", ""):
        for action, inputs in Forms(response).forms:
            if any(kind == "password" for kind, _ in inputs.values()):
                return inputs, urljoin(response.wsgi_request.get_full_path(), action)
    return None


def filled_in(inputs, account, right):
    """Return what is posted. Every old password is PASSWORD, every new one is typed twice."""
    typed = dict.fromkeys(["password", "old_password"], PASSWORD if right else "wrong")
    # % if cookiecutter.login_field == "username"
    typed |= {"username": account.get_username() if "password" in inputs else "somebody"}
    # % else
    typed |= {"username": account.get_username()}
    # % endif
    typed |= {"email": "somebody@example.com", "usable_password": "true"}
    for name, (kind, value) in inputs.items():
        again = NEW_PASSWORD if right or not name.endswith("2") else "different"
        typed.setdefault(name, again if kind == "password" else value)
    return {name: typed[name] for name in inputs}


def test_every_form_with_a_password_field_is_known(open_page, account):
    """B04: one that is added to the project belongs into PAGES, which the next tests go through."""
    opened = [
        open_page(route, visitor) for route in paths(get_resolver().url_patterns) for visitor in open_page.visitors
    ]

    found = {page.wsgi_request.path for _, page in filter(None, opened) if form_with_password(page)}
    shown = {path.replace(f"/{account.pk}/", "/<id>/") for path in found}
    assert shown == {"/" + route.removesuffix("/<token>") for route, _ in PAGES}


@pytest.mark.parametrize(("route", "visitor"), PAGES)
def test_each_form_that_takes_a_password_is_limited(limits, open_page, account, hashes, route, visitor):
    """B04: the right password is refused after too many wrong ones, with the reason."""
    browser, page = open_page(route, visitor)
    inputs, address = form_with_password(page)
    wrong, right = (filled_in(inputs, account, right) for right in (False, True))

    answers = [browser.post(address, wrong, follow=True).content.decode() for _ in range(TRIES)]
    hashes()
    answers.append(browser.post(address, right, follow=True).content.decode())

    assert [shown(Refusal.THROTTLED) in answer for answer in answers] == [False] * TRIES + [True]
    assert hashes() == 0


@pytest.mark.parametrize(("route", "visitor"), PAGES)
def test_each_form_that_takes_a_password_accepts_the_right_one(limits, open_page, account, route, visitor):
    """Or the test above would prove nothing."""
    browser, page = open_page(route, visitor)
    inputs, address = form_with_password(page)

    assert browser.post(address, filled_in(inputs, account, right=False)).status_code == 200
    assert browser.post(address, filled_in(inputs, account, right=True)).status_code == 302


@pytest.mark.parametrize(("route", "visitor"), PAGES)
def test_each_form_takes_and_stores_a_password_however_its_accents_are_typed(
    decomposed, open_page, account, route, visitor
):
    browser, page = open_page(route, visitor)
    inputs, address = form_with_password(page)

    assert browser.post(address, filled_in(inputs, account, right=True)).status_code == 302
    assert hashed_spellings() <= {*COMPOSED}
