"""Pages of `users`."""

import pytest
from django.contrib.auth import get_user_model
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from config.schema import schema
from tests.api import misfit_of
from tests.conftest import key
from tests.graphql_auth.users.helpers import EMAILS, FOUR, NUMBERS_ARE_KEYS, cursor, encoded


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
        *([(f'after: "{cursor(-5)}"', FOUR)] if NUMBERS_ARE_KEYS else []),
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
    for number in KEYS:
        make_user(f"user{number}", pk=key(number), verified=number not in UNVERIFIED)


@given(filters=st.sampled_from([*FILTERS]), first=lengths, last=lengths, after=places, before=places, offset=lengths)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_page_is_what_a_list_in_memory_would_give(six_users, query, filters, first, last, after, before, offset):
    """Follows the GraphQL Cursor Connections Specification; the page beyond a deleted cursor is not compared."""
    assume(offset is None or before is None)
    assume(after is None or before is None or after < before)
    rows = FILTERS[filters]
    behind = [number for number in rows if after is None or number > after]
    skipped, window = behind[: offset or 0], behind[offset or 0 :]
    window = [number for number in window if before is None or number < before]
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
    cursors = {"after": after, "before": before}
    arguments += [f'{name}: "{cursor(number)}"' for name, number in cursors.items() if number is not None]
    asked = ", ".join([*arguments, *filter(None, [filters])])
    answer = query(
        f"{{ users{f'({asked})' if asked else ''} {{ edges {{ cursor node {{ pk verified }} }}"
        " pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } }"
    )["users"]

    assert [str(edge["node"]["pk"]) for edge in answer["edges"]] == [str(key(number)) for number in page]
    assert [edge["cursor"] for edge in answer["edges"]] == [cursor(number) for number in page]
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
    document = f"{{ users({arguments}) {EMAILS} }}"
    if misfit := misfit_of(schema, document, {}):
        pytest.skip(f"In this project: {misfit}")

    answer = api.post(document).json()

    assert answer["data"] == {"users": None}
    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        (message, {"code": "BAD_REQUEST"})
    ]


def test_users_come_in_the_order_of_their_keys_whatever_their_state(make_user, emails_of):
    states = {"c": {"is_active": False}, "a": {"archived": True}, "b": {"verified": True}}
    for number, (name, state) in enumerate(states.items(), 1):
        make_user(name, pk=key(number), **state)

    assert emails_of() == ["c@example.com", "a@example.com", "b@example.com"]
