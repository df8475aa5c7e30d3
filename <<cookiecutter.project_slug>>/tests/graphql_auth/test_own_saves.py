"""What a project's model does when it is saved: every flow saves that, too."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db.models.signals import post_save, pre_save
from django.utils import timezone

from graphql_auth import tokens
from graphql_auth.models import save_changes
from tests.conftest import NEW_PASSWORD, PASSWORD
from tests.graphql_auth.account.helpers import stored

NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


def _update(mutate, user):
    return mutate("updateAccount", login=user, first_name="Luke")


def _change_password(mutate, user):
    return mutate("passwordChange", login=user, old_password=PASSWORD, **NEW)


def _reset_password(mutate, user):
    return mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, user), **NEW)


def _swap(mutate, user):
    return mutate("swapEmails", login=user, password=PASSWORD)


def _close(mutate, user):
    return mutate("deleteAccount", login=user, password=PASSWORD)


def _disown(mutate, user):
    user.status.change(verified=False)
    return mutate("disownAccount", token=tokens.make(tokens.ACTIVATION, user))


WRITES = [_update, _change_password, _reset_password, _swap, _close, _disown]


@pytest.fixture(params=WRITES, ids=lambda write: write.__name__)
def write(request, mutate):
    """Return a function that writes a user in one of the ways that there are."""

    def write(user):
        assert request.param(mutate, user)["success"] is True

    return write


def _by_save(monkeypatch, listen, change):
    save = get_user_model().save

    def changing(self, *arguments, **options):
        change(self)
        save(self, *arguments, **options)

    monkeypatch.setattr(get_user_model(), "save", changing)


def _by_receiver(monkeypatch, listen, change):
    listen(pre_save, lambda instance, **_: change(instance), sender=get_user_model())


@pytest.mark.parametrize("way", [_by_save, _by_receiver], ids=lambda way: way.__name__)
def test_what_the_model_sets_itself_is_saved(with_secondary, monkeypatch, listen, write, way):
    """`update_fields` left it out."""

    def number(user):
        user.last_name = f"{user.last_name}x"

    way(monkeypatch, listen, number)
    write(with_secondary)

    # Once, and not once more for the fields that were left out.
    assert stored(with_secondary).last_name == "x"


def test_a_column_with_auto_now_is_renewed(with_secondary, monkeypatch, write):
    long_ago = timezone.now() - timedelta(days=9)
    get_user_model().objects.filter(pk=with_secondary.pk).update(date_joined=long_ago)
    monkeypatch.setattr(get_user_model()._meta.get_field("date_joined"), "auto_now", True)

    write(with_secondary)

    assert stored(with_secondary).date_joined > long_ago


def test_an_account_that_its_model_closes_is_logged_out(query, mutate, verified, monkeypatch, listen):
    _by_save(monkeypatch, listen, lambda user: setattr(user, "is_active", user.first_name != "Vader"))
    token = mutate("tokenAuth", email=verified.email, password=PASSWORD)["token"]

    mutate("updateAccount", login=token, first_name="Vader")

    assert stored(verified).is_active is False
    get_user_model()._base_manager.filter(pk=verified.pk).update(is_active=True)
    assert query("{ me { email } }", login=token) == {"me": None}


def test_a_model_that_sets_nothing_is_saved_once(verified, listen, django_assert_num_queries):
    saves = []
    listen(post_save, lambda update_fields, **_: saves.append({*update_fields}), sender=get_user_model())
    verified.first_name = "Luke"

    with django_assert_num_queries(1):
        save_changes(verified, "first_name")

    assert saves == [{"first_name"}]
