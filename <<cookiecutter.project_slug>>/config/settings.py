"""The project's settings. Values that differ between machines come from the environment or the file .env."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from corsheaders.defaults import default_headers

from config.env import Env, require_strong

# % set module = "relay" if cookiecutter.api == "relay" else "mutations"
BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(BASE_DIR / ".env")

SITE_NAME = "<< (cookiecutter.project_name | tojson)[1:-1] >>"

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEBUG else [])
# The path of this site, if its host has several. gunicorn reads the variable, too.
SCRIPT_NAME = env.path("SCRIPT_NAME")
FORCE_SCRIPT_NAME = SCRIPT_NAME or None

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "endpoint.apps.CollectedFilesConfig",  # django.contrib.staticfiles
    "corsheaders",
    "csp",
    "django_filters",
    "graphene_django",
    "django_tasks_db",
    "endpoint",
    "graphql_auth",
    "users",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Marks API requests, which skip the middleware of config/middleware.py. All other middleware sees them.
    "endpoint.middleware.APIMiddleware",
    "config.middleware.PageCSPMiddleware",
    "config.middleware.PageSessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.PageAuthenticationMiddleware",
    "config.middleware.PageMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last, so that it handles the exceptions of views first.
    "graphql_auth.middleware.ErrorReportMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEST_RUNNER = "tests.runner.PytestRunner"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{quote(str(BASE_DIR))}/db.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE transactions take the write lock at the start, so writers wait for each other instead of failing with
    # "database is locked" halfway.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        **DATABASES["default"].get("OPTIONS", {}),
    }
# Connections are persistent, and checked before each request. Options in DATABASE_URL take precedence.
DATABASES["default"].setdefault("CONN_MAX_AGE", env.int("CONN_MAX_AGE", default=60))
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
# First: a replica may lag behind, and accounts must not. Routers of your own come after it.
DATABASE_ROUTERS = ["graphql_auth.routers.PrimaryRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

# Accounts

AUTH_USER_MODEL = "users.CustomUser"
AUTHENTICATION_BACKENDS = [
    "graphql_auth.backends.GraphQLAuthBackend",
    "graphql_auth.backends.AccountBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# The first hashes new passwords. Hashes of the others are still accepted, and updated at the next login.
PASSWORD_HASHERS = [
    "graphql_auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_HASHES_AT_ONCE = env.int("PASSWORD_HASHES_AT_ONCE", default=1, at_least=1)
PASSWORD_HASHES_WAITING = env.int("PASSWORD_HASHES_WAITING", default=7, at_least=0)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# The meaning and default of every key is in graphql_auth/conf.py.
GRAPHQL_AUTH = {
    "ALLOW_LOGIN_NOT_VERIFIED": env.bool("ALLOW_LOGIN_NOT_VERIFIED", default=True),
    "ALLOW_LOGIN_WITH_SECONDARY_EMAIL": env.bool("ALLOW_LOGIN_WITH_SECONDARY_EMAIL", default=True),
    "ALLOW_DELETE_ACCOUNT": env.bool("ALLOW_DELETE_ACCOUNT", default=False),
    "ALLOW_PASSWORDLESS_REGISTRATION": env.bool("ALLOW_PASSWORDLESS_REGISTRATION", default=False),
    "SEND_PASSWORD_SET_EMAIL": env.bool("SEND_PASSWORD_SET_EMAIL", default=False),
    "SEND_ACTIVATION_EMAIL": env.bool("SEND_ACTIVATION_EMAIL", default=True),
    "LOGIN_URL_ON_PAGES": env.str("LOGIN_URL_ON_PAGES", default=""),
    "RATE_LIMIT_PREFIX": env.str("RATE_LIMIT_PREFIX", default=SITE_NAME),
    "PREVENT_ENUMERATION": env.bool("PREVENT_ENUMERATION", default=not DEBUG),
    "USERS_QUERY": env.str("USERS_QUERY", default="public" if DEBUG else "staff"),
}

# GraphQL

# The meaning and default of every key is in endpoint/conf.py.
GRAPHQL_ENDPOINT = {
    "AUTHENTICATE": "graphql_auth.api.hooks.authenticate",
    "IS_CREDENTIAL": "graphql_auth.api.hooks.is_credential",
    "FORMAT_ERROR": "graphql_auth.api.hooks.format_error",
    "FINISH_RESPONSE": "graphql_auth.api.hooks.finish_response",
    "GRAPHIQL_TABS": "graphql_auth.api.tabs.tabs",
    "GRAPHIQL_LINKS": "graphql_auth.api.tabs.links",
}

GRAPHENE = {
    "SCHEMA": "config.schema.schema",
    # No middleware per field: a request is authenticated once, before it is executed.
    "MIDDLEWARE": [],
    "MAX_VALIDATION_ERRORS": 20,
}

# Access tokens have their own key, which can be changed without affecting Django's other signatures.
JWT_SIGNING_KEY = env.secret("JWT_SIGNING_KEY")
JWT_SIGNING_KEY_FALLBACKS = env.list("JWT_SIGNING_KEY_FALLBACKS", default=[])
require_strong(
    {
        "SECRET_KEY": [SECRET_KEY],
        "SECRET_KEY_FALLBACKS": SECRET_KEY_FALLBACKS,
        "JWT_SIGNING_KEY": [JWT_SIGNING_KEY],
        "JWT_SIGNING_KEY_FALLBACKS": JWT_SIGNING_KEY_FALLBACKS,
    }
)

GRAPHQL_JWT = {
    "JWT_SECRET_KEY": JWT_SIGNING_KEY,
    "JWT_ALGORITHM": "HS256",
    "JWT_VERIFY_EXPIRATION": True,
    "JWT_EXPIRATION_DELTA": timedelta(minutes=5),
    # The allowed difference between the clocks of the servers.
    "JWT_LEEWAY": timedelta(seconds=10),
    "JWT_LONG_RUNNING_REFRESH_TOKEN": True,
    "JWT_REFRESH_EXPIRATION_DELTA": timedelta(days=7),
    "JWT_PAYLOAD_HANDLER": "graphql_auth.access_tokens.jwt_payload",
    "JWT_ENCODE_HANDLER": "graphql_auth.access_tokens.jwt_encode",
    "JWT_DECODE_HANDLER": "graphql_auth.access_tokens.jwt_decode",
    # The mutations that need no login. `manage.py check` fails when this list and the mutations disagree.
    "JWT_ALLOW_ANY_CLASSES": [
        "graphql_auth.<< module >>.Register",
        "graphql_auth.<< module >>.VerifyAccount",
        "graphql_auth.<< module >>.DisownAccount",
        "graphql_auth.<< module >>.ResendActivationEmail",
        "graphql_auth.<< module >>.SendPasswordResetEmail",
        "graphql_auth.<< module >>.PasswordReset",
        "graphql_auth.<< module >>.PasswordSet",
        "graphql_auth.<< module >>.VerifySecondaryEmail",
        "graphql_auth.<< module >>.ObtainJSONWebToken",
        "graphql_auth.<< module >>.VerifyToken",
        "graphql_auth.<< module >>.RefreshToken",
        "graphql_auth.<< module >>.RevokeToken",
        # Your own:
    ],
}

# Mail

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# Mails are sent at once, in the request that causes them, or queued in the database for `make worker`.
if env.choice("MAIL_QUEUE", "immediate", "database") == "database":
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10, at_least=1)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="webmaster@localhost")
FRONTEND_URL = env.str("FRONTEND_URL", default=f"http://127.0.0.1:8000{SCRIPT_NAME}")

# HTTP, proxies and rate limits

CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_HEADERS = [
    *default_headers,
    str(GRAPHQL_JWT.get("JWT_AUTH_HEADER_NAME", "HTTP_AUTHORIZATION")).removeprefix("HTTP_").replace("_", "-").lower(),
    # Sent by Apollo Client, Sentry and OpenTelemetry.
    "apollo-require-preflight",
    "baggage",
    "sentry-trace",
    "traceparent",
    "tracestate",
]
CORS_EXPOSE_HEADERS = ["Retry-After", "WWW-Authenticate"]
RATE_LIMIT_STORAGE_URI = env.str("RATE_LIMIT_STORAGE_URI", default="memory://")
# None until it is set, which `check --deploy` reports: behind a proxy that is not counted, all visitors share one limit.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1) if "TRUSTED_PROXIES" in env else None

# The address of the static files, which may be on another host.
STATIC_URL = env.str("STATIC_URL", default=f"{SCRIPT_NAME}/static/")
_static_host = urlsplit(STATIC_URL)._replace(path="", query="", fragment="").geturl().removeprefix("//")

# Pages load only resources from this site and its static files.
_resources = ["'self'", *([_static_host] if _static_host else [])]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": _resources,
        "style-src": _resources,
        "img-src": [*_resources, "data:"],
        "font-src": _resources,
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

CSRF_FAILURE_VIEW = "graphql_auth.pages.site.csrf_failure"

# Keep passwords, tokens and keys out of error reports, by mail or on Django's debug page.
DEFAULT_EXCEPTION_REPORTER = "graphql_auth.reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "graphql_auth.reports.ReporterFilter"

# Browsers are redirected to https. An API client that uses http has already sent its password unencrypted and must notice
# this (OWASP ASVS 5.0, 4.1.2), so the endpoint responds with 403 instead of a redirect.
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_REDIRECT_EXEMPT = [rf"^{SCRIPT_NAME}/graphql/?$".replace("^/", "^")]
if not DEBUG:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
    # Only the owner knows whether other subdomains use https, so do not warn when these two are off.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
# Not shared with the other sites of the host.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = SCRIPT_NAME or "/"

# Languages and time

# Responses and the mails that a request causes are in the language of its Accept-Language header.
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("pt-br", "Português (Brasil)"),
]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
if STATIC_ROOT.is_dir():
    # `make serve` creates this folder. In development it does not exist, and runserver finds the files in the apps.
    MIDDLEWARE.insert(1, "whitenoise.middleware.WhiteNoiseMiddleware")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {
        "client_errors": {"()": "graphql_auth.logs.ClientErrors"},
        "head_requests": {"()": "endpoint.logs.HeadRequests"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Django's own handlers would log everything twice.
        "django": {"handlers": [], "level": "INFO"},
        "django.request": {"filters": ["head_requests"]},
        # Errors that scanners cause all day. A logger's filters do not apply to its children, so each logger is listed.
        **{
            f"django.security.{kind}": {"filters": ["client_errors"]}
            for kind in (
                "DisallowedHost",
                "DisallowedModelAdminLookup",
                "DisallowedModelAdminToField",
                "DisallowedRedirect",
                "InvalidSessionKey",
                "RequestDataTooBig",
                "SuspiciousFileOperation",
                "SuspiciousMultipartForm",
                "SuspiciousOperation",
                "SuspiciousSession",
                "TooManyFieldsSent",
                "TooManyFilesSent",
            )
        },
    },
}
