"""Sealed files: only a key opens them, and nothing of them can be changed, cut, moved or added unseen."""

import io
import random

import pytest

from clinics import sealing
from clinics.sealing import Opened, Sealer, Trouble, name_of

KEY, OTHER = b"k" * 32, b"o" * 32
CHUNK = 100
HEAD, SEALED = len(sealing.MAGIC) + 24, CHUNK + 16


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(sealing, "CHUNK", CHUNK)


def sealed(content: bytes, key: bytes = KEY) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, key)
    for start in range(0, len(content), 33):
        sealer.write(content[start : start + 33])
    sealer.finish()
    return file.getvalue()


def opened(content: bytes, *keys: bytes) -> bytes:
    return io.BufferedReader(Opened(io.BytesIO(content), keys or (KEY,))).read()


@pytest.mark.asvs("V11.3.2")
@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_gives_back_what_was_sealed(length):
    content = random.Random(length).randbytes(length)

    assert opened(sealed(content)) == content


def test_shows_nothing_of_what_is_in_it():
    secret = b"Maria Rivera, disc L5"

    assert secret not in sealed(secret * 20)


def test_no_two_files_are_sealed_alike():
    content = b"the same words"
    one, other = (sealed(content)[HEAD : HEAD + len(content)] for _ in range(2))

    assert one != other


def test_opens_with_an_older_key_after_a_change_of_keys():
    assert opened(sealed(b"old", OTHER), KEY, OTHER) == b"old"


def test_says_which_key_is_missing():
    with pytest.raises(Trouble, match=f"sealed with the key {name_of(OTHER).hex()}"):
        opened(sealed(b"words", OTHER), KEY)


def test_a_name_of_a_key_is_not_the_key():
    assert name_of(KEY) not in KEY


def each_damage():
    whole = sealed(bytes(range(250)))
    chunks = [whole[HEAD:][start : start + SEALED] for start in range(0, len(whole) - HEAD, SEALED)]
    yield "cut short by a byte", whole[:-1]
    yield "cut after a whole chunk", whole[: HEAD + 2 * SEALED]
    yield "cut to its head", whole[:HEAD]
    yield "cut in its head", whole[: HEAD - 1]
    yield "a byte more", whole + b"\0"
    yield "a chunk twice", whole[:HEAD] + chunks[0] + b"".join(chunks)
    yield "a chunk missing", whole[:HEAD] + b"".join(chunks[1:])
    yield "two chunks changed about", whole[:HEAD] + chunks[1] + chunks[0] + chunks[2]
    yield "a chunk of another file", whole[:HEAD] + sealed(b"x" * 250)[HEAD : HEAD + SEALED] + whole[HEAD + SEALED :]
    yield "the head of another file", sealed(b"")[:HEAD] + whole[HEAD:]


@pytest.mark.parametrize("name", ["cut", "a byte", "a chunk", "two chunks", "the head"])
def test_refuses_what_is_not_as_it_was(name):
    tried = [damaged for said, damaged in each_damage() if said.startswith(name)]

    for damaged in tried:
        with pytest.raises(Trouble, match=r"damaged"):
            opened(damaged)
    assert tried


def test_refuses_a_file_with_any_one_byte_flipped():
    whole = sealed(bytes(range(250)))

    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        with pytest.raises(Trouble):
            opened(bytes(damaged))
