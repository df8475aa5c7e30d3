"""What closes an account ends its tokens, sessions and links."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.urls import reverse

from graphql_auth import sessions, tokens
from graphql_auth.errors import Refusal
from graphql_auth.models import Session, UserStatus
from tests.api import verdict
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.account.helpers import (
    DONE,
    NEW,
    PASSWORD_FIELDS,
    PROTECTED,
    archive,
    ban,
    ban_and_no_more,
    ban_by_bulk_update,
    ban_by_update,
    ban_by_update_of_a_relation,
    change,
    change_by_command,
    change_in_the_admin,
    close,
    deactivate,
    delete,
    disable_password,
    hash_and_back_by_update,
    hash_and_no_more_by_code,
    hash_by_bulk_update,
    hash_by_code,
    hash_by_sql,
    hash_by_update,
    hash_by_update_or_create,
    no_password_by_code,
    nothing,
    office_of,
    replace_password,
    reset,
    set_first,
    stored,
)

INVALID_TOKEN = refused(Refusal.INVALID_TOKEN)


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
        Refusal.INVALID_CREDENTIALS
    )


def test_a_deleted_account_is_removed_where_that_is_allowed(mutate, configure, verified, new_account):
    configure(ALLOW_DELETE_ACCOUNT=True)

    assert mutate("deleteAccount", login=verified, password=PASSWORD) == DONE
    assert not get_user_model().objects.exists()
    assert not Session.objects.exists()
    assert mutate("register", **new_account | {"email": verified.email})["success"] is True


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
