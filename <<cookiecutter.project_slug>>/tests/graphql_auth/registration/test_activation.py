"""Verifying the email address of an account."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from graphql_auth import tokens
from graphql_auth.errors import Refusal
from graphql_auth.models import Session, UserStatus
from tests.conftest import refused
from tests.graphql_auth.registration.helpers import INVALID_ADDRESS, NOT_ADDRESSES, THROTTLED, users

INVALID_TOKEN = refused(Refusal.INVALID_TOKEN)
EXPIRED_TOKEN = refused(Refusal.EXPIRED_TOKEN)


def test_a_mailed_token_verifies_the_account_once(mutate, new_account, mailed_token):
    mutate("register", **new_account)
    token = mailed_token()

    assert mutate("verifyAccount", token=token) == {"success": True, "errors": None}
    assert mutate("verifyAccount", token=token) == {
        "success": False,
        "errors": refused(Refusal.ALREADY_VERIFIED),
    }


def test_verifying_ends_the_sessions_from_before(mutate, query, new_account, mailed_token):
    """D13: whoever registered somebody else's address is logged out."""
    answer = mutate("register", **new_account)

    mutate("verifyAccount", token=mailed_token())

    assert query("{ me { email } }", login=answer["token"]) == {"me": None}
    assert mutate("refreshToken", refresh_token=answer["refreshToken"])["errors"] == INVALID_TOKEN
    assert not Session.objects.filter(ended_at=None).exists()


def test_verifying_drops_a_secondary_address_that_waits(mutate, unverified):
    """D13: nor can they add an address of their own later."""
    pending = tokens.make(tokens.SECONDARY_EMAIL, unverified, email="other@example.com")

    mutate("verifyAccount", token=tokens.make(tokens.ACTIVATION, unverified))

    assert mutate("verifySecondaryEmail", token=pending)["errors"] == INVALID_TOKEN


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "WzFd:1itC5A:vJhRJwBcrNxvmEKxHrZa6Yoqw5Q", "é🎉", "." * 9999])
def test_an_odd_token_verifies_nothing(mutate, unverified, token):
    assert mutate("verifyAccount", token=token) == {"success": False, "errors": INVALID_TOKEN}


@pytest.mark.parametrize("payload", [{}, [], None, "text", [1], ["x", None, "y"], [[], {}, 1], {"pk": 1}])
def test_a_signed_token_of_another_shape_verifies_nothing(mutate, unverified, payload):
    """D15: what a token holds never becomes arguments."""
    token = signing.dumps(payload, salt=tokens.ACTIVATION.salt)

    assert mutate("verifyAccount", token=token)["errors"] == INVALID_TOKEN


@pytest.mark.parametrize("purpose", [tokens.PASSWORD_RESET, tokens.PASSWORD_SET, tokens.SECONDARY_EMAIL])
def test_a_token_for_something_else_verifies_nothing(mutate, unverified, purpose):
    """D15: each purpose has a salt of its own."""
    assert mutate("verifyAccount", token=tokens.make(purpose, unverified))["errors"] == INVALID_TOKEN


def test_an_activation_token_expires(mutate, unverified, configure):
    configure(EXPIRATION_ACTIVATION_TOKEN=timedelta(days=2))
    token = tokens.make(tokens.ACTIVATION, unverified)

    with time_machine.travel(timezone.now() + timedelta(days=2, seconds=2)):
        late = mutate("verifyAccount", token=token)
    with time_machine.travel(timezone.now() + timedelta(days=2, seconds=-60)):
        in_time = mutate("verifyAccount", token=token)

    assert late == {"success": False, "errors": EXPIRED_TOKEN}
    assert in_time["success"] is True


@pytest.mark.parametrize(
    "changes",
    [{"email": "other@example.com"}, {"password": "changed"}, {"is_active": False}],
    ids=["address", "password", "inactive"],
)
def test_an_activation_token_dies_with_what_it_was_made_for(mutate, unverified, changes):
    token = tokens.make(tokens.ACTIVATION, unverified)
    users().filter(pk=unverified.pk).update(**changes)

    assert mutate("verifyAccount", token=token)["errors"] == INVALID_TOKEN
    assert UserStatus.objects.get().verified is False


def test_an_inactive_account_is_not_verified(mutate, make_user):
    banned = make_user("banned", is_active=False)

    assert mutate("verifyAccount", token=tokens.make(tokens.ACTIVATION, banned))["errors"] == INVALID_TOKEN


def test_a_token_of_a_deleted_account_does_nothing_for_the_next_of_its_name(mutate, new_account, mailed_token):
    """D02: a token belongs to one account, not to whoever has its name."""
    mutate("register", **new_account)
    token = mailed_token()
    users().get().delete()
    gone = mutate("verifyAccount", token=token)
    mutate("register", **new_account)

    again = mutate("verifyAccount", token=token)

    assert gone["errors"] == again["errors"] == INVALID_TOKEN
    assert UserStatus.objects.get().verified is False


def test_a_token_from_before_a_change_of_keys_works_while_the_old_key_is_kept(mutate, unverified, settings):
    token = tokens.make(tokens.ACTIVATION, unverified)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-of-this-site-that-is-long-enough"

    without = mutate("verifyAccount", token=token)
    settings.SECRET_KEY_FALLBACKS = [old]

    assert without["errors"] == INVALID_TOKEN
    assert mutate("verifyAccount", token=token)["success"] is True


def test_a_user_without_status_can_be_verified(mutate, unverified):
    UserStatus.objects.all().delete()
    unverified.refresh_from_db()

    assert mutate("verifyAccount", token=tokens.make(tokens.ACTIVATION, unverified))["success"] is True
    assert UserStatus.objects.get(user=unverified).verified is True


def test_resending_mails_another_token(mutate, unverified, mailoutbox, mailed_token):
    answer = mutate("resendActivationEmail", email=unverified.email)

    assert answer == {"success": True, "errors": None}
    assert [mail.to for mail in mailoutbox] == [[unverified.email]]
    assert mutate("verifyAccount", token=mailed_token())["success"] is True


def test_a_resent_mail_goes_to_the_stored_address(mutate, unverified, mailoutbox):
    """D14: not to what was typed."""
    mutate("resendActivationEmail", email=" ＵNVERIFIED@Example.com ")

    assert mailoutbox[-1].to == ["unverified@example.com"]


@pytest.mark.parametrize("address", NOT_ADDRESSES)
def test_resending_to_an_invalid_address_is_rejected(mutate, address):
    assert mutate("resendActivationEmail", email=address) == {"success": False, "errors": INVALID_ADDRESS}


@pytest.mark.parametrize("address", ["verified@example.com", "two_secondary@example.com", "archived@example.com"])
def test_a_verified_account_needs_no_activation(mutate, verified, with_secondary, archived, mailoutbox, address):
    assert mutate("resendActivationEmail", email=address) == {
        "success": False,
        "errors": refused(Refusal.ALREADY_VERIFIED, field="email"),
    }
    assert mailoutbox == []


def test_mails_to_one_address_are_limited(mutate, unverified, configure, mailoutbox):
    configure(RATE_LIMITS={"mail_address": "1/hour"})
    mutate("resendActivationEmail", email="unverified@example.com")

    assert mutate("resendActivationEmail", email=" UNVERIFIED@example.com")["errors"] == THROTTLED
    assert len(mailoutbox) == 1
