"""Values and functions that several tests of the admin use."""

from django.contrib.admin.models import LogEntry
from django.urls import reverse

COOKIE = "django.contrib.auth.backends.ModelBackend"
ME = "{ me { email } }"
NOBODY = {"me": None}


def page(name, thing, *arguments):
    """Return the URL of the admin page `name` for a model or an object."""
    arguments = arguments or ((thing.pk,) if name != "changelist" and name != "add" else ())
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{name}", args=arguments)


def history(thing):
    """Return the messages in the history of an object, the latest last."""
    entries = LogEntry.objects.filter(object_id=thing.pk, content_type__model=thing._meta.model_name)
    return [entry.get_change_message() for entry in entries.order_by("pk")]
