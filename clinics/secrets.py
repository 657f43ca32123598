"""Seals short texts and files, so that who gets hold of the database alone can't read them.

AES-GCM with the keys of `FIELD_KEYS`: the first one seals, all of them unseal, so that a new key may be put in front.
What a text is about is sealed in with it: copied to another column it can't be read.
"""

import base64
import binascii
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FORMAT = "1:"
NONCE_BYTES = 12


class CannotUnseal(Exception):
    """No key fits, or what was sealed was altered or belongs to something else."""


def seal(text: str, *, about: str) -> str:
    """Return `text` sealed with the first key; twice the same text gives two different sealed ones."""
    return FORMAT + base64.b64encode(seal_bytes(text.encode(), about=about)).decode()


def unseal(sealed: str, *, about: str) -> str:
    """Return the text that was sealed about the same thing. Raises CannotUnseal."""
    return unseal_bytes(_raw(sealed), about=about).decode()


def reseal(sealed: str, *, about: str) -> str:
    """Return the same text sealed with the first key: `sealed` itself where it is already. Raises CannotUnseal."""
    raw = _raw(sealed)
    again = reseal_bytes(raw, about=about)
    return sealed if again is raw else FORMAT + base64.b64encode(again).decode()


def seal_bytes(content: bytes, *, about: str) -> bytes:
    """Do as `seal` for a whole file."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(settings.FIELD_KEYS[0]).encrypt(nonce, content, about.encode())


def unseal_bytes(sealed: bytes, *, about: str) -> bytes:
    """Do as `unseal` for a whole file. Raises CannotUnseal."""
    for key in settings.FIELD_KEYS:
        try:
            return _opened(sealed, key, about)
        except (InvalidTag, ValueError):  # another key's, or too short to be any
            continue
    raise CannotUnseal("No key of FIELD_KEYS fits, or this was altered.")


def reseal_bytes(sealed: bytes, *, about: str) -> bytes:
    """Do as `reseal` for a whole file. Raises CannotUnseal."""
    try:
        _opened(sealed, settings.FIELD_KEYS[0], about)
    except (InvalidTag, ValueError):
        return seal_bytes(unseal_bytes(sealed, about=about), about=about)
    return sealed


def _opened(sealed: bytes, key: bytes, about: str) -> bytes:
    return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _raw(sealed: str) -> bytes:
    if not sealed.startswith(FORMAT):
        raise CannotUnseal("This was never sealed.")
    try:
        return binascii.a2b_base64(sealed.removeprefix(FORMAT), strict_mode=True)
    except ValueError as broken:
        raise CannotUnseal("This isn't whole.") from broken
