"""Keeps local variables out of error reports, because any of them may contain a password."""

import traceback

from django.conf import settings


def forget_locals(error: BaseException) -> None:
    """Clear the local variables of every finished function in the tracebacks of `error`.

    Any function that handles a password, in any library, has it in a variable. While DEBUG is on, they are kept for the
    developer.
    """
    if settings.DEBUG:
        return
    errors, seen = [error], set[int]()
    while errors:
        error = errors.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        traceback.clear_frames(error.__traceback__)
        errors += [other for other in (error.__cause__, error.__context__) if other is not None]
        if isinstance(error, BaseExceptionGroup):
            errors += error.exceptions
