"""What staff sees and does in Django's admin."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from graphql_auth import emails, sessions, tokens
from graphql_auth.models import Session, UserStatus
from tests.conftest import NEW_PASSWORD, PASSWORD

COOKIE = "django.contrib.auth.backends.ModelBackend"
ME = "{ me { email } }"
NOBODY = {"me": None}


@pytest.fixture
def office(client, settings, staff):
    """Return a client of the admin, logged in as staff."""
    settings.SECURE_SSL_REDIRECT = False
    client.force_login(staff, COOKIE)
    return client


@pytest.fixture
def save(office):
    """Return a function that changes fields in the form of an object and saves it."""

    def save(thing, **changes):
        address = page("change", thing)
        form = office.get(address).context["adminform"].form
        values = {name: value for name, value in form.initial.items() if name in form.fields and value is not None}
        values = {name: value for name, value in values.items() if value is not False}
        for name in ("last_login", "date_joined"):
            moment = values.pop(name, None)
            if moment:
                values |= {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}
        posted = {name: value for name, value in (values | changes).items() if value is not None}
        response = office.post(address, posted)
        assert response.status_code == 302, response.context["errors"]

    return save


def page(name, thing, *arguments):
    """Return the address of the admin's page `name` about a model or an object."""
    arguments = arguments or ((thing.pk,) if name != "changelist" and name != "add" else ())
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{name}", args=arguments)


@pytest.mark.parametrize("model", [get_user_model(), UserStatus, Session])
@pytest.mark.parametrize("search", ["", "?q=verified", "?q=nobody"])
def test_the_lists_load_and_can_be_searched(office, verified, model, search):
    sessions.start(verified)

    response = office.get(page("changelist", model) + search)

    listed = {getattr(thing, "user", thing) for thing in response.context["cl"].result_list}
    assert (verified in listed) is (search != "?q=nobody")


def test_a_secondary_address_is_found(office, with_secondary, verified):
    response = office.get(page("changelist", UserStatus) + "?q=two_secondary")

    assert [status.user for status in response.context["cl"].result_list] == [with_secondary]


def test_the_pages_of_objects_load(office, with_secondary):
    sessions.start(with_secondary)

    for thing in (with_secondary, with_secondary.status, with_secondary.account_sessions.get()):
        assert office.get(page("change", thing)).status_code == 200


def test_the_lists_take_as_many_queries_for_many_as_for_one(office, make_user, django_assert_max_num_queries):
    for number in range(20):
        sessions.start(make_user(f"user{number}"))

    for model in (UserStatus, Session):
        with django_assert_max_num_queries(8):
            office.get(page("changelist", model))


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
    pages = [page("changelist", model) for model in (get_user_model(), UserStatus, Session)]
    pages += [page("change", thing) for thing in (verified, verified.status, session)]
    pages += [page("delete", thing) for thing in (verified, session)]

    for address in pages:
        text = office.get(address).content.decode()
        assert not [secret for secret in secrets if secret in text], address


def test_those_who_are_not_staff_see_nothing(client, settings, verified):
    settings.SECURE_SSL_REDIRECT = False
    client.force_login(verified, COOKIE)

    for model in (get_user_model(), UserStatus, Session):
        assert client.get(page("changelist", model)).status_code == 302


def test_staff_can_add_a_user(office, mutate):
    office.post(
        page("add", get_user_model()),
        {
            # % if cookiecutter.login_field == "username"
            "username": "added",
            # % endif
            "email": "Added@Example.com",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    user = get_user_model().objects.get(email="added@example.com")
    assert UserStatus.objects.get(user=user).verified is False
    assert mutate("tokenAuth", email="added@example.com", password=PASSWORD)["success"] is True


@pytest.mark.parametrize("email", ["verified@example.com", "Verified@Example.com", "x", ""])
def test_staff_cannot_add_a_user_with_an_address_that_is_taken_or_none(office, verified, email):
    """D05: one account for each address, whoever makes it."""
    response = office.post(
        page("add", get_user_model()),
        {
            # % if cookiecutter.login_field == "username"
            "username": "added",
            # % endif
            "email": email,
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    assert response.context["adminform"].form.errors
    assert get_user_model().objects.count() == 2


def test_staff_can_add_a_user_without_a_password(office):
    office.post(
        page("add", get_user_model()),
        {
            # % if cookiecutter.login_field == "username"
            "username": "added",
            # % endif
            "email": "added@example.com",
            "usable_password": "false",
        },
    )

    assert not get_user_model().objects.get(email="added@example.com").has_usable_password()


def test_a_change_of_a_name_leaves_the_sessions(save, query, verified):
    token = sessions.start(verified).token

    save(verified, first_name="Ada")

    verified.refresh_from_db()
    assert verified.first_name == "Ada"
    assert query(ME, login=token) == {"me": {"email": verified.email}}


def test_a_user_who_is_made_inactive_is_logged_out(save, query, mutate, verified):
    """D10: access tokens went on working."""
    issued = sessions.start(verified)

    save(verified, is_active=None)
    get_user_model().objects.update(is_active=True)

    assert query(ME, login=issued.token) == NOBODY
    assert mutate("refreshToken", refresh_token=issued.refresh_token)["success"] is False


def test_a_new_address_logs_the_user_out(save, query, verified):
    token = sessions.start(verified).token

    save(verified, email="other@example.com")

    assert query(ME, login=token) == NOBODY


def test_a_new_password_logs_the_user_out(office, query, mutate, verified):
    """D10: and the new one logs in."""
    token = sessions.start(verified).token
    form = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    response = office.post(reverse("admin:auth_user_password_change", args=[verified.pk]), form)

    assert response.status_code == 302
    assert query(ME, login=token) == NOBODY
    assert mutate("tokenAuth", email=verified.email, password=NEW_PASSWORD)["success"] is True


def test_a_new_password_that_is_refused_logs_nobody_out(office, query, verified):
    token = sessions.start(verified).token
    form = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": PASSWORD}

    office.post(reverse("admin:auth_user_password_change", args=[verified.pk]), form)

    assert query(ME, login=token) == {"me": {"email": verified.email}}


def test_a_user_who_is_archived_is_logged_out(save, query, verified):
    token = sessions.start(verified).token

    save(verified.status, archived="on")
    UserStatus.objects.update(archived=False)

    assert query(ME, login=token) == NOBODY


@pytest.mark.parametrize("change", [{"secondary_email": "third@example.com"}, {"secondary_email": ""}])
def test_a_new_secondary_address_voids_the_links_of_the_old(save, mutate, with_secondary, change):
    """D04: an old link brought a removed address back."""
    token = tokens.make(tokens.SECONDARY_EMAIL, with_secondary, email="fourth@example.com")

    save(with_secondary.status, **change)
    save(with_secondary.status, secondary_email="two_secondary@example.com")

    errors = mutate("verifySecondaryEmail", token=token)["errors"]
    assert errors["nonFieldErrors"][0]["code"] == "invalid_token"


def test_a_secondary_address_is_stored_in_its_one_spelling(save, verified):
    save(verified.status, secondary_email="Second@Example.com")

    verified.status.refresh_from_db()
    assert verified.status.secondary_email == "second@example.com"


@pytest.mark.parametrize(
    "taken",
    ["two_secondary@example.com", "TWO_secondary@example.com", "Two@example.com", "verified@example.com"],
)
def test_a_secondary_address_that_is_taken_is_refused(office, verified, with_secondary, taken):
    """D06: two users owned one secondary address."""
    response = office.post(page("change", verified.status), {"user": verified.pk, "secondary_email": taken})

    assert response.status_code == 200
    assert "A user with that email already exists." in response.content.decode()


@pytest.mark.parametrize("taken", ["two@example.com", "TWO_secondary@example.com"])
def test_an_address_that_is_taken_is_refused(office, verified, with_secondary, taken):
    """D06: an address belongs to one account, be it as its first or as its second one."""
    response = office.post(page("change", verified), {"email": taken})

    assert response.context["adminform"].form.errors["email"] == ["A user with that email already exists."]


def test_staff_can_end_sessions(office, query, verified, unverified):
    token, other = sessions.start(verified).token, sessions.start(unverified).token
    session = verified.account_sessions.get()

    office.post(page("changelist", Session), {"action": "end_sessions", "_selected_action": [session.pk]})

    assert query(ME, login=token) == NOBODY
    assert query(ME, login=other) == {"me": {"email": unverified.email}}


def test_a_session_cannot_be_added_or_edited(office, verified):
    sessions.start(verified)
    session = verified.account_sessions.get()

    assert office.get(page("add", Session)).status_code == 403
    assert not office.get(page("change", session)).context["adminform"].form.fields


def test_a_link_that_was_mailed_before_staff_changed_the_address_is_void(save, mutate, verified, mailed_token):
    """D03: it was sent to somebody else's mailbox."""
    emails.queue(emails.PASSWORD_RESET, verified, to=verified.email).deliver()

    save(verified, email="other@example.com")

    answer = mutate("passwordReset", token=mailed_token(), new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    assert answer["errors"]["nonFieldErrors"][0]["code"] == "invalid_token"
