"""Logging in at the admin."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from graphql_auth import sessions
from graphql_auth.errors import Refusal
from graphql_auth.models import Session
from tests.conftest import NEW_PASSWORD, PASSWORD
from tests.graphql_auth.admin.helpers import COOKIE, ME, NOBODY, page


@pytest.fixture
def enter(db, visit, configure, hashes):
    """Return a function that logs in at the admin and returns whether that worked, and what the form says if not."""
    configure(RATE_LIMITS={"login": "2/hour"})

    def enter(user, password):
        _, came_to = visit(user, password)
        return came_to.wsgi_request.path == reverse("admin:index") or came_to.context["form"].non_field_errors()[0]

    return enter


@pytest.mark.parametrize("name", ["staff", "verified"])
def test_tries_at_the_admin_are_limited_like_logins(enter, mutate, hashes, request, name):
    """D20: its form confirmed passwords without any limit."""
    user = request.getfixturevalue(name)
    hashes()

    answers = [enter(user, "wrong"), enter(user, "wrong"), enter(user, PASSWORD)]

    assert answers[0] == answers[1] != answers[2] == Refusal.THROTTLED.message
    assert hashes() == 2
    (error,) = mutate("tokenAuth", email=user.email, password=PASSWORD)["errors"]["nonFieldErrors"]
    assert error["code"] == "throttled"


def test_a_try_at_the_admin_for_nobody_is_counted_and_hashed_too(enter, hashes):
    """D19."""
    nobody = get_user_model()(**{get_user_model().USERNAME_FIELD: "nobody@example.com"})

    answers = [enter(nobody, "wrong") for _ in range(3)]

    assert answers[0] == answers[1] != answers[2] == Refusal.THROTTLED.message
    assert hashes() == 2


def test_a_name_counts_as_one_at_the_admin_however_it_is_spelled(enter, staff):
    """D05: and it is found."""
    # % if cookiecutter.login_field == "username"
    spelled = get_user_model()(username=staff.username.replace("s", "ｓ"))
    # % else
    spelled = get_user_model()(email=staff.email.upper())
    # % endif

    assert enter(spelled, PASSWORD) is True
    for user in (staff, spelled):
        enter(user, "wrong")
    assert enter(spelled, PASSWORD) == Refusal.THROTTLED.message


def test_staff_logs_in_at_the_admin_and_others_do_not(enter, staff, verified):
    assert enter(verified, PASSWORD) == enter(verified, "wrong")
    assert enter(staff, PASSWORD) is True


@pytest.mark.parametrize("action", ["archive", "end_sessions"])
def test_who_is_logged_out_everywhere_has_left_the_admin_too(visit, act, make_user, action):
    colleague = make_user("colleague", verified=True, is_staff=True)
    sessions.start(colleague)
    desk, _ = visit(colleague)
    assert desk.get(reverse("admin:index")).status_code == 200

    act(action, colleague)

    assert desk.get(reverse("admin:index")).status_code == 302


def test_staff_who_changes_itself_stays_in_the_admin(office, save, query, staff):
    opened = sessions.start(staff)

    save(staff, email="moved@example.com")
    form = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    office.post(reverse("admin:auth_user_password_change", args=[staff.pk]), form)

    assert office.get(reverse("admin:index")).status_code == 200
    assert query(ME, login=opened.token) == NOBODY


def test_a_former_key_keeps_staff_in_the_admin(office, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]

    assert office.get(reverse("admin:index")).status_code == 200


def test_those_who_are_not_staff_see_nothing(client, settings, verified):
    settings.SECURE_SSL_REDIRECT = False
    client.force_login(verified, COOKIE)

    for model in (get_user_model(), Session):
        assert client.get(page("changelist", model)).status_code == 302
