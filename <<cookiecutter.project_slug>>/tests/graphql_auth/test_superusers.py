"""Accounts that `manage.py createsuperuser` creates."""

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.management.commands.createsuperuser import Command
from django.core.management import CommandError, call_command
from django.db import connections
from django.urls import reverse

from tests.conftest import PASSWORD

# % if cookiecutter.login_field == "username"
ANSWERS = ["boss", "boss@example.com"]
NAMED = {"username": "boss", "email": "boss@example.com"}
# % else
ANSWERS = ["boss@example.com"]
NAMED = {"email": "boss@example.com"}
# % endif
BY_ADDRESS = {"email": "boss@example.com", "password": PASSWORD}


class Terminal(StringIO):
    """A standard input that looks like a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def create(db, monkeypatch):
    """Return a function that runs the command with `answers`, or without asking."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    monkeypatch.setattr("getpass.getpass", lambda *args: PASSWORD)

    def create(*answers, **options):
        waiting = iter(answers)
        monkeypatch.setattr("builtins.input", lambda *args: next(waiting))
        streams = {"stdin": Terminal(), "stdout": StringIO(), "stderr": StringIO()}
        call_command("createsuperuser", interactive=bool(answers), **streams, **options)

    return create


@pytest.mark.parametrize(("answers", "options"), [(ANSWERS, {}), ([], NAMED)], ids=["interactive", "--noinput"])
def test_a_superuser_can_use_the_api_and_the_admin_at_once(create, configure, api, mutate, client, answers, options):
    """It had to verify its address first, for which there was no mail."""
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)

    create(*answers, **options)

    login = mutate("tokenAuth", **BY_ADDRESS)
    assert login["success"] is True
    assert mutate("archiveAccount", login=login["token"], password="wrong")["errors"]["password"]
    boss = get_user_model().objects.get()
    assert (boss.is_staff, boss.is_superuser, boss.status.verified) == (True, True, True)
    client.force_login(boss, "django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("admin:index"), secure=True).status_code == 200


@pytest.mark.parametrize("interactive", [True, False], ids=["interactive", "--noinput"])
def test_an_address_that_is_taken_is_said_in_one_line(create, with_secondary, monkeypatch, capsys, interactive):
    named = NAMED | {"email": with_secondary.status.secondary_email}
    if interactive:
        with pytest.raises(CommandError, match=r"^A user with that email already exists\.$"):
            create(*named.values())
        return
    options = [f"--{name}={value}" for name, value in named.items()]
    # The connection is the test's.
    monkeypatch.setattr(connections, "close_all", lambda: None)

    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "createsuperuser", "--noinput", *options])

    assert ended.value.code == 1
    assert capsys.readouterr().err == "CommandError: A user with that email already exists.\n"
# % if cookiecutter.login_field == "username"


@pytest.mark.parametrize("name", ["boss@example.com", "bоss", "two words"])
def test_the_command_asks_again_for_a_username_that_accounts_cannot_have(create, name):
    create(name, *ANSWERS)

    assert get_user_model().objects.get().username == "boss"
# % endif
