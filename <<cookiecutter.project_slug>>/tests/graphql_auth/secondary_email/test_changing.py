"""Swapping and removing the secondary email address."""

import pytest
from django.contrib.auth import get_user_model

from graphql_auth import sessions, tokens
from graphql_auth.errors import Refusal
from tests.api import verdict
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.secondary_email.helpers import DONE, INVALID_PASSWORD, INVALID_TOKEN, SECOND, secondary_email

REQUIRED = refused(Refusal.SECONDARY_EMAIL_REQUIRED)


def test_swapped_addresses_change_places(mutate, query, with_secondary):
    token = sessions.start(with_secondary).token

    assert verdict(mutate("swapEmails", login=token, password=PASSWORD)) == DONE
    assert query("{ me { email secondaryEmail } }", login=token) == {
        "me": {"email": "two_secondary@example.com", "secondaryEmail": "two@example.com"}
    }


def test_addresses_swapped_twice_are_as_they_were(mutate, query, with_secondary):
    for _ in range(2):
        assert verdict(mutate("swapEmails", login=with_secondary, password=PASSWORD)) == DONE

    assert query("{ me { email secondaryEmail } }", login=with_secondary) == {
        "me": {"email": "two@example.com", "secondaryEmail": "two_secondary@example.com"}
    }


def test_links_from_before_a_swap_are_void(mutate, with_secondary):
    """D03: they were mailed to what was the primary address then."""
    reset = tokens.make(tokens.PASSWORD_RESET, with_secondary)
    pending = tokens.make(tokens.SECONDARY_EMAIL, with_secondary, email=SECOND)
    mutate("swapEmails", login=with_secondary, password=PASSWORD)

    passwords = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert mutate("passwordReset", token=reset, **passwords)["errors"] == INVALID_TOKEN
    assert mutate("verifySecondaryEmail", token=pending)["errors"] == INVALID_TOKEN


def test_links_from_before_a_swap_stay_void_after_swapping_back(mutate, with_secondary):
    pending = tokens.make(tokens.SECONDARY_EMAIL, with_secondary, email=SECOND)
    for _ in range(2):
        mutate("swapEmails", login=with_secondary, password=PASSWORD)

    assert mutate("verifySecondaryEmail", token=pending)["errors"] == INVALID_TOKEN


def test_both_addresses_log_in_after_a_swap(mutate, with_secondary):
    mutate("swapEmails", login=with_secondary, password=PASSWORD)

    for email in ("two@example.com", "two_secondary@example.com"):
        assert mutate("tokenAuth", email=email, password=PASSWORD)["success"] is True


def test_a_removed_address_is_free_and_logs_in_no_more(mutate, with_secondary, new_account):
    assert verdict(mutate("removeSecondaryEmail", login=with_secondary, password=PASSWORD)) == DONE
    assert secondary_email(with_secondary) is None
    assert mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD)["success"] is False
    assert mutate("register", **new_account | {"email": "two_secondary@example.com"})["success"] is True


@pytest.mark.parametrize("name", ["swapEmails", "removeSecondaryEmail"])
def test_without_a_secondary_address_there_is_nothing_to_swap_or_remove(mutate, verified, name):
    assert verdict(mutate(name, login=verified, password=PASSWORD)) == {"success": False, "errors": REQUIRED}


@pytest.mark.parametrize("name", ["swapEmails", "removeSecondaryEmail"])
def test_a_wrong_password_changes_no_address(mutate, with_secondary, name):
    assert verdict(mutate(name, login=with_secondary, password="wrong")) == {
        "success": False,
        "errors": INVALID_PASSWORD,
    }
    assert get_user_model().objects.get(pk=with_secondary.pk).email == "two@example.com"
    assert secondary_email(with_secondary) == "two_secondary@example.com"
