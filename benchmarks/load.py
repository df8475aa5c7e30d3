"""Locust clients that send a request, wait for the response, check it, and repeat."""

import itertools
import time
from collections.abc import Iterator
from typing import Any

from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser
from requests import Session

from benchmarks.operations import Account, Conversation
from benchmarks.report import Burst
from benchmarks.stacks import Server

PATIENCE = 60  # seconds to wait for outstanding responses at the end
TICK = 0.01  # seconds; the resolution of CPU times, which may be 0 for a very short burst


class Client(FastHttpUser):
    """A client of a server; subclasses define its requests."""

    abstract = True
    server: Server
    conversation: Conversation

    def ask(self, operation: str) -> float:
        """Send an operation, check the response, and return the milliseconds it took."""
        return exchange(self.client, self.server, self.conversation, operation)


def burst(server: Server, operation: str, accounts: Iterator[Account], *, clients: int, seconds: float) -> Burst:
    """Let `clients` send an operation continuously for some seconds."""
    conversations = [log_in(server, accounts) for _ in range(clients)]
    each = iter(conversations)
    latencies: list[float] = []

    class Asker(Client):
        host = server.url

        def on_start(self) -> None:
            self.server, self.conversation = server, next(each)

        @task
        def ask_until_the_end(self) -> None:
            latencies.append(self.ask(operation))
            if time.monotonic() >= end:
                raise StopUser

    before = server.cpu()
    end = time.monotonic() + seconds
    play({Asker: clients})
    cpu = max(server.cpu() - before, TICK)
    for conversation in conversations:
        prove(server, conversation, operation)
    return Burst(cpu / len(latencies), latencies)


def play(clients: dict[type[Client], int], *, seconds: float | None = None) -> None:
    """Run the number of clients of each class, for some seconds or until they stop. Raises the first error."""
    for kind, count in clients.items():
        kind.fixed_count = count
    environment = Environment(user_classes=list(clients), stop_timeout=PATIENCE, catch_exceptions=False)
    problems: list[Exception] = []
    environment.events.user_error.add_listener(lambda exception, **context: problems.append(exception))
    runner = environment.create_local_runner()
    runner.start(sum(clients.values()), spawn_rate=100, wait=True)
    runner.spawning_greenlet.join(timeout=seconds)
    runner.quit()
    if problems:
        raise problems[0]


def log_in(server: Server, accounts: Iterator[Account]) -> Conversation:
    """Log in and return the conversation."""
    conversation = Conversation(accounts)
    exchange(Session(), server, conversation, "tokenAuth")
    return conversation


def prove(server: Server, conversation: Conversation, operation: str) -> None:
    """Check the effect of `operation`: the account exists, the token works."""
    if operation == "register":
        conversation.accounts = itertools.repeat(conversation.newcomer)
        exchange(Session(), server, conversation, "tokenAuth")
    exchange(Session(), server, conversation, "me")


def exchange(session: Any, server: Server, conversation: Conversation, operation: str) -> float:
    """Send a request with a session of Locust or requests, check the response, and return the milliseconds it took."""
    address, body = server.request(operation, conversation.variables(operation))
    headers = conversation.headers(operation)
    start = time.perf_counter()
    response = session.post(address, json=body, headers=headers)
    latency = (time.perf_counter() - start) * 1000
    answer = server.answer(operation, response.status_code, response.json())
    conversation.hear(operation, answer)
    return latency
