"""How the project is served."""

import re
import runpy
import subprocess
import sys
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from django.conf import settings

from graphql_auth import hashers
from graphql_auth.errors import AccountError

# The placeholders for URLs and referrers in gunicorn's log format.
ADDRESSES = {"r", "U", "q", "f"}


def gunicorn():
    """Return what the configuration of gunicorn defines."""
    return runpy.run_path(str(settings.BASE_DIR / "deploy/gunicorn.conf.py"))


def test_the_log_of_requests_has_no_addresses():
    """A URL may contain the token of a mailed link."""
    assert not ADDRESSES & set(re.findall(r"%\((\w+)\)", gunicorn()["access_log_format"]))


def test_gunicorn_refuses_to_start_with_debug(settings, monkeypatch):
    monkeypatch.delenv("ALLOW_DEBUG", raising=False)
    settings.DEBUG = True

    with pytest.raises(SystemExit, match="DEBUG=False"):
        gunicorn()["on_starting"](None)


@pytest.mark.parametrize(("debug", "allowed"), [(False, ""), (False, "1"), (True, "1")])
def test_gunicorn_starts_without_debug_or_where_it_is_allowed(settings, monkeypatch, debug, allowed):
    monkeypatch.setenv("ALLOW_DEBUG", allowed)
    settings.DEBUG = debug

    gunicorn()["on_starting"](None)


def test_the_schema_is_built_before_the_first_request():
    script = "import config.wsgi, sys; sys.exit('config.schema' not in sys.modules or 'config.urls' not in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], cwd=settings.BASE_DIR).returncode == 0


def test_a_worker_of_gunicorn_keeps_threads_free_of_requests_that_wait_to_hash(settings):
    """B14: however many it was started with."""
    settings.PASSWORD_HASHERS = ["graphql_auth.hashers.Argon2PasswordHasher"]
    gunicorn = runpy.run_path(str(settings.BASE_DIR / "deploy/gunicorn.conf.py"))
    try:
        gunicorn["post_worker_init"](SimpleNamespace(cfg=SimpleNamespace(threads=4)))
        with ExitStack() as queue:
            for _ in range(3):
                queue.enter_context(hashers.place())
            with pytest.raises(AccountError):
                queue.enter_context(hashers.place())
    finally:
        hashers.leave_threads(1000)
