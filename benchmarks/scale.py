"""`make bench-scale`: measures requests with a thousand, a hundred thousand and a million users in PostgreSQL.

Renders a project, fills a database for each size, and sends the same requests to all of them in turn, within this
process. Only the number of rows differs, so the last column shows what does not scale. The databases are called
bench_scale_<users> and are dropped at the end.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import report

TEMPLATE = Path(__file__).resolve().parent.parent
SIZES = (1_000, 100_000, 1_000_000)
PASSWORD = "correct-horse-battery"
# All sequences of three of these sixteen letters are equally frequent.
USERNAME = "translate(md5(number::text), '0123456789abcdef', 'abcdefghijklmnop')"
SELECTED = "{ edges { node { id email verified archived } } pageInfo { hasNextPage endCursor } }"

Request = Callable[[], dict[str, Any]]


def main() -> None:
    """Fill the databases, measure, and print or write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="postgres://postgres@127.0.0.1:5432", help="a PostgreSQL server")
    parser.add_argument("--rounds", type=int, default=50, help="how often each request is sent to each size")
    parser.add_argument("--page", type=Path, help="a Markdown page to write the result to")
    options = parser.parse_args()
    page = options.page and options.page.resolve()
    measured: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    names = {size: f"bench_scale_{size}" for size in SIZES}
    with tempfile.TemporaryDirectory() as folder, databases(options.server, *names.values()):
        start_django(folder, f"{options.server}/{names[SIZES[0]]}")
        requests = {}
        for size, name in names.items():
            use(name)
            fill(size)
            requests[size] = requests_for(size)
        for _ in range(options.rounds):
            for size, name in names.items():
                use(name)
                for operation, request in requests[size].items():
                    request()  # The first request on a connection also reads the catalog.
                    started = time.perf_counter()
                    request()
                    measured[operation][size].append((time.perf_counter() - started) * 1000)
    with psycopg.connect(f"{options.server}/postgres") as connection:
        version = connection.info.server_version // 10_000
    medians = {operation: [statistics.median(times[size]) for size in SIZES] for operation, times in measured.items()}
    rows = [
        [operation, *(f"{median:.2f}" for median in each), f"{each[-1] / each[0]:.2f}"]
        for operation, each in medians.items()
    ]
    head = ["request", *(f"{size:,} users" for size in SIZES), f"{SIZES[-1]:,} : {SIZES[0]:,}"]
    conditions = f"Medians of {options.rounds} requests to each size in turn, within one process, PostgreSQL {version}."
    text = "\n\n".join(["Milliseconds for an answer.", report.table(head, rows), f"{conditions} {report.machine()}"])
    print(text)
    if page:
        report.write(page, "scale", text)


@contextmanager
def databases(server: str, *names: str) -> Iterator[None]:
    """Create empty databases with these names and drop them at the end."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")
        try:
            yield
        finally:
            for name in names:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def start_django(folder: str, database: str, template: Path = TEMPLATE, **environment: str) -> None:
    """Render a project and start it in this process, like in production but with a cheap password hash."""
    command = [sys.executable, "-m", "cookiecutter", template, "--no-input", "--default-config", "--output-dir", folder]
    subprocess.run([*command, "project_slug=scale"], check=True, stdout=subprocess.DEVNULL)
    project = Path(folder, "scale")
    (project / "staticfiles").mkdir()
    os.chdir(project)
    sys.path.insert(0, str(project))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "False",
        "SECURE_SSL_REDIRECT": "False",
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_URL": database,
        "USERS_QUERY": "public",
        **environment,
    }
    import django
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.GRAPHQL_AUTH["RATE_LIMITS"] = {}
    django.setup()


def use(database: str) -> None:
    """Switch Django to another database."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = database


def fill(size: int) -> None:
    """Create `size` users with a status and a session; some are archived, inactive or have a secondary address."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection

    from graphql_auth import sessions
    from graphql_auth.models import Session, UserStatus

    print(f"Filling {size:,} users ...", file=sys.stderr)
    call_command("migrate", verbosity=0)
    users = get_user_model()
    sessions.start(users.objects.create_user("first", "first@example.com", PASSWORD))
    copy(
        users,
        f"generate_series(2, {size}) AS number",
        username=USERNAME,
        email="'user' || number || '@example.com'",
        is_active="number % 100 <> 1",
    )
    another = f"{users._meta.db_table} AS another WHERE another.username <> 'first'"
    copy(
        UserStatus,
        another,
        user_id="another.id",
        verified="another.id % 10 <> 0",
        archived="another.id % 100 = 0",
        secondary_email="CASE WHEN another.id % 100 = 2 THEN 'second-' || another.email END",
    )
    copy(Session, another, id="gen_random_uuid()", user_id="another.id", refresh_digest="md5(another.id::text)")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def copy(model: Any, source: str, **values: str) -> None:
    """Copy the only row of `model` for each row of `source`, with other values in some columns."""
    from django.db import connection

    fields = [field for field in model._meta.concrete_fields if not field.primary_key or field.column in values]
    columns = [field.column for field in fields]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) "
            f"SELECT {', '.join(values.get(column, f'original.{column}') for column in columns)} "
            f"FROM {table} AS original, {source}"
        )


def requests_for(size: int) -> dict[str, Request]:
    """Return the requests to measure by name: about a user in the middle, with non-empty results."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from graphql_auth import sessions

    client = Client()
    users = get_user_model().objects
    user = users.order_by("pk")[size // 2]
    user.password = users.get(username="first").password
    user.save()
    second = users.filter(status__secondary_email__isnull=False).order_by("pk")[size // 200].status.secondary_email

    def ask(document: str, **headers: str) -> Request:
        def request() -> dict[str, Any]:
            response = client.post("/graphql", {"query": document}, content_type="application/json", headers=headers)
            answer = response.json()
            assert "errors" not in answer, answer
            return answer["data"]

        return request

    def list_users(arguments: str) -> Request:
        request = ask(f"{{ users({arguments}) {SELECTED} }}")
        assert request()["users"]["edges"], arguments
        return request

    cursor = list_users(f"offset: {size // 2}, first: 1")()["users"]["pageInfo"]["endCursor"]
    token = sessions.start(user).token
    log_in = f'mutation {{ tokenAuth(email: "{user.email}", password: "{PASSWORD}") {{ success token refreshToken }} }}'
    return {
        "`users(first: 20)`": list_users("first: 20"),
        "`users(last: 1)`": list_users("last: 1"),
        "`users(first: 20, after: …)`, half way": list_users(f'first: 20, after: "{cursor}"'),
        "`email`": list_users(f'first: 20, email: "{user.email}"'),
        "`username_Istartswith`, 5 letters": list_users(f'first: 20, username_Istartswith: "{user.username[:5]}"'),
        "`username_Icontains`, 5 letters": list_users(f'first: 20, username_Icontains: "{user.username[5:10]}"'),
        "`username_Icontains`, 3 letters": list_users(f'first: 20, username_Icontains: "{user.username[5:8]}"'),
        "`status_SecondaryEmail`": list_users(f'first: 20, status_SecondaryEmail: "{second}"'),
        "`status_Archived: true`, 1 of 100": list_users("first: 20, status_Archived: true"),
        "`me`": ask("{ me { id email verified archived } }", authorization=f"JWT {token}"),
        "`tokenAuth`, without its hash": ask(log_in),
    }


if __name__ == "__main__":
    main()
