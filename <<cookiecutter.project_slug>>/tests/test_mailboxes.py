"""The owner of a mailbox can always get control of the account of its address, whoever registered it.

Nobody else learns anything about it: every request does the same work for every address.
"""

import re
from itertools import permutations

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from graphql_auth import sessions, tokens
from graphql_auth.models import Session, UserStatus
from tests.api import mutation
from tests.conftest import NEW_PASSWORD, PASSWORD, filled_in, mail_waits, refused

DONE = {"success": True, "errors": None}
INVALID_TOKEN = refused("invalid_token", "Invalid token.")
VICTIM = "new@example.com"
OWN = "victims-own-horse-battery"
NEW = {"new_password1": OWN, "new_password2": OWN}
ADDRESSES = {
    "unknown": "unknown@example.com",
    "unverified": "unverified@example.com",
    "without_password": "without_password@example.com",
    "verified": "verified@example.com",
    "with_secondary": "two_secondary@example.com",
    "archived": "archived@example.com",
    "closed": "closed@example.com",
    "inactive": "inactive@example.com",
}
PASSWORD_LINK = "/password-reset/"
# What each request mails to whom, with PREVENT_ENUMERATION: the subject and the path of the link.
EXISTS, UNVERIFIED, CLOSED = (
    ("You already have an account", None),
    ("Choose a password for your account", PASSWORD_LINK),
    ("Open your account", PASSWORD_LINK),
)
RESET, RESEND, SET = (
    ("Reset your password", PASSWORD_LINK),
    ("Your new activation link", "/activate/"),
    ("Set your password", "/password-set/"),
)
MAILED = {
    # state: register, resendActivationEmail, sendPasswordResetEmail, sendSecondaryEmailActivation
    "unverified": (UNVERIFIED, RESEND, RESET, UNVERIFIED),
    "without_password": (UNVERIFIED, SET, RESET, UNVERIFIED),
    "verified": (EXISTS, EXISTS, RESET, EXISTS),
    "with_secondary": (EXISTS, EXISTS, RESET, EXISTS),
    "archived": (EXISTS, EXISTS, RESET, EXISTS),
    "closed": (CLOSED, CLOSED, CLOSED, CLOSED),
    "inactive": (None, None, None, None),
}
ASKING = ["register", "resendActivationEmail", "sendPasswordResetEmail", "sendSecondaryEmailActivation"]
FORMS = ["/activate", "/password-reset", "/password-set"]


@pytest.fixture(autouse=True)
def quiet(configure, settings):
    """Prevent enumeration, like in production, and serve the pages."""
    configure(PREVENT_ENUMERATION=True, RATE_LIMITS={})
    settings.FRONTEND_URL = "http://testserver"
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def without_password(make_user):
    """Return an unverified user who has yet to set a password."""
    return make_user("without_password", password=None)


@pytest.fixture
def ask(mutate, new_account, make_user):
    """Return `ask(name, email)`, which sends one of ASKING for an address and checks that it is carried out."""
    login = sessions.start(make_user("asking", verified=True)).token
    # % if cookiecutter.login_field == "username"
    numbers = iter(range(100))
    # % endif

    def arguments(name, email):
        if name == "register":
            # % if cookiecutter.login_field == "username"
            return new_account | {"email": email, "username": f"somebody{next(numbers)}"}
            # % else
            return new_account | {"email": email}
            # % endif
        return {"email": email, **({"password": PASSWORD} if name == "sendSecondaryEmailActivation" else {})}

    def ask(name, email):
        answer = mutate(name, login=login if name == "sendSecondaryEmailActivation" else None, **arguments(name, email))
        assert answer["success"] is True

    ask.arguments, ask.login = arguments, login
    return ask


@pytest.fixture
def inbox(mailoutbox, settings):
    """Return `inbox()`: the subject and the path of the link of each mail since it was last called, and its token."""

    def inbox():
        mails = [(mail.subject, re.search(r"testserver(/\S+/)(\S+)", mail.body)) for mail in mailoutbox]
        mailoutbox.clear()
        site = re.compile(f" (?:at|for) {re.escape(settings.SITE_NAME)}.*")
        return [(site.sub("", subject), link and link[1], link and link[2]) for subject, link in mails]

    return inbox


def logs_in(mutate, email, password):
    return mutate("tokenAuth", email=email, password=password)["success"]


def shapes(statements):
    """Return what statements there were, without their values; a savepoint ends in one of two ways."""
    texts = (re.sub(r"'[^']*'|\b[0-9a-f]{32}\b|\b\d[\d.]*\b", "?", each["sql"]) for each in statements)
    ends = r'^(RELEASE|ROLLBACK TO) SAVEPOINT "?\w+"?|^SAVEPOINT "?\w+"?'
    return [re.sub(ends, lambda end: "SAVEPOINT" if end[1] is None else "END OF SAVEPOINT", text) for text in texts]


# Recipients


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("state", MAILED)
def test_the_owner_of_an_address_is_mailed_what_helps_them(ask, request, inbox, state, name):
    """A02, A11: the kind of mail depends on the request and the state of the account."""
    request.getfixturevalue(state)

    ask(name, ADDRESSES[state])

    expected = MAILED[state][ASKING.index(name)]
    assert [(subject, path) for subject, path, _ in inbox()] == ([expected] if expected else [])


@pytest.mark.parametrize("state", ["unverified", "without_password"])
@pytest.mark.parametrize("typed", ["second@example.com", "unverified@example.com"])
def test_a_link_that_verifies_the_primary_address_is_mailed_to_it_alone(ask, make_user, mailoutbox, state, typed):
    user = make_user("unverified", password=PASSWORD if state == "unverified" else None)
    user.status.change(secondary_email="second@example.com")

    for name in ("resendActivationEmail", "sendPasswordResetEmail"):
        ask(name, typed)

    assert [mail.to for mail in mailoutbox] == [[user.email]] * 2


# Response times


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("state", [*MAILED])
def test_every_address_takes_the_same_statements(api, ask, request, hashes, state, name):
    """A03: in their number and in what they are, and as many hashes."""
    request.getfixturevalue(state)
    login = ask.login if name == "sendSecondaryEmailActivation" else None
    seen = []

    for email in (ADDRESSES[state], ADDRESSES["unknown"]):
        hashes()
        document = mutation(name, ask.arguments(name, email))
        with mail_waits(), CaptureQueriesContext(connection) as statements:
            answer = api.post(*document, login=login).json()["data"][name]
        seen.append((answer, shapes(statements.captured_queries), hashes()))

    assert seen[0] == seen[1]
    assert any("django_tasks" in statement for statement in seen[0][1])


@pytest.mark.parametrize("page", FORMS)
@pytest.mark.parametrize("state", [*MAILED])
def test_every_address_takes_a_page_the_same_statements(client, request, state, page):
    """A03."""
    request.getfixturevalue(state)
    seen = []

    for email in (ADDRESSES[state], ADDRESSES["unknown"]):
        with mail_waits(), CaptureQueriesContext(connection) as statements:
            assert client.post(page, {"email": email}).status_code == 302
        seen.append(shapes(statements.captured_queries))

    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", ["resendActivationEmail", "sendPasswordResetEmail", "sendSecondaryEmailActivation"])
def test_nobody_looks_up_whose_address_it_is_before_the_mail_is_sent(api, ask, verified, name):
    """A03: so nothing that a request does can depend on it."""
    login = ask.login if name == "sendSecondaryEmailActivation" else None
    document = mutation(name, ask.arguments(name, verified.email))

    with mail_waits(), CaptureQueriesContext(connection) as statements:
        api.post(*document, login=login)

    assert not [each["sql"] for each in statements.captured_queries if verified.email in each["sql"]]


def test_a_registration_of_a_taken_address_leaves_nothing_but_a_mail(ask, verified, listen):
    """A03: it saves a new account and rolls this back, without signals."""
    heard = []
    from graphql_auth.signals import user_registered

    listen(user_registered, lambda **_: heard.append("registered"))
    users, statuses = get_user_model().objects.count(), UserStatus.objects.count()

    ask("register", verified.email)

    assert (get_user_model().objects.count(), UserStatus.objects.count(), heard) == (users, statuses, [])


# Somebody else registered the address


@pytest.fixture
def attack(mutate, new_account, configure):
    """Return `attack(passwordless=False)`: register the victim's address and keep all there is; return the tokens."""

    def attack(passwordless=False):
        configure(ALLOW_PASSWORDLESS_REGISTRATION=True)
        passwords = {"password1": None, "password2": None} if passwordless else {}
        mutate("register", **new_account | passwords)
        user = get_user_model().objects.get(email=VICTIM)
        opened = sessions.start(user)
        return {
            "user": user,
            "access": opened.token,
            "refresh": opened.refresh_token,
            "secondary": tokens.make(tokens.SECONDARY_EMAIL, user, email="attacker@example.com"),
        }

    return attack


def nothing_is_left_to_the_attacker(mutate, query, kept, *passwords):
    assert not any(logs_in(mutate, VICTIM, password) for password in passwords)
    assert query("{ me { id } }", login=kept["access"]) == {"me": None}
    assert mutate("verifyToken", token=kept["access"])["success"] is False
    assert mutate("refreshToken", refresh_token=kept["refresh"])["success"] is False
    assert mutate("verifySecondaryEmail", token=kept["secondary"])["success"] is False
    assert not Session.objects.filter(user=kept["user"], ended_at=None).exists()


@pytest.mark.parametrize("passwordless", [True, False], ids=["passwordless", "password"])
@pytest.mark.parametrize("way", ["register", "sendPasswordResetEmail"])
@pytest.mark.parametrize("noise", [(), *permutations(ASKING[:3], 2)], ids="-".join)
def test_who_reads_the_mailbox_takes_the_account_from_who_registered_it(
    mutate, query, ask, inbox, attack, passwordless, way, noise
):
    """A02: whatever mails the attacker asks for before and after, the victim's own request leads to a password."""
    kept = attack(passwordless)
    for name in noise:
        ask(name, VICTIM)
    inbox()

    ask(way, VICTIM)
    [(_, path, token)] = inbox()
    for name in noise:
        ask(name, VICTIM)
    done = mutate("passwordReset", token=token, **NEW)

    assert (path, done) == (PASSWORD_LINK, DONE)
    nothing_is_left_to_the_attacker(mutate, query, kept, PASSWORD)
    assert logs_in(mutate, VICTIM, OWN)
    assert get_user_model().objects.get(email=VICTIM).status.verified is True


@pytest.mark.parametrize("others", [1, 2])
def test_who_registers_an_address_again_changes_nothing_but_what_is_mailed(mutate, ask, attack, others, new_account):
    """A02: a second attacker's password never becomes the account's."""
    attack()
    for _ in range(others):
        ask("register", VICTIM)
    # % if cookiecutter.login_field == "username"
    another = new_account | {"username": "second"}
    # % else
    another = new_account
    # % endif
    mutate("register", **another | {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert get_user_model().objects.filter(email=VICTIM).count() == 1
    assert not logs_in(mutate, VICTIM, NEW_PASSWORD)


@pytest.mark.parametrize("mail", ["first", "again"])
def test_a_link_from_before_is_void_once_the_owner_chose_a_password(mutate, ask, inbox, attack, mail):
    """A02: an activation that lies in the mailbox brings nothing back."""
    attack()
    if mail == "again":
        inbox()
        ask("resendActivationEmail", VICTIM)
    activation = inbox()[-1][2]
    ask("register", VICTIM)
    mutate("passwordReset", token=inbox()[-1][2], **NEW)

    assert mutate("verifyAccount", token=activation)["success"] is False
    assert mutate("disownAccount", token=activation)["success"] is False
    assert logs_in(mutate, VICTIM, OWN)


def test_where_answers_are_open_an_unverified_address_is_answered_as_documented(mutate, new_account, configure, inbox):
    configure(PREVENT_ENUMERATION=False)
    mutate("register", **new_account)
    # % if cookiecutter.login_field == "username"
    new_account |= {"username": "another"}
    # % endif
    inbox()

    again = mutate("register", **new_account)
    reset = mutate("sendPasswordResetEmail", email=VICTIM)

    assert again["errors"] == refused("unique", "A user with that email already exists.", "email")
    message = "Verify your account. A new verification email was sent."
    assert reset["errors"] == refused("not_verified", message, "email")
    assert [(subject, path) for subject, path, _ in inbox()] == [RESEND]


# "I did not register"


def press_decline(token):
    """Open the page of an activation link and press its second button; return where that leads."""
    client = Client()
    page = client.get(f"/activate/{token}", follow=True).content.decode()
    assert "I did not register" in page
    link = re.search(r'name="link" value="(\w+)"', page)[1]
    return client.post("/activate", {"link": link, "decline": "1"}, follow=True)


def disown(mutate, token):
    assert mutate("disownAccount", token=token) == DONE


def decline(mutate, token):
    assert "The password does not work any more" in press_decline(token).content.decode()


@pytest.mark.parametrize("disowns", [disown, decline])
@pytest.mark.parametrize("way", ["register", "sendPasswordResetEmail", "resendActivationEmail"])
def test_a_disowned_account_can_be_claimed_by_its_owner(mutate, query, ask, inbox, attack, disowns, way):
    """A02: password, sessions and links are void; nothing is deleted; every way leads the owner to a password."""
    kept = attack()
    activation = inbox()[-1][2]
    reset = tokens.make(tokens.PASSWORD_RESET, kept["user"])

    disowns(mutate, activation)

    nothing_is_left_to_the_attacker(mutate, query, kept, PASSWORD)
    user = get_user_model().objects.get(email=VICTIM)
    assert user.pk == kept["user"].pk
    assert (user.is_active, user.status.verified, user.has_usable_password()) == (True, False, False)
    assert mutate("verifyAccount", token=activation)["errors"] == INVALID_TOKEN
    assert mutate("disownAccount", token=activation)["errors"] == INVALID_TOKEN
    assert mutate("passwordReset", token=reset, **NEW)["errors"] == INVALID_TOKEN

    ask(way, VICTIM)
    [(_, path, token)] = inbox()
    done = mutate("passwordSet" if path == "/password-set/" else "passwordReset", token=token, **NEW)

    assert done == DONE
    assert logs_in(mutate, VICTIM, OWN)


@pytest.mark.parametrize("open_answers", [True, False])
def test_a_disowned_account_can_be_had_where_answers_are_open_too(mutate, ask, inbox, attack, configure, open_answers):
    attack()
    disown(mutate, inbox()[-1][2])
    configure(PREVENT_ENUMERATION=not open_answers)

    mutate("sendPasswordResetEmail", email=VICTIM)
    [(_, path, token)] = inbox()

    assert mutate("passwordSet" if path == "/password-set/" else "passwordReset", token=token, **NEW) == DONE


def test_a_verified_account_cannot_be_disowned(mutate, verified):
    token = tokens.make(tokens.ACTIVATION, verified)

    assert mutate("disownAccount", token=token)["errors"] == refused("already_verified", "Account already verified.")
    assert logs_in(mutate, verified.email, PASSWORD)


@pytest.mark.parametrize("purpose", [tokens.PASSWORD_RESET, tokens.PASSWORD_SET, tokens.SECONDARY_EMAIL])
def test_only_an_activation_link_disowns(mutate, unverified, purpose):
    assert mutate("disownAccount", token=tokens.make(purpose, unverified))["errors"] == INVALID_TOKEN
    assert logs_in(mutate, unverified.email, PASSWORD)


@pytest.mark.parametrize("page", FORMS[1:])
def test_only_the_page_of_an_activation_has_a_second_button(client, make_user, page):
    user = make_user("somebody", password=None if page == "/password-set" else PASSWORD)
    purpose = tokens.PASSWORD_SET if page == "/password-set" else tokens.PASSWORD_RESET
    opened = client.get(f"{page}/{tokens.make(purpose, user)}", follow=True).content.decode()
    link = re.search(r'name="link" value="(\w+)"', opened)[1]

    client.post(page, {"link": link, "decline": "1"})

    assert "I did not register" not in opened
    assert get_user_model().objects.get().password == user.password


def test_an_activation_mail_and_its_page_say_what_they_do(client, attack, mailoutbox):
    """A02: the password stays the one that somebody chose."""
    kept = attack()
    page = client.get(f"/activate/{tokens.make(tokens.ACTIVATION, kept['user'])}", follow=True).content.decode()

    for text in (mailoutbox[0].body, mailoutbox[0].alternatives[0][0]):
        assert "the password stays the one that was chosen" in text
        assert "I did not register" in text
    assert "keeps the password that was chosen at registration" in page


# A closed account


def close(mutate, user):
    assert mutate("deleteAccount", login=user, password=PASSWORD) == DONE


@pytest.mark.parametrize("name", ASKING)
def test_who_closed_an_account_opens_it_again_by_a_mailed_link(mutate, ask, inbox, verified, name):
    """A11: with a new password; the address is verified, nobody else is logged in."""
    close(mutate, verified)
    assert not logs_in(mutate, verified.email, PASSWORD)

    ask(name, verified.email)
    [(_, _, token)] = inbox()
    assert mutate("passwordReset", token=token, **NEW) == DONE

    verified.refresh_from_db()
    verified.status.refresh_from_db()
    assert (verified.is_active, verified.status.closed_at, verified.status.verified) == (True, None, True)
    assert logs_in(mutate, verified.email, OWN)
    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN


def test_the_page_of_the_link_opens_a_closed_account(client, mutate, ask, inbox, verified):
    close(mutate, verified)
    ask("register", verified.email)
    [(_, path, token)] = inbox()

    page = client.get(f"{path}{token}", follow=True).content.decode()
    link = re.search(r'name="link" value="(\w+)"', page)[1]
    client.post(path.rstrip("/"), {"link": link, **NEW})

    assert "opened again" in page
    assert logs_in(mutate, verified.email, OWN)


@pytest.mark.parametrize("purpose", [tokens.ACTIVATION, tokens.PASSWORD_SET, tokens.SECONDARY_EMAIL])
def test_no_other_link_opens_a_closed_account(mutate, make_user, purpose):
    user = make_user("closed", is_active=False, password=None if purpose is tokens.PASSWORD_SET else PASSWORD)
    user.status.change(closed_at="2030-01-01T00:00Z")
    user = get_user_model().objects.get()
    token = tokens.make(purpose, user, email="second@example.com")
    names = {tokens.ACTIVATION: ["verifyAccount", "disownAccount"], tokens.PASSWORD_SET: ["passwordSet"]}

    for name in names.get(purpose, ["verifySecondaryEmail"]):
        assert mutate(name, token=token, **(NEW if name == "passwordSet" else {}))["errors"] == INVALID_TOKEN
    assert get_user_model().objects.get().is_active is False


def test_a_link_from_before_the_account_was_closed_does_not_open_it(mutate, verified):
    token = tokens.make(tokens.PASSWORD_RESET, verified)
    close(mutate, verified)

    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN


def test_no_link_opens_an_account_that_staff_made_inactive(mutate, ask, inbox, inactive):
    """A11: neither is there one in the mailbox, nor would one work."""
    for name in ASKING:
        ask(name, inactive.email)

    assert inbox() == []
    assert mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, inactive), **NEW)["errors"] == INVALID_TOKEN


def by_code(user, staff, active):
    user = get_user_model().objects.get(pk=user.pk)
    user.is_active = active
    user.save()


def by_field(user, staff, active):
    user = get_user_model().objects.get(pk=user.pk)
    user.is_active = active
    user.save(update_fields=["is_active"])


def in_the_admin(user, staff, active):
    browser = Client()
    browser.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:users_customuser_change", args=[user.pk])
    form = filled_in(browser.get(address))
    form.pop("is_active", None)
    # The status is saved too, and must not bring back what it was read with.
    form["status-0-verified"] = "" if form.get("status-0-verified") else "on"
    assert browser.post(address, form | ({"is_active": "on"} if active else {})).status_code == 302


@pytest.mark.parametrize("staff_sets", [by_code, by_field, in_the_admin])
def test_staff_who_reactivates_a_closed_account_closes_its_way_back(mutate, ask, inbox, verified, staff, staff_sets):
    """A11: it is a usual account then, and stays out when staff makes it inactive later."""
    close(mutate, verified)
    token = tokens.make(tokens.PASSWORD_RESET, get_user_model().objects.get(pk=verified.pk))
    staff_sets(verified, staff, active=True)
    assert UserStatus.objects.get(user=verified).closed_at is None
    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN

    staff_sets(verified, staff, active=False)
    for name in ASKING:
        ask(name, verified.email)

    assert inbox() == []


def test_only_closing_an_account_marks_it_as_closed(mutate, verified, with_secondary, staff):
    close(mutate, verified)
    by_code(with_secondary, staff, active=False)

    closed = UserStatus.objects.filter(closed_at__isnull=False)
    assert [status.user for status in closed] == [verified]


def test_where_answers_are_open_nobody_is_mailed_about_a_closed_account(mutate, configure, closed, inbox):
    configure(PREVENT_ENUMERATION=False)

    for name in ("resendActivationEmail", "sendPasswordResetEmail"):
        assert mutate(name, email=closed.email) == DONE

    assert inbox() == []
