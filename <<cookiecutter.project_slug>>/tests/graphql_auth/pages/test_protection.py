"""Forged forms, headers, logs and the markup of the pages."""

import logging
import re

import pytest
from django.test import Client

from graphql_auth import tokens
from graphql_auth.pages.texts import FORGED_TEXT, NO_COOKIE
from tests.conftest import PASSWORD
from tests.graphql_auth.pages.helpers import NEW, Elements, open_link, press, secret_of
from tests.texts import shown


def test_a_form_of_another_link_is_not_used(client, make_user):
    first, second = make_user("first", verified=True), make_user("second", verified=True)
    page = client.get(f"/password-reset/{tokens.make(tokens.PASSWORD_RESET, first)}", follow=True)
    client.get(f"/password-reset/{tokens.make(tokens.PASSWORD_RESET, second)}", follow=True)

    answer = press(client, page, **NEW).content.decode()

    assert 'role="status"' in answer
    assert second.email in answer
    for user in (first, second):
        user.refresh_from_db()
        assert user.check_password(PASSWORD)


def test_a_form_without_its_cookie_says_what_to_do(client, journey):
    page = open_link(client, journey)
    client.cookies.clear()

    assert shown(NO_COOKIE) in press(client, page, **journey.fields).content.decode()
    assert not journey.is_done()


def test_a_forged_form_says_what_to_do(journey):
    client = Client(enforce_csrf_checks=True)
    open_link(client, journey)

    response = client.post(journey.page, journey.fields)

    assert response.status_code == 403
    assert shown(FORGED_TEXT) in response.content.decode()
    assert not journey.is_done()


def test_a_form_over_https_passes_for_what_it_is(journey):
    client = Client(enforce_csrf_checks=True)
    page = client.get(f"{journey.page}/{journey.token()}", follow=True, secure=True)
    csrf = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    link = re.search(r'name="link" value="(\w+)"', page.content.decode())[1]

    # What a browser sends of itself where the policy is same-origin.
    assert page["Referrer-Policy"] == "same-origin"
    origin = {"HTTP_ORIGIN": "https://testserver", "HTTP_REFERER": f"https://testserver{journey.page}"}
    client.post(journey.page, csrf | {"link": link} | journey.fields, secure=True, **origin)

    assert journey.is_done()


def test_somebody_who_is_logged_in_uses_a_link_for_whom_it_is(client, journey, staff):
    client.force_login(staff)
    session = client.cookies["sessionid"].value

    press(client, open_link(client, journey), **journey.fields)

    assert journey.is_done()
    assert client.cookies["sessionid"].value == session
    assert client.get("/admin/").status_code == 200
    staff.refresh_from_db()
    assert staff.check_password(PASSWORD)


def test_a_page_is_not_kept_nor_framed_and_loads_nothing_from_elsewhere(client, journey):
    link = client.get(f"{journey.page}/{journey.token()}")
    page = client.get(journey.page)
    wrong = press(client, page, email="x")

    for response in (link, page, wrong):
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert "style=" not in response.content.decode()
        scripts = Elements(response.content.decode()).find("script")
        assert all(script["src"].startswith("/static/") for script in scripts)


@pytest.mark.parametrize(
    ("frontend", "allowed", "status"),
    [
        ("https://app.example.com", ["api.example.com", "testserver"], 404),
        ("https://api.example.com", ["api.example.com", "testserver"], 302),
        ("https://api.example.com:8443/", [".example.com", "testserver"], 302),
        ("https://example.com.evil.com", [".example.com", "testserver"], 404),
        ("http://[::1]:8000", ["[::1]", "testserver"], 302),
        ("https://api.example.com/app", ["api.example.com", "testserver"], 404),
    ],
)
def test_the_pages_are_there_where_links_lead_here(client, journey, settings, frontend, allowed, status):
    settings.FRONTEND_URL, settings.ALLOWED_HOSTS = frontend, allowed

    assert client.get(f"{journey.page}/{journey.token()}").status_code == status
    assert client.get(journey.page).status_code == (404 if status == 404 else 200)
    assert client.post(journey.page, {"email": "x"}).status_code == (404 if status == 404 else 200)
    assert client.post(f"{journey.page}/{journey.token()}").status_code == (404 if status == 404 else 405)


@pytest.mark.parametrize("frontend", ["http://testserver", "https://app.example.com"])
def test_a_link_leaves_no_token_in_the_logs(journey, settings, caplog, frontend):
    settings.FRONTEND_URL = frontend
    caplog.set_level(logging.DEBUG)
    for name in ("django", "django.server"):
        caplog.set_level(logging.DEBUG, logger=name)
    client = Client(enforce_csrf_checks=True)
    token = journey.token()
    link = f"{journey.page}/{token}"

    client.get(link)
    client.post(link)
    client.get(f"{link}/")
    client.get(link, headers={"host": "elsewhere.example.com"})
    # As the servers write it: Django's, and gunicorn.
    logging.getLogger("django.server").warning('"%s" %s %s', f"GET {link.replace(':', '%3A')} HTTP/1.1", "404", "12")
    logging.getLogger("gunicorn.access").warning("%(r)s %(s)s", {"r": f"GET {link} HTTP/1.1", "s": "302", "f": link})

    assert len(caplog.records) >= 5
    assert f"{journey.page}/[token]" in caplog.text
    assert secret_of(token) not in caplog.text
    assert secret_of(token) not in str([(record.msg, record.args) for record in caplog.records])


def test_the_request_that_is_reported_with_an_error_shows_no_token(journey, settings, caplog):
    settings.FRONTEND_URL = "https://app.example.com"
    token = journey.token()

    link = f"{journey.page}/{token}"
    Client().get(link, RAW_URI=link, REQUEST_URI=link)

    (reported,) = [record.request for record in caplog.records if hasattr(record, "request")]
    assert secret_of(token) not in f"{reported!r} {reported.META} {reported.build_absolute_uri()}"


@pytest.mark.parametrize("state", ["open", "done", "sent", "closed", "refused", "wrong"])
def test_a_page_is_sound(client, journey, state):
    response = open_link(client, journey, "x" if state == "refused" else None)
    if state == "done":
        response = press(client, response, **journey.fields)
    elif state == "sent":
        response = press(client, response, email="x@example.com")
    elif state == "wrong":
        response = press(client, response, new_password1="", new_password2="")
    elif state == "closed":
        response = Client().get(journey.page)

    elements = Elements(response.content.decode())
    assert len(elements.find("h1")) == len(elements.find("main")) == len(elements.find("header")) == 1
    assert elements.title.strip()
    assert [element["lang"] for element in elements.find("html")] == ["en"]
    ids = [attributes["id"] for _, attributes in elements.all if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = {element["for"] for element in elements.find("label")}
    assert {element["id"] for element in elements.find("input") if element["type"] != "hidden"} == labels
    described = " ".join(element.get("aria-describedby", "") for element in elements.find("input")).split()
    assert set(described) <= set(ids)


def test_a_page_says_which_way_its_language_runs(client, settings):
    settings.LANGUAGES = [("ar", "العربية")]

    page = client.get("/activate", headers={"accept-language": "ar"}).content.decode()

    assert '<html lang="ar" dir="rtl">' in page
