"""GraphiQL: all of its files come from the project, and its tabs can be run."""

import json
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.urls import path, reverse

from graphql_auth.api import tabs


@pytest.fixture
def page(api, configure_endpoint, settings):
    """Return the page, as a browser gets it in development."""
    configure_endpoint(GRAPHIQL=True)
    settings.MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware", *settings.MIDDLEWARE]
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    return api.client.get(reverse("graphql"), HTTP_ACCEPT="text/html")


def loaded_by(page):
    """Return the URLs in the page."""
    found = re.findall(r'(?:href=|src=|"worker": )"([^"]*)"', page.content.decode())
    return [address for address in found if not address.startswith("data:")]


def load(api, address):
    """Return the contents at a URL."""
    response = api.client.get(address)
    assert response.status_code == 200, address
    return b"".join(response.streaming_content).decode(errors="replace")


def policy(response):
    """Return the sources of each directive of the Content-Security-Policy."""
    directives = [directive.partition(" ") for directive in response["Content-Security-Policy"].split("; ")]
    return {name: sources for name, _, sources in directives}


def test_everything_on_the_page_is_served_by_the_project(api, page):
    addresses = loaded_by(page)

    assert {"graphiql.css", "worker.js", "graphiql.js"} < {Path(address).name for address in addresses}
    assert all(load(api, address) for address in addresses)


def test_everything_in_the_style_sheet_is_served_by_the_project(api, page):
    (sheet,) = [address for address in loaded_by(page) if address.endswith("graphiql/graphiql.css")]

    addresses = [found for found in re.findall(r"url\([\"']?([^\"')]+)", load(api, sheet)) if "data:" not in found]

    assert addresses == ["./codicon.ttf"]
    assert load(api, urljoin(sheet, addresses[0]))


def test_no_other_server_is_named(page):
    assert re.findall(r"\w*://[^\s\"]*|[\"']//[^\s\"]*", page.content.decode()) == []


def test_the_page_may_set_styles_and_nothing_else_that_other_pages_may_not(api, db, page):
    other = api.client.get(reverse("admin:login"))

    assert policy(page) == policy(other) | {"style-src": "'self' 'unsafe-inline'"}


def test_the_tabs_can_be_run_from_first_to_last(api, mailed_token, settings):
    """With the demo users, whose passwords are hashed as in production."""
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "graphql_auth.hashers.Argon2PasswordHasher"]
    call_command("loaddata", "users", verbosity=0)
    token, names = None, []

    for tab in tabs.tabs():
        variables = tab["variables"]
        if "VerifyAccount" in tab["query"]:
            variables = variables.replace(tabs.TABS["VerifyAccount"]["token"], mailed_token())
        given = json.loads(variables or "{}")
        assert [name for name in given if f"${name}: " not in tab["query"]] == []
        answer = api.query(tab["query"], token, **given)
        ((name, output),) = answer.items()
        assert output, name
        assert output.get("success", True), output
        token = output.get("token") or token
        names.append(name)

    assert len(names) == len(tabs.TABS)


def test_an_operation_that_is_not_documented_has_no_tab(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/operations.graphql").write_text("query Other {\n  a\n}\n\nquery Me {\n  me {\n    id\n  }\n}\n")

    assert list(tabs.tabs()) == [{"query": "query Me {\n  me {\n    id\n  }\n}", "variables": ""}]


MAILS, ADMIN = path("mails", lambda request: None, name="mails"), path("admin/", admin.site.urls)


@pytest.mark.parametrize(
    ("pages", "links"), [((MAILS, ADMIN), ["/mails", "/admin/"]), ((ADMIN,), ["/admin/"]), ((MAILS,), ["/mails"])]
)
def test_it_links_to_the_pages_that_exist(settings, pages, links):
    settings.ROOT_URLCONF = pages

    assert [link["url"] for link in tabs.links()] == links


@pytest.mark.parametrize(("hook", "is_linked"), [("graphql_auth.api.tabs.links", True), (None, False)])
def test_its_links_come_from_a_hook(api, configure_endpoint, hook, is_linked):
    configure_endpoint(GRAPHIQL=True, GRAPHIQL_LINKS=hook)

    page = api.client.get(reverse("graphql"), HTTP_ACCEPT="text/html").content.decode()

    assert ('{"url": "/admin/", "text": "Admin"}' in page) is is_linked


@pytest.mark.parametrize("graphiql", [True, False])
def test_its_files_are_collected_only_where_the_page_is_served(configure_endpoint, settings, tmp_path, graphiql):
    """B11: 4 MB that anybody could load from a server on which nobody gets the page."""
    configure_endpoint(GRAPHIQL=graphiql)
    settings.STATIC_ROOT = tmp_path
    # To compress 4 MB takes long, and changes nothing here.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}

    call_command("collectstatic", interactive=False, verbosity=0)

    assert (tmp_path / "admin").is_dir()
    assert (tmp_path / "account/account.css").is_file()
    assert (tmp_path / "graphiql").exists() is graphiql
