"""Opening the link of a mail, and pressing its button."""

import io
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from graphql_auth import tokens
from graphql_auth.errors import Refusal
from graphql_auth.models import UserStatus
from graphql_auth.pages.base import OPENED
from graphql_auth.pages.secondary_email import SecondaryActivation
from graphql_auth.pages.texts import FORGOTTEN_TITLE, REFUSED, SENT_TITLE, USED
from tests.conftest import NEW_PASSWORD, PASSWORD
from tests.graphql_auth.pages.helpers import NEW, SECOND, open_link, press, secret_of
from tests.texts import shown


def cookie(client, journey):
    return client.cookies[f"{journey.page[1:].replace('-', '_')}_token"]


def database():
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    return dump.getvalue()


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

    assert response.redirect_chain == [(f"{journey.page}?{OPENED}", 302)]
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

    page = open_link(client, journey, token).content.decode()

    assert shown(journey.used.title) in page
    assert shown(journey.used.text) in page
    assert "alert" not in page


def test_a_double_click_shows_that_the_first_one_worked(client, journey):
    page = open_link(client, journey)
    kept = cookie(client, journey).value
    press(client, page, **journey.fields)
    client.cookies[cookie(client, journey).key] = kept

    second = press(client, page, **journey.fields).content.decode()

    assert shown(journey.used.text) in second


def test_an_expired_link_says_so_before_anything_is_typed(client, journey):
    token = journey.token()

    with time_machine.travel(timezone.now() + journey.purpose.max_age + timedelta(seconds=1), tick=False):
        response = open_link(client, journey, token).content.decode()

    assert shown(REFUSED[Refusal.EXPIRED_TOKEN.code].title) in response
    assert "new_password1" not in response
    assert not journey.is_done()


def test_a_link_that_is_void_says_so(client, journey):
    token = journey.token()
    journey.user.email = "moved@example.com"
    journey.user.save()

    assert shown(USED.title) in open_link(client, journey, token).content.decode()


def test_a_link_that_became_void_while_its_page_was_open_does_nothing(client, journey):
    page = open_link(client, journey)
    journey.user.is_active = False
    journey.user.save()

    assert shown(USED.title) in press(client, page, **journey.fields).content.decode()
    assert not journey.is_done()


@pytest.mark.parametrize("token", ["x", "a:b:c", "é", "日本", "a;b", "done.", "\r\nSet-Cookie: a=b", "\0", "x" * 5000])
def test_an_invalid_token_is_rejected(client, journey, token):
    page = open_link(client, journey, quote(token)).content.decode()

    assert shown(REFUSED[Refusal.INVALID_TOKEN.code].title) in page
    # A browser drops a longer one.
    assert len(cookie(client, journey).OutputString()) < 4096


def test_a_taken_secondary_address_says_so(client, make_user):
    user = make_user("first", verified=True)
    token = tokens.make(tokens.SECONDARY_EMAIL, user, email=SECOND)
    make_user("second")

    response = client.get(f"/activate-secondary/{token}", follow=True).content.decode()

    assert shown(REFUSED[Refusal.EMAIL_TAKEN.code].title) in response
    assert shown(SecondaryActivation.way_out) in response


@pytest.mark.parametrize("password", [None, PASSWORD])
@pytest.mark.parametrize("page", ["/activate", "/password-set"])
def test_the_page_of_an_invalid_link_sends_a_new_one(client, make_user, mailoutbox, page, password):
    user = make_user("new", password=password)

    sent = press(client, client.get(f"{page}/x", follow=True), email=user.email)

    assert sent.redirect_chain == [(page, 302)]
    assert shown(SENT_TITLE) in sent.content.decode()
    assert [mail.to for mail in mailoutbox] == [[user.email]]
    link = re.search(r"http://testserver(\S+)", mailoutbox[0].body)[1]
    assert user.email in client.get(link, follow=True).content.decode()


def test_who_forgot_the_password_has_a_link_sent(client, verified, mailoutbox):
    page = client.get("/password-reset")
    assert shown(FORGOTTEN_TITLE) in page.content.decode()
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
