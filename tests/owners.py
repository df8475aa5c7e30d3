"""What owners change in their projects, as the README suggests."""

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from tests.conftest import Project, make, run

SETTINGS = "config/settings.py"
OBJECTS = "    objects: ClassVar[UserManager] = UserManager()\n"


@dataclass(frozen=True)
class Change:
    """One change of an owner.

    `edit` changes the files of a project. Then a change of the user model needs a migration, and one of the schema
    `make schema`.
    """

    edit: Callable[[Project], None]
    migrate: bool = False
    schema: bool = False


def replace(project: Project, name: str, old: str, new: str) -> None:
    """Replace `old` in each file that `name` matches. It must be somewhere in them."""
    files = [*project.path.glob(name)]
    texts = [file.read_text(encoding="utf-8") for file in files]
    assert any(old in text for text in texts), f"{name} has no {old!r}"
    for file, text in zip(files, texts, strict=True):
        file.write_text(text.replace(old, new), encoding="utf-8")


def append(name: str, *lines: str) -> Callable[[Project], None]:
    """Return an edit that adds lines to the end of a file."""

    def apply(project: Project) -> None:
        with (project.path / name).open("a", encoding="utf-8") as file:
            file.write("\n" + "\n".join(lines) + "\n")

    return apply


def settings(*lines: str) -> Callable[[Project], None]:
    """Return an edit of the settings."""
    return append(SETTINGS, *lines)


def environment(*lines: str) -> Callable[[Project], None]:
    """Return an edit of the file .env."""
    names = {line.partition("=")[0] for line in lines}

    def apply(project: Project) -> None:
        file = project.path / ".env"
        kept = [line for line in file.read_text().splitlines() if line.partition("=")[0] not in names]
        file.write_text("\n".join([*kept, *lines]) + "\n")

    return apply


def reword(*names: str) -> Callable[[Project], None]:
    """Return an edit of every text in the files that `names` match: each begins with another word."""
    code = re.compile(r'(?<=\b_\()(\s*)"')
    tag = re.compile(r'({% translate ")|({% blocktranslate[^%]*%}\s*)')

    def apply(project: Project) -> None:
        for name in names:
            for file in project.path.glob(name):
                text = file.read_text(encoding="utf-8")
                changed = code.sub(r'\1"Well, ', text) if file.suffix == ".py" else tag.sub(r"\g<0>Well, ", text)
                file.write_text(changed, encoding="utf-8")

    return apply


def speak_english_only(project: Project) -> None:
    """Delete the translations and the other languages."""
    for folder in project.path.glob("*/locale"):
        shutil.rmtree(folder)
    settings('LANGUAGES = [("en", "English")]')(project)


def speak_german_only(project: Project) -> None:
    """Delete the other translations."""
    for folder in project.path.glob("*/locale/*"):
        if folder.name != "de":
            shutil.rmtree(folder)
    settings('LANGUAGE_CODE = "de"', 'LANGUAGES = [("de", "Deutsch")]')(project)


def use_uuids(project: Project) -> None:
    """Give users another primary key, before the first migration."""
    replace(project, "users/models.py", "import secrets\n", "import secrets\nimport uuid\n")
    key = "    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)\n"
    replace(project, "users/models.py", OBJECTS, key + OBJECTS)
    for migration in project.path.glob("users/migrations/0*.py"):
        migration.unlink()


def add_fields(project: Project) -> None:
    """Add fields to the user, to register and to updateAccount."""
    fields = (
        '    phone = models.CharField("phone", max_length=20, blank=True)\n'
        '    birthday = models.DateField("birthday", null=True, blank=True)\n'
        '    newsletter = models.BooleanField("newsletter", default=False)\n'
    )
    replace(project, "users/models.py", OBJECTS, fields + OBJECTS)
    kinds = '{"phone": "String", "birthday": "Date", "newsletter": "Boolean"}'
    settings(
        f'GRAPHQL_AUTH["REGISTER_MUTATION_FIELDS_OPTIONAL"] = {kinds}',
        f'GRAPHQL_AUTH["UPDATE_MUTATION_FIELDS"] = {{"first_name": "String", "last_name": "String", **{kinds}}}',
    )(project)


def remove(*names: str) -> Callable[[Project], None]:
    """Return an edit that removes mutations from the schema, and their classes from the public ones."""

    def apply(project: Project) -> None:
        for name in names:
            field = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
            replace(project, "graphql_auth/*.py", f"    {field} = {name}.Field()\n", "")
            if f".{name}" in (project.path / SETTINGS).read_text():
                module = "relay" if project.api == "relay" else "mutations"
                replace(project, SETTINGS, f'        "graphql_auth.{module}.{name}",\n', "")

    return apply


def repaint(project: Project) -> None:
    """Change the colours of mails and pages."""
    for name in ("graphql_auth/**/*.css", "graphql_auth/templates/email/base.html"):
        for file in project.path.glob(name):
            file.write_text(re.sub(r"#[0-9a-f]{6}\b", "#123456", file.read_text()))


def rename_site(project: Project) -> None:
    """Change the site's name."""
    path = project.path / SETTINGS
    path.write_text(re.sub(r"(?m)^SITE_NAME = .*$", 'SITE_NAME = "Lovelace & Söhne"', path.read_text()))


def try_no_secret(project: Project) -> None:
    """Allow several password changes in one operation."""
    for name in ("PasswordChange", "VerifyAccount", "ObtainJSONWebToken", "DeleteAccount"):
        for file in project.path.glob("graphql_auth/api/*.py"):
            text = file.read_text()
            file.write_text(re.sub(rf'(class {name}\(.*\n    """.*"""\n)', r"\1\n    credential = False\n", text))


def change_admin(project: Project) -> None:
    """Show other columns to staff."""
    replace(project, "users/admin.py", '"is_active", "is_staff")', '"date_joined", "last_login")')


def change_tabs(project: Project) -> None:
    """Open GraphiQL with fewer tabs."""
    replace(project, "graphql_auth/api/tabs.py", '    "Users": {"first": 10},\n', "")


def return_more(project: Project) -> None:
    """Return another output from a mutation."""
    module = "graphql_auth/api/account.py"
    output = '    greeting = graphene.String(description="A word of thanks.")\n\n    Arguments = arguments('
    replace(project, module, "    Arguments = arguments(", output)


WORDS = {
    "a sentence of each mail": Change(reword("graphql_auth/templates/email/*")),
    "a text of each page": Change(reword("graphql_auth/pages/*.py", "graphql_auth/templates/account/*")),
    "a message of each error": Change(
        reword("graphql_auth/*.py", "graphql_auth/flows/*.py", "users/*.py"), migrate=True
    ),
    "colours": Change(repaint),
    "the site's name": Change(rename_site),
}
LANGUAGES_AND_TIME = {
    "English only": Change(speak_english_only),
    "German first": Change(settings('LANGUAGE_CODE = "de"')),
    "German only": Change(speak_german_only),
    "one more language": Change(settings('LANGUAGES = [*LANGUAGES, ("it", "Italiano")]')),
    "no time zones": Change(settings("USE_TZ = False")),
    "another time zone": Change(settings('TIME_ZONE = "America/New_York"')),
}
MODELS_AND_SCHEMA = {
    "a UUID as key": Change(use_uuids, migrate=True),
    "more fields": Change(add_fields, migrate=True, schema=True),
    "fewer fields": Change(settings('GRAPHQL_AUTH["UPDATE_MUTATION_FIELDS"] = {"first_name": "String"}'), schema=True),
    "no fields": Change(settings('GRAPHQL_AUTH["UPDATE_MUTATION_FIELDS"] = {}'), schema=True),
    "fewer mutations": Change(remove("SwapEmails", "ArchiveAccount"), schema=True),
    "fewer public mutations": Change(remove("DisownAccount"), schema=True),
    "one more output": Change(return_more, schema=True),
    "no credential": Change(try_no_secret),
    "one way to log in": Change(settings('GRAPHQL_AUTH["LOGIN_ALLOWED_FIELDS"] = ["email"]'), schema=True),
    "less of users": Change(
        settings(
            'GRAPHQL_AUTH["USER_NODE_EXCLUDE_FIELDS"] = ["password", "is_superuser", "last_login"]',
            'GRAPHQL_AUTH["USER_NODE_FILTER_FIELDS"] = {"email": ["exact"]}',
            'GRAPHQL_AUTH["USER_PUBLIC_FIELDS"] = ["id"]',
        ),
        schema=True,
    ),
}
RULES = {
    "longer passwords": Change(
        settings(
            'LONG = {"min_length": 16}',
            'VALIDATION = "django.contrib.auth.password_validation"',
            'AUTH_PASSWORD_VALIDATORS = [{"NAME": f"{VALIDATION}.MinimumLengthValidator", "OPTIONS": LONG}]',
        )
    ),
    "no rules for passwords": Change(settings("AUTH_PASSWORD_VALIDATORS = []")),
    "stricter limits": Change(
        settings(
            'SCOPES = ["login", "login_account", "login_client", "mail_address", "mail_client", "register_client"]',
            'GRAPHQL_AUTH["RATE_LIMITS"] = dict.fromkeys([*SCOPES, "login_total", "refresh"], "1/day")',
        )
    ),
    "fewer limits": Change(settings('GRAPHQL_AUTH["RATE_LIMITS"] = {"login": "500/minute", "mail_client": "9/hour"}')),
    "no limits": Change(settings('GRAPHQL_AUTH["RATE_LIMITS"] = {}')),
    "other durations": Change(
        settings(
            *(
                f'GRAPHQL_AUTH["{name}"] = timedelta({duration})'
                for name, duration in {
                    "EXPIRATION_ACTIVATION_TOKEN": "days=2",
                    "EXPIRATION_PASSWORD_RESET_TOKEN": "minutes=15",
                    "EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN": "days=3",
                    "EXPIRATION_PASSWORD_SET_TOKEN": "hours=5",
                    "SESSION_LIFETIME": "days=90",
                    "REFRESH_TOKEN_GRACE": "seconds=30",
                }.items()
            ),
            'GRAPHQL_AUTH["EMAIL_RETRY_DELAYS"] = [timedelta(minutes=10)]',
            'GRAPHQL_JWT["JWT_EXPIRATION_DELTA"] = timedelta(minutes=15)',
            'GRAPHQL_JWT["JWT_REFRESH_EXPIRATION_DELTA"] = timedelta(days=14)',
        )
    ),
}
SURROUNDINGS = {
    "other links": Change(
        settings(
            *(
                f'GRAPHQL_AUTH["{name}_PATH_ON_EMAIL"] = "account/{name.lower()}"'
                for name in ("ACTIVATION", "ACTIVATION_SECONDARY_EMAIL", "PASSWORD_SET", "PASSWORD_RESET")
            ),
            'GRAPHQL_AUTH["EMAIL_FROM"] = "Ada <ada@example.com>"',
            'GRAPHQL_AUTH["EMAIL_TEMPLATE_VARIABLES"] = {"slogan": "Numbers for all"}',
        )
    ),
    "another .env": Change(
        environment(
            "ALLOWED_HOSTS=www.example.com,localhost",
            "FRONTEND_URL=https://app.example.com/",
            "DEFAULT_FROM_EMAIL=accounts@example.com",
            "EMAIL_URL=smtp+tls://user:password@mail.example.com:587",
            "EMAIL_TIMEOUT=5",
            "MAIL_QUEUE=database",
            "CORS_ALLOWED_ORIGINS=https://app.example.com",
            "TRUSTED_PROXIES=1",
            "RATE_LIMIT_PREFIX=mine",
            "PASSWORD_HASHES_AT_ONCE=2",
            "PASSWORD_HASHES_WAITING=3",
            "USERS_QUERY=staff",
            "PREVENT_ENUMERATION=True",
            "ALLOW_LOGIN_NOT_VERIFIED=False",
            "ALLOW_LOGIN_WITH_SECONDARY_EMAIL=False",
            "ALLOW_DELETE_ACCOUNT=True",
            "ALLOW_PASSWORDLESS_REGISTRATION=True",
            "SEND_PASSWORD_SET_EMAIL=True",
        )
    ),
    "another list of users for staff": Change(change_admin),
    "fewer tabs": Change(change_tabs),
}
CHANGES = WORDS | LANGUAGES_AND_TIME | MODELS_AND_SCHEMA | RULES | SURROUNDINGS


def apply(project: Project, *names: str) -> None:
    """Make changes in a project, and do what the README says to do afterwards."""
    changes = [CHANGES[name] for name in names]
    for change in changes:
        change.edit(project)
    if any(change.migrate for change in changes):
        run(sys.executable, "manage.py", "makemigrations", cwd=project.path)
    if any(change.schema for change in changes):
        make("schema", project)
