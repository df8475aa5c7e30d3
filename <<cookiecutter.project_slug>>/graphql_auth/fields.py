"""Form and model fields that validate and normalise email addresses."""

from typing import Any

from django import forms
from django.db import models

from graphql_auth.addresses import AddressValidator, normalize_email


class AddressFormField(forms.EmailField):
    """An email address in a form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # A single validator, so that there is a single error. Django would strip control characters, which are invalid.
        self.validators = [AddressValidator()]
        self.strip = False

    def to_python(self, value: Any) -> Any:
        """Return the normalised address."""
        return super().to_python(normalize_email(value) if isinstance(value, str) else value)


class AddressField(models.EmailField):
    """An email address in a model."""

    default_validators = [AddressValidator()]

    def clean(self, value: Any, model_instance: Any) -> Any:
        """Return the normalised address. Raises ValidationError `invalid`."""
        return super().clean(normalize_email(value) if value else value, model_instance)

    def formfield(self, **kwargs: Any) -> Any:
        """Return the form field."""
        return super().formfield(**{"form_class": AddressFormField, **kwargs})
