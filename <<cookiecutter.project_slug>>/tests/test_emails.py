"""The mails: their texts and links, and when they are sent."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone, translation

from graphql_auth import sealing
from graphql_auth.mails import kinds, queue
from graphql_auth.transactions import atomic
from tests.api import mutation
from tests.conftest import NEW_PASSWORD, PASSWORD, refused

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
SHOP = 'Tom & "Jerry\'s" <b>'
SHOP_IN_HTML = 'Tom &amp; "Jerry\'s" &lt;b&gt;'

SUBJECTS = {
    kinds.ACTIVATION: "Activate your account at The Shop",
    kinds.ACTIVATION_RESEND: "Your new activation link for The Shop",
    kinds.SECONDARY_EMAIL_ACTIVATION: "Confirm your secondary address at The Shop",
    kinds.PASSWORD_SET: "Set your password at The Shop",
    kinds.PASSWORD_RESET: "Reset your password at The Shop",
    kinds.ACCOUNT_EXISTS: "You already have an account at The Shop",
    kinds.SESSION_REUSED: "A session of your account at The Shop was ended",
    kinds.EMAIL_CHANGED: "The email address of your account at The Shop was changed",
    kinds.SECONDARY_EMAIL_CHANGED: "The secondary address of your account at The Shop was changed",
    kinds.ACCOUNT_UNVERIFIED_EXISTS: "Choose a password for your account at The Shop",
    kinds.ACCOUNT_CLOSED_EXISTS: "Open your account at The Shop again",
}
BUTTONS = {
    kinds.ACTIVATION: "Activate the account",
    kinds.ACTIVATION_RESEND: "Activate the account",
    kinds.SECONDARY_EMAIL_ACTIVATION: "Confirm the address",
    kinds.PASSWORD_SET: "Set a password",
    kinds.PASSWORD_RESET: "Reset the password",
    kinds.ACCOUNT_UNVERIFIED_EXISTS: "Choose a password",
    kinds.ACCOUNT_CLOSED_EXISTS: "Open the account again",
}
PATHS = {
    kinds.ACTIVATION: ("ACTIVATION_PATH_ON_EMAIL", "activate"),
    kinds.ACTIVATION_RESEND: ("ACTIVATION_PATH_ON_EMAIL", "activate"),
    kinds.SECONDARY_EMAIL_ACTIVATION: ("ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL", "activate-secondary"),
    kinds.PASSWORD_SET: ("PASSWORD_SET_PATH_ON_EMAIL", "password-set"),
    kinds.PASSWORD_RESET: ("PASSWORD_RESET_PATH_ON_EMAIL", "password-reset"),
    kinds.ACCOUNT_UNVERIFIED_EXISTS: ("PASSWORD_RESET_PATH_ON_EMAIL", "password-reset"),
    kinds.ACCOUNT_CLOSED_EXISTS: ("PASSWORD_RESET_PATH_ON_EMAIL", "password-reset"),
}
every_kind = pytest.mark.parametrize("kind", SUBJECTS, ids=lambda kind: kind.name)
every_link = pytest.mark.parametrize("kind", PATHS, ids=lambda kind: kind.name)


@pytest.fixture(autouse=True)
def shop(settings):
    """Set the name of the site and the URL of its front end."""
    settings.SITE_NAME = "The Shop"
    settings.FRONTEND_URL = "https://shop.example.com:8443/account/"


@pytest.fixture
def send(make_user, mailoutbox):
    """Return `send(kind, **fields)`, which sends a mail of the kind to a new user with the fields and returns it."""

    def send(kind, **fields):
        password = None if kind is kinds.PASSWORD_SET else PASSWORD
        user = make_user("customer", password=password, **fields)
        with atomic():
            queue.add(kind, user, to=user.email)
        return mailoutbox[-1]

    return send


@pytest.fixture
def template(settings, tmp_path):
    """Return `template(name, text)`, which puts a template in front of the project's own."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]

    def template(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return template


@pytest.fixture
def queued(settings):
    """Let mails wait for a worker, and return a function that returns the tasks that wait."""
    settings.TASKS = {
        "default": {"BACKEND": queue.ImmediateBackend.__module__.replace("immediate", "dummy") + ".DummyBackend"}
    }
    return lambda: queue.task_backends["default"].results


def html(mail):
    [(body, kind)] = mail.alternatives
    assert kind == "text/html"
    return body


@every_kind
def test_a_mail_has_its_subject_a_text_and_a_page(send, kind):
    mail = send(kind)

    assert mail.subject == SUBJECTS[kind]
    assert mail.to == ["customer@example.com"]
    assert "<" not in mail.body
    assert html(mail).startswith("<!DOCTYPE html>")
    assert mail.extra_headers == {"Auto-Submitted": "auto-generated"}
    assert f"<title>{SUBJECTS[kind]}</title>" in html(mail)


@every_link
def test_text_and_page_have_the_same_link(send, kind):
    mail = send(kind)

    [link] = re.findall(r"https?://\S+", mail.body)
    assert re.fullmatch(rf"https://shop.example.com:8443/account/{PATHS[kind][1]}/[\w:-]+", link)
    assert html(mail).count(link) == 3
    button, plain = re.findall(rf'<a [^>]*href="{link}"[^>]*>(.*?)</a>', html(mail))
    assert button == BUTTONS[kind]
    assert plain == link


@pytest.mark.parametrize("kind", [kind for kind in SUBJECTS if kind not in PATHS], ids=lambda kind: kind.name)
def test_a_notification_has_no_link(send, kind):
    mail = send(kind)

    assert "://" not in mail.body + html(mail)


@every_link
def test_the_path_of_a_link_is_a_setting(send, configure, kind):
    configure(**{PATHS[kind][0]: "some/where/else"})

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

    assert "The link works for 1 hour, 30 minutes." in mail.body
    assert ">The link works for 1 hour, 30 minutes.<" in html(mail)


@every_kind
def test_styles_are_written_into_the_elements(send, kind):
    """Gmail's apps and Outlook leave out much of what a <style> says."""
    page = re.sub("<!--.*?-->", "", html(send(kind)))

    assert re.findall(r"<(?:body|td|h1|p|a)\b(?![^>]*style=)[^>]*>", page) == []
    assert ("background-color: #1d4ed8" in page) == (kind in BUTTONS)


@every_kind
def test_what_depends_on_the_screen_stays_in_a_style_sheet(send, kind):
    [sheet] = re.findall(r"<style>(.*?)</style>", html(send(kind)), re.DOTALL)

    assert re.findall(r"@media \(.*?\)", sheet) == ["@media (max-width: 480px)", "@media (prefers-color-scheme: dark)"]
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

    assert lines[:4] == ["The link works for 1 week.", "The Shop", SUBJECTS[kinds.ACTIVATION], "Welcome!"]
    assert [line for line in lines if re.search("[{};<]|html", line)] == []


@every_link
def test_a_template_gets_the_documented_variables(send, configure, template, kind):
    names = ["user.pk", "token", "port", "site_name", "domain", "protocol", "path", "timestamp.isoformat", "color"]
    configure(EMAIL_TEMPLATE_VARIABLES={"color": "blue"}, **{f"EMAIL_TEMPLATE_{kind.name.upper()}": "mine/body.html"})
    template("mine/body.html", "-")
    template("mine/body.txt", "|".join(f"{{{{ {name} }}}}" for name in names))

    pk, token, port, site, domain, protocol, path, timestamp, color = send(kind).body.split("|")

    assert pk == str(get_user_model().objects.get().pk)
    assert token.count(":") == 2
    assert (protocol, domain, port) == ("https", "shop.example.com", "8443")
    assert (site, path, color) == ("The Shop", PATHS[kind][1], "blue")
    assert timezone.now() - datetime.fromisoformat(timestamp) < timedelta(minutes=1)


def test_a_variable_of_the_settings_reaches_the_page(send, configure, template):
    configure(EMAIL_TEMPLATE_VARIABLES={"color": "<blue>"})
    template("email/activation_email.html", "{{ color }}")

    assert html(send(kinds.ACTIVATION)) == "&lt;blue&gt;"


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_sent_after_the_transaction_that_causes_it(mutate, new_account, unverified, verified, monkeypatch):
    """D25: a slow mail server holds no lock, and a failing one undoes nothing."""
    inside = []
    monkeypatch.setattr(EmailBackend, "send_messages", lambda *_: inside.append(connection.in_atomic_block))

    mutate("register", **new_account)
    mutate("resendActivationEmail", email=unverified.email)
    mutate("sendPasswordResetEmail", email=verified.email)
    mutate("sendSecondaryEmailActivation", login=verified, email="second@example.com", password=PASSWORD)

    assert inside == [False] * 4


def test_nothing_is_mailed_when_the_transaction_fails(api, new_account, listen, mailoutbox):
    def fail(**_):
        raise RuntimeError

    listen(user_logged_in, fail)

    answer = api.post(*mutation("register", new_account)).json()

    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert not get_user_model().objects.exists()
    assert mailoutbox == []


def test_a_worker_is_given_what_was_asked_for_and_no_token_or_address(api, mutate, verified, mailoutbox, queued):
    arguments = {"email": " Verified@Example.com"}

    answer = api.post(*mutation("sendPasswordResetEmail", arguments), HTTP_ACCEPT_LANGUAGE="de").json()

    assert answer["data"]["sendPasswordResetEmail"]["success"] is True
    assert mailoutbox == []
    [task] = queued()
    name, recipient, sealed, language, state = task.args
    assert (name, language, state) == ("password_reset_request", "de", "")
    assert re.fullmatch("[0-9a-f]{64}", recipient)
    assert sealing.unseal(sealed) == "verified@example.com"
    assert "verified" not in str(task.args)
    for argument in task.args:
        assert mutate("passwordReset", token=argument, **NEW)["errors"] == refused("invalid_token", "Invalid token.")
    assert not task.kwargs


def test_a_worker_sends_what_was_queued(mutate, verified, queued, mailed_token, mailoutbox):
    """The life of a link begins when it is mailed, however long the mail waited."""
    mutate("sendPasswordResetEmail", email=verified.email)
    [task] = queued()

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False), translation.override("fr"):
        queue.send_mail.call(*task.args)
        answer = mutate("passwordReset", token=mailed_token(), **NEW)

    assert answer["success"] is True
    assert '<html lang="en"' in html(mailoutbox[0])


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (kinds.PASSWORD_RESET, lambda user: user.delete()),
        (kinds.ACTIVATION, lambda user: user.delete()),
        (kinds.PASSWORD_RESET, lambda user: get_user_model().objects.update(is_active=False)),
        (kinds.ACTIVATION, lambda user: user.status.change(verified=True)),
        (kinds.ACTIVATION_RESEND, lambda user: user.status.change(verified=True)),
        (kinds.PASSWORD_SET, lambda user: get_user_model().objects.update(password="another")),
        (kinds.SECONDARY_EMAIL_ACTIVATION, lambda user: get_user_model().objects.update(password="another")),
    ],
    ids=["gone", "gone before activation", "inactive", "verified", "verified, again", "password set", "reset"],
)
def test_nothing_is_sent_to_an_account_that_needs_it_no_longer(unverified, queued, mailoutbox, kind, change):
    with atomic():
        queue.add(kind, unverified, to=unverified.email)
    [task] = queued()
    change(unverified)

    queue.send_mail.call(*task.args)

    assert mailoutbox == []


@pytest.mark.parametrize("kind", [kinds.PASSWORD_RESET, kinds.ACCOUNT_EXISTS], ids=lambda kind: kind.name)
def test_nothing_is_sent_to_an_address_that_left_the_account(with_secondary, queued, mailoutbox, kind):
    """D03: the token of a mail that waited is new, so it must not go where the owner is no more."""
    with atomic():
        queue.add(kind, with_secondary, to="two_secondary@example.com")
    [task] = queued()
    with_secondary.status.change_secondary_email(None)

    queue.send_mail.call(*task.args)

    assert mailoutbox == []


def test_a_failing_server_is_logged_without_secrets(mutate, new_account, failing_mail, caplog):
    """D25: the account stays, the response says what to do, and the log has no token, password or address."""
    answer = mutate("register", **new_account)

    assert answer["success"] is False
    assert answer["errors"] == refused("email_fail", "Failed to send email.")
    user = get_user_model().objects.get()
    [record] = [record for record in caplog.records if record.name == "graphql_auth.mails.queue"]
    assert record.getMessage() == f"A mail of the kind activation to the user {user.pk} was not sent."
    token = re.search(r"https?://\S+/(\S+)", failing_mail[0].body)[1]
    assert not [
        secret for secret in (token, token.split(":")[0], PASSWORD, user.password, user.email) if secret in caplog.text
    ]


def test_a_mail_that_failed_can_be_asked_for_again(mutate, new_account, monkeypatch, mailed_token):
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", lambda *_: 1 / 0)
        assert mutate("register", **new_account)["errors"] == refused("email_fail", "Failed to send email.")

    mutate("resendActivationEmail", email=new_account["email"])

    assert mutate("verifyAccount", token=mailed_token())["success"] is True


def test_a_worker_does_not_fail_the_request(mutate, verified, queued, failing_mail):
    assert mutate("sendPasswordResetEmail", email=verified.email) == {"success": True, "errors": None}
    assert failing_mail == []
