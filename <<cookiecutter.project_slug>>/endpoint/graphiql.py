"""GraphiQL, a page for trying the API. The project serves all of its files itself."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static

from endpoint.conf import endpoint_settings, load_hook


# GraphiQL's editor adds inline styles. Scripts need no such exception.
@csp_update({"style-src": ["'unsafe-inline'"]})
def page(request: HttpRequest) -> HttpResponse:
    """Return the page, which sends its operations to its own URL."""
    # Browsers start no worker from another host. This site serves static files, too, at the same path.
    worker = urlsplit(static("graphiql/worker.js")).path
    context = {
        "site_name": getattr(settings, "SITE_NAME", request.get_host()),
        "settings": {"tabs": list(tabs()), "links": list(links()), "worker": worker},
    }
    return render(request, "endpoint/graphiql.html", context)


def tabs() -> Iterable[Mapping[str, str]]:
    """Return the query and variables of each tab, from the hook GRAPHIQL_TABS."""
    load_tabs = load_hook(endpoint_settings.GRAPHIQL_TABS)
    return load_tabs() if load_tabs else []


def links() -> Iterable[Mapping[str, str]]:
    """Return the URL and the text of each link to another page, from the hook GRAPHIQL_LINKS."""
    load_links = load_hook(endpoint_settings.GRAPHIQL_LINKS)
    return load_links() if load_links else []
