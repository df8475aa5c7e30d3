"""Takes over the users of a project that used another package."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from graphql_auth.moving_in import copying, in_place, sources, writing
from graphql_auth.moving_in.afterwards import WrongResultError
from graphql_auth.moving_in.plan import Plan, make_plan
from graphql_auth.moving_in.sources import Reading

MOST_LISTED = 50


class Command(BaseCommand):
    """Take over the users of a project that used another package. Without --apply, only report."""

    help = "Takes over the users of a project that used another package. Without --apply, it only reports."
    # The checks need tables that this command makes.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("source", choices=list(sources.SOURCES), help="The package that the old project used.")
        parser.add_argument(
            "--database",
            metavar="ALIAS",
            default=DEFAULT_DB_ALIAS,
            help="The name in DATABASES of the old project's database. Without it, the users move in place.",
        )
        parser.add_argument("--apply", action="store_true", help="Move the users.")
        parser.add_argument(
            "--clashes",
            choices=["stop", "keep-verified"],
            default="stop",
            help="What happens if several accounts have one address or name.",
        )
        parser.add_argument(
            "--keep-logins", type=int, default=0, metavar="N", help="Keep the newest N refresh tokens of each user."
        )
        parser.add_argument(
            "--verified", choices=["all", "none"], help="Which addresses are verified, where the source does not know."
        )
        parser.add_argument(
            "--drop-columns", action="store_true", help="Drop the columns of the old table that the user does not have."
        )

    def handle(self, *, source: str, database: str, apply: bool, **options: Any) -> None:
        """Report, and move the users if nothing stands in the way. Raises CommandError otherwise."""
        if database not in connections:
            raise CommandError(f"DATABASES has no {database!r}: add the old project's database to it.")
        old = connections[database]
        moves_in_place = database == DEFAULT_DB_ALIAS
        if moves_in_place and in_place.is_done():
            self.stdout.write("There is nothing to do: the users have moved in.")
            return
        try:
            reading = sources.read(source, old, options["verified"])
        except (sources.NothingToReadError, sources.OtherKeysError) as error:
            raise CommandError(str(error)) from error
        except sources.UnknownVerificationError as error:
            raise CommandError(
                f"{source} does not know whose address is verified. Say --verified all or --verified none."
            ) from error
        plan = make_plan(reading.accounts)
        if not moves_in_place and {move.account.key for move in plan.moves} == copying.keys_here():
            self.stdout.write("There is nothing to do: the users have moved in.")
            return
        self._report(reading, plan)
        obstacles = [*_obstacles(old, reading, plan, options)]
        if not moves_in_place and copying.keys_here():
            obstacles.append("This project's database has other users. Move into an empty one.")
        if obstacles:
            raise CommandError("\n".join(["The users cannot move in yet.", *obstacles]))
        if not apply:
            self.stdout.write("Nothing was changed. Run the command again with --apply.")
            return
        try:
            if moves_in_place:
                left = in_place.move(source, reading, plan, keep_logins=options["keep_logins"])
            else:
                left = copying.copy(source, old, reading, plan, keep_logins=options["keep_logins"])
        except (WrongResultError, Error) as error:
            raise CommandError(f"Nothing was changed, because a step failed:\n{error}") from error
        self._list("Left behind", left)
        self.stdout.write(self.style.SUCCESS(f"{len(plan.moves)} users have moved in."))

    def _report(self, reading: Reading, plan: Plan) -> None:
        verified = sum(move.verified for move in plan.moves)
        archived = sum(move.account.archived for move in plan.moves)
        inactive = sum(not move.active for move in plan.moves)
        counts = f"{verified} verified, {archived} archived, {inactive} inactive"
        self.stdout.write(f"{len(plan.moves)} users in {reading.table}: {counts}.")
        hashers = ", ".join(f"{name} {count}" for name, count in plan.hashers.most_common())
        self.stdout.write(f"Password hashes: {hashers}.")
        self._list("Clashes", plan.clashes)
        self._list("Unusable values", plan.unusable)
        self._list("Left behind", reading.left)

    def _list(self, title: str, lines: list[str]) -> None:
        if lines:
            self.stdout.write(f"{title}:")
        for line in lines[:MOST_LISTED]:
            self.stdout.write(f"  {line}")
        if len(lines) > MOST_LISTED:
            self.stdout.write(f"  and {len(lines) - MOST_LISTED} more.")


def _obstacles(old: BaseDatabaseWrapper, reading: Reading, plan: Plan, options: dict[str, Any]) -> list[str]:
    found = []
    if plan.clashes and options["clashes"] == "stop":
        found.append(
            f"{len(plan.clashes)} clashes: change them in the old project, or say --clashes keep-verified, which does "
            "what is listed."
        )
    for algorithm, path in sorted(plan.missing_hashers.items()):
        found.append(
            f"{plan.hashers[algorithm]} passwords are hashed by {algorithm}. Add the line "
            f'"{path}", to the end of PASSWORD_HASHERS in config/settings.py.'
        )
    found += [
        f"{library} is not installed, which checks passwords: add it to requirements/base.in, and run `make lock`."
        for library in plan.missing_libraries
    ]
    lacking = writing.lacking_columns(old, reading.table)
    if lacking and not options["drop_columns"]:
        found.append(
            f"{reading.table} has columns that the user does not have: {', '.join(lacking)}. Add them to "
            "users/models.py, or say --drop-columns."
        )
    return found
