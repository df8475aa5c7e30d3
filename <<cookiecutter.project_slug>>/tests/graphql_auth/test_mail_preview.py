"""The mail preview: its contents, its security policies, and that it only exists in development."""

import os
import re
import subprocess
import sys
from html import escape, unescape

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.urls import include, path
from django.utils import timezone

from config import urls
from graphql_auth import tokens
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.mails import kinds, preview, rendering
from tests.conftest import TOKEN
from tests.texts import shown, subject

urlpatterns = [*urls.urlpatterns, path("dev/mails/", include("graphql_auth.mails.preview"))]
pytestmark = pytest.mark.urls(__name__)

every_kind = pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=lambda kind: kind.name)


@pytest.fixture
def browse(client, settings):
    """Return `browse(address, **headers)`, which answers a browser; the server has just started."""
    settings.SECURE_SSL_REDIRECT = False
    settings.SITE_NAME = "The Shop"
    preview.SENT.clear()
    return lambda address, **headers: client.get(f"/dev/mails/{address}", headers=headers)


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def links_in(page):
    return [unescape(link) for link in re.findall(f'href="(http[^"]+/{TOKEN})"', page)]


@every_kind
def test_each_kind_of_mail_has_a_sample(browse, settings, kind):
    settings.DEFAULT_FROM_EMAIL = "shop@example.com"
    user = get_user_model()(pk=None, email="ada@example.com")
    mail = rendering.render(kind, user, user.email)

    assert f'<a class="subject" href="/dev/mails/{kind.name}/">{shown(mail.subject)}</a>' in text_of(browse(""))
    page = text_of(browse(f"{kind.name}/"))
    assert f"<h1>{shown(mail.subject)}</h1>" in page
    assert "<dd>shop@example.com</dd>" in page
    assert "<dd>ada@example.com</dd>" in page
    assert shown(mail.body.split("\n")[0]) in page
    assert f'src="/dev/mails/{kind.name}/page/?language=en"' in page
    assert "<body" in text_of(browse(f"{kind.name}/page/"))


@every_kind
def test_a_sample_is_made_for_nobody(browse, django_assert_num_queries, db, kind):
    with django_assert_num_queries(0):
        page = text_of(browse(f"{kind.name}/"))

    assert ("its account does not exist" in page) == bool(kind.purpose)
    assert len(links_in(page)) == (2 if kind.purpose else 0)
    for link in links_in(page):
        with pytest.raises(AccountError) as error:
            tokens.read(kind.purpose, link.rpartition("/")[2], hold=False)
        assert error.value.errors == AccountError.of(Refusal.INVALID_TOKEN).errors


def test_a_mail_that_was_sent_is_a_click_away(browse, mutate, new_account):
    assert "None yet." in text_of(browse(""))

    mutate("register", **new_account)

    assert "None yet." not in text_of(browse(""))
    [mail] = preview.SENT
    title = shown(subject(kinds.ACTIVATION))
    assert f'<a class="subject" href="/dev/mails/{mail.name}/">{title}</a>' in text_of(browse(""))
    assert f"to new@example.com, {timezone.template_localtime(mail.sent_at):%H:%M:%S}" in text_of(browse(""))
    pages = [text_of(browse(path)) for path in ("", f"{mail.name}/", f"{mail.name}/page/")]
    [link] = {link for page in pages for link in links_in(page)}
    assert mutate("verifyAccount", token=link.rpartition("/")[2])["success"] is True


def test_the_last_fifty_mails_are_kept_and_the_newest_comes_first(browse, verified):
    for number in range(51):
        preview.keep(rendering.render(kinds.PASSWORD_RESET, verified, f"{number}@example.com"))

    assert re.findall(r"to (\d+)@example.com", text_of(browse(""))) == [str(number) for number in range(50, 0, -1)]


def test_a_mail_that_failed_is_not_listed(browse, mutate, new_account, failing_mail):
    mutate("register", **new_account)

    assert failing_mail
    assert "None yet." in text_of(browse(""))


def test_mails_that_a_worker_sends_are_said_to_be_elsewhere(browse, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

    assert "<code>make worker</code>" in text_of(browse(""))


def test_a_sample_speaks_the_language_that_is_asked_for(browse):
    def language(address, **headers):
        return re.search('<html lang="([^"]+)"', text_of(browse(address, **headers)))[1]

    assert language("activation/page/") == "en"
    assert language("activation/page/", accept_language="de") == "de"
    assert language("activation/page/?language=fr", accept_language="de") == "fr"
    assert language("activation/page/?language=../x", accept_language="de") == "de"
    assert 'src="/dev/mails/activation/page/?language=fr"' in text_of(browse("activation/?language=fr"))


def test_text_is_shown_as_text(browse, settings):
    settings.SITE_NAME = "<script>alert(1)</script>"

    for address in ("", "activation/", "activation/page/"):
        assert settings.SITE_NAME not in text_of(browse(address))
    assert escape(settings.SITE_NAME) in text_of(browse("activation/"))


def test_the_page_of_a_mail_can_be_framed_and_do_nothing(browse):
    response = browse("activation/page/")

    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; ")) == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }


def test_the_page_about_a_mail_frames_it_in_a_sandbox(browse):
    response = browse("activation/")

    frames = re.findall("<iframe[^>]*>", text_of(response))
    assert len(frames) == 4
    assert all('sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame for frame in frames)
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["nothing/", "0/", "nothing/page/"])
def test_there_is_no_other_mail(browse, address):
    assert browse(address).status_code == 404


LOOK = """
import sys, django
django.setup()
from config.urls import urlpatterns
print("dev/mails/" in map(str, (url.pattern for url in urlpatterns)), "graphql_auth.mails.preview" in sys.modules)
"""


@pytest.mark.parametrize(("debug", "found"), [("True", "True True"), ("False", "False False")])
def test_the_preview_is_there_in_development_only(debug, found):
    environment = {**os.environ, "DEBUG": debug, "DJANGO_SETTINGS_MODULE": "config.settings"}

    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=project.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == found
