"""A closed account is rejected everywhere, however it was closed."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY, aauthenticate, authenticate, get_user, get_user_model, load_backend, login
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse

from graphql_auth import sessions
from graphql_auth.admin.login import ARCHIVED
from graphql_auth.errors import Refusal
from graphql_auth.models import UserStatus
from tests.conftest import PASSWORD

OWN_BACKENDS = ["graphql_auth.backends.GraphQLAuthBackend", "graphql_auth.backends.AccountBackend"]
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
BACKENDS = [*OWN_BACKENDS, MODEL_BACKEND]


def users(user):
    return get_user_model().objects.filter(pk=user.pk)


# Ways to close the account of somebody who may do everything.


def archive_by_owner(user, mutate, **_):
    return mutate("archiveAccount", login=user, password=PASSWORD)["success"]


def archive_by_staff(user, staff_posts, **_):
    return staff_posts(user, "archive")


def archive_by_code(user, **_):
    return UserStatus.objects.filter(user=user).update(archived=True) == 1


def deactivate_by_owner(user, mutate, **_):
    return mutate("deleteAccount", login=user, password=PASSWORD)["success"]


def deactivate_by_code(user, **_):
    return users(user).update(is_active=False) == 1


def delete_by_owner(user, mutate, configure, **_):
    configure(ALLOW_DELETE_ACCOUNT=True)
    return mutate("deleteAccount", login=user, password=PASSWORD)["success"]


def delete_by_staff(user, staff_posts, **_):
    return staff_posts(user, "delete_selected", post="yes")


def delete_by_code(user, **_):
    return users(user).delete()[0] > 0


def require_verification(user, configure, **_):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    return UserStatus.objects.filter(user=user).update(verified=False) == 1


def leave_open(**_):
    return True


CLOSINGS = [
    archive_by_owner,
    archive_by_staff,
    archive_by_code,
    deactivate_by_owner,
    deactivate_by_code,
    delete_by_owner,
    delete_by_staff,
    delete_by_code,
    require_verification,
]


# Ways in: each returns an attempt, which is made after the account was closed.


def enter_the_admin(user, **_):
    def attempt():
        browser = Client()
        form = {"username": user.get_username(), "password": PASSWORD, "next": reverse("admin:index")}
        browser.post(reverse("admin:login"), form)
        return browser.get(reverse("admin:index")).status_code == 200

    return attempt


def stay_in_the_admin(backend):
    def stay(user, **_):
        browser = Client()
        browser.force_login(user, backend)
        return lambda: browser.get(reverse("admin:index")).status_code == 200

    stay.__name__ = f"stay_in_the_admin_by_{backend.rpartition('.')[2]}"
    return stay


def get_a_session(backend):
    """Log in without a password, like code for an identity provider or a login link."""

    def get_in(user, rf, **_):
        def attempt():
            found = users(user).first()
            if found is None:
                return False
            request = rf.get("/")
            request.session, request.user = SessionStore(), AnonymousUser()
            login(request, found, backend)
            return SESSION_KEY in request.session and get_user(request).is_authenticated

        return attempt

    get_in.__name__ = f"get_a_session_by_{backend.rpartition('.')[2]}"
    return get_in


def be_known_to(backend):
    def be_known(user, **_):
        return lambda: load_backend(backend).get_user(user.pk) is not None

    be_known.__name__ = f"be_known_to_{backend.rpartition('.')[2]}"
    return be_known


def authenticate_by_name(user, rf, **_):
    return lambda: authenticate(rf.get("/"), username=user.get_username(), password=PASSWORD) is not None


def authenticate_by_field(user, **_):
    return lambda: authenticate(**{user.USERNAME_FIELD: user.get_username().upper()}, password=PASSWORD) is not None


def use_the_access_token(user, query, **_):
    token = sessions.start(user).token
    return lambda: query("{ me { id } }", login=token)["me"] is not None


def use_the_refresh_token(user, mutate, **_):
    token = sessions.start(user).refresh_token
    return lambda: mutate("refreshToken", refresh_token=token)["success"]


WAYS_IN = [
    enter_the_admin,
    *map(stay_in_the_admin, BACKENDS),
    *map(get_a_session, BACKENDS),
    *map(be_known_to, OWN_BACKENDS),
    authenticate_by_name,
    # % if cookiecutter.login_field == "email"
    authenticate_by_field,
    # % endif
    use_the_access_token,
    use_the_refresh_token,
]


@pytest.fixture
def boss(make_user, settings):
    """Return a verified superuser, whose account is about to be closed."""
    settings.SECURE_SSL_REDIRECT = False
    return make_user("boss", verified=True, is_staff=True, is_superuser=True)


@pytest.fixture
def staff_posts(boss, staff):
    """Return a function with which another superuser runs an action on a user; it returns whether that was done."""

    def staff_posts(user, action, **form):
        office = Client()
        office.force_login(staff, MODEL_BACKEND)
        posted = {"action": action, "_selected_action": [user.pk], **form}
        return office.post(reverse("admin:users_customuser_changelist"), posted).status_code == 302

    return staff_posts


@pytest.mark.parametrize("way_in", WAYS_IN, ids=lambda way: way.__name__)
@pytest.mark.parametrize("close", [*CLOSINGS, leave_open], ids=lambda close: close.__name__)
def test_what_closes_an_account_closes_it_for_every_way_in(
    boss, staff_posts, mutate, query, configure, rf, close, way_in
):
    """B01: an archived superuser logged in at the admin, and went on there."""
    attempt = way_in(user=boss, rf=rf, mutate=mutate, query=query)
    assert close(user=boss, staff_posts=staff_posts, mutate=mutate, configure=configure)

    assert attempt() is (close is leave_open)


def test_a_session_of_a_closed_account_does_not_return_with_the_account(boss):
    """B01: it ended when it was used in between."""
    browser = Client()
    browser.force_login(boss, MODEL_BACKEND)
    UserStatus.objects.filter(user=boss).update(archived=True)
    assert browser.get(reverse("admin:index")).status_code == 302

    UserStatus.objects.filter(user=boss).update(archived=False)

    assert browser.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
@pytest.mark.parametrize("name", ["archived", "unverified"])
def test_the_admin_says_why_it_rejects_an_account_after_the_right_password_only(
    request, settings, configure, name, password
):
    """B01: and it does not take an account out of the archive."""
    settings.SECURE_SSL_REDIRECT = False
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    user = request.getfixturevalue(name)
    users(user).update(is_staff=True)

    form = {"username": user.get_username(), "password": password}
    (error,) = Client().post(reverse("admin:login"), form).context["form"].non_field_errors()

    reason = str(ARCHIVED if name == "archived" else Refusal.NOT_VERIFIED.message)
    assert (error == reason) is (password == PASSWORD)
    assert UserStatus.objects.get(user=user).archived is (name == "archived")


def test_the_admin_does_not_say_of_others_than_staff_that_they_are_archived(settings, archived):
    settings.SECURE_SSL_REDIRECT = False
    form = {"username": archived.get_username(), "password": PASSWORD}

    (error,) = Client().post(reverse("admin:login"), form).context["form"].non_field_errors()

    assert error.startswith("Please enter the correct")


@pytest.mark.parametrize("name", ["verified", "archived", "inactive"])
def test_a_closed_account_takes_as_many_hashes_as_an_open_one_with_a_wrong_password(request, hashes, name):
    user = request.getfixturevalue(name)
    hashes()

    assert authenticate(username=user.get_username(), password="wrong") is None

    assert hashes() == 1


@pytest.fixture
def wait_for(transactional_db):
    """Return a function that runs a coroutine and closes the connections that it opened in other threads."""

    async def run(coroutine):
        try:
            return await coroutine
        finally:
            await sync_to_async(connections.close_all)()

    return lambda coroutine: asyncio.run(run(coroutine))


@pytest.mark.parametrize("name", ["verified", "archived"])
def test_a_closed_account_is_closed_for_asynchronous_code_too(wait_for, request, name):
    """B01: ModelBackend has asynchronous methods of its own."""
    user = request.getfixturevalue(name)

    async def known():
        found = [await load_backend(backend).aget_user(user.pk) for backend in OWN_BACKENDS]
        return [*found, await aauthenticate(username=user.get_username(), password=PASSWORD)]

    assert wait_for(known()) == [user if name == "verified" else None] * 3


def test_a_token_backend_knows_nobody_by_a_password_in_asynchronous_code_either(wait_for, verified):
    """J01."""
    backend = load_backend(OWN_BACKENDS[0])

    assert wait_for(backend.aauthenticate(None, username=verified.get_username(), password=PASSWORD)) is None


@pytest.mark.parametrize("first", [MODEL_BACKEND, "graphql_auth.backends.AccountBackend"])
def test_a_backend_before_the_one_that_rejects_closed_accounts_stops_the_project(settings, first):
    settings.AUTHENTICATION_BACKENDS = [first, *(backend for backend in BACKENDS if backend != first)]

    with pytest.raises(Exception, match=r"GraphQLAuthBackend' first\. It rejects closed accounts"):
        call_command("check")
