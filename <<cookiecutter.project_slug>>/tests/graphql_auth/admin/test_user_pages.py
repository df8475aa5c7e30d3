"""Adding and changing users in the admin."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from graphql_auth import sessions, tokens
from graphql_auth.errors import EMAIL_TAKEN
from graphql_auth.models import UserStatus
from graphql_auth.signals import user_verified
from tests.conftest import NEW_PASSWORD, PASSWORD
from tests.graphql_auth.admin.helpers import ME, NOBODY, history, page


def errors_of(response):
    """Return the error messages of a form."""
    assert response.status_code == 200
    return [*response.context["errors"]]


def test_staff_can_add_a_user(office, mutate):
    office.post(
        page("add", get_user_model()),
        {
            # % if cookiecutter.login_field == "username"
            "username": "added",
            # % endif
            "email": "Added@Example.com",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    user = get_user_model().objects.get(email="added@example.com")
    assert UserStatus.objects.get(user=user).verified is False
    assert mutate("tokenAuth", email="added@example.com", password=PASSWORD)["success"] is True


@pytest.mark.parametrize("email", ["verified@example.com", "Verified@Example.com", "x", ""])
def test_staff_cannot_add_a_user_with_a_taken_or_missing_address(office, verified, email):
    """D05: each address has one account, whoever creates it."""
    response = office.post(
        page("add", get_user_model()),
        {
            # % if cookiecutter.login_field == "username"
            "username": "added",
            # % endif
            "email": email,
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    assert response.context["adminform"].form.errors
    assert get_user_model().objects.count() == 2


def test_staff_can_add_a_user_without_a_password(office):
    office.post(
        page("add", get_user_model()),
        {
            # % if cookiecutter.login_field == "username"
            "username": "added",
            # % endif
            "email": "added@example.com",
            "usable_password": "false",
        },
    )

    assert not get_user_model().objects.get(email="added@example.com").has_usable_password()


def test_a_change_of_a_name_leaves_the_sessions(save, query, verified):
    token = sessions.start(verified).token

    save(verified, first_name="Ada")

    verified.refresh_from_db()
    assert verified.first_name == "Ada"
    assert query(ME, login=token) == {"me": {"email": verified.email}}


def test_a_user_who_is_made_inactive_is_logged_out(save, query, mutate, verified):
    """D10: access tokens went on working."""
    issued = sessions.start(verified)

    save(verified, is_active=None)
    get_user_model().objects.update(is_active=True)

    assert query(ME, login=issued.token) == NOBODY
    assert mutate("refreshToken", refresh_token=issued.refresh_token)["success"] is False


def test_a_new_address_logs_the_user_out(save, query, verified):
    token = sessions.start(verified).token

    save(verified, email="other@example.com")

    assert query(ME, login=token) == NOBODY


def test_a_new_password_logs_the_user_out(office, query, mutate, verified):
    """D10: and the new one logs in."""
    token = sessions.start(verified).token
    form = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    response = office.post(reverse("admin:auth_user_password_change", args=[verified.pk]), form)

    assert response.status_code == 302
    assert query(ME, login=token) == NOBODY
    assert mutate("tokenAuth", email=verified.email, password=NEW_PASSWORD)["success"] is True


def test_a_new_password_that_is_refused_logs_nobody_out(office, query, verified):
    token = sessions.start(verified).token
    form = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": PASSWORD}

    office.post(reverse("admin:auth_user_password_change", args=[verified.pk]), form)

    assert query(ME, login=token) == {"me": {"email": verified.email}}


def test_a_user_who_is_archived_is_logged_out(save, query, verified):
    token = sessions.start(verified).token

    save(verified, status={"archived": "on"})
    UserStatus.objects.update(archived=False)

    assert query(ME, login=token) == NOBODY


@pytest.mark.parametrize("change", [{"secondary_email": "third@example.com"}, {"secondary_email": ""}])
def test_a_new_secondary_address_voids_the_links_of_the_old(save, mutate, with_secondary, change):
    """D04: an old link brought a removed address back."""
    token = tokens.make(tokens.SECONDARY_EMAIL, with_secondary, email="fourth@example.com")

    save(with_secondary, status=change)
    save(with_secondary, status={"secondary_email": "two_secondary@example.com"})

    errors = mutate("verifySecondaryEmail", token=token)["errors"]
    assert errors["nonFieldErrors"][0]["code"] == "invalid_token"


def test_a_secondary_address_is_normalised(save, verified):
    save(verified, status={"secondary_email": "Second@Example.com"})

    verified.status.refresh_from_db()
    assert verified.status.secondary_email == "second@example.com"


@pytest.mark.parametrize(
    "taken",
    ["two_secondary@example.com", "TWO_secondary@example.com", "Two@example.com", "verified@example.com"],
)
def test_a_secondary_address_that_is_taken_is_refused(post, verified, with_secondary, taken):
    """D06: two users owned one secondary address."""
    assert errors_of(post(verified, status={"secondary_email": taken})) == [[EMAIL_TAKEN]]


def test_one_save_does_not_make_one_address_primary_and_secondary(post, verified):
    """D06: neither has an owner yet when it is looked up."""
    response = post(verified, status={"secondary_email": "Third@example.com"}, email="third@example.com")

    assert errors_of(response) == [[EMAIL_TAKEN]]


def test_the_former_address_can_become_the_secondary_one(save, verified):
    save(verified, status={"secondary_email": "verified@example.com"}, email="third@example.com")

    verified.refresh_from_db()
    assert (verified.email, verified.status.secondary_email) == ("third@example.com", "verified@example.com")


@pytest.mark.parametrize("taken", ["two@example.com", "TWO_secondary@example.com"])
def test_an_address_that_is_taken_is_refused(post, verified, with_secondary, taken):
    """D06: an address belongs to one account, either as primary or as secondary address."""
    assert errors_of(post(verified, email=taken)) == [[EMAIL_TAKEN]]


@pytest.mark.parametrize("value", ["on", None])
def test_a_change_of_verified_logs_the_user_out(save, query, verified, unverified, value):
    user = unverified if value else verified
    token = sessions.start(user).token

    save(user, status={"verified": value})

    user.status.refresh_from_db()
    assert user.status.verified is bool(value)
    assert query(ME, login=token) == NOBODY
    [noted] = history(user)
    assert f"“{user}”" in noted


def test_verifying_on_the_page_sends_the_signal(save, unverified, listen, django_capture_on_commit_callbacks):
    notified = []
    listen(user_verified, lambda user, **about: notified.append(user))

    with django_capture_on_commit_callbacks(execute=True):
        save(unverified, status={"verified": "on"})
        save(unverified, first_name="Ada")

    assert notified == [unverified]


def test_unverifying_on_the_page_sends_no_signal(save, verified, listen, django_capture_on_commit_callbacks):
    notified = []
    listen(user_verified, lambda user, **about: notified.append(user))

    with django_capture_on_commit_callbacks(execute=True):
        save(verified, status={"verified": None})

    assert notified == []


def test_a_user_without_a_status_gets_one_when_it_is_saved(office, save, verified):
    UserStatus.objects.all().delete()
    for listed in ("?verified=0", "?archived=0", ""):
        assert verified in office.get(page("changelist", get_user_model()) + listed).context["cl"].result_list

    save(verified, first_name="Ada")
    assert not UserStatus.objects.filter(user=verified).exists()

    save(verified, status={"verified": "on"})
    assert UserStatus.objects.get(user=verified).verified is True
