"""A replica that lags: what belongs to accounts is read from the primary database."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import router
from django.test import Client
from django.urls import reverse
from django.utils.connection import ConnectionDoesNotExist

from graphql_auth import sessions, tokens
from graphql_auth.management.commands.mail_worker import MailWorker, forget, take_over
from graphql_auth.models import UserStatus
from tests.conftest import NEW_PASSWORD, PASSWORD, filled_in, mail_waits
from tests.graphql_auth.mail_queue.helpers import NEW, states

PRIMARY = "graphql_auth.routers.PrimaryRouter"
LAGGING = f"{__name__}.Lagging"


class Lagging:
    """A router of the project. The replica lags so far behind that it does not exist yet."""

    def db_for_read(self, model, **hints):
        return "replica"

    def db_for_write(self, model, **hints):
        return "default"


@pytest.fixture
def lagging(settings):
    settings.DATABASE_ROUTERS = [PRIMARY, LAGGING]


def test_without_the_router_the_replica_is_read(db, settings):
    settings.DATABASE_ROUTERS = [LAGGING]

    with pytest.raises(ConnectionDoesNotExist):
        UserStatus.objects.first()


def test_an_account_lives_its_life_beside_a_replica(lagging, mutate, query, new_account, mailed_token):
    email = new_account["email"]

    def succeed(name, **arguments):
        answer = mutate(name, **arguments)
        assert (answer["success"], answer["errors"]) == (True, None), name
        return answer

    succeed("register", **new_account)
    succeed("resendActivationEmail", email=email)
    succeed("verifyAccount", token=mailed_token())
    login = succeed("tokenAuth", email=email, password=PASSWORD)
    token = login["token"]
    assert query("{ me { email verified } }", login=token)["me"] == {"email": email, "verified": True}
    assert query("{ users { edges { node { email } } } }", login=token)["users"]["edges"] == [
        {"node": {"email": email}}
    ]
    succeed("verifyToken", token=token)
    succeed("updateAccount", login=token, first_name="Ada")
    succeed("sendSecondaryEmailActivation", login=token, email="second@example.com", password=PASSWORD)
    succeed("verifySecondaryEmail", token=mailed_token())
    succeed("swapEmails", login=token, password=PASSWORD)
    succeed("removeSecondaryEmail", login=token, password=PASSWORD)
    refreshed = succeed("refreshToken", refresh_token=login["refreshToken"])
    succeed("passwordChange", login=refreshed["token"], old_password=PASSWORD, **NEW)
    succeed("sendPasswordResetEmail", email="second@example.com")
    succeed("passwordReset", token=mailed_token(), new_password1=PASSWORD, new_password2=PASSWORD)
    login = succeed("tokenAuth", email="second@example.com", password=PASSWORD)
    succeed("archiveAccount", login=login["token"], password=PASSWORD)
    login = succeed("tokenAuth", email="second@example.com", password=PASSWORD)
    succeed("revokeToken", refresh_token=login["refreshToken"])
    login = succeed("tokenAuth", email="second@example.com", password=PASSWORD)
    succeed("deleteAccount", login=login["token"], password=PASSWORD)


def test_an_account_is_deleted_beside_a_replica(lagging, mutate, configure, staff):
    configure(ALLOW_DELETE_ACCOUNT=True)

    assert mutate("deleteAccount", login=staff, password=PASSWORD)["success"] is True


def test_the_admin_and_the_pages_read_the_primary_database(lagging, staff, verified, settings):
    settings.FRONTEND_URL = "http://testserver"
    client = Client()
    names = {"username": staff.get_username(), "password": PASSWORD}
    client.post(reverse("admin:login"), names, secure=True)

    assert client.get(reverse("admin:users_customuser_changelist"), secure=True).status_code == 200
    address = reverse("admin:users_customuser_change", args=[verified.pk])
    page = client.get(address, secure=True)
    assert client.post(address, filled_in(page), secure=True).status_code == 302
    link = f"/password-reset/{tokens.make(tokens.PASSWORD_RESET, verified)}"
    opened = client.get(link, follow=True, secure=True)
    client.post("/password-reset", NEW | {"link": opened.context["link"]}, secure=True)
    verified.refresh_from_db()
    assert verified.check_password(NEW_PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_workers_and_daily_jobs_read_the_primary_database(lagging, mutate, verified):
    with mail_waits():
        mutate("sendPasswordResetEmail", email=verified.email)
        take_over()
        forget()
        MailWorker().run()
    call_command("purge_sessions")
    call_command("unlock", verified.email)

    assert states() == ["SUCCESSFUL"]


def test_a_user_is_read_from_the_primary_database_through_any_relation(lagging, verified):
    session = sessions.start(verified) and verified.account_sessions.get()

    assert type(session).objects.select_related(None).get(pk=session.pk).user == verified


@pytest.mark.parametrize(
    ("routers", "reported"),
    [([], False), ([PRIMARY], False), ([PRIMARY, LAGGING], False), ([LAGGING], True), ([LAGGING, PRIMARY], True)],
)
def test_manage_py_check_says_where_the_router_belongs(settings, routers, reported):
    settings.DATABASE_ROUTERS = routers
    settings.RATE_LIMIT_STORAGE_URI = "memory://"

    found = [message for message in run_checks() if message.id == "graphql_auth.E146"]

    assert len(found) == reported
    assert all("'replica'" in message.msg and "Put" in message.hint for message in found)


def test_other_models_are_left_to_the_routers_of_the_project(lagging):
    class Other:
        class _meta:  # noqa: N801
            app_label = "shop"

    assert router.db_for_read(Other) == "replica"
