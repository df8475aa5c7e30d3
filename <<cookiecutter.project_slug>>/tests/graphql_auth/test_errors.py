"""The reasons of refused operations keep their codes, and are translated when they are shown."""

import pytest
from django import forms
from django.utils import translation

from graphql_auth.errors import AccountError, Refusal
from graphql_auth.forms import AddressForm, require_valid
from graphql_auth.pages.forms import PasswordForm


def of_a_form():
    with pytest.raises(AccountError) as invalid:
        require_valid(AddressForm({"email": ""}))
    return invalid.value


ERRORS = {
    "of a rule": lambda: AccountError.of(Refusal.INVALID_PASSWORD, "old_password"),
    "with a parameter": lambda: AccountError.of(Refusal.INVALID_ARGUMENTS, fields="email"),
    "with a wait": lambda: AccountError.throttled(1.5),
    "of a form": of_a_form,
}


@pytest.mark.parametrize("make", ERRORS.values(), ids=ERRORS.keys())
def test_a_message_is_in_the_language_in_which_it_is_shown(make):
    with translation.override("fr"):
        expected = make().errors
    with translation.override("de"):
        error = make()
        german = error.errors

    with translation.override("fr"):
        shown = error.errors
        assert str(error) == " ".join(detail["message"] for details in shown.values() for detail in details)

    assert shown == expected != german


def test_a_wait_is_part_of_what_a_client_receives():
    error = AccountError.throttled(1.5)

    assert error.retry_after == error.errors["non_field_errors"][0]["retryAfter"] == 2
    assert "retryAfter" not in AccountError.of(Refusal.EMAIL_FAIL).errors["non_field_errors"][0]


def test_a_page_shows_a_reason_at_its_field_and_others_above_the_form():
    form = PasswordForm({})
    reasons = {"new_password1": [Refusal.INVALID_PASSWORD.reason()], "other": [Refusal.EMAIL_FAIL.reason()]}
    form.full_clean()
    form.errors.clear()

    form.add_refusal(AccountError(reasons))

    codes = {field: [error.code for error in errors] for field, errors in form.errors.as_data().items()}
    assert codes == {"new_password1": ["invalid_password"], forms.forms.NON_FIELD_ERRORS: ["email_fail"]}
