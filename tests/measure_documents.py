"""Measure the time to read documents in a rendered project: `python measure_documents.py 100000`.

Prints JSON: the number of generated documents, the milliseconds of the slowest, the largest ratio to a plain document
of the same length, and the milliseconds of the worst input for each stage of a request. Measures thread time, to reduce
the influence of other processes; slow documents are measured again.
"""

import contextlib
import gc
import json
import os
import sys
import time
from collections.abc import Callable

import django
from hypothesis import HealthCheck, Phase, given, settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
sys.path.insert(0, os.getcwd())
django.setup()

from django.test import RequestFactory  # noqa: E402
from graphql import GraphQLError, execute_sync  # noqa: E402

from config.schema import schema  # noqa: E402
from endpoint import complexity, documents, request_errors, requests  # noqa: E402
from tests.endpoint.documents import MOST_TOKENS, plain, tokens  # noqa: E402
from tests.endpoint.documents import documents as made_up  # noqa: E402

SCHEMA = schema.graphql_schema
KIB64 = 64 * 1024
SLOW, TIMES = 40, 20  # milliseconds, and multiples of a plain document, above which a document is measured again


def milliseconds(function: Callable[[], object]) -> float:
    """Return the time that a function takes, without garbage collections."""
    gc.disable()
    start = time.thread_time()
    function()
    took = (time.thread_time() - start) * 1000
    gc.enable()
    return took


def best(function: Callable[[], object], rounds: int = 3) -> float:
    """Return the shortest of several measurements."""
    return min(milliseconds(function) for _ in range(rounds))


def read(text: str) -> str:
    """Read a document; return why it was rejected, or an empty string."""
    try:
        documents._read(SCHEMA, text)
    except documents.Refused as refused:
        return refused.errors[0].message
    return ""


def measure(examples: int) -> dict[str, object]:
    """Measure generated documents and return the results."""
    slowest, times, read_in_full = (0.0, ""), (0.0, ""), 0
    # The time for a plain document by its tokens and kibibytes.
    plain_ones: dict[tuple[int, int], float] = {}

    def as_plain(text: str) -> float:
        size = tokens(text) // 20, len(text) // 2048
        if size not in plain_ones:
            like = plain(text)
            assert read(like) == "", like
            plain_ones[size] = best(lambda: read(like))
        return plain_ones[size]

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made_up())
    def check(text: str) -> None:
        nonlocal slowest, times, read_in_full
        took, like = milliseconds(lambda: read(text)), as_plain(text)
        if took > SLOW or took > TIMES * like:
            took = min(took, best(lambda: read(text)))
        slowest, times = max(slowest, (took, text)), max(times, (took / like, text))
        read_in_full += not read(text)

    check()
    return {
        "documents": examples,
        "valid": read_in_full,
        "milliseconds": slowest[0],
        "slowest": slowest[1][:500],
        "times": times[0],
        "slowest for its length": times[1][:500],
    }


def stages() -> dict[str, float]:
    """Return the milliseconds that each stage takes for its worst input of 64 KiB or 1000 tokens."""
    bodies = [
        '{"query": "", "variables": {"a": [' + "1," * (KIB64 // 2 - 20) + "1]}}",
        '{"query": "", "variables": {"a": [' + '"",' * (KIB64 // 3 - 20) + '""]}}',
        '{"query": "", "variables": {' + '"a":1,' * (KIB64 // 6 - 10) + '"a":1}}',
        '{"query": "' + "\\u00e9" * (KIB64 // 6 - 5) + '"}',
    ]
    texts = [
        "\r" * KIB64,
        "#" + "c" * KIB64,
        "\ufeff" * (KIB64 // 3),
        '{a(b:"""' + "\n" * KIB64 + '""")}',
        '{a(b:"' + "\\u0041" * (KIB64 // 6) + '")}',
    ]
    full = plain("a " * MOST_TOKENS)
    chain = " ".join(f"fragment F{n + 1} on UserNode {{ id ...F{n} ...F{n} }}" for n in range(80))
    measured = [full, f"{{ me {{ ...F7 }} }} fragment F0 on UserNode {{ id }} {chain}"]
    validated = [
        full,
        '{__type(name:"UserNode"){' + "fields{name} " * 120 + "}}",
        "{" + " ".join(f"...u{number}" for number in range(497)) + "}",
        "{me{" + "id " * 490 + "}}",
    ]
    if "VerifyTokenInput" in SCHEMA.type_map:
        asked = documents._read(SCHEMA, "mutation($a: VerifyTokenInput!) { verifyToken(input: $a) { success } }")
    else:
        asked = documents._read(SCHEMA, "query($a: Int) { users(first: $a) { edges { cursor } } }")
    wide = {"a": {f"a{number}": 1 for number in range(KIB64 // 10)}}

    def post(body: str) -> Callable[[], object]:
        request = RequestFactory().post("/graphql", body, content_type="application/json")
        return lambda: requests.read(request)

    def validate(text: str) -> Callable[[], object]:
        return lambda: read(text)

    def parse(text: str) -> Callable[[], object]:
        def parsed() -> None:
            with contextlib.suppress(GraphQLError):
                documents._parse(text)

        return parsed

    def check(text: str) -> Callable[[], object]:
        document = documents._parse(text)

        def checked() -> None:
            with contextlib.suppress(GraphQLError):
                complexity.check_document(document, frozenset())

        return checked

    def coerce() -> None:
        result = execute_sync(SCHEMA, asked, variable_values=wide)
        request_errors.without_values(result.errors or [], SCHEMA, asked, wide, None)

    return {
        "body": max(best(post(body)) for body in bodies),
        "text": max(best(parse(text)) for text in texts),
        "tokens": best(parse(full)),
        "measuring": max(best(check(text)) for text in measured),
        "all": max(best(validate(text)) for text in [*validated, *texts]),
        "variables": best(coerce),
    }


if __name__ == "__main__":
    print(json.dumps({**measure(int(sys.argv[1])), "stages": stages()}))
