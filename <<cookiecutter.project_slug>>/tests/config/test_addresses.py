"""A site below a path of its host, and static files on another host."""

import json
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test.utils import override_script_prefix

# Asks the site as gunicorn does: with the path split in two. Prints each answer.
ASK = """
import io, json, sys
from config.wsgi import application
from django.conf import settings

def ask(path, method="GET", body="", **environ):
    answer = {}
    def start(status, headers, exc_info=None):
        answer.update(status=int(status[:3]), headers=dict(headers))
        answer["cookies"] = [value for name, value in headers if name == "Set-Cookie"]
    prefix = settings.SCRIPT_NAME
    environ |= {
        "REQUEST_METHOD": method, "SCRIPT_NAME": prefix, "PATH_INFO": path.removeprefix(prefix),
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1",
        "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "wsgi.input": io.BytesIO(body.encode()),
        "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json", "HTTP_ACCEPT": "text/html,*/*;q=0.8",
    }
    answer["body"] = b"".join(application(environ, start)).decode()
    return answer

print(json.dumps([ask(*request) for request in json.loads(sys.argv[1])]))
"""


def ask(*requests, **environment):
    """Return the answers of a site with its own environment."""
    variables = os.environ | {"DEBUG": "True", "SECURE_SSL_REDIRECT": "False", "DATABASE_URL": "sqlite://:memory:"}
    command = [sys.executable, "-c", ASK, json.dumps(requests)]
    done = subprocess.run(command, cwd=project.BASE_DIR, env=variables | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def addresses_in(page):
    """Return the addresses that a page loads, follows or sends to."""
    found = re.findall(r"""(?:href=|src=|action=|"worker": )["']([^"'#]+)""", page["body"])
    return [address for address in found if not address.startswith("data:")]


PAGES = [
    "/",
    "/graphql",
    "/admin/login/",
    "/password-reset",
    "/.well-known/change-password",
    "/activate/token",
    "/dev/mails/",
]


def test_a_site_below_a_path_stays_below_it():
    """Static files were looked for, and cookies were valid, at the root of the host."""
    pages = [f"/shop{path}" for path in PAGES]

    answers = ask(*([path] for path in pages), ["/shop/admin/"], SCRIPT_NAME="/shop")

    assert {answer["status"] for answer in answers} == {200, 302}
    places = [answer["headers"]["Location"] for answer in answers if answer["status"] == 302]
    places += [address for answer in answers for address in addresses_in(answer)]
    assert len(places) > 10
    assert [place for place in places if not place.startswith("/shop/")] == []
    cookies = [cookie for answer in answers for cookie in answer["cookies"]]
    assert cookies
    assert [cookie for cookie in cookies if not re.search(r"; Path=/shop(/|;|$)", cookie, re.IGNORECASE)] == []


def test_the_api_answers_below_a_path():
    question = json.dumps({"query": "{ __typename }"})

    [answer] = ask(["/shop/graphql", "POST", question], SCRIPT_NAME="/shop")

    assert json.loads(answer["body"]) == {"data": {"__typename": "Query"}}


def test_http_is_refused_and_not_redirected_below_a_path_either():
    [api, page] = ask(
        ["/shop/graphql", "POST", "{}"], ["/shop/admin/"], SCRIPT_NAME="/shop", SECURE_SSL_REDIRECT="True"
    )

    assert api["status"] == 403
    assert (page["status"], page["headers"]["Location"]) == (301, "https://127.0.0.1/shop/admin/")


@pytest.mark.parametrize("address", ["https://cdn.example.com/static/", "//cdn.example.com/x/", "http://[::1]:8080/"])
def test_pages_may_load_static_files_from_another_host(address):
    host = urlsplit(address)._replace(path="").geturl().removeprefix("//")

    answers = ask(["/admin/login/"], ["/password-reset"], ["/dev/mails/"], STATIC_URL=address)

    for answer in answers:
        loaded = [found for found in addresses_in(answer) if found.startswith(address)]
        assert loaded
        policy = dict(directive.split(" ", 1) for directive in answer["headers"]["Content-Security-Policy"].split("; "))
        for directive in ("script-src", "style-src", "img-src", "font-src"):
            assert {"'self'", host} <= {*policy[directive].split()}
        assert policy["default-src"] == "'none'"
        assert policy["connect-src"] == policy["form-action"] == "'self'"


def test_the_worker_of_graphiql_comes_from_this_site(client, settings, configure_endpoint, monkeypatch):
    """Browsers start none from another host."""
    configure_endpoint(GRAPHIQL=True)
    monkeypatch.setattr(staticfiles_storage, "base_url", "https://cdn.example.com/static/")

    page = client.get("/graphql", HTTP_ACCEPT="text/html").content.decode()

    assert 'src="https://cdn.example.com/static/graphiql/graphiql.js"' in page
    assert '"worker": "/static/graphiql/worker.js"' in page


@pytest.mark.parametrize(
    ("prefix", "frontend", "status"),
    [
        ("/", "https://example.com", 302),
        ("/", "https://example.com/app", 404),
        ("/shop/", "https://example.com/shop", 302),
        ("/shop/", "https://example.com/shop/", 302),
        ("/shop/", "https://example.com", 404),
        ("/", "https://app.example.com", 404),
    ],
)
def test_password_managers_find_the_page_where_links_lead_here(client, settings, prefix, frontend, status):
    settings.FRONTEND_URL, settings.ALLOWED_HOSTS = frontend, ["example.com", "testserver"]

    with override_script_prefix(prefix):
        answer = client.get("/.well-known/change-password")

    assert answer.status_code == status
    assert status == 404 or answer["Location"] == f"{prefix}password-reset"


@pytest.mark.parametrize("path", ["shop", "/", "/shop/", "shop/", "//shop", "/a b", "https://example.com/shop"])
def test_the_path_of_a_site_that_cannot_be_right_is_named(path):
    command = [sys.executable, "-c", "import config.settings"]
    done = subprocess.run(
        command, cwd=project.BASE_DIR, env=os.environ | {"SCRIPT_NAME": path}, capture_output=True, text=True
    )

    assert f"ImproperlyConfigured: SCRIPT_NAME is {path!r}. Write it like SCRIPT_NAME=/shop" in done.stderr
