"""Filters of `users`."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from graphql_auth.addresses import owner_of
from graphql_auth.models import UserStatus
from tests.conftest import key
from tests.graphql_auth.users.helpers import FOUR, NUMBERS_ARE_KEYS, node_id

ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="it is PostgreSQL that does so")


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
    make_user("new_user", pk=key(5))

    answer = query(
        "query { users (last: 1){ edges { node { id, email, isActive, archived, verified, secondaryEmail } } } }"
    )

    assert answer["users"]["edges"] == [
        {
            "node": {
                "id": node_id(5),
                "email": "new_user@example.com",
                "isActive": True,
                "archived": False,
                "verified": False,
                "secondaryEmail": None,
            }
        }
    ]


def test_the_quickstart_asks_for_one_user(four_users, make_user, query):
    make_user("new_user", pk=key(5), verified=True)

    answer = query(f'query {{ user (id: "{node_id(5)}"){{ email, verified }} }}')

    assert answer == {"user": {"email": "new_user@example.com", "verified": True}}


def test_the_quickstart_filters_by_status(four_users, query):
    answer = query("query { users(status_Archived: true){ edges { node { email, archived, } } } }")

    assert answer["users"]["edges"] == [{"node": {"email": "user3@email.com", "archived": True}}]


def test_the_quickstart_queries_me(verified, query):
    answer = query("query { me { email, verified } }", login=verified)

    assert answer == {"me": {"email": verified.email, "verified": True}}


@pytest.mark.skipif(not NUMBERS_ARE_KEYS, reason="the users of this project have other keys")
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
    answer = api.post(f'{{ users(username_Icontains: "{part}") {{ edges {{ node {{ email }} }} }} }}').json()

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
