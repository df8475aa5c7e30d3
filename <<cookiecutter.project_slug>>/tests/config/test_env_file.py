"""What .env may say: the settings and the Makefile read it by the same rules."""

import os
import shutil
import string
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from hypothesis import given, strategies

from config.env import Env
from config.env_file import read_file


def read(tmp_path, monkeypatch, content):
    """Return what .env sets."""
    path = tmp_path / ".env"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    environment = {}
    monkeypatch.setattr(os, "environ", environment)
    Env.read_env(path)
    return environment


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("IT=a value", "a value"),
        ("IT = a value", "a value"),
        ("  IT\t=  a value  ", "a value"),
        ("export IT=a value", "a value"),
        ('IT="a value"', "a value"),
        ("IT = 'a value'", "a value"),
        ("IT='  blanks  '", "  blanks  "),
        ("IT=", ""),
        ("IT =", ""),
        ("IT='", "'"),
        ("IT='a # b' # c", "a # b"),
        ('IT="a" "b"', 'a" "b'),
        ('IT="" # c', ""),
        ('IT="a"#c', '"a"#c'),
        ('IT="it\'s"', "it's"),
        ("IT=\"a'", "\"a'"),
        ("IT=$HOME", "$HOME"),
        ("IT=a#b # c", "a#b # c"),
        ("IT=a=b=c", "a=b=c"),
        (r"IT=a\nb\$c", r"a\nb\$c"),
        ("IT=Zürich \u2028 \x0b.", "Zürich \u2028 \x0b."),
        ("IT=a value\r", "a value"),
        ("IT=first\nIT=second", "second"),
        ("# comment\n\n   # IT=no\nIT=yes", "yes"),
    ],
)
def test_a_line_of_env_is_read_as_it_is_written(tmp_path, monkeypatch, line, value):
    """`SECRET_KEY = x` was "not set", and `ALLOW_LOGIN_NOT_VERIFIED = False` read True."""
    assert read(tmp_path, monkeypatch, line) == {"IT": value}


@pytest.mark.parametrize(
    "line", ["IT", "IT: value", "a b=c", "9A=x", "=x", "a-secret-that-lost-its-name", "IT=a\0b", "export IT"]
)
def test_a_line_of_env_that_cannot_be_read_is_named(tmp_path, monkeypatch, line):
    with pytest.raises(ImproperlyConfigured, match=r"^Line 3 of \S+\.env cannot be read\. Write it like NAME=value\.$"):
        read(tmp_path, monkeypatch, f"A=1\n# comment\n{line}\nB=2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_env_may_be_saved_by_any_editor(tmp_path, monkeypatch, encoding):
    """UTF-16 was a traceback."""
    text = "A=1\r\nIT=Zürich\r\n"

    assert read(tmp_path, monkeypatch, text.encode(encoding)) == {"A": "1", "IT": "Zürich"}


@pytest.mark.parametrize("content", ["IT=Zürich".encode("latin-1"), b"\xff\xfeI"])
def test_env_in_another_encoding_is_named(tmp_path, monkeypatch, content):
    with pytest.raises(ImproperlyConfigured, match=r"\.env is not encoded in UTF-8\. Save it as UTF-8\."):
        read(tmp_path, monkeypatch, content)


def test_the_environment_counts_more_than_env(tmp_path, monkeypatch):
    monkeypatch.setenv("IT_IS_THERE", "environment")
    (tmp_path / ".env").write_text("IT_IS_THERE=file\n")

    Env.read_env(tmp_path / ".env")

    assert os.environ["IT_IS_THERE"] == "environment"


def test_a_project_needs_no_env(tmp_path):
    Env.read_env(tmp_path / ".env")


# The class

NAMES = strategies.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
PRINTABLE = string.ascii_letters + string.digits + string.punctuation
VALUES = strategies.one_of(
    # All but what ends a line, and halves of surrogate pairs.
    strategies.text(strategies.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=40),
    # What people and programs make up: Django's keys, passwords, URLs with passwords.
    strategies.builds(get_random_secret_key),
    strategies.text(PRINTABLE + " ", max_size=40),
    strategies.builds("postgres://user:{}@127.0.0.1/db".format, strategies.text(PRINTABLE, max_size=10)),
)
BLANKS = strategies.text(" \t", max_size=2)
REMARKS = strategies.sampled_from(["", "\n", "# A=1\n", '  # it\'s "a" comment\n', "\t\n"])


@strategies.composite
def written(draw):
    """Return the text of a file as people write it, and what it sets."""
    text, values = "", {}
    for name, value in draw(strategies.lists(strategies.tuples(NAMES, VALUES), max_size=5)):
        quotes = [quote for quote in "'\"" if quote not in value]
        # Blanks around a bare value, and quotes at its start, may not be a part of it.
        if value.strip(" \t\v\f") == value and value[:1] not in ("'", '"'):
            quotes.append("")
        if quotes:
            quote, export = draw(strategies.sampled_from(quotes)), draw(strategies.sampled_from(["", "export "]))
            comment = draw(strategies.sampled_from(["", ' # it\'s "why"'])) if quote else ""
            before, *around, after = (draw(BLANKS) for _ in range(4))
            text += f"{draw(REMARKS)}{before}{export}{name}{'='.join(around)}{quote}{value}{quote}{comment}{after}\n"
            values[name] = value
    return text + draw(REMARKS), values


@given(written(), strategies.sampled_from(["\n", "\r\n"]), strategies.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_people_write_is_read_literally(written, end, encoding):
    text, values = written
    with TemporaryDirectory() as folder:
        path = Path(folder, ".env")
        path.write_bytes(text.replace("\n", end).encode(encoding))

        assert read_file(path) == values


# The Makefile


@pytest.fixture
def make(tmp_path):
    """Return a function that returns the variable of the Makefile `name`, with a `.env` of `content`."""
    (tmp_path / "config").mkdir()
    for name in ("Makefile", "config/env_file.py"):
        shutil.copy(project.BASE_DIR / name, tmp_path / name)
    (tmp_path / "show.mk").write_text("include Makefile\nshow:\n\t@echo '$($(NAME))'\n")

    def make(name, content=b"", **environment):
        (tmp_path / ".env").write_bytes(content)
        command = ["make", "-s", "-f", "show.mk", "show", f"NAME={name}", f"PYTHON={sys.executable}", "UV="]
        clean = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_URI"))}
        variables = clean | environment
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=True)
        return done.stdout.strip(), done.stderr

    return make


URL = "postgres://user:$ecret#1@127.0.0.1/db"


@pytest.mark.parametrize(
    "content",
    [
        f"DATABASE_URL={URL}",
        f"DATABASE_URL = {URL}",
        f"export DATABASE_URL='{URL}'  # production",
        f'# DATABASE_URL=sqlite:///x\n\tDATABASE_URL="{URL}"\r\n',
        "DATABASE_URL=postgresql://127.0.0.1/db",
        "DATABASE_URL=pgsql://127.0.0.1/db",
        "DATABASE_URL=psql://127.0.0.1/db",
        "DATABASE_URL=postgis://127.0.0.1/db",
        "CACHE_URL = 'redis://127.0.0.1'",
        "CACHE_URL=rediscache://127.0.0.1",
        "RATE_LIMIT_STORAGE_URI=rediss://127.0.0.1",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_make_installs_the_drivers_that_env_needs(make, content, encoding):
    """Quotes, `export`, blanks and `pgsql://` were not seen, and the first query failed."""
    assert make("SET_UP", content.encode(encoding))[0].endswith("/production-ready")


@pytest.mark.parametrize(
    "content",
    [
        "",
        f"# DATABASE_URL={URL}",
        f"MY_DATABASE_URL={URL}",
        "DATABASE_URL=sqlite:////tmp/postgres.sqlite3",
        f"DATABASE_URL={URL}\nDATABASE_URL=sqlite:///x",
    ],
)
def test_make_installs_no_drivers_without_need(make, content):
    assert make("SET_UP", content.encode())[0].endswith("/ready")


def test_the_environment_counts_more_than_env_in_make_too(make):
    assert make("SET_UP", f"DATABASE_URL={URL}".encode(), DATABASE_URL="sqlite:///x")[0].endswith("/ready")
    assert make("SET_UP", b"DATABASE_URL=sqlite:///x", DATABASE_URL=URL)[0].endswith("/production-ready")


def test_make_names_a_line_that_cannot_be_read(make):
    assert "Line 2 of " in make("SET_UP", b"A=1\nDATABASE_URL: x")[1]
