"""People who edit programs through the site's real web workers, and what the database holds of it afterwards."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import urlencode

from django.conf import settings

from clinics.models import AuditEntry
from programs.models import Item, Program
from tests.conftest import make_user, signed_in
from tests.faults.websites import Website
from tests.programs.clinical import make_ready

TOKEN = "a" * 32


def programs(count: int, *names: str) -> tuple[str, list[int], int]:
    """Make programs of these exercises; return a session's key, theirs, and the version that all of them are at."""
    by = make_user()
    made = [make_ready(*names, by=by) for _ in range(count)]
    client = signed_in(by)
    return client.cookies[settings.SESSION_COOKIE_NAME].value, [row.pk for row in made], made[0].version


@dataclass(frozen=True)
class State:
    """A program as the database has it: its version, its items' positions, and how many edits the log tells of."""

    version: int
    positions: list[int]
    logged: int


def state(program: int) -> State:
    items = Item.objects.filter(stage__program=program).order_by("position")
    logged = AuditEntry.objects.filter(subject=f"program:{program}").exclude(action__startswith="view")
    return State(
        Program.objects.get(pk=program).version,
        list(items.values_list("position", flat=True)),
        logged.count(),
    )


@dataclass
class Editor:
    """Adds an exercise and takes it back, again and again; sends what got no answer again under the same name."""

    website: Website
    program: int
    acked: int = 0
    retried: int = 0
    answers: set[int] = field(default_factory=set)
    acked_at: float = 0.0

    def edit(self, over: threading.Event) -> None:
        do = "undo" if self.acked % 2 else "add:bridge"
        body = urlencode({"do": do, "key": f"edit-{self.acked}"})
        while True:
            try:
                status, _, page = self.website.ask(
                    "POST", f"/programs/{self.program}/edit/", body, X_Requested_With="fetch"
                )
            except (OSError, HTTPException):
                status = 0
            self.answers.add(status)
            if status == 200 and "version" in json.loads(page):
                break
            self.retried += 1
            if over.wait(0.02):
                return
        self.acked += 1
        self.acked_at = time.monotonic()


@contextmanager
def editing(editors: list[Editor]) -> Iterator[None]:
    """Have everybody edit meanwhile; at the end each has an answer to what was sent last."""
    over, given_up = threading.Event(), threading.Event()

    def work(editor: Editor) -> None:
        while not over.is_set():
            editor.edit(given_up)

    people = [threading.Thread(target=work, args=(editor,)) for editor in editors]
    for person in people:
        person.start()
    try:
        yield
    finally:
        over.set()
        threading.Timer(10, given_up.set).start()
        for person in people:
            person.join(timeout=30)


def wait_for_edits(editors: list[Editor], count: int) -> None:
    """Wait until so many more edits were answered by each."""
    goal, end = [editor.acked + count for editor in editors], time.monotonic() + 30
    while any(editor.acked < most for editor, most in zip(editors, goal, strict=True)):
        assert time.monotonic() < end, [editor.answers for editor in editors]
        time.sleep(0.005)
