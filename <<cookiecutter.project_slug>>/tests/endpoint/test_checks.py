"""GRAPHQL_ENDPOINT: its defaults, and what `manage.py check` says about it."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from endpoint import checks
from endpoint.conf import DEVELOPMENT, EndpointSettings, endpoint_settings

DEFAULTS = {
    "AUTHENTICATE": None,
    "IS_CREDENTIAL": None,
    "FORMAT_ERROR": None,
    "FINISH_RESPONSE": None,
    "GRAPHIQL_TABS": None,
    "GRAPHIQL_LINKS": None,
    "GRAPHIQL": DEVELOPMENT,
    "INTROSPECTION": DEVELOPMENT,
    "MAX_BODY_BYTES": 64 * 1024,
    "MAX_TOKENS": 1000,
    "MAX_DEPTH": 10,
    "MAX_FIELDS": 500,
    "MAX_ROOT_FIELDS": 10,
    "MAX_ALIASES": 15,
}


def complaints(deploy=False):
    found = run_checks(tags=["security"], include_deployment_checks=deploy)
    return [message for message in found if message.id.startswith("endpoint.")]


def test_the_defaults_are_as_documented(settings):
    settings.GRAPHQL_ENDPOINT = {}

    assert {name: getattr(endpoint_settings, name) for name in EndpointSettings.declared()} == DEFAULTS
    assert complaints() == []


def test_a_setting_is_read_when_it_is_used(configure_endpoint):
    for depth in (3, 4):
        configure_endpoint(MAX_DEPTH=depth)
        assert depth == endpoint_settings.MAX_DEPTH


def test_each_setting_says_what_it_means():
    assert [name for name, declared in EndpointSettings.declared().items() if not declared.meaning.endswith(".")] == []


@pytest.mark.parametrize(
    ("values", "code", "message", "hint"),
    [
        ({"MAX_DEPHT": 1}, "E001", "GRAPHQL_ENDPOINT has an unknown key: MAX_DEPHT.", "Did you mean MAX_DEPTH?"),
        ({"SOMETHING": 1}, "E001", "GRAPHQL_ENDPOINT has an unknown key: SOMETHING.", "Remove it."),
        ({"MAX_DEPTH": "deep"}, "E002", "['MAX_DEPTH'] is a str.", "The default is 10."),
        ({"MAX_DEPTH": 0}, "E002", "['MAX_DEPTH'] is 0.", "Make it more than 0."),
        ({"GRAPHIQL": "yes"}, "E002", "['GRAPHIQL'] is a str.", "Browsers get GraphiQL"),
        ({"AUTHENTICATE": 1}, "E002", "['AUTHENTICATE'] is a int.", "The default is None."),
        ({"AUTHENTICATE": "no.where"}, "E003", "['AUTHENTICATE'] names 'no.where'", "Name a function"),
        ({"FINISH_RESPONSE": "endpoint.conf.nothing"}, "E003", "['FINISH_RESPONSE'] names", "Takes the request"),
        ({"FORMAT_ERROR": "endpoint.checks.MIDDLEWARE"}, "E003", "['FORMAT_ERROR'] names", "Name a function"),
    ],
)
def test_an_invalid_setting_is_reported_with_its_fix(configure_endpoint, values, code, message, hint):
    configure_endpoint(**values)

    (found,) = complaints()

    assert found.id == f"endpoint.{code}"
    assert message in found.msg
    assert hint in found.hint


@pytest.mark.parametrize("given", [None, ["MAX_DEPTH"], "MAX_DEPTH"])
def test_settings_that_are_not_a_mapping_are_reported(settings, given):
    settings.GRAPHQL_ENDPOINT = given

    (found,) = complaints()

    assert found.id == "endpoint.E002"
    assert "GRAPHQL_ENDPOINT = {...}" in found.hint
    with pytest.raises(ImproperlyConfigured, match="Write GRAPHQL_ENDPOINT"):
        _ = endpoint_settings.MAX_DEPTH


def test_missing_middleware_is_reported(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != checks.MIDDLEWARE]

    (found,) = complaints()

    assert found.id == "endpoint.W004"
    assert f"Add {checks.MIDDLEWARE!r} to MIDDLEWARE" in found.hint


@pytest.mark.parametrize("values", [{"MAX_DEPTH": "deep"}, {"MAX_DEPTH": True}, {"GRAPHIQL": 0}, {"MAX_TOKENS": -1}])
def test_a_value_of_a_wrong_type_or_size_stops_the_start(configure_endpoint, values):
    configure_endpoint(**values)

    (name,) = values
    with pytest.raises(ImproperlyConfigured, match=rf"GRAPHQL_ENDPOINT\['{name}'\]"):
        apps.get_app_config("endpoint").ready()


@pytest.mark.parametrize("switch", ["GRAPHIQL", "INTROSPECTION"])
def test_development_switches_are_reported_in_production(configure_endpoint, switch):
    configure_endpoint(GRAPHIQL=False, INTROSPECTION=False)
    assert complaints(deploy=True) == []

    configure_endpoint(**{switch: True})

    (found,) = complaints(deploy=True)
    assert found.id == "endpoint.W005"
    assert f"Set {switch} to False" in found.hint


def test_each_check_is_listed_in_one_place():
    source = Path(checks.__file__).read_text()
    given = {*re.findall(r'id="(endpoint\.\w+)"', source)} | {"endpoint.E001", "endpoint.E002"}

    assert given == {*re.findall(r"^endpoint\.\w+", checks.__doc__, re.MULTILINE)}
