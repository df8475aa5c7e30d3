"""A registration with a value that the user model itself rejects or resets."""

import pytest
from django.core.exceptions import ValidationError

from graphql_auth.errors import AccountError
from graphql_auth.flows import registration
from tests.conftest import PASSWORD, refused
from tests.graphql_auth.registration.helpers import users

NAMES = {"first_name": "Leia", "last_name": "Organa"}


@pytest.fixture
def errors_of(db, rf, new_account, configure):
    """Return a function that returns the errors of a registration with more fields; None without errors."""
    configure(REGISTER_MUTATION_FIELDS_OPTIONAL=[*NAMES])

    def errors_of(**fields):
        given = {name: value for name, value in new_account.items() if not name.startswith("password")} | fields
        try:
            registration.register(request=rf.post("/"), fields=given, password1=PASSWORD, password2=PASSWORD)
        except AccountError as error:
            return error.errors
        return None

    return errors_of


def _reject(user):
    raise ValidationError({"first_name": ValidationError("Not that one.", code="taboo")})


def _reject_another_column(user):
    raise ValidationError({"is_staff": ValidationError("Not now.", code="taboo")})


def _reject_as_a_whole(user):
    raise ValidationError("Not now.", code="taboo")


def _reset(user):
    user.first_name = ""


@pytest.mark.parametrize(
    ("react", "field"),
    [
        (_reject, "first_name"),
        (_reject_another_column, "non_field_errors"),
        (_reject_as_a_whole, "non_field_errors"),
        (_reset, "first_name"),
    ],
    ids=["rejects it", "rejects another column", "rejects all", "resets it"],
)
@pytest.mark.parametrize("when", ["clean", "save"])
@pytest.mark.parametrize("discreet", [True, False])
def test_a_value_that_the_model_does_not_take_is_refused_whoever_has_the_address(
    errors_of, verified, configure, monkeypatch, mailoutbox, when, react, field, discreet
):
    configure(PREVENT_ENUMERATION=discreet)
    usual = getattr(users().model, when)

    def unwilling(self, *arguments, **options):
        react(self)
        usual(self, *arguments, **options)

    monkeypatch.setattr(users().model, when, unwilling)

    errors = errors_of(**NAMES)
    taken = errors_of(**NAMES, email=verified.email)

    assert [*errors] == [field]
    # Without PREVENT_ENUMERATION, a taken address is refused before the model saves anything.
    assert [*taken] == (["email"] if when == "save" and not discreet else [field])
    assert users().count() == 1
    assert mailoutbox == []


def test_a_model_with_its_own_save_is_saved_once(errors_of, verified, configure, monkeypatch, mailoutbox):
    configure(PREVENT_ENUMERATION=True)
    usual, saved = users().model.save, []

    def save(self, *arguments, **options):
        saved.append(self.email)
        usual(self, *arguments, **options)

    monkeypatch.setattr(users().model, "save", save)

    assert errors_of(**NAMES) is None
    # % if cookiecutter.login_field == "username"
    assert errors_of(email=verified.email, username="another") is None
    # % else
    assert errors_of(email=verified.email) is None
    # % endif
    assert users().count() == 2
    assert saved[0] == "new@example.com"
    assert len(saved) == 2
    assert saved[1] != verified.email
    assert sorted(mail.to[0] for mail in mailoutbox) == ["new@example.com", verified.email]


@pytest.mark.parametrize("text", ["Leia", " Leia", "Leia\t", "\u2003Le  ia\u2003", " "])
def test_text_is_stored_as_it_was_sent(errors_of, text):
    assert errors_of(first_name=text) is None

    assert users().get().first_name == text


@pytest.mark.parametrize("blanks", ["", " ", "\t\n", "\u2003"])
def test_blanks_are_no_required_text(errors_of, configure, new_account, blanks):
    required = [name for name in new_account if not name.startswith("password")]
    configure(REGISTER_MUTATION_FIELDS=[*required, "first_name"], REGISTER_MUTATION_FIELDS_OPTIONAL=[])

    assert errors_of(first_name=blanks) == refused("required", field="first_name")


def test_null_is_the_default_of_an_optional_field(errors_of):
    assert errors_of(first_name=None) is None

    assert users().get().first_name == ""
