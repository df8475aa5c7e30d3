"""What models and signal receivers of the project add: each rejection is an answer, and nothing is half done."""

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.signals import post_save, pre_delete, pre_save
from django.test import Client
from django.urls import reverse

from graphql_auth import sessions, tokens
from graphql_auth.models import UserStatus
from tests.api import mutation
from tests.conftest import NEW_PASSWORD, PASSWORD, refused
from tests.graphql_auth.account.helpers import NEW, PROTECTED, stored

KEPT = refused("protected", "The account cannot be deleted, because other data depends on it.")


@pytest.fixture(params=[models.PROTECT, models.RESTRICT, models.DO_NOTHING], ids=lambda rule: rule.__name__)
def owned(request, transactional_db, verified, monkeypatch):
    """Give the verified user a row that must not lose its user, and return its key."""
    monkeypatch.setattr(LogEntry._meta.get_field("user").remote_field, "on_delete", request.param)
    kind = ContentType.objects.get_for_model(UserStatus)
    row = LogEntry.objects.create(user=verified, content_type=kind, object_repr="an order", action_flag=ADDITION)
    yield row.pk
    row.delete()


def test_an_account_that_rows_depend_on_is_not_deleted(owned, mutate, query, configure, verified):
    """It was INTERNAL_SERVER_ERROR."""
    configure(ALLOW_DELETE_ACCOUNT=True)
    session = sessions.start(verified)

    answer = mutate("deleteAccount", login=session.token, password=PASSWORD)

    assert (answer["success"], answer["errors"]) == (False, KEPT)
    assert LogEntry.objects.filter(pk=owned, user=verified).exists()
    assert query("{ me { email verified } }", login=session.token)["me"] == {"email": verified.email, "verified": True}
    assert mutate("refreshToken", refresh_token=session.refresh_token)["success"] is True


def test_it_is_closed_where_accounts_are_not_deleted(owned, mutate, verified):
    assert mutate("deleteAccount", login=verified, password=PASSWORD)["success"] is True
    assert stored(verified).status.is_closed


@pytest.mark.parametrize("owned", [models.PROTECT, models.RESTRICT], ids=["PROTECT", "RESTRICT"], indirect=True)
@pytest.mark.parametrize("way", ["page", "action"])
def test_the_admin_shows_what_depends_on_an_account_and_deletes_nothing(owned, staff, verified, way):
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    if way == "page":
        page = client.post(reverse("admin:users_customuser_delete", args=[verified.pk]), {"post": "yes"}, secure=True)
    else:
        selected = {"action": "delete_selected", "_selected_action": [verified.pk], "post": "yes"}
        page = client.post(reverse("admin:users_customuser_changelist"), selected, secure=True)

    assert page.status_code == 200
    assert "an order" in page.content.decode()
    assert get_user_model().objects.filter(pk=verified.pk).exists()


def reject(sender, **_):
    raise ValidationError("The shop says no.", code="closed")


SAID = refused("closed", "The shop says no.")
LINKS = {
    "verifyAccount": (tokens.ACTIVATION, {}, {"verified": False}),
    "passwordReset": (tokens.PASSWORD_RESET, NEW, {}),
    "passwordSet": (tokens.PASSWORD_SET, NEW, {"password": None, "verified": False}),
    "verifySecondaryEmail": (tokens.SECONDARY_EMAIL, {}, {}),
}


@pytest.mark.parametrize("signal", [pre_save, post_save])
@pytest.mark.parametrize("name", [name for name in PROTECTED if name != "sendSecondaryEmailActivation"])
def test_a_receiver_that_rejects_a_change_is_an_answer(mutate, with_secondary, listen, name, signal):
    """It was INTERNAL_SERVER_ERROR."""
    before = image(with_secondary)
    token = sessions.start(with_secondary).token
    listen(signal, reject, sender=get_user_model())
    listen(signal, reject, sender=UserStatus)

    answer = mutate(name, login=token, **PROTECTED[name])

    assert (answer["success"], answer["errors"]) == (False, SAID)
    assert image(with_secondary) == before


@pytest.mark.parametrize("name", LINKS)
def test_a_receiver_that_rejects_what_a_link_does_is_an_answer(mutate, make_user, listen, name):
    purpose, arguments, values = LINKS[name]
    user = make_user("user", **{"verified": True} | values)
    email = "second@example.com" if purpose is tokens.SECONDARY_EMAIL else None
    link = tokens.make(purpose, user, email=email)
    before = image(user)
    listen(post_save, reject, sender=get_user_model())
    listen(post_save, reject, sender=UserStatus)

    answer = mutate(name, token=link, **arguments)

    assert (answer["success"], answer["errors"]) == (False, SAID)
    assert image(user) == before


@pytest.mark.parametrize("signal", [pre_save, post_save])
def test_a_receiver_that_rejects_an_account_is_an_answer(mutate, new_account, listen, mailoutbox, signal):
    listen(signal, reject, sender=get_user_model())

    answer = mutate("register", **new_account)

    assert (answer["success"], answer["errors"]) == (False, SAID)
    assert not get_user_model().objects.exists()
    assert mailoutbox == []


def test_a_receiver_that_rejects_a_login_is_an_answer(mutate, verified, listen):
    listen(user_logged_in, reject)

    answer = mutate("tokenAuth", email=verified.email, password=PASSWORD)

    assert (answer["success"], answer["errors"], answer["token"]) == (False, SAID, None)
    assert not verified.account_sessions.exists()


def test_a_receiver_that_rejects_a_deletion_is_an_answer(mutate, verified, listen, configure):
    configure(ALLOW_DELETE_ACCOUNT=True)
    listen(pre_delete, reject, sender=get_user_model())

    assert mutate("deleteAccount", login=verified, password=PASSWORD)["errors"] == SAID
    assert stored(verified).is_active


def test_what_a_model_rejects_is_an_error_of_its_field(mutate, verified, monkeypatch):
    def save(self, *args, **kwargs):
        raise ValidationError({"first_name": ValidationError("No numbers.", code="numbers")})

    monkeypatch.setattr(get_user_model(), "save", save)

    assert mutate("passwordChange", login=verified, old_password=PASSWORD, **NEW)["errors"] == refused(
        "numbers", "No numbers.", "firstName"
    )


def test_a_page_says_what_a_receiver_rejects(client, make_user, listen, settings):
    settings.FRONTEND_URL = "http://testserver"
    user = make_user("user", verified=True)
    page = client.get(f"/password-reset/{tokens.make(tokens.PASSWORD_RESET, user)}", follow=True)
    listen(post_save, reject, sender=get_user_model())

    done = client.post("/password-reset", NEW | {"link": page.context["link"]}, follow=True)

    assert done.status_code == 200
    assert "The shop says no." in done.content.decode()
    assert not stored(user).check_password(NEW_PASSWORD)


def test_any_other_error_of_a_receiver_is_masked_and_nothing_changes(api, verified, listen, caplog):
    def fail(**_):
        raise RuntimeError("an internal matter")

    listen(post_save, fail, sender=get_user_model())
    before = image(verified)

    answer = api.post(*mutation("updateAccount", {"firstName": "Luke"}), login=verified)

    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "an internal matter" not in answer.content.decode()
    assert "an internal matter" in caplog.text
    assert image(verified) == before


def image(user):
    """Return what is stored of an account."""
    rows = [get_user_model().objects.filter(pk=user.pk), UserStatus.objects.filter(user=user)]
    return [list(row.values()) for row in rows]
