"""The signing keys, and what makes one weak.

The settings use this to prevent a start with a weak key; the system checks use it too.
"""

from django.conf import settings

MIN_BYTES = 32  # RFC 7518, 3.2: the output size of HS256
MIN_DIFFERENT = 5  # characters, like Django's own check security.W009
HOW_TO_MAKE_ONE = """python -c 'import secrets; print(secrets.token_urlsafe(50))'"""


def secret_keys() -> list[str]:
    """Return SECRET_KEY, which signs, and SECRET_KEY_FALLBACKS, which only verify."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def weakness(key: object) -> str:
    """Return what is wrong with `key`, as a predicate that follows its name; "" for a strong key."""
    if not isinstance(key, str) or not key:
        return "is not set"
    if len(key.encode()) < MIN_BYTES:
        return f"has fewer than {MIN_BYTES} bytes"
    # A string consists of repetitions if it occurs inside its own concatenation.
    if len(set(key)) < MIN_DIFFERENT or key in (key + key)[1:-1]:
        return "repeats a few characters"
    return ""
