"""The operations to measure, and their expected responses."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PASSWORD = "a-long-password-1815"
PAGE = 20  # users


class WrongAnswerError(Exception):
    """The response of a stack is wrong."""


@dataclass(frozen=True)
class Row:
    """An operation, with or without hashing the password."""

    operation: str
    hashed: bool = False

    def __str__(self) -> str:
        if self.operation == "users":
            return f"users(first: {PAGE})"
        hashes = self.operation in {"tokenAuth", "register"}
        return f"{self.operation}, hash taken out" if hashes and not self.hashed else self.operation


ROWS = [
    *(Row(operation) for operation in ("verifyToken", "me", "users", "refreshToken", "tokenAuth", "register")),
    Row("tokenAuth", hashed=True),
    Row("register", hashed=True),
]


@dataclass(frozen=True)
class Account:
    """A numbered account."""

    number: int

    @property
    def username(self) -> str:
        """The username."""
        return f"user{self.number}"

    @property
    def email(self) -> str:
        """The email address."""
        return f"{self.username}@example.com"


def accounts(count: int, *, hashed: bool) -> list[Account]:
    """Return the initial accounts: `count` without a hash, then as many with one."""
    return [Account(number + count * hashed) for number in range(count)]


# Far from the numbers of the initial accounts.
new_numbers = itertools.count(1_000_000)


@dataclass
class Conversation:
    """The requests of a client, and the tokens from its responses."""

    accounts: Iterator[Account]  # to log in to, one after the other
    account: Account = field(init=False)  # the one it is logged in to
    newcomer: Account = field(init=False)  # the last one it registered
    token: str = field(init=False, default="")
    refresh_token: str = field(init=False, default="")

    def variables(self, operation: str) -> dict[str, Any]:
        """Return the variables of the next request for `operation`."""
        match operation:
            case "verifyToken":
                return {"token": self.token}
            case "users":
                return {"first": PAGE}
            case "refreshToken":
                return {"refreshToken": self.refresh_token}
            case "tokenAuth":
                self.account = next(self.accounts)
                return {"email": self.account.email, "password": PASSWORD}
            case "register":
                self.newcomer = Account(next(new_numbers))
                names = {"username": self.newcomer.username, "email": self.newcomer.email}
                return names | {"password1": PASSWORD, "password2": PASSWORD}
        return {}

    def headers(self, operation: str) -> dict[str, str]:
        """Return the headers of the next request for `operation`; only `me` needs any."""
        return {"Authorization": f"JWT {self.token}"} if operation == "me" else {}

    def hear(self, operation: str, answer: dict[str, Any]) -> None:
        """Check a response to `operation` and keep its tokens. Raises WrongAnswerError."""
        match operation:
            case "verifyToken":
                right = self._is_about_me(answer["payload"])
            case "me":
                right = answer["email"] == self.account.email
            case "users":
                addresses = [edge["node"]["email"] for edge in answer["edges"]]
                right = addresses == [account.email for account in accounts(PAGE, hashed=False)]
                right = right and answer["pageInfo"]["hasNextPage"]
            case "refreshToken":
                right = bool(answer["token"]) and answer["refreshToken"] not in {self.refresh_token, None}
                right = right and self._is_about_me(answer["payload"])
            case "tokenAuth":
                right = bool(answer["token"] and answer["refreshToken"])
            case _:
                right = answer["success"]
        if not right or answer.get("errors"):
            raise WrongAnswerError(f"{operation}: {answer}")
        self.token = answer.get("token") or self.token
        self.refresh_token = answer.get("refreshToken") or self.refresh_token

    def _is_about_me(self, payload: dict[str, Any]) -> bool:
        return not {self.account.username, self.account.email}.isdisjoint(map(str, payload.values()))
