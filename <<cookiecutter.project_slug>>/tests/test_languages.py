"""The API, pages and mails use the language of the request."""

import contextlib
import gettext
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import to_locale

from tests.api import mutation
from tests.conftest import NEW_PASSWORD

CATALOGS = sorted(path.relative_to(settings.BASE_DIR) for path in settings.BASE_DIR.glob("[a-z]*/locale/*/*/django.po"))
APPS = {catalog.parts[0] for catalog in CATALOGS}
LOCALES = {to_locale(code) for code, _ in settings.LANGUAGES} - {"en"}
STALE = "run `make messages`, and translate what is new"

# What a refused login, the page of a link and the subject of a mail say.
SPOKEN = {
    "en": ("Please, enter valid credentials.", "Activate your account", "Reset your password at "),
    "de": ("Bitte gültige Zugangsdaten eingeben.", "Konto aktivieren", "Passwort bei "),
    "es": ("Introduzca unas credenciales válidas.", "Active su cuenta", "Restablezca su contraseña en "),
    "fr": ("Veuillez saisir des identifiants valides.", "Activez votre compte", "Réinitialisez votre mot de passe "),
    "pt-br": ("Informe credenciais válidas.", "Ative sua conta", "Redefina sua senha em "),
}

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


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the apps with newly collected and compiled messages."""
    if not shutil.which("msgattrib"):
        pytest.skip("needs GNU gettext: apt install gettext, or brew install gettext")
    copy = tmp_path_factory.mktemp("collected")
    for app in APPS:
        shutil.copytree(settings.BASE_DIR / app, copy / app)
    with contextlib.chdir(copy):
        call_command("makemessages", locale=LOCALES, no_obsolete=True, verbosity=0)
        call_command("compilemessages", verbosity=0)
    return copy


def translations(catalog: Path) -> dict[str | tuple[str, int], str]:
    """Return the messages of a compiled catalog, without its header. A plural form is named by message and number."""
    with catalog.with_suffix(".mo").open("rb") as compiled:
        found = gettext.GNUTranslations(compiled)._catalog
    return {message: translation for message, translation in found.items() if message}


def test_each_app_speaks_each_language():
    assert {(path.parts[0], path.parts[2]) for path in CATALOGS} == {(app, name) for app in APPS for name in LOCALES}


@pytest.mark.parametrize("catalog", CATALOGS, ids=str)
def test_no_message_is_missing(collected, catalog):
    for flaw in ("--untranslated", "--only-fuzzy"):
        found = subprocess.run(["msgattrib", flaw, collected / catalog], check=True, capture_output=True, text=True)
        assert found.stdout == "", STALE


@pytest.mark.parametrize("catalog", CATALOGS, ids=str)
def test_what_is_compiled_is_what_is_translated(collected, catalog):
    assert translations(settings.BASE_DIR / catalog) == translations(collected / catalog), STALE


@pytest.mark.parametrize("catalog", CATALOGS, ids=str)
def test_a_translation_fills_in_what_the_message_does(catalog):
    def filled_in(text):
        return sorted(re.findall(r"%\(\w+\)\w|%\w", text))

    for message, translation in translations(settings.BASE_DIR / catalog).items():
        assert filled_in(translation) == filled_in(message[0] if isinstance(message, tuple) else message)


@in_each_language
def test_an_answer_speaks_the_language_of_its_request(api, verified, accepted, language):
    """D31: not that of the process."""
    wrong = {"email": verified.email, "password": NEW_PASSWORD}

    response = api.post(*mutation("tokenAuth", wrong), HTTP_ACCEPT_LANGUAGE=accepted)

    [reason] = response.json()["data"]["tokenAuth"]["errors"]["nonFieldErrors"]
    assert reason["message"] == SPOKEN[language][0]
    assert response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]


@in_each_language
def test_a_page_speaks_the_language_of_its_request(client, settings, accepted, language):
    settings.FRONTEND_URL = "http://testserver"

    response = client.get("/activate", headers={"accept-language": accepted})

    page = response.content.decode()
    assert f'<html lang="{language}" dir="ltr">' in page
    assert f"<h1>{SPOKEN[language][1]}</h1>" in page
    assert response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]


@in_each_language
def test_a_mail_speaks_the_language_of_the_request_that_caused_it(api, verified, mailoutbox, accepted, language):
    api.post(*mutation("sendPasswordResetEmail", {"email": verified.email}), HTTP_ACCEPT_LANGUAGE=accepted)

    [mail] = mailoutbox
    assert mail.subject.startswith(SPOKEN[language][2])
    assert f'<html lang="{language}"' in mail.alternatives[0][0]


@pytest.mark.parametrize(
    ("document", "messages"),
    [
        (None, ["Bitte eine POST-Anfrage senden.", "Envoyez une requête POST."]),
        (
            "{ a: me { email } b: me { email } }",
            ["Die Operation hat zu viele Aliasse: höchstens 1.", "L’opération a trop d’alias\xa0: 1 au plus."],
        ),
        ("{ users(first: -1) { edges { cursor } } }", ["first: 0 bis 100", "first: demandez de 0 à 100"]),
    ],
)
def test_the_endpoint_itself_speaks_the_language_of_each_request(api, configure_endpoint, document, messages):
    configure_endpoint(MAX_ALIASES=1)

    for language, message in zip(("de", "fr"), messages, strict=True):
        options = {"HTTP_ACCEPT_LANGUAGE": language}
        response = api.post(document, **options) if document else api.client.get("/graphql", **options)
        assert response.json()["errors"][0]["message"].startswith(message)
