"""The forms of the pages."""

import re
from contextlib import nullcontext
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from graphql_auth import tokens
from graphql_auth.errors import Refusal
from graphql_auth.pages.texts import FORM_ERRORS, SENT_TITLE
from tests.conftest import NEW_PASSWORD, PASSWORD, mail_down
from tests.graphql_auth.pages.helpers import NEW, Elements, press
from tests.texts import shown

STATES = ["unknown", "unverified", "verified", "archived", "inactive", "closed"]


@pytest.fixture
def everybody(unverified, verified, archived, inactive, closed):
    """Return an address of an account in each state."""
    users = {"unverified": unverified, "verified": verified, "archived": archived, "inactive": inactive}
    users["closed"] = closed
    return {"unknown": "unknown@example.com"} | {state: user.email for state, user in users.items()}


@pytest.mark.parametrize("mail", [nullcontext, mail_down], ids=["mail works", "mail fails"])
@pytest.mark.parametrize("page", ["/activate", "/password-reset", "/password-set"])
def test_a_page_does_not_reveal_who_has_an_address(configure, everybody, page, mail):
    configure(PREVENT_ENUMERATION=True)
    answers, now = set(), timezone.now()

    for state in STATES:
        client = Client()
        with mail(), time_machine.travel(now, tick=False):
            posted = client.post(page, {"email": everybody[state]})
            sent = client.get(page)
        # The page and its cookie name the address that was typed.
        length = int(sent["Content-Length"]) - len(everybody[state])
        del sent["Content-Length"]
        cookies = posted.cookies.output().replace(quote(everybody[state]), "")
        answers.add(str((posted.status_code, posted.content, posted.headers, cookies, sent.headers, length)))
        assert shown(SENT_TITLE) in sent.content.decode()
        assert everybody[state] in sent.content.decode()

    assert len(answers) == 1


@pytest.mark.parametrize("page", ["/activate", "/password-reset", "/password-set"])
def test_new_links_are_limited(client, configure, verified, page):
    configure(RATE_LIMITS={"mail_client": "1/hour"}, PREVENT_ENUMERATION=True)
    form = client.get(page)

    press(client, form, email=verified.email)
    throttled = press(client, form, email="other@example.com").content.decode()

    assert shown(Refusal.THROTTLED) in throttled
    assert 'value="other@example.com"' in throttled


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("", "This field is required."),
        ("nobody", "Enter a valid email address."),
        ("verified@example.com", FORM_ERRORS[Refusal.ALREADY_VERIFIED.code]),
    ],
)
def test_an_address_that_is_refused_says_why(client, verified, email, message):
    response = press(client, client.get("/activate"), email=email).content.decode()

    email_field = next(element for element in Elements(response).find("input") if element.get("name") == "email")
    assert shown(message) in response
    assert "id_email_error" in email_field["aria-describedby"]


def test_a_mail_that_cannot_be_sent_is_reported(client, verified, failing_mail):
    response = press(client, client.get("/password-reset"), email=verified.email)

    assert shown(FORM_ERRORS[Refusal.EMAIL_FAIL.code]) in response.content.decode()


@pytest.mark.parametrize("page", ["password-reset", "password-set"])
@pytest.mark.parametrize(
    ("first", "second", "at", "message"),
    [
        ("", "", "new_password1", "This field is required."),
        (NEW_PASSWORD, PASSWORD, "new_password2", "The two password fields didn’t match."),
        ("1234", "1234", "new_password1", "This password is too common."),
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
    assert elements.title != Elements(form.content.decode()).title
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
