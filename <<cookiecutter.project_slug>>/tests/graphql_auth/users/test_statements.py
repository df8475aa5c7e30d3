"""The statements that `users` and `me` take."""

import pytest
from django.contrib.auth import get_user_model

from config.schema import schema
from graphql_auth import sessions
from graphql_auth.api.users.node import COLUMNS
from graphql_auth.models import UserStatus
from tests.conftest import key
from tests.graphql_auth.users.helpers import cursor, node_id


@pytest.mark.parametrize("field", sorted(schema.graphql_schema.type_map["UserNode"].fields))
def test_users_take_one_statement_whatever_is_selected(four_users, query, django_assert_num_queries, field):
    get_user_model().objects.get(pk=key(1)).status.delete()

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
    get_user_model().objects.get(pk=key(1)).status.delete()
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
