"""Fills the database of an old project with the users that people have."""

import os
from datetime import UTC, datetime, timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.auth.models import Group, Permission  # noqa: E402
from notes.models import Note  # noqa: E402

PASSWORD = "correct-horse-battery"
START = datetime(2024, 1, 1, tzinfo=UTC)
User = get_user_model()


def old_hash():
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    return PBKDF2PasswordHasher().encode(PASSWORD, "saltsaltsalt", 20000)


# username, email, verified, and other columns
PEOPLE = [
    ("ada", "ada@example.com", True, {"is_staff": True, "is_superuser": True, "first_name": "Ada"}),
    ("Bob", "Bob@Example.COM", True, {}),
    ("carol", "carol@example.com", False, {}),
    ("carol2", " Carol@example.com ", True, {}),
    ("dave", "dave@example.com", True, {"bcrypt": True}),
    ("Dave", "dave.other@example.com", False, {}),
    ("erin@example.com", "erin@example.com", True, {}),
    ("frank@example.com", "frank.other@example.com", True, {}),
    ("frank", "frank@example.com", True, {}),
    ("josé", "jose@bücher.example", True, {}),
    ("nobody", "", False, {"unusable": True}),
    ("nobody2", "", False, {}),
    ("banned", "banned@example.com", True, {"is_active": False}),
    ("new", "new@example.com", False, {"is_active": False, "never": True}),
    ("sleeping", "sleeping@example.com", True, {"archived": True}),
    ("grace", "grace@example.com", True, {"secondary": "ADA@example.com"}),
    ("heidi", "heidi@example.com", True, {"secondary": "heidi.second@example.com", "is_staff": True}),
    ("quoted", '"a b"@example.com', True, {}),
    ("lost", "lost@example.com", True, {"no_status": True}),
]


def fill():
    group = Group.objects.create(name="Editors")
    group.permissions.add(Permission.objects.get(codename="change_note"))
    change = Permission.objects.get(codename="change_" + User._meta.model_name)
    for number, (username, email, verified, more) in enumerate(PEOPLE):
        columns = {name: value for name, value in more.items() if name.startswith(("is_", "first_"))}
        joined = START + timedelta(number)
        user = User(username=username, email=email, password=old_hash(), date_joined=joined, **columns)
        if "never" not in more and verified:
            user.last_login = START + timedelta(100 + number)
        if "bcrypt" in more:
            user.password = make_password(PASSWORD, hasher="bcrypt_sha256")
        if "unusable" in more:
            user.set_unusable_password()
        if settings.KEY:
            user.phone = f"+49 30 {number}"
        user.save()
        globals()["of_" + settings.SOURCE.replace("-", "_")](user, verified, more)
        note = Note.objects.create(author=user, text="by " + username)
        note.readers.add(User.objects.get(username="ada"))
        if "is_staff" in more:
            user.groups.add(group)
            user.user_permissions.add(change)


def of_django(user, verified, more):
    pass


def of_djoser(user, verified, more):
    from rest_framework.authtoken.models import Token

    Token.objects.create(user=user)


def of_django_graphql_auth(user, verified, more):
    from graphql_jwt.refresh_token.models import RefreshToken

    from graphql_auth.models import UserStatus

    status, _ = UserStatus.objects.get_or_create(user=user)
    status.verified, status.archived = verified, "archived" in more
    status.secondary_email = more.get("secondary")
    status.save()
    if "no_status" in more:
        status.delete()
    for number in range(3):
        RefreshToken.objects.create(user=user, token=f"token {number} of {user.username}")


def of_django_allauth(user, verified, more):
    from allauth.account.models import EmailAddress

    if user.email:
        EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    if "secondary" in more:
        EmailAddress.objects.create(user=user, email="older." + user.email, verified=True)
        EmailAddress.objects.create(user=user, email=more["secondary"].lower(), verified="ADA" not in more["secondary"])


fill()
