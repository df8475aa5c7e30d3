"""Fixtures of the tests of the admin."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD, filled_in
from tests.graphql_auth.admin.helpers import page


@pytest.fixture
def visit(settings):
    """Return a function that logs in at the admin and returns the client, and the page that it comes to."""
    settings.SECURE_SSL_REDIRECT = False

    def visit(user, password=PASSWORD):
        client = Client()
        form = {"username": user.get_username(), "password": password, "next": reverse("admin:index")}
        return client, client.post(reverse("admin:login"), form, follow=True)

    return visit


@pytest.fixture
def office(visit, staff):
    """Return a client of the admin, logged in as staff."""
    return visit(staff)[0]


@pytest.fixture
def post(office):
    """Return a function that changes fields in the page of a user and its status, and posts it as a browser does."""

    def post(user, status=None, **changes):
        response = office.get(page("change", user))
        posted = filled_in(response) | changes | {f"status-0-{name}": value for name, value in (status or {}).items()}
        return office.post(page("change", user), {name: value for name, value in posted.items() if value is not None})

    return post


@pytest.fixture
def save(post):
    """Return a function that posts as `post` does and must not be refused."""

    def save(user, status=None, **changes):
        response = post(user, status, **changes)
        assert response.status_code == 302, response.context["errors"]

    return save


@pytest.fixture
def act(office):
    """Return a function that runs an action on users and returns what the admin says about it."""

    def act(action, *users):
        form = {"action": action, "_selected_action": [user.pk for user in users]}
        response = office.post(page("changelist", get_user_model()), form, follow=True)
        return [str(message) for message in response.context["messages"]]

    return act
