"""Who can see whom, and how."""

import base64
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from config.schema import schema
from graphql_auth import sessions
from graphql_auth.models import UserStatus
from tests.conftest import PASSWORD

EMAILS = "{ edges { node { email } } }"
FOUR = ["user1@email.com", "user2@email.com", "user3@email.com", "user4@email.com"]


@pytest.fixture
def four_users(db):
    """Load the users of the quickstart."""
    call_command("loaddata", "users", verbosity=0)


@pytest.fixture
def emails_of(query):
    """Return a function that returns the addresses on a page of `users`."""

    def emails_of(arguments=""):
        users = query(f"{{ users{arguments} {EMAILS} }}")["users"]
        return [edge["node"]["email"] for edge in users["edges"]]

    return emails_of


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def node_id(pk):
    return encoded(f"UserNode:{pk}")


def cursor(offset):
    return encoded(f"arrayconnection:{offset}")


def codes(response):
    return [error["extensions"]["code"] for error in response.json().get("errors", [])]


def test_the_quickstart_lists_four_users(four_users, query):
    answer = query("query { users { edges { node { archived, verified, email, secondaryEmail, } } } }")

    keys = ("archived", "verified", "email", "secondaryEmail")
    assert [tuple(edge["node"][key] for key in keys) for edge in answer["users"]["edges"]] == [
        (False, False, "user1@email.com", None),
        (False, True, "user2@email.com", None),
        (True, True, "user3@email.com", None),
        (False, True, "user4@email.com", "user4_secondary@email.com"),
    ]


def test_the_quickstart_asks_for_the_last_user(four_users, make_user, query):
    make_user("new_user", pk=5)

    answer = query(
        "query { users (last: 1){ edges { node { id, email, isActive, archived, verified, secondaryEmail } } } }"
    )

    assert answer["users"]["edges"] == [
        {
            "node": {
                "id": "VXNlck5vZGU6NQ==",
                "email": "new_user@example.com",
                "isActive": True,
                "archived": False,
                "verified": False,
                "secondaryEmail": None,
            }
        }
    ]


def test_the_quickstart_asks_for_one_user(four_users, make_user, query):
    make_user("new_user", pk=5, verified=True)

    answer = query('query { user (id: "VXNlck5vZGU6NQ=="){ email, verified } }')

    assert answer == {"user": {"email": "new_user@example.com", "verified": True}}


def test_the_quickstart_filters_by_status(four_users, query):
    answer = query("query { users(status_Archived: true){ edges { node { email, archived, } } } }")

    assert answer["users"]["edges"] == [{"node": {"email": "user3@email.com", "archived": True}}]


def test_the_quickstart_asks_who_one_is(verified, query):
    answer = query("query { me { email, verified } }", login=verified)

    assert answer == {"me": {"email": verified.email, "verified": True}}


def test_the_first_user_has_the_id_of_the_reference(four_users, query):
    assert query('{ user(id: "VXNlck5vZGU6MQ==") { email pk } }') == {"user": {"email": "user1@email.com", "pk": 1}}


# % if cookiecutter.login_field == "username"
def test_usernames_are_listed(four_users, query):
    answer = query("query { users { edges { node { username, } } } }")

    assert [edge["node"]["username"] for edge in answer["users"]["edges"]] == ["user1", "user2", "user3", "user4"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('username: "user2"', FOUR[1:2]),
        ('username: "user"', []),
        ('username_Icontains: "SER3"', FOUR[2:3]),
        ('username_Istartswith: "USER"', FOUR),
        ('username_Istartswith: "ser"', []),
        ('username_Icontains: "%"', []),
        (f'username_Icontains: "{"%" * 1000}"', []),
    ],
)
def test_users_are_filtered_by_username(four_users, emails_of, arguments, expected):
    assert emails_of(f"({arguments})") == expected


# % endif
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('email: "user2@email.com"', FOUR[1:2]),
        ('email: "user"', []),
        ('email: ""', FOUR),
        ("isActive: true", FOUR[:1] + FOUR[2:]),
        ("isActive: false", FOUR[1:2]),
        ("status_Archived: true", FOUR[2:3]),
        ("status_Archived: false", FOUR[:2] + FOUR[3:]),
        ("status_Verified: true", FOUR[1:]),
        ("status_Verified: false", FOUR[:1]),
        ('status_SecondaryEmail: "user4_secondary@email.com"', FOUR[3:]),
        ('status_SecondaryEmail: "nobody@email.com"', []),
        ("status_Verified: true, status_Archived: false, isActive: true", FOUR[3:]),
        ("status_Verified: true, last: 1", FOUR[3:]),
        ("status_Verified: true, first: 1", FOUR[1:2]),
    ],
)
def test_users_are_filtered(four_users, emails_of, arguments, expected):
    get_user_model().objects.filter(email=FOUR[1]).update(is_active=False)

    assert emails_of(f"({arguments})") == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("first: 0", []),
        ("first: 2", FOUR[:2]),
        ("first: 100", FOUR),
        ("last: 0", []),
        ("last: 3", FOUR[1:]),
        ("last: 100", FOUR),
        ("offset: 0", FOUR),
        ("offset: 3", FOUR[3:]),
        ("offset: 9", []),
        ("offset: 2147483647", []),
        ("offset: 1, first: 2", FOUR[1:3]),
        ("first: 3, last: 1", FOUR[2:3]),
        ('after: ""', FOUR),
        (f'after: "{cursor(1)}"', FOUR[2:]),
        (f'after: "{cursor(1)}", first: 1', FOUR[2:3]),
        (f'after: "{cursor(0)}", offset: 1', FOUR[2:]),
        (f'after: "{cursor(99)}"', []),
        (f'after: "{cursor(10**30)}"', []),
        (f'before: "{cursor(2)}"', FOUR[:2]),
        (f'before: "{cursor(2)}", last: 1', FOUR[1:2]),
        (f'before: "{cursor(10**30)}"', FOUR),
        (f'after: "{cursor(0)}", before: "{cursor(3)}"', FOUR[1:3]),
        (f'after: "{cursor(0)}", before: "{cursor(1)}"', []),
    ],
)
def test_users_come_in_pages(four_users, emails_of, arguments, expected):
    assert emails_of(f"({arguments})") == expected


def test_a_page_leads_to_the_next(four_users, query):
    page = "{ edges { cursor node { email } } pageInfo { hasNextPage hasPreviousPage endCursor } }"
    first = query(f"{{ users(first: 3) {page} }}")["users"]

    second = query(f'{{ users(first: 3, after: "{first["pageInfo"]["endCursor"]}") {page} }}')["users"]

    assert first["pageInfo"]["hasNextPage"] is True
    assert [edge["node"]["email"] for edge in first["edges"] + second["edges"]] == FOUR
    assert second["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("first: -1", "first: ask for 0 to 100 users."),
        ("first: 101", "first: ask for 0 to 100 users."),
        ("last: -1", "last: ask for 0 to 100 users."),
        ("last: 101", "last: ask for 0 to 100 users."),
        ("offset: -1", "offset: skip 0 users or more."),
        (f'offset: 0, before: "{cursor(1)}"', "offset: it cannot go with before."),
        (f'after: "{cursor(3)}", before: "{cursor(0)}"', "before: it must come later than after."),
        (f'after: "{cursor(1)}", before: "{cursor(1)}"', "before: it must come later than after."),
        ('after: "x"', "after: this is not a cursor of this list."),
        ('before: "x"', "before: this is not a cursor of this list."),
        (f'after: "{cursor("x")}"', "after: this is not a cursor of this list."),
        (f'after: "{cursor(-5)}"', "after: this is not a cursor of this list."),
        (f'before: "{cursor(-5)}"', "before: this is not a cursor of this list."),
        (f'after: "{encoded("UserNode:1")}"', "after: this is not a cursor of this list."),
        (f'after: "{cursor("9" * 5000)}"', "after: this is not a cursor of this list."),
        (f'email: "{"a" * 1001}"', "A filter can be at most 1000 characters long."),
    ],
)
def test_a_page_that_cannot_be_had_is_a_bad_request(four_users, api, arguments, message):
    answer = api.post(f"{{ users({arguments}) {EMAILS} }}").json()

    assert answer["data"] == {"users": None}
    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        (message, {"code": "BAD_REQUEST"})
    ]


def test_users_come_in_the_order_of_their_keys_whatever_their_state(make_user, emails_of):
    for name, state in (("c", {"is_active": False}), ("a", {"archived": True}), ("b", {"verified": True})):
        make_user(name, **state)

    assert emails_of() == ["c@example.com", "a@example.com", "b@example.com"]


def test_many_users_take_as_many_queries_as_one(four_users, query, django_assert_num_queries):
    with django_assert_num_queries(2):
        query("{ users { edges { node { id email verified archived secondaryEmail } } } }")


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
def test_an_id_that_is_none_is_a_bad_request(four_users, api, odd):
    answer = api.post("query($id: ID!) { user(id: $id) { email } }", {"id": odd}).json()

    assert answer["data"] == {"user": None}
    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        ("id: this is not the id of a user.", {"code": "BAD_REQUEST"})
    ]


@pytest.mark.parametrize("pk", [0, -1, 5, 10**30, -(10**30)])
def test_nobody_has_an_id_that_was_not_given(four_users, query, pk):
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
    """D22: everybody's address was there for anybody, and filters could be asked instead."""
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


@pytest.mark.parametrize("readers", ["public", "authenticated", "staff"])
def test_one_may_ask_for_oneself(query, configure, unverified, readers):
    configure(USERS_QUERY=readers)

    answer = query(f'{{ user(id: "{node_id(unverified.pk)}") {{ email }} }}', login=unverified)

    assert answer == {"user": {"email": unverified.email}}


def test_a_user_has_just_these_fields():
    """D22: a new field of the model is shown when this list says so."""
    fields = {
        "id",
        "pk",
        "email",
        "firstName",
        "lastName",
        "isActive",
        "isStaff",
        "dateJoined",
        "lastLogin",
        "archived",
        "verified",
        "secondaryEmail",
    }
    # % if cookiecutter.login_field == "username"
    fields |= {"username"}
    # % endif

    assert set(schema.graphql_schema.type_map["UserNode"].fields) == fields


@pytest.mark.parametrize("field", ["password", "isSuperuser", "accountSessions", "groups", "userPermissions"])
def test_some_fields_are_never_shown(api, staff, field):
    response = api.post(f"{{ me {{ {field} }} }}", login=staff)

    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]


@pytest.mark.parametrize("scheme", ["JWT", "Bearer", "jwt", "BEARER"])
def test_a_token_names_who_one_is(api, verified, scheme):
    token = sessions.start(verified).token

    response = api.post("{ me { email } }", HTTP_AUTHORIZATION=f"{scheme} {token}")

    assert response.json() == {"data": {"me": {"email": verified.email}}}


@pytest.mark.parametrize(
    "header",
    ["", "JWT", "JWT ", "Bearer", "JWT x", "Bearer a.b.c", "Basic {token}", "{token}", "JWT {token}x", "JWT a {token}"],
)
def test_with_a_bad_token_one_is_nobody(api, verified, header):
    header = header.format(token=sessions.start(verified).token)

    response = api.post("{ me { email } }", HTTP_AUTHORIZATION=header)

    assert response.status_code == 200
    assert response.json() == {"data": {"me": None}}


def test_with_an_old_token_one_is_nobody(query, verified):
    with time_machine.travel(timezone.now() - timedelta(minutes=6), tick=False):
        token = sessions.start(verified).token

    assert query("{ me { email } }", login=token) == {"me": None}


def test_with_the_token_of_a_session_that_ended_one_is_nobody(query, verified):
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
