"""Checks what was written, before the transaction ends."""

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection

from graphql_auth.models import UserStatus
from graphql_auth.moving_in.plan import Plan

MOST_SHOWN = 10


class WrongResultError(Exception):
    """A check failed after the users were written."""


def verify(plan: Plan) -> None:
    """Raise WrongResultError unless each account has a valid row, and the tables have their constraints and indexes."""
    problems = [*_wrong_counts(plan), *_wrong_constraints()]
    for problem in _wrong_rows():
        problems.append(problem)
        if len(problems) == MOST_SHOWN:
            break
    if problems:
        raise WrongResultError("\n".join(problems))


def _wrong_counts(plan: Plan) -> Iterator[str]:
    for model in (get_user_model(), UserStatus):
        count = model._base_manager.count()
        if count != len(plan.moves):
            yield f"{model._meta.db_table} has {count} rows for {len(plan.moves)} accounts."


def _wrong_rows() -> Iterator[str]:
    users = get_user_model()._base_manager.select_related("status")
    for user in users.iterator():
        try:
            # % if cookiecutter.login_field == "username"
            # The database has checked what is unique. Names that the rules of today would refuse are kept.
            user.full_clean(exclude={"username"}, validate_unique=False, validate_constraints=False)
            # % else
            # The database has checked what is unique.
            user.full_clean(validate_unique=False, validate_constraints=False)
            # % endif
            user.status.clean_fields()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                yield f"{name} of {user.pk}: {' '.join(messages)}"


def _wrong_constraints() -> Iterator[str]:
    for model in (get_user_model(), UserStatus):
        meta = model._meta
        with connection.cursor() as cursor:
            there = connection.introspection.get_constraints(cursor, meta.db_table)
        unique = [found["columns"] for found in there.values() if found["unique"]]
        for declared in (*meta.constraints, *meta.indexes):
            if declared.name not in there:
                yield f"{meta.db_table} lacks {declared.name}."
        for field in meta.concrete_fields:
            if field.unique and not field.primary_key and [field.column] not in unique:
                yield f"{meta.db_table}.{field.column} is not unique."
