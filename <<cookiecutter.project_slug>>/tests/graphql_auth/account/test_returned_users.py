"""The mutations that change a user return it as it is then, so that the cache of a client sees the change."""

import pytest
from graphene.utils.str_converters import to_camel_case
from graphql import get_named_type, is_leaf_type

from config.schema import schema
from graphql_auth import sessions, tokens
from tests.api import mutation
from tests.conftest import PASSWORD
from tests.graphql_auth.account.helpers import stored

FIELDS = [
    name
    for name, field in schema.graphql_schema.type_map["UserNode"].fields.items()
    if is_leaf_type(get_named_type(field.type))
]
CHANGES = {
    "updateAccount": {"first_name": "Leia", "last_name": "Organa"},
    "swapEmails": {"password": PASSWORD},
    "removeSecondaryEmail": {"password": PASSWORD},
    "verifySecondaryEmail": {"token": None},
    "archiveAccount": {"password": PASSWORD},
}


@pytest.fixture
def change(api, with_secondary):
    """Return a function that calls a mutation, and returns the user in its payload with all values."""

    def change(name, login, **changes):
        arguments = CHANGES[name] | changes
        if "token" in arguments:
            arguments["token"] = tokens.make(tokens.SECONDARY_EMAIL, with_secondary, email="third@example.com")
        document, variables = mutation(name, {to_camel_case(key): value for key, value in arguments.items()})
        document = document.replace("user { id email }", f"user {{ {' '.join(FIELDS)} }}")
        return api.query(document, login, **variables)[name]["user"]

    return change


def test_these_mutations_return_a_user():
    mutations = schema.graphql_schema.mutation_type.fields
    returning = {name for name, field in mutations.items() if "user" in get_named_type(field.type).fields}

    assert returning == {*CHANGES, "tokenAuth"} & mutations.keys()


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("readers", ["public", "staff"])
def test_the_user_is_returned_as_it_is_now(change, query, with_secondary, staff, configure, readers, name):
    configure(USERS_QUERY=readers)
    document = f"query($id: ID!) {{ user(id: $id) {{ {' '.join(FIELDS)} }} }}"
    before = query("{ me { id email firstName archived secondaryEmail } }", login=with_secondary)["me"]

    returned = change(name, with_secondary)

    assert returned == query(document, login=staff, id=before["id"])["user"]
    assert before != {field: returned[field] for field in before}


@pytest.mark.parametrize("name", CHANGES)
def test_a_refused_change_returns_no_user(change, with_secondary, name):
    token = sessions.start(with_secondary).token
    with_secondary.status.change(verified=False, secondary_email=None)
    sessions.end_all(with_secondary)

    assert change(name, None if name == "verifySecondaryEmail" else token) is None


@pytest.mark.parametrize("asking", [None, "verified"])
def test_a_verified_address_returns_its_user_only_to_the_owner(change, request, with_secondary, asking):
    login = request.getfixturevalue(asking) if asking else None

    assert change("verifySecondaryEmail", login) is None
    assert stored(with_secondary).status.secondary_email == "third@example.com"
