"""What the fault tests share."""

import signal
from collections.abc import Iterator

import pytest

from tests.faults.places import empty_database, place

__all__ = ["empty_database", "place"]


@pytest.fixture
def give_signals_back() -> Iterator[None]:
    """`deliver` takes SIGTERM and SIGINT over when it runs in the tests' own process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
