"""Prevents serving with DEBUG. Called by gunicorn and by `python -m config.serving`."""

import os

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def refuse_debug() -> None:
    """Raise SystemExit with the fix if DEBUG is on, unless the environment has ALLOW_DEBUG=1.

    With DEBUG, errors show code and settings to every visitor.
    """
    if settings.DEBUG and os.environ.get("ALLOW_DEBUG") != "1":
        raise SystemExit(
            "DEBUG is on: errors would show code and settings to every visitor.\n"
            "Set DEBUG=False in .env or the environment; `manage.py check --deploy` shows what else a server needs.\n"
            "To serve with DEBUG where only you can reach the server: make serve ALLOW_DEBUG=1"
        )


if __name__ == "__main__":
    refuse_debug()
