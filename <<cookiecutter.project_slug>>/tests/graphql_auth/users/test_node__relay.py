"""`node` finds users by the rule of `user`."""

import pytest
from django.contrib.auth.models import Permission

from tests.graphql_auth.users.helpers import encoded, node_id

SHOWN = "__typename ... on UserNode { email alias: verified }"


def find(api, field, pk, login, shown=SHOWN):
    """Return what a field answers, with `node` written as `user`."""
    document = f"query($id: ID!) {{ found: {field}(id: $id) {{ {shown} }} }}"
    answer = api.post(document, {"id": node_id(pk)}, login).json()
    return answer["data"], [(error["message"], error["extensions"]) for error in answer.get("errors", ())]


@pytest.mark.parametrize("readers", ["public", "authenticated", "staff"])
@pytest.mark.parametrize("asking", [None, "unverified", "archived", "staff", "clerk"])
@pytest.mark.parametrize("asked", ["oneself", "another", "nobody"])
def test_node_shows_a_user_to_those_to_whom_user_does(api, configure, make_user, request, readers, asking, asked):
    configure(USERS_QUERY=readers)
    if asking == "clerk":
        login = make_user("clerk", is_staff=True)
        login.user_permissions.set(Permission.objects.filter(codename="view_customuser"))
    else:
        login = request.getfixturevalue(asking) if asking else None
    keys = {"oneself": login and login.pk, "another": make_user("other").pk, "nobody": 10**6}

    for shown in (SHOWN, "id", "... on UserNode { email }"):
        assert find(api, "node", keys[asked], login, shown) == find(api, "user", keys[asked], login, shown)


def test_node_finds_a_user(api, verified):
    data, errors = find(api, "node", verified.pk, None)

    assert data == {"found": {"__typename": "UserNode", "email": verified.email, "alias": True}}
    assert errors == []


@pytest.mark.parametrize(
    "odd",
    [
        *("", "1", "%", "é", "UserNode:1"),
        *(node_id(key) for key in ("", "one", "1.5", "9" * 5000)),
        *(encoded(f"{kind}:1") for kind in ("usernode", "UserStatus", "Query", "Node", "PageInfo", "String", "ID", "")),
        *(encoded(f"{kind}:1") for kind in ("UserNodeConnection", "UserNodeEdge", "RegisterInput", "__Type", "users")),
    ],
)
def test_the_id_of_no_node_is_a_bad_request(api, verified, odd):
    answer = api.post("query($id: ID!) { node(id: $id) { id } }", {"id": odd}).json()

    assert answer["data"] == {"node": None}
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "BAD_REQUEST"}]
