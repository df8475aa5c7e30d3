"""`make bench-timing`: measures whether response times reveal who has an account.

Renders a project with MAIL_QUEUE=database and PREVENT_ENUMERATION, and sends every request that accepts an email
address for known and unknown addresses in turn, within this process, on PostgreSQL. An attacker on the network measures
less precisely. Passwords are hashed with MD5, because Argon2 would hide the differences. The threshold that best
separates known from unknown addresses in one half of the responses is tested on the other half: 50 % is chance.

The database is called bench_timing and is dropped at the end.
"""

import argparse
import itertools
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from benchmarks import report
from benchmarks.scale import PASSWORD, TEMPLATE, databases, start_django

BOUND = 55  # per cent correct, above which response times are considered revealing
WARM_UP = 20  # pairs of requests
PAGES = ("/activate", "/password-reset", "/password-set")

Request = Callable[[str], None]


@dataclass
class Answers:
    """The response times of one kind of request in milliseconds."""

    known: list[float] = field(default_factory=list)
    unknown: list[float] = field(default_factory=list)

    def row(self, name: str) -> list[str]:
        """Return the row of the table."""
        medians = (f"{statistics.median(times):.2f}" for times in (self.known, self.unknown))
        return [name, *medians, f"{self.recognised():.1f} %"]

    def recognised(self) -> float:
        """Return the percentage that a threshold, chosen on one half, classifies correctly in the other half."""
        threshold, known_is_slower = best_threshold(self.known[::2], self.unknown[::2])
        right = sum((seen > threshold) == known_is_slower for seen in self.known[1::2])
        right += sum((seen > threshold) != known_is_slower for seen in self.unknown[1::2])
        return 100 * right / (len(self.known[1::2]) + len(self.unknown[1::2]))


def best_threshold(known: Sequence[float], unknown: Sequence[float]) -> tuple[float, bool]:
    """Return the time that best separates the two, and whether the known ones are above it."""
    # The surplus of known ones among the times above the current one.
    lead = len(known) - len(unknown)
    best, threshold = abs(lead), (0.0, lead >= 0)
    for seen, weight in sorted([(seen, 1) for seen in known] + [(seen, -1) for seen in unknown]):
        lead -= weight
        if abs(lead) > best:
            best, threshold = abs(lead), (seen, lead > 0)
    return threshold


def main() -> None:
    """Fill the database, measure, and print or write the results; fail when response times are revealing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="postgres://postgres@127.0.0.1:5432", help="a PostgreSQL server")
    parser.add_argument("--addresses", type=int, default=1000, help="how many known and unknown addresses each")
    parser.add_argument("--template", type=Path, default=TEMPLATE, help="another checkout of the template")
    parser.add_argument("--page", type=Path, help="a Markdown page to write the result to")
    options = parser.parse_args()
    page = options.page and options.page.resolve()
    with TemporaryDirectory() as folder, databases(options.server, "bench_timing"):
        environment = {"MAIL_QUEUE": "database", "FRONTEND_URL": "https://testserver"}
        start_django(folder, f"{options.server}/bench_timing", options.template.resolve(), **environment)
        fill(options.addresses)
        measured = {name: measure(name, request, options.addresses) for name, request in requests()}
        with psycopg.connect(f"{options.server}/bench_timing") as connection:
            version = connection.info.server_version // 10_000
    head = ["request", "known", "unknown", "recognised"]
    rows = [answers.row(name) for name, answers in measured.items()]
    conditions = (
        f"{options.addresses:,} known and as many unknown addresses in turn, within one process, "
        f"PostgreSQL {version}, MAIL_QUEUE=database."
    )
    text = "\n\n".join(
        [
            "Median milliseconds until the response, and how often the best threshold recognises a known address.",
            report.table(head, rows),
            f"{conditions} {report.machine()}",
        ]
    )
    print(text)
    if page:
        report.write(page, "timing", text)
    telling = [name for name, answers in measured.items() if answers.recognised() >= BOUND]
    if telling:
        sys.exit(f"The time of these answers tells who has an account: {', '.join(telling)}.")


def fill(count: int) -> None:
    """Create `count` verified accounts with known email addresses."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection

    print(f"Filling {count:,} accounts ...", file=sys.stderr)
    call_command("migrate", verbosity=0)
    for number in range(count):
        user = get_user_model().objects.create_user(f"known{number}", known(number), PASSWORD)
        user.status.change(verified=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def known(number: int) -> str:
    """Return the email address of an account."""
    return f"known{number:07}@example.com"


# Unknown email addresses of the same length, each used once.
unknown = (f"other{number:07}@example.com" for number in itertools.count())


def requests() -> Iterator[tuple[str, Request]]:
    """Yield every mutation and page that accepts an email address, by name."""
    from django.contrib.auth import get_user_model

    asker = get_user_model().objects.create_user("asker", "asker@example.com", PASSWORD)
    asker.status.change(verified=True)
    usernames = (f"new{number:07}" for number in itertools.count())
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    yield "`register`", lambda email: ask("register", email=email, username=next(usernames), **passwords)
    yield "`resendActivationEmail`", lambda email: ask("resendActivationEmail", email=email)
    yield "`sendPasswordResetEmail`", lambda email: ask("sendPasswordResetEmail", email=email)
    # The token is valid for five minutes from now.
    name, token = "sendSecondaryEmailActivation", token_of(asker)
    yield f"`{name}`", lambda email: ask(name, token, email=email, password=PASSWORD)
    for path in PAGES:
        yield f"form of `{path}`", partial(post_form, path)


def token_of(user: Any) -> str:
    """Return an access token of `user`."""
    from graphql_auth import sessions

    return sessions.start(user).token


def ask(name: str, token: str = "", **arguments: str) -> None:
    """Send a mutation and check that it succeeds."""
    from django.test import Client

    given = ", ".join(f'{argument}: "{value}"' for argument, value in arguments.items())
    document = {"query": f"mutation {{ {name}({given}) {{ success errors }} }}"}
    headers = {"authorization": f"JWT {token}"} if token else {}
    response = Client().post("/graphql", document, content_type="application/json", headers=headers, secure=True)
    assert response.json()["data"][name]["success"], response.content


def post_form(path: str, email: str) -> None:
    """Request a new link on a page and check that it is sent."""
    from django.test import Client

    response = Client().post(path, {"email": email}, secure=True)
    assert response.status_code == 302, response.content


def measure(name: str, request: Request, count: int) -> Answers:
    """Send a request for each known address and as many unknown ones, in pairs of random order."""
    print(f"Asking for {name} ...", file=sys.stderr)
    answers, order = Answers(), random.Random(name)
    for number in range(-WARM_UP, count):
        pair = [(answers.known, known(max(number, 0))), (answers.unknown, next(unknown))]
        order.shuffle(pair)
        for times, email in pair:
            started = time.perf_counter()
            request(email)
            if number >= 0:
                times.append((time.perf_counter() - started) * 1000)
    return answers


if __name__ == "__main__":
    main()
