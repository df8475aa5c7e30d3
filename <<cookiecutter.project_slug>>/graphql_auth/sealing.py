"""Encrypts data that must be stored but not be readable: the addresses in queued mails."""

from base64 import urlsafe_b64encode
from hmac import HMAC

from cryptography.fernet import Fernet, MultiFernet
from django.utils.crypto import salted_hmac

from graphql_auth.keys import secret_keys

# Salts, so that the two purposes use different keys.
ENCRYPTION, DIGEST = "graphql_auth.sealing.encryption", "graphql_auth.sealing.digest"


def seal(text: str) -> str:
    """Return `text` encrypted and authenticated (Fernet: AES-128-CBC with HMAC-SHA256); each result is different."""
    return _ciphers().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the text that was sealed under SECRET_KEY or one of SECRET_KEY_FALLBACKS.

    Raises cryptography.fernet.InvalidToken when it was modified or sealed under another key.
    """
    return _ciphers().decrypt(sealed.encode()).decode()


def digests(text: str) -> list[str]:
    """Return a keyed digest of `text` for each key, the current one first. Used to find a text without storing it."""
    return [_hmac(DIGEST, text, key).hexdigest() for key in secret_keys()]


def _ciphers() -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(_hmac(ENCRYPTION, "", key).digest())) for key in secret_keys()])


def _hmac(salt: str, text: str, key: str) -> HMAC:
    return salted_hmac(salt, text, secret=key, algorithm="sha256")
