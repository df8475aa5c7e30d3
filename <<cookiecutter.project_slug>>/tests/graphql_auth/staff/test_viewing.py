"""What staff may view."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import SuspiciousOperation
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions
from graphql_auth.models import Session, UserStatus
from tests.graphql_auth.staff.helpers import BACKEND, PERMISSIONS, User, address, password_page, permission

VIEWING_USERS = {"users.view_customuser", "users.change_customuser"}
VIEWING_STATUS = {"graphql_auth.view_userstatus", "graphql_auth.change_userstatus"}
VIEWING_SESSIONS = {"graphql_auth.view_session", "graphql_auth.change_session"}


@pytest.fixture
def things(make_user, settings):
    """Return a row of each model of the admin; each has something to tell of "ada"."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    ada = make_user("ada", verified=True, secondary_email="hidden@example.org", first_name="Augusta")
    sessions.start(ada)
    colleague = make_user("colleague", is_staff=True)
    group = Group.objects.create(name="Editors")
    ada.groups.add(group)
    task = DBTaskResult.objects.create(
        args_kwargs={"args": ["activation", str(ada.pk), ada.email, ada.status.secondary_email], "kwargs": {}},
        task_path="graphql_auth.emails.send_mail",
        backend_name="default",
        run_after=timezone.now(),
        traceback=f"SMTPRecipientsRefused: {ada.email} {ada.status.secondary_email}",
        return_value=[ada.email],
    )
    things = {type(thing): thing for thing in (ada, group, task, ada.account_sessions.get())}
    for thing in things.values():
        LogEntry.objects.create(
            user=colleague,
            content_type=ContentType.objects.get_for_model(thing),
            object_id=thing.pk,
            object_repr=str(thing),
            action_flag=CHANGE,
            change_message="Archived",
        )
    assert things.keys() == admin.site._registry.keys()
    return things


def autocomplete(field, term=""):
    query = f"app_label={field.model._meta.app_label}&model_name={field.model._meta.model_name}"
    return f"{reverse('admin:autocomplete')}?{query}&field_name={field.name}&term={term}"


def pages(things):
    """Yield the URL of each admin page, with the permissions of which any grants access."""
    for model, thing in things.items():
        label = f"{model._meta.app_label}.%s_{model._meta.model_name}"
        view, change = label % "view", label % "change"
        for page in ("", "?q=ada", "?q=hidden", "?_facets=True", "?o=1", "?_popup=1"):
            yield address("changelist", model) + page, {view, change}
        yield address("change", thing), {view, change}
        # The admin wants both to add a user, and nobody adds a session or a task.
        yield address("add", model), {label % "add"} if model is Group else set()
        yield address("delete", thing), set() if model is DBTaskResult else {label % "delete"}
        yield address("history", thing), set()
    yield password_page(things[User]), {"users.change_customuser"}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and not field.auto_created and field.related_model in things:
                remote = field.related_model._meta
                # Sessions are searched by the address of their user, which takes another permission.
                actions = () if field.related_model is Session else ("view", "change")
                opens = {f"{remote.app_label}.{action}_{remote.model_name}" for action in actions}
                yield autocomplete(field), opens
                yield autocomplete(field, "hidden"), opens


# Each permission for a model of the admin, and all others together, which open no page.
OF_THE_ADMIN = [
    {f"{model._meta.app_label}.{action}_{model._meta.model_name}"}
    for model in admin.site._registry
    for action in model._meta.default_permissions
]
HELD = [*OF_THE_ADMIN, {*PERMISSIONS}.difference(*OF_THE_ADMIN)]


@pytest.mark.parametrize("held", HELD, ids=lambda held: "the others" if len(held) > 1 else min(held))
def test_a_permission_opens_its_own_pages_and_tells_of_its_own_model(desk_of, things, held):
    """B03: sessions revealed addresses, users their status, tasks both, and histories everything."""
    desk, ada = desk_of(*held), things[User]

    for page, opens in pages(things):
        response = desk.get(page)
        text = response.content.decode()

        assert (response.status_code == 200) is bool(held & opens), (page, response.status_code)
        revealed = [secret for secret in (ada.email, "Augusta", "colleague") if secret in text.lower()]
        assert not revealed or held & (VIEWING_USERS | {"users.delete_customuser"}), page
        assert ada.status.secondary_email not in text, page
        assert not re.search(r"column-(verified|archived)|\?(verified|archived)=|Archived", text), page
        assert not secrets_of(ada, text), page


@pytest.mark.parametrize("held", PERMISSIONS)
def test_whoever_views_users_sees_their_status_and_sessions_by_the_permissions_for_these(desk_of, things, held):
    """B03."""
    desk, ada = desk_of("users.view_customuser", held), things[User]

    page, found = desk.get(address("change", ada)), desk.get(address("changelist", User) + "?q=hidden")

    assert page.status_code == found.status_code == 200
    models = {inline.formset.model for inline in page.context["inline_admin_formsets"] if inline.formset.initial_forms}
    assert models == {UserStatus for _ in VIEWING_STATUS & {held}} | {Session for _ in VIEWING_SESSIONS & {held}}
    assert (ada.status.secondary_email in page.content.decode()) is (held in VIEWING_STATUS)
    assert [*found.context["cl"].result_list] == ([ada] if held in VIEWING_STATUS else [])
    assert ("column-verified" in found.content.decode()) is (held in VIEWING_STATUS)
    assert not secrets_of(ada, page.content.decode())


def secrets_of(user, text):
    """Return what of the hashes of `user` is in `text`."""
    digests = user.account_sessions.values_list("refresh_digest", flat=True)
    return [secret for secret in (user.password, user.password.split("$")[-1], *digests) if secret in text]


def paths(model, depth=1):
    """Yield the lookup paths from `model`, with the models that each leads to."""
    for field in model._meta.get_fields():
        related = field.related_model if field.is_relation else None
        yield field.name, [related] if related else []
        if related and depth:
            yield from ((f"{field.name}__{path}", [related, *models]) for path, models in paths(related, depth - 1))


def is_listed(model, clerk, lookup):
    """Return whether the admin answers with a list that is filtered by a lookup; the page itself is not rendered."""
    request = RequestFactory().get("/", {lookup: "1"})
    request.user = clerk
    try:
        response = admin.site.get_model_admin(model).changelist_view(request)
    except SuspiciousOperation:
        return False
    # A lookup that Django cannot make sense of leads to the plain list, with ?e=1.
    assert response.status_code in (200, 302), lookup
    return response.status_code == 200


SECRET_FIELDS = {"password", "refresh_digest", "digest", "link_revision"}
# Fields of tasks that hold addresses.
ADDRESSES_OF_TASKS = {"args_kwargs", "traceback", "return_value"}
LISTS = [(f"{model._meta.app_label}.view_{model._meta.model_name}", model) for model in admin.site._registry]


@pytest.mark.parametrize("beside", [None, "users.view_customuser", "graphql_auth.view_userstatus", "auth.view_group"])
@pytest.mark.parametrize(("held", "model"), LISTS)
def test_a_list_is_filtered_by_what_its_staff_may_view(desk_of, things, held, model, beside):
    """B03: a lookup of each field, and of each that a relation leads to, is tried in the address of the list."""
    desk = desk_of(held, *([beside] if beside else []))
    clerk = desk.clerk
    may_view = {
        shown
        for shown in apps.get_models()
        for action in ("view", "change")
        if clerk.has_perm(f"{shown._meta.app_label}.{action}_{shown._meta.model_name}")
    }
    answered = set()
    for path, models in paths(model):
        for lookup in ("__isnull", "__startswith"):
            if is_listed(model, clerk, f"{path}{lookup}"):
                answered.add(path)
                assert {*models} <= may_view, (path, lookup)

    assert not [path for path in answered if SECRET_FIELDS & {*path.split("__")}]
    assert model is not DBTaskResult or not ADDRESSES_OF_TASKS & answered
    assert model._meta.pk.name in answered


@pytest.mark.parametrize(
    ("held", "page"),
    [
        ({"users.view_customuser"}, "?verified=1"),
        ({"users.view_customuser"}, "?archived=0"),
        ({"users.view_customuser"}, "?groups__id__exact=1"),
        ({"users.view_customuser"}, "?account_sessions__isnull=1"),
        ({"users.view_customuser"}, "?status__secondary_email__startswith=h"),
        ({"users.view_customuser", "graphql_auth.view_userstatus"}, "?status__link_revision=0"),
        ({"users.view_customuser"}, "?_to_field=password&_popup=1"),
        ({"users.view_customuser"}, "?_to_field=email&_popup=1"),
        ({"graphql_auth.view_session"}, "?user__email__startswith=ada"),
        ({"graphql_auth.view_session"}, "?user=1"),
        ({"graphql_auth.view_session", "users.view_customuser"}, "?refresh_digest__startswith=a"),
    ],
)
def test_a_filter_by_what_staff_may_not_view_is_rejected(desk_of, things, held, page):
    model = Session if "graphql_auth.view_session" in held else User

    assert desk_of(*held).get(address("changelist", model) + page).status_code == 400


def test_tasks_show_their_arguments_to_those_who_may_view_the_addresses_in_them(desk_of, things):
    """B03."""
    view = "django_tasks_database.view_dbtaskresult"
    desk = desk_of(view)
    page = address("change", things[DBTaskResult])

    for held, shown in [
        ([], False),
        (VIEWING_USERS, False),
        (VIEWING_STATUS, False),
        (VIEWING_USERS | VIEWING_STATUS, True),
    ]:
        desk.clerk.user_permissions.set(map(permission, {view, *held}))
        text = desk.get(page).content.decode()
        assert ("hidden@example.org" in text) is ("ada@example.com" in text) is shown


def test_a_session_names_its_user_to_those_who_may_view_users(desk_of, things):
    """B03."""
    desk, ada = desk_of("graphql_auth.view_session"), things[User]
    listed = address("changelist", Session) + "?q=ada"

    assert len(desk.get(listed).context["cl"].result_list) == 1  # Nothing was searched.
    assert len(desk.get(address("changelist", Session) + "?q=nobody").context["cl"].result_list) == 1

    desk.clerk.user_permissions.add(permission("users.view_customuser"))
    assert ada.get_username() in desk.get(listed).content.decode()
    assert ada.get_username() in desk.get(address("change", things[Session])).content.decode()
    assert len(desk.get(address("changelist", Session) + "?q=nobody").context["cl"].result_list) == 0


def test_a_history_is_for_those_who_may_view_all_that_it_tells(desk_of, things):
    """B03."""
    needed = ["users.view_customuser", "graphql_auth.view_userstatus", "graphql_auth.view_session"]
    desk = desk_of(*needed)
    assert desk.get(address("history", things[User])).status_code == 200

    for missing in needed:
        desk.clerk.user_permissions.set(map(permission, {*needed} - {missing}))
        assert desk.get(address("history", things[User])).status_code == 403


def test_what_is_deleted_with_a_user_is_listed_for_those_who_may_view_it(desk_of, things, staff):
    """B03: a log entry said what was done to others."""
    ada = things[User]
    LogEntry.objects.create(
        user=ada, content_type=None, object_repr="bob", action_flag=CHANGE, change_message="Archived"
    )
    desk = desk_of("users.view_customuser", "users.delete_customuser")

    text = desk.get(address("delete", ada)).content.decode()
    assert "ada" in text
    assert "bob" not in text
    assert "Archived" not in text

    desk.force_login(staff, BACKEND)
    assert "bob" in desk.get(address("delete", ada)).content.decode()
