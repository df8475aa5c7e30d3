"""The lists and pages of the admin."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from graphql_auth import sessions
from graphql_auth.models import Session
from tests.graphql_auth.admin.helpers import page


@pytest.mark.parametrize("model", [get_user_model(), Session])
@pytest.mark.parametrize("search", ["", "?q=verified", "?q=nobody"])
def test_the_lists_load_and_can_be_searched(office, verified, model, search):
    sessions.start(verified)

    response = office.get(page("changelist", model) + search)

    listed = {getattr(thing, "user", thing) for thing in response.context["cl"].result_list}
    assert (verified in listed) is (search != "?q=nobody")


def test_a_secondary_address_is_found(office, with_secondary, verified):
    response = office.get(page("changelist", get_user_model()) + "?q=two_secondary")

    assert [*response.context["cl"].result_list] == [with_secondary]


def test_the_list_of_users_says_when_they_joined_and_were_last_logged_in(office, verified):
    verified.date_joined = datetime(2024, 2, 3, 12, tzinfo=UTC)
    verified.save()

    row = office.get(page("changelist", get_user_model()) + f"?id={verified.pk}").content.decode()
    assert "Feb. 3, 2024" in row
    assert '<td class="field-seen">-</td>' in row

    verified.last_login = datetime(2024, 3, 4, 12, tzinfo=UTC)
    verified.save()
    row = office.get(page("changelist", get_user_model()) + f"?id={verified.pk}").content.decode()
    assert '<td class="field-seen nowrap">March 4, 2024</td>' in row


def test_the_admin_has_the_name_of_the_site(office, settings):
    assert f"| {escape(admin.site.site_title)}</title>" in office.get("/admin/").content.decode()
    assert admin.site.site_title == admin.site.site_header == settings.SITE_NAME


def test_the_pages_of_objects_load(office, with_secondary):
    sessions.start(with_secondary)

    for thing in (with_secondary, with_secondary.account_sessions.get()):
        assert office.get(page("change", thing)).status_code == 200


def test_the_lists_take_as_many_queries_for_many_as_for_one(office, make_user, django_assert_max_num_queries):
    for number in range(20):
        sessions.start(make_user(f"user{number}"))

    for model in (get_user_model(), Session):
        with django_assert_max_num_queries(8):
            office.get(page("changelist", model))


def test_a_page_takes_as_many_queries_for_many_sessions_as_for_one(office, verified, django_assert_num_queries):
    sessions.start(verified)
    office.get(page("change", verified))  # What Django remembers of it is remembered.
    with CaptureQueriesContext(connection) as one:
        office.get(page("change", verified))
    for _ in range(12):
        sessions.start(verified)

    with django_assert_num_queries(len(one)):
        office.get(page("change", verified))


def test_no_token_and_no_hash_is_shown(office, verified):
    """D11: a token's text was its title."""
    issued = sessions.start(verified)
    session = verified.account_sessions.get()
    secrets = [
        issued.token,
        issued.refresh_token,
        session.refresh_digest,
        verified.password,
        verified.password.split("$")[-1],
    ]
    pages = [page("changelist", model) for model in (get_user_model(), Session)]
    pages += [page("change", thing) for thing in (verified, session)]
    pages += [page("delete", thing) for thing in (verified, session)]

    for address in pages:
        text = office.get(address).content.decode()
        assert not [secret for secret in secrets if secret in text], address
