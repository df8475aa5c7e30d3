"""Setting, changing and recovering passwords."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import connection
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from graphql_auth import sessions, tokens
from graphql_auth.models import Session
from tests.api import mutation
from tests.conftest import NEW_PASSWORD, PASSWORD, mail_down, mail_waits, refused

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
INVALID_TOKEN = refused("invalid_token", "Invalid token.")
EXPIRED_TOKEN = refused("expired_token", "Expired token.")
ALREADY_SET = refused("password_already_set", "Password already set for account.")
THROTTLED = refused("throttled", "Too many attempts. Please try again later.")
MISMATCH = refused("password_mismatch", "The two password fields didn’t match.", "newPassword2")
WEAK = {
    "newPassword2": [
        {"message": "This password is too short. It must contain at least 8 characters.", "code": "password_too_short"},
        {"message": "This password is too common.", "code": "password_too_common"},
        {"message": "This password is entirely numeric.", "code": "password_entirely_numeric"},
    ]
}
BAD_PASSWORDS = [
    pytest.param({"new_password1": "123456", "new_password2": "123456"}, WEAK, id="weak"),
    pytest.param({"new_password1": NEW_PASSWORD, "new_password2": PASSWORD}, MISMATCH, id="mismatch"),
]
STATES = ["unknown", "unverified", "verified", "archived", "inactive", "closed"]


@pytest.fixture(params=["passwordReset", "passwordSet"])
def link(request, make_user):
    """Return each mutation that sets a password by a mailed token, with a verified user and a token for it."""
    if request.param == "passwordReset":
        user = make_user("forgetful", verified=True)
        return request.param, user, tokens.make(tokens.PASSWORD_RESET, user)
    user = make_user("passwordless", password=None, verified=True)
    return request.param, user, tokens.make(tokens.PASSWORD_SET, user)


@pytest.fixture
def everybody(unverified, verified, archived, inactive, closed):
    """Return an address of an account in each state."""
    users = {"unverified": unverified, "verified": verified, "archived": archived, "inactive": inactive}
    users["closed"] = closed
    return {"unknown": "unknown@example.com"} | {state: user.email for state, user in users.items()}


def logs_in(mutate, user, password):
    return mutate("tokenAuth", email=user.email, password=password)["success"]


def live_sessions(user):
    return Session.objects.filter(user=user, ended_at=None).count()


@pytest.mark.parametrize("typed", ["two@example.com", " Two@EXAMPLE.com ", "two_secondary@example.com"])
def test_a_reset_mail_goes_to_either_address_of_the_account(mutate, with_secondary, mailoutbox, typed):
    answer = mutate("sendPasswordResetEmail", email=typed)

    assert answer == {"success": True, "errors": None}
    assert [mail.to for mail in mailoutbox] == [[typed.strip().lower()]]


def test_a_reset_mail_goes_to_the_address_as_it_is_stored(mutate, verified, mailoutbox):
    """D14: two spellings may be two mailboxes, and only the stored one is known to be the owner's."""
    get_user_model().objects.update(email="Verified@Example.com")

    mutate("sendPasswordResetEmail", email="verified@example.com")

    assert [mail.to for mail in mailoutbox] == [["Verified@Example.com"]]


@pytest.mark.parametrize("name", ["sendPasswordResetEmail", "resendActivationEmail"])
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("address", ["closed@example.com", "nobody@example.com"])
def test_nobody_is_mailed_where_there_is_no_active_account(mutate, make_user, mailoutbox, name, verified, address):
    make_user("closed", is_active=False, verified=verified)

    assert mutate(name, email=address) == {"success": True, "errors": None}
    assert mailoutbox == []


@pytest.mark.parametrize("typed", ["nobody", "a@", "@example.com", "a@example.com\nBcc: b@example.com", "a" * 300])
def test_a_reset_mail_needs_a_valid_address(mutate, mailoutbox, typed):
    answer = mutate("sendPasswordResetEmail", email=typed)

    assert answer == {"success": False, "errors": refused("invalid", "Enter a valid email address.", "email")}
    assert mailoutbox == []


def test_an_unverified_account_is_mailed_its_activation_instead(mutate, unverified, mailed_token):
    answer = mutate("sendPasswordResetEmail", email=unverified.email)

    message = "Verify your account. A new verification email was sent."
    assert answer == {"success": False, "errors": refused("not_verified", message, "email")}
    assert mutate("verifyAccount", token=mailed_token())["success"] is True


def test_an_unverified_account_without_password_is_mailed_the_link_to_set_one(mutate, make_user, mailed_token):
    user = make_user("passwordless", password=None)

    mutate("sendPasswordResetEmail", email=user.email)

    assert mutate("passwordSet", token=mailed_token(), **NEW)["success"] is True
    assert logs_in(mutate, user, NEW_PASSWORD)


@pytest.mark.parametrize("state", ["verified", "unverified", "archived"])
def test_a_reset_mail_that_cannot_be_sent_is_reported(mutate, everybody, failing_mail, state):
    answer = mutate("sendPasswordResetEmail", email=everybody[state])

    assert answer == {"success": False, "errors": refused("email_fail", "Failed to send email.")}


def test_reset_mails_to_one_address_are_limited(mutate, configure, verified, mailoutbox):
    configure(RATE_LIMITS={"mail_address": "2/hour"})

    answers = [mutate("sendPasswordResetEmail", email=verified.email) for _ in range(3)]

    assert [answer["success"] for answer in answers] == [True, True, False]
    assert answers[-1]["errors"] == THROTTLED
    assert len(mailoutbox) == 2


@pytest.mark.parametrize("mail", [nullcontext, mail_down, mail_waits], ids=["mail works", "mail fails", "mail waits"])
def test_a_response_does_not_reveal_who_has_an_address(api, configure, everybody, hashes, mail):
    """D21: with PREVENT_ENUMERATION, body, status, headers, queries and hashes are the same."""
    configure(PREVENT_ENUMERATION=True)
    responses, queries = [], []

    for state in STATES:
        with mail(), CaptureQueriesContext(connection) as captured:
            responses.append(api.post(*mutation("sendPasswordResetEmail", {"email": everybody[state]})))
        queries.append(len(captured))

    assert responses[0].json()["data"]["sendPasswordResetEmail"]["success"] is True
    assert len({(answer.status_code, answer.content, str(sorted(answer.items()))) for answer in responses}) == 1
    assert max(queries) - min(queries) <= 1
    assert hashes() == 0


def test_with_prevent_enumeration_the_owner_is_mailed(mutate, configure, everybody, mailoutbox):
    configure(PREVENT_ENUMERATION=True)

    for state in STATES:
        mutate("sendPasswordResetEmail", email=everybody[state])

    mailed = ["unverified", "verified", "archived", "closed"]
    assert [mail.to for mail in mailoutbox] == [[everybody[state]] for state in mailed]


def test_a_mailed_reset_link_sets_a_new_password(mutate, verified, mailed_token):
    mutate("sendPasswordResetEmail", email=verified.email)

    answer = mutate("passwordReset", token=mailed_token(), **NEW)

    assert answer == {"success": True, "errors": None}
    assert logs_in(mutate, verified, NEW_PASSWORD)
    assert not logs_in(mutate, verified, PASSWORD)


def test_a_token_sets_a_password(mutate, link):
    name, user, token = link

    assert mutate(name, token=token, **NEW) == {"success": True, "errors": None}
    assert logs_in(mutate, user, NEW_PASSWORD)


def test_a_token_works_once(mutate, link):
    """D03: a used token is refused; that of a first password says why."""
    name, user, token = link
    mutate(name, token=token, **NEW)

    answer = mutate(name, token=token, new_password1=PASSWORD, new_password2=PASSWORD)

    assert answer == {"success": False, "errors": ALREADY_SET if name == "passwordSet" else INVALID_TOKEN}
    assert not logs_in(mutate, user, PASSWORD)


@pytest.mark.parametrize(("passwords", "errors"), BAD_PASSWORDS)
def test_a_failed_try_leaves_the_token_usable(mutate, link, hashes, passwords, errors):
    name, _, token = link

    assert mutate(name, token=token, **passwords) == {"success": False, "errors": errors}
    assert hashes() == 0
    assert mutate(name, token=token, **NEW)["success"] is True
    assert hashes() == 1


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "é:é:é", "." * 5000])
def test_an_invalid_token_is_rejected(mutate, link, hashes, token):
    name, _, _ = link

    assert mutate(name, token=token, **NEW) == {"success": False, "errors": INVALID_TOKEN}
    assert hashes() == 0


@pytest.mark.parametrize(
    ("name", "purpose", "setting", "default"),
    [
        ("passwordReset", tokens.PASSWORD_RESET, "EXPIRATION_PASSWORD_RESET_TOKEN", timedelta(hours=1)),
        ("passwordSet", tokens.PASSWORD_SET, "EXPIRATION_PASSWORD_SET_TOKEN", timedelta(days=7)),
    ],
)
@pytest.mark.parametrize("configured", [None, timedelta(minutes=3)])
def test_a_token_expires(mutate, make_user, configure, name, purpose, setting, default, configured):
    if configured:
        configure(**{setting: configured})
    user = make_user("late", password=None)
    token, made = tokens.make(purpose, user), timezone.now()
    lifetime = configured or default

    with time_machine.travel(made + lifetime + timedelta(seconds=5), tick=False):
        assert mutate(name, token=token, **NEW) == {"success": False, "errors": EXPIRED_TOKEN}
    with time_machine.travel(made + lifetime - timedelta(seconds=5), tick=False):
        assert mutate(name, token=token, **NEW)["success"] is True


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda user: user.set_password(PASSWORD), id="password"),
        pytest.param(lambda user: setattr(user, "email", "else@example.com"), id="email"),
        pytest.param(lambda user: setattr(user, "is_active", False), id="deactivation"),
    ],
)
def test_a_token_dies_with_what_it_was_made_for(mutate, link, change):
    """D03: a token from before the password or address changed, or the account was closed, is void."""
    name, user, token = link
    change(user)
    user.save()

    answer = mutate(name, token=token, **NEW)

    changed_password = name == "passwordSet" and user.has_usable_password()
    assert answer == {"success": False, "errors": ALREADY_SET if changed_password else INVALID_TOKEN}
    user.refresh_from_db()
    assert not user.check_password(NEW_PASSWORD)


def test_a_reset_link_mailed_to_a_secondary_address_dies_with_it(mutate, with_secondary, mailed_token):
    """D03: who removes an address does not trust it any more."""
    mutate("sendPasswordResetEmail", email="two_secondary@example.com")
    mutate("removeSecondaryEmail", login=with_secondary, password=PASSWORD)

    assert mutate("passwordReset", token=mailed_token(), **NEW)["errors"] == INVALID_TOKEN


def test_a_token_does_not_work_for_the_next_owner_of_the_address(mutate, make_user, link):
    """D02: even when the database gives the new account the key of the old one."""
    name, user, token = link
    pk, local = user.pk, user.email.partition("@")[0]
    user.delete()
    heir = make_user(local, password=None if name == "passwordSet" else PASSWORD, verified=True, pk=pk)

    answer = mutate(name, token=token, **NEW)

    heir.refresh_from_db()
    assert heir.email == user.email
    assert answer["errors"] == INVALID_TOKEN
    assert not heir.check_password(NEW_PASSWORD)


@pytest.mark.parametrize("name", ["verifyAccount", "verifySecondaryEmail", "passwordReset", "passwordSet"])
def test_a_token_serves_its_own_purpose_only(mutate, make_user, name):
    """D15: one salt for every purpose would let a link verify what another was mailed for."""
    user = make_user("passwordless", password=None)
    purposes = {
        "verifyAccount": tokens.ACTIVATION,
        "verifySecondaryEmail": tokens.SECONDARY_EMAIL,
        "passwordReset": tokens.PASSWORD_RESET,
        "passwordSet": tokens.PASSWORD_SET,
    }
    others = [purpose for other, purpose in purposes.items() if other != name]
    passwords = NEW if name.startswith("password") else {}

    for purpose in others:
        token = tokens.make(purpose, user, email="else@example.com")
        assert mutate(name, token=token, **passwords)["errors"] == INVALID_TOKEN


@pytest.mark.parametrize(
    "content",
    [
        {"email": "verified@example.com"},
        {"pk": 1, "is_superuser": True, "email": ""},
        {"pk__gt": 0},
        [],
        [1, None],
        [None, None, ""],
        ["x", None, ""],
        [[1], None, ""],
        [{}, None, ""],
        [10**30, None, ""],
        "abc",
        7,
        None,
    ],
)
def test_signed_nonsense_is_an_invalid_token(mutate, verified, content):
    """D15: what a token holds never becomes a look-up."""
    token = signing.dumps(content, salt=tokens.PASSWORD_RESET.salt)

    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN


def test_a_token_of_a_former_key_works_while_the_key_is_a_fallback(mutate, link, settings):
    name, _, token = link
    former, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-secret-key-of-more-than-thirty-two-bytes"

    settings.SECRET_KEY_FALLBACKS = []
    assert mutate(name, token=token, **NEW)["errors"] == INVALID_TOKEN

    settings.SECRET_KEY_FALLBACKS = [former]
    assert mutate(name, token=token, **NEW)["success"] is True


def test_a_token_of_a_former_key_works_once(mutate, verified, settings):
    token = tokens.make(tokens.PASSWORD_RESET, verified)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret-key", [settings.SECRET_KEY]
    mutate("passwordReset", token=token, **NEW)

    assert mutate("passwordReset", token=token, **NEW)["errors"] == INVALID_TOKEN


@pytest.mark.parametrize(
    ("name", "purpose", "password"),
    [("passwordReset", tokens.PASSWORD_RESET, PASSWORD), ("passwordSet", tokens.PASSWORD_SET, None)],
)
def test_setting_a_password_by_mail_verifies_the_account(mutate, make_user, name, purpose, password):
    user = make_user("unverified", password=password)
    activation = tokens.make(tokens.ACTIVATION, user)

    mutate(name, token=tokens.make(purpose, user), **NEW)

    user.status.refresh_from_db()
    assert user.status.verified is True
    assert mutate("verifyAccount", token=activation)["success"] is False


@pytest.mark.parametrize("verified", [True, False])
def test_a_link_to_set_a_password_works_whatever_became_of_verified(mutate, link, verified):
    """The link was mailed to the address: who uses it has it, which is all that verified says."""
    name, user, token = link
    user.status.change(verified=verified)

    assert mutate(name, token=token, **NEW)["success"] is True
    user.status.refresh_from_db()
    assert user.status.verified is True


@pytest.mark.parametrize("verified_before", [True, False])
def test_setting_a_password_by_mail_ends_every_session(mutate, query, make_user, verified_before):
    """D13: whoever registered the address of somebody else is logged out."""
    user = make_user("victim", verified=verified_before)
    tokens_before = [sessions.start(user) for _ in range(2)]

    mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, user), **NEW)

    assert live_sessions(user) == 0
    for before in tokens_before:
        assert query("{ me { email } }", login=before.token) == {"me": None}
        assert mutate("refreshToken", refresh_token=before.refresh_token)["errors"] == INVALID_TOKEN


def test_a_pending_secondary_address_is_void_once_the_owner_shows_up(mutate, make_user):
    """D13: an address requested by whoever registered the account does not become its secondary one."""
    user = make_user("victim")
    pending = tokens.make(tokens.SECONDARY_EMAIL, user, email="attacker@example.com")

    mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, user), **NEW)

    assert mutate("verifySecondaryEmail", token=pending)["errors"] == INVALID_TOKEN


def test_a_password_that_was_set_otherwise_makes_the_link_to_set_one_void(mutate, make_user):
    user = make_user("passwordless", password=None)
    first = tokens.make(tokens.PASSWORD_SET, user)
    mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, user), **NEW)

    answer = mutate("passwordSet", token=first, new_password1=PASSWORD, new_password2=PASSWORD)

    assert answer == {"success": False, "errors": ALREADY_SET}
    assert logs_in(mutate, user, NEW_PASSWORD)


def test_an_archived_account_can_reset_its_password_and_come_back(mutate, archived, mailed_token):
    mutate("sendPasswordResetEmail", email=archived.email)

    assert mutate("passwordReset", token=mailed_token(), **NEW)["success"] is True
    assert mutate("tokenAuth", email=archived.email, password=NEW_PASSWORD)["unarchiving"] is True


def test_the_tokens_of_a_password_change_work_within_the_same_second(mutate, query, verified):
    """D10: the tokens from before do not, though they are not a second older."""
    with time_machine.travel(timezone.now(), tick=False):
        before = sessions.start(verified)

        answer = mutate("passwordChange", login=before.token, old_password=PASSWORD, **NEW)

        assert answer["success"] is True
        assert answer["errors"] is None
        assert query("{ me { email } }", login=answer["token"]) == {"me": {"email": verified.email}}
        assert query("{ me { email } }", login=before.token) == {"me": None}
        assert mutate("verifyToken", token=before.token)["errors"] == INVALID_TOKEN
        assert mutate("refreshToken", refresh_token=before.refresh_token)["errors"] == INVALID_TOKEN
        assert mutate("refreshToken", refresh_token=answer["refreshToken"])["success"] is True


def test_a_password_change_ends_the_other_sessions(mutate, query, verified):
    other = sessions.start(verified)

    mutate("passwordChange", login=verified, old_password=PASSWORD, **NEW)

    assert live_sessions(verified) == 1
    assert query("{ me { email } }", login=other.token) == {"me": None}


def test_a_password_change_replaces_the_password(mutate, verified):
    mutate("passwordChange", login=verified, old_password=PASSWORD, **NEW)

    assert logs_in(mutate, verified, NEW_PASSWORD)
    assert not logs_in(mutate, verified, PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "errors"),
    [
        pytest.param(
            {"old_password": "wrong", **NEW},
            refused("invalid_password", "Invalid password.", "oldPassword"),
            id="old password",
        ),
        pytest.param({"old_password": PASSWORD, **BAD_PASSWORDS[0].values[0]}, WEAK, id="weak"),
        pytest.param({"old_password": PASSWORD, **BAD_PASSWORDS[1].values[0]}, MISMATCH, id="mismatch"),
    ],
)
def test_a_refused_password_change_changes_nothing(mutate, query, verified, hashes, arguments, errors):
    token = sessions.start(verified).token

    answer = mutate("passwordChange", login=token, **arguments)

    assert (answer.pop("success"), answer.pop("errors")) == (False, errors)
    assert set(answer.values()) == {None}
    assert hashes() == 1
    assert query("{ me { email } }", login=token) == {"me": {"email": verified.email}}
    assert logs_in(mutate, verified, PASSWORD)


def test_a_password_change_hashes_the_old_and_the_new_password_once(mutate, verified, hashes):
    mutate("passwordChange", login=verified, old_password=PASSWORD, **NEW)

    assert hashes() == 2


def test_guesses_at_the_old_password_are_limited(mutate, configure, verified, hashes):
    """D20: a stolen access token is no oracle for the password; what is over the limit is not even hashed."""
    configure(RATE_LIMITS={"login": "3/hour"})
    token = sessions.start(verified).token

    answers = [mutate("passwordChange", login=token, old_password="wrong", **NEW) for _ in range(4)]
    right = mutate("passwordChange", login=token, old_password=PASSWORD, **NEW)

    assert [set(answer["errors"]) for answer in answers] == [{"oldPassword"}] * 3 + [{"nonFieldErrors"}]
    assert answers[-1]["errors"] == right["errors"] == THROTTLED
    assert hashes() == 3


@pytest.mark.parametrize("name", ["passwordReset", "passwordSet", "passwordChange"])
def test_a_login_while_the_password_changes_does_not_survive(mutate, make_user, listen, name):
    """D08: sessions end after the new password is stored, in its transaction."""
    user = make_user("attacked", verified=True, password=None if name == "passwordSet" else PASSWORD)
    arguments = {
        "passwordReset": {"token": tokens.make(tokens.PASSWORD_RESET, user)},
        "passwordSet": {"token": tokens.make(tokens.PASSWORD_SET, user)},
        "passwordChange": {"login": user, "old_password": PASSWORD},
    }
    meanwhile = []
    listen(post_save, lambda instance, **_: meanwhile.append(sessions.start(instance)), sender=get_user_model())

    mutate(name, **arguments[name], **NEW)

    assert len(meanwhile) == 1
    assert mutate("refreshToken", refresh_token=meanwhile[0].refresh_token)["errors"] == INVALID_TOKEN
    assert live_sessions(user) == (1 if name == "passwordChange" else 0)


def test_a_reset_link_does_not_revive_when_the_addresses_are_swapped_back(mutate, with_secondary):
    """D03: the earlier state does not make earlier links valid."""
    token = tokens.make(tokens.PASSWORD_RESET, with_secondary)
    login = sessions.start(with_secondary).token
    for _ in range(2):
        assert mutate("swapEmails", login=login, password=PASSWORD)["success"] is True

    answer = mutate("passwordReset", token=token, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)

    assert answer["errors"] == refused("invalid_token", "Invalid token.")
