"""docs/limits.md says what the code does, and at each limit N is taken and N + 1 isn't."""

import io
import re
from importlib import import_module

import pytest
from django.conf import settings
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinics import pdf, raster
from clinics.uploads import LONGEST_REQUEST, SmallFiles
from config import gunicorn
from exercises.exchange import mistakes, reading
from programs import link_misses
from tests.exercises.exchange.test_reading import COLUMNS
from tests.test_house_rules import ROOT

PAPER = (ROOT / "docs/limits.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("| ").split("|")] for line in PAPER.splitlines() if line.endswith("` |")]

# Where each limit is tried, at its edge or just past it: here, or by a test of what it belongs to.
TRIED = {
    "programs.link_misses.MOST": "tests/security/test_limits.py::test_tries_at_links",
    "programs.home_views.MOST_NOTES": "tests/programs/test_home_views.py::test_takes_no_more_notes_at_once",
    "clinics.forms.LONGEST_LINK_DAYS": "tests/clinics/test_clinic_page.py::test_says_what_is_wrong",
    "programs.delivery.MOST_ATTEMPTS": "tests/faults/test_mail_server.py::test_gives_a_dead_server_up_after_fourteen",
    "clinics.pdf.MOST_CHARACTERS": "tests/clinics/test_pdf.py::test_it_says_when_a_document_is_too_much",
    "clinics.pdf.MOST_PIXELS": "tests/clinics/test_pdf.py::test_it_says_when_a_document_is_too_much",
    "clinics.pdf.MOST_AT_ONCE": "tests/clinics/test_turns.py::test_a_clinic_has_so_many_places_and_leaves_some",
    "clinics.pdf.MOST_OF_A_CLINIC": "tests/clinics/test_turns.py::test_a_clinic_has_so_many_places_and_leaves_some",
    "config.gunicorn.threads": "tests/faults/test_pdf_storm.py::test_a_clinic_that_floods_the_site",
    "exercises.finding.LONGEST_TEXT": "tests/exercises/test_finding.py::test_reads_the_first_hundred_characters",
    "patients.searching.LONGEST": "tests/programs/test_copying.py::test_answers_any_search",
    "programs.history.MOST": "tests/programs/test_history.py::test_keeps_the_last_edits_and_no_more",
    "exercises.pose_editor.LONGEST_TEXT": "tests/exercises/test_pose_editor.py::test_refuses_text_that_is_no_pose",
    "settings.DATA_UPLOAD_MAX_MEMORY_SIZE": "tests/security/test_limits.py::test_bytes_of_a_request",
    "settings.DATA_UPLOAD_MAX_NUMBER_FIELDS": "tests/security/test_limits.py::test_fields_of_a_form",
    "settings.DATA_UPLOAD_MAX_NUMBER_FILES": "tests/security/test_limits.py::test_files_of_a_form",
    "clinics.uploads.LONGEST_REQUEST": "tests/security/test_limits.py::test_bytes_of_a_request_with_files",
    "clinics.uploads.LARGEST_FILE": "tests/clinics/test_branding.py::test_refuses",
    "clinics.branding.MOST_PIXELS": "tests/clinics/test_branding.py::test_refuses",
    "exercises.uploads.LARGEST_FILE": "tests/exercises/test_uploads.py::test_says_why_it_refuses_a_file",
    "exercises.uploads.MOST_PIXELS": "tests/exercises/test_uploads.py::test_says_why_it_refuses_a_file",
    "exercises.exchange.jobs.LARGEST_FILE": "tests/exercises/exchange/test_pages.py::test_refuses_what_is_no_such_file",
    "exercises.exchange.reading.MOST_ROWS": "tests/security/test_limits.py::test_rows_of_a_file",
    "exercises.exchange.reading.MOST_COLUMNS": "tests/exercises/exchange/test_workbooks.py::test_refuses_bombs",
    "exercises.exchange.bombs.MOST_BYTES": "tests/exercises/exchange/test_workbooks.py::test_stops_unfolding",
    "exercises.exchange.bombs.MOST_MEMBERS": "tests/exercises/exchange/test_workbooks.py::test_refuses_bombs",
    "exercises.exchange.bombs.MOST_RATIO": "tests/exercises/exchange/test_workbooks.py::test_refuses_bombs",
}


# What takes long, and what shows that it stops nobody else.
LONG = {
    "drawing a handout": "tests/faults/test_pdf_storm.py::test_a_clinic_that_floods_the_site_keeps_nobody_else_waiting",
    "reading an import": "tests/faults/test_uploads.py::test_a_hostile_upload_costs_little_and_nobody_else_waits",
    "exporting the catalog": "tests/exercises/exchange/test_planning.py::test_asks_the_database_as_often_for_many_rows",
    "a backup": "tests/faults/test_restore.py::test_a_backup_made_while_others_write_is_one_moment",
    "hashing a password": "tests/clinics/test_tries.py::test_hashes_one_password_at_a_time_per_core",
}


def value(where: str) -> int:
    """Return what the code has for a limit."""
    module, _, name = where.rpartition(".")
    found: int = getattr(settings if module == "settings" else import_module(module), name)
    return found


@pytest.mark.asvs("V2.1.3", "V5.1.1")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_says_what_the_code_does(row):
    where = row[3].strip("`")

    assert int(row[2]) == value(where)
    assert where in TRIED


def test_every_limit_is_written_and_tried():
    written = [row[3].strip("`") for row in ROWS]

    assert sorted(written) == sorted(TRIED)
    assert [test for test in TRIED.values() if test and not is_there(test)] == []


def is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    return f"def {name or 'test_'}" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.asvs("V15.2.2")
def test_threads_are_left_for_other_pages_and_places_for_other_clinics():
    assert gunicorn.threads - pdf.MOST_AT_ONCE >= 4
    assert pdf.MOST_AT_ONCE - pdf.MOST_OF_A_CLINIC >= 2


@pytest.mark.asvs("V15.1.3")
def test_says_what_takes_long_and_what_keeps_it_short():
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", PAPER.partition("## What takes long")[2], re.MULTILINE)[2:]

    assert {name for name, how in rows if how} == set(LONG)
    assert [test for test in LONG.values() if not is_there(test)] == []


@pytest.mark.asvs("V5.1.1")
def test_says_which_kinds_are_taken():
    assert [re.sub("webp", "WebP", kind, flags=re.IGNORECASE) for kind in raster.KINDS] == ["PNG", "JPEG", "WebP"]
    assert [kind.upper() for kind in reading.FORMATS] == ["YAML", "CSV", "XLSX"]
    assert {row[1] for row in ROWS if " bytes" in row[0] or " pixels" in row[0]} >= {
        "PNG, JPEG, WebP",
        "YAML, CSV, XLSX",
    }


@pytest.mark.asvs("V2.3.2", "V2.4.1")
@pytest.mark.django_db
def test_tries_at_links(rf):
    request, now = rf.get("/p/x/"), timezone.now()
    for _ in range(link_misses.MOST - 1):
        link_misses.note(request)

    assert not link_misses.too_many(request, now)
    link_misses.note(request)
    assert link_misses.too_many(request, now)
    assert not link_misses.too_many(rf.get("/p/x/", REMOTE_ADDR="198.51.100.9"), now)


@pytest.mark.asvs("V2.3.2")
def test_bytes_of_a_request(rf):
    def ask(size: int):
        return rf.post("/", b"x" * size, content_type="application/json")

    assert len(ask(settings.DATA_UPLOAD_MAX_MEMORY_SIZE).body) == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    with pytest.raises(Exception, match="exceeded"):
        _ = ask(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1).body


@pytest.mark.asvs("V2.3.2")
def test_fields_of_a_form(rf):
    most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS

    def ask(number: int):
        return rf.post("/", "&".join(["a="] * number), content_type="application/x-www-form-urlencoded")

    assert len(ask(most).POST.getlist("a")) == most
    with pytest.raises(TooManyFieldsSent):
        _ = ask(most + 1).POST


@pytest.mark.asvs("V2.3.2")
def test_files_of_a_form(rf):
    most = settings.DATA_UPLOAD_MAX_NUMBER_FILES

    def ask(number: int):
        return rf.post("/", {f"f{one}": SimpleUploadedFile("a.png", b"x") for one in range(number)})

    assert len(ask(most).FILES) == most
    with pytest.raises(TooManyFilesSent):
        _ = ask(most + 1).POST


@pytest.mark.asvs("V2.3.2", "V5.2.1")
def test_bytes_of_a_request_with_files():
    handler = SmallFiles()

    handler.handle_raw_input(io.BytesIO(), {}, LONGEST_REQUEST, "x")
    with pytest.raises(Exception, match="too large"):
        handler.handle_raw_input(io.BytesIO(), {}, LONGEST_REQUEST + 1, "x")


@pytest.mark.asvs("V2.3.2", "V5.2.3")
def test_rows_of_a_file(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 3)

    def rows(number: int):
        lines = [(1, ["slug"]), *((line, [f"row-{line}"]) for line in range(2, number + 2))]
        return list(reading.rows_of_lines(iter(lines), COLUMNS))

    assert len(rows(3)) == 3
    with pytest.raises(mistakes.BadFile):
        rows(4)
