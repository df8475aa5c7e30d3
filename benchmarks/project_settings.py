# ruff: noqa: F403, F405
"""The settings of a measured project: its own, by default without rate limits."""

import os

from config.settings import *

if os.environ.get("BENCH_LIMITS") != "own":
    GRAPHQL_AUTH |= {"RATE_LIMITS": {}}
if os.environ["BENCH_HASH"] == "none":
    PASSWORD_HASHERS = ["benchmarks.hashers.NoHasher"]
