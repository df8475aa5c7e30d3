"""Fixtures of the tests of relations to users."""

import json
import sys

import pytest
from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.db import connection

from graphql_auth import sessions
from tests.api import misfit_of
from tests.graphql_auth.relations.helpers import Note, schema, view


@pytest.fixture(scope="module")
def tables(django_db_setup, django_db_blocker):
    """Install an app that holds the model above."""
    app = AppConfig("relations", sys.modules[__name__])
    app.apps, app.models = apps, apps.all_models["relations"]
    apps.app_configs["relations"] = app
    apps.clear_cache()
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Note)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Note)
    del apps.app_configs["relations"]
    apps.clear_cache()


@pytest.fixture
def people(tables, configure, make_user):
    """Make somebody of each kind in ASKING, and all that leads to the victim."""
    configure(USERS_QUERY="staff")
    made = {name: make_user(name) for name in ("victim", "stranger")}
    made |= {name: make_user(name, is_staff=True) for name in ("clerk", "viewer")}
    made["viewer"].user_permissions.set(Permission.objects.filter(codename="view_customuser"))
    made["superuser"] = make_user("superuser", is_staff=True, is_superuser=True)
    found = made["victim"]
    note = Note.objects.create(owner=found, editor=found, named=found, reviewer=found)
    note.readers.add(found)
    Group.objects.create(name="readers").user_set.add(found)
    return made


@pytest.fixture
def ask(rf):
    """Return a function that asks the schema above a question, and returns the answer."""

    def ask(document, user=None):
        token = user if isinstance(user, str) or user is None else sessions.start(user).token
        header = {"HTTP_AUTHORIZATION": f"JWT {token}"} if token else {}
        body = json.dumps({"query": f"{{ {document} }}"})
        answer = json.loads(view(rf.post("/", body, content_type="application/json", **header)).content)
        if "errors" in answer and (misfit := misfit_of(schema, f"{{ {document} }}", {})):
            pytest.skip(f"In this project: {misfit}")
        return answer

    return ask
