"""Values and functions that several tests of mails use."""

import pytest

from graphql_auth.mails import kinds

LINKS = [kind for kind in kinds.KINDS.values() if kind.purpose]
every_link = pytest.mark.parametrize("kind", LINKS, ids=lambda kind: kind.name)


def html(mail):
    [(body, kind)] = mail.alternatives
    assert kind == "text/html"
    return body
