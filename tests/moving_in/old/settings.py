"""Settings of an old project: SOURCE is the package for accounts, KEY the kind of a user model of its own, or empty."""

import os

SOURCE, KEY, NAME = (os.environ[name] for name in ("SOURCE", "KEY", "NAME"))
SECRET_KEY = "a secret of the old project, long enough for it"
POSTGRESQL = {"ENGINE": "django.db.backends.postgresql", "NAME": NAME, "USER": "postgres", "HOST": "127.0.0.1"}
SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": NAME}
DATABASES = {"default": SQLITE if NAME.endswith(".sqlite3") else POSTGRESQL}
PACKAGES = {
    "django-graphql-auth": ["graphene_django", "graphql_jwt.refresh_token", "graphql_auth"],
    "django-allauth": ["allauth", "allauth.account", "allauth.socialaccount", "allauth.mfa"],
    "djoser": ["rest_framework", "rest_framework.authtoken", "djoser"],
    "django": [],
}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    *PACKAGES[SOURCE],
    *(["people"] if KEY else []),
    "notes",
]
if KEY:
    AUTH_USER_MODEL = "people.Person"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    *(["allauth.account.middleware.AccountMiddleware"] if SOURCE == "django-allauth" else []),
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField" if KEY == "integer" else "django.db.models.BigAutoField"
USE_TZ = True
SILENCED_SYSTEM_CHECKS = ["models.W042"]
GRAPHENE = {"SCHEMA": "notes.models"}
