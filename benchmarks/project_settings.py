# ruff: noqa: F403, F405
"""The settings of a rendered project as it is measured: its own, without limits on tries."""

import os

from config.settings import *

GRAPHQL_AUTH |= {"RATE_LIMITS": {}}
if os.environ["BENCH_HASH"] == "none":
    PASSWORD_HASHERS = ["benchmarks.hashers.NoHasher"]
