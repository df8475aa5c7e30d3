"""The front page, the pages of errors, and where pages lead."""

import re

import pytest
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import path

from config import urls
from graphql_auth import tokens
from graphql_auth.conf import AuthSettings
from graphql_auth.mails import palette
from graphql_auth.pages import requirements, site, texts
from tests.graphql_auth.pages.helpers import Elements, open_link, press

LOGIN = "https://app.example.com/login?next=/"


def fail(request):
    raise LookupError("secret")


handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
urlpatterns = [path("", site.home), path("fail", fail), *urls.urlpatterns]
pytestmark = pytest.mark.urls(__name__)


def ends_of(client, journey):
    """Return the page of each way that a link can end, by name."""
    token = journey.token()
    ends = {"done": press(client, open_link(client, journey, token), **journey.fields)}
    ends["used"] = open_link(client, journey, token)
    ends["cut off"] = open_link(client, journey, "x")
    ends["closed"] = Client().get(journey.page)
    ends["no cookie"] = Client().post(journey.page, {"link": "x"}, follow=True)
    if journey.page in ("/activate", "/password-reset"):
        ends["sent"] = press(client, ends["closed"], email="x@example.com")
    return ends


@pytest.mark.parametrize(("configured", "expected"), [(LOGIN, LOGIN), ("/login", "/login"), ("", "/")])
def test_every_end_of_a_link_has_a_next_step(client, journey, configure, configured, expected):
    configure(LOGIN_URL_ON_PAGES=configured)

    for name, page in ends_of(client, journey).items():
        assert expected in Elements(page.content.decode()).find_links(), name


def test_who_did_not_register_can_go_on(client, make_user, configure):
    configure(LOGIN_URL_ON_PAGES=LOGIN)
    user = make_user("new")
    page = open_link(client, type("Link", (), {"page": "/activate"}), tokens.make(tokens.ACTIVATION, user))

    declined = press(client, page, decline="1")

    assert Elements(declined.content.decode()).find_links() == ["/password-reset", LOGIN]


def test_no_end_of_a_link_shows_an_alarm(client, journey):
    for name, page in ends_of(client, journey).items():
        assert 'role="alert"' not in page.content.decode(), name


def test_the_page_for_a_forgotten_password_is_one_question_and_one_sentence(client):
    page = client.get("/password-reset").content.decode()

    assert f"<h1>{texts.FORGOTTEN_TITLE}</h1>" in page
    assert len(re.findall("<p>", page)) == 1
    assert "way-out" not in page


def test_the_front_page_says_what_the_site_is_and_where_to_go(client, settings, configure):
    settings.SITE_NAME = "The <Shop>"
    configure(LOGIN_URL_ON_PAGES=LOGIN)

    page = client.get("/").content.decode()

    assert "<h1>The &lt;Shop&gt;</h1>" in page
    assert Elements(page).find_links() == [LOGIN, "/password-reset"]
    assert client.post("/").status_code == 405


def test_the_front_page_leads_to_no_page_that_is_off(client, settings):
    settings.FRONTEND_URL = "https://app.example.com"

    assert Elements(client.get("/").content.decode()).find_links() == []


@pytest.mark.parametrize(
    ("address", "headers", "status"), [("/nothing", {}, 404), ("/fail", {}, 500), ("/", {"host": "a.example.com"}, 400)]
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_errors_have_the_look_and_the_language_of_the_site(settings, address, headers, status, language):
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["testserver"]
    client = Client(raise_request_exception=False)

    response = client.get(address, headers={"accept-language": language, **headers})

    page = response.content.decode()
    elements = Elements(page)
    assert response.status_code == status
    assert [element["lang"] for element in elements.find("html")] == [language]
    assert len(elements.find("h1")) == 1
    assert elements.find_links() == ["/"]
    assert "secret" not in page


def test_a_page_that_is_not_permitted_has_the_look_of_the_site():
    response = site.permission_denied(None, PermissionError())

    assert response.status_code == 403
    assert Elements(response.content.decode()).find_links() == ["/"]


@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", "//evil.example.com", "/\\evil.example.com", "app.example.com", " /login", "https://"],
)
def test_a_place_to_log_in_that_is_no_page_stops_the_start(configure, value):
    configure(LOGIN_URL_ON_PAGES=value)

    with pytest.raises(ImproperlyConfigured, match="LOGIN_URL_ON_PAGES"):
        AuthSettings.require_types()


class Longer(MinimumLengthValidator):
    """Requires something that only its help text says."""

    def get_help_text(self):
        return "Only <rare> words."


def test_the_requirements_are_those_of_the_validators(settings):
    def names(*validators):
        settings.AUTH_PASSWORD_VALIDATORS = [
            {"NAME": name, "OPTIONS": options} if options else {"NAME": name} for name, options in validators
        ]
        return requirements.as_html()

    django = "django.contrib.auth.password_validation."

    assert names() == ""
    assert "12 characters" in names((f"{django}MinimumLengthValidator", {"min_length": 12}))
    assert names((f"{__name__}.Longer", {})) == "Only &lt;rare&gt; words."
    both = names((f"{django}NumericPasswordValidator", {}), (f"{__name__}.Longer", {}))
    assert re.fullmatch(r"[^.]+\. Only &lt;rare&gt; words\.", both)
    assert len(get_default_password_validators()) == 2


def test_every_color_of_a_mail_is_one_of_the_palette():
    colors = palette.colors()

    assert colors["light"].keys() == colors["dark"].keys()
    assert colors["light"]["page"] != colors["dark"]["page"]
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for theme in colors.values() for color in theme.values())


def test_a_missing_palette_loses_no_mail(monkeypatch):
    monkeypatch.setattr(palette, "SHEET", "no/such.css")

    assert palette.colors() == {"light": {}, "dark": {}}
