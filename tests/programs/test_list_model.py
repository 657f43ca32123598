"""F23: whatever two people do to a stage, each with the page they opened last, it stays as a plain list would."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from exercises.vocabulary import Phase
from programs.builder import CannotEdit
from programs.clashes import Clash
from tests.conftest import make_exercise, make_user
from tests.programs.samples import act, items_of, make_program

pytestmark = [pytest.mark.django_db, pytest.mark.fault]

RUNS = 2000 if os.environ.get("RELEASEFIRST_DEEP") else 30
THREE = [Phase.CALM, Phase.RELEASE, Phase.INTEGRATE]
VERBS = ["add", "add", "drop", "remove", "up", "down", "place", "duplicate", "undo", "undo", "redo", "look", "look"]
STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(VERBS), st.integers(0, 9), st.integers(0, 9), st.sampled_from(THREE)),
    min_size=12,
    max_size=20,
)
Row = tuple[int, Phase]  # an item's key, and the phase that it stands in


class TwoAtOneList:
    """The program, the list that it should be, and what each of two people saw of it last."""

    def __init__(self) -> None:
        for phase in THREE:
            make_exercise(f"In {phase}", phase)
        first = make_user()
        self.program = make_program(by=first)
        self.people = [first, make_user(clinic=self.program.patient.clinic, name="Milo Hartmann")]
        self.rows: list[Row] = []
        self.done: list[tuple[list[Row], list[Row]]] = []
        self.undone: list[tuple[list[Row], list[Row]]] = []
        self.seen: list[tuple[list[Row], dict[str, int]]] = [([], {}), ([], {})]
        self.look(0)
        self.look(1)

    def look(self, who: int) -> None:
        versions = {f"v-{item.pk}": item.version for item in items_of(self.program)}
        self.seen[who] = (self.rows, versions | {"version": self.program.version})

    def step(self, who: int, verb: str, number: int, other: int, phase: Phase) -> None:
        """Do it in the program and in the list; who is refused changes neither."""
        seen, page = self.seen[who]
        if verb == "look" or (not seen and verb not in {"add", "undo", "redo"}):
            return self.look(who)
        key, before = (seen[place % len(seen)][0] if seen else 0 for place in (number, other))
        do = {"add": f"add:in-{phase}", "drop": f"add:in-{phase}", "undo": "undo", "redo": "redo"}.get(verb)
        fields = {"phase": phase, "before": before} if verb in {"drop", "place"} else {}
        try:
            act(self.program, do or f"{verb}:{key}", by=self.people[who], **fields, **page)
        except (CannotEdit, Clash):
            nothing_to_do = {"undo": not self.done, "redo": not self.undone}.get(verb, False)
            assert nothing_to_do or page["version"] != self.program.version, "who saw all of it is refused nothing"
            return None
        self.follow(verb, key, before, phase)
        return self.look(who)

    def follow(self, verb: str, key: int, before: int, phase: Phase) -> None:
        if verb in {"undo", "redo"}:
            here, there = (self.done, self.undone) if verb == "undo" else (self.undone, self.done)
            there.append(here.pop())
            self.rows = there[-1][0 if verb == "undo" else 1]
            return
        was, self.rows = self.rows, self.edited(verb, key, before, phase)
        if self.rows != was:
            self.done.append((was, self.rows))
            self.undone = []

    def edited(self, verb: str, key: int, before: int, phase: Phase) -> list[Row]:
        """Return the list after an edit, in the words of lists; a new item's key is the database's to choose."""
        keys = [one for one, _ in self.rows]
        here = keys.index(key) if key in keys else 0
        new = next((item.pk for item in items_of(self.program) if item.pk not in keys), 0)
        rows = list(self.rows)
        if verb in {"up", "down"}:
            there = here + (1 if verb == "down" else -1)
            if 0 <= there < len(rows) and rows[there][1] is rows[here][1]:
                rows[here], rows[there] = rows[there], rows[here]
        elif verb == "remove":
            del rows[here]
        elif verb == "duplicate":
            rows.insert(here + 1, (new, rows[here][1]))
        else:
            moved = [row for row in rows if row[0] != key] if verb == "place" else rows
            places = [one for one, _ in moved]
            stands = before in places and verb != "add"
            moved.insert(places.index(before) if stands else len(moved), (key if verb == "place" else new, phase))
            rows = sorted(moved, key=lambda row: row[1].rank)
        return rows


class TestTwoAtOneList(TestCase):
    @given(steps=STEPS)
    @settings(max_examples=RUNS, deadline=None, suppress_health_check=list(HealthCheck))
    def test_stays_as_a_list_would(self, steps):
        both = TwoAtOneList()
        for step in steps:
            both.step(*step)

            items = items_of(both.program)
            assert [(item.pk, Phase(item.phase)) for item in items] == both.rows
            assert [item.position for item in items] == list(range(1, len(items) + 1))
