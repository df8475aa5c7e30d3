"""What staff needs to delete users."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.db.models import CASCADE

from graphql_auth import sessions
from graphql_auth.flows import login
from graphql_auth.models import Session, UsedRefreshToken, UserStatus
from tests.graphql_auth.staff.helpers import PERMISSIONS, User, address

ON_USERS = [name for name in PERMISSIONS if name.startswith("users.")]
KEPT_BY_PROGRAM = [UserStatus, Session, UsedRefreshToken, LogEntry]


@pytest.fixture
def register():
    """Return a function that adds a model to the admin for one test."""
    added = []

    def register(model):
        if not admin.site.is_registered(model):
            admin.site.register(model)
            added.append(model)

    yield register
    for model in added:
        admin.site.unregister(model)


@pytest.fixture
def active(make_user):
    """Return a user who has logged in and refreshed, is in a group, and has worked in the admin."""
    user = make_user("active", verified=True)
    login.refresh_token(refresh_token=sessions.start(user).refresh_token)
    user.groups.add(Group.objects.create(name="friends"))
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, single_object=True)
    return user


def by_page(desk, user):
    return desk.post(address("delete", user), {"post": "yes"})


def by_action(desk, user):
    form = {"action": "delete_selected", "_selected_action": user.pk, "post": "yes"}
    return desk.post(address("changelist", user), form)


def test_every_row_that_is_deleted_with_a_user_of_a_new_project_is_kept_by_program():
    cascading = {
        relation.related_model
        for model in (User, *KEPT_BY_PROGRAM)
        for relation in model._meta.related_objects
        if relation.on_delete is CASCADE and relation.related_model.__module__.startswith(("graphql_auth.", "django."))
    }

    assert cascading == set(KEPT_BY_PROGRAM)


@pytest.mark.parametrize("delete", [by_page, by_action])
def test_staff_deletes_a_user_who_has_logged_in(desk_of, active, register, delete):
    """It was forbidden without the permission to delete sessions."""
    desk = desk_of(*ON_USERS)
    for model in KEPT_BY_PROGRAM:
        register(model)
        assert model.objects.exists()

    response = delete(desk, active)

    assert response.status_code == 302
    assert not User.objects.filter(pk=active.pk).exists()
    assert not any(model.objects.exclude(user=desk.clerk).exists() for model in (UserStatus, Session, LogEntry))
    assert not UsedRefreshToken.objects.exists()


@pytest.mark.parametrize("delete", [by_page, by_action])
def test_rows_that_people_manage_still_need_their_permission(desk_of, active, register, delete):
    register(User.groups.through)

    delete(desk_of(*ON_USERS), active)

    assert User.objects.filter(pk=active.pk).exists()


@pytest.mark.parametrize("delete", [by_page, by_action])
def test_the_permission_to_delete_users_does_not_include_their_sessions_alone(desk_of, active, delete):
    desk = desk_of(*ON_USERS, "graphql_auth.view_session")

    delete(desk, Session.objects.get())

    assert Session.objects.exists()
