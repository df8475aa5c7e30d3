"""Django's admin."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from graphql_auth import sessions, tokens
from graphql_auth.mails import kinds, queue
from graphql_auth.models import Session, UserStatus
from graphql_auth.signals import user_verified
from graphql_auth.transactions import atomic
from tests.conftest import NEW_PASSWORD, PASSWORD, filled_in

COOKIE = "django.contrib.auth.backends.ModelBackend"
EMAIL_TAKEN = "A user with that email already exists."
ME = "{ me { email } }"
NOBODY = {"me": None}


@pytest.fixture
def visit(settings):
    """Return a function that logs in at the admin and returns the client, and the page that it comes to."""
    settings.SECURE_SSL_REDIRECT = False

    def visit(user, password=PASSWORD):
        client = Client()
        form = {"username": user.get_username(), "password": password, "next": reverse("admin:index")}
        return client, client.post(reverse("admin:login"), form, follow=True)

    return visit


@pytest.fixture
def office(visit, staff):
    """Return a client of the admin, logged in as staff."""
    return visit(staff)[0]


@pytest.fixture
def post(office):
    """Return a function that changes fields in the page of a user and its status, and posts it as a browser does."""

    def post(user, status=None, **changes):
        response = office.get(page("change", user))
        posted = filled_in(response) | changes | {f"status-0-{name}": value for name, value in (status or {}).items()}
        return office.post(page("change", user), {name: value for name, value in posted.items() if value is not None})

    return post


@pytest.fixture
def save(post):
    """Return a function that posts as `post` does and must not be refused."""

    def save(user, status=None, **changes):
        response = post(user, status, **changes)
        assert response.status_code == 302, response.context["errors"]

    return save


@pytest.fixture
def act(office):
    """Return a function that runs an action on users and returns what the admin says about it."""

    def act(action, *users):
        form = {"action": action, "_selected_action": [user.pk for user in users]}
        response = office.post(page("changelist", get_user_model()), form, follow=True)
        return [str(message) for message in response.context["messages"]]

    return act


def page(name, thing, *arguments):
    """Return the URL of the admin page `name` for a model or an object."""
    arguments = arguments or ((thing.pk,) if name != "changelist" and name != "add" else ())
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{name}", args=arguments)


def history(thing):
    """Return the messages in the history of an object, the latest last."""
    entries = LogEntry.objects.filter(object_id=thing.pk, content_type__model=thing._meta.model_name)
    return [entry.get_change_message() for entry in entries.order_by("pk")]


def errors_of(response):
    """Return the error messages of a form."""
    assert response.status_code == 200
    return [*response.context["errors"]]


@pytest.mark.parametrize("model", [get_user_model(), Session])
@pytest.mark.parametrize("search", ["", "?q=verified", "?q=nobody"])
def test_the_lists_load_and_can_be_searched(office, verified, model, search):
    sessions.start(verified)

    response = office.get(page("changelist", model) + search)

    listed = {getattr(thing, "user", thing) for thing in response.context["cl"].result_list}
    assert (verified in listed) is (search != "?q=nobody")


def test_a_secondary_address_is_found(office, with_secondary, verified):
    response = office.get(page("changelist", get_user_model()) + "?q=two_secondary")

    assert [*response.context["cl"].result_list] == [with_secondary]


def test_the_pages_of_objects_load(office, with_secondary):
    sessions.start(with_secondary)

    for thing in (with_secondary, with_secondary.account_sessions.get()):
        assert office.get(page("change", thing)).status_code == 200


def test_the_lists_take_as_many_queries_for_many_as_for_one(office, make_user, django_assert_max_num_queries):
    for number in range(20):
        sessions.start(make_user(f"user{number}"))

    for model in (get_user_model(), Session):
        with django_assert_max_num_queries(8):
            office.get(page("changelist", model))


def test_a_page_takes_as_many_queries_for_many_sessions_as_for_one(office, verified, django_assert_num_queries):
    sessions.start(verified)
    office.get(page("change", verified))  # What Django remembers of it is remembered.
    with CaptureQueriesContext(connection) as one:
        office.get(page("change", verified))
    for _ in range(12):
        sessions.start(verified)

    with django_assert_num_queries(len(one)):
        office.get(page("change", verified))


def test_no_token_and_no_hash_is_shown(office, verified):
    """D11: a token's text was its title."""
    issued = sessions.start(verified)
    session = verified.account_sessions.get()
    secrets = [
        issued.token,
        issued.refresh_token,
        session.refresh_digest,
        verified.password,
        verified.password.split("$")[-1],
    ]
    pages = [page("changelist", model) for model in (get_user_model(), Session)]
    pages += [page("change", thing) for thing in (verified, session)]
    pages += [page("delete", thing) for thing in (verified, session)]

    for address in pages:
        text = office.get(address).content.decode()
        assert not [secret for secret in secrets if secret in text], address


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

    assert answers[0] == answers[1] != answers[2] == "Too many attempts. Please try again later."
    assert hashes() == 2
    (error,) = mutate("tokenAuth", email=user.email, password=PASSWORD)["errors"]["nonFieldErrors"]
    assert error["code"] == "throttled"


def test_a_try_at_the_admin_for_nobody_is_counted_and_hashed_too(enter, hashes):
    """D19."""
    nobody = get_user_model()(**{get_user_model().USERNAME_FIELD: "nobody@example.com"})

    answers = [enter(nobody, "wrong") for _ in range(3)]

    assert answers[0] == answers[1] != answers[2] == "Too many attempts. Please try again later."
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
    assert enter(spelled, PASSWORD) == "Too many attempts. Please try again later."


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
    assert history(user) == [f"Changed Verified for status “{user}”."]


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


# Actions


@pytest.mark.parametrize(
    ("action", "said", "noted"),
    [
        ("verify", ["Verified: 1", "Skipped: 3. Account already verified."], "Verified"),
        ("archive", ["Archived: 3", "Skipped: 1. Account already archived."], "Archived"),
        ("end_sessions", ["Logged out: 1", "Skipped: 3. No session to end."], "Logged out"),
        (
            "resend_activation",
            [
                "Mailed the activation link: 1",
                "Skipped: 2. Account already verified.",
                "Skipped: 1. Account is not active.",
            ],
            "Mailed the activation link",
        ),
    ],
)
def test_an_action_says_what_it_did_and_notes_it(act, unverified, verified, archived, inactive, action, said, noted):
    sessions.start(unverified)

    answer = act(action, unverified, verified, archived, inactive)

    assert sorted(answer) == sorted(said)
    assert history(unverified) == [noted]
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
        "Skipped: 1. Failed to send email.",
    ]
    assert history(unverified) == []


def test_an_address_is_not_flooded_by_staff(act, configure, unverified, mailoutbox):
    configure(RATE_LIMITS={"mail_address": "1/hour"})

    act("resend_activation", unverified)

    assert act("resend_activation", unverified)[1].startswith("Skipped: 1. Too many attempts.")
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
    primary = "The email address of your account at The Shop was changed"
    secondary = "The secondary address of your account at The Shop was changed"

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
