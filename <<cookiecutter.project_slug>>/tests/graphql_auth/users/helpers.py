"""Values and functions that several tests of `users` use."""

import base64

EMAILS = "{ edges { node { email } } }"
FOUR = ["user1@email.com", "user2@email.com", "user3@email.com", "user4@email.com"]


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def node_id(pk):
    return encoded(f"UserNode:{pk}")


def cursor(pk):
    return encoded(f"users.customuser.pk:{pk}")
