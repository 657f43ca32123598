"""Numbers that no column holds, and text that means something elsewhere, in the fields of every page that writes.

Each is sent as a script would, past what a browser checks: never an error of ours, and what is no number isn't kept.
"""

import random
from typing import Any

import pytest
from django.db import connection, transaction

from exercises import known
from tests.conftest import DEEP
from tests.faults.test_every_statement import world
from tests.faults.writes import WRITES

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]

# Each of these is more than any column or less than any field takes; a 5 in wide letters is five, or refused.
TOO_MUCH = ["-1", "2147483648", "9223372036854775808", "9" * 5000]
NO_NUMBER = ["1e999", "NaN", "0x10"]
POSSIBLE = ["0", "５"]
TEXTS = [
    *("' OR 1=1 --", "x' UNION SELECT password FROM clinics_user --", "{0.__init__.__globals__}", "%(a)s %n %s"),
    *("{{ 7*7 }}{% load x %}", "a;touch /tmp/x $(touch /tmp/x)", "\x00\x01\x1b[31m\u202e", "( [ .* + \\", "🦴" * 3000),
]
# Hidden: one that is no number counts as none given, asks nothing of the database, and what that means is tried there.
AS_NONE = {
    *(("a new patient", "version"), ("a new program", "clinic_protocol"), ("a ticked exercise", "on")),
    *(("an edit by script", "version"), ("an edit by button", "version"), ("an undone edit", "version")),
    ("a screening", "version"),
}
OF_ITSELF = {"home_sync", "pose", "exercise_pictures"}  # JSON and files, with tests of their own


def is_number(value: Any) -> bool:
    return not isinstance(value, bool) and str(value).isdecimal()


class Page:
    """A form that is sent again and again with something else in one field, each time to the database as it was."""

    def __init__(self, world, name: str) -> None:
        self.world, self.write = world, WRITES[name]
        self.client, self.typed = self.write.client(world), self.write.typed(world)

    def sent(self, field: str, value: Any) -> int:
        known.forget()
        with transaction.atomic():
            answer = self.write.send(self.client, self.world, {**self.typed, field: value})
            connection.needs_rollback = False
            transaction.set_rollback(True)
        return answer.status_code


def some(values: list[str], seed: str) -> list[str]:
    """Return all in a deep run, else one, another for the next field."""
    return values if DEEP else random.Random(seed).sample(values, 1)


PAGES = [name for name, write in WRITES.items() if write.page not in OF_ITSELF]


@pytest.mark.asvs("V1.4.2", "V2.2.2")
def test_a_number_that_cannot_be_is_refused_and_never_an_error_of_ours(world):
    answers = {}
    for name in PAGES:
        page = Page(world, name)
        for field in [field for field, value in page.typed.items() if is_number(value)]:
            for value in [part for parts in (TOO_MUCH, NO_NUMBER, POSSIBLE) for part in some(parts, name + field)]:
                answers[name, field, value[:20]] = page.sent(field, value)

    assert len(answers) > 60
    assert {asked: status for asked, status in answers.items() if status >= 500} == {}
    taken = {asked[:2] for asked, status in answers.items() if status in {200, 302} and asked[2] not in POSSIBLE}
    assert taken <= AS_NONE, sorted(taken - AS_NONE)


@pytest.mark.asvs("V1.2.4", "V1.3.10")
def test_text_that_means_something_elsewhere_is_text(world):
    answers = {}
    for name in PAGES:
        page = Page(world, name)
        for field in [field for field, value in page.typed.items() if isinstance(value, str)]:
            for value in some(TEXTS, name + field):
                answers[name, field, value[:20]] = page.sent(field, value)

    assert len(answers) > 60
    assert {asked: status for asked, status in answers.items() if status >= 500} == {}
