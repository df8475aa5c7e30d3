"""The effects of each permission of staff."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import SuspiciousOperation
from django.template.response import TemplateResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graphql_auth import sessions
from graphql_auth.models import Session, UserStatus
from tests.conftest import NEW_PASSWORD, PASSWORD, filled_in

BACKEND = "django.contrib.auth.backends.ModelBackend"
User = get_user_model()
PERMISSIONS = [
    f"{model._meta.app_label}.{action}_{model._meta.model_name}"
    for model in apps.get_models()
    for action in model._meta.default_permissions
]
VIEWING_USERS = {"users.view_customuser", "users.change_customuser"}
VIEWING_STATUS = {"graphql_auth.view_userstatus", "graphql_auth.change_userstatus"}
VIEWING_SESSIONS = {"graphql_auth.view_session", "graphql_auth.change_session"}
OUT_OF_REACH = "The account has permissions that you do not have."


@pytest.fixture(autouse=True)
def plain_http(settings):
    """Answer http, as behind a proxy."""
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def unrendered(monkeypatch):
    """Answer with empty pages, where only what is stored counts: rendering takes most of the time."""
    monkeypatch.setattr(TemplateResponse, "rendered_content", "")


@pytest.fixture
def desk_of(make_user):
    """Return `desk_of(*permissions)`, which returns a client of the admin, logged in as staff who has just these."""

    def desk_of(*permissions):
        clerk = make_user("clerk", verified=True, is_staff=True)
        clerk.user_permissions.set(map(permission, permissions))
        desk = Client()
        desk.force_login(clerk, BACKEND)
        desk.clerk = clerk
        return desk

    return desk_of


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


def permission(name):
    app_label, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def address(name, thing, *arguments):
    """Return the URL of the admin page `name` for a model or an object."""
    arguments = arguments or ((thing.pk,) if name not in ("changelist", "add") else ())
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{name}", args=arguments)


def password_page(user):
    return reverse("admin:auth_user_password_change", args=[user.pk])


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


# Changing accounts

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


def superuser(user):
    User.objects.filter(pk=user.pk).update(is_superuser=True)


def has_a_permission(user):
    user.user_permissions.add(permission(LACKED))


def has_one_by_a_group(user):
    group = Group.objects.create(name="Mail")
    group.permissions.add(permission(LACKED))
    user.groups.add(group)


def has_one_while_inactive(user):
    has_a_permission(user)
    User.objects.filter(pk=user.pk).update(is_active=False)


def is_archived_and_superuser(user):
    superuser(user)
    user.status.change(archived=True)


def is_an_equal(user):
    user.user_permissions.set(map(permission, CLERK))


def is_nobody(user):
    pass


def by_action(name, model=User, **form):
    def act(desk, user):
        chosen = user.pk if model is User else user.account_sessions.get().pk
        posted = {"action": name, "_selected_action": [chosen], **form}
        return desk.post(address("changelist", model), posted)

    act.__name__ = f"{name}_{model._meta.model_name}"
    return act


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


def set_password(desk, user):
    form = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return desk.post(password_page(user), form)


def disable_password(desk, user):
    return desk.post(password_page(user), {"usable_password": "false", "unset-password": "1"})


def delete(thing, desk, user):
    return desk.post(address("delete", thing(user)), {"post": "yes"})


def delete_user(desk, user):
    return delete(lambda user: user, desk, user)


def delete_session(desk, user):
    return delete(lambda user: user.account_sessions.get(), desk, user)


ACTS = [
    by_action("archive"),
    by_action("end_sessions"),
    by_action("delete_selected", post="yes"),
    by_action("end_sessions", Session),
    by_action("delete_selected", Session, post="yes"),
    by_form(first_name="Mallory"),
    by_form(email="mallory@example.com"),
    by_form(**{"status-0-archived": "on"}),
    by_form(**{"status-0-secondary_email": "mallory@example.com"}),
    by_form(is_active=None),
    set_password,
    disable_password,
    delete_user,
    delete_session,
]
ACTS_ON_UNVERIFIED = [by_action("verify"), by_action("resend_activation"), by_form(**{"status-0-verified": "on"})]
MORE = [superuser, has_a_permission, has_one_by_a_group, has_one_while_inactive, is_archived_and_superuser]


def stored(user, mailoutbox):
    """Return all that is stored about `user` and done to it."""
    return (
        User.objects.filter(pk=user.pk).values().first(),
        UserStatus.objects.filter(user_id=user.pk).values().first(),
        [*Session.objects.filter(user_id=user.pk).values()],
        [*User.user_permissions.through.objects.values()],
        LogEntry.objects.count(),
        len(mailoutbox),
    )


@pytest.mark.parametrize("rank", [*MORE, is_an_equal, is_nobody], ids=lambda rank: rank.__name__)
@pytest.mark.parametrize("act", [*ACTS, *ACTS_ON_UNVERIFIED], ids=lambda act: act.__name__)
@pytest.mark.usefixtures("unrendered")
def test_staff_never_acts_on_an_account_that_may_do_more(desk_of, make_user, mailoutbox, act, rank):
    """A08: with change_userstatus alone they archived a superuser."""
    desk = desk_of(*CLERK)
    other = make_user("other", verified=act not in ACTS_ON_UNVERIFIED, is_staff=True)
    sessions.start(other)
    rank(other)
    before = stored(other, mailoutbox)

    response = act(desk, User.objects.get(pk=other.pk))

    assert response.status_code in (200, 302, 403)
    assert (stored(other, mailoutbox) == before) is (rank in MORE)


@pytest.mark.parametrize("rank", [*MORE, is_an_equal, is_nobody], ids=lambda rank: rank.__name__)
def test_the_history_of_an_account_that_may_do_more_is_not_shown(desk_of, make_user, rank):
    """A08."""
    desk, other = desk_of(*CLERK), make_user("other")
    rank(other)

    for page in (address("history", other), password_page(other)):
        assert desk.get(page).status_code == (403 if rank in MORE else 200)
    assert desk.get(address("change", other)).status_code == 200


def test_an_action_says_whom_it_skipped(desk_of, make_user, staff):
    """A08: and does the rest."""
    desk, other = desk_of(*CLERK), make_user("other", verified=True)
    for user in (staff, other):
        sessions.start(user)

    done = desk.post(
        address("changelist", User), {"action": "archive", "_selected_action": [staff.pk, other.pk]}, follow=True
    )
    chosen = [session.pk for session in Session.objects.filter(ended_at=None)]
    sessions.start(other)
    chosen.append(other.account_sessions.get(ended_at=None).pk)
    ended = desk.post(
        address("changelist", Session), {"action": "end_sessions", "_selected_action": chosen}, follow=True
    )

    assert {str(said) for said in done.context["messages"]} == {"Archived: 1", f"Skipped: 1. {OUT_OF_REACH}"}
    assert {str(said) for said in ended.context["messages"]} == {"Sessions ended: 1", f"Skipped: 1. {OUT_OF_REACH}"}
    assert UserStatus.objects.get(user=staff).archived is False


@pytest.mark.parametrize("rank", [*MORE, is_an_equal, is_nobody], ids=lambda rank: rank.__name__)
def test_a_list_that_can_be_edited_changes_no_account_that_may_do_more(
    desk_of, make_user, mailoutbox, monkeypatch, rank
):
    """A08, B03: Django asks for no permission on each row there."""
    monkeypatch.setattr(admin.site.get_model_admin(User), "list_editable", ("is_active", "is_staff"))
    desk, other = desk_of(*CLERK), make_user("other", verified=True)
    rank(other)
    before = stored(other, mailoutbox)
    listed = desk.get(address("changelist", User) + f"?id={other.pk}").context["cl"].formset
    form = {field.html_name: field.value() for row in listed.forms for field in row} | {"_save": "Save"}
    form |= {field.html_name: field.value() for field in listed.management_form} | {"form-0-is_staff": "on"}

    response = desk.post(
        address("changelist", User) + f"?id={other.pk}", {name: value for name, value in form.items() if value}
    )

    assert response.status_code == (403 if rank in MORE else 302)
    assert (stored(other, mailoutbox) == before) is (rank in MORE)


# Granting permissions


def grants_of(user):
    """Return what `user` may do."""
    user = User.objects.get(pk=user.pk)
    return user.is_superuser, {*user.get_all_permissions()}


def open_to_all(name):
    group = Group.objects.create(name=name)
    group.permissions.set(map(permission, CLERK[:2]))
    return group


# All that staff has can be granted at once; each permission that they lack is refused on its own.
GRANTS = [{*CLERK} & {*PERMISSIONS}, *({name} for name in PERMISSIONS if name not in CLERK)]
every_grant = pytest.mark.parametrize("names", GRANTS, ids=lambda names: "held" if len(names) > 1 else min(names))


@every_grant
@pytest.mark.usefixtures("unrendered")
def test_staff_grants_a_permission_only_if_they_have_it(desk_of, make_user, names):
    """B03: plain change_customuser could tick every permission."""
    desk, user = desk_of(*CLERK), make_user("other", verified=True)
    granted = [permission(name).pk for name in names]

    by_form(user_permissions=granted, is_active="on", is_staff="on")(desk, user)

    assert grants_of(user)[1] == names & {*CLERK}


@every_grant
@pytest.mark.usefixtures("unrendered")
def test_staff_puts_users_only_into_groups_that_give_what_they_have(desk_of, make_user, names):
    """B03."""
    desk, user = desk_of(*CLERK), make_user("other", verified=True)
    group = open_to_all("Many")
    group.permissions.add(*map(permission, names))

    by_form(groups=[group.pk], is_active="on")(desk, user)

    assert (group in user.groups.all()) is (names <= {*CLERK})


@pytest.mark.parametrize("new", [True, False])
@every_grant
@pytest.mark.usefixtures("unrendered")
def test_staff_gives_a_group_only_permissions_that_they_have(desk_of, names, new):
    """B03: whoever could change groups was superuser in two posts."""
    desk = desk_of()
    group = open_to_all("Clerks")
    group.permissions.set(map(permission, CLERK))
    desk.clerk.groups.add(group)
    page = address("add", Group) if new else address("change", group)
    given = {permission(name) for name in names}

    desk.post(page, {"name": "New", "permissions": [one.pk for one in given]})

    saved = Group.objects.filter(name="New").first()
    assert {*saved.permissions.all()} == given if names <= {*CLERK} else saved is None
    assert new or names <= {*CLERK} or group.permissions.count() == len(CLERK)


@pytest.mark.parametrize("act", ["change", "delete", "delete_selected"])
@pytest.mark.parametrize("more", [True, False])
def test_staff_takes_no_permission_from_a_group_that_they_do_not_have(desk_of, act, more):
    """B03."""
    desk = desk_of(*CLERK)
    group = open_to_all("Mail")
    if more:
        group.permissions.add(permission(LACKED))
    before = [group.name, *group.permissions.order_by("pk")]

    if act == "delete_selected":
        form = {"action": act, "_selected_action": [group.pk], "post": "yes"}
        desk.post(address("changelist", Group), form)
    else:
        desk.post(address(act, group), {"name": "Other", "post": "yes"})

    left = Group.objects.filter(pk=group.pk).first()
    assert (left is not None and [left.name, *left.permissions.order_by("pk")] == before) is more


def test_no_forged_field_makes_a_superuser(desk_of, make_user):
    """B03: not even in the form for a new user, which shows none of these fields."""
    desk = desk_of(*CLERK)
    had = grants_of(desk.clerk)[1]
    group = Group.objects.create(name="All")
    group.permissions.set(Permission.objects.all())
    everything = [*Permission.objects.values_list("pk", flat=True)]
    flags = {"is_superuser": "on", "is_staff": "on", "is_active": "on"}
    new = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    # % if cookiecutter.login_field == "username"
    new["username"] = "new"
    # % endif

    for user in (desk.clerk, make_user("other", verified=True)):
        for forged in ({}, {"user_permissions": everything}, {"groups": [group.pk]}):
            by_form(**flags, **forged)(desk, user)
    desk.post(address("add", User), new | flags | {"user_permissions": everything, "groups": [group.pk]})

    assert User.objects.filter(email="new@example.com").exists()
    for user in User.objects.all():
        is_superuser, permissions = grants_of(user)
        assert is_superuser is False
        assert permissions <= had


def test_a_superuser_grants_everything(make_user, staff):
    desk, other = Client(), make_user("other", verified=True)
    desk.force_login(staff, BACKEND)
    everything = list(Permission.objects.values_list("pk", flat=True))

    response = by_form(is_superuser="on", is_active="on", user_permissions=everything)(desk, other)

    assert response.status_code == 302
    other.refresh_from_db()
    assert (other.is_superuser, other.user_permissions.count()) == (True, len(everything))


def test_a_list_that_can_be_edited_makes_nobody_superuser(desk_of, make_user, monkeypatch):
    """B03."""
    office = admin.site.get_model_admin(User)
    monkeypatch.setattr(office, "list_display", (*office.list_display, "is_superuser"))
    monkeypatch.setattr(office, "list_editable", ("is_superuser", "is_staff"))
    desk, other = desk_of(*CLERK), make_user("other")
    page = address("changelist", User) + f"?id={other.pk}"
    listed = desk.get(page).context["cl"].formset
    form = {field.html_name: field.value() for field in listed.management_form}
    form |= {"form-0-id": other.pk, "form-0-is_superuser": "on", "form-0-is_staff": "on", "_save": "Save"}

    desk.post(page, form)

    other.refresh_from_db()
    assert (other.is_superuser, other.is_staff) == (False, True)


def test_pages_of_staff_ask_for_their_reach_once(desk_of, make_user, django_assert_max_num_queries):
    desk, other = desk_of(*CLERK), make_user("other")
    desk.get(address("change", other))

    with django_assert_max_num_queries(20):
        desk.get(address("change", other))
