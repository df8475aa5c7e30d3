"""Which fields the database means when a constraint fails, and what clients are told."""

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, models, transaction
from django.db.models.functions import Lower
from django.db.models.signals import post_save, pre_save
from django.test.utils import isolate_apps

from graphql_auth.constraints import violation
from tests.api import mutation, verdict
from tests.conftest import refused
from tests.graphql_auth.account.helpers import stored

INTERNAL = "INTERNAL_SERVER_ERROR"


@pytest.fixture
def kind(transactional_db):
    """Return a model with a constraint of each kind, and its table."""
    with isolate_apps("users"):

        class Sample(models.Model):  # noqa: DJ008
            alone = models.IntegerField(unique=True, null=True)
            named = models.IntegerField(null=True, unique=True, db_column="other_name")
            first = models.IntegerField(null=True)
            second = models.IntegerField(null=True)
            third = models.IntegerField(null=True)
            text = models.CharField(max_length=9, null=True)  # noqa: DJ001
            some = models.IntegerField(null=True)
            code = models.IntegerField(null=True)
            plain = models.IntegerField(null=True)
            most = models.IntegerField(default=0)
            needed = models.IntegerField(default=0)

            class Meta:
                app_label = "users"
                unique_together = [("first", "second")]
                constraints = [
                    models.UniqueConstraint(fields=["second", "third"], name="sample_pair"),
                    models.UniqueConstraint(fields=["code"], name="sample_code", violation_error_message="Taken."),
                    models.UniqueConstraint(
                        Lower("text"),
                        name="sample_text",
                        violation_error_code="twice",
                        violation_error_message="Twice.",
                    ),
                    models.UniqueConstraint(models.F("plain"), name="sample_plain"),
                    models.UniqueConstraint(fields=["some"], condition=models.Q(most__gt=5), name="sample_some"),
                    models.CheckConstraint(condition=models.Q(most__lt=models.F("needed") + 10), name="sample_most"),
                ]

        with connection.schema_editor() as editor:
            editor.create_model(Sample)
        yield Sample
        with connection.schema_editor() as editor:
            editor.delete_model(Sample)


@pytest.mark.parametrize(
    ("values", "again", "fields", "code"),
    [
        ({"alone": 1}, {}, ["alone"], "unique"),
        ({"named": 1}, {}, ["named"], "unique"),
        ({"first": 1, "second": 1}, {}, ["first", "second"], "unique_together"),
        ({"second": 1, "third": 1}, {}, ["second", "third"], "unique_together"),
        ({"text": "a"}, {"text": "A"}, ["text"], "twice"),
        ({"code": 1}, {}, ["code"], "unique"),
        ({"plain": 1}, {}, ["plain"], "unique"),
        ({"some": 1, "most": 6}, {}, ["some"], "unique"),
        ({"most": 10}, None, ["most", "needed"], "invalid"),
        ({"needed": None}, None, ["needed"], "null"),
    ],
)
def test_the_fields_of_each_kind_of_constraint_are_known(kind, values, again, fields, code):
    if again is not None:
        kind.objects.create(**values)
    instance = kind(**(values | (again or {})))

    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        instance.save()

    found = violation(raised.value, instance)
    assert (found.fields, found.error.code) == (fields, code)
    assert (found.error.messages == ["Taken."]) is (fields == ["code"])


def test_a_constraint_of_another_table_is_no_concern_of_a_model(kind, verified):
    kind.objects.create(alone=1)

    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        kind.objects.create(alone=1)

    assert violation(raised.value, verified) is None
    assert violation(IntegrityError("FOREIGN KEY constraint failed"), verified) is None


# What clients are told


def clash(name, value):
    """Return a receiver that saves another user with a value before the user is saved."""

    def save(**_):
        # % if cookiecutter.login_field == "username"
        names = {"username": "rival", "email": "rival@example.com"} | {name: value}
        # % else
        names = {"email": "rival@example.com"} | {name: value}
        # % endif
        get_user_model().objects.bulk_create([get_user_model()(**names)])

    return save


def only_one(column):
    """Let the values of a column of the users be unique, in the database alone."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNIQUE INDEX only_one ON users_customuser ({column})")


# % if cookiecutter.login_field == "username"
@pytest.mark.parametrize("discreet", [True, False])
def test_a_username_taken_meanwhile_is_said_at_the_username(mutate, new_account, listen, configure, discreet):
    """It was "A user with that email already exists."."""
    configure(PREVENT_ENUMERATION=discreet)
    listen(pre_save, clash("username", "NEW"), sender=get_user_model())

    answer = mutate("register", **new_account)

    assert answer["errors"] == refused("unique", "A user with that username already exists.", "username")


# % endif
def test_an_address_taken_meanwhile_is_said_at_the_address(mutate, new_account, listen):
    listen(pre_save, clash("email", "new@example.com"), sender=get_user_model())

    answer = mutate("register", **new_account)

    assert answer["errors"] == refused("unique", "A user with that email already exists.", "email")


def _a_column_that_clients_do_not_send(monkeypatch, listen):
    only_one("last_name")


def _a_column_that_save_sets(monkeypatch, listen):
    save = get_user_model().save

    def without_name(self, *arguments, **options):
        self.first_name = None
        save(self, *arguments, **options)

    monkeypatch.setattr(get_user_model(), "save", without_name)


def _another_table(monkeypatch, listen):
    def add(instance, **_):
        instance.groups.through.objects.bulk_create([instance.groups.through(customuser_id=instance.pk, group_id=None)])

    listen(post_save, add, sender=get_user_model())


@pytest.mark.parametrize("discreet", [True, False])
@pytest.mark.parametrize(
    "break_",
    [_a_column_that_clients_do_not_send, _a_column_that_save_sets, _another_table],
    ids=lambda case: case.__name__,
)
def test_what_a_client_cannot_help_is_masked_and_logged(
    api, make_user, new_account, monkeypatch, listen, configure, caplog, break_, discreet
):
    """It was "A user with that email already exists."."""
    configure(PREVENT_ENUMERATION=discreet)
    make_user("earlier")
    break_(monkeypatch, listen)

    [error] = api.post(*mutation("register", new_account)).json()["errors"]

    assert error["extensions"]["code"] == INTERNAL
    assert "constraint" not in error["message"]
    assert "IntegrityError" in caplog.text
    assert not get_user_model().objects.filter(email="new@example.com").exists()


def test_an_update_that_a_constraint_forbids_is_refused_at_its_field(mutate, make_user):
    make_user("ada", first_name="Ada")
    eve = make_user("eve", verified=True, first_name="Eve")
    only_one("first_name, is_staff")

    answer = mutate("updateAccount", login=eve, first_name="Ada")

    assert verdict(answer)["errors"]["firstName"][0]["code"] == "unique_together"
    assert stored(eve).first_name == "Eve"


def test_an_update_that_breaks_a_column_of_its_model_is_masked(api, verified, monkeypatch, caplog):
    _a_column_that_save_sets(monkeypatch, None)

    [error] = api.post(*mutation("updateAccount", {"lastName": "Ada"}), login=verified).json()["errors"]

    assert error["extensions"]["code"] == INTERNAL
    assert "IntegrityError" in caplog.text
