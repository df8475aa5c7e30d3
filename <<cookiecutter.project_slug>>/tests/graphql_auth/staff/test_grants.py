"""Which permissions staff may grant."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client

from tests.conftest import PASSWORD
from tests.graphql_auth.staff.helpers import BACKEND, CLERK, LACKED, PERMISSIONS, User, address, by_form, permission


def grants_of(user):
    """Return what `user` may do."""
    user = User.objects.get(pk=user.pk)
    return user.is_superuser, {*user.get_all_permissions()}


def open_to_all(name):
    group = Group.objects.create(name=name)
    group.permissions.set(map(permission, CLERK[:2]))
    return group


# All that staff has can be granted at once; each permission that they lack is refused on its own.
GRANTS = [{*CLERK} & {*PERMISSIONS}, *({name} for name in PERMISSIONS if name not in CLERK)]
every_grant = pytest.mark.parametrize("names", GRANTS, ids=lambda names: "held" if len(names) > 1 else min(names))


@every_grant
@pytest.mark.usefixtures("unrendered")
def test_staff_grants_a_permission_only_if_they_have_it(desk_of, make_user, names):
    """B03: plain change_customuser could tick every permission."""
    desk, user = desk_of(*CLERK), make_user("other", verified=True)
    granted = [permission(name).pk for name in names]

    by_form(user_permissions=granted, is_active="on", is_staff="on")(desk, user)

    assert grants_of(user)[1] == names & {*CLERK}


@every_grant
@pytest.mark.usefixtures("unrendered")
def test_staff_puts_users_only_into_groups_that_give_what_they_have(desk_of, make_user, names):
    """B03."""
    desk, user = desk_of(*CLERK), make_user("other", verified=True)
    group = open_to_all("Many")
    group.permissions.add(*map(permission, names))

    by_form(groups=[group.pk], is_active="on")(desk, user)

    assert (group in user.groups.all()) is (names <= {*CLERK})


@pytest.mark.parametrize("new", [True, False])
@every_grant
@pytest.mark.usefixtures("unrendered")
def test_staff_gives_a_group_only_permissions_that_they_have(desk_of, names, new):
    """B03: whoever could change groups was superuser in two posts."""
    desk = desk_of()
    group = open_to_all("Clerks")
    group.permissions.set(map(permission, CLERK))
    desk.clerk.groups.add(group)
    page = address("add", Group) if new else address("change", group)
    given = {permission(name) for name in names}

    desk.post(page, {"name": "New", "permissions": [one.pk for one in given]})

    saved = Group.objects.filter(name="New").first()
    assert {*saved.permissions.all()} == given if names <= {*CLERK} else saved is None
    assert new or names <= {*CLERK} or group.permissions.count() == len(CLERK)


@pytest.mark.parametrize("act", ["change", "delete", "delete_selected"])
@pytest.mark.parametrize("more", [True, False])
def test_staff_takes_no_permission_from_a_group_that_they_do_not_have(desk_of, act, more):
    """B03."""
    desk = desk_of(*CLERK)
    group = open_to_all("Mail")
    if more:
        group.permissions.add(permission(LACKED))
    before = [group.name, *group.permissions.order_by("pk")]

    if act == "delete_selected":
        form = {"action": act, "_selected_action": [group.pk], "post": "yes"}
        desk.post(address("changelist", Group), form)
    else:
        desk.post(address(act, group), {"name": "Other", "post": "yes"})

    left = Group.objects.filter(pk=group.pk).first()
    assert (left is not None and [left.name, *left.permissions.order_by("pk")] == before) is more


def test_no_forged_field_makes_a_superuser(desk_of, make_user):
    """B03: not even in the form for a new user, which shows none of these fields."""
    desk = desk_of(*CLERK)
    had = grants_of(desk.clerk)[1]
    group = Group.objects.create(name="All")
    group.permissions.set(Permission.objects.all())
    everything = [*Permission.objects.values_list("pk", flat=True)]
    flags = {"is_superuser": "on", "is_staff": "on", "is_active": "on"}
    new = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    # % if cookiecutter.login_field == "username"
    new["username"] = "new"
    # % endif

    for user in (desk.clerk, make_user("other", verified=True)):
        for forged in ({}, {"user_permissions": everything}, {"groups": [group.pk]}):
            by_form(**flags, **forged)(desk, user)
    desk.post(address("add", User), new | flags | {"user_permissions": everything, "groups": [group.pk]})

    assert User.objects.filter(email="new@example.com").exists()
    for user in User.objects.all():
        is_superuser, permissions = grants_of(user)
        assert is_superuser is False
        assert permissions <= had


def test_a_superuser_grants_everything(make_user, staff):
    desk, other = Client(), make_user("other", verified=True)
    desk.force_login(staff, BACKEND)
    everything = list(Permission.objects.values_list("pk", flat=True))

    response = by_form(is_superuser="on", is_active="on", user_permissions=everything)(desk, other)

    assert response.status_code == 302
    other.refresh_from_db()
    assert (other.is_superuser, other.user_permissions.count()) == (True, len(everything))


def test_a_list_that_can_be_edited_makes_nobody_superuser(desk_of, make_user, monkeypatch):
    """B03."""
    office = admin.site.get_model_admin(User)
    monkeypatch.setattr(office, "list_display", (*office.list_display, "is_superuser"))
    monkeypatch.setattr(office, "list_editable", ("is_superuser", "is_staff"))
    desk, other = desk_of(*CLERK), make_user("other")
    page = address("changelist", User) + f"?id={other.pk}"
    listed = desk.get(page).context["cl"].formset
    form = {field.html_name: field.value() for field in listed.management_form}
    form |= {"form-0-id": other.pk, "form-0-is_superuser": "on", "form-0-is_staff": "on", "_save": "Save"}

    desk.post(page, form)

    other.refresh_from_db()
    assert (other.is_superuser, other.is_staff) == (False, True)


def test_pages_of_staff_ask_for_their_reach_once(desk_of, make_user, django_assert_max_num_queries):
    desk, other = desk_of(*CLERK), make_user("other")
    desk.get(address("change", other))

    with django_assert_max_num_queries(20):
        desk.get(address("change", other))
