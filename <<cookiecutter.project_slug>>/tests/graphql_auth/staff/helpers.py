"""Values and functions that several tests of staff use."""

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from tests.conftest import filled_in

BACKEND = "django.contrib.auth.backends.ModelBackend"
User = get_user_model()
PERMISSIONS = [
    f"{model._meta.app_label}.{action}_{model._meta.model_name}"
    for model in apps.get_models()
    for action in model._meta.default_permissions
]


def permission(name):
    app_label, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def address(name, thing, *arguments):
    """Return the URL of the admin page `name` for a model or an object."""
    arguments = arguments or ((thing.pk,) if name not in ("changelist", "add") else ())
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{name}", args=arguments)


def password_page(user):
    return reverse("admin:auth_user_password_change", args=[user.pk])


# All that there is to do to accounts.
CLERK = [
    "users.view_customuser",
    "users.add_customuser",
    "users.change_customuser",
    "users.delete_customuser",
    *(f"graphql_auth.{action}_userstatus" for action in ("view", "add", "change", "delete")),
    *(f"graphql_auth.{action}_session" for action in ("view", "change", "delete")),
    "admin.delete_logentry",
    *(f"auth.{action}_group" for action in ("view", "add", "change", "delete")),
]
LACKED = "django_tasks_database.change_dbtaskresult"


def by_form(**changes):
    def save(desk, user):
        page = address("change", user)
        shown = desk.get(page)
        posted = filled_in(shown) if "adminform" in (getattr(shown, "context_data", None) or {}) else {}
        posted |= {"email": user.email, "username": user.get_username(), "status-TOTAL_FORMS": 1, **changes}
        posted |= {"status-INITIAL_FORMS": 1, "status-0-id": user.status.pk, "status-0-user": user.pk}
        posted |= {"account_sessions-TOTAL_FORMS": 0, "account_sessions-INITIAL_FORMS": 0}
        posted |= {
            f"{date}_{part}": "2020-01-01" if part == 0 else "00:00" for date in ("date_joined",) for part in (0, 1)
        }
        return desk.post(page, {name: value for name, value in posted.items() if value is not None})

    save.__name__ = f"save_{'_'.join(changes)}"
    return save


def delete(thing, desk, user):
    return desk.post(address("delete", thing(user)), {"post": "yes"})
