"""Deleting an account leaves no trace of it, however it is deleted."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session as AdminSession
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions
from graphql_auth.mails import kinds, queue
from graphql_auth.models import Session, UserStatus
from tests import leaks
from tests.conftest import PASSWORD, filled_in, key, mail_waits

# Unique texts to search for.
KEY, NAME, FIRST_NAME, SECONDARY = key(918273645), "zaphod", "Beeblebrox", "heartofgold@example.com"
TRACES = re.compile(f"{str(KEY)[-12:]}|{NAME}|{FIRST_NAME}|{SECONDARY}", re.IGNORECASE)


@pytest.fixture
def browse(settings):
    """Return `browse(user)`, a browser in which the user is logged in at the admin."""
    settings.SECURE_SSL_REDIRECT = False

    def browse(user):
        client = Client()
        form = {"username": user.get_username(), "password": PASSWORD, "next": reverse("admin:index")}
        assert client.post(reverse("admin:login"), form).status_code == 302
        return client

    return browse


@pytest.fixture
def busy(make_user, staff, browse, mutate, redis_store):
    """Return an account with data in all possible places."""
    user = make_user(NAME, pk=KEY, first_name=FIRST_NAME, verified=True, is_staff=True, is_superuser=True)
    with mail_waits():
        for _ in range(3):
            mutate("sendPasswordResetEmail", email=user.email)
        mutate("sendSecondaryEmailActivation", login=user, email=SECONDARY, password=PASSWORD)
        user.status.change(secondary_email=SECONDARY)
        mutate("sendPasswordResetEmail", email=SECONDARY)
        sending, failed, sent, *_ = DBTaskResult.objects.order_by("enqueued_at")
        sending.claim("worker")
        failed.set_failed(ValueError(user.email))
        sent.set_successful(None)
    token = mutate("tokenAuth", email=SECONDARY, password=PASSWORD)
    mutate("tokenAuth", email=user.email, password="wrong")
    mutate("refreshToken", refresh_token=token["refreshToken"])
    mutate("updateAccount", login=token["token"], last_name=FIRST_NAME)
    # What the user does in the admin, and what staff does to the user there.
    theirs, office = browse(user), browse(staff)
    theirs.post(reverse("admin:auth_group_add"), {"name": "a group"})
    address = reverse("admin:users_customuser_change", args=[KEY])
    office.post(address, filled_in(office.get(address)) | {"first_name": f"{FIRST_NAME} II", "status-0-archived": "on"})
    office.post(address, filled_in(office.get(address)) | {"first_name": FIRST_NAME, "status-0-archived": ""})
    act(office, "users_customuser", "archive", KEY)
    sessions.start(user)
    act(office, "graphql_auth_session", "end_sessions", *[one.pk for one in Session.objects.filter(ended_at=None)])
    user = get_user_model().objects.get(pk=KEY)
    user.status.change(archived=False)
    assert LogEntry.objects.filter(user=user).exists()
    assert LogEntry.objects.filter(object_id=KEY).count() >= 3
    assert str(KEY) in {row.get_decoded()["_auth_user_id"] for row in AdminSession.objects.all()}
    return user


def act(client, model, action, *keys, **more):
    """Run an action of the admin."""
    selected = {"action": action, "_selected_action": [str(key) for key in keys], **more}
    return client.post(reverse(f"admin:{model}_changelist"), selected)


def delete_by_the_api(user, **tools):
    tools["configure"](ALLOW_DELETE_ACCOUNT=True)
    assert tools["mutate"]("deleteAccount", login=user, password=PASSWORD)["success"] is True


def delete_by_the_page_of_the_admin(user, **tools):
    tools["browse"](tools["staff"]).post(reverse("admin:users_customuser_delete", args=[user.pk]), {"post": "yes"})


def delete_by_an_action_of_the_admin(user, **tools):
    act(tools["browse"](tools["staff"]), "users_customuser", "delete_selected", user.pk, post="yes")


def delete_by_a_query(user, **tools):
    get_user_model().objects.filter(pk=user.pk).delete()


def delete_by_code(user, **tools):
    user.delete()


WAYS = [
    delete_by_the_api,
    delete_by_the_page_of_the_admin,
    delete_by_an_action_of_the_admin,
    delete_by_a_query,
    delete_by_code,
]


@pytest.mark.parametrize("delete", WAYS)
def test_nothing_is_left_of_an_account_that_is_deleted(
    busy, staff, verified, mutate, browse, configure, redis_store, caplog, delete
):
    """B08: there were traces in the mail queue, the admin's history and elsewhere."""
    assert [row for row in leaks.rows() if TRACES.search(row)]
    with mail_waits():
        queue.add(kinds.PASSWORD_RESET, verified, to=verified.email)

    delete(busy, mutate=mutate, browse=browse, staff=staff, configure=configure)

    assert not get_user_model().objects.filter(pk=KEY).exists()
    assert [row for row in leaks.rows() if TRACES.search(row)] == []
    assert [row for row in AdminSession.objects.all() if TRACES.search(str(row.get_decoded()))] == []
    stored = [str(key) for key in redis_store.scan_iter()]
    assert stored
    assert [key for key in stored if TRACES.search(key)] == []
    assert [line for line in leaks.lines(caplog) if TRACES.search(line)] == []
    # What is not about the account stays: the mail of another, what staff did when, and what the account made.
    assert [task.args_kwargs["args"][1] for task in DBTaskResult.objects.ready()] == [str(verified.pk)]
    assert LogEntry.objects.filter(user=staff, object_repr="deleted account").exists()
    assert Group.objects.get().name == "a group"
    assert str(staff.pk) in {row.get_decoded()["_auth_user_id"] for row in AdminSession.objects.all()}


def test_the_history_of_a_deleted_account_can_be_read(busy, staff, browse):
    busy.delete()

    response = browse(staff).get(reverse("admin:index"))

    assert "deleted account" in response.content.decode()


def test_a_worker_goes_on_that_was_sending_a_mail_to_an_account_that_is_deleted(verified):
    with mail_waits():
        queue.add(kinds.PASSWORD_RESET, verified, to=verified.email)
    task = DBTaskResult.objects.get()
    task.claim("worker")
    verified.delete()

    task.set_successful(None)

    task.refresh_from_db()
    assert (task.status, task.args_kwargs) == ("SUCCESSFUL", {"args": [], "kwargs": {}})


def test_an_account_that_is_only_closed_keeps_what_it_has(mutate, verified):
    with mail_waits():
        queue.add(kinds.PASSWORD_RESET, verified, to=verified.email)

    mutate("deleteAccount", login=verified, password=PASSWORD)

    assert UserStatus.objects.get().user.is_active is False
    assert DBTaskResult.objects.exists()
