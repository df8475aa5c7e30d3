# ruff: noqa: F403, F405
"""The settings of a rendered project as it is measured: its own, by default without limits on attempts."""

import os

from config.settings import *

if os.environ.get("BENCH_LIMITS") != "own":
    GRAPHQL_AUTH |= {"RATE_LIMITS": {}}
if os.environ["BENCH_HASH"] == "none":
    PASSWORD_HASHERS = ["benchmarks.hashers.NoHasher"]
