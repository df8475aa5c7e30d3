"""A simple model predicts the results of the nineteen mutations, in any order, for three users.

Each rule calls a mutation and compares its answer with the model's; after each step, accounts, sessions, mails and
tokens are compared too. The same 640 steps are walked each time; with HYPOTHESIS_PROFILE=nightly, 10,000 random ones.
A new mutation, or a new reason to refuse one, belongs into a rule here.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, seed, settings, stateful
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from graphql_auth.models import Session as SessionRow
from tests.conftest import PASSWORD
from tests.graphql_auth.model.helpers import (
    ACCESS,
    EXAMPLES,
    GRACE,
    MAIL,
    NIGHTLY,
    OTHER,
    PEOPLE,
    REFUSED_PAIRS,
    ROUNDS,
    SPARE,
    STEPS,
    Account,
    Session,
    access_rule,
    addresses,
    identifiers,
    mail_rule,
    names_of,
    pairs,
    password_of,
    people,
    refresh_rule,
    rights,
    unverified,
    wrong,
)
from tests.graphql_auth.model.state import State


class Accounts(State):
    """Calls a mutation in each step, and compares its answer with the state."""

    @initialize(
        delete=st.booleans(), open_to_unverified=st.booleans(), passwordless=st.booleans(), discreet=st.booleans()
    )
    def start(self, delete, open_to_unverified, passwordless, discreet):
        """Ann and Bob are logged in and wanted the same second address, which Bob got; Cat has just registered."""
        self.delete, self.open_to_unverified, self.discreet = delete, open_to_unverified, discreet
        chosen = {
            "ALLOW_DELETE_ACCOUNT": delete,
            "ALLOW_LOGIN_NOT_VERIFIED": open_to_unverified,
            "PREVENT_ENUMERATION": discreet,
        }
        self.context.enter_context(override_settings(GRAPHQL_AUTH={**django_settings.GRAPHQL_AUTH, **chosen}))
        for person in PEOPLE[:2]:
            self.register(person, (PASSWORD, PASSWORD))
            self.verify_account(self.mailed[-1])
            self.token_auth({"email": person}, right=True)
            self.send_secondary_email_activation(self.tokens[-1], SPARE[0], right=True)
        self.verify_secondary_email(self.mailed[-1])
        self.swap_emails(self.tokens[-1], right=True)
        self.register(PEOPLE[2], (None, None) if passwordless else (PASSWORD, PASSWORD))

    def does(self, name, refusal, tokens=None, **arguments):
        """Call a mutation; return its answer if it was carried out, which it must be unless there is a `refusal`."""
        answer = self.api.mutate(name, tokens and tokens.access, **arguments)
        codes = {error["code"] for errors in (answer["errors"] or {}).values() for error in errors}
        assert (answer["success"], " ".join(sorted(codes))) == (not refusal, refusal), f"{name}: {answer}"
        return None if refusal else answer

    def confirms(self, name, tokens, right, needs_secondary=False):
        """Call a mutation that wants the account's password; return the account if it was carried out."""
        account = self.speaker(tokens)
        refusal = unverified(account)
        if not refusal and needs_secondary and not account.secondary:
            refusal = "secondary_email_required"
        done = self.does(name, refusal or wrong(right), tokens, password=password_of(account, right))
        return account if done else None

    def sets(self, name, mailed, purpose, pair):
        """Call a mutation that takes a mailed token and a new password."""
        refusal = self.useless(mailed, purpose) or REFUSED_PAIRS.get(pair, "")
        if self.does(name, refusal, token=mailed.token, new_password1=pair[0], new_password2=pair[1]):
            mailed.account.active, mailed.account.closed = True, False
            self.change_password(mailed.account, pair[0])
            self.verify(mailed.account)

    @precondition(lambda self: self.discreet or not all(map(self.owner_of, PEOPLE)))
    @rule(email=people, pair=pairs | st.just((None, None)))
    def register(self, email, pair):
        again = self.discreet and self.owner_of(email)
        account = Account(email.lower(), pair[0], names=names_of("another" if again else email))
        refusals = {REFUSED_PAIRS.get(pair, "")} - {""}
        if account.names and any(account.names == other.names for other in self.accounts):
            refusals.add("unique")
        refusal = " ".join(sorted(refusals)) or self.taken(email)
        if answer := self.does("register", refusal, email=email, password1=pair[0], password2=pair[1], **account.names):
            if again:
                self.take_answer(email)
                return
            self.accounts.append(account)
            self.take_activation(account)
            if account.password and self.open_to_unverified and not self.discreet:
                self.take_tokens(answer, Session(account, timezone.now()))

    @mail_rule("activation")
    def verify_account(self, mailed):
        if self.does("verifyAccount", self.useless(mailed, "activation"), token=mailed.token):
            self.verify(mailed.account)

    @mail_rule("activation")
    def disown_account(self, mailed):
        if self.does("disownAccount", self.useless(mailed, "activation"), token=mailed.token):
            self.change_password(mailed.account, None)

    @rule(email=addresses)
    def resend_activation_email(self, email):
        owner = self.owner_of(email)
        refusal = "already_verified" if owner and owner.active and owner.verified and not self.discreet else ""
        if self.does("resendActivationEmail", refusal, email=email):
            self.take_answer(email, "activation")

    @rule(email=addresses)
    def send_password_reset_email(self, email):
        owner = self.owner_of(email)
        refusal = "not_verified" if owner and owner.active and not owner.verified and not self.discreet else ""
        self.does("sendPasswordResetEmail", refusal, email=email)
        self.take_answer(email, "reset")

    @mail_rule("reset", pair=pairs)
    def password_reset(self, mailed, pair):
        self.sets("passwordReset", mailed, "reset", pair)

    @mail_rule("set", pair=pairs)
    def password_set(self, mailed, pair):
        self.sets("passwordSet", mailed, "set", pair)

    @access_rule(right=rights, pair=pairs)
    def password_change(self, tokens, right, pair):
        account = self.speaker(tokens)
        refusal = unverified(account) or wrong(right) or REFUSED_PAIRS.get(pair, "")
        passwords = {"old_password": password_of(account, right), "new_password1": pair[0], "new_password2": pair[1]}
        if answer := self.does("passwordChange", refusal, tokens, **passwords):
            self.change_password(account, pair[0])
            self.take_tokens(answer, Session(account, timezone.now()))

    @rule(identifier=identifiers, right=rights)
    def token_auth(self, identifier, right):
        named = next((one for one in self.accounts if one.names == identifier), None)
        account = self.owner_of(identifier["email"]) if "email" in identifier else named
        password = password_of(account, right)
        refusal = ""
        if not identifier:
            refusal = "invalid_arguments"
        elif account is None or not account.active or account.password != password:
            refusal = "invalid_credentials"
        elif not account.verified and not self.open_to_unverified:
            refusal = "not_verified"
        if answer := self.does("tokenAuth", refusal, password=password, **identifier):
            assert answer["unarchiving"] == account.archived
            account.archived = False
            self.take_tokens(answer, Session(account, timezone.now()))

    @access_rule()
    def verify_token(self, tokens):
        expired = timezone.now() - tokens.since >= ACCESS
        refusal = "expired_token" if expired else "" if self.speaker(tokens) else "invalid_token"
        self.does("verifyToken", refusal, token=tokens.access)

    @refresh_rule()
    def refresh_token(self, tokens):
        refreshes = self.refreshes(tokens)
        answer = self.does("refreshToken", "" if refreshes else "invalid_token", refresh_token=tokens.refresh)
        if refreshes:
            if self.is_used_last(tokens):
                assert answer["refreshToken"] == tokens.session.refreshed[-1]
            self.take_tokens(answer, tokens.session)
        elif not self.is_current(tokens):
            self.end_reused(tokens.session)

    @refresh_rule()
    def revoke_token(self, tokens):
        session = tokens.session
        older = not (self.is_current(tokens) or self.is_used_last(tokens))
        works = not older and (session.revoked or self.is_open(session))
        answer = self.does("revokeToken", "" if works else "invalid_token", refresh_token=tokens.refresh)
        if older:
            self.end_reused(session)
        if works:
            session.revoked = session.revoked or int(timezone.now().timestamp())
            assert answer["revoked"] == session.revoked
            session.ended = True

    @access_rule(first_name=st.sampled_from(["Ada", "Grace"]))
    def update_account(self, tokens, first_name):
        account = self.speaker(tokens)
        if self.does("updateAccount", unverified(account), tokens, first_name=first_name):
            account.first_name = first_name

    @access_rule(right=rights)
    def archive_account(self, tokens, right):
        if account := self.confirms("archiveAccount", tokens, right):
            account.archived = True
            self.end_all(account)

    @access_rule(right=rights)
    def delete_account(self, tokens, right):
        if account := self.confirms("deleteAccount", tokens, right):
            account.active, account.closed = False, not self.delete
            self.end_all(account)
            if self.delete:
                self.accounts.remove(account)

    @access_rule(email=st.sampled_from(SPARE) | addresses, right=rights)
    def send_secondary_email_activation(self, tokens, email, right):
        account = self.speaker(tokens)
        refusal = unverified(account) or wrong(right) or self.taken(email)
        arguments = {"email": email, "password": password_of(account, right)}
        if not self.does("sendSecondaryEmailActivation", refusal, tokens, **arguments):
            return
        if self.owner_of(email):
            self.take_answer(email)
        else:
            self.take_mail("secondary", account, email.strip().lower())

    @mail_rule("secondary")
    def verify_secondary_email(self, mailed):
        refusal = self.useless(mailed, "secondary") or ("unique" if self.owner_of(mailed.to) else "")
        if self.does("verifySecondaryEmail", refusal, token=mailed.token):
            self.change_secondary(mailed.account, mailed.to)
            self.take_notice(mailed.account.email)

    @access_rule(right=rights)
    def swap_emails(self, tokens, right):
        if account := self.confirms("swapEmails", tokens, right, needs_secondary=True):
            former, account.email = account.email, account.secondary
            self.change_secondary(account, former)
            self.take_notice(former, account.email)

    @access_rule(right=rights)
    def remove_secondary_email(self, tokens, right):
        if account := self.confirms("removeSecondaryEmail", tokens, right, needs_secondary=True):
            self.change_secondary(account, None)
            self.take_notice(account.email)

    @precondition(lambda self: any(map(self.speaker, self.tokens)))
    @rule(delta=st.sampled_from([GRACE, GRACE, GRACE, ACCESS, 2 * MAIL["reset"], timedelta(6)]))
    def wait(self, delta):
        self.clock.shift(delta + timedelta(seconds=1))

    # What holds after each step

    @invariant()
    def accounts_are_as_the_model_says(self):
        found = [
            Account(
                user.email,
                next((password for password in OTHER if user.check_password(password)), None),
                user.status.secondary_email,
                user.first_name,
                user.status.verified,
                user.status.archived,
                user.is_active,
                user.status.closed_at is not None,
            )
            for user in get_user_model().objects.select_related("status").order_by("pk")
        ]

        addresses = [one.lower() for account in found for one in (account.email, account.secondary) if one]

        assert found == self.accounts
        assert len(addresses) == len(set(addresses)), "two accounts have one address"

    @invariant()
    def nothing_else_was_sent_or_started(self):
        live = {tokens.session for tokens in self.tokens if not tokens.session.ended}
        rows = SessionRow.objects.filter(ended_at=None).values_list("user__email", flat=True)

        assert mail.outbox == []
        assert Counter(rows) == Counter(session.account.email for session in live)

    @invariant()
    def tokens_work_only_while_the_model_says(self):
        for tokens in self.tokens:
            account = self.speaker(tokens)
            expected = (account and account.email, tokens.session.ended)
            if tokens.seen != expected:
                me = self.api.query("{ me { email } }", tokens.access)["me"]
                assert me == (account and {"email": account.email})
                if tokens.session.ended:
                    self.does("refreshToken", "invalid_token", refresh_token=tokens.refresh)
                tokens.seen = expected


@pytest.mark.parametrize("number", range(ROUNDS))
@pytest.mark.django_db
def test_accounts_do_what_the_model_says(number, configure):
    configure(RATE_LIMITS={}, ALLOW_PASSWORDLESS_REGISTRATION=True)

    stateful.run_state_machine_as_test(
        Accounts if NIGHTLY else seed(number)(Accounts),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            print_blob=NIGHTLY,
            database=None,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
