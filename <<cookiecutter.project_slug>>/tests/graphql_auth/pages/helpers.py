"""Values and functions that several tests of pages use."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from graphql_auth import tokens
from graphql_auth.errors import Refusal
from graphql_auth.models import UserStatus
from graphql_auth.pages.texts import SETTLED, USED, Explanation
from tests.conftest import NEW_PASSWORD

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
SECOND = "second@example.com"


@dataclass
class Journey:
    """A kind of link: its page, account and form fields, and the response to a used link."""

    page: str
    purpose: tokens.Purpose
    user: Any
    address: str
    used: Explanation
    fields: dict[str, str] = field(default_factory=dict)
    pending: str | None = None

    def token(self):
        return tokens.make(self.purpose, self.user, email=self.pending)

    def is_done(self):
        self.user.refresh_from_db()
        status = UserStatus.objects.get(user=self.user)
        if self.pending:
            return self.pending in status.addresses
        return status.verified and (not self.fields or self.user.check_password(NEW_PASSWORD))


def activation(make_user):
    user = make_user("new")
    return Journey("/activate", tokens.ACTIVATION, user, user.email, SETTLED[Refusal.ALREADY_VERIFIED.code])


def secondary_activation(make_user):
    user = make_user("first", verified=True)
    return Journey("/activate-secondary", tokens.SECONDARY_EMAIL, user, SECOND, USED, pending=SECOND)


def password_reset(make_user):
    user = make_user("forgetful", verified=True)
    return Journey("/password-reset", tokens.PASSWORD_RESET, user, user.email, USED, NEW)


def password_set(make_user):
    user = make_user("passwordless", password=None)
    used = SETTLED[Refusal.PASSWORD_ALREADY_SET.code]
    return Journey("/password-set", tokens.PASSWORD_SET, user, user.email, used, NEW)


JOURNEYS = {
    "activate": activation,
    "activate-secondary": secondary_activation,
    "password-reset": password_reset,
    "password-set": password_set,
}


class Elements(HTMLParser):
    """The elements of a page, each as its tag and attributes, and its title."""

    def __init__(self, page):
        super().__init__()
        self.all, self.open, self.title = [], [], ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.all.append((tag, dict(attributes)))
        if tag not in {"img", "input", "link", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "title":
            self.title += data

    def find_links(self):
        return [attributes["href"] for attributes in self.find("a")]

    def find(self, *tags):
        return [attributes for tag, attributes in self.all if tag in tags]


def open_link(client, journey, token=None):
    """Follow a link as a browser does; return the page it leads to."""
    return client.get(f"{journey.page}/{token or journey.token()}", follow=True)


def press(client, response, **fields):
    """Press the button of a page's form, and follow where that leads."""
    hidden = {
        element["name"]: element["value"]
        for element in Elements(response.content.decode()).find("input")
        if element["type"] == "hidden"
    }
    return client.post(response.request["PATH_INFO"], hidden | fields, follow=True)


def secret_of(token):
    return token.rpartition(":")[-1]
