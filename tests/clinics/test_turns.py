"""Who waits for what a process does one at a time gets it in turn with other clinics, and some threads stay free."""

import time
from threading import Thread

import pytest

from clinics.turns import Full, Turns


class Crowd:
    """Threads that wait one behind the other; `came` is the order in which they were let in."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.threads: list[Thread] = []
        self.came: list[str] = []

    def waits(self, *names: str) -> None:
        """Have one more thread wait for each name; its first letter is its clinic."""
        for name in names:
            before = self.turns.waiting()
            self.threads.append(Thread(target=self._go_in, args=(name,)))
            self.threads[-1].start()
            while self.turns.waiting() == before:
                time.sleep(0.001)

    def _go_in(self, name: str) -> None:
        with self.turns.of(name[0]):
            self.came.append(name)

    def all_came(self) -> list[str]:
        for thread in self.threads:
            thread.join(timeout=60)
        return self.came


@pytest.mark.asvs("V15.2.2")
def test_each_clinic_comes_in_turn_however_many_one_sends():
    turns = Turns(10, 10)
    crowd = Crowd(turns)
    with turns.of("a"):
        crowd.waits("a1", "a2", "a3", "a4", "b1", "c1", "b2")

    assert crowd.all_came() == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_one_who_comes_while_others_wait_is_not_before_them():
    turns = Turns(10, 10)
    crowd = Crowd(turns)
    with turns.of("a"):
        crowd.waits("a1", "a2")
        with_b = Crowd(turns)
        with_b.came = crowd.came
        with_b.waits("b1")

    assert (crowd.all_came(), with_b.all_came()) == (["a1", "b1", "a2"],) * 2


@pytest.mark.asvs("V15.2.2")
def test_a_clinic_has_so_many_places_and_leaves_some_to_others():
    turns = Turns(5, 3)
    crowd = Crowd(turns)
    with turns.of("a"):
        crowd.waits("a1", "a2")
        with pytest.raises(Full), turns.of("a"):
            pytest.fail("a fourth of the clinic got in")
        assert (turns.has_room("a"), turns.has_room("b")) == (False, True)
        crowd.waits("b1", "b2")
        with pytest.raises(Full), turns.of("c"):
            pytest.fail("a sixth thread got in")
        assert not turns.has_room("c")

    assert crowd.all_came() == ["a1", "b1", "a2", "b2"]


def test_a_turn_that_ends_in_an_error_is_given_on():
    turns = Turns(3, 3)
    crowd = Crowd(turns)

    def fail() -> None:
        crowd.waits("b1")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), turns.of("a"):
        fail()

    assert crowd.all_came() == ["b1"]
    with turns.of("a"):
        assert turns.waiting() == 0
