"""Sealing texts with the site's keys."""

import pytest
from django.test import override_settings

from clinics.secrets import CannotUnseal, seal, unseal

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.mark.parametrize("text", ["", "JBSWY3DPEHPK3PXP", "María\r\n\0 🙂", "x" * 100_000])
def test_gives_back_what_was_sealed(text):
    assert unseal(seal(text, about="seed:1"), about="seed:1") == text


def test_shows_nothing_of_the_text_and_never_seals_twice_alike():
    first, second = (seal("JBSWY3DPEHPK3PXP", about="seed:1") for _ in range(2))

    assert first != second
    assert "JBSWY3DPEHPK3PXP" not in first


def test_refuses_a_text_that_was_sealed_about_something_else():
    with pytest.raises(CannotUnseal):
        unseal(seal("mine", about="seed:1"), about="seed:2")


@pytest.mark.parametrize(
    "alter",
    [
        lambda sealed: sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:],
        lambda sealed: sealed[:-8],
        lambda sealed: "1:",
        lambda sealed: "1:AAAA",
        lambda sealed: "1:ñ",
        lambda sealed: sealed[2:],
        lambda sealed: "in clear",
    ],
    ids=["one letter", "cut", "empty", "short", "no base64", "no format", "never sealed"],
)
def test_refuses_what_was_altered(alter):
    with pytest.raises(CannotUnseal):
        unseal(alter(seal("as it was, with some length", about="seed:1")), about="seed:1")


def test_seals_with_the_first_key_and_reads_with_all():
    with override_settings(FIELD_KEYS=[OLD]):
        before = seal("kept", about="seed:1")

    with override_settings(FIELD_KEYS=[NEW, OLD]):
        after = seal("kept", about="seed:1")
        assert unseal(before, about="seed:1") == "kept"

    with override_settings(FIELD_KEYS=[NEW]):
        assert unseal(after, about="seed:1") == "kept"
        with pytest.raises(CannotUnseal):
            unseal(before, about="seed:1")
