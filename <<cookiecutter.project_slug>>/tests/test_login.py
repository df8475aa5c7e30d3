"""Logging in, refreshing tokens and logging out."""

import hashlib
import unicodedata
from datetime import timedelta

import jwt
import pytest
import time_machine
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions, throttling
from graphql_auth.conf import auth_settings
from graphql_auth.flows import administration
from graphql_auth.mails import queue
from graphql_auth.models import Session, UsedRefreshToken, UserStatus
from graphql_auth.tokens import PASSWORD_RESET, make
from tests.api import mutation, null_outputs
from tests.conftest import NEW_PASSWORD, PASSWORD, refused

ME = "{ me { email } }"
NOBODY = {"me": None}
INVALID_TOKEN = refused("invalid_token", "Invalid token.")
EXPIRED_TOKEN = refused("expired_token", "Expired token.")
REFUSED_LOGIN = null_outputs("tokenAuth") | {"success": False, "unarchiving": False}
INVALID_CREDENTIALS = REFUSED_LOGIN | {"errors": refused("invalid_credentials", "Please, enter valid credentials.")}
INVALID_ARGUMENTS = REFUSED_LOGIN | {
    "errors": refused("invalid_arguments", f"Give exactly one of: {', '.join(auth_settings.LOGIN_ALLOWED_FIELDS)}.")
}
REFUSED_REFRESH = null_outputs("refreshToken") | {"success": False, "errors": INVALID_TOKEN}
REFUSED_REVOKE = {"success": False, "errors": INVALID_TOKEN, "revoked": None}

# Each state of an account, with an address of it.
ADDRESSES = {
    "unverified": "unverified@example.com",
    "verified": "verified@example.com",
    "with_secondary": "two_secondary@example.com",
    "archived": "archived@example.com",
    "inactive": "inactive@example.com",
    "without_password": "without_password@example.com",
    "unknown": "unknown@example.com",
}
KEY = "the-key-of-these-tests-which-is-long-enough-for-any-algorithm-there-is"
CLAIMS = ["exp", "iat", "sub", "sid", "typ", "origIat"]
NOT_TEXTS = ["\0", "\ud800"]
ODD_TEXTS = ["", " ", "x", "a.b.c", "x" * 50_000, "\u202e", "é🎉", "İ@İ.com", "[" * 9999]


class InterruptedHasher(MD5PasswordHasher):
    """Runs code between the check of a password and the next step."""

    def verify(self, password, encoded):
        """Check, then be interrupted."""
        right = super().verify(password, encoded)
        self.meanwhile()
        return right


@pytest.fixture
def interrupt(settings, monkeypatch):
    """Return a function that lets `meanwhile` happen after each check of a password."""
    settings.PASSWORD_HASHERS = ["tests.test_login.InterruptedHasher"]

    def interrupt(meanwhile):
        monkeypatch.setattr(InterruptedHasher, "meanwhile", staticmethod(meanwhile), raising=False)

    return interrupt


@pytest.fixture
def everybody(make_user, unverified, verified, with_secondary, archived, inactive):
    """Make a user in each state."""
    make_user("without_password", password=None)


@pytest.fixture
def failures(listen):
    """Return a list that grows with each failed login."""
    failures = []
    listen(user_login_failed, lambda credentials, **_: failures.append(credentials))
    return failures


@pytest.fixture
def login(mutate, verified):
    """Return the payload of a login of the verified user."""
    return mutate("tokenAuth", email=verified.email, password=PASSWORD)


def email_of_me(query, token):
    me = query(ME, login=token)["me"]
    return me and me["email"]


def is_over(mutate, query, tokens):
    """Return whether neither token of a session works any more."""
    refresh = mutate("refreshToken", refresh_token=tokens.refresh_token)
    verify = mutate("verifyToken", token=tokens.token)
    return query(ME, login=tokens.token) == NOBODY and refresh == REFUSED_REFRESH and not verify["success"]


# tokenAuth


def test_logging_in_answers_with_tokens_and_the_user(mutate, query, verified):
    """J07: a warning is an error in these tests, and there is none."""
    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert (answer["success"], answer["errors"], answer["unarchiving"]) == (True, None, False)
    assert answer["user"]["email"] == verified.email
    assert email_of_me(query, answer["token"]) == verified.email
    assert mutate("refreshToken", refresh_token=answer["refreshToken"])["success"] is True


@pytest.mark.parametrize(
    "address",
    [
        "two@example.com",
        " TWO@Example.COM ",
        "ｔwo@example.com",
        "two_secondary@example.com",
        "TWO_Secondary@example.com\n",
    ],
)
def test_every_address_of_an_account_logs_in_however_it_is_spelled(mutate, with_secondary, address):
    answer = mutate("tokenAuth", email=address, password=PASSWORD)

    assert answer["user"]["email"] == with_secondary.email


def test_the_secondary_address_logs_in_only_where_the_settings_say_so(mutate, with_secondary, configure):
    configure(ALLOW_LOGIN_WITH_SECONDARY_EMAIL=False)

    assert mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD) == INVALID_CREDENTIALS
    assert mutate("tokenAuth", email="two@example.com", password=PASSWORD)["success"] is True


# % if cookiecutter.login_field == "username"
@pytest.mark.parametrize("username", ["verified", " verified ", "ｖerified", "Verified", "VERIFIED", "ＶERIFIED"])
def test_a_username_logs_in(mutate, verified, username):
    answer = mutate("tokenAuth", username=username, password=PASSWORD)

    assert answer["user"]["email"] == verified.email


@pytest.mark.parametrize("username", ["verified1", "verified@example.com", "nobody", "\x0cverified", "vеrified"])
def test_another_username_does_not_log_in(mutate, verified, hashes, username):
    assert mutate("tokenAuth", username=username, password=PASSWORD) == INVALID_CREDENTIALS
    assert hashes() == 1


def test_a_username_cannot_be_an_address(mutate, verified, hashes):
    assert mutate("tokenAuth", email="verified", password=PASSWORD) == INVALID_CREDENTIALS
    assert hashes() == 1


# % endif
@pytest.mark.parametrize(
    "identifiers",
    [
        {},
        {"email": None},
        {"email": ""},
        {"email": " \n"},
        # % if cookiecutter.login_field == "username"
        {"username": ""},
        {"email": None, "username": None},
        {"email": "", "username": " "},
        {"email": "verified@example.com", "username": "verified"},
        # % endif
    ],
)
def test_a_login_needs_exactly_one_identifier(mutate, verified, hashes, failures, identifiers):
    assert mutate("tokenAuth", password=PASSWORD, **identifiers) == INVALID_ARGUMENTS
    assert (hashes(), failures) == (0, [])


# % if cookiecutter.login_field == "username"
@pytest.mark.parametrize(
    "identifiers",
    [{"email": "verified@example.com", "username": ""}, {"email": None, "username": "verified"}],
)
def test_an_empty_identifier_does_not_count(mutate, verified, identifiers):
    assert mutate("tokenAuth", password=PASSWORD, **identifiers)["success"] is True


# % endif
# % if cookiecutter.api == "relay"
def test_a_client_mutation_id_is_not_an_identifier(mutate, verified):
    """D29: clients that send one can log in."""
    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD, client_mutation_id="7")

    assert (answer["success"], answer["clientMutationId"]) == (True, "7")


# % endif
@pytest.mark.parametrize("field", auth_settings.LOGIN_ALLOWED_FIELDS)
def test_a_long_identifier_takes_no_longer_than_another(mutate, hashes, monkeypatch, field):
    """Sorting accents, which NFKC does, took seconds before a try was counted."""
    normalized = []
    normalize = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", lambda form, text: normalized.append(text) or normalize(form, text))

    answer = mutate("tokenAuth", password="wrong", **{field: "a" + "\u0301\u0316" * 5_000})

    assert (answer, hashes()) == (INVALID_CREDENTIALS, 1)
    assert max(map(len, normalized), default=0) <= 320


@pytest.mark.parametrize("state", ADDRESSES)
def test_a_wrong_password_is_refused_alike_for_everybody(mutate, everybody, hashes, failures, state):
    """D19, J06: one hash and one failed-login signal, for an unknown account too; and the tokens may be null."""
    hashes()

    assert mutate("tokenAuth", email=ADDRESSES[state], password="wrong") == INVALID_CREDENTIALS
    assert hashes() == 1
    assert len(failures) == 1
    assert "wrong" not in str(failures)


@pytest.mark.parametrize("state", ["inactive", "without_password", "unknown"])
def test_who_may_not_log_in_is_refused_like_a_wrong_password(mutate, everybody, hashes, failures, state):
    hashes()

    assert mutate("tokenAuth", email=ADDRESSES[state], password=PASSWORD) == INVALID_CREDENTIALS
    assert (hashes(), len(failures)) == (1, 1)


@pytest.mark.parametrize("prevent_enumeration", [True, False])
@pytest.mark.parametrize("allow_not_verified", [True, False])
def test_a_rejected_login_does_not_reveal_whether_there_is_an_account(
    api, everybody, configure, hashes, prevent_enumeration, allow_not_verified
):
    """D19, D21: neither by body, status, headers, queries nor hashes."""
    configure(PREVENT_ENUMERATION=prevent_enumeration, ALLOW_LOGIN_NOT_VERIFIED=allow_not_verified)
    hashes()
    answers, queries, hashed = [], [], []

    for address in ADDRESSES.values():
        with CaptureQueriesContext(connection) as captured:
            response = api.post(*mutation("tokenAuth", {"email": address, "password": "wrong"}))
        answers.append((response.status_code, response.content, dict(response.headers)))
        queries.append(len(captured))
        hashed.append(hashes())

    assert answers == [answers[0]] * len(ADDRESSES)
    assert max(queries) - min(queries) <= 1
    assert set(hashed) == {1}


@pytest.mark.parametrize("state", ["unverified", "verified", "with_secondary", "archived"])
def test_a_login_computes_one_hash(mutate, everybody, hashes, state):
    hashes()

    assert mutate("tokenAuth", email=ADDRESSES[state], password=PASSWORD)["success"] is True
    assert hashes() == 1


def test_an_unverified_account_logs_in_only_where_the_settings_say_so(mutate, unverified, configure, hashes):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    hashes()

    right = mutate("tokenAuth", email=unverified.email, password=PASSWORD)
    wrong = mutate("tokenAuth", email=unverified.email, password="wrong")

    assert right == REFUSED_LOGIN | {"errors": refused("not_verified", "Please verify your account.")}
    assert wrong == INVALID_CREDENTIALS
    assert hashes() == 2
    assert not Session.objects.exists()


def test_a_login_that_renews_the_hash_leaves_other_sessions(mutate, query, verified, settings):
    """A new hash is not a new password."""
    other = sessions.start(verified)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert get_user_model().objects.get().password.startswith("pbkdf2")
    assert email_of_me(query, other.token) == email_of_me(query, answer["token"]) == verified.email


def test_logging_in_takes_an_account_out_of_the_archive(mutate, archived):
    first = mutate("tokenAuth", email=archived.email, password=PASSWORD)
    second = mutate("tokenAuth", email=archived.email, password=PASSWORD)

    assert (first["success"], first["unarchiving"]) == (True, True)
    assert (second["success"], second["unarchiving"]) == (True, False)
    assert UserStatus.objects.get().archived is False


def test_a_wrong_password_leaves_an_account_in_the_archive(mutate, archived):
    """D01: a failed login changes nothing."""
    assert mutate("tokenAuth", email=archived.email, password="wrong") == INVALID_CREDENTIALS
    assert UserStatus.objects.get().archived is True


def test_an_account_that_may_not_log_in_stays_in_the_archive(mutate, make_user, configure):
    """D01: nor does the right password of an account that is not verified."""
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    user = make_user("both", archived=True)

    assert mutate("tokenAuth", email=user.email, password=PASSWORD)["success"] is False
    assert UserStatus.objects.get().archived is True


@pytest.mark.parametrize("state", ["unverified", "verified", "with_secondary", "archived"])
def test_a_login_is_noted_and_announced_once(mutate, everybody, listen, state):
    """D30: last_login and the signal are what audits and clean-ups go by."""
    heard = []
    listen(user_logged_in, lambda sender, request, user, **_: heard.append((sender, request.path, user.email)))

    answer = mutate("tokenAuth", email=ADDRESSES[state], password=PASSWORD)

    user = get_user_model().objects.get(email=answer["user"]["email"])
    assert timezone.now() - user.last_login < timedelta(minutes=1)
    assert heard == [(get_user_model(), "/graphql", user.email)]


def test_a_login_by_cookie_is_noted_too(client, verified):
    """The admin's: Django's own receiver does that no more."""
    client.force_login(verified, "django.contrib.auth.backends.ModelBackend")

    verified.refresh_from_db()
    assert verified.last_login is not None


def test_a_refused_login_is_not_noted(mutate, everybody, listen, configure):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    heard = []
    listen(user_logged_in, lambda **_: heard.append(True))

    for address in ADDRESSES.values():
        mutate("tokenAuth", email=address, password="wrong")
    mutate("tokenAuth", email="unverified@example.com", password=PASSWORD)

    assert heard == []
    assert not get_user_model().objects.exclude(last_login=None).exists()
    assert not Session.objects.exists()


@pytest.mark.parametrize("changes", [{"password": "changed"}, {"is_active": False}], ids=["password", "inactive"])
def test_a_login_is_refused_when_the_account_changed_meanwhile(mutate, verified, interrupt, changes):
    """D08: the state that was checked must be unchanged when the session starts."""
    interrupt(lambda: get_user_model().objects.update(**changes))

    assert mutate("tokenAuth", email=verified.email, password=PASSWORD) == INVALID_CREDENTIALS
    assert not Session.objects.exists()


def test_a_login_takes_an_account_out_of_the_archive_that_was_archived_meanwhile(mutate, query, verified, interrupt):
    """D10: it opened a session that was refused, until the next login took the account out."""
    interrupt(lambda: administration.archive_user(user=verified))

    opened = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert (opened["success"], opened["unarchiving"]) == (True, True)
    assert email_of_me(query, opened["token"]) == verified.email


def test_a_login_is_refused_when_the_account_may_not_log_in_any_more(mutate, configure, verified, interrupt):
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)

    def unverify():
        verified.status.change(verified=False)
        sessions.end_all(verified)

    interrupt(unverify)

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert answer["errors"]["nonFieldErrors"][0]["code"] == "not_verified"
    assert not Session.objects.exists()


def test_a_login_is_refused_by_an_address_that_was_removed_meanwhile(mutate, with_secondary, interrupt):
    interrupt(lambda: with_secondary.status.change_secondary_email(None))

    assert mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD) == INVALID_CREDENTIALS
    assert not Session.objects.exists()


def test_a_login_is_refused_by_an_address_that_changed_hands_meanwhile(mutate, with_secondary, verified, interrupt):
    def change_hands():
        with_secondary.status.change_secondary_email(None)
        verified.status.change_secondary_email("two_secondary@example.com")

    interrupt(change_hands)

    assert mutate("tokenAuth", email="two_secondary@example.com", password=PASSWORD) == INVALID_CREDENTIALS
    assert not Session.objects.exists()


def test_too_many_tries_are_refused_before_anything_is_hashed(mutate, verified, configure, hashes):
    configure(RATE_LIMITS={"login": "2/hour"})
    hashes()

    answers = [mutate("tokenAuth", email=verified.email, password="wrong") for _ in range(2)]
    throttled = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert answers == [INVALID_CREDENTIALS] * 2
    assert throttled == REFUSED_LOGIN | {"errors": refused("throttled", "Too many attempts. Please try again later.")}
    assert hashes() == 2


def test_a_user_without_status_logs_in(mutate, query, verified):
    """D27: it reads as not verified and not archived."""
    UserStatus.objects.all().delete()

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)
    renewed = mutate("refreshToken", refresh_token=answer["refreshToken"])

    assert (answer["success"], answer["unarchiving"], renewed["success"]) == (True, False, True)
    assert query("{ me { email verified archived secondaryEmail } }", login=answer["token"]) == {
        "me": {"email": verified.email, "verified": False, "archived": False, "secondaryEmail": None}
    }


def test_a_user_without_status_is_told_to_verify_where_that_is_needed(mutate, verified, configure):
    """D27: not that the password is wrong."""
    configure(ALLOW_LOGIN_NOT_VERIFIED=False)
    UserStatus.objects.all().delete()

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert answer["errors"] == refused("not_verified", "Please verify your account.")


def test_a_login_makes_one_session_however_often_its_tokens_are_selected(api, verified):
    """J04: a client could have one made for each alias."""
    document, variables = mutation("tokenAuth", {"email": verified.email, "password": PASSWORD})
    tokens = " ".join(f"a{number}: refreshToken b{number}: token" for number in range(5))

    answer = api.query(document.replace("{ success", f"{{ {tokens} success"), **variables)["tokenAuth"]

    assert {answer[f"a{number}"] for number in range(5)} == {answer["refreshToken"]}
    assert {answer[f"b{number}"] for number in range(5)} == {answer["token"]}
    assert Session.objects.count() == 1


def test_a_login_does_not_speak_for_what_follows_it(api, verified):
    """J03: neither in the same document nor in the next, with or without a cookie."""
    login, first = mutation("tokenAuth", {"email": verified.email, "password": PASSWORD})
    update, second = mutation("updateAccount", {"firstName": "Luke"})
    declared, _, body = update.removeprefix("mutation Test(").replace("$", "$next_").partition(") {")
    document = login.removesuffix("}").replace("Test(", f"Test({declared}, ") + body

    answer = api.post(document, first | {f"next_{name}": value for name, value in second.items()})

    assert answer.json()["data"]["tokenAuth"]["success"] is True
    assert answer.json()["data"]["updateAccount"]["errors"] == refused("unauthenticated", "Unauthenticated.")
    assert not answer.cookies
    assert api.query(ME) == NOBODY


def test_a_token_of_a_deleted_user_lets_no_password_be_tried(mutate, verified, hashes, failures):
    """J01: a mutation that needs a login does not bypass the limits of logins."""
    token = sessions.start(verified).token
    verified.delete()
    hashes()

    answer = mutate("archiveAccount", login=token, password=PASSWORD)

    assert answer["errors"] == refused("unauthenticated", "Unauthenticated.")
    assert (hashes(), failures) == (0, [])


def test_a_token_does_not_vouch_for_a_password(mutate, verified, unverified):
    """J01: a token does not replace a password, not even that of its own account."""
    assert mutate("tokenAuth", login=verified, email=unverified.email, password="wrong") == INVALID_CREDENTIALS
    assert mutate("tokenAuth", login=verified, email=verified.email, password="wrong") == INVALID_CREDENTIALS


# The Authorization header


@pytest.mark.parametrize("header", ["JWT {}", "Bearer {}", "jwt {}", "bearer {}", "  JWT   {}  "])
def test_a_token_is_read_from_the_header(api, login, header):
    response = api.post(ME, HTTP_AUTHORIZATION=header.format(login["token"]))

    assert response.json() == {"data": {"me": {"email": "verified@example.com"}}}


@pytest.mark.parametrize(
    "header", ["{}", "", "JWT", "JWT ", "Token {}", "Basic {}", "JWT {} x", "JWT x {}", "JWT JWT {}", "JWT é", "é {}"]
)
def test_any_other_header_is_anonymous(api, login, header):
    response = api.post(ME, HTTP_AUTHORIZATION=header.format(login["token"]))

    assert (response.status_code, response.json()["data"]) == (200, NOBODY)


def test_a_session_cookie_logs_nobody_in(api, verified):
    """D23, J03: the header alone counts."""
    api.client.force_login(verified)

    assert api.query(ME) == NOBODY
    assert api.mutate("archiveAccount", password=PASSWORD)["errors"] == refused("unauthenticated", "Unauthenticated.")


# verifyToken


def test_verifying_a_token_returns_its_payload(mutate, login):
    answer = mutate("verifyToken", token=login["token"])

    payload = answer["payload"]
    assert (answer["success"], answer["errors"]) == (True, None)
    assert payload[get_user_model().USERNAME_FIELD] == get_user_model().objects.get().get_username()
    assert payload["exp"] - payload["origIat"] == 300
    assert abs(payload["origIat"] - timezone.now().timestamp()) < 60
    assert set(payload) == {get_user_model().USERNAME_FIELD, *CLAIMS}


@pytest.mark.parametrize("token", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_an_odd_access_token_is_invalid(mutate, token):
    assert mutate("verifyToken", token=token) == {"success": False, "errors": INVALID_TOKEN, "payload": None}


def test_an_access_token_expires(mutate, query, login):
    """J05: without anything being set for it."""
    with time_machine.travel(timezone.now() + timedelta(minutes=4, seconds=50)):
        assert mutate("verifyToken", token=login["token"])["success"] is True
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=11)):
        late = mutate("verifyToken", token=login["token"])
        assert query(ME, login=login["token"]) == NOBODY

    assert late == {"success": False, "errors": EXPIRED_TOKEN, "payload": None}


@pytest.mark.parametrize(("seconds", "counts"), [(-12, False), (-8, True), (-2, True), (308, True), (312, False)])
def test_the_clocks_of_servers_may_be_some_seconds_apart(query, login, seconds, counts):
    """A07: of a token that another server issued, two seconds ahead, this one knew nobody."""
    issued = jwt.decode(login["token"], options={"verify_signature": False})["iat"]

    with time_machine.travel(issued + seconds, tick=False):
        assert email_of_me(query, login["token"]) == ("verified@example.com" if counts else None)


def test_a_token_may_be_late_by_the_leeway(query, verified, settings):
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_LEEWAY": 30}
    opened = sessions.start(verified)

    for late, who in [(25, verified.email), (35, None)]:
        with time_machine.travel(opened.payload["exp"] + late, tick=False):
            assert email_of_me(query, opened.token) == who


def test_the_request_of_a_login_says_where_it_leads(mutate, verified, listen):
    places = []
    listen(user_logged_in, lambda request, **_: places.append(request.resolver_match.view_name))

    mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert places == ["graphql"]


def test_the_lifetime_of_an_access_token_is_a_setting(mutate, verified, settings):
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_EXPIRATION_DELTA": timedelta(hours=1)}
    token = mutate("tokenAuth", email=verified.email, password=PASSWORD)["token"]

    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert mutate("verifyToken", token=token)["success"] is True


@pytest.fixture
def forge(verified, settings):
    """Return `forge(**changes)`: an access token signed by hand, a claim left out where it is changed to `...`."""
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_SECRET_KEY": KEY}
    payload = sessions.start(verified).payload

    def forge(key=KEY, algorithm="HS256", **changes):
        changed = {name: value for name, value in (payload | changes).items() if value is not ...}
        return jwt.encode(changed, settings.SECRET_KEY if key == "SECRET_KEY" else key, algorithm)

    return forge


def test_a_token_forged_without_a_change_is_good(query, forge):
    """Otherwise the next test would prove nothing."""
    assert email_of_me(query, forge()) == "verified@example.com"


@pytest.mark.parametrize(
    "changes",
    [
        *({claim: ...} for claim in CLAIMS),
        {"key": None, "algorithm": "none"},
        {"key": "somebody-elses-key-that-is-as-long-as-it-has-to-be"},
        {"key": "SECRET_KEY"},
        {"algorithm": "HS384"},
        {"algorithm": "HS512"},
        {"typ": "refresh"},
        {"typ": None},
        {"sub": "0"},
        {"sub": ""},
        {"sub": "x"},
        {"sid": "x"},
        {"sid": 1},
        {"sid": None},
        {"sid": ["x"]},
        {"sid": {"x": 1}},
        {"sid": "00000000-0000-0000-0000-000000000000"},
        {"exp": "soon"},
        {"exp": None},
        {"iat": 99999999999},
        {"iat": "x"},
        {"nbf": 99999999999},
    ],
    ids=str,
)
def test_a_forged_token_is_invalid(mutate, query, forge, changes):
    """J05: one algorithm, one key, and every claim of ours."""
    token = forge(**changes)

    assert mutate("verifyToken", token=token) == {"success": False, "errors": INVALID_TOKEN, "payload": None}
    assert query(ME, login=token) == NOBODY


def test_a_token_names_the_user_of_its_session(query, forge, unverified):
    """D12: a claim about one account does not go with the session of another."""
    assert query(ME, login=forge(sub=str(unverified.pk))) == NOBODY
    assert query(ME, login=forge(sid=sessions.start(unverified).payload["sid"])) == NOBODY


@pytest.mark.parametrize("kept", [True, False])
def test_a_key_can_be_changed_while_the_old_one_is_kept(query, settings, login, verified, kept):
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_SECRET_KEY": KEY}
    settings.JWT_SIGNING_KEY_FALLBACKS = [django_settings.JWT_SIGNING_KEY] if kept else []

    assert email_of_me(query, login["token"]) == (verified.email if kept else None)
    assert email_of_me(query, sessions.start(verified).token) == verified.email


def test_a_token_of_an_old_key_expires_too(mutate, settings, login):
    settings.JWT_SIGNING_KEY_FALLBACKS = [django_settings.JWT_SIGNING_KEY]
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_SECRET_KEY": KEY}

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert mutate("verifyToken", token=login["token"])["errors"] == EXPIRED_TOKEN


@pytest.mark.parametrize("name", ["JWT_AUDIENCE", "JWT_ISSUER"])
def test_a_token_is_for_the_audience_and_of_the_issuer_that_are_set(query, settings, login, verified, name):
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, name: "https://here.example"}
    here = sessions.start(verified).token
    accepted = email_of_me(query, here)
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, name: "https://elsewhere.example"}

    assert accepted == verified.email
    assert query(ME, login=here) == NOBODY
    assert query(ME, login=login["token"]) == NOBODY


def test_the_key_of_the_tokens_is_their_own():
    """J05: it was SECRET_KEY."""
    assert django_settings.GRAPHQL_JWT["JWT_SECRET_KEY"] != django_settings.SECRET_KEY
    assert len(django_settings.GRAPHQL_JWT["JWT_SECRET_KEY"].encode()) >= 32


# What ends a session


def change_password(mutate, user):
    answer = mutate(
        "passwordChange", login=user, old_password=PASSWORD, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD
    )
    assert answer["success"] is True


def reset_password(mutate, user):
    answer = mutate(
        "passwordReset", token=make(PASSWORD_RESET, user), new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD
    )
    assert answer["success"] is True


def archive(mutate, user):
    assert mutate("archiveAccount", login=user, password=PASSWORD)["success"] is True


def delete(mutate, user):
    assert mutate("deleteAccount", login=user, password=PASSWORD)["success"] is True


def ban(mutate, user):
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)


def put_in_the_archive(mutate, user):
    UserStatus.objects.filter(user=user).update(archived=True)


def remove(mutate, user):
    user.delete()


def pass_a_month(mutate, user):
    Session.objects.update(expires_at=timezone.now())


@pytest.mark.parametrize(
    "event", [change_password, reset_password, archive, delete, ban, put_in_the_archive, remove, pass_a_month]
)
def test_no_token_outlives_what_ends_a_session(mutate, query, verified, event):
    """D10, D11, D30: access, refresh and verification are all refused on the next request."""
    tokens = sessions.start(verified)

    event(mutate, verified)

    assert is_over(mutate, query, tokens)


@pytest.mark.parametrize("allowed", [True, False])
def test_refreshing_needs_a_verified_account_where_logging_in_does(mutate, unverified, configure, allowed):
    """D11: a session does not bypass the setting."""
    tokens = sessions.start(unverified)
    configure(ALLOW_LOGIN_NOT_VERIFIED=allowed)

    assert mutate("refreshToken", refresh_token=tokens.refresh_token)["success"] is allowed


def test_a_token_does_not_speak_for_the_next_account_of_that_name(mutate, query, make_user):
    """D12: it names the account, not what the account is called."""
    former = make_user("someone", verified=True)
    tokens = sessions.start(former)
    former.delete()
    make_user("someone", verified=True)

    assert is_over(mutate, query, tokens)


def test_a_token_follows_its_account_to_another_address(query, make_user):
    """D12: and does not pass to who has the former one now."""
    former = make_user("someone", verified=True)
    token = sessions.start(former).token
    changes = {"email": "moved@example.com", get_user_model().USERNAME_FIELD: "moved@example.com"}
    get_user_model().objects.filter(pk=former.pk).update(**changes)
    make_user("someone", verified=True)

    assert email_of_me(query, token) == "moved@example.com"


# refreshToken


def test_a_refresh_token_is_exchanged_for_new_tokens(mutate, query, login):
    """D11: each is used once."""
    answer = mutate("refreshToken", refresh_token=login["refreshToken"])

    in_a_week = (timezone.now() + timedelta(days=7)).timestamp()
    assert (answer["success"], answer["errors"]) == (True, None)
    assert answer["refreshToken"] not in (None, login["refreshToken"])
    assert answer["payload"] == mutate("verifyToken", token=answer["token"])["payload"]
    assert abs(answer["refreshExpiresIn"] - in_a_week) < 60
    assert email_of_me(query, answer["token"]) == "verified@example.com"
    assert Session.objects.count() == 1


@pytest.mark.parametrize("token", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_an_odd_refresh_token_is_invalid(mutate, login, token):
    assert mutate("refreshToken", refresh_token=token) == REFUSED_REFRESH
    assert mutate("revokeToken", refresh_token=token) == REFUSED_REVOKE


def test_tokens_are_not_mixed_up(mutate, query, login):
    assert mutate("refreshToken", refresh_token=login["token"]) == REFUSED_REFRESH
    assert mutate("verifyToken", token=login["refreshToken"])["errors"] == INVALID_TOKEN
    assert query(ME, login=login["refreshToken"]) == NOBODY


def later(**delta):
    """Return a context in which this much time has passed."""
    return time_machine.travel(timezone.now() + timedelta(**delta))


def refresh(mutate, token):
    return mutate("refreshToken", refresh_token=token)


def contents():
    """Return every session and every used refresh token as it is stored."""
    return [*Session.objects.order_by("pk").values(), *UsedRefreshToken.objects.order_by("pk").values()]


@pytest.mark.parametrize("seconds", [0, 5, 9])
def test_a_second_use_within_the_grace_gives_the_same_refresh_token(mutate, query, login, mailoutbox, seconds):
    """A06: the response may have been lost, or two tabs sent the token at once."""
    first = refresh(mutate, login["refreshToken"])
    stored = contents()

    with later(seconds=seconds):
        second = refresh(mutate, login["refreshToken"])

        assert (second["success"], second["refreshToken"]) == (True, first["refreshToken"])
        assert second["refreshExpiresIn"] == first["refreshExpiresIn"]
        assert email_of_me(query, second["token"]) == email_of_me(query, first["token"]) == "verified@example.com"
        assert contents() == stored
        assert refresh(mutate, second["refreshToken"])["success"] is True
    assert mailoutbox == []


def test_the_access_token_of_a_repeated_answer_is_new(mutate, login):
    refresh(mutate, login["refreshToken"])

    with later(seconds=5):
        payload = refresh(mutate, login["refreshToken"])["payload"]
        assert abs(payload["iat"] - timezone.now().timestamp()) < 2


def test_eight_tabs_stay_logged_in(mutate, query, login):
    """A06: repeatedly, with a shared token."""
    shared = login["refreshToken"]
    for round in range(3):
        with later(minutes=5 * round):
            answers = [refresh(mutate, shared) for _ in range(8)]
            [shared] = {answer["refreshToken"] for answer in answers}
            assert [email_of_me(query, answer["token"]) for answer in answers] == ["verified@example.com"] * 8


def test_a_second_use_does_not_make_the_grace_longer(mutate, login):
    refresh(mutate, login["refreshToken"])
    for seconds in (4, 8):
        with later(seconds=seconds):
            assert refresh(mutate, login["refreshToken"])["success"] is True

    with later(seconds=12):
        assert refresh(mutate, login["refreshToken"]) == REFUSED_REFRESH


@pytest.mark.parametrize("thief_first", [True, False])
def test_a_stolen_refresh_token_is_noticed_when_both_have_used_it(mutate, query, login, thief_first):
    """A06: within the grace they get the same token; from the next use on they part, and the session ends."""
    answers = [refresh(mutate, login["refreshToken"]) for _ in range(2)]
    owner, thief = reversed(answers) if thief_first else answers

    with later(minutes=5):
        next_of_owner = refresh(mutate, owner["refreshToken"])
        assert next_of_owner["success"] is True
    with later(minutes=6):
        assert refresh(mutate, thief["refreshToken"]) == REFUSED_REFRESH
        assert query(ME, login=next_of_owner["token"]) == NOBODY
        assert refresh(mutate, next_of_owner["refreshToken"]) == REFUSED_REFRESH


def test_a_second_use_after_the_grace_ends_the_session(mutate, query, login, verified):
    """D11: one of the two who have the token has stolen it."""
    other = sessions.start(verified)
    first = refresh(mutate, login["refreshToken"])

    with later(seconds=12):
        assert refresh(mutate, login["refreshToken"]) == REFUSED_REFRESH
        assert query(ME, login=first["token"]) == NOBODY
        assert refresh(mutate, first["refreshToken"]) == REFUSED_REFRESH
        assert email_of_me(query, other.token) == verified.email


@pytest.mark.parametrize(("name", "refusal"), [("refreshToken", REFUSED_REFRESH), ("revokeToken", REFUSED_REVOKE)])
@pytest.mark.parametrize("age", [2, 3])
def test_an_older_token_ends_the_session_within_the_grace_too(mutate, query, login, name, refusal, age):
    """A06: only the token used last can belong to a lost response."""
    answers = [login]
    for _ in range(age):
        answers.append(refresh(mutate, answers[-1]["refreshToken"]))

    assert mutate(name, refresh_token=login["refreshToken"]) == refusal
    assert query(ME, login=answers[-1]["token"]) == NOBODY
    assert refresh(mutate, answers[-1]["refreshToken"]) == REFUSED_REFRESH


@pytest.mark.parametrize("kept", [True, False])
def test_a_secret_key_can_be_changed_between_two_uses(mutate, query, settings, login, kept):
    """A06: the second use returns the token derived with the former key."""
    first = refresh(mutate, login["refreshToken"])
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if kept else []
    settings.SECRET_KEY = KEY

    second = refresh(mutate, login["refreshToken"])

    assert second["refreshToken"] == (first["refreshToken"] if kept else None)
    assert email_of_me(query, first["token"]) == ("verified@example.com" if kept else None)


def test_a_former_secret_key_can_go_once_a_session_was_refreshed(mutate, query, settings, login):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = KEY
    answer = refresh(mutate, login["refreshToken"])
    settings.SECRET_KEY_FALLBACKS = []

    assert email_of_me(query, answer["token"]) == "verified@example.com"
    with later(minutes=5):
        assert refresh(mutate, answer["refreshToken"])["success"] is True


def test_a_refresh_token_is_derived_by_the_secret_key_alone(mutate, settings, login):
    """Who has a token, and even the database, cannot tell the next."""
    derived = set()
    for key in (settings.SECRET_KEY, KEY):
        settings.SECRET_KEY = key
        derived.add(sessions._successor(login["refreshToken"], key))

    assert len(derived) == 2
    assert {len(token) for token in derived} == {43}


@pytest.mark.parametrize(
    "close",
    [
        lambda user: sessions.end_all(user),
        lambda user: UserStatus.objects.update(archived=True),
        lambda user: get_user_model()._base_manager.update(is_active=False),
        lambda user: get_user_model()._base_manager.update(password="changed"),
    ],
    ids=["ended", "archived", "inactive", "password"],
)
def test_a_closed_account_is_not_answered_within_the_grace_either(mutate, login, verified, close):
    refresh(mutate, login["refreshToken"])

    close(verified)

    assert refresh(mutate, login["refreshToken"]) == REFUSED_REFRESH


# The mail about reuse


@pytest.fixture
def reused(mutate, login):
    """Return a function that uses the refresh token of `login` a second time, after the grace, and says when."""
    refresh(mutate, login["refreshToken"])

    def reused(times=1):
        with time_machine.travel("2030-05-06T07:08Z", tick=False):
            Session.objects.update(refreshed_at=timezone.now() - timedelta(minutes=1))
            for _ in range(times):
                assert refresh(mutate, login["refreshToken"]) == REFUSED_REFRESH

    Session.objects.update(expires_at="2031-01-01T00:00Z")
    return reused


def test_the_owner_is_notified_of_reuse_once(reused, mailoutbox, verified):
    reused(times=3)

    [mail] = mailoutbox
    assert mail.to == [verified.email]
    assert mail.subject == f"A session of your account at {django_settings.SITE_NAME} was ended"
    assert "May 6, 2030, 7:08 a.m. UTC" in mail.body
    # % if cookiecutter.login_field == "username"
    assert "verified" not in mail.body.replace(verified.email, "")
    # % endif
    assert "http" not in mail.body


def test_the_owner_is_notified_of_the_reuse_of_an_older_token(mutate, login, mailoutbox):
    second = refresh(mutate, login["refreshToken"])
    refresh(mutate, second["refreshToken"])

    mutate("revokeToken", refresh_token=login["refreshToken"])

    assert len(mailoutbox) == 1


def test_an_unverified_address_is_not_notified_of_reuse(reused, mailoutbox):
    """It may belong to somebody else than who registered it."""
    UserStatus.objects.update(verified=False)

    reused()

    assert Session.objects.get().ended_at is not None
    assert mailoutbox == []


def test_security_mails_can_be_turned_off(reused, mailoutbox, configure):
    configure(SECURITY_MAILS=False)

    reused()

    assert mailoutbox == []


@pytest.mark.parametrize("how", ["ended", "password"])
def test_reuse_after_the_end_of_a_session_causes_no_mail(reused, mailoutbox, verified, how):
    if how == "ended":
        sessions.end_all(verified)
    else:
        get_user_model()._base_manager.update(password="changed")

    reused()

    assert mailoutbox == []


def test_a_worker_mails_the_time_of_the_reuse(reused, mailoutbox, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    reused()
    [task] = DBTaskResult.objects.all()

    with time_machine.travel("2030-05-07T00:00Z"):
        queue.send_mail.call(*task.args_kwargs["args"])

    assert "May 6, 2030, 7:08 a.m. UTC" in mailoutbox[0].body


def test_a_session_ends_for_reuse_where_the_mail_server_fails(reused, failing_mail):
    reused()

    assert len(failing_mail) == 1
    assert Session.objects.get().ended_at is not None


# How many refresh tokens there are


def test_new_refresh_tokens_are_limited_by_session(mutate, login, verified, configure):
    """A09: one client wrote rows without end; a repeated answer writes none, and does not count."""
    configure(RATE_LIMITS={"refresh": "2/hour"})
    other = sessions.start(verified)
    answers = [login]
    for _ in range(2):
        answers.append(refresh(mutate, answers[-1]["refreshToken"]))
        for _ in range(5):
            assert refresh(mutate, answers[-2]["refreshToken"])["refreshToken"] == answers[-1]["refreshToken"]

    throttled = refresh(mutate, answers[-1]["refreshToken"])

    message = "Too many attempts. Please try again later."
    assert throttled == REFUSED_REFRESH | {"errors": refused("throttled", message)}
    assert UsedRefreshToken.objects.count() == 2
    assert refresh(mutate, answers[-2]["refreshToken"])["success"] is True
    assert refresh(mutate, other.refresh_token)["success"] is True
    throttling.reset()
    assert refresh(mutate, answers[-1]["refreshToken"])["success"] is True


def test_used_refresh_tokens_are_bounded_where_no_limit_is_set(mutate, login, monkeypatch, configure):
    """A09: those of before are forgotten, the later ones still end the session."""
    configure(RATE_LIMITS={})
    monkeypatch.setattr(sessions, "MAX_USED", 3)
    used = [login["refreshToken"]]
    for _ in range(8):
        used.append(refresh(mutate, used[-1])["refreshToken"])

    remembered = set(UsedRefreshToken.objects.values_list("digest", flat=True))

    assert remembered == {hashlib.sha256(token.encode()).hexdigest() for token in used[-4:-1]}
    assert refresh(mutate, used[0]) == REFUSED_REFRESH
    assert Session.objects.get().ended_at is None
    assert refresh(mutate, used[-4]) == REFUSED_REFRESH
    assert Session.objects.get().ended_at is not None


def test_the_grace_is_a_setting(mutate, login, configure):
    configure(REFRESH_TOKEN_GRACE=timedelta(minutes=2))
    first = refresh(mutate, login["refreshToken"])

    with later(minutes=1):
        assert refresh(mutate, login["refreshToken"])["refreshToken"] == first["refreshToken"]


def test_reuse_is_noticed_many_uses_later(mutate, login):
    tokens = [login["refreshToken"]]
    for _ in range(3):
        tokens.append(mutate("refreshToken", refresh_token=tokens[-1])["refreshToken"])

    with time_machine.travel(timezone.now() + timedelta(days=5)):
        again = [mutate("refreshToken", refresh_token=tokens[0]) for _ in range(2)]

        assert again == [REFUSED_REFRESH] * 2
        assert mutate("refreshToken", refresh_token=tokens[-1]) == REFUSED_REFRESH


@pytest.mark.parametrize(("days", "alive"), [(6.99, True), (7.01, False)])
def test_an_idle_session_ends_after_a_week(mutate, login, days, alive):
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        assert mutate("refreshToken", refresh_token=login["refreshToken"])["success"] is alive


def test_no_session_lasts_longer_than_a_month(mutate, query, login):
    start = timezone.now()
    tokens = login
    for day in (6, 12, 18, 24, 29.999):
        with time_machine.travel(start + timedelta(days=day)):
            tokens = mutate("refreshToken", refresh_token=tokens["refreshToken"])
            assert email_of_me(query, tokens["token"]) == "verified@example.com"

    assert tokens["refreshExpiresIn"] <= (start + timedelta(days=30)).timestamp()
    with time_machine.travel(start + timedelta(days=30)):
        assert query(ME, login=tokens["token"]) == NOBODY
        assert mutate("refreshToken", refresh_token=tokens["refreshToken"]) == REFUSED_REFRESH


def test_the_lifetimes_of_a_session_are_settings(mutate, verified, configure, settings):
    configure(SESSION_LIFETIME=timedelta(days=2))
    settings.GRAPHQL_JWT = {**settings.GRAPHQL_JWT, "JWT_REFRESH_EXPIRATION_DELTA": timedelta(days=1)}
    login = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=5)):
        assert mutate("refreshToken", refresh_token=login["refreshToken"]) == REFUSED_REFRESH
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        first = mutate("refreshToken", refresh_token=login["refreshToken"])
    with time_machine.travel(timezone.now() + timedelta(hours=46)):
        second = mutate("refreshToken", refresh_token=first["refreshToken"])
    with time_machine.travel(timezone.now() + timedelta(hours=48, seconds=5)):
        assert mutate("refreshToken", refresh_token=second["refreshToken"]) == REFUSED_REFRESH

    assert second["success"] is True


def test_a_refresh_token_is_stored_as_its_hash_alone(mutate, login):
    """D11: who reads the database cannot use it."""
    answer = mutate("refreshToken", refresh_token=login["refreshToken"])

    issued = [login["refreshToken"], answer["refreshToken"]]
    used, session = UsedRefreshToken.objects.values().get(), Session.objects.values().get()
    stored = [used, session]
    assert [used["digest"], session["refresh_digest"]] == [
        hashlib.sha256(token.encode()).hexdigest() for token in issued
    ]
    assert not any(token in str(stored) for token in [*issued, login["token"], answer["token"]])


def test_refresh_tokens_are_random(mutate, verified):
    tokens = [sessions.start(verified).refresh_token for _ in range(20)]

    assert len(set(tokens)) == 20
    assert min(len(token) for token in tokens) >= 43


# revokeToken


def test_revoking_ends_the_session(mutate, query, login):
    answer = mutate("revokeToken", refresh_token=login["refreshToken"])

    assert (answer["success"], answer["errors"]) == (True, None)
    assert answer["revoked"] == int(Session.objects.get().ended_at.timestamp())
    assert query(ME, login=login["token"]) == NOBODY
    assert mutate("refreshToken", refresh_token=login["refreshToken"]) == REFUSED_REFRESH
    assert mutate("verifyToken", token=login["token"])["errors"] == INVALID_TOKEN


@pytest.mark.parametrize("again", ["current", "used last"])
def test_revoking_again_answers_with_the_first_time(mutate, login, again):
    """A client whose response was lost gets no error."""
    answer = refresh(mutate, login["refreshToken"])
    token = answer["refreshToken"] if again == "current" else login["refreshToken"]
    first = mutate("revokeToken", refresh_token=answer["refreshToken"])

    with later(hours=1):
        assert mutate("revokeToken", refresh_token=token) == first
        assert refresh(mutate, token) == REFUSED_REFRESH
    assert first["success"] is True


@pytest.mark.parametrize("seconds", [0, 60])
def test_revoking_takes_the_token_that_was_used_last(mutate, query, login, mailoutbox, seconds):
    """Also after the grace: a client that lost an answer can still log out."""
    answer = refresh(mutate, login["refreshToken"])

    with later(seconds=seconds):
        revoked = mutate("revokeToken", refresh_token=login["refreshToken"])

        assert (revoked["success"], revoked["revoked"]) == (True, int(Session.objects.get().ended_at.timestamp()))
        assert query(ME, login=answer["token"]) == NOBODY
        assert refresh(mutate, answer["refreshToken"]) == REFUSED_REFRESH
    assert mailoutbox == []


@pytest.mark.parametrize(
    "end",
    [
        sessions.end_all,
        lambda user: sessions.end(Session.objects.all()),
        lambda user: get_user_model()._base_manager.update(password="changed"),
        lambda user: get_user_model().objects.update(password="changed"),
        lambda user: Session.objects.update(refreshed_at=timezone.now() - timedelta(days=8)),
        lambda user: Session.objects.update(expires_at=timezone.now()),
    ],
    ids=["all", "one", "password", "password by update", "idle", "old"],
)
def test_revoking_a_session_that_something_else_ended_is_refused(mutate, login, verified, end):
    end(verified)

    for _ in range(2):
        assert mutate("revokeToken", refresh_token=login["refreshToken"]) == REFUSED_REVOKE


def test_revoking_a_session_that_was_purged_is_refused(mutate, login):
    mutate("revokeToken", refresh_token=login["refreshToken"])
    sessions.purge()

    assert mutate("revokeToken", refresh_token=login["refreshToken"]) == REFUSED_REVOKE


def test_a_session_that_was_revoked_stays_so_when_everything_ends(mutate, login, verified):
    first = mutate("revokeToken", refresh_token=login["refreshToken"])
    sessions.end_all(verified)

    assert mutate("revokeToken", refresh_token=login["refreshToken"]) == first


def test_revoking_leaves_other_sessions_alone(mutate, query, login, verified):
    other = sessions.start(verified)

    mutate("revokeToken", refresh_token=login["refreshToken"])

    assert email_of_me(query, other.token) == verified.email


def test_revoking_depends_on_no_other_app(mutate, login):
    """D09: it did nothing, and said it did, unless an app was listed under one spelling."""
    assert not apps.is_installed("graphql_jwt.refresh_token")
    assert mutate("revokeToken", refresh_token=login["refreshToken"])["success"] is True
    assert not Session.objects.filter(ended_at=None).exists()


# Odd characters


@pytest.mark.parametrize("text", [*NOT_TEXTS, *ODD_TEXTS], ids=range(len(NOT_TEXTS + ODD_TEXTS)))
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("tokenAuth", {"email": None, "password": PASSWORD}),
        ("tokenAuth", {"password": None, "email": "verified@example.com"}),
        # % if cookiecutter.login_field == "username"
        ("tokenAuth", {"username": None, "password": PASSWORD}),
        # % endif
        ("verifyToken", {"token": None}),
        ("refreshToken", {"refreshToken": None}),
        ("revokeToken", {"refreshToken": None}),
    ],
)
def test_odd_text_is_refused_or_answered(api, verified, name, arguments, text):
    """D28: nothing that can be typed is the server's fault."""
    given = {argument: text if value is None else value for argument, value in arguments.items()}

    response = api.post(*mutation(name, given))

    assert response.status_code == 400 or response.json()["data"][name]["success"] is False
