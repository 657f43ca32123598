"""How passwords are kept, and how many are hashed at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

PATIENCE_S = 2.0
PAUSE_S = 0.01


class Busy(Exception):
    """Too many passwords wait to be hashed; try again in a moment."""


class SmallArgon2(Argon2PasswordHasher):
    """Argon2id with OWASP's small setting (19 MiB, two passes, one lane), one at a time per processor core.

    Strong enough by ASVS 5.0 appendix C, and cheap enough that a burst of sign-ins isn't an outage.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with a_core():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with a_core():
            return super().verify(password, encoded)


@contextmanager
def a_core() -> Iterator[None]:
    """Hold one of as many locks as there are cores, over all processes of this machine. Raises Busy."""
    end = time.monotonic() + PATIENCE_S
    while True:
        for number in range(os.cpu_count() or 1):
            with _lock_file(number).open("ab") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield  # closing the file gives the lock back, also when the process is killed
                return
        if time.monotonic() > end:
            raise Busy("Too many people sign in at this moment.")
        time.sleep(PAUSE_S)


def _lock_file(number: int) -> Path:
    folder = Path(settings.VAR_DIR) / "hashing"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / str(number)
