"""The settings and their defaults."""

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from graphql_auth.conf import DEVELOPMENT, SETTINGS, auth_settings
from tests.graphql_auth.settings.helpers import BY_DEBUG, SCOPES


def test_each_scope_of_limits_has_a_default(plain):
    assert list(auth_settings.RATE_LIMITS) == SCOPES
    assert all(auth_settings.RATE_LIMITS.values())


def test_the_prefix_of_the_counts_is_the_name_of_the_site(plain):
    assert auth_settings.RATE_LIMIT_PREFIX == project.SITE_NAME


def test_some_defaults_depend_on_debug(plain):
    assert {name: getattr(auth_settings, name) for name in BY_DEBUG[True]} == BY_DEBUG[DEVELOPMENT]


def test_each_setting_says_what_it_means():
    assert [name for name, setting in SETTINGS.items() if not setting.meaning.endswith(".")] == []


def test_a_setting_is_read_when_it_is_used(configure):
    configure(USERS_QUERY="staff")
    assert auth_settings.USERS_QUERY == "staff"

    configure(USERS_QUERY="public")
    assert auth_settings.USERS_QUERY == "public"


@pytest.mark.parametrize("given", [{"EMAIL_FROM": 1}, {"EMAIL_FROM": True}, None, ["EMAIL_FROM"]])
def test_a_setting_of_a_wrong_type_is_not_used(given):
    """B07: it counted as not given, so that 0 was True where that is the default."""
    with override_settings(GRAPHQL_AUTH=given), pytest.raises(ImproperlyConfigured, match="GRAPHQL_AUTH"):
        _ = auth_settings.EMAIL_FROM
