"""Decides what each account keeps: addresses and names are unique here, and were not everywhere."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
# % if cookiecutter.login_field == "username"
from itertools import chain, count
# % endif
from typing import Any

# % if cookiecutter.login_field == "username"
from django.contrib.auth import get_user_model, hashers
# % else
from django.contrib.auth import hashers
# % endif
from django.contrib.auth.hashers import get_hashers, identify_hasher, is_password_usable

from graphql_auth.addresses import is_valid, normalize_email
from graphql_auth.moving_in.sources import PASSWORD_LENGTH, Account
# % if cookiecutter.login_field == "username"
from graphql_auth.usernames import normalize_username
# % endif

UNUSABLE = "!moved in without a password"
# % if cookiecutter.login_field == "username"
LONGEST_USERNAME = 150
# % endif


@dataclass(slots=True)
class Move:
    """What an account gets here. `account` is what it had."""

    account: Account
    email: str
    # % if cookiecutter.login_field == "username"
    username: str
    # % endif
    password: str
    active: bool
    verified: bool
    secondary: str | None


@dataclass
class Plan:
    """The moves of all accounts, what happens to clashing and unusable values, and the hashers of their passwords."""

    moves: list[Move]
    clashes: list[str] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    hashers: Counter[str] = field(default_factory=Counter)
    missing_hashers: dict[str, str] = field(default_factory=dict)  # algorithm: dotted path

    @property
    def missing_libraries(self) -> list[str]:
        """The packages that hashers of these passwords need, and that are not installed."""
        needed = [hasher.library for hasher in get_hashers() if self.hashers[str(hasher.algorithm)] and hasher.library]
        names = [library if isinstance(library, str) else library[1] for library in needed]
        return [name for name in names if find_spec(name) is None]


def make_plan(accounts: Iterable[Account]) -> Plan:
    """Plan the moves of accounts.

    The verified account keeps an address or a name that several have; of none or several, the one who logged in last,
    then the oldest. A primary address beats a secondary one. Whoever loses keeps its row and gets a placeholder.
    """
    plan = Plan([_move(account) for account in accounts])
    for move in plan.moves:
        _check_values(move, plan)
        _check_password(move, plan)
    # % if cookiecutter.login_field == "username"
    owners = _settle_addresses(plan)
    _settle_usernames(plan, owners)
    # % else
    _settle_addresses(plan)
    # % endif
    return plan


def _move(account: Account) -> Move:
    return Move(
        account=account,
        email=normalize_email(account.email),
        # % if cookiecutter.login_field == "username"
        username=get_user_model().normalize_username(account.username.strip()),
        # % endif
        password=account.password,
        active=account.active or account.never_activated,
        verified=account.verified,
        secondary=normalize_email(account.secondary) or None,
    )


def _check_values(move: Move, plan: Plan) -> None:
    key = move.account.key
    if not is_valid(move.email):
        what = "has no address" if not move.email else f"has the unusable address {move.account.email[:80]!r}"
        _lose_address(move)
        plan.unusable.append(f"{key} {what}; it gets {move.email}, unverified.")
    if move.secondary == move.email:
        move.secondary = None
    elif move.secondary is not None and not is_valid(move.secondary):
        plan.unusable.append(f"{key} has the unusable secondary address {move.secondary[:80]!r}; it is dropped.")
        move.secondary = None


def _check_password(move: Move, plan: Plan) -> None:
    if not move.password or not is_password_usable(move.password):
        plan.hashers["none"] += 1
        move.password = move.password or UNUSABLE
        return
    algorithm = _algorithm_of(move.password)
    plan.hashers[algorithm] += 1
    if len(move.password) > PASSWORD_LENGTH:
        _drop_password(move, plan, f"a hash of more than {PASSWORD_LENGTH} characters")
    elif algorithm not in {hasher.algorithm for hasher in get_hashers()}:
        path = _hasher_of(algorithm)
        if path is None:
            _drop_password(move, plan, f"a hash of an unknown kind, {algorithm[:40]!r}")
        else:
            plan.missing_hashers[algorithm] = path


def _algorithm_of(password: str) -> str:
    try:
        return str(identify_hasher(password).algorithm)
    except ValueError:
        return password.partition("$")[0] if "$" in password else "unknown"


def _drop_password(move: Move, plan: Plan, reason: str) -> None:
    move.password = UNUSABLE
    plan.unusable.append(f"{move.account.key} has {reason}; its owner resets the password.")


def _hasher_of(algorithm: str) -> str | None:
    """Return the dotted path of Django's hasher for an algorithm, or None."""
    for name in dir(hashers):
        if getattr(getattr(hashers, name), "algorithm", None) == algorithm:
            return f"{hashers.__name__}.{name}"
    return None


def _settle_addresses(plan: Plan) -> dict[str, Any]:
    """Give each address to one account, and return the key of the account that has it."""
    primary = _by(plan.moves, lambda move: move.email)
    secondary = _by(plan.moves, lambda move: move.secondary)
    owners = {}
    for address in [*primary, *(address for address in secondary if address not in primary)]:
        winner, *losers = [*sorted(primary.get(address, []), key=_rank), *sorted(secondary.get(address, []), key=_rank)]
        owners[address] = winner.account.key
        for loser in losers:
            if loser.email == address:
                _lose_address(loser)
                lost = f"gets {loser.email}, unverified"
            else:
                loser.secondary = None
                lost = "loses it as secondary address"
            plan.clashes.append(f"{address}: {winner.account.key} keeps it, {loser.account.key} {lost}.")
    return owners


# % if cookiecutter.login_field == "username"
def _settle_usernames(plan: Plan, owners: dict[str, Any]) -> None:
    """Give each name to one account. A name that is the address of an account can only be that account's name."""
    named = _by(plan.moves, lambda move: normalize_username(move.username))
    taken = {*named}
    for name, claimants in named.items():
        if not name or len(name) > LONGEST_USERNAME:
            for move in claimants:
                had, move.username = move.account.username, _free_name(move, taken)
                what = f"has the unusable name {had[:80]!r}" if had else "has no name"
                plan.unusable.append(f"{move.account.key} {what}; it gets {move.username}.")
            continue
        keeper = owners.get(normalize_email(name)) if "@" in name else None
        if keeper is None:
            keeper = min(claimants, key=_rank).account.key
        for move in claimants:
            if move.account.key != keeper:
                move.username = _free_name(move, taken)
                plan.clashes.append(f"{name}: {keeper} keeps it, {move.account.key} gets {move.username}.")


def _free_name(move: Move, taken: set[str]) -> str:
    suffixes = chain([""], (f"-{number}" for number in count(2)))
    name = next(name for name in (f"user-{move.account.key}{suffix}" for suffix in suffixes) if name not in taken)
    taken.add(name)
    return name


# % endif
def _by(moves: Iterable[Move], value_of: Callable[[Move], str | None]) -> dict[str, list[Move]]:
    """Map each value to the moves that have it."""
    found: dict[str, list[Move]] = {}
    for move in moves:
        value = value_of(move)
        if value is not None:
            found.setdefault(value, []).append(move)
    return found


def _rank(move: Move) -> tuple[Any, ...]:
    """Return the sort key by which accounts keep a value: verified, logged in last, oldest."""
    last, joined = move.account.last_login, move.account.joined
    return (
        not move.account.verified,
        -last.timestamp() if last is not None else float("inf"),
        joined.timestamp() if joined is not None else float("inf"),
        move.account.key,
    )


def _lose_address(move: Move) -> None:
    move.email, move.verified = f"user-{move.account.key}@moved.invalid", False
