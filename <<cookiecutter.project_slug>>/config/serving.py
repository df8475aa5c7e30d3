"""Refuses to serve a project that is set up for development: gunicorn calls it, and `python -m config.serving`."""

import os

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def refuse_debug() -> None:
    """Stop where DEBUG is on, unless the environment has ALLOW_DEBUG=1.

    Raises SystemExit with the fix. With DEBUG, an error shows code and settings to every visitor.
    """
    if settings.DEBUG and os.environ.get("ALLOW_DEBUG") != "1":
        raise SystemExit(
            "DEBUG is on: errors would show code and settings to every visitor.\n"
            "Set DEBUG=False in .env or in the environment; `manage.py check --deploy` says what else a server needs.\n"
            "To serve with DEBUG all the same, where only you can reach it: make serve ALLOW_DEBUG=1"
        )


if __name__ == "__main__":
    refuse_debug()
