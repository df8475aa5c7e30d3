"""Ways to change and close an account."""

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse

from config.schema import schema
from graphql_auth import tokens
from tests.conftest import NEW_PASSWORD, PASSWORD, filled_in

MUTATIONS = schema.graphql_schema.mutation_type.fields
DONE = {"success": True, "errors": None}
NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
PROTECTED = {
    "updateAccount": {"first_name": "Luke"},
    "archiveAccount": {"password": PASSWORD},
    "deleteAccount": {"password": PASSWORD},
    "passwordChange": {"old_password": PASSWORD, **NEW},
    "sendSecondaryEmailActivation": {"email": "second@example.com", "password": PASSWORD},
    "swapEmails": {"password": PASSWORD},
    "removeSecondaryEmail": {"password": PASSWORD},
}
PROTECTED = {name: arguments for name, arguments in PROTECTED.items() if name in MUTATIONS}
PASSWORD_FIELDS = {
    name: "old_password" if "old_password" in arguments else "password"
    for name, arguments in PROTECTED.items()
    if name != "updateAccount"
}


def stored(user):
    return get_user_model().objects.select_related("status").get(pk=user.pk)


def reset(mutate, user, **_):
    return mutate("passwordReset", token=tokens.make(tokens.PASSWORD_RESET, user), **NEW)["success"]


def change(mutate, user, **_):
    return mutate("passwordChange", login=user, old_password=PASSWORD, **NEW)["success"]


def set_first(mutate, user, **_):
    return mutate("passwordSet", token=tokens.make(tokens.PASSWORD_SET, user), **NEW)["success"]


def archive(mutate, user, **_):
    return mutate("archiveAccount", login=user, password=PASSWORD)["success"]


def delete(mutate, user, configure, **_):
    configure(ALLOW_DELETE_ACCOUNT=True)
    return mutate("deleteAccount", login=user, password=PASSWORD)["success"]


def close(mutate, user, configure, **_):
    configure(ALLOW_DELETE_ACCOUNT=False)
    return mutate("deleteAccount", login=user, password=PASSWORD)["success"]


def office_of(user):
    """Return a client of the admin, logged in as `user`."""
    browser = Client()
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return browser


def deactivate(user, staff, **_):
    browser = office_of(staff)
    address = reverse("admin:users_customuser_change", args=[user.pk])
    posted = filled_in(browser.get(address))
    del posted["is_active"]
    return browser.post(address, posted).status_code == 302


def replace_password(user, staff, **_):
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    form = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return office_of(staff).post(address, form).status_code == 302


def disable_password(user, staff, **_):
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    return office_of(staff).post(address, {"usable_password": "false"}).status_code == 302


def change_in_the_admin(user, **_):
    get_user_model().objects.filter(pk=user.pk).update(is_staff=True)
    form = {"old_password": PASSWORD, **NEW}
    return office_of(stored(user)).post(reverse("admin:password_change"), form).status_code == 302


def change_by_command(user, **_):
    user.set_password(NEW_PASSWORD)
    user.save()
    return True


def hash_by_code(user, **_):
    user.password = make_password(NEW_PASSWORD)
    user.save()
    return True


def hash_and_no_more_by_code(user, **_):
    user.password = make_password(NEW_PASSWORD)
    user.save(update_fields=["password"])
    return True


def hash_by_update(user, **_):
    return get_user_model().objects.filter(pk=user.pk).update(password=make_password(NEW_PASSWORD)) == 1


def hash_and_back_by_update(user, **_):
    return hash_by_update(user) and get_user_model().objects.filter(pk=user.pk).update(password=user.password) == 1


def hash_by_update_or_create(user, **_):
    _, created = get_user_model().objects.update_or_create(
        pk=user.pk, defaults={"password": make_password(NEW_PASSWORD)}
    )
    return not created


def hash_by_bulk_update(user, **_):
    user.password = make_password(NEW_PASSWORD)
    return get_user_model().objects.bulk_update([user], ["password"]) == 1


def hash_by_sql(user, **_):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users_customuser SET password = %s", [make_password(NEW_PASSWORD)])
        return cursor.rowcount > 0


def no_password_by_code(user, **_):
    user.set_unusable_password()
    user.save()
    return True


def ban(user, **_):
    user.is_active = False
    user.save()
    return True


def ban_and_no_more(user, **_):
    user.is_active = False
    user.save(update_fields=["is_active"])
    return True


def ban_by_update(user, **_):
    return get_user_model().objects.filter(pk=user.pk).update(is_active=False) == 1


def ban_by_update_of_a_relation(user, **_):
    group = Group.objects.create(name="banned")
    user.groups.add(group)
    return group.user_set.filter(is_active=True).update(is_active=False) == 1


def ban_by_bulk_update(user, **_):
    user.is_active = False
    return get_user_model().objects.bulk_update([user], ["is_active", "first_name"]) == 1


def nothing(**_):
    return True
