"""The queries for users, and who may see whom."""

import base64
import re
from datetime import timedelta

import graphene
import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from graphene.utils.str_converters import to_camel_case
from graphene_django.settings import graphene_settings
from graphql_relay import to_global_id
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from config.schema import schema
from graphql_auth import sessions
from graphql_auth.addresses import owner_of
from graphql_auth.api.users.filters import UserFilterSet
from graphql_auth.api.users.node import COLUMNS, UserNode
from graphql_auth.models import UserStatus
from graphql_auth.visible import STATUS_FIELDS
from tests.conftest import PASSWORD

EMAILS = "{ edges { node { email } } }"
FOUR = ["user1@email.com", "user2@email.com", "user3@email.com", "user4@email.com"]
ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="it is PostgreSQL that does so")


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


@pytest.fixture
def plan_of(db, django_assert_num_queries):
    """Return a function that returns the query plan of a call's only statement for a large table."""

    def plan_of(call):
        with django_assert_num_queries(1) as statements:
            call()
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Few rows are read one by one, in order or not, whatever the index.
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute("SET LOCAL enable_indexscan = off")
            prefix = connection.ops.explain_query_prefix()
            cursor.execute(f"{prefix} {statements[0]['sql']}")
            return "\n".join(str(row[-1]) for row in cursor.fetchall())

    return plan_of


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def node_id(pk):
    return encoded(f"UserNode:{pk}")


def cursor(pk):
    return encoded(f"users.customuser.pk:{pk}")


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


def test_the_quickstart_queries_me(verified, query):
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
        ('username_Icontains: "nobody"', []),
        ('username_Istartswith: "%"', []),
        (f'username_Istartswith: "{"%" * 1000}"', []),
    ],
)
def test_users_are_filtered_by_username(four_users, emails_of, arguments, expected):
    assert emails_of(f"({arguments})") == expected


@pytest.mark.parametrize(
    ("part", "enough"), [("se", False), ("%%%", False), ("u_s", False), ("us-er", False), ("ser", True)]
)
def test_part_of_a_name_that_no_index_finds_is_refused_on_postgresql(four_users, api, part, enough):
    answer = api.post(f'{{ users(username_Icontains: "{part}") {EMAILS} }}').json()

    if enough or connection.vendor != "postgresql":
        assert "errors" not in answer
    else:
        (error,) = answer["errors"]
        assert error["message"] == "username_Icontains: give at least three letters or digits in a row."
        assert error["extensions"] == {"code": "BAD_REQUEST"}


@ON_POSTGRESQL
@pytest.mark.parametrize(
    ("arguments", "index"),
    [
        ('username_Istartswith: "u"', "users_customuser_username_prefix"),
        ('username_Icontains: "ser"', "users_customuser_username_trigram"),
    ],
)
def test_parts_of_names_are_found_by_index(emails_of, plan_of, arguments, index):
    assert index in plan_of(lambda: emails_of(f"({arguments})"))


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


@pytest.mark.parametrize("flag", ["status_Verified", "status_Archived"])
def test_a_user_without_a_status_is_listed_as_neither_verified_nor_archived(four_users, emails_of, flag):
    """D27."""
    UserStatus.objects.all().delete()

    assert emails_of(f"({flag}: false)") == FOUR
    assert emails_of(f"({flag}: true)") == []


@pytest.mark.parametrize(
    ("arguments", "index"),
    [
        ("isActive: false", "users_customuser_inactive"),
        pytest.param("status_Archived: true", "graphql_auth_status_archived", marks=ON_POSTGRESQL),
        ('status_SecondaryEmail: "x@example.com"', "graphql_auth_status_secondary"),
    ],
)
def test_few_of_many_users_are_found_by_index(emails_of, plan_of, arguments, index):
    assert index in plan_of(lambda: emails_of(f"({arguments})"))


def test_the_owner_of_an_address_is_found_by_index(plan_of):
    plan = plan_of(lambda: owner_of("x@example.com"))

    assert "users_customuser_email_once" in plan
    assert "graphql_auth_secondary_email_once" in plan


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
        (f'after: "{cursor(2)}"', FOUR[2:]),
        (f'after: "{cursor(2)}", first: 1', FOUR[2:3]),
        (f'after: "{cursor(1)}", offset: 1', FOUR[2:]),
        (f'after: "{cursor(100)}"', []),
        (f'after: "{cursor(10**30)}"', []),
        (f'before: "{cursor(3)}"', FOUR[:2]),
        (f'before: "{cursor(3)}", last: 1', FOUR[1:2]),
        (f'before: "{cursor(10**30)}"', FOUR),
        (f'after: "{cursor(-5)}"', FOUR),
        (f'after: "{cursor(1)}", before: "{cursor(4)}"', FOUR[1:3]),
        (f'after: "{cursor(1)}", before: "{cursor(2)}"', []),
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


KEYS = (2, 3, 5, 8, 9, 12)
UNVERIFIED = (3, 9)
FILTERS = {"": KEYS, "status_Verified: false": UNVERIFIED, "isActive: false": ()}
lengths = st.none() | st.integers(0, len(KEYS) + 1)
places = st.none() | st.integers(KEYS[0] - 1, KEYS[-1] + 1)


@pytest.fixture
def six_users(make_user):
    """Make users with gaps between their keys, where others were."""
    for key in KEYS:
        make_user(f"user{key}", pk=key, verified=key not in UNVERIFIED)


@given(filters=st.sampled_from([*FILTERS]), first=lengths, last=lengths, after=places, before=places, offset=lengths)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_page_is_what_a_list_in_memory_would_give(six_users, query, filters, first, last, after, before, offset):
    """Follows the GraphQL Cursor Connections Specification; the page beyond a deleted cursor is not compared."""
    assume(offset is None or before is None)
    assume(after is None or before is None or after < before)
    rows = FILTERS[filters]
    behind = [key for key in rows if after is None or key > after]
    skipped, window = behind[: offset or 0], behind[offset or 0 :]
    window = [key for key in window if before is None or key < before]
    if first is None and last is not None:
        page = window[max(len(window) - last, 0) :]
        previous, following = len(window) > last, before in rows
    else:
        page = window if first is None else window[:first]
        previous, following = after in rows, len(page) < len(window)
        if offset:
            previous = len(skipped) == offset
        if last is not None:
            previous = len(page) > last
            page = page[max(len(page) - last, 0) :]

    given = {"first": first, "last": last, "offset": offset}
    arguments = [f"{name}: {value}" for name, value in given.items() if value is not None]
    arguments += [f'{name}: "{cursor(key)}"' for name, key in (("after", after), ("before", before)) if key is not None]
    asked = ", ".join([*arguments, *filter(None, [filters])])
    answer = query(
        f"{{ users{f'({asked})' if asked else ''} {{ edges {{ cursor node {{ pk verified }} }}"
        " pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } }"
    )["users"]

    assert [edge["node"]["pk"] for edge in answer["edges"]] == page
    assert [edge["cursor"] for edge in answer["edges"]] == [cursor(key) for key in page]
    assert answer["pageInfo"] == {
        "hasPreviousPage": previous,
        "hasNextPage": following,
        "startCursor": cursor(page[0]) if page else None,
        "endCursor": cursor(page[-1]) if page else None,
    }


def test_a_list_without_a_length_is_a_page_of_a_hundred(db, query):
    user = get_user_model()
    # % if cookiecutter.login_field == "username"
    user.objects.bulk_create(user(username=f"u{number}", email=f"u{number}@example.com") for number in range(101))
    # % else
    user.objects.bulk_create(user(email=f"u{number}@example.com") for number in range(101))
    # % endif

    answer = query("{ users { edges { node { pk } } pageInfo { hasNextPage } } }")["users"]

    assert len(answer["edges"]) == 100
    assert answer["pageInfo"]["hasNextPage"] is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("first: -1", "first: ask for 0 to 100 users."),
        ("first: 101", "first: ask for 0 to 100 users."),
        ("last: -1", "last: ask for 0 to 100 users."),
        ("last: 101", "last: ask for 0 to 100 users."),
        ("offset: -1", "offset: skip 0 users or more."),
        (f'offset: 0, before: "{cursor(2)}"', "offset: it cannot go with before."),
        (f'after: "{cursor(4)}", before: "{cursor(1)}"', "before: it must come later than after."),
        (f'after: "{cursor(2)}", before: "{cursor(2)}"', "before: it must come later than after."),
        ('after: "x"', "after: this is not a cursor of this list."),
        ('before: "x"', "before: this is not a cursor of this list."),
        (f'after: "{cursor("x")}"', "after: this is not a cursor of this list."),
        (f'after: "{cursor("None")}"', "after: this is not a cursor of this list."),
        (f'after: "{cursor("01")}"', "after: this is not a cursor of this list."),
        ('after: "é"', "after: this is not a cursor of this list."),
        (f'after: "{encoded("UserNode:1")}"', "after: this is not a cursor of this list."),
        (f'after: "{encoded("graphql_auth.session.pk:1")}"', "after: this is not a cursor of this list."),
        (f'after: "{encoded("arrayconnection:1")}"', "after: this is not a cursor of this list."),
        (f'after: "{cursor("9" * 5000)}"', "after: give at most 1000 characters."),
        (f'email: "{"a" * 1001}"', "email: give at most 1000 characters."),
        (f'status_SecondaryEmail: "{"a" * 1001}"', "status_SecondaryEmail: give at most 1000 characters."),
    ],
)
def test_an_invalid_page_is_a_bad_request(four_users, api, arguments, message):
    answer = api.post(f"{{ users({arguments}) {EMAILS} }}").json()

    assert answer["data"] == {"users": None}
    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        (message, {"code": "BAD_REQUEST"})
    ]


def test_users_come_in_the_order_of_their_keys_whatever_their_state(make_user, emails_of):
    for name, state in (("c", {"is_active": False}), ("a", {"archived": True}), ("b", {"verified": True})):
        make_user(name, **state)

    assert emails_of() == ["c@example.com", "a@example.com", "b@example.com"]


@pytest.mark.parametrize("field", sorted(schema.graphql_schema.type_map["UserNode"].fields))
def test_users_take_one_statement_whatever_is_selected(four_users, query, django_assert_num_queries, field):
    get_user_model().objects.get(pk=1).status.delete()

    with django_assert_num_queries(1):
        query(f"{{ users {{ edges {{ node {{ {field} }} }} }} }}")
    with django_assert_num_queries(1):
        query(f"query($id: ID!) {{ user(id: $id) {{ {field} }} }}", id=node_id(1))


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "(first: 2)",
        "(last: 2)",
        "(offset: 1)",
        "(offset: 1, last: 1)",
        f'(after: "{cursor(1)}", first: 2)',
        f'(before: "{cursor(4)}", last: 2)',
        '(email: "user2@email.com")',
        f'(isActive: true, status_Verified: true, after: "{cursor(1)}")',
    ],
)
def test_users_take_one_statement_whatever_is_asked(four_users, query, django_assert_num_queries, arguments):
    info = "pageInfo { hasPreviousPage hasNextPage startCursor endCursor }"

    with django_assert_num_queries(1):
        query(f"{{ users{arguments} {{ edges {{ cursor node {{ id email verified }} }} {info} }} }}")


@pytest.mark.parametrize(("field", "selects"), [("email", 1), ("verified", 2)])
def test_what_belongs_to_the_rows_of_a_page_is_read_for_those_alone(
    four_users, query, django_assert_num_queries, field, selects
):
    """Within the statement the rows are found first, so that nothing is joined to those before them."""
    with django_assert_num_queries(1) as statements:
        query(f'{{ users(after: "{cursor(2)}", first: 2) {{ edges {{ node {{ {field} }} }} }} }}')

    assert statements[0]["sql"].count("SELECT") == selects


def test_fields_in_fragments_are_read_with_the_rest(four_users, query, django_assert_num_queries):
    document = """
        { list: users { ...page edges { node { ... on Node { id } ...names } } } }
        fragment page on UserNodeConnection { edges { other: node { ... { archived } } } }
        fragment names on UserNode { firstName ...address }
        fragment address on UserNode { mail: email }
    """

    with django_assert_num_queries(1):
        edges = query(document)["list"]["edges"]

    assert edges[2] == {
        "node": {"id": node_id(3), "firstName": "", "mail": "user3@email.com"},
        "other": {"archived": True},
    }


@pytest.mark.parametrize("field", sorted(COLUMNS))
def test_a_row_answers_what_its_user_would(four_users, query, monkeypatch, field):
    get_user_model().objects.get(pk=1).status.delete()
    document = f"query($id: ID!) {{ users {{ edges {{ node {{ {field} }} }} }} user(id: $id) {{ {field} }} }}"
    rows = query(document, id=node_id(1))

    monkeypatch.delitem(COLUMNS, field)

    assert query(document, id=node_id(1)) == rows


def test_a_field_that_may_take_anything_takes_no_more_statements(
    four_users, query, django_assert_num_queries, monkeypatch
):
    """A custom field with its own resolver is not in the list."""
    monkeypatch.delitem(COLUMNS, "email")
    monkeypatch.delitem(COLUMNS, "verified")

    with django_assert_num_queries(1):
        query("{ users { edges { node { id email verified } } } }")


def test_nothing_is_read_that_is_not_answered(four_users, query, django_assert_num_queries):
    with django_assert_num_queries(1) as statements:
        query("{ users { edges { node { id email } } } }")

    assert "password" not in statements[0]["sql"]
    assert UserStatus._meta.db_table not in statements[0]["sql"]


def test_me_takes_one_statement(query, verified, django_assert_num_queries):
    token = sessions.start(verified).token

    with django_assert_num_queries(1):
        query("{ me { id email verified archived secondaryEmail dateJoined } }", login=token)


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


@pytest.mark.parametrize("pk", [0, -1, 5, 10**30, -(10**30)])
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
OF_STATUS = [*STATUS_FIELDS, "status_Verified: true", "status_Archived: false", 'status_SecondaryEmail: "a@b.example"']


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
            api.post(f'{{ user(id: "{node_id(other.pk)}") {{ lastLogin }} }}', login=clerk),
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
        assert codes(api.post(document, login=clerk)) == ([] if held or readers != "staff" else ["FORBIDDEN"])
    assert codes(api.post("{ me { verified archived secondaryEmail } }", login=clerk)) == []


@pytest.mark.parametrize("readers", ["public", "authenticated", "staff"])
def test_users_may_query_themselves(query, configure, unverified, readers):
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
