"""How passwords are hashed, and how old hashes become new ones."""

import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import StringIO

import pytest
from django.contrib.auth import authenticate, get_user_model, hashers
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password, verify_password
from django.core.management import call_command

from config import settings as project
from graphql_auth import hashers as hashing
from graphql_auth.errors import AccountError
from tests.conftest import PASSWORD


class InterruptedHasher(PBKDF2PasswordHasher):
    """An old hasher, which lets another request change the password between a check and what follows it."""

    meanwhile = ""

    def verify(self, password, encoded):
        """Check, then be interrupted."""
        right = super().verify(password, encoded)
        get_user_model().objects.update(password=self.meanwhile)
        return right


@pytest.fixture(autouse=True)
def hash_as_in_production(settings):
    """Hash as the project's settings say."""
    settings.PASSWORD_HASHERS = project.PASSWORD_HASHERS


@pytest.fixture
def old(verified):
    """Return a user whose password was hashed by an older hasher."""
    verified.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
    verified.save()
    return verified


def test_passwords_are_hashed_with_argon2id_as_owasp_advises():
    assert make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_old_hash_logs_in_and_becomes_a_new_one(mutate, old):
    first = mutate("tokenAuth", email=old.email, password=PASSWORD)
    old.refresh_from_db()
    upgraded = old.password
    second = mutate("tokenAuth", email=old.email, password=PASSWORD)
    old.refresh_from_db()

    assert first["success"] is second["success"] is True
    assert upgraded.startswith("argon2$")
    assert old.password == upgraded


def test_a_confirmed_password_makes_an_old_hash_new(mutate, old):
    assert mutate("archiveAccount", login=old, password=PASSWORD)["success"] is True
    old.refresh_from_db()
    assert old.password.startswith("argon2$")


def test_a_wrong_password_leaves_an_old_hash_as_it_is(mutate, old):
    before = old.password

    assert mutate("tokenAuth", email=old.email, password="wrong")["success"] is False
    old.refresh_from_db()
    assert old.password == before


@pytest.mark.parametrize("same", [True, False], ids=["hashed again", "changed"])
def test_an_old_hash_is_replaced_only_while_it_is_there(mutate, old, settings, monkeypatch, same):
    """Django's own upgrade would put the old password back after a reset."""
    meanwhile = make_password(PASSWORD if same else "another-password")
    settings.PASSWORD_HASHERS = [project.PASSWORD_HASHERS[0], f"{InterruptedHasher.__module__}.InterruptedHasher"]
    monkeypatch.setattr(InterruptedHasher, "meanwhile", meanwhile)

    assert mutate("tokenAuth", email=old.email, password=PASSWORD)["success"] is same
    old.refresh_from_db()
    assert old.password == meanwhile


def test_few_passwords_are_hashed_at_once(monkeypatch, settings):
    """Waiting hashes take no core and no memory."""
    hashing, seen = [], []

    def encode(hasher, password, salt):
        hashing.append(password)
        time.sleep(0.005)
        seen.append(len(hashing))
        hashing.remove(password)

    monkeypatch.setattr(hashers.Argon2PasswordHasher, "encode", encode)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(make_password, map(str, range(16))))

    assert max(seen) == settings.PASSWORD_HASHES_AT_ONCE


def places_in_the_queue():
    """Return the number of free places."""
    with ExitStack() as queue:
        for count in range(1000):
            try:
                queue.enter_context(hashing.place())
            except AccountError:
                return count
    return None


@pytest.fixture
def threads():
    """Return a function that sets the number of threads; reset it afterwards."""
    yield hashing.leave_threads
    hashing.leave_threads(1000)


@pytest.mark.parametrize(("number", "places"), [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (16, 8), (1000, 8)])
def test_requests_that_wait_to_hash_leave_threads_to_others(threads, settings, number, places):
    """B14: all threads waited to hash, which blocked other requests."""
    settings.PASSWORD_HASHES_AT_ONCE, settings.PASSWORD_HASHES_WAITING = 1, 7

    threads(number)

    assert places_in_the_queue() == places_in_the_queue() == places


@pytest.mark.parametrize("fails", [False, True])
def test_a_place_is_free_again_after_a_hash(mutate, threads, verified, monkeypatch, fails):
    threads(2)
    if fails:
        monkeypatch.setattr(hashers.Argon2PasswordHasher, "verify", lambda *_: 1 / 0)
        with pytest.raises(AssertionError):
            mutate("tokenAuth", email=verified.email, password=PASSWORD)
    else:
        mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert places_in_the_queue() == 1


def test_a_hasher_without_a_queue_has_places_for_all(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    assert places_in_the_queue() is None


COMPOSED = "corr\u00e9ct-horse-battery"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.fixture
def typed(make_user):
    """Return a user whose password was hashed as it was typed: a letter and its accent."""
    user = make_user("typed", verified=True)
    user.password = make_password(DECOMPOSED)
    user.save()
    return user


def test_a_hash_of_another_spelling_logs_in_and_becomes_one_of_nfc(mutate, typed):
    before = mutate("tokenAuth", email=typed.email, password=COMPOSED)
    first = mutate("tokenAuth", email=typed.email, password=DECOMPOSED)
    typed.refresh_from_db()

    assert before["success"] is False
    assert first["success"] is True
    assert verify_password(COMPOSED, typed.password) == (True, False)
    assert mutate("tokenAuth", email=typed.email, password=COMPOSED)["success"] is True


@pytest.mark.parametrize(("password", "number"), [("wrong-horse", 1), ("wrong-" + COMPOSED, 1), ("x" + DECOMPOSED, 2)])
@pytest.mark.parametrize("ask", ["tokenAuth", "authenticate"])
def test_a_second_spelling_is_hashed_for_every_account(mutate, verified, make_user, hashes, ask, password, number):
    without = make_user("without", password=None)
    counts = {}
    for user in (verified, without, get_user_model()(email="nobody@example.com")):
        # % if cookiecutter.login_field == "username"
        user.username = user.username or "nobody"
        # % endif
        hashes()
        if ask == "tokenAuth":
            assert mutate("tokenAuth", email=user.email, password=password)["success"] is False
        else:
            assert authenticate(None, username=user.get_username(), password=password) is None
        counts[user.email] = hashes()

    assert set(counts.values()) == {number}


# % if cookiecutter.login_field == "username"
MAKE = [
    lambda users, password: users.create_user("new", "new@example.com", password),
    lambda users, password: users.create_superuser("new", "new@example.com", password),
]
# % else
MAKE = [
    lambda users, password: users.create_user("new@example.com", password),
    lambda users, password: users.create_superuser("new@example.com", password),
]
# % endif


@pytest.mark.django_db
@pytest.mark.parametrize("make", MAKE, ids=["create_user", "create_superuser"])
def test_the_manager_hashes_one_spelling(make):
    assert verify_password(COMPOSED, make(get_user_model().objects, DECOMPOSED).password)[0] is True


@pytest.mark.django_db
def test_the_commands_hash_one_spelling(monkeypatch, verified):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", DECOMPOSED)
    names = {"email": "root@example.com"}
    # % if cookiecutter.login_field == "username"
    names["username"] = "super"
    # % endif
    call_command("createsuperuser", interactive=False, verbosity=0, **names)
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: DECOMPOSED)
    call_command("changepassword", verified.get_username(), stdout=StringIO())

    stored = get_user_model().objects.filter(email__in=[verified.email, names["email"]])
    assert [verify_password(COMPOSED, user.password)[0] for user in stored] == [True, True]


def test_a_very_long_password_is_not_normalised():
    """It would take as long as the square of its length, before a try is counted."""
    longest = "e\u0301" * (hashing.LONGEST // 2)

    assert hashing.normalize_password(longest) == "\u00e9" * (hashing.LONGEST // 2)
    assert hashing.normalize_password(longest + "x") == longest + "x"
