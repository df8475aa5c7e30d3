"""Which accounts staff may act on."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group

from graphql_auth import sessions
from graphql_auth.admin.bounds import OUT_OF_REACH
from graphql_auth.models import Session, UserStatus
from tests.conftest import NEW_PASSWORD
from tests.graphql_auth.staff.helpers import CLERK, LACKED, User, address, by_form, delete, password_page, permission

REFUSED = "Refused: "


def superuser(user):
    User.objects.filter(pk=user.pk).update(is_superuser=True)


def has_a_permission(user):
    user.user_permissions.add(permission(LACKED))


def has_one_by_a_group(user):
    group = Group.objects.create(name="Mail")
    group.permissions.add(permission(LACKED))
    user.groups.add(group)


def has_one_while_inactive(user):
    has_a_permission(user)
    User.objects.filter(pk=user.pk).update(is_active=False)


def is_archived_and_superuser(user):
    superuser(user)
    user.status.change(archived=True)


def is_an_equal(user):
    user.user_permissions.set(map(permission, CLERK))


def is_nobody(user):
    pass


def by_action(name, model=User, **form):
    def act(desk, user):
        chosen = user.pk if model is User else user.account_sessions.get().pk
        posted = {"action": name, "_selected_action": [chosen], **form}
        return desk.post(address("changelist", model), posted)

    act.__name__ = f"{name}_{model._meta.model_name}"
    return act


def set_password(desk, user):
    form = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return desk.post(password_page(user), form)


def disable_password(desk, user):
    return desk.post(password_page(user), {"usable_password": "false", "unset-password": "1"})


def delete_user(desk, user):
    return delete(lambda user: user, desk, user)


def delete_session(desk, user):
    return delete(lambda user: user.account_sessions.get(), desk, user)


ACTS = [
    by_action("archive"),
    by_action("end_sessions"),
    by_action("delete_selected", post="yes"),
    by_action("end_sessions", Session),
    by_action("delete_selected", Session, post="yes"),
    by_form(first_name="Mallory"),
    by_form(email="mallory@example.com"),
    by_form(**{"status-0-archived": "on"}),
    by_form(**{"status-0-secondary_email": "mallory@example.com"}),
    by_form(is_active=None),
    set_password,
    disable_password,
    delete_user,
    delete_session,
]
ACTS_ON_UNVERIFIED = [by_action("verify"), by_action("resend_activation"), by_form(**{"status-0-verified": "on"})]
MORE = [superuser, has_a_permission, has_one_by_a_group, has_one_while_inactive, is_archived_and_superuser]


def stored(user, mailoutbox):
    """Return all that is stored about `user` and done to it."""
    return (
        User.objects.filter(pk=user.pk).values().first(),
        UserStatus.objects.filter(user_id=user.pk).values().first(),
        [*Session.objects.filter(user_id=user.pk).values()],
        [*User.user_permissions.through.objects.values()],
        LogEntry.objects.exclude(change_message__startswith=REFUSED).count(),
        len(mailoutbox),
    )


@pytest.mark.parametrize("rank", [*MORE, is_an_equal, is_nobody], ids=lambda rank: rank.__name__)
@pytest.mark.parametrize("act", [*ACTS, *ACTS_ON_UNVERIFIED], ids=lambda act: act.__name__)
@pytest.mark.usefixtures("unrendered")
def test_staff_never_acts_on_an_account_that_may_do_more(desk_of, make_user, mailoutbox, act, rank):
    """A08: with change_userstatus alone they archived a superuser. The history of the object has each attempt."""
    desk = desk_of(*CLERK)
    other = make_user("other", verified=act not in ACTS_ON_UNVERIFIED, is_staff=True)
    sessions.start(other)
    rank(other)
    before = stored(other, mailoutbox)

    response = act(desk, User.objects.get(pk=other.pk))

    assert response.status_code in (200, 302, 403)
    assert (stored(other, mailoutbox) == before) is (rank in MORE)
    attempts = LogEntry.objects.filter(change_message__startswith=REFUSED, user=desk.clerk)
    assert attempts.count() == (rank in MORE)


@pytest.mark.parametrize("rank", [*MORE, is_an_equal, is_nobody], ids=lambda rank: rank.__name__)
def test_the_history_of_an_account_that_may_do_more_is_not_shown(desk_of, make_user, rank):
    """A08."""
    desk, other = desk_of(*CLERK), make_user("other")
    rank(other)

    for page in (address("history", other), password_page(other)):
        assert desk.get(page).status_code == (403 if rank in MORE else 200)
    assert desk.get(address("change", other)).status_code == 200


def test_an_action_says_whom_it_skipped(desk_of, make_user, staff):
    """A08: and does the rest."""
    desk, other = desk_of(*CLERK), make_user("other", verified=True)
    for user in (staff, other):
        sessions.start(user)

    done = desk.post(
        address("changelist", User), {"action": "archive", "_selected_action": [staff.pk, other.pk]}, follow=True
    )
    chosen = [session.pk for session in Session.objects.filter(ended_at=None)]
    sessions.start(other)
    chosen.append(other.account_sessions.get(ended_at=None).pk)
    ended = desk.post(
        address("changelist", Session), {"action": "end_sessions", "_selected_action": chosen}, follow=True
    )

    assert {str(said) for said in done.context["messages"]} == {"Archived: 1", f"Skipped: 1. {OUT_OF_REACH}"}
    assert {str(said) for said in ended.context["messages"]} == {"Sessions ended: 1", f"Skipped: 1. {OUT_OF_REACH}"}
    assert UserStatus.objects.get(user=staff).archived is False


@pytest.mark.parametrize("rank", [*MORE, is_an_equal, is_nobody], ids=lambda rank: rank.__name__)
def test_a_list_that_can_be_edited_changes_no_account_that_may_do_more(
    desk_of, make_user, mailoutbox, monkeypatch, rank
):
    """A08, B03: Django asks for no permission on each row there."""
    monkeypatch.setattr(admin.site.get_model_admin(User), "list_editable", ("is_active", "is_staff"))
    desk, other = desk_of(*CLERK), make_user("other", verified=True)
    rank(other)
    before = stored(other, mailoutbox)
    listed = desk.get(address("changelist", User) + f"?id={other.pk}").context["cl"].formset
    form = {field.html_name: field.value() for row in listed.forms for field in row} | {"_save": "Save"}
    form |= {field.html_name: field.value() for field in listed.management_form} | {"form-0-is_staff": "on"}

    response = desk.post(
        address("changelist", User) + f"?id={other.pk}", {name: value for name, value in form.items() if value}
    )

    assert response.status_code == (403 if rank in MORE else 302)
    assert (stored(other, mailoutbox) == before) is (rank in MORE)
