"""Seals a stream of bytes so that only a key opens it, and nothing of it can be changed, cut or reordered unseen.

The form is that of age's STREAM: a head, then chunks sealed with AES-256-GCM. A chunk's nonce is its number and
whether it is the last, under a key that serves this one file, so that no nonce is ever used twice.
"""

import hashlib
import io
import secrets
from collections.abc import Sequence
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"ReleaseFirst sealed 1\n"
KEY_BYTES, NAME_BYTES, SALT_BYTES, TAG_BYTES = 32, 8, 16, 16
CHUNK = 1 << 20


class Trouble(Exception):
    """What stands in the way and what to do about it, as a sentence."""


class Sealer:
    """Takes plain bytes by `write` and puts sealed ones into `to`. Without `finish` the file counts as cut short."""

    def __init__(self, to: BinaryIO, key: bytes) -> None:
        self._to, self._number, self._waiting = to, 0, bytearray()
        self._head = MAGIC + name_of(key) + secrets.token_bytes(SALT_BYTES)
        self._cipher = _cipher(key, self._head)
        to.write(self._head)

    def write(self, content: bytes) -> int:
        self._waiting += content
        while len(self._waiting) > CHUNK:  # what is left may be the last chunk, which is never empty
            self._seal(last=False)
        return len(content)

    def finish(self) -> None:
        self._seal(last=True)

    def _seal(self, *, last: bool) -> None:
        chunk = bytes(self._waiting[:CHUNK])
        del self._waiting[:CHUNK]
        self._to.write(self._cipher.encrypt(_nonce(self._number, last=last), chunk, self._head))
        self._number += 1


class Opened(io.RawIOBase):
    """Reads what a sealed file holds, chunk by chunk, each of them proven before it is given."""

    def __init__(self, sealed: BinaryIO, keys: Sequence[bytes]) -> None:
        self._sealed, self._number, self._ready = sealed, 0, b""
        self._head = sealed.read(len(MAGIC) + NAME_BYTES + SALT_BYTES)
        if len(self._head) < len(MAGIC) + NAME_BYTES + SALT_BYTES or not self._head.startswith(MAGIC):
            raise Trouble("This isn't a backup of ReleaseFirst, or its beginning is damaged.")
        self._cipher = _cipher(self._key(keys), self._head)
        self._next: bytes = sealed.read(CHUNK + TAG_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # of all buffers these two
        if not self._ready and (self._next or not self._number):
            self._ready = self._open()
        given = self._ready[: len(buffer)]
        self._ready = self._ready[len(given) :]
        buffer[: len(given)] = given
        return len(given)

    def _key(self, keys: Sequence[bytes]) -> bytes:
        name = self._head[len(MAGIC) : len(MAGIC) + NAME_BYTES]
        fitting = [key for key in keys if name_of(key) == name]
        if not fitting:
            raise Trouble(f"It was sealed with the key {name.hex()}, which isn't among those given in BACKUP_KEYS.")
        return fitting[0]

    def _open(self) -> bytes:
        chunk, self._next = self._next, self._sealed.read(CHUNK + TAG_BYTES)
        try:
            plain = self._cipher.decrypt(_nonce(self._number, last=not self._next), chunk, self._head)
        except InvalidTag:
            raise Trouble("The file was damaged, changed or cut short; take another backup.") from None
        self._number += 1
        return plain


def name_of(key: bytes) -> bytes:
    """Return what a key may be called in public: a file says by it which key opens it."""
    return hashlib.sha256(b"ReleaseFirst key name\n" + key).digest()[:NAME_BYTES]


def _cipher(key: bytes, head: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=head[-SALT_BYTES:], info=MAGIC).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
