"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2(Argon2PasswordHasher):
    """Argon2id with OWASP's small setting (19 MiB, two passes, one lane).

    Strong enough by ASVS 5.0 appendix C, and cheap enough that a burst of sign-ins isn't an outage.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
