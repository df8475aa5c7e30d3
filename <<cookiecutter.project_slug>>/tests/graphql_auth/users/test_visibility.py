"""Who sees which users and which fields."""

import base64
import re
from datetime import timedelta

import graphene
import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from graphene.utils.str_converters import to_camel_case
from graphene_django.settings import graphene_settings
from graphql_relay import to_global_id

from config.schema import schema
from graphql_auth import sessions
from graphql_auth.api.users.filters import UserFilterSet
from graphql_auth.api.users.node import UserNode
from graphql_auth.conf import auth_settings
from graphql_auth.models import UserStatus
from graphql_auth.visible import STATUS_FIELDS
from tests.api import misfit_of
from tests.conftest import PASSWORD
from tests.graphql_auth.users.helpers import EMAILS, NUMBERS_ARE_KEYS, encoded, node_id


def codes(response):
    return [error["extensions"]["code"] for error in response.json().get("errors", [])]


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "1",
        "VXNlck5vZGU",
        "%",
        "é",
        "UserNode:1",
        node_id(""),
        node_id("one"),
        node_id("1.5"),
        node_id("[1]"),
        node_id("9" * 5000),
        encoded("UserStatus:1"),
        encoded("usernode:1"),
        base64.b64encode(b"\xff\xfe").decode(),
        encoded("UserNode"),
    ],
)
def test_an_invalid_id_is_a_bad_request(four_users, api, odd):
    answer = api.post("query($id: ID!) { user(id: $id) { email } }", {"id": odd}).json()

    assert answer["data"] == {"user": None}
    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        ("id: this is not the id of a user.", {"code": "BAD_REQUEST"})
    ]


@pytest.mark.parametrize("pk", [0, 5, 10**30, *([-1, -(10**30)] if NUMBERS_ARE_KEYS else [])])
def test_an_unused_id_returns_null(four_users, query, pk):
    assert query("query($id: ID!) { user(id: $id) { email } }", id=node_id(pk)) == {"user": None}


@pytest.mark.parametrize(
    ("readers", "asking", "code"),
    [
        ("public", None, None),
        ("public", "unverified", None),
        ("public", "staff", None),
        ("authenticated", None, "UNAUTHENTICATED"),
        ("authenticated", "unverified", None),
        ("authenticated", "staff", None),
        ("staff", None, "UNAUTHENTICATED"),
        ("staff", "unverified", "FORBIDDEN"),
        ("staff", "verified", "FORBIDDEN"),
        ("staff", "staff", None),
    ],
)
def test_users_are_shown_to_those_whom_the_setting_names(api, configure, make_user, request, readers, asking, code):
    """D22: anybody could read all addresses, or find them by filters."""
    configure(USERS_QUERY=readers)
    other = make_user("other")
    login = request.getfixturevalue(asking) if asking else None

    answers = [
        api.post(f"{{ users {EMAILS} }}", login=login),
        api.post('{ users(email: "other@example.com", first: 1) { edges { cursor } } }', login=login),
        api.post(f'{{ user(id: "{node_id(other.pk)}") {{ email }} }}', login=login),
        api.post(f'{{ user(id: "{node_id(10**6)}") {{ email }} }}', login=login),
    ]

    assert [codes(response) for response in answers] == [[code] if code else []] * 4
    assert [("other@example.com" in response.content.decode()) for response in answers] == (
        [not code, False, not code, False]
    )


VIEWS_USERS = ["view_customuser", "change_customuser"]
VIEWS_STATUS = ["view_userstatus", "change_userstatus"]
OF_STATUS = [
    *STATUS_FIELDS,
    "status_Verified: true",
    "status_Archived: false",
    'status_SecondaryEmail: "a@b.example"',
]


@pytest.mark.parametrize("held", [[], ["add_customuser"], ["delete_customuser"], ["view_userstatus"], VIEWS_USERS])
@pytest.mark.parametrize("is_staff", [True, False])
def test_staff_sees_users_by_the_permission_to_view_them(api, configure, make_user, held, is_staff):
    """B12: staff without any permission could read all addresses through the API."""
    configure(USERS_QUERY="staff")
    other, clerk = make_user("other"), make_user("clerk", is_staff=is_staff)
    for name in held or [None]:
        clerk.user_permissions.set(Permission.objects.filter(codename=name))
        answers = [
            api.post(f"{{ users {EMAILS} }}", login=clerk),
            api.post('{ users(email: "other@example.com") { edges { cursor } } }', login=clerk),
            api.post(f'{{ user(id: "{node_id(other.pk)}") {{ id }} }}', login=clerk),
        ]
        allowed = is_staff and name in VIEWS_USERS
        assert [codes(answer) for answer in answers] == [[] if allowed else ["FORBIDDEN"]] * 3
        assert ("other@example.com" in answers[0].content.decode()) is allowed


@pytest.mark.parametrize("readers", ["public", "authenticated", "staff"])
@pytest.mark.parametrize("held", [None, *VIEWS_STATUS])
@pytest.mark.parametrize("asked", OF_STATUS)
def test_staff_sees_and_filters_the_status_of_users_by_the_permission_to_view_it(
    api, configure, make_user, asked, held, readers
):
    """B12, B03: as in the admin."""
    configure(USERS_QUERY=readers)
    other, clerk = make_user("other", verified=True, secondary_email="a@b.example"), make_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_customuser", held]))
    if ":" in asked:
        documents = [f"{{ users({asked}) {{ edges {{ cursor }} }} }}"]
    else:
        field = to_camel_case(asked)
        documents = [
            f"{{ users {{ edges {{ node {{ ... on UserNode {{ alias: {field} }} }} }} }} }}",
            f'{{ user(id: "{node_id(other.pk)}") {{ ...status }} }} fragment status on UserNode {{ {field} }}',
        ]

    for document in documents:
        if misfit := misfit_of(schema, document, {}):
            pytest.skip(f"In this project: {misfit}")
        assert codes(api.post(document, login=clerk)) == ([] if held or readers != "staff" else ["FORBIDDEN"])
    assert codes(api.post("{ me { verified archived secondaryEmail } }", login=clerk)) == []


@pytest.mark.parametrize("readers", ["public", "authenticated", "staff"])
def test_users_may_query_themselves(query, configure, unverified, readers):
    configure(USERS_QUERY=readers)

    answer = query(f'{{ user(id: "{node_id(unverified.pk)}") {{ email }} }}', login=unverified)

    assert answer == {"user": {"email": unverified.email}}


def test_a_user_does_not_show_what_the_settings_exclude():
    """D22."""
    excluded = {to_camel_case(name) for name in auth_settings.USER_NODE_EXCLUDE_FIELDS}

    assert excluded.isdisjoint(schema.graphql_schema.type_map["UserNode"].fields)


@pytest.mark.parametrize("field", ["password", "isSuperuser", "accountSessions", "groups", "userPermissions"])
def test_some_fields_are_never_shown(api, staff, field):
    response = api.post(f"{{ me {{ {field} }} }}", login=staff)

    assert response.status_code == 200
    assert codes(response) == ["BAD_REQUEST"]


@pytest.mark.parametrize("scheme", ["JWT", "Bearer", "jwt", "BEARER"])
def test_a_token_identifies_the_user(api, verified, scheme):
    token = sessions.start(verified).token

    response = api.post("{ me { email } }", HTTP_AUTHORIZATION=f"{scheme} {token}")

    assert response.json() == {"data": {"me": {"email": verified.email}}}


@pytest.mark.parametrize(
    "header",
    ["", "JWT", "JWT ", "Bearer", "JWT x", "Bearer a.b.c", "Basic {token}", "{token}", "JWT {token}x", "JWT a {token}"],
)
def test_a_client_with_a_bad_token_is_anonymous(api, verified, header):
    header = header.format(token=sessions.start(verified).token)

    response = api.post("{ me { email } }", HTTP_AUTHORIZATION=header)

    assert response.status_code == 200
    assert response.json()["data"] == {"me": None}


def test_a_client_with_an_expired_token_is_anonymous(query, verified):
    with time_machine.travel(timezone.now() - timedelta(minutes=6), tick=False):
        token = sessions.start(verified).token

    assert query("{ me { email } }", login=token) == {"me": None}


def test_a_client_with_the_token_of_an_ended_session_is_anonymous(query, verified):
    token = sessions.start(verified).token
    sessions.end_all(verified)

    assert query("{ me { email } }", login=token) == {"me": None}


def test_a_user_without_a_status_is_neither_verified_nor_archived(query, mutate, verified):
    """D27: bulk_create and fixtures make such users, who could not log in, silently."""
    UserStatus.objects.all().delete()
    status = {"verified": False, "archived": False, "secondaryEmail": None}

    login = mutate("tokenAuth", email=verified.email, password=PASSWORD)
    me = query("{ me { verified archived secondaryEmail } }", login=login["token"])
    users = query("{ users { edges { node { verified archived secondaryEmail } } } }")

    assert login["success"] is True
    assert me == {"me": status}
    assert users == {"users": {"edges": [{"node": status}]}}


def mask(resolve, root, info, **arguments):
    """Hide the addresses of others."""
    value = resolve(root, info, **arguments)
    is_of_another = isinstance(root, get_user_model()) and root != info.context.user
    return "hidden" if is_of_another and info.field_name == "email" else value


def test_field_middleware_sees_users(query, monkeypatch, verified, unverified):
    monkeypatch.setattr(graphene_settings, "MIDDLEWARE", [mask])

    edges = query("{ users { edges { node { email } } } }", login=verified)["users"]["edges"]

    assert [edge["node"]["email"] for edge in edges] == [verified.email, "hidden"]


@pytest.mark.parametrize("who", ["nobody", "verified", "staff"])
def test_a_custom_node_is_shown_to_those_who_may_see_users(configure, rf, verified, unverified, staff, who):
    """D22: it showed every user to anybody."""
    configure(USERS_QUERY="staff")
    own = graphene.Schema(type("Own", (graphene.ObjectType,), {"node": graphene.relay.Node.Field()}), types=[UserNode])
    request = rf.post("/")
    request.user = {"nobody": AnonymousUser(), "verified": verified, "staff": staff}[who]

    def shown(user):
        document = f'{{ node(id: "{to_global_id("UserNode", user.pk)}") {{ ... on UserNode {{ email }} }} }}'
        return own.execute(document, context_value=request).data == {"node": {"email": user.email}}

    assert [shown(verified), shown(unverified)] == [who != "nobody", who == "staff"]


@pytest.mark.parametrize("fields", [{"nick": ["exact"]}, {"status__nick": ["exact"]}])
def test_an_unknown_filter_is_reported(fields):
    meta = type("Meta", (), {"model": get_user_model(), "fields": fields})
    complaint = re.escape("GRAPHQL_AUTH['USER_NODE_FILTER_FIELDS'] cannot be used:")

    with pytest.raises(ImproperlyConfigured, match=complaint):
        type("OwnFilterSet", (UserFilterSet,), {"Meta": meta})
