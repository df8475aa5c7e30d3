"""Changing, archiving and deleting an account, and which tokens this invalidates."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client
from django.urls import reverse

from graphql_auth import sessions, tokens
from graphql_auth.flows import credentials
from graphql_auth.models import Session, UserStatus
from tests.api import null_outputs, verdict
from tests.conftest import NEW_PASSWORD, PASSWORD, filled_in, refused

DONE = {"success": True, "errors": None}
NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
INVALID_TOKEN = refused("invalid_token", "Invalid token.")
UNAUTHENTICATED = refused("unauthenticated", "Unauthenticated.")
NOT_VERIFIED = refused("not_verified", "Please verify your account.")
THROTTLED = refused("throttled", "Too many attempts. Please try again later.")

PROTECTED = {
    "updateAccount": {"first_name": "Luke"},
    "archiveAccount": {"password": PASSWORD},
    "deleteAccount": {"password": PASSWORD},
    "passwordChange": {"old_password": PASSWORD, **NEW},
    "sendSecondaryEmailActivation": {"email": "second@example.com", "password": PASSWORD},
    "swapEmails": {"password": PASSWORD},
    "removeSecondaryEmail": {"password": PASSWORD},
}
PASSWORD_FIELDS = {
    name: "old_password" if "old_password" in arguments else "password"
    for name, arguments in PROTECTED.items()
    if name != "updateAccount"
}


def stored(user):
    return get_user_model().objects.select_related("status").get(pk=user.pk)


@pytest.mark.parametrize("name", PROTECTED)
@pytest.mark.parametrize("login", [None, "not-a-token"])
def test_a_protected_mutation_rejects_anonymous_clients(mutate, db, name, login):
    answer = mutate(name, login=login, **PROTECTED[name])

    assert answer == {"success": False, "errors": UNAUTHENTICATED, **null_outputs(name)}


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_mutation_refuses_an_unverified_account(mutate, make_user, mailoutbox, name):
    user = make_user("unverified", secondary_email="second@example.com")

    answer = mutate(name, login=user, **PROTECTED[name])

    assert answer == {"success": False, "errors": NOT_VERIFIED, **null_outputs(name)}
    assert stored(user).first_name == ""
    assert mailoutbox == []


@pytest.mark.parametrize("name", PROTECTED)
def test_an_account_without_a_status_counts_as_unverified(mutate, verified, name):
    """D27: users from before the account system, or from bulk_create, have no status row."""
    token = sessions.start(verified).token
    UserStatus.objects.all().delete()

    assert mutate(name, login=token, **PROTECTED[name])["errors"] == NOT_VERIFIED


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_mutation_refuses_an_archived_account(mutate, verified, name):
    """D10: also when its session was not ended, as by a change in the database."""
    token = sessions.start(verified).token
    UserStatus.objects.update(archived=True)

    assert mutate(name, login=token, **PROTECTED[name])["errors"] == UNAUTHENTICATED


@pytest.mark.parametrize("name", PASSWORD_FIELDS)
@pytest.mark.parametrize("wrong", ["wrong", "", f" {PASSWORD}", PASSWORD.upper()])
def test_a_protected_mutation_refuses_a_wrong_password(mutate, with_secondary, mailoutbox, hashes, name, wrong):
    token, before = sessions.start(with_secondary).token, stored(with_secondary)
    field = PASSWORD_FIELDS[name]

    answer = mutate(name, login=token, **PROTECTED[name] | {field: wrong})

    place = "oldPassword" if field == "old_password" else "password"
    errors = refused("invalid_password", "Invalid password.", place)
    assert answer == {"success": False, "errors": errors, **null_outputs(name)}
    assert hashes() == 1
    after = stored(with_secondary)
    assert (after.email, after.password, after.is_active) == (before.email, before.password, True)
    assert (after.status.archived, after.status.secondary_email) == (False, "two_secondary@example.com")
    assert Session.objects.filter(ended_at=None).count() == 1
    assert mailoutbox == []


def test_guesses_at_the_password_are_limited_over_all_mutations(mutate, configure, with_secondary, hashes):
    """D20: all confirmations of the password share one limit."""
    configure(RATE_LIMITS={"login": "6/hour"})
    token = sessions.start(with_secondary).token

    for name, field in PASSWORD_FIELDS.items():
        assert "nonFieldErrors" not in mutate(name, login=token, **PROTECTED[name] | {field: "wrong"})["errors"]

    for name in PASSWORD_FIELDS:
        assert mutate(name, login=token, **PROTECTED[name])["errors"] == THROTTLED
    assert hashes() == 6


def test_the_owner_is_not_locked_out_by_the_guesses_of_strangers(mutate, configure, verified):
    """D20: the failed logins of strangers do not count for a client that is logged in."""
    configure(RATE_LIMITS={"login_account": "2/hour"})
    token = sessions.start(verified).token
    for _ in range(3):
        mutate("tokenAuth", email=verified.email, password="wrong")

    assert mutate("tokenAuth", email=verified.email, password=PASSWORD)["errors"] == THROTTLED
    assert verdict(mutate("archiveAccount", login=token, password=PASSWORD)) == DONE


def test_an_account_changes_the_fields_it_is_given(mutate, query, verified):
    token = sessions.start(verified).token

    assert verdict(mutate("updateAccount", login=token, first_name="Luke", last_name="Skywalker")) == DONE
    assert query("{ me { firstName lastName } }", login=token) == {"me": {"firstName": "Luke", "lastName": "Skywalker"}}


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ("Luke", "Skywalker")),
        ({"first_name": "Leia"}, ("Leia", "Skywalker")),
        ({"last_name": ""}, ("Luke", "")),
        ({"first_name": " Leia "}, ("Leia", "Skywalker")),
    ],
)
def test_omitted_fields_stay_unchanged(mutate, make_user, changes, names):
    user = make_user("luke", verified=True, first_name="Luke", last_name="Skywalker")

    assert verdict(mutate("updateAccount", login=user, **changes)) == DONE
    assert (stored(user).first_name, stored(user).last_name) == names


def test_null_is_refused_where_a_column_is_never_null(mutate, make_user):
    """Success with nothing changed was the answer."""
    user = make_user("luke", verified=True, first_name="Luke", last_name="Skywalker")

    answer = mutate("updateAccount", login=user, first_name=None, last_name="Organa")

    assert answer["errors"] == refused("null", "This field cannot be null.", "firstName")
    assert (stored(user).first_name, stored(user).last_name) == ("Luke", "Skywalker")


def _turn_down(user, **_):
    raise ValidationError({"first_name": ValidationError("Not that one.", code="taboo")})


def _turn_down_as_a_whole(user, **_):
    raise ValidationError("Not now.", code="taboo")


def _set_back(user, **_):
    user.first_name = "Luke"


@pytest.mark.parametrize(
    ("react", "errors"),
    [
        (_turn_down, refused("taboo", "Not that one.", "firstName")),
        (_turn_down_as_a_whole, refused("taboo", "Not now.")),
        (_set_back, refused("invalid", "Enter a valid value.", "firstName")),
    ],
    ids=["turns it down", "turns all down", "sets it back"],
)
@pytest.mark.parametrize("when", ["clean", "save"])
def test_a_value_that_the_model_does_not_take_is_refused(mutate, make_user, monkeypatch, when, react, errors):
    user = make_user("luke", verified=True, first_name="Luke")
    usual = getattr(get_user_model(), when)

    def unwilling(self, *arguments, **options):
        react(self)
        usual(self, *arguments, **options)

    monkeypatch.setattr(get_user_model(), when, unwilling)

    assert mutate("updateAccount", login=user, first_name="Leia", last_name="Organa")["errors"] == errors
    monkeypatch.undo()
    assert (stored(user).first_name, stored(user).last_name) == ("Luke", "")


def test_a_value_that_is_too_long_is_refused_at_its_field(mutate, verified):
    answer = mutate("updateAccount", login=verified, first_name="x" * 151, last_name="Skywalker")

    message = "Ensure this value has at most 150 characters (it has 151)."
    assert answer["errors"] == refused("max_length", message, "firstName")
    assert stored(verified).last_name == ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda user: get_user_model().objects.update(is_active=False), "unauthenticated"),
        (lambda user: UserStatus.objects.update(archived=True), "unauthenticated"),
        (lambda user: user.delete(), "unauthenticated"),
        (lambda user: UserStatus.objects.update(verified=False), "not_verified"),
    ],
    ids=["inactive", "archived", "deleted", "unverified"],
)
def test_an_update_is_refused_when_the_account_was_closed_meanwhile(mutate, verified, monkeypatch, change, code):
    """D10: another request may come between checking the token and locking the account."""

    def lock_open(user):
        change(get_user_model().objects.get(pk=user.pk))
        return credentials.lock_open(user)

    monkeypatch.setattr("graphql_auth.flows.account.lock_open", lock_open)

    [[error]] = mutate("updateAccount", login=verified, first_name="Luke")["errors"].values()

    assert error["code"] == code
    assert not get_user_model().objects.filter(first_name="Luke").exists()


def test_an_update_saves_only_the_given_fields(mutate, verified, listen):
    """D07: it must not overwrite a concurrent ban, new password or new address."""
    meanwhile = {"password": "changed", "email": "changed@example.com", "is_active": False, "last_name": "Changed"}

    def change(instance, **_):
        get_user_model().objects.filter(pk=instance.pk).update(**meanwhile)

    listen(pre_save, change, sender=get_user_model())

    assert verdict(mutate("updateAccount", login=verified, first_name="Luke")) == DONE
    row = get_user_model().objects.values("first_name", *meanwhile).get(pk=verified.pk)
    assert row == {"first_name": "Luke", **meanwhile}
# % if cookiecutter.login_field == "username"


def test_an_account_with_a_username_of_former_rules_can_change_itself(mutate, with_secondary):
    with_secondary.username = with_secondary.email
    with_secondary.save()

    assert verdict(mutate("updateAccount", login=with_secondary, first_name="Luke")) == DONE
# % endif


def test_an_archived_account_is_logged_out_until_it_logs_in(mutate, query, verified):
    token = sessions.start(verified).token

    assert verdict(mutate("archiveAccount", login=token, password=PASSWORD)) == DONE
    assert stored(verified).status.archived is True
    assert query("{ me { email } }", login=token) == {"me": None}

    assert mutate("tokenAuth", email=verified.email, password=PASSWORD)["unarchiving"] is True
    assert stored(verified).status.archived is False
    assert query("{ me { email } }", login=token) == {"me": None}


def test_a_deleted_account_is_made_inactive(mutate, verified):
    assert mutate("deleteAccount", login=verified, password=PASSWORD) == DONE
    assert stored(verified).is_active is False
    assert mutate("tokenAuth", email=verified.email, password=PASSWORD)["errors"] == refused(
        "invalid_credentials", "Please, enter valid credentials."
    )


def test_a_deleted_account_is_removed_where_that_is_allowed(mutate, configure, verified, new_account):
    configure(ALLOW_DELETE_ACCOUNT=True)

    assert mutate("deleteAccount", login=verified, password=PASSWORD) == DONE
    assert not get_user_model().objects.exists()
    assert not Session.objects.exists()
    assert mutate("register", **new_account | {"email": verified.email})["success"] is True


def reset(mutate, user, **_):
    return mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, user), **NEW)["success"]


def change(mutate, user, **_):
    return mutate("passwordChange", login=user, old_password=PASSWORD, **NEW)["success"]


def set_first(mutate, user, **_):
    return mutate("passwordSet", token=tokens.make(tokens.PASSWORD_SET, user), **NEW)["success"]


def archive(mutate, user, **_):
    return mutate("archiveAccount", login=user, password=PASSWORD)["success"]


def delete(mutate, user, configure, **_):
    configure(ALLOW_DELETE_ACCOUNT=True)
    return mutate("deleteAccount", login=user, password=PASSWORD)["success"]


def close(mutate, user, configure, **_):
    configure(ALLOW_DELETE_ACCOUNT=False)
    return mutate("deleteAccount", login=user, password=PASSWORD)["success"]


def office_of(user):
    """Return a client of the admin, logged in as `user`."""
    browser = Client()
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return browser


def deactivate(user, staff, **_):
    browser = office_of(staff)
    address = reverse("admin:users_customuser_change", args=[user.pk])
    posted = filled_in(browser.get(address))
    del posted["is_active"]
    return browser.post(address, posted).status_code == 302


def replace_password(user, staff, **_):
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    form = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return office_of(staff).post(address, form).status_code == 302


def disable_password(user, staff, **_):
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    return office_of(staff).post(address, {"usable_password": "false"}).status_code == 302


def change_in_the_admin(user, **_):
    get_user_model().objects.filter(pk=user.pk).update(is_staff=True)
    form = {"old_password": PASSWORD, **NEW}
    return office_of(stored(user)).post(reverse("admin:password_change"), form).status_code == 302


def change_by_command(user, **_):
    user.set_password(NEW_PASSWORD)
    user.save()
    return True


def hash_by_code(user, **_):
    user.password = make_password(NEW_PASSWORD)
    user.save()
    return True


def hash_and_no_more_by_code(user, **_):
    user.password = make_password(NEW_PASSWORD)
    user.save(update_fields=["password"])
    return True


def hash_by_update(user, **_):
    return get_user_model().objects.filter(pk=user.pk).update(password=make_password(NEW_PASSWORD)) == 1


def hash_and_back_by_update(user, **_):
    return hash_by_update(user) and get_user_model().objects.filter(pk=user.pk).update(password=user.password) == 1


def hash_by_update_or_create(user, **_):
    _, created = get_user_model().objects.update_or_create(
        pk=user.pk, defaults={"password": make_password(NEW_PASSWORD)}
    )
    return not created


def hash_by_bulk_update(user, **_):
    user.password = make_password(NEW_PASSWORD)
    return get_user_model().objects.bulk_update([user], ["password"]) == 1


def hash_by_sql(user, **_):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users_customuser SET password = %s", [make_password(NEW_PASSWORD)])
        return cursor.rowcount > 0


def no_password_by_code(user, **_):
    user.set_unusable_password()
    user.save()
    return True


def ban(user, **_):
    user.is_active = False
    user.save()
    return True


def ban_and_no_more(user, **_):
    user.is_active = False
    user.save(update_fields=["is_active"])
    return True


def ban_by_update(user, **_):
    return get_user_model().objects.filter(pk=user.pk).update(is_active=False) == 1


def ban_by_update_of_a_relation(user, **_):
    group = Group.objects.create(name="banned")
    user.groups.add(group)
    return group.user_set.filter(is_active=True).update(is_active=False) == 1


def ban_by_bulk_update(user, **_):
    user.is_active = False
    return get_user_model().objects.bulk_update([user], ["is_active", "first_name"]) == 1


def nothing(**_):
    return True


MAILS = [reset, set_first]
OWNS = [change, change_in_the_admin, change_by_command, archive, delete, close]
STAFFS = [deactivate, replace_password, disable_password]
CODES = [
    hash_by_code,
    hash_and_no_more_by_code,
    hash_by_update,
    hash_and_back_by_update,
    hash_by_update_or_create,
    hash_by_bulk_update,
    hash_by_sql,
    no_password_by_code,
    ban,
    ban_and_no_more,
    ban_by_update,
    ban_by_update_of_a_relation,
    ban_by_bulk_update,
]
KILLERS = [*MAILS, *OWNS, *STAFFS, *CODES]


@pytest.fixture
def holdings(make_user, mutate, query):
    """Return `holdings(password)`, which returns a verified user and, by kind of token, an attempt to use theirs.

    Without `status` it is a user who never had one.
    """

    def holdings(password, *, status=True):
        user = make_user("holder", password=password, verified=True, is_staff=True)
        if not status:
            UserStatus.objects.filter(user=user).delete()
            user = get_user_model().objects.get(pk=user.pk)
        opened, desk = sessions.start(user), office_of(user)
        reset = tokens.make(tokens.PASSWORD_RESET, user)
        second = tokens.make(tokens.SECONDARY_EMAIL, user, email="second@example.com")
        first = tokens.make(tokens.PASSWORD_SET, user)
        return user, {
            "access token": lambda: query("{ me { id } }", login=opened.token)["me"] is not None,
            "verified access token": lambda: mutate("verifyToken", token=opened.token)["success"],
            "refresh token": lambda: mutate("refreshToken", refresh_token=opened.refresh_token)["success"],
            "session of the admin": lambda: desk.get(reverse("admin:index")).status_code == 200,
            "reset token": lambda: mutate("passwordReset", token=reset, **NEW)["success"],
            "secondary address token": lambda: mutate("verifySecondaryEmail", token=second)["success"],
            "first password token": lambda: mutate("passwordSet", token=first, **NEW)["success"],
        }

    return holdings


HOLDINGS = [
    "access token",
    "verified access token",
    "refresh token",
    "session of the admin",
    "reset token",
    "secondary address token",
]


def come_back(mutate, user):
    """Reactivate an account in the database, and log in to restore it from the archive."""
    get_user_model()._base_manager.filter(pk=user.pk).update(is_active=True)
    for password in (PASSWORD, NEW_PASSWORD):
        mutate("tokenAuth", email=user.email, password=password)


def accepted(attempts):
    """Return the kinds of token that still work."""
    return [held for held in HOLDINGS if attempts[held]()]


@pytest.mark.parametrize("kill", KILLERS, ids=lambda kill: kill.__name__)
def test_what_closes_an_account_ends_every_token(mutate, configure, holdings, staff, kill):
    """D10, B02: from the next request on, for every kind of token and every way to close an account."""
    user, attempts = holdings(None if kill is set_first else PASSWORD)

    assert kill(mutate=mutate, user=user, configure=configure, staff=staff)

    assert accepted(attempts) == []


@pytest.mark.parametrize("kill", KILLERS, ids=lambda kill: kill.__name__)
def test_an_account_that_is_used_again_has_no_token_from_before(mutate, configure, holdings, staff, kill):
    """D10, D03, B02: out of the archive, or active again, it looks as it did when the token was made."""
    user, attempts = holdings(None if kill is set_first else PASSWORD)
    assert kill(mutate=mutate, user=user, configure=configure, staff=staff)

    come_back(mutate, user)

    assert accepted(attempts) == []


@pytest.mark.parametrize("kill", CODES, ids=lambda kill: kill.__name__)
def test_an_account_without_a_status_has_no_token_from_before(mutate, holdings, kill):
    """B02, D27: users of bulk_create, or of a fixture, have no row that says which links are void."""
    user, attempts = holdings(PASSWORD, status=False)
    assert kill(user=user)

    come_back(mutate, user)

    assert accepted(attempts) == []


@pytest.mark.parametrize("status", [True, False])
@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("held", HOLDINGS)
def test_a_token_works_while_nothing_closes_the_account(mutate, holdings, held, again, status):
    user, attempts = holdings(PASSWORD, status=status)

    if again:
        come_back(mutate, user)

    assert attempts[held]()


def test_a_bulk_update_closes_only_the_accounts_it_matches(make_user, mutate, query, monkeypatch):
    """B02: even if they need more than one statement."""
    monkeypatch.setattr("users.managers.BATCH_SIZE", 2)
    opened = {name: sessions.start(make_user(name, verified=True)) for name in "abcdefg"}
    UserStatus.objects.filter(user__email="c@example.com").delete()
    users = get_user_model().objects.order_by("-email").filter(email__lt="f")

    assert users.filter(is_active=True).update(is_active=False) == 5
    assert users.update(is_active=True) == 5

    live = {name for name, tokens in opened.items() if query("{ me { id } }", login=tokens.token)["me"]}
    assert live == {"f", "g"}
    assert set(UserStatus.objects.values_list("user__email", "link_revision")) == {
        *((f"{name}@example.com", 2) for name in "abcde"),
        ("f@example.com", 0),
        ("g@example.com", 0),
    }


@pytest.mark.parametrize("changes", [{"first_name": "Ada"}, {"last_login": None}, {"is_staff": True}], ids=str)
def test_an_update_of_something_else_ends_nothing(verified, query, changes):
    opened = sessions.start(verified)

    get_user_model().objects.update(**changes)
    user = stored(verified)
    user.save()

    assert query("{ me { id } }", login=opened.token)["me"]
    assert stored(verified).status.link_revision == 0


def test_a_link_that_was_mailed_after_the_password_was_changed_by_code_works(mutate, verified):
    """B02: otherwise its owner would have no way back."""
    hash_by_sql(verified)

    assert mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, stored(verified)), **NEW) == DONE


def test_a_session_is_open_after_the_password_was_changed_by_code(mutate, query, verified):
    """B02: the login by the new one counts, and goes on."""
    hash_by_sql(verified)

    answer = mutate("tokenAuth", email=verified.email, password=NEW_PASSWORD)
    again = mutate("refreshToken", refresh_token=answer["refreshToken"])

    assert query("{ me { email } }", login=again["token"]) == {"me": {"email": verified.email}}


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("kill", [reset, set_first, deactivate, nothing], ids=lambda kill: kill.__name__)
def test_what_closes_an_account_ends_the_token_of_a_first_password(mutate, configure, holdings, staff, kill, again):
    user, attempts = holdings(None)

    assert kill(mutate=mutate, user=user, configure=configure, staff=staff)
    if again:
        come_back(mutate, user)

    assert attempts["first password token"]() is (kill is nothing)


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("kill", [reset, deactivate, nothing], ids=lambda kill: kill.__name__)
def test_what_closes_an_unverified_account_ends_its_activation(mutate, configure, unverified, staff, kill, again):
    token = tokens.make(tokens.ACTIVATION, unverified)

    assert kill(mutate=mutate, user=unverified, configure=configure, staff=staff)
    if again:
        come_back(mutate, unverified)
        UserStatus.objects.update(verified=False)

    assert mutate("verifyAccount", token=token)["success"] is (kill is nothing)


@pytest.mark.parametrize("kill", [archive, close, deactivate], ids=lambda kill: kill.__name__)
def test_a_link_that_was_mailed_after_the_account_was_closed_works(mutate, configure, verified, staff, kill):
    """Otherwise its owner would have no way back."""
    assert kill(mutate=mutate, user=verified, configure=configure, staff=staff)
    come_back(mutate, verified)

    assert mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, stored(verified)), **NEW) == DONE


def test_an_account_without_status_loses_its_links_too(mutate, verified):
    """D27."""
    UserStatus.objects.all().delete()
    token = tokens.make(tokens.PASSWORD_RESET, get_user_model().objects.get(pk=verified.pk))

    sessions.end_all(verified)

    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN


@pytest.mark.parametrize("name", PASSWORD_FIELDS)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda user: get_user_model().objects.update(password="x"), "invalid_password"),
        (lambda user: get_user_model().objects.update(is_active=False), "unauthenticated"),
        (lambda user: UserStatus.objects.update(archived=True), "unauthenticated"),
        (lambda user: user.delete(), "unauthenticated"),
    ],
    ids=["password", "inactive", "archived", "deleted"],
)
def test_a_password_confirms_nothing_when_the_account_changes_meanwhile(
    mutate, with_secondary, monkeypatch, name, change, code
):
    """D08: another request may come between checking the password and locking the account."""
    opened = sessions.start(with_secondary)
    token, session = opened.token, opened.payload["sid"]

    def verify(*_):
        change(with_secondary)
        return True

    monkeypatch.setattr(MD5PasswordHasher, "verify", verify)

    [[error]] = mutate(name, login=token, **PROTECTED[name])["errors"].values()

    assert error["code"] == code
    for user in get_user_model().objects.select_related("status"):
        assert (user.email, user.status.secondary_email) == ("two@example.com", "two_secondary@example.com")
    assert not Session.objects.exclude(pk=session).exists()
