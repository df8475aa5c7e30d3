"""GraphiQL, the page on which a developer tries the API out. It is served from here: nothing comes from elsewhere."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static

# The operations of docs/operations.graphql that the page opens with, and what to run them with.
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

# An operation ends at the first brace that starts a line.
OPERATION = re.compile(r"^(?:query|mutation) (?P<name>\w+).*?^}", re.DOTALL | re.MULTILINE)


# The editor of GraphiQL writes style elements and attributes as it goes. Scripts need no such thing.
@csp_update({"style-src": ["'unsafe-inline'"]})
def page(request: HttpRequest) -> HttpResponse:
    """Return the page. It sends its operations to its own address."""
    context = {
        "site_name": getattr(settings, "SITE_NAME", request.get_host()),
        "settings": {"tabs": list(tabs()), "worker": static("graphiql/worker.js")},
    }
    return render(request, "graphql_auth/graphiql.html", context)


def tabs() -> Iterator[dict[str, str]]:
    """Yield the query and the variables of each tab, as texts."""
    documents = Path(settings.BASE_DIR, "docs/operations.graphql").read_text(encoding="utf-8")
    queries = {found["name"]: found[0] for found in OPERATION.finditer(documents)}
    for name, variables in TABS.items():
        if query := queries.get(name):
            # % if cookiecutter.api == "relay"
            if query.startswith("mutation"):
                variables = {"input": variables}
            # % endif
            yield {"query": query, "variables": json.dumps(variables, indent=2) if variables else ""}
