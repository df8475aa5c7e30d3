"""How a client is identified."""

import pytest
from django.test import RequestFactory

from graphql_auth import throttling
from tests.api import mutation, without_waits
from tests.graphql_auth.limits.helpers import THROTTLED, WRONG


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.1", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "198.51.100.1, 203.0.113.1", "203.0.113.1"),
        (1, "198.51.100.1,203.0.113.1 ", "203.0.113.1"),
        (2, "198.51.100.1, 203.0.113.1, 203.0.113.2", "203.0.113.1"),
        (2, "203.0.113.2", "192.0.2.1"),
        (1, "made up", "unknown"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.1,", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "fe80::1%eth0", "fe80::/64"),
        (1, "203.0.113.1:4711", "203.0.113.1"),
        (1, "[2001:db8:1:2::3]:4711", "2001:db8:1:2::/64"),
        (1, "[2001:db8:1:2::3]", "2001:db8:1:2::/64"),
        (1, "[::ffff:203.0.113.1]:4711", "203.0.113.1"),
        (1, "203.0.113.1:4711:4712", "unknown"),
        (1, "[", "unknown"),
        (1, ":", "unknown"),
        (1, "::ffff:203.0.113.1", "203.0.113.1"),
        (1, "::ffff:203.0.113.2", "203.0.113.2"),
    ],
)
def test_a_client_is_known_by_what_trusted_proxies_say(settings, proxies, forwarded, client):
    settings.TRUSTED_PROXIES = proxies
    header = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}

    assert throttling.client_of(RequestFactory().post("/", REMOTE_ADDR="192.0.2.1", **header)) == client


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:DB8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "unknown"),
        ("/run/gunicorn.sock", "unknown"),
    ],
)
def test_a_client_with_a_whole_network_counts_as_one(address, client):
    assert throttling.client_of(RequestFactory().post("/", REMOTE_ADDR=address)) == client


def test_a_forged_header_does_not_change_the_client(api, limit, verified):
    limit(login="2/hour")
    document, variables = mutation("tokenAuth", {"email": verified.email, "password": "wrong"})

    answers = [
        api.post(document, variables, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").json()["data"]["tokenAuth"]
        for number in range(3)
    ]

    assert [without_waits(answer)["errors"] for answer in answers] == [WRONG, WRONG, THROTTLED]
