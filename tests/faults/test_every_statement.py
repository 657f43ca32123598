"""F34: the database fails at one statement of a page that writes; all of it is done then, or nothing.

In a plain run at a few statements of each page, in a deep run at every one.
"""

import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.urls import get_resolver, reverse

from exercises import known
from tests import kept
from tests.conftest import DEEP, make_editor, make_user, signed_in
from tests.faults.writes import WRITES, World, Write

pytestmark = [pytest.mark.fault, pytest.mark.django_db]

CHANGES = ("INSERT", "UPDATE", "DELETE")
# Who is there and when: no part of what a form asks for.
BESIDE = {"django_session", "cache", "usersessions_usersession"}
# Pages that take a form, and aren't in WRITES.
ELSEWHERE = {
    **dict.fromkeys(["catalog_preview", "catalog_preview_of", "pose_drawn", "home_standing", "home_leave"], "no rows"),
    **dict.fromkeys(
        ["exchange", "import_confirm", "import_drop"], "a row says how far an import came; test_uploads.py"
    ),
    **dict.fromkeys(["resume", "join"], "it signs in"),
    **dict.fromkeys(["person_sign_out", "patients", "records"], "sessions alone"),
    "record_erase": "it writes SQLite's file anew, which no transaction may hold; test_erasing.py",
}
THE_LIBRARYS = ("account_", "mfa_")
Rows = dict[str, Counter[tuple]]


class Statements:
    """What is asked of the database meanwhile; the statement with the number `failing` is refused."""

    def __init__(self, failing: int = -1) -> None:
        self.failing = failing
        self.asked: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        self.asked.append(sql)
        if len(self.asked) - 1 == self.failing:
            raise OperationalError("disk I/O error")
        return execute(sql, *rest)


def rows() -> Rows:
    """Return all that the tables hold."""
    with connection.cursor() as cursor:
        names = sorted(set(connection.introspection.table_names(cursor)) - BESIDE)
        return {name: Counter(_rows(cursor, name)) for name in names}


def _rows(cursor: Any, name: str) -> list[tuple]:
    cursor.execute(f'SELECT * FROM "{name}"')
    return [(pickle.dumps(row),) for row in cursor.fetchall()]


def difference(before: Rows, after: Rows) -> dict[str, tuple[int, int]]:
    """Return how many rows of each table are new and how many went; a changed row is both."""
    found = {name: ((after[name] - held).total(), (held - after[name]).total()) for name, held in before.items()}
    return {name: counts for name, counts in found.items() if any(counts)}


@pytest.fixture
def world(settings, monkeypatch, tmp_path, db) -> World:
    settings.SITE_ADDRESS, settings.FIGURES_DIR = "https://clinic.example", tmp_path
    monkeypatch.setattr("programs.handout.render_pdf", draw)
    return kept.make("every statement", World)


def draw(*_: Any, **__: Any) -> Any:
    from clinics.pdf import Pdf

    return Pdf(b"%PDF-1.7 sample", "", 1)


@dataclass(frozen=True)
class Came:
    """What came of sending a form: the answer, what was asked of the database, and what changed there."""

    status: int
    page: bytes
    asked: list[str]
    changed: dict[str, tuple[int, int]]


class Form:
    """A form that is sent again and again, each time to the database as it was."""

    def __init__(self, write: Write, world: World) -> None:
        self.write, self.world = write, world
        self.client, self.typed = write.client(world), write.typed(world)
        self.before = rows()

    def sent(self, failing: int = -1) -> Came:
        """Send it; say what came of it, and take that back."""
        known.forget()
        statements = Statements(failing)
        with transaction.atomic():
            with connection.execute_wrapper(statements):
                answer = self.write.send(self.client, self.world, self.typed)
            connection.needs_rollback = False  # the one around the test, which a refused save() marks
            changed = difference(self.before, rows())
            transaction.set_rollback(True)
        return Came(answer.status_code, answer.content, statements.asked, changed)


@pytest.mark.asvs("V2.3.3", "V16.5.3")
@pytest.mark.parametrize("name", WRITES)
def test_a_fault_at_any_statement_leaves_all_of_it_or_nothing(world, name):
    form = Form(WRITES[name], world)
    well = form.sent()
    assert well.status in {200, 302}, well.page
    assert well.changed

    for number in chosen(well.asked):
        came = form.sent(number)
        assert came.changed in ({}, well.changed), well.asked[number]
        assert came.status >= 500 or came.changed == well.changed, well.asked[number]


def chosen(asked: list[str]) -> list[int]:
    """Return the statements to fail at: all, or of those that write the one in the middle and the last."""
    if DEEP:
        return list(range(len(asked)))
    writing = [n for n, sql in enumerate(asked) if sql.startswith(CHANGES) and not any(f'"{b}"' in sql for b in BESIDE)]
    return sorted({writing[len(writing) // 2], writing[-1]})


def test_every_page_that_takes_a_form_is_among_them(db):
    people = [make_user("therapist"), make_user("clinic_admin"), make_editor()]
    clients = [signed_in(person) for person in people]
    named = {write.page for write in WRITES.values()} | set(ELSEWHERE)

    takes = {name for name, at in addresses() if all(client.post(at).status_code != 405 for client in clients)}

    assert takes == named, takes ^ named


def addresses() -> Iterator[tuple[str, str]]:
    """Return name and some address of each page but the admin's."""
    for pattern in get_resolver().url_patterns:
        for page in getattr(pattern, "url_patterns", [pattern]):
            if getattr(pattern, "namespace", None) != "admin" and page.name:
                kinds = page.pattern.converters
                given = {name: 1 if type(kind).__name__ == "IntConverter" else "x" for name, kind in kinds.items()}
                if not page.name.startswith(THE_LIBRARYS):
                    yield page.name, reverse(page.name, kwargs=given)
