"""The rules of the model: who may do what in which state."""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.conftest import NEW_PASSWORD, PASSWORD

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
# Hypothesis varies its tenth example and those after it rather than find new ones: short rounds see more.
ROUNDS, EXAMPLES, STEPS = (25, 10, 40) if NIGHTLY else (2, 8, 40)
PEOPLE = ["ann@example.com", "bob@example.com", "cat@example.com"]
SPARE = ["dan@example.com", "eve@example.com"]
OTHER = {PASSWORD: NEW_PASSWORD, NEW_PASSWORD: PASSWORD}
REFUSED_PAIRS = {("short", "short"): "password_too_short", (PASSWORD, NEW_PASSWORD): "password_mismatch"}
# An access token works for five minutes, and ten seconds longer because clocks differ.
GRACE, ACCESS, REFRESH, SESSION = timedelta(0, 10), timedelta(0, 310), timedelta(7), timedelta(30)
MAIL = {"activation": timedelta(7), "set": timedelta(7), "reset": timedelta(0, 3600), "secondary": timedelta(0, 3600)}


@dataclass
class Account:
    """What a row of the database should say; and a count of the changes that make mailed tokens void."""

    email: str
    password: str | None
    secondary: str | None = None
    first_name: str = ""
    verified: bool = False
    archived: bool = False
    active: bool = True
    closed: bool = False
    names: dict[str, str] = field(default_factory=dict, compare=False)
    changes: int = field(default=0, compare=False)


@dataclass(eq=False)
class Session:
    """One login, with its refresh tokens in the order of their making, and what revokeToken answered."""

    account: Account
    since: datetime
    ended: bool = False
    refreshed: list[str] = field(default_factory=list)
    renewed: datetime | None = None
    revoked: int | None = None


@dataclass(eq=False)
class Tokens:
    """An access and a refresh token that were given out together, and how they answered when last asked."""

    session: Session
    since: datetime
    access: str
    refresh: str
    seen: tuple | None = None


@dataclass(eq=False)
class Mailed:
    """A token that came by mail."""

    account: Account
    purpose: str
    to: str
    since: datetime
    changes: int
    token: str

    def is_fresh(self):
        return timezone.now() - self.since <= MAIL[self.purpose]

    def is_current(self):
        return self.changes == self.account.changes


def names_of(email):
    """Return what else somebody with this address registers and logs in by."""
    # % if cookiecutter.login_field == "username"
    return {"username": email[:3].lower()}
    # % else
    return {}
    # % endif


def unverified(account):
    return "unauthenticated" if account is None else "" if account.verified else "not_verified"


def wrong(right):
    return "" if right else "invalid_password"


def password_of(account, right):
    """Return the account's password, or the one that was or will be its password."""
    password = (account and account.password) or PASSWORD
    return password if right else OTHER[password]


def rule_for(name, useful, **strategies):
    """Return a decorator for a rule with an argument out of the machine's list `name`.

    The rule applies while the list has something useful, which it gets three times in four; otherwise anything.
    """

    def choose(machine):
        items = getattr(machine, name)
        chosen = [item for item in items if useful(machine, item)]
        return st.sampled_from(chosen * (3 * len(items) // len(chosen)) + items)

    some = precondition(lambda machine: any(useful(machine, item) for item in getattr(machine, name)))
    return lambda function: some(rule(**{name: st.runner().flatmap(choose)}, **strategies)(function))


def access_rule(**strategies):
    return rule_for("tokens", lambda machine, tokens: machine.speaker(tokens), **strategies)


def refresh_rule():
    return rule_for("tokens", lambda machine, tokens: machine.refreshes(tokens))


def mail_rule(purpose, **strategies):
    return rule_for("mailed", lambda machine, mailed: mailed.purpose == purpose and mailed.is_fresh(), **strategies)


people = st.sampled_from([*PEOPLE, PEOPLE[0].upper()])
addresses = st.sampled_from([spell(email) for email in PEOPLE + SPARE for spell in (str, str.upper, " {} ".format)])
identifiers = addresses.map(lambda email: {"email": email}) | people.map(names_of) | st.just({})
rights = st.sampled_from([True, True, True, False])
pairs = st.sampled_from([(PASSWORD, PASSWORD), (NEW_PASSWORD, NEW_PASSWORD), *REFUSED_PAIRS])
