"""The owner of a mailbox gets the account that somebody else registered."""

import re
from itertools import permutations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from graphql_auth import sessions, tokens
from graphql_auth.errors import Refusal
from graphql_auth.models import Session
from graphql_auth.pages.registration import Activation
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.mailboxes.helpers import (
    ASKING,
    DONE,
    FORMS,
    INVALID_TOKEN,
    NEW,
    OWN,
    PASSWORD_LINK,
    RESEND,
    logs_in,
)
from tests.texts import shown

VICTIM = "new@example.com"


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

    assert again["errors"] == refused(Refusal.EMAIL_TAKEN, field="email")
    assert reset["errors"] == refused(Refusal.NOT_VERIFIED_MAIL_SENT, field="email")
    assert [(kind, path) for kind, path, _ in inbox()] == [RESEND]


def press_decline(token):
    """Open the page of an activation link and press its second button; return where that leads."""
    client = Client()
    page = client.get(f"/activate/{token}", follow=True).content.decode()
    assert shown(Activation.decline_button) in page
    link = re.search(r'name="link" value="(\w+)"', page)[1]
    return client.post("/activate", {"link": link, "decline": "1"}, follow=True)


def disown(mutate, token):
    assert mutate("disownAccount", token=token) == DONE


def decline(mutate, token):
    assert shown(Activation.declined_title) in press_decline(token).content.decode()


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

    assert mutate("disownAccount", token=token)["errors"] == refused(Refusal.ALREADY_VERIFIED)
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

    assert 'name="decline"' not in opened
    assert get_user_model().objects.get().password == user.password
