"""The cheapest hash that is good enough."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """Argon2id with the least that OWASP's Password Storage Cheat Sheet asks for."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
