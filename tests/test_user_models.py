"""The rules for accounts also hold for customised user models."""

import sys
from pathlib import Path

import pytest

from tests.conftest import render, run
from tests.test_extending import change

MANAGER = """\
+    def get_queryset(self):
+        users = super().get_queryset().exclude(last_name="gone").select_related("mentor")
+        return users.annotate(number_of_groups=models.Count("groups")).defer("first_name")
+
     @classmethod
"""
MENTOR = """\
     email = AddressField(_("email address"), unique=True, error_messages={"unique": EMAIL_TAKEN})
+    mentor = models.ForeignKey("self", on_delete=models.SET_NULL, null=True)
"""
MANAGER_TEST = """\
import pytest

from graphql_auth import sessions, tokens
from graphql_auth.models import UserStatus
from tests.conftest import NEW_PASSWORD, PASSWORD

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


@pytest.fixture
def gone(verified):
    verified.opened = sessions.start(verified)
    verified.last_name = "gone"
    verified.save()
    return verified


def test_a_status_is_read_as_what_it_is(mutate, configure, make_user):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    eve = make_user("eve", mentor=make_user("ada"))

    errors = mutate("tokenAuth", email=eve.email, password=PASSWORD)["errors"]

    assert errors["nonFieldErrors"][0]["code"] == "not_verified"


def test_an_account_can_be_used(mutate, verified):
    opened = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert mutate("updateAccount", login=opened["token"], first_name="Ada")["success"] is True
    assert mutate("passwordChange", login=opened["token"], old_password=PASSWORD, **NEW)["success"] is True


def test_who_is_hidden_is_logged_out(mutate, query, gone):
    assert query("{ me { email } }", login=gone.opened.token) == {"me": None}
    assert mutate("refreshToken", refresh_token=gone.opened.refresh_token)["success"] is False
    assert mutate("verifyToken", token=gone.opened.token)["success"] is False


def test_who_is_hidden_does_not_come_back(mutate, gone):
    link = tokens.make(tokens.PASSWORD_RESET, gone)

    assert mutate("tokenAuth", email=gone.email, password=PASSWORD)["success"] is False
    assert mutate("passwordReset", token=link, **NEW)["success"] is False


def test_who_is_hidden_keeps_the_address(mutate, new_account, gone, with_secondary):
    taken = mutate("register", **(new_account | {"email": gone.email}))
    link = tokens.make(tokens.SECONDARY_EMAIL, with_secondary, email=gone.email)

    assert taken["errors"]["email"][0]["code"] == "unique"
    assert mutate("verifySecondaryEmail", token=link)["errors"]["nonFieldErrors"][0]["code"] == "unique"
    assert UserStatus.objects.filter(secondary_email=gone.email).count() == 0
"""
ORDERING = """\
     class Meta(AbstractUser.Meta):
+        ordering = ["-date_joined"]
"""
ORDERING_TEST = """\
from tests.conftest import PASSWORD


def test_an_address_is_found(mutate, verified, new_account):
    assert mutate("tokenAuth", email=verified.email, password=PASSWORD)["success"] is True
    assert mutate("register", **new_account)["success"] is True
"""
PROXY = """\
class Member(CustomUser):
    class Meta:
        proxy = True
"""
PROXY_TEST = """\
from graphql_auth import sessions
from users.models import Member


def test_a_proxy_has_a_status_and_ends_sessions(query, make_user):
    member = Member.objects.create_user(*make_names("member"), "correct-horse-battery")
    token = sessions.start(member).token
    assert member.status.verified is False

    member.set_password("another-horse-battery")
    member.save()

    assert query("{ me { email } }", login=token) == {"me": None}


def make_names(name):
    return name, f"{name}@example.com"
"""
KEY = """\
     email = AddressField(_("email address"), unique=True, error_messages={"unique": EMAIL_TAKEN})
+    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
"""
KEY_IMPORT = """\
 import secrets
+import uuid
"""
KEY_TEST = """\
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.management import call_command

from graphql_auth import tokens
from tests.conftest import NEW_PASSWORD, PASSWORD

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


def test_a_journey(mutate, query, new_account, mailed_token):
    opened = mutate("register", **new_account)
    assert mutate("verifyAccount", token=mailed_token())["success"] is True
    assert mutate("sendPasswordResetEmail", email=new_account["email"])["success"] is True
    assert mutate("passwordReset", token=mailed_token(), **NEW)["success"] is True
    assert query("{ me { email } }", login=opened["token"]) == {"me": None}

    opened = mutate("tokenAuth", email=new_account["email"], password=NEW_PASSWORD)
    renewed = mutate("refreshToken", refresh_token=opened["refreshToken"])

    assert query("{ me { email } }", login=renewed["token"]) == {"me": {"email": new_account["email"]}}
    assert len(query("{ users { edges { node { id email } } } }")["users"]["edges"]) == 1


@pytest.mark.parametrize("key", [5, "5", None, str(uuid4())])
def test_a_link_with_another_key_is_invalid(mutate, db, key):
    link = signing.dumps([key, None, "x"], salt=tokens.PASSWORD_RESET.salt)

    assert mutate("passwordReset", token=link, **NEW)["errors"]["nonFieldErrors"][0]["code"] == "invalid_token"


def test_the_demo_users_are_loaded(db):
    call_command("loaddata", "users", verbosity=0)

    assert get_user_model().objects.filter(status__verified=True).count() == 3
"""

BOXES = """\
     email = AddressField(_("email address"), unique=True, error_messages={"unique": EMAIL_TAKEN})
+    adult = models.BooleanField(default=False)
+    newsletter = models.BooleanField(default=True)
+    size = models.IntegerField(default=7)
"""
BOXES_SETTINGS = """\
     "USERS_QUERY": env.str("USERS_QUERY", default="public" if DEBUG else "staff"),
+    "REGISTER_MUTATION_FIELDS": {"email": "String", "username": "String", "adult": "Boolean"},
+    "REGISTER_MUTATION_FIELDS_OPTIONAL": {"newsletter": "Boolean", "size": "Int"},
"""
BOXES_TEST = """\
import pytest
from django.contrib.auth import get_user_model


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({}, (True, 7)),
        ({"newsletter": None, "size": None}, (True, 7)),
        ({"newsletter": False, "size": 3}, (False, 3)),
    ],
)
@pytest.mark.parametrize("adult", [True, False])
def test_what_is_not_given_keeps_its_default(mutate, new_account, adult, given, stored):
    assert mutate("register", **new_account, adult=adult, **given)["success"] is True

    assert get_user_model().objects.values_list("adult", "newsletter", "size").get() == (adult, *stored)
"""


@pytest.mark.long(minutes=1)
@pytest.mark.parametrize(
    ("changes", "test"),
    [
        (
            [("users/models.py", MENTOR), ("users/managers.py", MANAGER)],
            MANAGER_TEST,
        ),
        ([("users/models.py", ORDERING)], ORDERING_TEST),
        ([("users/models.py", PROXY)], PROXY_TEST),
        ([("users/models.py", KEY_IMPORT), ("users/models.py", KEY)], KEY_TEST),
        ([("users/models.py", BOXES), ("config/settings.py", BOXES_SETTINGS)], BOXES_TEST),
    ],
    ids=["with a manager that hides some", "in an order", "with a proxy", "with another key", "with boxes to tick"],
)
def test_users(tmp_path: Path, changes: list[tuple[str, str]], test: str) -> None:
    project = render(tmp_path)
    for name, block in changes:
        change(project.path / name, "At the end of" if block is PROXY else "In", block)
    if test is KEY_TEST:
        # The key is chosen before the first migration.
        for migration in (project.path / "users/migrations").glob("0*.py"):
            migration.unlink()
    change(project.path / "tests/test_own.py", "New,", test)
    run(sys.executable, "manage.py", "makemigrations", "users", cwd=project.path)

    run(sys.executable, "-m", "pytest", "--quiet", "tests/test_own.py", cwd=project.path)
