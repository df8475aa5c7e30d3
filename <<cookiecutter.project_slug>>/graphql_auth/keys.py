"""The signing keys, and what makes one weak.

The settings import this, so that no process starts with a weak key; the system checks use it too.
"""

from django.conf import settings

MIN_BYTES = 32  # RFC 7518, 3.2: as many as the output of HS256
MIN_DIFFERENT = 5  # characters, as Django's own check security.W009 asks for
HOW_TO_MAKE_ONE = """python -c 'import secrets; print(secrets.token_urlsafe(50))'"""


def secret_keys() -> list[str]:
    """Return SECRET_KEY, which signs, and SECRET_KEY_FALLBACKS, which only verify."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def weakness(key: object) -> str:
    """Return what is wrong with `key`, as the end of a sentence that begins with its name; "" for a good key."""
    if not isinstance(key, str) or not key:
        return "is not set"
    if len(key.encode()) < MIN_BYTES:
        return f"has less than {MIN_BYTES} bytes"
    # A text that is found inside of itself, written twice, repeats a shorter one.
    if len(set(key)) < MIN_DIFFERENT or key in (key + key)[1:-1]:
        return "repeats a few characters"
    return ""
