"""Fixtures of the tests of staff."""

import pytest
from django.template.response import TemplateResponse
from django.test import Client

from tests.graphql_auth.staff.helpers import BACKEND, permission


@pytest.fixture(autouse=True)
def plain_http(settings):
    """Answer http, as behind a proxy."""
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def unrendered(monkeypatch):
    """Answer with empty pages, where only what is stored counts: rendering takes most of the time."""
    monkeypatch.setattr(TemplateResponse, "rendered_content", "")


@pytest.fixture
def desk_of(make_user):
    """Return `desk_of(*permissions)`, which returns a client of the admin, logged in as staff who has just these."""

    def desk_of(*permissions):
        clerk = make_user("clerk", verified=True, is_staff=True)
        clerk.user_permissions.set(map(permission, permissions))
        desk = Client()
        desk.force_login(clerk, BACKEND)
        desk.clerk = clerk
        return desk

    return desk_of
