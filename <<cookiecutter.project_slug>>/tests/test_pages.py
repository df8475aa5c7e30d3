"""The pages that the links in mails open."""

import io
import logging
import re
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from graphql_auth import tokens
from graphql_auth.models import UserStatus
from tests.conftest import NEW_PASSWORD, PASSWORD, mail_down

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
SECOND = "second@example.com"
JOURNEYS = ["activate", "activate-secondary", "password-reset", "password-set"]
THROTTLED = "Too many attempts. Please try again later."
STATES = ["unknown", "unverified", "verified", "archived", "inactive", "closed"]


@dataclass
class Journey:
    """A kind of link: its page, account and form fields, and the response to a used link."""

    page: str
    purpose: tokens.Purpose
    user: Any
    address: str
    used: str
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def pending(self):
        return SECOND if self.purpose is tokens.SECONDARY_EMAIL else None

    def token(self):
        return tokens.make(self.purpose, self.user, email=self.pending)

    def is_done(self):
        self.user.refresh_from_db()
        status = UserStatus.objects.get(user=self.user)
        if self.pending:
            return status.secondary_email == SECOND
        return status.verified and (not self.fields or self.user.check_password(NEW_PASSWORD))


@pytest.fixture(autouse=True)
def links_lead_here(settings):
    settings.FRONTEND_URL = "http://testserver"
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture(params=JOURNEYS)
def journey(request, make_user):
    """Return each kind of link."""
    if request.param == "activate":
        user = make_user("new")
        return Journey("/activate", tokens.ACTIVATION, user, user.email, "Account already verified")
    if request.param == "activate-secondary":
        user = make_user("first", verified=True)
        return Journey("/activate-secondary", tokens.SECONDARY_EMAIL, user, SECOND, "Invalid token")
    if request.param == "password-reset":
        user = make_user("forgetful", verified=True)
        return Journey("/password-reset", tokens.PASSWORD_RESET, user, user.email, "Invalid token", NEW)
    user = make_user("passwordless", password=None)
    return Journey("/password-set", tokens.PASSWORD_SET, user, user.email, "Password already set for account", NEW)


@pytest.fixture
def everybody(unverified, verified, archived, inactive, closed):
    """Return an address of an account in each state."""
    users = {"unverified": unverified, "verified": verified, "archived": archived, "inactive": inactive}
    users["closed"] = closed
    return {"unknown": "unknown@example.com"} | {state: user.email for state, user in users.items()}


class Elements(HTMLParser):
    """The elements of a page, each as its tag and attributes, and its title."""

    def __init__(self, page):
        super().__init__()
        self.all, self.open, self.title = [], [], ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.all.append((tag, dict(attributes)))
        if tag not in {"input", "link", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "title":
            self.title += data

    def find(self, *tags):
        return [attributes for tag, attributes in self.all if tag in tags]


def open_link(client, journey, token=None):
    """Follow a link as a browser does; return the page it leads to."""
    return client.get(f"{journey.page}/{token or journey.token()}", follow=True)


def press(client, response, **fields):
    """Press the button of a page's form, and follow where that leads."""
    hidden = {
        element["name"]: element["value"]
        for element in Elements(response.content.decode()).find("input")
        if element["type"] == "hidden"
    }
    return client.post(response.request["PATH_INFO"], hidden | fields, follow=True)


def cookie(client, journey):
    return client.cookies[f"{journey.page[1:].replace('-', '_')}_token"]


def database():
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    return dump.getvalue()


def secret_of(token):
    return token.rpartition(":")[-1]


def test_a_page_locks_nothing_and_opens_no_transaction(client, journey):
    client.get(f"{journey.page}/{journey.token()}")

    with CaptureQueriesContext(connection) as captured:
        assert client.get(journey.page).status_code == 200

    statements = [query["sql"] for query in captured]
    assert {statement.split()[0] for statement in statements} == {"SELECT"}
    assert not [statement for statement in statements if "FOR UPDATE" in statement or "advisory" in statement]


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_changes_nothing(client, journey, method):
    link = f"{journey.page}/{journey.token()}"
    before = database()

    opened = getattr(client, method)(link)
    page = getattr(client, method)(link, follow=True)

    assert (opened.status_code, page.status_code) == (302, 200)
    assert database() == before
    assert not journey.is_done()


def test_the_button_does_what_it_says(client, journey):
    page = open_link(client, journey)

    done = press(client, page, **journey.fields)

    assert journey.is_done()
    assert done.redirect_chain == [(journey.page, 302)]
    assert "<form" not in done.content.decode()
    assert client.get(journey.page).content == done.content


def test_the_page_says_which_address_it_is_about(client, journey):
    assert f'value="{journey.address}"' in open_link(client, journey).content.decode()


def test_the_token_leaves_the_address_and_is_not_in_the_page(client, journey):
    token = journey.token()

    response = open_link(client, journey, token)

    assert response.redirect_chain == [(journey.page, 302)]
    assert secret_of(token) not in response.content.decode()
    assert secret_of(token) not in str(response.headers)


@pytest.mark.parametrize("secure", [True, False])
def test_the_token_is_in_a_cookie_of_its_page_and_for_an_hour(client, journey, settings, secure):
    settings.SESSION_COOKIE_SECURE = secure
    token = journey.token()

    client.get(f"{journey.page}/{token}")

    kept = cookie(client, journey)
    assert kept.value == f"open.{token}"
    assert (kept["path"], kept["max-age"], kept["samesite"]) == (journey.page, 3600, "Lax")
    assert (kept["httponly"], bool(kept["secure"])) == (True, secure)


def test_the_token_leaves_the_cookie_when_it_is_used(client, journey):
    press(client, open_link(client, journey), **journey.fields)

    assert cookie(client, journey).value == "done."


def test_a_used_link_says_so(client, journey):
    token = journey.token()
    press(client, open_link(client, journey, token), **journey.fields)

    assert journey.used in open_link(client, journey, token).content.decode()


def test_a_double_click_shows_that_the_first_one_worked(client, journey):
    page = open_link(client, journey)
    kept = cookie(client, journey).value
    press(client, page, **journey.fields)
    client.cookies[cookie(client, journey).key] = kept

    second = press(client, page, **journey.fields).content.decode()

    assert journey.used in second
    assert re.search("If you have just used this one, it worked|You can log in", second)


def test_an_expired_link_says_so_before_anything_is_typed(client, journey):
    token = journey.token()

    with time_machine.travel(timezone.now() + journey.purpose.max_age + timedelta(seconds=1), tick=False):
        response = open_link(client, journey, token).content.decode()

    assert "Expired token." in response
    assert "new_password1" not in response
    assert not journey.is_done()


def test_a_link_that_is_void_says_so(client, journey):
    token = journey.token()
    journey.user.email = "moved@example.com"
    journey.user.save()

    assert "Invalid token." in open_link(client, journey, token).content.decode()


def test_a_link_that_became_void_while_its_page_was_open_does_nothing(client, journey):
    page = open_link(client, journey)
    journey.user.is_active = False
    journey.user.save()

    assert "Invalid token." in press(client, page, **journey.fields).content.decode()
    assert not journey.is_done()


@pytest.mark.parametrize("token", ["x", "a:b:c", "é", "日本", "a;b", "done.", "\r\nSet-Cookie: a=b", "\0", "x" * 5000])
def test_an_invalid_token_is_rejected(client, journey, token):
    assert "Invalid token." in open_link(client, journey, quote(token)).content.decode()
    # A browser drops a longer one.
    assert len(cookie(client, journey).OutputString()) < 4096


def test_a_taken_secondary_address_says_so(client, make_user):
    user = make_user("first", verified=True)
    token = tokens.make(tokens.SECONDARY_EMAIL, user, email=SECOND)
    make_user("second")

    response = client.get(f"/activate-secondary/{token}", follow=True).content.decode()

    assert "A user with that email already exists." in response
    assert "log in and add the address again" in response


@pytest.mark.parametrize("password", [None, PASSWORD])
@pytest.mark.parametrize("page", ["/activate", "/password-set"])
def test_the_page_of_an_invalid_link_sends_a_new_one(client, make_user, mailoutbox, page, password):
    user = make_user("new", password=password)

    sent = press(client, client.get(f"{page}/x", follow=True), email=user.email)

    assert sent.redirect_chain == [(page, 302)]
    assert "Check your inbox" in sent.content.decode()
    assert [mail.to for mail in mailoutbox] == [[user.email]]
    link = re.search(r"http://testserver(\S+)", mailoutbox[0].body)[1]
    assert user.email in client.get(link, follow=True).content.decode()


def test_who_forgot_the_password_has_a_link_sent(client, verified, mailoutbox):
    page = client.get("/password-reset")
    assert "If you have forgotten your password, have a link sent" in page.content.decode()
    press(client, page, email=verified.email)

    link = re.search(r"http://testserver(\S+)", mailoutbox[0].body)[1]
    press(client, client.get(link, follow=True), **NEW)
    verified.refresh_from_db()
    assert verified.check_password(NEW_PASSWORD)


def test_a_mailed_secondary_address_is_confirmed(client, mutate, verified, mailoutbox):
    mutate("sendSecondaryEmailActivation", login=verified, email=SECOND, password=PASSWORD)

    link = re.search(r"http://testserver(\S+)", mailoutbox[0].body)[1]
    press(client, client.get(link, follow=True))

    assert UserStatus.objects.get(user=verified).secondary_email == SECOND


def test_a_password_that_is_set_already_can_be_reset(client, verified):
    token = tokens.make(tokens.PASSWORD_SET, verified)

    assert 'href="/password-reset"' in client.get(f"/password-set/{token}", follow=True).content.decode()


@pytest.mark.parametrize("mail", [nullcontext, mail_down], ids=["mail works", "mail fails"])
@pytest.mark.parametrize("page", ["/activate", "/password-reset", "/password-set"])
def test_a_page_does_not_reveal_who_has_an_address(configure, everybody, page, mail):
    configure(PREVENT_ENUMERATION=True)
    answers, now = set(), timezone.now()

    for state in STATES:
        client = Client()
        with mail(), time_machine.travel(now, tick=False):
            posted = client.post(page, {"email": everybody[state]})
            shown = client.get(page)
        answers.add(str((posted.status_code, posted.content, posted.headers, posted.cookies, shown.headers)))
        assert "Check your inbox" in shown.content.decode()

    assert len(answers) == 1


@pytest.mark.parametrize("page", ["/activate", "/password-reset", "/password-set"])
def test_new_links_are_limited(client, configure, verified, page):
    configure(RATE_LIMITS={"mail_client": "1/hour"}, PREVENT_ENUMERATION=True)
    form = client.get(page)

    press(client, form, email=verified.email)
    throttled = press(client, form, email="other@example.com").content.decode()

    assert THROTTLED in throttled
    assert 'value="other@example.com"' in throttled


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("", "This field is required."),
        ("nobody", "Enter a valid email address."),
        ("verified@example.com", "Account already verified."),
    ],
)
def test_an_address_that_is_refused_says_why(client, verified, email, message):
    response = press(client, client.get("/activate"), email=email).content.decode()

    email_field = next(element for element in Elements(response).find("input") if element.get("name") == "email")
    assert message in response
    assert "id_email_error" in email_field["aria-describedby"]


def test_a_mail_that_cannot_be_sent_is_reported(client, verified, failing_mail):
    response = press(client, client.get("/password-reset"), email=verified.email)

    assert "Failed to send email." in response.content.decode()


@pytest.mark.parametrize("page", ["password-reset", "password-set"])
@pytest.mark.parametrize(
    ("first", "second", "at", "message"),
    [
        ("", "", "new_password1", "This field is required."),
        (NEW_PASSWORD, PASSWORD, "new_password2", "The two password fields didn’t match."),
        ("1234", "1234", "new_password2", "This password is too common."),
    ],
)
def test_a_password_that_is_refused_says_why_and_leaves_the_link_usable(
    client, make_user, page, first, second, at, message
):
    user = make_user("forgetful", password=PASSWORD if page == "password-reset" else None, verified=True)
    purpose = tokens.PASSWORD_RESET if page == "password-reset" else tokens.PASSWORD_SET
    form = client.get(f"/{page}/{tokens.make(purpose, user)}", follow=True)

    refused = press(client, form, new_password1=first, new_password2=second)

    elements = Elements(refused.content.decode())
    wrong = next(element for element in elements.find("input") if element.get("name") == at)
    assert message in refused.content.decode()
    assert elements.title.startswith("Error: ")
    assert wrong["aria-invalid"] == "true"
    assert f"id_{at}_error" in wrong["aria-describedby"]
    assert [element["name"] for element in elements.find("input") if "autofocus" in element] == [at]
    press(client, refused, **NEW)
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_password_managers_know_what_they_see(client, verified):
    token = tokens.make(tokens.PASSWORD_RESET, verified)

    page = client.get(f"/password-reset/{token}", follow=True).content.decode()

    hints = re.findall(r'autocomplete="[\w-]+"', page)
    assert hints == ['autocomplete="username"', 'autocomplete="new-password"', 'autocomplete="new-password"']


def test_a_form_of_another_link_is_not_used(client, make_user):
    first, second = make_user("first", verified=True), make_user("second", verified=True)
    page = client.get(f"/password-reset/{tokens.make(tokens.PASSWORD_RESET, first)}", follow=True)
    client.get(f"/password-reset/{tokens.make(tokens.PASSWORD_RESET, second)}", follow=True)

    shown = press(client, page, **NEW).content.decode()

    assert "You have opened another link since." in shown
    assert second.email in shown
    for user in (first, second):
        user.refresh_from_db()
        assert user.check_password(PASSWORD)


def test_a_form_without_its_cookie_says_what_to_do(client, journey):
    page = open_link(client, journey)
    client.cookies.clear()

    assert "allow this site to keep a cookie" in press(client, page, **journey.fields).content.decode()
    assert not journey.is_done()


def test_a_forged_form_says_what_to_do(journey):
    client = Client(enforce_csrf_checks=True)
    open_link(client, journey)

    response = client.post(journey.page, journey.fields)

    assert response.status_code == 403
    assert "load the page again" in response.content.decode()
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
        assert "<script" not in response.content.decode()


@pytest.mark.parametrize(
    ("frontend", "allowed", "status"),
    [
        ("https://app.example.com", ["api.example.com", "testserver"], 404),
        ("https://api.example.com", ["api.example.com", "testserver"], 302),
        ("https://api.example.com:8443/", [".example.com", "testserver"], 302),
        ("https://example.com.evil.com", [".example.com", "testserver"], 404),
        ("http://[::1]:8000", ["[::1]", "testserver"], 302),
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
