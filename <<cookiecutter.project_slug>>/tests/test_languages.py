"""The API, pages and mails use the language of the request."""

import pytest
from django.utils import translation

from graphql_auth.errors import Refusal
from graphql_auth.mails import kinds
from graphql_auth.pages.registration import Activation
from tests.api import mutation
from tests.conftest import NEW_PASSWORD
from tests.texts import shown, subject

in_each_language = pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en", "en"),
        ("de", "de"),
        ("es", "es"),
        ("fr", "fr"),
        ("pt-BR", "pt-br"),
        ("pt", "pt-br"),
        ("de-AT", "de"),
        ("es-419,es;q=0.9,en;q=0.8", "es"),
        ("en;q=0.5,fr;q=0.9", "fr"),
        ("ja,de;q=0.2", "de"),
        ("ja", "en"),
        ("*", "en"),
        ("de;q=high", "en"),
        ("", "en"),
    ],
)


@in_each_language
def test_an_answer_speaks_the_language_of_its_request(api, verified, accepted, language):
    """D31: not that of the process."""
    wrong = {"email": verified.email, "password": NEW_PASSWORD}

    response = api.post(*mutation("tokenAuth", wrong), HTTP_ACCEPT_LANGUAGE=accepted)

    [reason] = response.json()["data"]["tokenAuth"]["errors"]["nonFieldErrors"]
    with translation.override(language):
        assert reason["message"] == Refusal.INVALID_CREDENTIALS.message
    assert response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]


@in_each_language
def test_a_page_speaks_the_language_of_its_request(client, settings, accepted, language):
    settings.FRONTEND_URL = "http://testserver"

    response = client.get("/activate", headers={"accept-language": accepted})

    page = response.content.decode()
    assert f'<html lang="{language}" dir="ltr">' in page
    with translation.override(language):
        assert f"<h1>{shown(Activation.title)}</h1>" in page
    assert response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]


@in_each_language
def test_a_mail_speaks_the_language_of_the_request_that_caused_it(api, verified, mailoutbox, accepted, language):
    api.post(*mutation("sendPasswordResetEmail", {"email": verified.email}), HTTP_ACCEPT_LANGUAGE=accepted)

    [mail] = mailoutbox
    with translation.override(language):
        assert mail.subject == subject(kinds.PASSWORD_RESET)
    assert f'<html lang="{language}"' in mail.alternatives[0][0]


@pytest.mark.parametrize(
    "document", [None, "{ a: me { email } b: me { email } }", "{ users(first: -1) { edges { cursor } } }"]
)
def test_the_endpoint_itself_speaks_the_language_of_each_request(api, configure_endpoint, monkeypatch, document):
    configure_endpoint(MAX_ALIASES=1)
    monkeypatch.setattr(translation._trans, "gettext", lambda message: f"[{translation.get_language()}] {message}")

    for language in ("de", "fr"):
        options = {"HTTP_ACCEPT_LANGUAGE": language}
        response = api.post(document, **options) if document else api.client.get("/graphql", **options)
        assert f"[{language}] " in response.json()["errors"][0]["message"]
