"""What mails look like."""

import re
from datetime import timedelta

import pytest

from graphql_auth.mails import kinds, palette
from tests.api import mutation
from tests.conftest import PASSWORD, TOKEN
from tests.graphql_auth.mails.helpers import every_link, html
from tests.texts import subject

SHOP = 'Tom & "Jerry\'s" <b>'
SHOP_IN_HTML = 'Tom &amp; "Jerry\'s" &lt;b&gt;'
every_kind = pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=kinds.KINDS)


@every_kind
def test_a_mail_has_its_subject_a_text_and_a_page(send, kind):
    mail = send(kind)

    assert mail.subject == subject(kind) != ""
    assert mail.to == ["customer@example.com"]
    assert "<" not in mail.body
    assert html(mail).startswith("<!DOCTYPE html>")
    assert mail.extra_headers == {"Auto-Submitted": "auto-generated"}
    assert re.search(r"<title>[^<]+</title>", html(mail))


@every_link
def test_text_and_page_have_the_same_link(send, kind):
    mail = send(kind)

    [link] = re.findall(rf"\S+/{TOKEN}", mail.body)
    assert re.fullmatch(rf"https://shop.example.com:8443/account/{kind.path}/{TOKEN}", link)
    assert {*re.findall(rf'[^\s">]+/{TOKEN}', html(mail))} == {link}
    assert all(re.findall(rf'<a [^>]*href="{link}"[^>]*>\s*([^<]*)', html(mail)))


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds.KINDS.values() if not kind.purpose], ids=lambda kind: kind.name
)
def test_a_notification_has_no_token(send, kind):
    mail = send(kind)

    assert not re.search(f"/{TOKEN}", mail.body + html(mail))


@every_link
def test_the_path_of_a_link_is_a_setting(send, configure, kind):
    configure(**{kind.path_setting: "some/where/else"})

    assert "https://shop.example.com:8443/account/some/where/else/" in send(kind).body


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("resendActivationEmail", {"email": "unverified@example.com"}),
        ("sendPasswordResetEmail", {"email": "verified@example.com"}),
        ("sendSecondaryEmailActivation", {"email": "second@example.com", "password": PASSWORD}),
    ],
)
def test_a_link_never_leads_to_the_host_of_the_request(
    api, settings, unverified, verified, mailoutbox, name, arguments
):
    """D14: the client controls the Host header, and would receive the token."""
    settings.ALLOWED_HOSTS = ["*"]

    api.post(*mutation(name, arguments), login=verified, HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example")

    assert "https://shop.example.com:8443/account/" in mailoutbox[0].body
    assert "evil" not in str(mailoutbox[0].message())


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (kinds.ACTIVATION, "EXPIRATION_ACTIVATION_TOKEN"),
        (kinds.ACTIVATION_RESEND, "EXPIRATION_ACTIVATION_TOKEN"),
        (kinds.SECONDARY_EMAIL_ACTIVATION, "EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN"),
        (kinds.PASSWORD_SET, "EXPIRATION_PASSWORD_SET_TOKEN"),
        (kinds.PASSWORD_RESET, "EXPIRATION_PASSWORD_RESET_TOKEN"),
        (kinds.ACCOUNT_UNVERIFIED_EXISTS, "EXPIRATION_PASSWORD_RESET_TOKEN"),
        (kinds.ACCOUNT_CLOSED_EXISTS, "EXPIRATION_PASSWORD_RESET_TOKEN"),
    ],
)
def test_a_mail_says_how_long_its_link_works(send, configure, kind, setting):
    configure(**{setting: timedelta(minutes=90)})

    mail = send(kind)

    assert "1 hour, 30 minutes" in mail.body
    assert "1 hour, 30 minutes" in html(mail)


@every_kind
def test_styles_are_written_into_the_elements(send, kind):
    """Gmail's apps and Outlook leave out much of what a <style> says; what depends on the screen stays there."""
    page = html(send(kind))

    assert re.search("<body [^>]*style=", page)
    assert any(color in page for color in palette.colors()["light"].values())
    for sheet in re.findall(r"<style>(.*?)</style>", page, re.DOTALL):
        assert re.sub(r"@[^{}]*\{([^{}]*\{[^{}]*\})*\s*\}", "", sheet).strip() == ""
        # An inlined style gives way to nothing else.
        assert not re.search(r"(?<!important);", sheet)


@every_kind
def test_a_mail_loads_nothing(send, kind):
    page = html(send(kind))

    assert not re.search(r"<(img|link|script|iframe|object|svg|video)\b|src=|srcset=|url\(|@import", page)


def test_a_style_sheet_elsewhere_is_not_loaded(send, template, tmp_path):
    sheet = tmp_path / "a.css"
    sheet.write_text("p { color: red }")
    template(
        "email/activation_email.html",
        f'<style>p {{ margin: 0 }}</style><link rel="stylesheet" href="{sheet.as_uri()}">'
        '<link rel="stylesheet" href="http://127.0.0.1:9/a.css"><p>Hello</p>',
    )

    assert '<p style="margin: 0;">Hello</p>' in html(send(kinds.ACTIVATION))


@every_kind
def test_the_text_of_a_mail_is_plain(send, kind):
    assert not re.search(r"&[#\w]+;|[{<>}]|[^\n -~]", send(kind).body)


@pytest.fixture
def unknown_variables(settings, caplog):
    """Return a function that renders a mail and returns the undefined template variables."""
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "OPTIONS": {**engine["OPTIONS"], "string_if_invalid": "UNKNOWN"}}]
    caplog.set_level("DEBUG", logger="django.template")

    def unknown_variables(mail):
        said = "\n".join([mail.subject, mail.body, html(mail), caplog.text])
        caplog.clear()  # at this level, which the project does not log at, Django shows all that a template is given
        return re.findall(r"UNKNOWN|resolving variable '\w+'", said)

    return unknown_variables


@every_kind
def test_a_template_names_no_variable_that_it_is_not_given(send, unknown_variables, kind):
    assert unknown_variables(send(kind)) == []


@pytest.mark.parametrize("part", ["subject.txt", "email.txt", "email.html"])
@pytest.mark.parametrize(
    "text", ["{{ lnik }}", "{% if lnik %}{% endif %}", "{% blocktranslate %}{{ lnik }}{% endblocktranslate %}"]
)
def test_a_variable_that_is_not_given_is_noticed(send, template, unknown_variables, part, text):
    template(f"email/activation_{part}", f"{{% load i18n %}}{text}")

    assert unknown_variables(send(kinds.ACTIVATION)) != []


@every_kind
def test_a_name_of_the_site_is_escaped_in_the_page_only(send, settings, kind):
    settings.SITE_NAME = SHOP

    mail = send(kind)

    assert SHOP in mail.subject
    assert SHOP in mail.body
    assert SHOP_IN_HTML in html(mail)
    assert "<b>" not in html(mail)


@every_kind
def test_no_text_of_the_user_is_in_a_mail(send, kind):
    """D24: nobody can make the site send their text to another person."""
    mail = send(kind, first_name="cheap", last_name="watches")

    for text in (mail.subject, mail.body, html(mail)):
        assert not re.search("customer|cheap|watches", text)


@pytest.mark.parametrize(("configured", "sender"), [(None, "site@example.com"), ("Shop <us@example.com>",) * 2])
def test_the_sender_is_a_setting(send, settings, configure, configured, sender):
    settings.DEFAULT_FROM_EMAIL = "site@example.com"
    configure(EMAIL_FROM=configured)

    assert send(kinds.ACTIVATION).from_email == sender


@every_kind
def test_the_templates_of_a_kind_are_settings(send, configure, template, kind):
    name = kind.name.upper()
    configure(**{f"EMAIL_SUBJECT_{name}": "mine/subject.txt", f"EMAIL_TEMPLATE_{name}": "mine/body.html"})
    template("mine/subject.txt", "Mine:\n {{ site_name }}\n")
    template("mine/body.html", "<p>page {{ token }}</p>")
    template("mine/body.txt", "text {{ token }}")

    mail = send(kind)

    assert mail.subject == "Mine: The Shop"
    assert html(mail) == mail.body.replace("text", "<p>page") + "</p>"


@every_kind
def test_a_template_of_the_project_comes_before_the_one_here(send, template, kind):
    template(f"email/{kind.name}_subject.txt", "Mine")

    assert send(kind).subject == "Mine"


def test_the_text_of_a_page_whose_link_is_behind_a_word_has_the_link(send, configure, template):
    configure(EMAIL_TEMPLATE_ACTIVATION="mine/body.html")
    template("mine/body.html", '<p>Press <a href="{{ link }}">here</a>.</p>')

    mail = send(kinds.ACTIVATION)

    [link] = re.findall('href="(.*?)"', html(mail))
    assert mail.body == f"Press here.\n\n{link}\n"


def test_a_page_without_text_template_is_its_own_text(send, configure, template, settings):
    settings.SITE_NAME = SHOP
    configure(EMAIL_TEMPLATE_ACTIVATION="mine/body.html")
    template("mine/body.html", "<p>{{ site_name }}: {{ link }}</p>")

    mail = send(kinds.ACTIVATION)

    assert mail.body.startswith(f"{SHOP}: https://shop.example.com:8443/account/activate/")


def test_the_text_of_a_page_is_its_visible_text(send, configure, template):
    configure(EMAIL_TEMPLATE_ACTIVATION="mine/body.html")
    template("mine/body.html", '{% extends "email/base.html" %}{% block why %}Welcome!{% endblock %}')

    lines = [line for line in send(kinds.ACTIVATION).body.splitlines() if line]

    assert "Welcome!" in lines
    assert [line for line in lines if re.search("[{};<]|html", line)] == []
