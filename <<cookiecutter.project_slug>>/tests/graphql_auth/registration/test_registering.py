"""Registering an account."""

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models.signals import pre_save

from graphql_auth.errors import Refusal
from graphql_auth.flows import registration
from graphql_auth.models import Session, UserStatus
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.registration.helpers import INVALID_ADDRESS, NOT_ADDRESSES, THROTTLED, users

TAKEN_ADDRESS = refused(Refusal.EMAIL_TAKEN, field="email")
WEAK_PASSWORD = refused("password_too_short", "password_too_common", "password_entirely_numeric", field="password2")
SPELLINGS = [
    "verified@example.com",
    " verified@example.com",
    "Verified@Example.COM\n",
    "VERIFIED@EXAMPLE.COM",
    "ｖerified@example.com",
    "verified@ｅxample.com",
    "verified@example。com",
]


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
            refused("password_mismatch", field="password2"),
        ),
        ({"password1": "123456", "password2": "123456"}, WEAK_PASSWORD),
        (
            {"password1": "new@example.com", "password2": "new@example.com"},
            refused("password_too_similar", field="password2"),
        ),
        (
            {"password1": "", "password2": ""},
            refused("required", field="password1") | refused("required", field="password2"),
        ),
        (
            {"password1": None, "password2": None},
            refused("required", field="password1") | refused("required", field="password2"),
        ),
        ({"password2": None}, refused("required", field="password2")),
        ({"email": ""}, refused("required", field="email")),
        *(({"email": address}, INVALID_ADDRESS) for address in NOT_ADDRESSES),
        # % if cookiecutter.login_field == "username"
        ({"username": ""}, refused("required", field="username")),
        (
            {"username": "two words"},
            refused("invalid", field="username"),
        ),
        (
            {"username": "n" * 151},
            refused("max_length", field="username"),
        ),
        (
            {"username": "new@example.com"},
            refused("invalid", field="username"),
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

    assert answer["errors"] == refused("unique", field="username")


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
    assert mutate("verifySecondaryEmail", token=token)["errors"] == refused(Refusal.EMAIL_TAKEN)


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

    assert missing.value.errors == refused("required", field="last_name")
    assert users().values_list("first_name", "last_name").get() == ("", "Skywalker")


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
    assert early["errors"] == refused(Refusal.INVALID_CREDENTIALS)
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
