"""The gate that opens sessions, when one more step comes first."""

import pytest
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.signals import user_logged_in
from django.test import Client
from django.urls import reverse
from graphql_jwt.signals import token_issued

from graphql_auth import sessions
from graphql_auth.flows import login, opening
from graphql_auth.flows.opening import NextStep
from graphql_auth.models import Session, UserStatus
from tests.api import null_outputs
from tests.conftest import NEW_PASSWORD, PASSWORD, refused

STEP = NextStep("second_factor_required", "Enter the code of your second factor.", "a challenge")
REFUSED = {"success": False, "errors": refused(STEP.name, STEP.message)}
PASSWORDS = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


@pytest.fixture
def ask(monkeypatch):
    """Return a function that makes one more step come before every session."""
    return lambda: monkeypatch.setattr(opening, "next_step", lambda user: STEP)


@pytest.fixture
def heard(listen):
    """Return the list of the signals that a session sends when it is opened."""
    heard = []
    for signal in (user_logged_in, token_issued):
        listen(signal, lambda signal, **_: heard.append(signal))
    return heard


@pytest.mark.parametrize("state", ["unverified", "verified", "archived"])
def test_logging_in_gives_nothing_before_the_next_step(mutate, ask, heard, request, state):
    user = request.getfixturevalue(state)
    ask()

    answer = mutate("tokenAuth", email=user.email, password=PASSWORD)

    assert answer == null_outputs("tokenAuth") | REFUSED | {"unarchiving": False}
    assert heard == []
    assert not Session.objects.exists()
    user = get_user_model().objects.get(pk=user.pk)
    assert user.last_login is None
    assert user.status.archived is (state == "archived")


def test_a_wrong_password_is_answered_alike_with_and_without_a_next_step(mutate, verified, ask):
    before = mutate("tokenAuth", email=verified.email, password="wrong")
    ask()

    assert mutate("tokenAuth", email=verified.email, password="wrong") == before


def test_an_account_that_must_be_verified_learns_of_no_next_step(mutate, unverified, ask, configure):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    ask()

    errors = mutate("tokenAuth", email=unverified.email, password=PASSWORD)["errors"]

    assert [error["code"] for error in errors["nonFieldErrors"]] == ["not_verified"]


def test_registering_creates_an_account_that_is_not_logged_in_before_the_next_step(
    mutate, new_account, ask, heard, mailoutbox
):
    ask()

    assert mutate("register", **new_account) == null_outputs("register") | REFUSED

    assert heard == []
    assert not Session.objects.exists()
    user = get_user_model().objects.get(email=new_account["email"])
    assert user.last_login is None
    assert [mail.to for mail in mailoutbox] == [[user.email]]


def test_a_changed_password_counts_and_opens_no_session_before_the_next_step(mutate, verified, ask, heard):
    token = sessions.start(verified).token
    heard.clear()
    ask()

    assert mutate("passwordChange", login=token, **PASSWORDS) == null_outputs("passwordChange") | REFUSED

    assert heard == []
    assert not Session.objects.filter(ended_at=None).exists()
    verified.refresh_from_db()
    assert verified.check_password(NEW_PASSWORD)


def test_the_admin_asks_for_the_next_step(settings, staff, ask, heard):
    settings.SECURE_SSL_REDIRECT = False
    form = {"username": staff.get_username(), "password": PASSWORD}
    browser = Client()
    ask()

    page = browser.post(reverse("admin:login"), form)

    assert page.context["form"].non_field_errors() == [STEP.message]
    assert [error.code for error in page.context["form"].non_field_errors().as_data()] == [STEP.name]
    assert heard == []
    assert SESSION_KEY not in browser.session
    staff.refresh_from_db()
    assert staff.last_login is None


def test_a_flow_returns_the_step_with_its_challenge(rf, verified, ask):
    request = rf.post("/graphql")
    request.user = verified
    ask()

    step = login.token_auth(request=request, password=PASSWORD, identifiers={"email": verified.email})

    assert step == STEP
    with pytest.raises(opening.StepRequired) as required:
        opening.require_complete(step)
    assert required.value.step.challenge == "a challenge"


def test_a_step_that_comes_up_during_the_login_is_asked_for(mutate, verified, monkeypatch, heard):
    """The account changes while its password is checked, for example gets a second factor."""

    def steps(user):
        if UserStatus.of(user).link_revision:
            return STEP
        UserStatus.void_links(user)
        return None

    monkeypatch.setattr(opening, "next_step", steps)

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert answer == null_outputs("tokenAuth") | REFUSED | {"unarchiving": False}
    assert heard == []
    assert not Session.objects.exists()
    verified.refresh_from_db()
    assert verified.last_login is None


def test_a_receiver_of_the_login_can_save_the_user(mutate, verified, listen):
    """Only what Django saves, the time of the login, is stored already."""

    def rename(user, **kwargs):
        user.first_name = "Ada"
        user.save(update_fields=["first_name"])

    listen(user_logged_in, rename)

    mutate("tokenAuth", email=verified.email, password=PASSWORD)

    verified.refresh_from_db()
    assert verified.first_name == "Ada"
