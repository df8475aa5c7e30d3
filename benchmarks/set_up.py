"""Create the tables and the accounts of a stack: `python -m benchmarks.set_up 1000`."""

import sys

import django
from django.core.management import call_command

from benchmarks.hashers import NoHasher
from benchmarks.operations import PASSWORD, accounts


def set_up(count: int) -> None:
    """Create `count` accounts without a hash and as many with the project's own; verified if there is a status."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password

    call_command("migrate", run_syncdb=True, verbosity=0)
    users = get_user_model()
    for hashed in (False, True):
        password = make_password(PASSWORD) if hashed else NoHasher().encode(PASSWORD, "salt")
        made = users.objects.bulk_create(
            users(username=account.username, email=account.email, password=password)
            for account in accounts(count, hashed=hashed)
        )
        if hasattr(users, "status"):
            statuses = users.status.related.related_model.objects
            statuses.bulk_create(statuses.model(user=user, verified=True) for user in made)


if __name__ == "__main__":
    django.setup()
    set_up(int(sys.argv[1]))
