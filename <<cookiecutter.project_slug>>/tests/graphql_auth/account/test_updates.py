"""Changing the fields of an account."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models.signals import pre_save

from graphql_auth import sessions
from graphql_auth.flows import credentials
from graphql_auth.models import UserStatus
from tests.api import verdict
from tests.conftest import refused
from tests.graphql_auth.account.helpers import DONE, stored


def test_an_account_changes_the_fields_it_is_given(mutate, query, verified):
    token = sessions.start(verified).token

    assert verdict(mutate("updateAccount", login=token, first_name="Luke", last_name="Skywalker")) == DONE
    assert query("{ me { firstName lastName } }", login=token) == {"me": {"firstName": "Luke", "lastName": "Skywalker"}}


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ("Luke", "Skywalker")),
        ({"first_name": "Leia"}, ("Leia", "Skywalker")),
        ({"last_name": ""}, ("Luke", "")),
        ({"first_name": " Leia\t"}, (" Leia\t", "Skywalker")),
        ({"first_name": " "}, (" ", "Skywalker")),
    ],
)
def test_omitted_fields_stay_unchanged(mutate, make_user, changes, names):
    user = make_user("luke", verified=True, first_name="Luke", last_name="Skywalker")

    assert verdict(mutate("updateAccount", login=user, **changes)) == DONE
    assert (stored(user).first_name, stored(user).last_name) == names


def test_null_is_refused_where_a_column_is_never_null(mutate, make_user):
    """Success with nothing changed was the answer."""
    user = make_user("luke", verified=True, first_name="Luke", last_name="Skywalker")

    answer = mutate("updateAccount", login=user, first_name=None, last_name="Organa")

    assert answer["errors"] == refused("null", field="firstName")
    assert (stored(user).first_name, stored(user).last_name) == ("Luke", "Skywalker")


def _turn_down(user, **_):
    raise ValidationError({"first_name": ValidationError("Not that one.", code="taboo")})


def _turn_down_as_a_whole(user, **_):
    raise ValidationError("Not now.", code="taboo")


def _set_back(user, **_):
    user.first_name = "Luke"


@pytest.mark.parametrize(
    ("react", "errors"),
    [
        (_turn_down, refused("taboo", field="firstName")),
        (_turn_down_as_a_whole, refused("taboo")),
        (_set_back, refused("invalid", field="firstName")),
    ],
    ids=["turns it down", "turns all down", "sets it back"],
)
@pytest.mark.parametrize("when", ["clean", "save"])
def test_a_value_that_the_model_does_not_take_is_refused(mutate, make_user, monkeypatch, when, react, errors):
    user = make_user("luke", verified=True, first_name="Luke")
    usual = getattr(get_user_model(), when)

    def unwilling(self, *arguments, **options):
        react(self)
        usual(self, *arguments, **options)

    monkeypatch.setattr(get_user_model(), when, unwilling)

    assert mutate("updateAccount", login=user, first_name="Leia", last_name="Organa")["errors"] == errors
    monkeypatch.undo()
    assert (stored(user).first_name, stored(user).last_name) == ("Luke", "")


def test_a_value_that_is_too_long_is_refused_at_its_field(mutate, verified):
    answer = mutate("updateAccount", login=verified, first_name="x" * 151, last_name="Skywalker")

    assert answer["errors"] == refused("max_length", field="firstName")
    assert stored(verified).last_name == ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda user: get_user_model().objects.update(is_active=False), "unauthenticated"),
        (lambda user: UserStatus.objects.update(archived=True), "unauthenticated"),
        (lambda user: user.delete(), "unauthenticated"),
        (lambda user: UserStatus.objects.update(verified=False), "not_verified"),
    ],
    ids=["inactive", "archived", "deleted", "unverified"],
)
def test_an_update_is_refused_when_the_account_was_closed_meanwhile(mutate, verified, monkeypatch, change, code):
    """D10: another request may come between checking the token and locking the account."""

    def lock_open(user):
        change(get_user_model().objects.get(pk=user.pk))
        return credentials.lock_open(user)

    monkeypatch.setattr("graphql_auth.flows.account.lock_open", lock_open)

    [[error]] = mutate("updateAccount", login=verified, first_name="Luke")["errors"].values()

    assert error["code"] == code
    assert not get_user_model().objects.filter(first_name="Luke").exists()


# % if cookiecutter.login_field == "username"
def test_an_account_with_a_username_of_former_rules_can_change_itself(mutate, with_secondary):
    with_secondary.username = with_secondary.email
    with_secondary.save()

    assert verdict(mutate("updateAccount", login=with_secondary, first_name="Luke")) == DONE


# % endif
def test_an_update_saves_only_the_given_fields(mutate, verified, listen):
    """D07: it must not overwrite a concurrent ban, new password or new address."""
    meanwhile = {"password": "changed", "email": "changed@example.com", "is_active": False, "last_name": "Changed"}

    def change(instance, **_):
        get_user_model().objects.filter(pk=instance.pk).update(**meanwhile)

    listen(pre_save, change, sender=get_user_model())

    assert verdict(mutate("updateAccount", login=verified, first_name="Luke")) == DONE
    row = get_user_model().objects.values("first_name", *meanwhile).get(pk=verified.pk)
    assert row == {"first_name": "Luke", **meanwhile}
