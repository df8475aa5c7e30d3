"""What is shown of a column can be sent back; each lookup of it filters, and refuses what cannot be of it."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from graphene.utils.str_converters import to_camel_case
from graphql import get_named_type, is_list_type
from own_columns import FILTERS, KINDS, NAMES

from config.schema import schema
from tests.api import mutation
from tests.graphql_auth.settings.helpers import complaints

pytestmark = pytest.mark.filterwarnings("ignore:The default scheme")
VALUES = {
    "big": [-(2**63), 2**63 - 1, 0],
    "flag": [True, False, None],
    "box": [True, False],
    "char": ["", "é 🎉", "a" * 50, " \ta \n"],
    "nick": ["ada", None, " "],
    "role": ["seller", "b-uyer", "1", ""],
    "level": [1, 2, None],
    "day": [date(2026, 2, 28), date.min, date.max],
    "moment": [datetime(2026, 2, 28, 1, 2, 3, 456789, UTC), datetime(1900, 1, 1, tzinfo=UTC)],
    "price": [Decimal("1.5"), Decimal("-123456789012345678.000000000001"), Decimal(0)],
    "worked": [timedelta(days=3, hours=4, microseconds=5), timedelta(days=-1), timedelta(0)],
    "mail": ["ada@example.com", ""],
    "path": ["config/env.py"],
    "ratio": [1.5, -1e300, 1e-300, 0.1 + 0.2],
    "ip": ["127.0.0.1", "2001:db8::1"],
    "count": [-(2**31), 2**31 - 1],
    "extra": [{"a": [1, None]}, {}, [], "text", 1.5, True, 0, ""],
    "big_size": [2**63 - 1, 0],
    "size": [2**31 - 1, 0],
    "small_size": [32767, 0],
    "slug": ["a-b_c", ""],
    "small": [-32768, 32767],
    "text": ["two\nlines", "", " ", "\n a\r\n"],
    "time": [time(1, 2, 3, 456789), time.min],
    "token_id": [UUID(int=5)],
} | {name: ["ada", ""] for name in NAMES}
PAIRS = [(name, value) for name, values in VALUES.items() for value in values]
ODD = {
    "Int": [2**31 - 1, -(2**31), 0],
    "BigInt": [2**63, 2**70, -(2**64)],
    "String": ["\ud800", "x" * 900, "%", "999.999.1.1"],
    "ID": ["", "nonsense", "VXNlck5vZGU6", "VXNlck5vZGU6OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "-1", "Z3JvdXA6MQ=="],
    "Date": ["0001-01-01", "9999-12-31"],
    "DateTime": ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00"],
    "Time": ["23:59:59.999999"],
    "Decimal": ["NaN", "Infinity", "1e400", "1e-400", "9" * 60],
    # Texts that Python reads as numbers.
    "Float": [1.7976931348623157e308, 5e-324, "inf", "-Infinity", "nan", "1e999"],
    "Duration": ["999999999 00:00:00", "-999999999 00:00:00", "P999999999D"],
    "UUID": ["00000000-0000-0000-0000-000000000000"],
    "Boolean": [True, False],
}
LOOKUPS = [(name, lookup) for name, lookups in FILTERS.items() for lookup in lookups]


@pytest.fixture
def make_user(make_user):
    """Return `make_user(name, ..., **columns)`; a column may have the name of an argument of that function."""

    def make(title, *, verified=False, **columns):
        user = make_user(title, verified=verified)
        for name, value in columns.items():
            setattr(user, name, value)
        user.save()
        return user

    return make


def shown(query, login, name):
    field = to_camel_case(name)
    return query(f"{{ me {{ {field} }} }}", login=login)["me"][field]


@pytest.mark.parametrize(("name", "value"), PAIRS)
def test_what_is_shown_can_be_sent_back(mutate, query, make_user, new_account, name, value):
    giver = make_user("giver", verified=True, **{name: value})
    taker = make_user("taker", verified=True)
    giver.refresh_from_db()

    seen = shown(query, giver, name)
    answer = mutate("updateAccount", login=taker, **{name: seen})

    taker.refresh_from_db()
    if answer["errors"]:
        assert seen is None, answer
    else:
        assert getattr(taker, name) == getattr(giver, name)
        assert shown(query, taker, name) == seen
        edges = query(f"{{ users {{ edges {{ node {{ {to_camel_case(name)} }} }} }} }}")["users"]["edges"]
        assert [edge["node"][to_camel_case(name)] for edge in edges] == [seen, seen]
    assert mutate("register", **new_account, **{name: seen})["errors"] is None
    assert getattr(get_user_model().objects.get(email=new_account["email"]), name) == getattr(giver, name)


def test_a_foreign_key_is_shown_and_taken_back(mutate, query, make_user, new_account):
    group = Group.objects.create(name="sellers")
    giver = make_user("giver", verified=True, group=group)
    giver.mentor = giver
    giver.save()
    taker = make_user("taker", verified=True)

    seen = query("{ me { group mentor { id } } }", login=giver)["me"]
    given = {"group": seen["group"], "mentor": seen["mentor"]["id"]}

    assert mutate("updateAccount", login=taker, **given)["errors"] is None
    assert query("{ me { group mentor { id } } }", login=taker)["me"] == seen
    assert mutate("updateAccount", login=taker, group=None)["errors"] is None
    assert query("{ me { group } }", login=taker)["me"] == {"group": None}
    assert mutate("register", **new_account, group=seen["group"])["errors"] is None
    assert get_user_model().objects.get(email=new_account["email"]).group == group
    for wrong in ("nonsense", "99", given["mentor"]):
        assert [*mutate("updateAccount", login=taker, group=wrong)["errors"]] == ["group"]


@pytest.mark.parametrize("name", KINDS)
def test_null_changes_a_column_or_is_refused_at_it(mutate, make_user, name):
    user = make_user("ada", verified=True, **{name: VALUES[name][0]} if name in VALUES else {})

    errors = mutate("updateAccount", login=user, **{name: None})["errors"]

    user.refresh_from_db()
    assert getattr(user, name) in (None, "") if errors is None else [*errors] == [to_camel_case(name)]


def argument_of(name, lookup):
    argument = to_camel_case(name if lookup == "exact" else f"{name}__{lookup}")
    return argument, schema.graphql_schema.query_type.fields["users"].args[argument].type


def ask(api, argument, kind, value):
    document = f"query($value: {kind}) {{ users({argument}: $value) {{ edges {{ node {{ id }} }} }} }}"
    return api.post(document, {"value": value}).json()


@pytest.mark.parametrize(("name", "lookup"), [(name, lookup) for name, lookup in LOOKUPS if name != "group"])
def test_each_lookup_takes_what_is_shown_and_filters(api, make_user, name, lookup):
    values = [value for value in VALUES.get(name, []) if value not in (None, "")]
    user = make_user("ada", **{name: values[0]} if values else {})
    make_user("bob")
    argument, kind = argument_of(name, lookup)
    if lookup == "isnull":
        given = False
    elif get_named_type(kind).name == "Int" and name in ("day", "moment", "time"):
        path = lookup.removesuffix("__gte").removesuffix("__in")
        given = get_user_model().objects.filter(pk=user.pk).values_list(f"{name}__{path}", flat=True)[0]
    else:
        own = "{ node { " + (to_camel_case(name) if name != "id" else "id") + " } }"
        seen = api.query(f"{{ users {{ edges {own} }} }}")["users"]["edges"][0]["node"]
        given = seen[to_camel_case(name)]
        if lookup == "date" or lookup == "date__range":
            given = given[:10]
        elif lookup == "time":
            given = given[11:26]
        if lookup in ("contains", "icontains", "startswith", "istartswith"):
            given = given[:3]
    if is_list_type(kind):
        given = [given, given] if "range" in lookup else [given]

    answer = ask(api, argument, kind, given)

    if lookup.endswith("contains") and connection.vendor == "postgresql" and not re.search(r"[^\W_]{3}", given):
        assert "three letters or digits" in answer["errors"][0]["message"]
        return
    assert "errors" not in answer, answer
    found = [edge["node"]["id"] for edge in answer["data"]["users"]["edges"]]
    if lookup not in ("gt", "lt", "isnull"):
        assert api.query("{ users(first: 1) { edges { node { id } } } }")["users"]["edges"][0]["node"]["id"] in found
    if lookup == "exact" and name not in ("box",):
        assert len(found) == 1


def test_a_foreign_key_filters_by_what_is_shown(api, query, make_user):
    group = Group.objects.create(name="sellers")
    emails = [make_user("ada", group=group).email, make_user("bob").email]
    key = query("{ users { edges { node { group } } } }")["users"]["edges"][0]["node"]["group"]

    for lookup, value, found in (
        ("exact", key, emails[:1]),
        ("in", [key, "99"], emails[:1]),
        ("in", [], []),
        ("isnull", True, emails[1:]),
        ("isnull", False, emails[:1]),
    ):
        argument, kind = argument_of("group", lookup)
        document = f"query($value: {kind}) {{ users({argument}: $value) {{ edges {{ node {{ email }} }} }} }}"
        edges = query(document, value=value)["users"]["edges"]
        assert [edge["node"]["email"] for edge in edges] == found


@pytest.mark.parametrize("path", ["group__name", "group__permissions", "mentor", "mentor__email", "groups"])
def test_check_names_a_filter_that_leads_to_another_model(configure, path):
    configure(USER_NODE_FILTER_FIELDS={path: ["exact"]})

    assert any(path in complaint.msg for complaint in complaints())


def test_null_and_no_value_differ_at_the_registration_of_a_column_with_a_default(mutate, new_account):
    assert mutate("register", **new_account, nick=None, char=None)["errors"] is None
    other = {"email": "other@example.com"} | ({"username": "other"} if "username" in new_account else {})
    assert mutate("register", **{**new_account, **other})["errors"] is None

    users = get_user_model().objects
    assert (users.get(email=new_account["email"]).nick, users.get(email="other@example.com").nick) == (None, "nick")


@pytest.mark.parametrize(("name", "lookup"), LOOKUPS)
def test_a_value_that_cannot_be_of_a_column_is_a_fault_of_the_client(api, make_user, name, lookup):
    make_user("ada")
    argument, kind = argument_of(name, lookup)
    for odd in ODD[get_named_type(kind).name]:
        for value in ([odd], [odd, odd], [None], [], [odd] * 3) if is_list_type(kind) else (odd,):
            answer = ask(api, argument, kind, value)
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            assert codes <= {"BAD_REQUEST"}, (value, answer)


def test_the_shape_of_arguments():
    given = {f"{name}__{lookup}": str(argument_of(name, lookup)[1]) for name, lookup in LOOKUPS}
    assert given["id__in"] == "[ID]"
    assert given["moment__year"] == "Int"
    assert given["worked__gte"] == "Duration"
    assert given["moment__date__range"] == "[Date]"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_works_in_every_argument(name):
    assert mutation("updateAccount", {to_camel_case(name): "x"})[0]


def test_json_is_shown_as_text(query, make_user):
    assert json.loads(shown(query, make_user("ada", extra={"a": 1}), "extra")) == {"a": 1}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has arrays")
def test_an_array_is_shown_and_check_names_it_elsewhere(query, make_user, configure):
    user = make_user("ada", tags=["a", " b"], grid=[[1, 2], [3, 4]])

    assert query("{ me { tags grid } }", login=user) == {"me": {"tags": ["a", " b"], "grid": [[1, 2], [3, 4]]}}
    assert query("{ users { edges { node { tags } } } }")["users"]["edges"] == [{"node": {"tags": ["a", " b"]}}]
    for setting in ("REGISTER_MUTATION_FIELDS_OPTIONAL", "UPDATE_MUTATION_FIELDS"):
        configure(**{setting: {"tags": "String"}})
        assert [complaint.id for complaint in complaints() if "'tags'" in complaint.msg] == ["graphql_auth.E019"]
        configure(**{setting: {}})
    for lookup in ("exact", "contains", "len", "0", "overlap"):
        configure(USER_NODE_FILTER_FIELDS={"tags": [lookup]})
        assert [complaint.id for complaint in complaints() if "'tags'" in complaint.msg] == ["graphql_auth.E037"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has ranges")
def test_check_names_a_range(query, make_user):
    user = make_user("ada", stay=(date(2026, 1, 1), date(2026, 2, 1)))

    assert query("{ me { id } users { edges { node { id } } } }", login=user)["me"]
    assert "stay" not in schema.graphql_schema.type_map["UserNode"].fields
    assert [complaint.id for complaint in complaints() if "'stay'" in complaint.msg] == ["graphql_auth.W039"]
