"""The actions on the page of a user, and attempts that are refused."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from graphql_auth import sessions
from graphql_auth.models import Session, UserStatus
from tests.graphql_auth.admin.helpers import COOKIE, ME, NOBODY, history, page

EVERY_ACTION = {"verify", "archive", "end_sessions", "resend_activation"}


@pytest.fixture
def press(office):
    """Return a function that presses the button of an action on the page of a user and returns what the admin says."""

    def press(action, user):
        assert action in offered(office, user)
        form = {"action": action, "_selected_action": user.pk, "_from_page": "1"}
        response = office.post(page("changelist", get_user_model()), form, follow=True)
        assert response.redirect_chain == [(page("change", user), 302)]
        return [str(message) for message in response.context["messages"]]

    return press


@pytest.fixture
def clerk_with(client, settings, make_user):
    """Return a function that logs in staff with the given permissions."""
    settings.SECURE_SSL_REDIRECT = False

    def clerk_with(*codenames):
        clerk = make_user("clerk", is_staff=True)
        clerk.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(clerk, COOKIE)
        return client

    return clerk_with


def offered(desk, user):
    """Return the names of the actions on the page of a user."""
    return {*re.findall(r'name="action" value="(\w+)"', desk.get(page("change", user)).content.decode())}


def test_the_page_of_a_user_offers_every_action_of_the_list(office, verified):
    assert offered(office, verified) == EVERY_ACTION


def test_a_user_is_verified_archived_and_logged_out_on_the_page(press, query, unverified):
    assert press("verify", unverified) == ["Verified: 1"]
    token = sessions.start(unverified).token
    assert press("end_sessions", unverified) == ["Logged out: 1"]
    assert query(ME, login=token) == NOBODY
    assert press("archive", unverified) == ["Archived: 1"]

    status = UserStatus.objects.get(user=unverified)
    assert (status.verified, status.archived) == (True, True)
    assert history(unverified) == ["Verified", "Logged out", "Archived"]


def test_an_activation_mail_is_sent_from_the_page(press, unverified, mailoutbox):
    assert press("resend_activation", unverified) == ["Mailed the activation link: 1"]

    assert [mail.to for mail in mailoutbox] == [[unverified.email]]


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        ("change_userstatus", {"verify", "archive", "resend_activation"}),
        ("change_session", {"end_sessions"}),
        ("change_customuser", set()),
    ],
)
def test_the_page_offers_what_staff_may_do(clerk_with, verified, permission, allowed):
    assert offered(clerk_with("view_customuser", permission), verified) == allowed


def test_the_page_of_an_account_that_may_do_more_offers_nothing(clerk_with, staff):
    assert offered(clerk_with("view_customuser", "change_userstatus", "change_session"), staff) == set()


@pytest.mark.parametrize("action", sorted(EVERY_ACTION))
def test_an_action_that_is_not_permitted_is_refused_and_noted(clerk_with, unverified, mailoutbox, action):
    desk = clerk_with("view_customuser", "view_userstatus")
    sessions.start(unverified)

    response = desk.post(
        page("changelist", get_user_model()), {"action": action, "_selected_action": unverified.pk, "_from_page": "1"}
    )

    assert response.status_code == 403
    assert [note.startswith("Refused: ") for note in history(unverified)] == [True]
    assert (mailoutbox, Session.objects.filter(ended_at=None).count()) == ([], 1)
    assert [*UserStatus.objects.filter(user=unverified).values_list("verified", "archived")] == [(False, False)]


def test_a_refused_action_on_nothing_notes_nothing(clerk_with):
    desk = clerk_with("view_customuser")

    for key in ("x", "0", ""):
        form = {"action": "archive", "_selected_action": key}
        assert desk.post(page("changelist", get_user_model()), form).status_code == 403


def test_the_status_comes_before_the_permissions(office, verified):
    text = office.get(page("change", verified)).content.decode()

    assert text.index('name="email"') < text.index('name="status-0-verified"') < text.index('name="is_active"')
    assert text.index('name="is_active"') < text.index('name="account_sessions-TOTAL_FORMS"')
    for name in ("status-0-verified", "status-TOTAL_FORMS", "account_sessions-TOTAL_FORMS"):
        assert text.count(f'name="{name}"') == 1
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert {each for each in ids if ids.count(each) > 1} == set()
