"""GraphiQL, the page on which a developer tries the API out. The project serves all of it itself."""

from collections.abc import Iterable, Mapping

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static

from endpoint.conf import endpoint_settings, load_hook


# The editor of GraphiQL writes style elements and attributes as it goes; scripts need no such exception.
@csp_update({"style-src": ["'unsafe-inline'"]})
def page(request: HttpRequest) -> HttpResponse:
    """Return the page, which sends its operations to its own URL."""
    context = {
        "site_name": getattr(settings, "SITE_NAME", request.get_host()),
        "settings": {"tabs": list(tabs()), "worker": static("graphiql/worker.js")},
    }
    return render(request, "endpoint/graphiql.html", context)


def tabs() -> Iterable[Mapping[str, str]]:
    """Return the query and the variables of each tab that GRAPHIQL_TABS asks for."""
    load_tabs = load_hook(endpoint_settings.GRAPHIQL_TABS)
    return load_tabs() if load_tabs else []
