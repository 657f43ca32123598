"""A full disk, or a database that is away: the page says which, and gives back what was typed, but nothing secret."""

import errno
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client

from clinics import outage
from clinics.models import User
from tests.clinics.accounts import PASSWORD, make_person
from tests.conftest import make_editor, make_exercise, signed_in
from tests.faults import full, seeds
from tests.photos import photo

TOKEN = "a" * 32
TYPED = {"name": "Ida <Holm>", "language": "en", "version": "1", "csrfmiddlewaretoken": TOKEN}


@pytest.fixture
def person(db: None) -> User:
    return make_person()


def browser(client: Client) -> Client:
    """Return one whose forms must have a token, and who is shown what people are."""
    client.handler.enforce_csrf_checks, client.raise_request_exception = True, False
    client.cookies["csrftoken"] = TOKEN
    return client


@contextmanager
def refusing(trouble: Exception, start: str = "") -> Iterator[None]:
    """Have the database refuse each statement that begins so, by default each one."""

    def refuse(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(start):
            raise trouble
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        yield
    connection.needs_rollback = False  # the one around the test, which a refused save() marks


OUTAGES = {
    "SQLite has no room": (full.of_sqlite(13), outage.FULL),
    "SQLite can't write": (full.of_sqlite(778), outage.UNWRITABLE),  # IOERR_WRITE
    "SQLite may not write": (full.of_sqlite(8), outage.UNWRITABLE),
    "SQLite finds no file": (full.of_sqlite(14), outage.AWAY),
    "SQLite waited too long": (full.of_sqlite(5), outage.UNWRITABLE),
    "PostgreSQL has no room": (full.caused_by(psycopg.errors.DiskFull()), outage.FULL),
    "PostgreSQL may not write": (full.caused_by(psycopg.errors.ReadOnlySqlTransaction()), outage.UNWRITABLE),
    "PostgreSQL stops": (full.caused_by(psycopg.errors.AdminShutdown()), outage.AWAY),
    "PostgreSQL is full of people": (full.caused_by(psycopg.errors.TooManyConnections()), outage.AWAY),
    "PostgreSQL isn't there": (full.caused_by(psycopg.OperationalError("connection refused")), outage.AWAY),
    "a file has no room": (OSError(errno.ENOSPC, "No space left on device"), outage.FULL),
    "files are read-only": (OSError(errno.EROFS, "Read-only file system"), outage.READ_ONLY),
}
MISTAKES = {
    "no such table": full.of_sqlite(1),
    "a row that is there": full.caused_by(psycopg.errors.UniqueViolation()),
    "no such column": full.caused_by(psycopg.errors.UndefinedColumn()),
    "a file that isn't there": FileNotFoundError(errno.ENOENT, "No such file"),
    "nothing known": OperationalError("disk I/O error"),
    "nothing at all": None,
}


@pytest.mark.parametrize("name", OUTAGES)
def test_says_which_outage_it_is(name: str) -> None:
    trouble, sentence = OUTAGES[name]

    assert outage.why(trouble) == sentence


@pytest.mark.parametrize("name", MISTAKES)
def test_takes_no_mistake_for_an_outage(name: str) -> None:
    assert outage.why(MISTAKES[name]) == ""


def test_knows_what_sqlite_itself_says() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("PRAGMA max_page_count = 3")
        with pytest.raises(sqlite3.OperationalError, match="full") as caught:
            database.execute("CREATE TABLE large AS SELECT zeroblob(100000)")

    assert outage.why(caught.value) == outage.FULL


def test_knows_what_postgresql_itself_says(db: None) -> None:
    if not full.on_postgresql():
        pytest.skip("another database")
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$")

    assert outage.why(caught.value) == outage.FULL


def test_knows_a_database_that_may_only_be_read(db: None) -> None:
    with pytest.raises(DatabaseError) as caught, full.read_only(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET value = ''")

    assert outage.why(caught.value) == outage.UNWRITABLE


@pytest.mark.asvs("V16.5.2")
def test_gives_a_form_back_that_is_taken_later(person: User) -> None:
    client = browser(signed_in(person))

    with refusing(full.disk(), "INSERT"):
        answer = client.post("/patients/new/?from=today", TYPED)
    again = client.post(full.target(answer.text), dict(full.kept(answer.text)) | {"csrfmiddlewaretoken": TOKEN})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "no-store" in answer["Cache-Control"]
    assert outage.FULL in answer.text
    assert "<dd>Ida &lt;Holm&gt;</dd>" in answer.text
    assert (full.target(answer.text), full.token(answer.text)) == ("/patients/new/?from=today", TOKEN)
    assert again.status_code == 302


@pytest.mark.asvs("V16.5.2")
@pytest.mark.parametrize("statement", ["", "UPDATE"])
def test_gives_it_back_too_while_nobody_can_say_who_asks(person: User, statement: str) -> None:
    """The session can't be read, or not be written, which fails before the page or after it."""
    client = browser(signed_in(person))
    session = client.session
    session["presence"] |= {"seen": session["presence"]["seen"] - 600}
    session.save()

    with refusing(full.caused_by(psycopg.OperationalError("refused")), statement):
        answer = client.post("/patients/new/", TYPED)

    assert answer.status_code == 503
    assert outage.AWAY in answer.text
    assert full.kept(answer.text) == [("name", "Ida <Holm>"), ("language", "en"), ("version", "1")]


@pytest.mark.asvs("V3.5.1")
def test_gives_nothing_back_that_another_site_sent(person: User) -> None:
    """Else a button of ours would send it on with our own token."""
    client = browser(signed_in(person))

    with refusing(full.disk()):
        answer = client.post("/patients/new/", TYPED | {"csrfmiddlewaretoken": "b" * 32})

    assert answer.status_code == 503
    assert (full.target(answer.text), full.kept(answer.text), "Ida" in answer.text) == ("", [], False)
    assert "Go back with your browser" in answer.text


SECRETS = {
    "/accounts/password/change/": {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD},
    "/accounts/again/": {"password": PASSWORD},
    "/resume/": {"resume_target": "https://evil.invalid/", "note": "secret"},
    "/nowhere/": {"note": "secret"},
}


@pytest.mark.asvs("V14.2.1")
@pytest.mark.parametrize("address", SECRETS)
def test_gives_no_secret_back(person: User, address: str) -> None:
    client = browser(signed_in(person))

    with refusing(full.disk()):
        answer = client.post(address, SECRETS[address] | {"csrfmiddlewaretoken": TOKEN})

    assert answer.status_code == 503
    assert full.target(answer.text) == ""
    assert "secret" not in answer.text
    assert PASSWORD not in answer.text


@pytest.mark.asvs("V14.2.1")
def test_leaves_passwords_out_of_what_it_gives_back(person: User) -> None:
    client = browser(signed_in(person))

    with refusing(full.disk()):
        answer = client.post("/patients/new/", TYPED | {"password1": PASSWORD})
    ended = browser(Client()).post("/patients/new/", TYPED | {"password1": PASSWORD})

    assert [("name", "Ida <Holm>") in full.kept(page.text) for page in (answer, ended)] == [True, True]
    assert PASSWORD not in answer.text + ended.text


@pytest.mark.parametrize("password", [PASSWORD, "a wrong password"])
def test_says_so_to_who_signs_in(person: User, password: str) -> None:
    """Django's cache would take it for too many tries."""
    client = browser(Client())
    typed = {"login": person.email, "password": password, "csrfmiddlewaretoken": TOKEN}

    with full.read_only():
        answer = client.post("/accounts/login/", typed)

    assert answer.status_code == 503
    assert outage.UNWRITABLE in answer.text
    assert person.email not in answer.text
    assert "_auth_user_id" not in client.session


def test_a_form_that_was_not_noted_was_not_taken(person: User) -> None:
    """A new patient's form is noted so that a double click adds one."""
    client = browser(signed_in(person))

    with full.read_only():
        answer = client.post("/patients/new/", TYPED | {"form_key": "once"})

    assert answer.status_code == 503
    assert client.post("/patients/new/", TYPED | {"form_key": "once"}).status_code == 302


def test_keeps_what_was_carried_through_signing_in_again(person: User) -> None:
    client = browser(Client())
    login = {"login": person.email, "password": PASSWORD, "resume_target": "/patients/new/"}

    with full.read_only():
        answer = client.post("/resume/", TYPED | login)
    again = client.post(full.target(answer.text), dict(full.kept(answer.text)) | {"csrfmiddlewaretoken": TOKEN})

    assert answer.status_code == 503
    assert full.target(answer.text) == "/patients/new/"
    assert full.kept(answer.text) == [("name", "Ida <Holm>"), ("language", "en"), ("version", "1")]
    assert PASSWORD not in answer.text
    assert again.status_code == 401
    assert [field for field in full.kept(again.text) if field[0] != "resume_target"] == full.kept(answer.text)


def test_asks_for_files_again(db: None) -> None:
    client, draft = browser(signed_in(make_editor())), make_exercise("Bridge", status="draft")
    file = BytesIO(photo())

    with refusing(full.disk()):
        page = client.post(
            f"/catalog/exercises/{draft.slug}/pictures/", {"start-file": file, "csrfmiddlewaretoken": TOKEN}
        ).text

    assert 'enctype="multipart/form-data"' in page
    assert '<input class="form-control" type="file" id="again-start-file" name="start-file">' in page


def test_says_why_nothing_is_shown(person: User) -> None:
    client = browser(signed_in(person))

    with refusing(full.of_sqlite(14)):
        page = client.get("/patients/")
        script = client.get("/patients/", headers={"X-Requested-With": "fetch"})

    assert page.status_code == 503
    assert outage.AWAY in page.text
    assert "Load the page again" in page.text
    assert (script.status_code, script.json()) == (503, {"why": outage.AWAY})


def test_says_that_there_is_no_room_for_a_workbook(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is written in the folder for temporary files before its first byte is sent."""
    make_exercise("Bridge")
    client = browser(signed_in(make_editor()))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with seeds.no_room_above(10):
        answer = client.get("/catalog/exchange/export/?kind=xlsx")

    assert answer.status_code == 503
    assert outage.FULL in answer.text
    assert list(tmp_path.iterdir()) == []
    assert client.get("/catalog/exchange/export/?kind=xlsx").getvalue().startswith(b"PK")


def test_an_error_that_is_ours_is_no_outage(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise sqlite3.ProgrammingError("a mistake")

    monkeypatch.setattr("clinics.audit.listed", fail)

    assert browser(signed_in(person)).get("/patients/").status_code == 500
