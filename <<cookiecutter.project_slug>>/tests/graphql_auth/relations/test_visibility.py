"""Who sees a user at the end of a path."""

import json

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql import GraphQLNonNull

from endpoint.pagination import cursor_of
from graphql_auth import sessions
from tests.graphql_auth.relations.helpers import (
    ASKING,
    EMAIL,
    PAGE,
    PATHS,
    REQUIRED,
    USER,
    Note,
    schema,
    statements,
    victim,
)


@pytest.mark.parametrize("who", ASKING)
@pytest.mark.parametrize("path", PATHS)
def test_whatever_leads_to_a_user_shows_those_whom_the_client_may_see(ask, people, path, who):
    answer = ask(PATHS[path], people.get(who))

    assert "errors" not in answer
    assert (EMAIL in json.dumps(answer)) is ASKING[who]


@pytest.mark.parametrize("who", [name for name, sees in ASKING.items() if not sees])
@pytest.mark.parametrize("path", [path for path, document in PATHS.items() if path not in REQUIRED])
def test_a_hidden_user_looks_like_one_who_is_not_there(ask, people, path, who):
    """The answer is the same, and so are the statements, but for the one look at the permissions of staff."""
    asking = people.get(who)
    with CaptureQueriesContext(connection) as hidden:
        answer = ask(PATHS[path], asking)
    Note.objects.update(owner=people["superuser"], editor=None, named=None, reviewer=None)
    people["victim"].delete()
    with CaptureQueriesContext(connection) as missing:
        assert ask(PATHS[path], asking) == answer

    assert statements(hidden) == statements(missing)


@pytest.mark.parametrize("who", ASKING)
def test_users_whom_a_setting_shows_to_all_are_shown_on_every_path(ask, configure, people, who):
    configure(USERS_QUERY="public")

    for document in PATHS.values():
        assert EMAIL in json.dumps(ask(document, people.get(who)))


@pytest.mark.parametrize("relation", ["owner", "editor", "named", "lost", "reviewer"])
def test_a_relation_to_a_user_can_be_null(relation):
    fields = schema.graphql_schema.type_map["NoteNode"].fields

    assert Note._meta.get_field("owner").null is False
    assert not isinstance(fields[relation].type, GraphQLNonNull)


@pytest.mark.parametrize("who", ASKING)
def test_a_key_that_leads_nowhere_is_nobody(ask, people, who):
    Note.objects.update(lost_id=10**6)

    assert ask("note { lost { email } }", people.get(who)) == {"data": {"note": {"lost": None}}}


@pytest.mark.parametrize("who", ASKING)
def test_status_is_shown_on_a_path_to_those_who_see_it(ask, people, who):
    """B12: as `user` shows it."""
    if who == "viewer":
        assert ask("note { owner { email verified } }", people[who]) == {"data": {"note": {"owner": None}}}
        people[who].user_permissions.add(Permission.objects.get(codename="view_userstatus"))

    for document in ("note { owner { verified } }", "note { readers(status_Verified: false) { edges { cursor } } }"):
        shown = ask(document, people.get(who))["data"]["note"]
        assert shown in (
            [{"owner": {"verified": False}}, {"readers": {"edges": [{"cursor": cursor_of(USER, victim().pk)}]}}]
            if ASKING[who]
            else [{"owner": None}, {"readers": {"edges": []}}]
        )


def test_a_filter_of_a_relation_is_no_oracle_for_the_status(ask, people):
    document = "filtered(status_Verified: false) { edges { cursor } pageInfo { hasNextPage } }"

    assert len(ask(document, people["viewer"])["data"]["filtered"]["edges"]) == 1
    assert len(ask(document, people["superuser"])["data"]["filtered"]["edges"]) == len(people)


@pytest.mark.parametrize("who", ["nobody", "stranger", "victim", "superuser"])
def test_a_relation_costs_no_statement_more(ask, django_assert_num_queries, people, who):
    for _ in range(3):
        Note.objects.create(owner=people["victim"])
    sees, asking = ASKING[who], people.get(who)
    token = sessions.start(asking).token if asking else None
    for document, count in {
        "notes { owner { email } }": 1,
        "notes { id }": 1,
        "note { owner { email } }": 2 if sees else 1,
        f"note {{ readers {{ {PAGE} }} }}": 1 if who == "nobody" else 2,
    }.items():
        with django_assert_num_queries(count + (asking is not None)):
            answer = json.dumps(ask(document, token))
        assert (EMAIL in answer) is (sees and "email" in document)


def test_outside_of_the_endpoint_a_hidden_user_is_an_error(people, rf):
    """Whatever executes the schema, it shows nobody."""
    request = rf.post("/")
    request.user = people["stranger"]

    result = schema.execute("{ note { author { email } } }", context_value=request)

    assert result.data == {"note": {"author": None}}
    assert [str(error.original_error) for error in result.errors] == ["You may not see this."]


def test_a_schema_without_a_request_shows_nobody(people):
    assert schema.execute("{ note { owner { email } } }").data == {"note": {"owner": None}}


def test_who_logs_in_is_shown_to_themselves(mutate, configure, people):
    configure(USERS_QUERY="staff")

    assert mutate("tokenAuth", email=EMAIL, password="correct-horse-battery")["user"]["email"] == EMAIL
