"""The way back into a closed account."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from graphql_auth import tokens
from graphql_auth.models import UserStatus
from tests.conftest import PASSWORD, filled_in
from tests.graphql_auth.mailboxes.helpers import ASKING, DONE, INVALID_TOKEN, NEW, OWN, logs_in


def close(mutate, user):
    assert mutate("deleteAccount", login=user, password=PASSWORD) == DONE


@pytest.mark.parametrize("name", ASKING)
def test_who_closed_an_account_opens_it_again_by_a_mailed_link(mutate, ask, inbox, verified, name):
    """A11: with a new password; the address is verified, nobody else is logged in."""
    close(mutate, verified)
    assert not logs_in(mutate, verified.email, PASSWORD)

    ask(name, verified.email)
    [(_, _, token)] = inbox()
    assert mutate("passwordReset", token=token, **NEW) == DONE

    verified.refresh_from_db()
    verified.status.refresh_from_db()
    assert (verified.is_active, verified.status.closed_at, verified.status.verified) == (True, None, True)
    assert logs_in(mutate, verified.email, OWN)
    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN


def test_the_page_of_the_link_opens_a_closed_account(client, mutate, ask, inbox, verified):
    close(mutate, verified)
    ask("register", verified.email)
    [(_, path, token)] = inbox()

    page = client.get(f"{path}{token}", follow=True).content.decode()
    link = re.search(r'name="link" value="(\w+)"', page)[1]
    client.post(path.rstrip("/"), {"link": link, **NEW})

    assert logs_in(mutate, verified.email, OWN)


@pytest.mark.parametrize("purpose", [tokens.ACTIVATION, tokens.PASSWORD_SET, tokens.SECONDARY_EMAIL])
def test_no_other_link_opens_a_closed_account(mutate, make_user, purpose):
    user = make_user("closed", is_active=False, password=None if purpose is tokens.PASSWORD_SET else PASSWORD)
    user.status.change(closed_at=timezone.now())
    user = get_user_model().objects.get()
    token = tokens.make(purpose, user, email="second@example.com")
    names = {tokens.ACTIVATION: ["verifyAccount", "disownAccount"], tokens.PASSWORD_SET: ["passwordSet"]}

    for name in names.get(purpose, ["verifySecondaryEmail"]):
        assert mutate(name, token=token, **(NEW if name == "passwordSet" else {}))["errors"] == INVALID_TOKEN
    assert get_user_model().objects.get().is_active is False


def test_a_link_from_before_the_account_was_closed_does_not_open_it(mutate, verified):
    token = tokens.make(tokens.PASSWORD_RESET, verified)
    close(mutate, verified)

    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN


def test_no_link_opens_an_account_that_staff_made_inactive(mutate, ask, inbox, inactive):
    """A11: neither is there one in the mailbox, nor would one work."""
    for name in ASKING:
        ask(name, inactive.email)

    assert inbox() == []
    assert mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, inactive), **NEW)["errors"] == INVALID_TOKEN


def by_code(user, staff, active):
    user = get_user_model().objects.get(pk=user.pk)
    user.is_active = active
    user.save()


def by_field(user, staff, active):
    user = get_user_model().objects.get(pk=user.pk)
    user.is_active = active
    user.save(update_fields=["is_active"])


def in_the_admin(user, staff, active):
    browser = Client()
    browser.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:users_customuser_change", args=[user.pk])
    form = filled_in(browser.get(address))
    form.pop("is_active", None)
    # The status is saved too, and must not bring back what it was read with.
    form["status-0-verified"] = "" if form.get("status-0-verified") else "on"
    assert browser.post(address, form | ({"is_active": "on"} if active else {})).status_code == 302


@pytest.mark.parametrize("staff_sets", [by_code, by_field, in_the_admin])
def test_staff_who_reactivates_a_closed_account_closes_its_way_back(mutate, ask, inbox, verified, staff, staff_sets):
    """A11: it is a usual account then, and stays out when staff makes it inactive later."""
    close(mutate, verified)
    token = tokens.make(tokens.PASSWORD_RESET, get_user_model().objects.get(pk=verified.pk))
    staff_sets(verified, staff, active=True)
    assert UserStatus.objects.get(user=verified).closed_at is None
    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN

    staff_sets(verified, staff, active=False)
    for name in ASKING:
        ask(name, verified.email)

    assert inbox() == []


def test_only_closing_an_account_marks_it_as_closed(mutate, verified, with_secondary, staff):
    close(mutate, verified)
    by_code(with_secondary, staff, active=False)

    closed = UserStatus.objects.filter(closed_at__isnull=False)
    assert [status.user for status in closed] == [verified]


def test_where_answers_are_open_nobody_is_mailed_about_a_closed_account(mutate, configure, closed, inbox):
    configure(PREVENT_ENUMERATION=False)

    for name in ("resendActivationEmail", "sendPasswordResetEmail"):
        assert mutate(name, email=closed.email) == DONE

    assert inbox() == []
