"""The state of the model: accounts, tokens and mails, and how mutations change them."""

import re
from contextlib import ExitStack

import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone
from hypothesis import stateful

from tests.api import Api
from tests.graphql_auth.model.helpers import (
    ACCESS,
    GRACE,
    REFRESH,
    SESSION,
    Mailed,
    Tokens,
)


class State(stateful.RuleBasedStateMachine):
    """Three people, their accounts, and every token that was ever given to them."""

    def __init__(self):
        super().__init__()
        self.api = Api()
        self.context = ExitStack()
        self.clock = self.context.enter_context(time_machine.travel("2030-01-01T00:00Z", tick=False))
        self.accounts, self.tokens, self.mailed = [], [], []

    def teardown(self):
        """Leave nothing to the next run, which shares this one's transaction."""
        self.context.close()
        get_user_model().objects.all().delete()
        mail.outbox.clear()

    # What the model knows

    def owner_of(self, address):
        address = address.strip().lower()
        return next((one for one in self.accounts if address in (one.email, one.secondary)), None)

    def taken(self, address):
        """Return why an address is refused at once; with PREVENT_ENUMERATION its owner is mailed instead."""
        return "unique" if self.owner_of(address) and not self.discreet else ""

    def works(self, session, since, lifetime):
        """Return whether a token of `session` that was made at `since` with this lifetime works."""
        now = timezone.now()
        return not session.ended and now - session.since < SESSION and now - since < lifetime

    def speaker(self, tokens):
        """Return the account that an access token speaks for, if any."""
        return tokens.session.account if self.works(tokens.session, tokens.since, ACCESS) else None

    def is_open(self, session):
        return self.works(session, session.renewed, REFRESH)

    def is_current(self, tokens):
        return tokens.refresh == tokens.session.refreshed[-1]

    def is_used_last(self, tokens):
        return tokens.refresh in tokens.session.refreshed[-2:-1]

    def refreshes(self, tokens):
        repeated = self.is_used_last(tokens) and timezone.now() - tokens.session.renewed <= GRACE
        return (self.is_current(tokens) or repeated) and self.is_open(tokens.session)

    def useless(self, mailed, purpose):
        """Return why a mailed token is refused for `purpose`."""
        if mailed.purpose == purpose and not mailed.is_fresh():
            return "expired_token"
        if mailed.purpose != purpose or not (mailed.account.active or (purpose == "reset" and mailed.account.closed)):
            return "invalid_token"
        if purpose == "activation" and mailed.account.verified:
            return "already_verified"
        if purpose == "set" and mailed.account.password:
            return "password_already_set"
        return "" if mailed.is_current() else "invalid_token"

    # What happens to it

    def take_tokens(self, answer, session):
        if answer["refreshToken"] not in session.refreshed:
            session.refreshed.append(answer["refreshToken"])
            session.renewed = timezone.now()
        self.tokens.append(Tokens(session, timezone.now(), answer["token"], answer["refreshToken"]))

    def take_mail(self, purpose, account, to):
        [message] = mail.outbox
        mail.outbox.clear()
        assert message.to == [to]
        token = re.search(r"https?://\S+/(\S+)", message.body)[1]
        self.mailed.append(Mailed(account, purpose, to, timezone.now(), account.changes, token))

    def take_notice(self, *addresses):
        """Take a mail without a link to each of the addresses."""
        assert [(message.to, "://" in message.body) for message in mail.outbox] == [([to], False) for to in addresses]
        mail.outbox.clear()

    def take_answer(self, address, asked=None):
        """Take what the owner of an address is mailed when somebody asks for something with it, if anybody has it."""
        owner, to = self.owner_of(address), address.strip().lower()
        if owner is None:
            return
        if not owner.active:
            if self.discreet and owner.closed:
                self.take_mail("reset", owner, to)
        elif asked == "reset" and (owner.verified or self.discreet):
            self.take_mail("reset", owner, to)
        elif asked and not owner.verified:
            self.take_activation(owner)
        elif self.discreet:
            self.take_notice(to) if owner.verified else self.take_mail("reset", owner, to)

    def take_activation(self, account):
        self.take_mail("activation" if account.password else "set", account, account.email)

    def end_reused(self, session):
        """Let a refresh token end the session that two seem to have; its owner is notified if the session was open."""
        if self.is_open(session) and session.account.verified:
            [message] = mail.outbox
            assert message.to == [session.account.email]
            mail.outbox.clear()
        session.ended = True

    def end_all(self, account):
        account.changes += 1
        for tokens in self.tokens:
            tokens.session.ended |= tokens.session.account is account

    def verify(self, account):
        if not account.verified:
            account.verified = True
            self.end_all(account)

    def change_password(self, account, password):
        account.password = password
        self.end_all(account)

    def change_secondary(self, account, address):
        account.secondary = address
        account.changes += 1

    # The mutations
