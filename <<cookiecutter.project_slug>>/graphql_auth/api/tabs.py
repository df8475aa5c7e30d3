"""What GraphiQL opens with: operations from docs/operations.graphql with valid variables, and links to other pages."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse

TABS: dict[str, dict[str, Any]] = {
    "Register": {
        "email": "ada@example.com",
        # % if cookiecutter.login_field == "username"
        "username": "ada",
        # % endif
        "password1": "a-long-password-1815",
        "password2": "a-long-password-1815",
    },
    "VerifyAccount": {"token": "the last part of the link in the mail"},
    "TokenAuth": {"email": "ada@example.com", "password": "a-long-password-1815"},
    "Me": {},
    "UpdateAccount": {"firstName": "Ada", "lastName": "Lovelace"},
    "Users": {"first": 10},
}

# The names of URLs, by the text of the link.
PAGES = {"Mails": "mails", "Admin": "admin:index"}

# An operation ends at the first brace that starts a line.
OPERATION = re.compile(r"^(?:query|mutation) (?P<name>\w+).*?^}", re.DOTALL | re.MULTILINE)


def tabs() -> Iterator[dict[str, str]]:
    """Yield the query and the variables of each tab as strings."""
    documents = Path(settings.BASE_DIR, "docs/operations.graphql").read_text(encoding="utf-8")
    queries = {found["name"]: found[0] for found in OPERATION.finditer(documents)}
    for name, variables in TABS.items():
        if query := queries.get(name):
            # % if cookiecutter.api == "relay"
            if query.startswith("mutation"):
                variables = {"input": variables}
            # % endif
            yield {"query": query, "variables": json.dumps(variables, indent=2) if variables else ""}


def links() -> Iterator[dict[str, str]]:
    """Yield the URL and the text of a link to each page that exists: the mails do in development only."""
    for text, name in PAGES.items():
        with suppress(NoReverseMatch):
            yield {"url": reverse(name), "text": text}
