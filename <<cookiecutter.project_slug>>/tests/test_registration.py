"""Registering and verifying an account."""

import smtplib
from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, connection, transaction
from django.db.models.signals import pre_save
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.functional import Promise

from graphql_auth import tokens
from graphql_auth.errors import Refusal
from graphql_auth.flows import registration
from graphql_auth.models import Session, UserStatus
from graphql_auth.signals import user_registered, user_verified
from tests.api import mutation, null_outputs
from tests.conftest import NEW_PASSWORD, PASSWORD, mail_down, mail_waits, refused

INVALID_ADDRESS = refused("invalid", "Enter a valid email address.", "email")
TAKEN_ADDRESS = refused("unique", "A user with that email already exists.", "email")
MAIL_FAILED = refused("email_fail", "Failed to send email.")
INVALID_TOKEN = refused("invalid_token", "Invalid token.")
EXPIRED_TOKEN = refused("expired_token", "Expired token.")
THROTTLED = refused("throttled", "Too many attempts. Please try again later.")
WEAK_PASSWORD = {
    "password2": [
        {
            "message": "This password is too short. It must contain at least 8 characters.",
            "code": "password_too_short",
        },
        {"message": "This password is too common.", "code": "password_too_common"},
        {"message": "This password is entirely numeric.", "code": "password_entirely_numeric"},
    ]
}
REQUIRED = {"message": "This field is required.", "code": "required"}

SPELLINGS = [
    "verified@example.com",
    " verified@example.com",
    "Verified@Example.COM\n",
    "VERIFIED@EXAMPLE.COM",
    "ｖerified@example.com",
    "verified@ｅxample.com",
    "verified@example。com",
]
NOT_ADDRESSES = [
    "not an address",
    "@example.com",
    "new@",
    "new@example",
    "new@one@example.com",
    # By the rules of 2003 these have an ASCII form, under which they could be registered once more.
    "new@i❤.example",
    "nıew@example.com",
    "new@example.com\r\nBcc: other@example.com",
    "new@example.com, other@example.com",
    "new@-example-.com",
    "n" * 250 + "@example.com",
]
ODD_TEXTS = ["\0", "\ud800", "x" * 50_000, "\u202e", "İ@İ.com", "ﬃ@ﬃ.com", "a\r\nBcc: b@c.de", "[" * 9999]
# Each state of an account, with an address of it.
KNOWN = {
    "unverified": "unverified@example.com",
    "verified": "verified@example.com",
    "with_secondary": "two_secondary@example.com",
    "archived": "archived@example.com",
    "inactive": "inactive@example.com",
    "without_password": "without_password@example.com",
    "closed": "closed@example.com",
}


class RejectingBackend(BaseEmailBackend):
    """A mail server that rejects mails."""

    def send_messages(self, messages):
        """Send nothing."""
        raise smtplib.SMTPRecipientsRefused({"new@example.com": (550, b"no")})


class WatchingBackend(BaseEmailBackend):
    """Records whether a mail is sent inside a transaction."""

    in_transaction = []

    def send_messages(self, messages):
        """Record whether there is a transaction."""
        self.in_transaction.append(connection.in_atomic_block)


def mail_rejected():
    """Return a context in which the mail server rejects every mail."""
    return override_settings(EMAIL_BACKEND="tests.test_registration.RejectingBackend")


@pytest.fixture
def without_password(make_user):
    """Return an unverified user who has yet to set a password."""
    return make_user("without_password", password=None)


@pytest.fixture
def hear(listen):
    """Return `hear(signal)`: a list that grows, of whom the signal was about and whether inside a transaction."""

    def hear(signal):
        heard = []
        listen(signal, lambda user, **_: heard.append((user.email, connection.in_atomic_block)))
        return heard

    return hear


@pytest.fixture
def observe(api, hashes):
    """Return `observe(name, **arguments)`: the response a client sees, the number of queries and that of hashes."""

    def observe(name, **arguments):
        document, variables = mutation(name, arguments)
        hashes()
        with CaptureQueriesContext(connection) as queries:
            response = api.post(document, variables)
        return (response.status_code, dict(response.headers), response.json()), len(queries), hashes()

    return observe


def users():
    return get_user_model().objects


# register


def test_register_makes_an_unverified_account_and_logs_it_in(mutate, query, new_account, mailoutbox):
    answer = mutate("register", **new_account)

    assert answer["success"] is True
    assert answer["errors"] is None
    assert query("{ me { email verified } }", login=answer["token"]) == {
        "me": {"email": "new@example.com", "verified": False}
    }
    assert [mail.to for mail in mailoutbox] == [["new@example.com"]]


def test_register_stores_the_password_hashed_and_logs_in_for_good(mutate, new_account):
    answer = mutate("register", **new_account)

    user = users().get()
    assert PASSWORD not in user.password
    assert user.check_password(PASSWORD)
    assert user.last_login is not None
    assert mutate("refreshToken", refresh_token=answer["refreshToken"])["success"] is True


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            {"password2": NEW_PASSWORD},
            refused("password_mismatch", "The two password fields didn’t match.", "password2"),
        ),
        ({"password1": "123456", "password2": "123456"}, WEAK_PASSWORD),
        (
            {"password1": "new@example.com", "password2": "new@example.com"},
            refused("password_too_similar", "The password is too similar to the email address.", "password2"),
        ),
        ({"password1": "", "password2": ""}, {"password1": [REQUIRED], "password2": [REQUIRED]}),
        ({"password1": None, "password2": None}, {"password1": [REQUIRED], "password2": [REQUIRED]}),
        ({"password2": None}, {"password2": [REQUIRED]}),
        ({"email": ""}, {"email": [REQUIRED]}),
        *(({"email": address}, INVALID_ADDRESS) for address in NOT_ADDRESSES),
        # % if cookiecutter.login_field == "username"
        ({"username": ""}, {"username": [REQUIRED]}),
        (
            {"username": "two words"},
            refused(
                "invalid",
                "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
                "username",
            ),
        ),
        (
            {"username": "n" * 151},
            refused("max_length", "Ensure this value has at most 150 characters (it has 151).", "username"),
        ),
        (
            {"username": "new@example.com"},
            refused("invalid", "A username cannot contain @.", "username"),
        ),
        # % endif
    ],
)
def test_register_refuses_what_the_form_finds_wrong(mutate, new_account, mailoutbox, changes, errors):
    answer = mutate("register", **(new_account | changes))

    assert answer["success"] is False
    assert answer["errors"] == errors
    assert (answer["token"], answer["refreshToken"]) == (None, None)
    assert not users().exists()
    assert mailoutbox == []


# % if cookiecutter.login_field == "username"
def test_a_taken_username_is_refused(mutate, new_account, verified):
    answer = mutate("register", **(new_account | {"username": "verified"}))

    assert answer["errors"] == refused("unique", "A user with that username already exists.", "username")


def test_a_username_that_looks_the_same_is_taken_too(mutate, new_account, verified, configure):
    configure(ALLOW_PASSWORDLESS_REGISTRATION=True)
    lookalike = new_account | {"username": "ｖerified"}

    with_password = mutate("register", **lookalike)
    without = mutate("register", **(lookalike | {"password1": None, "password2": None}))

    assert with_password["errors"] == without["errors"]
    assert with_password["errors"]["username"][0]["code"] == "unique"


# % endif
@pytest.mark.parametrize("address", SPELLINGS)
def test_an_address_has_one_account_however_it_is_spelled(mutate, verified, new_account, address):
    """D05: the address that is checked is the one that is saved, and its owner can still log in by it."""
    answer = mutate("register", **(new_account | {"email": address}))

    assert answer["success"] is False
    assert answer["errors"] == TAKEN_ADDRESS
    assert (answer["token"], answer["refreshToken"]) == (None, None)
    assert users().get() == verified
    assert mutate("tokenAuth", email=address, password=PASSWORD)["user"]["email"] == "verified@example.com"


@pytest.mark.parametrize("address", SPELLINGS)
def test_an_address_is_stored_in_one_spelling(mutate, new_account, mailoutbox, address):
    """D05: the mail, too, goes to the address that is stored."""
    mutate("register", **(new_account | {"email": address}))

    assert users().get().email == "verified@example.com"
    assert mailoutbox[-1].to == ["verified@example.com"]


@pytest.mark.parametrize("address", ["x@bücher.example", "X@BÜCHER.example", "x@xn--bcher-kva.example"])
def test_an_international_domain_has_one_spelling(mutate, new_account, make_user, address):
    """D05: the domain is stored in its ASCII form."""
    owner = make_user("owner")
    users().filter(pk=owner.pk).update(email="x@xn--bcher-kva.example")

    assert mutate("register", **(new_account | {"email": address}))["errors"] == TAKEN_ADDRESS


@pytest.mark.parametrize(("length", "errors"), [(254, None), (255, INVALID_ADDRESS)])
def test_an_address_is_as_long_as_the_column_at_most(mutate, new_account, length, errors):
    address = "x@" + "y" * 50 + ("." + "y" * 49) * 3 + ".example"

    assert mutate("register", **(new_account | {"email": "x" * (length - len(address)) + address}))["errors"] == errors


@pytest.mark.parametrize("address", ["two_secondary@example.com", " TWO_secondary@Example.com"])
def test_a_secondary_address_is_taken(mutate, with_secondary, new_account, address):
    assert mutate("register", **(new_account | {"email": address}))["errors"] == TAKEN_ADDRESS


def test_a_secondary_address_that_is_not_verified_reserves_nothing(mutate, verified, new_account, mailed_token):
    mutate("sendSecondaryEmailActivation", login=verified, email="new@example.com", password=PASSWORD)
    token = mailed_token()

    assert mutate("register", **new_account)["success"] is True
    assert mutate("verifySecondaryEmail", token=token)["errors"] == refused(
        "unique", "A user with that email already exists."
    )


def test_the_database_holds_one_account_for_each_address(verified, unverified, with_secondary):
    """D06: whatever gets past the code, the constraints stop."""
    with pytest.raises(IntegrityError), transaction.atomic():
        users().filter(pk=unverified.pk).update(email="VERIFIED@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserStatus.objects.filter(user=verified).update(secondary_email="Two_Secondary@example.com")


def test_an_address_taken_between_look_and_write_is_refused_as_usual(mutate, new_account, listen):
    """D06, D28: the loser of a race gets an error, not a database message."""
    # % if cookiecutter.login_field == "username"
    rival = get_user_model()(email="new@example.com", username="rival")
    # % else
    rival = get_user_model()(email="new@example.com")
    # % endif
    listen(pre_save, lambda **_: users().bulk_create([rival]), sender=get_user_model())

    answer = mutate("register", **new_account)

    assert answer["errors"] == TAKEN_ADDRESS
    assert answer["token"] is None


def test_an_account_that_may_not_log_in_yet_gets_no_tokens(mutate, new_account, configure):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)

    answer = mutate("register", **new_account)

    assert answer["success"] is True
    assert (answer["token"], answer["refreshToken"]) == (None, None)
    assert not Session.objects.exists()
    assert users().get().last_login is None


def test_registrations_from_one_client_are_limited(mutate, new_account, configure):
    configure(RATE_LIMITS={"register_client": "1/hour"})
    mutate("register", **new_account)

    assert mutate("register", **(new_account | {"email": "other@example.com"}))["errors"] == THROTTLED


def test_a_field_of_the_settings_is_asked_for_and_saved(rf, api, new_account, configure):
    configure(
        REGISTER_MUTATION_FIELDS=[*new_account.keys() - {"password1", "password2"}, "last_name"],
        REGISTER_MUTATION_FIELDS_OPTIONAL={"first_name": "String"},
    )
    passwords = {name: new_account.pop(name) for name in ("password1", "password2")}

    with pytest.raises(registration.AccountError) as missing:
        registration.register(request=rf.post("/"), fields=new_account, **passwords)
    registration.register(request=rf.post("/"), fields=new_account | {"last_name": "Skywalker"}, **passwords)

    assert missing.value.errors == {"last_name": [REQUIRED]}
    assert users().values_list("first_name", "last_name").get() == ("", "Skywalker")


# register without a password


def test_an_account_registered_without_password_sets_one_and_logs_in(
    mutate, query, new_account, mailoutbox, mailed_token, configure
):
    """D26: one mail, and the default settings around it do."""
    configure(ALLOW_PASSWORDLESS_REGISTRATION=True)
    del new_account["password1"], new_account["password2"]

    registered = mutate("register", **new_account)
    early = mutate("tokenAuth", email="new@example.com", password=PASSWORD)
    done = mutate("passwordSet", token=mailed_token(), new_password1=PASSWORD, new_password2=PASSWORD)
    login = mutate("tokenAuth", email="new@example.com", password=PASSWORD)

    assert (registered["success"], registered["errors"]) == (True, None)
    assert (registered["token"], registered["refreshToken"]) == (None, None)
    assert early["errors"] == refused("invalid_credentials", "Please, enter valid credentials.")
    assert len(mailoutbox) == 1
    assert "/password-set/" in mailoutbox[0].body
    assert (done["success"], done["errors"]) == (True, None)
    assert query("{ me { email verified } }", login=login["token"]) == {
        "me": {"email": "new@example.com", "verified": True}
    }


def test_an_account_without_password_is_mailed_its_link_again(mutate, without_password, mailed_token):
    mutate("resendActivationEmail", email=without_password.email)

    done = mutate("passwordSet", token=mailed_token(), new_password1=PASSWORD, new_password2=PASSWORD)

    assert done["success"] is True


@pytest.mark.parametrize("passwords", [{"password1": PASSWORD}, {"password2": PASSWORD}])
def test_one_password_does_not_count_as_passwordless(mutate, new_account, configure, passwords):
    configure(ALLOW_PASSWORDLESS_REGISTRATION=True)
    account = new_account | {"password1": "", "password2": ""} | passwords

    assert mutate("register", **account)["success"] is False


def test_an_account_with_password_is_registered_beside_those_without(mutate, new_account, configure, mailoutbox):
    configure(ALLOW_PASSWORDLESS_REGISTRATION=True)

    assert mutate("register", **new_account)["token"]
    assert "/activate/" in mailoutbox[0].body


@pytest.mark.parametrize(
    ("passwordless", "activation", "password_set", "path"),
    [
        (False, True, False, "/activate/"),
        (False, False, False, None),
        (False, False, True, None),
        (True, True, False, "/password-set/"),
        (True, False, True, "/password-set/"),
        (True, True, True, "/password-set/"),
        (True, False, False, None),
    ],
)
def test_the_settings_say_which_mail_a_registration_sends(
    mutate, new_account, configure, mailoutbox, passwordless, activation, password_set, path
):
    configure(
        ALLOW_PASSWORDLESS_REGISTRATION=True, SEND_ACTIVATION_EMAIL=activation, SEND_PASSWORD_SET_EMAIL=password_set
    )
    if passwordless:
        new_account |= {"password1": None, "password2": None}

    assert mutate("register", **new_account)["success"] is True
    assert [path in mail.body for mail in mailoutbox] == ([True] if path else [])


# Enumeration


@pytest.mark.parametrize("mail", [nullcontext, mail_down, mail_waits], ids=["mail works", "mail fails", "mail waits"])
@pytest.mark.parametrize("state", KNOWN)
def test_register_does_not_reveal_whether_an_address_has_an_account(
    observe, new_account, configure, request, state, mail
):
    """D21: neither does the number of queries or hashes."""
    configure(PREVENT_ENUMERATION=True)
    request.getfixturevalue(state)

    with mail():
        known, known_queries, known_hashes = observe("register", **(new_account | {"email": KNOWN[state]}))
        unknown, unknown_queries, unknown_hashes = observe("register", **new_account)

    assert known == unknown
    answer = unknown[2]["data"]["register"]
    assert (answer["success"], answer["token"], answer["refreshToken"]) == (True, None, None)
    assert abs(known_queries - unknown_queries) <= 1
    assert known_hashes == unknown_hashes == 1


@pytest.mark.parametrize("mail", [nullcontext, mail_down, mail_waits], ids=["mail works", "mail fails", "mail waits"])
@pytest.mark.parametrize("state", KNOWN)
def test_resend_activation_does_not_reveal_whether_an_address_has_an_account(observe, configure, request, state, mail):
    """D21: neither does the number of queries or hashes."""
    configure(PREVENT_ENUMERATION=True)
    request.getfixturevalue(state)

    with mail():
        known, known_queries, known_hashes = observe("resendActivationEmail", email=KNOWN[state])
        unknown, unknown_queries, unknown_hashes = observe("resendActivationEmail", email="new@example.com")

    assert known == unknown
    assert unknown[2]["data"]["resendActivationEmail"]["success"] is True
    assert abs(known_queries - unknown_queries) <= 1
    assert known_hashes == unknown_hashes == 0


def test_the_owner_of_a_taken_address_is_notified_by_mail(mutate, new_account, verified, configure, mailoutbox):
    configure(PREVENT_ENUMERATION=True)
    password = verified.password

    mutate("register", **(new_account | {"email": "Verified@example.com"}))
    mutate("resendActivationEmail", email="Verified@example.com")

    assert [mail.to for mail in mailoutbox] == [["verified@example.com"]] * 2
    assert all("already has an account" in mail.body for mail in mailoutbox)
    assert not any("/activate/" in mail.body for mail in mailoutbox)
    assert users().get().password == password


def test_a_new_account_works_with_prevent_enumeration(mutate, new_account, configure, mailed_token):
    configure(PREVENT_ENUMERATION=True)
    mutate("register", **new_account)

    assert mutate("verifyAccount", token=mailed_token())["success"] is True
    assert mutate("tokenAuth", email="new@example.com", password=PASSWORD)["success"] is True


def test_no_free_text_reaches_an_address_that_is_not_verified(rf, api, new_account, configure, mailoutbox):
    """D24: otherwise anybody could have this site mail their words to anybody."""
    configure(REGISTER_MUTATION_FIELDS_OPTIONAL=["first_name", "last_name"])
    words = dict.fromkeys(("first_name", "last_name"), "spam.example")
    # % if cookiecutter.login_field == "username"
    words["username"] = "spam.example"
    # % endif

    passwords = {name: new_account.pop(name) for name in ("password1", "password2")}
    registration.register(request=rf.post("/"), fields=new_account | words, **passwords)
    registration.resend_activation_email(request=rf.post("/"), email="new@example.com")

    assert len(mailoutbox) == 2
    assert not any("spam.example" in str(mail.message()) + mail.body for mail in mailoutbox)


# verifyAccount


def test_a_mailed_token_verifies_the_account_once(mutate, new_account, mailed_token):
    mutate("register", **new_account)
    token = mailed_token()

    assert mutate("verifyAccount", token=token) == {"success": True, "errors": None}
    assert mutate("verifyAccount", token=token) == {
        "success": False,
        "errors": refused("already_verified", "Account already verified."),
    }


def test_verifying_ends_the_sessions_from_before(mutate, query, new_account, mailed_token):
    """D13: whoever registered somebody else's address is logged out."""
    answer = mutate("register", **new_account)

    mutate("verifyAccount", token=mailed_token())

    assert query("{ me { email } }", login=answer["token"]) == {"me": None}
    assert mutate("refreshToken", refresh_token=answer["refreshToken"])["errors"] == INVALID_TOKEN
    assert not Session.objects.filter(ended_at=None).exists()


def test_verifying_drops_a_secondary_address_that_waits(mutate, unverified):
    """D13: nor can they add an address of their own later."""
    pending = tokens.make(tokens.SECONDARY_EMAIL, unverified, email="other@example.com")

    mutate("verifyAccount", token=tokens.make(tokens.ACTIVATION, unverified))

    assert mutate("verifySecondaryEmail", token=pending)["errors"] == INVALID_TOKEN


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "WzFd:1itC5A:vJhRJwBcrNxvmEKxHrZa6Yoqw5Q", "é🎉", "." * 9999])
def test_an_odd_token_verifies_nothing(mutate, unverified, token):
    assert mutate("verifyAccount", token=token) == {"success": False, "errors": INVALID_TOKEN}


@pytest.mark.parametrize("payload", [{}, [], None, "text", [1], ["x", None, "y"], [[], {}, 1], {"pk": 1}])
def test_a_signed_token_of_another_shape_verifies_nothing(mutate, unverified, payload):
    """D15: what a token holds never becomes arguments."""
    token = signing.dumps(payload, salt=tokens.ACTIVATION.salt)

    assert mutate("verifyAccount", token=token)["errors"] == INVALID_TOKEN


@pytest.mark.parametrize("purpose", [tokens.PASSWORD_RESET, tokens.PASSWORD_SET, tokens.SECONDARY_EMAIL])
def test_a_token_for_something_else_verifies_nothing(mutate, unverified, purpose):
    """D15: each purpose has a salt of its own."""
    assert mutate("verifyAccount", token=tokens.make(purpose, unverified))["errors"] == INVALID_TOKEN


def test_an_activation_token_expires(mutate, unverified, configure):
    configure(EXPIRATION_ACTIVATION_TOKEN=timedelta(days=2))
    token = tokens.make(tokens.ACTIVATION, unverified)

    with time_machine.travel(timezone.now() + timedelta(days=2, seconds=2)):
        late = mutate("verifyAccount", token=token)
    with time_machine.travel(timezone.now() + timedelta(days=2, seconds=-60)):
        in_time = mutate("verifyAccount", token=token)

    assert late == {"success": False, "errors": EXPIRED_TOKEN}
    assert in_time["success"] is True


@pytest.mark.parametrize(
    "changes",
    [{"email": "other@example.com"}, {"password": "changed"}, {"is_active": False}],
    ids=["address", "password", "inactive"],
)
def test_an_activation_token_dies_with_what_it_was_made_for(mutate, unverified, changes):
    token = tokens.make(tokens.ACTIVATION, unverified)
    users().filter(pk=unverified.pk).update(**changes)

    assert mutate("verifyAccount", token=token)["errors"] == INVALID_TOKEN
    assert UserStatus.objects.get().verified is False


def test_an_inactive_account_is_not_verified(mutate, make_user):
    banned = make_user("banned", is_active=False)

    assert mutate("verifyAccount", token=tokens.make(tokens.ACTIVATION, banned))["errors"] == INVALID_TOKEN


def test_a_token_of_a_deleted_account_does_nothing_for_the_next_of_its_name(mutate, new_account, mailed_token):
    """D02: a token belongs to one account, not to whoever has its name."""
    mutate("register", **new_account)
    token = mailed_token()
    users().get().delete()
    gone = mutate("verifyAccount", token=token)
    mutate("register", **new_account)

    again = mutate("verifyAccount", token=token)

    assert gone["errors"] == again["errors"] == INVALID_TOKEN
    assert UserStatus.objects.get().verified is False


def test_a_token_from_before_a_change_of_keys_works_while_the_old_key_is_kept(mutate, unverified, settings):
    token = tokens.make(tokens.ACTIVATION, unverified)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-of-this-site-that-is-long-enough"

    without = mutate("verifyAccount", token=token)
    settings.SECRET_KEY_FALLBACKS = [old]

    assert without["errors"] == INVALID_TOKEN
    assert mutate("verifyAccount", token=token)["success"] is True


def test_a_user_without_status_can_be_verified(mutate, unverified):
    UserStatus.objects.all().delete()
    unverified.refresh_from_db()

    assert mutate("verifyAccount", token=tokens.make(tokens.ACTIVATION, unverified))["success"] is True
    assert UserStatus.objects.get(user=unverified).verified is True


# resendActivationEmail


def test_resending_mails_another_token(mutate, unverified, mailoutbox, mailed_token):
    answer = mutate("resendActivationEmail", email=unverified.email)

    assert answer == {"success": True, "errors": None}
    assert [mail.to for mail in mailoutbox] == [[unverified.email]]
    assert mutate("verifyAccount", token=mailed_token())["success"] is True


def test_a_resent_mail_goes_to_the_stored_address(mutate, unverified, mailoutbox):
    """D14: not to what was typed."""
    mutate("resendActivationEmail", email=" ＵNVERIFIED@Example.com ")

    assert mailoutbox[-1].to == ["unverified@example.com"]


@pytest.mark.parametrize("address", NOT_ADDRESSES)
def test_resending_to_an_invalid_address_is_rejected(mutate, address):
    assert mutate("resendActivationEmail", email=address) == {"success": False, "errors": INVALID_ADDRESS}


@pytest.mark.parametrize("address", ["verified@example.com", "two_secondary@example.com", "archived@example.com"])
def test_a_verified_account_needs_no_activation(mutate, verified, with_secondary, archived, mailoutbox, address):
    assert mutate("resendActivationEmail", email=address) == {
        "success": False,
        "errors": refused("already_verified", "Account already verified.", "email"),
    }
    assert mailoutbox == []


def test_mails_to_one_address_are_limited(mutate, unverified, configure, mailoutbox):
    configure(RATE_LIMITS={"mail_address": "1/hour"})
    mutate("resendActivationEmail", email="unverified@example.com")

    assert mutate("resendActivationEmail", email=" UNVERIFIED@example.com")["errors"] == THROTTLED
    assert len(mailoutbox) == 1


# Mail that fails


@pytest.mark.parametrize("failing", [mail_down, mail_rejected])
def test_an_account_stays_when_its_mail_fails(mutate, new_account, mailed_token, failing):
    """D25: whatever the mail server does, the answer is a standard one and resending works later."""
    with failing():
        registered = mutate("register", **new_account)
        resent = mutate("resendActivationEmail", email="new@example.com")
    mutate("resendActivationEmail", email="new@example.com")

    assert registered == {"success": False, "errors": MAIL_FAILED, **null_outputs("register")}
    assert resent == {"success": False, "errors": MAIL_FAILED}
    assert mutate("verifyAccount", token=mailed_token())["success"] is True


@pytest.mark.django_db(transaction=True)
def test_mail_is_sent_outside_the_transaction(mutate, new_account, unverified, settings):
    """D25: a slow mail server holds no lock."""
    settings.EMAIL_BACKEND = "tests.test_registration.WatchingBackend"
    WatchingBackend.in_transaction.clear()

    mutate("register", **new_account)
    mutate("resendActivationEmail", email=unverified.email)

    assert WatchingBackend.in_transaction == [False, False]


# Signals


@pytest.mark.django_db(transaction=True)
def test_the_signals_are_sent_once_and_after_the_transaction(mutate, new_account, mailed_token, hear):
    registered, verified = hear(user_registered), hear(user_verified)

    mutate("register", **new_account)
    mutate("register", **new_account)
    assert (registered, verified) == ([("new@example.com", False)], [])

    mutate("verifyAccount", token=mailed_token())
    mutate("verifyAccount", token=mailed_token())
    assert (registered, verified) == ([("new@example.com", False)], [("new@example.com", False)])


def test_a_receiver_that_fails_does_not_undo_the_registration(mutate, new_account, listen):
    listen(user_registered, lambda **_: 1 / 0)

    assert mutate("register", **new_account)["success"] is True
    assert users().exists()


def test_a_refused_registration_sends_no_signal(mutate, new_account, verified, configure, hear):
    registered = hear(user_registered)

    mutate("register", **(new_account | {"email": verified.email}))
    configure(PREVENT_ENUMERATION=True)
    mutate("register", **(new_account | {"email": verified.email}))

    assert registered == []


# Odd characters and languages


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("register", "email"),
        # % if cookiecutter.login_field == "username"
        ("register", "username"),
        # % endif
        ("register", "password1"),
        ("verifyAccount", "token"),
        ("resendActivationEmail", "email"),
    ],
)
def test_odd_text_is_refused_or_answered(api, new_account, name, argument, text):
    """D28: nothing that can be typed is the server's fault."""
    arguments = new_account if name == "register" else {}

    response = api.post(*mutation(name, arguments | {argument: text}))

    assert response.status_code == 400 or response.json()["data"][name]["success"] in (True, False)


def test_messages_are_in_the_language_of_the_request(mutate, api):
    """D31: not in that of the process."""
    english = mutate("resendActivationEmail", email="x")
    api.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    german = mutate("resendActivationEmail", email="x")

    assert english["errors"] == INVALID_ADDRESS
    assert german["errors"] == refused("invalid", "Bitte gültige E-Mail-Adresse eingeben.", "email")


def test_no_reason_is_translated_before_it_is_sent():
    """D31: not in the language of the first request."""
    assert [reason for reason in Refusal if not isinstance(reason.message, Promise)] == []
