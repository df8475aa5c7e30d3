"""Filters, sessions and actions in the admin."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.errors import Refusal
from graphql_auth.mails import kinds, queue
from graphql_auth.models import Session, UserStatus
from graphql_auth.signals import user_verified
from graphql_auth.transactions import atomic
from tests.conftest import NEW_PASSWORD, filled_in
from tests.graphql_auth.admin.helpers import COOKIE, ME, NOBODY, history, page
from tests.texts import subject


@pytest.mark.parametrize(
    ("chosen", "listed"),
    [
        ("verified=1", {"verified", "archived"}),
        ("verified=0", {"unverified"}),
        ("archived=1", {"archived"}),
        ("archived=0", {"unverified", "verified"}),
    ],
)
def test_users_are_filtered_by_status(office, staff, unverified, verified, archived, chosen, listed):
    users = office.get(page("changelist", get_user_model()) + f"?{chosen}").context["cl"].result_list

    assert {user.email.partition("@")[0] for user in users} - {"staff"} == listed


def test_a_user_shows_the_latest_sessions_the_live_ones_first(office, verified):
    now = timezone.now()
    for age in range(12):
        sessions.start(verified)
        begun = now - timedelta(days=age)
        Session.objects.filter(created_at__gt=now).update(
            created_at=begun, refreshed_at=begun, ended_at=begun if age < 6 else None
        )

    _, inline = office.get(page("change", verified)).context["inline_admin_formsets"]

    shown = [sessions.is_live(session) for session in inline.formset.get_queryset()]
    assert shown == [True] + [False] * 9


def test_a_page_that_shows_a_session_which_is_gone_can_be_saved(office, verified):
    sessions.start(verified)
    posted = filled_in(office.get(page("change", verified))) | {"first_name": "Ada"}
    Session.objects.all().delete()

    assert office.post(page("change", verified), posted).status_code == 302
    assert not Session.objects.exists()


def test_sessions_cannot_be_changed_on_the_page_of_a_user(office, save, verified):
    sessions.start(verified)
    session = verified.account_sessions.get()

    save(verified, **{"account_sessions-0-ended_at": "2020-01-01", "account_sessions-TOTAL_FORMS": "3"})

    assert [*verified.account_sessions.values()] == [*Session.objects.filter(pk=session.pk).values()]
    assert sessions.is_live(verified.account_sessions.get())


@pytest.mark.parametrize(
    ("action", "done", "skipped"),
    [
        ("verify", 1, {Refusal.ALREADY_VERIFIED: 3}),
        ("archive", 3, {Refusal.ALREADY_ARCHIVED: 1}),
        ("end_sessions", 1, {Refusal.NOT_LOGGED_IN: 3}),
        ("resend_activation", 1, {Refusal.ALREADY_VERIFIED: 2, Refusal.INACTIVE: 1}),
    ],
)
def test_an_action_says_what_it_did_and_notes_it(act, unverified, verified, archived, inactive, action, done, skipped):
    sessions.start(unverified)

    answer = act(action, unverified, verified, archived, inactive)

    [noted] = history(unverified)
    said = [f"{noted}: {done}", *(f"Skipped: {number}. {reason.message}" for reason, number in skipped.items())]
    assert sorted(answer) == sorted(said)
    assert len(history(archived)) == 0


def test_verifying_logs_out_and_sends_the_signal(act, query, unverified, verified, listen):
    notified = []
    listen(user_verified, lambda user, **about: notified.append(user))
    token = sessions.start(unverified).token

    act("verify", unverified, verified)

    assert UserStatus.objects.get(user=unverified).verified is True
    assert query(ME, login=token) == NOBODY
    assert notified == [unverified]


@pytest.mark.parametrize("action", ["archive", "end_sessions"])
def test_users_are_logged_out_by_an_action(act, query, mutate, verified, unverified, action):
    issued, other = sessions.start(verified), sessions.start(unverified).token

    act(action, verified)
    UserStatus.objects.update(archived=False)

    assert query(ME, login=issued.token) == NOBODY
    assert mutate("refreshToken", refresh_token=issued.refresh_token)["success"] is False
    assert query(ME, login=other) == {"me": {"email": unverified.email}}


def test_an_activation_mail_is_sent_to_whom_it_can_serve(act, make_user, unverified, mutate, mailoutbox, mailed_token):
    passwordless = make_user("passwordless", password=None)

    act("resend_activation", unverified, passwordless)

    assert [mail.to for mail in mailoutbox] == [["passwordless@example.com"], ["unverified@example.com"]]
    assert mutate("verifyAccount", token=mailed_token())["success"] is True


def test_a_failed_mail_is_reported(act, unverified, failing_mail):
    assert act("resend_activation", unverified) == [
        "Mailed the activation link: 0",
        f"Skipped: 1. {Refusal.EMAIL_FAIL.message}",
    ]
    assert history(unverified) == []


def test_an_address_is_not_flooded_by_staff(act, configure, unverified, mailoutbox):
    configure(RATE_LIMITS={"mail_address": "1/hour"})

    act("resend_activation", unverified)

    assert act("resend_activation", unverified)[1] == f"Skipped: 1. {Refusal.THROTTLED.message}"
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        ("change_userstatus", {"verify", "archive", "resend_activation"}),
        ("change_session", {"end_sessions"}),
        ("change_customuser", set()),
    ],
)
def test_an_action_needs_the_permission_to_change_what_it_changes(client, settings, make_user, permission, allowed):
    settings.SECURE_SSL_REDIRECT = False
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_customuser", permission]))
    client.force_login(clerk, COOKIE)

    form = client.get(page("changelist", get_user_model())).context["action_form"]

    assert {name for name, _ in form.fields["action"].choices if name} == allowed if allowed else form is None


def test_staff_can_end_sessions(office, query, verified, unverified):
    token, other = sessions.start(verified).token, sessions.start(unverified).token
    session = verified.account_sessions.get()

    office.post(page("changelist", Session), {"action": "end_sessions", "_selected_action": [session.pk]})

    assert query(ME, login=token) == NOBODY
    assert query(ME, login=other) == {"me": {"email": unverified.email}}
    assert history(session) == ["Ended"]


def test_a_session_that_has_ended_is_not_ended_again(office, verified):
    sessions.start(verified)
    ended = timezone.now() - timedelta(hours=1)
    verified.account_sessions.update(ended_at=ended)
    session = verified.account_sessions.get()

    form = {"action": "end_sessions", "_selected_action": [session.pk]}
    said = office.post(page("changelist", Session), form, follow=True).context["messages"]

    assert [str(message) for message in said] == ["Sessions ended: 0"]
    assert history(session) == []
    session.refresh_from_db()
    assert session.ended_at == ended


@pytest.mark.parametrize(("permission", "allowed"), [("view_session", False), ("change_session", True)])
def test_who_may_see_sessions_may_not_end_them(visit, make_user, verified, permission, allowed):
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_session", permission]))
    desk, _ = visit(clerk)
    sessions.start(verified)

    desk.post(
        page("changelist", Session),
        {"action": "end_sessions", "_selected_action": [verified.account_sessions.get().pk]},
    )

    assert (verified.account_sessions.get().ended_at is not None) is allowed


def test_a_session_cannot_be_added_or_edited(office, verified):
    sessions.start(verified)
    session = verified.account_sessions.get()

    assert office.get(page("add", Session)).status_code == 403
    assert not office.get(page("change", session)).context["adminform"].form.fields


def test_a_link_that_was_mailed_before_staff_changed_the_address_is_void(save, mutate, verified, mailed_token):
    """D03: it was sent to somebody else's mailbox."""
    with atomic():
        queue.add(kinds.PASSWORD_RESET, verified, to=verified.email)

    save(verified, email="other@example.com")

    answer = mutate("passwordReset", token=mailed_token(), new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    assert answer["errors"]["nonFieldErrors"][0]["code"] == "invalid_token"


@pytest.mark.django_db(transaction=True)
def test_an_owner_is_mailed_when_staff_changes_an_address(save, with_secondary, mailoutbox, settings):
    """B16: the primary address is notified, and the former one if it changes."""
    settings.SITE_NAME = "The Shop"
    primary, secondary = subject(kinds.EMAIL_CHANGED), subject(kinds.SECONDARY_EMAIL_CHANGED)

    save(with_secondary, email="three@example.com")
    save(with_secondary, status={"secondary_email": ""})
    save(with_secondary, first_name="Ada")

    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["two@example.com"], primary),
        (["three@example.com"], primary),
        (["three@example.com"], secondary),
    ]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_mailed_when_staff_corrects_an_address_that_was_never_verified(save, unverified, mailoutbox):
    """It may belong to somebody else."""
    save(unverified, email="corrected@example.com")

    assert mailoutbox == []


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_fails_does_not_keep_staff_from_changing_an_address(save, verified, failing_mail):
    save(verified, email="moved@example.com")

    assert len(failing_mail) == 2
    assert get_user_model().objects.get(pk=verified.pk).email == "moved@example.com"
