"""The stored data, fixtures and backups."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
# % if cookiecutter.login_field == "username"
from django.core.exceptions import ValidationError
# % endif
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from graphql_auth import sessions
from graphql_auth.flows.login import refresh_token
from graphql_auth.mails import kinds
from graphql_auth.mails.rendering import render
from graphql_auth.models import Session, UsedRefreshToken, UserStatus
from tests.conftest import PASSWORD

DEMO_PASSWORD = "demo-password-123"


@pytest.fixture
def four_users(db, settings):
    """Load the users of the quickstart, whose passwords are hashed as in production."""
    settings.PASSWORD_HASHERS = ["graphql_auth.hashers.Argon2PasswordHasher"]
    call_command("loaddata", "users", verbosity=0)


def test_the_fixture_has_the_users_of_the_quickstart(four_users):
    values = UserStatus.objects.order_by("pk").values_list(
        "user__email", "verified", "archived", "secondary_email", "user__is_active", "user__is_staff"
    )

    assert list(values) == [
        ("user1@email.com", False, False, None, True, False),
        ("user2@email.com", True, False, None, True, False),
        ("user3@email.com", True, True, None, True, False),
        ("user4@email.com", True, False, "user4_secondary@email.com", True, False),
    ]
    assert get_user_model().objects.count() == 4


def test_the_users_of_the_fixture_log_in_with_the_documented_password(four_users, mutate):
    answer = mutate("tokenAuth", email="user4_secondary@email.com", password=DEMO_PASSWORD)

    assert answer["success"] is True
    assert answer["user"]["email"] == "user4@email.com"


def test_all_users_of_the_fixture_have_the_same_password(four_users):
    assert get_user_model().objects.values("password").distinct().count() == 1


def test_the_fixture_can_be_loaded_twice(four_users):
    call_command("loaddata", "users", verbosity=0)

    assert UserStatus.objects.count() == 4


def test_a_session_of_a_user_of_the_fixture_goes_on(four_users, mutate, query):
    """B02: whose status was loaded, and not made with the user."""
    answer = mutate("tokenAuth", email="user2@email.com", password=DEMO_PASSWORD)
    answer = mutate("refreshToken", refresh_token=answer["refreshToken"])

    assert query("{ me { email } }", login=answer["token"]) == {"me": {"email": "user2@email.com"}}


def test_a_fixture_that_brings_another_password_ends_the_sessions(four_users, query, settings):
    """B02: it is saved raw, without the signals that know what changed."""
    user = get_user_model().objects.get(email="user2@email.com")
    user.set_password(PASSWORD)
    user.save()
    opened = sessions.start(user)
    assert query("{ me { email } }", login=opened.token)["me"]

    call_command("loaddata", "users", verbosity=0)

    assert query("{ me { email } }", login=opened.token) == {"me": None}


def test_a_user_of_bulk_create_logs_in_and_stays_so_until_the_password_changes(mutate, query, db):
    """B02, D27."""
    users = get_user_model()
    user = users(email="bulk@example.com", password=make_password(PASSWORD))
    # % if cookiecutter.login_field == "username"
    user.username = "bulk"
    # % endif
    users.objects.bulk_create([user])
    answer = mutate("tokenAuth", email="bulk@example.com", password=PASSWORD)
    answer = mutate("refreshToken", refresh_token=answer["refreshToken"])
    assert query("{ me { email } }", login=answer["token"]) == {"me": {"email": "bulk@example.com"}}

    user.password = make_password("another")
    user.save()

    assert query("{ me { email } }", login=answer["token"]) == {"me": None}


def test_a_session_from_before_the_fingerprint_does_not_count(mutate, query, verified):
    """B02: in a backup it has none."""
    opened = sessions.start(verified)
    Session.objects.update(password_fingerprint="")

    assert query("{ me { email } }", login=opened.token) == {"me": None}
    assert mutate("refreshToken", refresh_token=opened.refresh_token)["success"] is False


def test_an_account_can_be_registered_beside_the_fixture(four_users, mutate, new_account):
    assert mutate("register", **new_account)["success"] is True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("options", [[], ["--natural-foreign"]])
def test_a_backup_restores(make_user, mutate, query, tmp_path, options):
    """D17: the signal created a second status for each user, and loaddata failed."""
    make_user("gone").delete()
    user = make_user("two", verified=True, archived=True, secondary_email="two_secondary@example.com")
    make_user("three")
    issued = sessions.start(make_user("four", verified=True))
    backup = tmp_path / "backup.json"
    call_command("dumpdata", *options, "users", "graphql_auth", output=str(backup), verbosity=0)

    call_command("flush", interactive=False, verbosity=0)
    assert not get_user_model().objects.exists()
    call_command("loaddata", str(backup), verbosity=0)

    assert UserStatus.objects.count() == 3
    status = UserStatus.objects.get(user=user)
    assert (status.verified, status.archived, status.secondary_email) == (True, True, "two_secondary@example.com")
    assert mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD)["unarchiving"] is True
    assert query("{ me { email } }", login=issued.token) == {"me": {"email": "four@example.com"}}
    assert mutate("refreshToken", refresh_token=issued.refresh_token)["success"] is True


def test_a_backup_holds_no_token(verified):
    issued = sessions.start(verified)
    backup = io.StringIO()

    call_command("dumpdata", stdout=backup)

    assert issued.token not in backup.getvalue()
    assert issued.refresh_token not in backup.getvalue()


def test_migrations_are_complete(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_two_users_cannot_have_one_address_in_two_spellings(verified, unverified):
    """D05, D06: whatever the code does, the database refuses it."""
    users = get_user_model().objects

    with pytest.raises(IntegrityError), transaction.atomic():
        users.filter(pk=unverified.pk).update(email=verified.email.upper())


def test_two_users_cannot_have_one_secondary_address_in_two_spellings(with_secondary, verified):
    """D06: two users owned one secondary address."""
    with pytest.raises(IntegrityError), transaction.atomic():
        UserStatus.objects.filter(user=verified).update(secondary_email="TWO_Secondary@example.com")


def test_a_user_has_one_status(verified):
    with pytest.raises(IntegrityError), transaction.atomic():
        UserStatus.objects.create(user=verified)


@pytest.mark.parametrize("none", [None, ""])
def test_many_users_have_no_secondary_address(make_user, none):
    users = [make_user(name, secondary_email=none) for name in ("ada", "eve")]

    assert UserStatus.objects.filter(user__in=users, secondary_email=None).count() == 2


def test_a_new_user_has_a_status(make_user):
    status = make_user("new").status

    assert (status.verified, status.archived, status.secondary_email) == (False, False, None)


def test_a_status_without_a_row_is_saved_when_it_changes(unverified):
    """D27: as for users that were there before the app."""
    UserStatus.objects.all().delete()
    user = get_user_model().objects.get()

    assert UserStatus.of(user).verified is False
    UserStatus.of(user).change(verified=True)

    assert UserStatus.objects.get(user=user).verified is True


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("A@Example.COM", "a@example.com"),
        ("  a@example.com\n", "a@example.com"),
        ("ａ@example.com", "a@example.com"),
        ("oﬃce@example.com", "office@example.com"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("", ""),
        (None, ""),
        ("none", "none"),
    ],
)
def test_the_manager_normalises_addresses(typed, stored):
    """D05: three spellings were three accounts."""
    assert get_user_model().objects.normalize_email(typed) == stored


def test_a_user_is_created_with_a_normalised_address(db):
    fields = {"email": " Ada@Example.COM", "password": PASSWORD}
    # % if cookiecutter.login_field == "username"
    fields["username"] = "ada"
    # % endif

    user = get_user_model().objects.create_user(**fields)

    assert user.email == "ada@example.com"
    assert user.check_password(PASSWORD)
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_a_user_without_a_password_cannot_log_in(make_user, mutate):
    user = make_user("new", password=None)

    assert not user.has_usable_password()
    assert mutate("tokenAuth", email=user.email, password="")["success"] is False


def test_a_superuser_is_created(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    options = {"email": "Root@Example.com"}
    # % if cookiecutter.login_field == "username"
    options["username"] = "root"
    # % endif

    call_command("createsuperuser", interactive=False, verbosity=0, **options)

    user = get_user_model().objects.get(email="root@example.com")
    assert (user.is_staff, user.is_superuser, user.check_password(PASSWORD)) == (True, True, True)


def test_a_user_is_found_by_its_natural_key(verified):
    assert get_user_model().objects.get_by_natural_key(verified.get_username()) == verified


# % if cookiecutter.login_field == "username"
@pytest.mark.parametrize("username", ["verified@example.com", "other@example.com", "a@b"])
def test_a_username_cannot_be_an_address(verified, username):
    """D05: it could be another's, or become it when the address changes hands."""
    verified.username = username

    with pytest.raises(ValidationError, match="A username cannot contain @"):
        verified.full_clean()


# % else
def test_a_user_is_found_by_any_spelling_of_its_address(verified):
    assert get_user_model().objects.get_by_natural_key(verified.email.upper()) == verified


# % endif
def test_nothing_prints_a_token(verified):
    """D11: a refresh token's text was the token."""
    issued = sessions.start(verified)
    former = sessions.start(verified)
    refresh_token(refresh_token=former.refresh_token)
    session, used = Session.objects.get(pk=issued.payload["sid"]), UsedRefreshToken.objects.get()

    for thing in (verified, verified.status, session, used):
        for text in (str(thing), repr(thing)):
            assert issued.token not in text
            assert issued.refresh_token not in text
            assert session.refresh_digest not in text
            assert former.refresh_token not in text
            assert used.digest not in text
            assert verified.password not in text


def test_a_status_is_named_after_its_user(verified):
    assert str(verified.status) == str(verified)


def test_a_deleted_user_leaves_nothing(verified):
    refresh_token(refresh_token=sessions.start(verified).refresh_token)

    verified.delete()

    assert [model.objects.count() for model in (UserStatus, Session, UsedRefreshToken)] == [0, 0, 0]


@pytest.mark.parametrize("name", kinds.KINDS)
def test_a_site_without_time_zones_loads_its_users_and_renders_its_mails(db, settings, name):
    """The fixture had times with a zone, which SQLite refused."""
    settings.USE_TZ = False
    call_command("loaddata", "users", verbosity=0)
    user = get_user_model().objects.get(email="user1@email.com")

    assert render(kinds.KINDS[name], user, user.email, timezone.now()).body
