"""Usernames: one account for each, however it is spelled; and names that nobody can take."""

from io import StringIO

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.core.serializers import deserialize, serialize
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from graphql_auth.checks.account_settings import check_settings
from graphql_auth.conf import SETTINGS
from graphql_auth.errors import AccountError
from graphql_auth.flows.account import update_account
from graphql_auth.flows.login import find_account, normalize_identifier
from graphql_auth.models import UserStatus
from tests.api import mutation
from tests.conftest import PASSWORD, filled_in, refused

RESERVED = SETTINGS["RESERVED_USERNAMES"].default
TAKEN = refused("unique", field="username")
RESERVED_ERROR = refused("invalid", field="username")
ONLY_ASCII = refused("invalid", field="username")
# Other spellings of "ada".
SPELLINGS = ["ada", "Ada", "ADA", "aDa", "ａda", "ＡDA", "𝐀𝐝𝐚"]
every_spelling = pytest.mark.parametrize("spelling", SPELLINGS)
# "ada" and "admin" with letters of other scripts, wholly or in part; accents; characters that are not seen.
LOOKALIKES = ["аda", "аԁа", "αda", "adа", "ɑdɑ", "ādā", "аdmin", "ада", "ädä", "adа1", "ad\u0430", "阿达"]


@pytest.fixture
def ada(make_user):
    """Return a verified user who spells herself Ada."""
    user = make_user("Ada", verified=True)
    assert user.username == "Ada"
    return user


@pytest.fixture
def admin(client, staff):
    """Return a browser in which staff is logged in at the admin."""
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    client.defaults["wsgi.url_scheme"] = "https"
    return client


@pytest.fixture
def create_superuser(db, monkeypatch):
    """Return `create_superuser(username)`, which runs the command."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    return lambda username: call_command(
        "createsuperuser", interactive=False, username=username, email="super@example.com", stdout=StringIO()
    )


# One account for each


@every_spelling
def test_a_username_is_taken_in_every_spelling(mutate, ada, new_account, spelling):
    """A10: "Ada" and "ada" were two accounts."""
    assert mutate("register", **(new_account | {"username": spelling}))["errors"] == TAKEN


@every_spelling
def test_no_account_takes_the_username_of_another_in_an_update(ada, verified, spelling):
    """A10."""
    with pytest.raises(AccountError) as error:
        update_account(user=verified, changes={"username": spelling})

    assert error.value.errors == TAKEN


@every_spelling
def test_staff_does_not_add_a_username_twice(admin, ada, spelling):
    """A10; and a taken name was an error of the server."""
    fields = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, "email": "added@example.com"}

    response = admin.post(reverse("admin:users_customuser_add"), fields | {"username": spelling})

    assert response.context["adminform"].form.errors.get_json_data() == TAKEN


@every_spelling
def test_staff_does_not_change_a_username_to_that_of_another(admin, ada, verified, spelling):
    """A10."""
    address = reverse("admin:users_customuser_change", args=[verified.pk])

    response = admin.post(address, filled_in(admin.get(address)) | {"username": spelling})

    assert response.context["adminform"].form.errors.get_json_data() == TAKEN


@every_spelling
def test_no_superuser_takes_the_username_of_another(ada, create_superuser, spelling):
    """A10."""
    with pytest.raises(CommandError, match="already taken"):
        create_superuser(spelling)


@every_spelling
def test_a_model_that_is_cleaned_has_the_username_of_nobody_else(ada, verified, spelling):
    """A10."""
    verified.username = spelling

    with pytest.raises(ValidationError) as error:
        verified.full_clean()

    [reason] = error.value.error_dict["username"]
    assert reason.code == "unique"


@pytest.mark.parametrize("spelling", ["ada", "ADA", "aDa"])
def test_the_database_has_a_username_once(ada, verified, spelling):
    """A10: whatever the code does."""
    users = get_user_model()
    fields = {"username": spelling, "email": "other@example.com"}
    for write in (
        lambda: users.objects.filter(pk=verified.pk).update(username=spelling),
        lambda: users.objects.bulk_create([users(**fields)]),
        lambda: users.objects.create_user(**fields),
        lambda: users(**fields).save(),
    ):
        with pytest.raises(IntegrityError, match="username"), transaction.atomic():
            write()


def test_an_account_may_spell_its_own_username_otherwise(ada):
    update_account(user=ada, changes={"username": "aDA"})

    assert get_user_model().objects.get().username == "aDA"


def test_a_username_is_shown_as_it_was_typed(mutate, query, new_account):
    token = mutate("register", **(new_account | {"username": "McAda"}))["token"]

    assert query("{ me { username } }", login=token) == {"me": {"username": "McAda"}}


# Logging in


@every_spelling
def test_every_spelling_of_a_username_logs_in(mutate, ada, spelling):
    """A10."""
    assert mutate("tokenAuth", username=f" {spelling}\n", password=PASSWORD)["user"]["email"] == ada.email
    assert authenticate(None, username=spelling, password=PASSWORD) == ada
    assert get_user_model().objects.get_by_natural_key(spelling) == ada


@every_spelling
def test_every_spelling_of_a_username_logs_in_at_the_admin(client, make_user, spelling):
    make_user("Ada", is_staff=True)

    answer = client.post(reverse("admin:login"), {"username": spelling, "password": PASSWORD}, secure=True)

    assert answer.status_code == 302


@pytest.mark.parametrize("stored", ["Élodie", "ÉLODIE", "ada@example.org", "МАША"])
def test_a_username_that_was_stored_before_and_is_refused_now_logs_in(mutate, make_user, stored):
    user = make_user("other")
    get_user_model().objects.filter(pk=user.pk).update(username=stored)

    assert mutate("tokenAuth", username=stored, password=PASSWORD)["success"] is True


def test_tries_by_all_spellings_count_together(mutate, ada, configure):
    configure(RATE_LIMITS={"login": "3/hour"})

    answers = [mutate("tokenAuth", username=name, password="wrong")["errors"] for name in ("nobody", "Nobody") * 2]

    assert [error["code"] for answer in answers for error in answer["nonFieldErrors"]] == [
        *["invalid_credentials"] * 3,
        "throttled",
    ]


def test_logging_in_by_username_takes_one_statement_that_uses_an_index(api, ada):
    login = mutation("tokenAuth", {"username": "ADA", "password": "wrong"})

    with CaptureQueriesContext(connection) as captured:
        api.post(*login)
    [found] = [query["sql"] for query in captured if query["sql"].startswith("SELECT ")]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN' if connection.vendor == 'sqlite' else ''} {found}")
        plan = str(cursor.fetchall())
    assert "users_customuser_username_once" in plan


def test_a_look_up_by_username_finds_the_user_with_its_status(ada, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = find_account("username", normalize_identifier("username", "ADA"))
        assert UserStatus.of(found).verified is True
    assert found == ada
    assert find_account("username", "nobody") is None


# Names that are somebody else's


@pytest.mark.parametrize("name", LOOKALIKES)
def test_a_username_of_letters_that_look_like_others_is_refused(mutate, verified, new_account, name):
    """A10: by the rule of Django's ASCIIUsernameValidator."""
    assert mutate("register", **(new_account | {"username": name}))["errors"] == ONLY_ASCII
    with pytest.raises(AccountError) as error:
        update_account(user=verified, changes={"username": name})
    assert error.value.errors == ONLY_ASCII


@pytest.mark.parametrize("name", ["x@example.com", "a@b", "a＠b"])
def test_a_superuser_cannot_have_an_address_as_username(create_superuser, name):
    with pytest.raises(CommandError) as error:
        create_superuser(name)

    assert str(error.value).endswith("A username cannot contain @.")
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("name", ["", "a" * 151, "two words", "аdmin"])
def test_staff_sees_the_error_of_a_username_at_its_field(admin, name):
    fields = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, "email": "added@example.com"}

    response = admin.post(reverse("admin:users_customuser_add"), fields | {"username": name})

    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == ["username"]


@pytest.mark.parametrize("name", RESERVED)
def test_a_reserved_username_is_not_registered(mutate, new_account, name):
    """B11."""
    for spelling in (name, name.upper(), f"{name}.", f"_{name}_", f"{name[:1]}-{name[1:]}"):
        assert mutate("register", **(new_account | {"username": spelling}))["errors"] == RESERVED_ERROR


@pytest.mark.parametrize("name", ["admin", "ROOT", "support"])
def test_no_account_takes_a_reserved_username_in_an_update(verified, name):
    """B11."""
    with pytest.raises(AccountError) as error:
        update_account(user=verified, changes={"username": name})

    assert error.value.errors == RESERVED_ERROR


@pytest.mark.parametrize("name", ["administrator2", "rooty", "supporter", "myadmin", "new"])
def test_a_username_that_only_contains_a_reserved_one_is_registered(mutate, new_account, name):
    assert mutate("register", **(new_account | {"username": name}))["success"] is True


def test_the_reserved_usernames_are_a_setting(mutate, new_account, configure):
    configure(RESERVED_USERNAMES=["The-King"])

    assert mutate("register", **(new_account | {"username": "theking"}))["errors"] == RESERVED_ERROR
    assert mutate("register", **(new_account | {"username": "admin"}))["success"] is True
    assert check_settings(None) == []


def test_the_command_and_the_admin_give_reserved_usernames(admin, create_superuser, mutate):
    """B11."""
    fields = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, "email": "added@example.com"}

    create_superuser("root")
    admin.post(reverse("admin:users_customuser_add"), fields | {"username": "support"})

    for name in ("root", "support"):
        assert mutate("tokenAuth", username=name, password=PASSWORD)["success"] is True


def test_an_account_with_a_reserved_username_loads_and_can_change_itself(make_user, mutate):
    """B11: it was given by staff."""
    user = make_user("admin", verified=True)
    [stored] = deserialize("json", serialize("json", [user]))
    stored.save()

    update_account(user=user, changes={"username": "Admin", "first_name": "Ada"})

    assert get_user_model().objects.get().username == "Admin"
