"""F04: the disk is full; what was answered is there, what wasn't comes back as it was typed, and the rest goes on."""

import shutil
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from clinics import outage
from exercises import pictures
from programs import preview_page
from programs.handout_options import Options
from tests.clinics.accounts import PASSWORD
from tests.conftest import make_user
from tests.faults import full, seeds
from tests.faults.websites import Website, served
from tests.programs.clinical import make_ready

pytestmark = [pytest.mark.fault, pytest.mark.django_db]

TOKEN = "a" * 32
SOON_S = 10
ROOM = 60_000  # of SQLite's log, which begins anew with the site
OTHERS = 40


@pytest.mark.asvs("V16.5.2")
def test_a_full_disk_under_the_database_loses_nothing_that_was_answered(place):
    came = place.run(seeds.fill_the_database)

    assert came["answers"] == {302, 503}
    assert came["kept"] == came["answered"]
    assert came["torn"] == 0
    assert came["while full"] == 200
    assert all(outage.UNWRITABLE in page or outage.FULL in page for page in came["pages"])
    assert came["again"] == {302}
    assert came["at last"] == sorted(f"Patient {number}" for number in range(40))
    assert place.ask("PRAGMA quick_check") == [("ok",)]


@pytest.mark.asvs("V16.5.2")
def test_the_site_is_back_soon_after_there_is_room_again(place):
    """At real web workers: forms come back, nobody signs in, pages that write nothing are there."""
    session, email = place.run(seeds.therapist)
    with served(place) as website:
        website.headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}"}
        website.may_grow_files_to(ROOM)
        status, page = 302, ""
        for number in range(OTHERS):
            status, page = post(website, "/patients/new/", name=f"Patient {number}", language="en", version="1")
            if status != 302:
                break
        assert status == 503
        assert ("name", f"Patient {number}") in full.kept(page)
        assert sign_in(website, email)[0] == 503
        assert website.ask("GET", "/p/sw.js")[0] == 200

        website.may_grow_files_to(-1)
        begun = time.monotonic()
        while post(website, full.target(page), **dict(full.kept(page)))[0] != 302:
            assert time.monotonic() - begun < SOON_S

    assert place.ask("SELECT COUNT(*) FROM patients_patient") == [(number + 1,)]
    assert place.ask("PRAGMA quick_check") == [("ok",)]


def post(website: Website, path: str, **typed: str) -> tuple[int, str]:
    status, _, page = website.ask("POST", path, urlencode(typed | {"csrfmiddlewaretoken": TOKEN}))
    return status, page.decode()


def sign_in(website: Website, email: str) -> tuple[int, str]:
    """Try from another browser."""
    stranger = replace(website, headers={"Cookie": f"csrftoken={TOKEN}"})
    return post(stranger, "/accounts/login/", login=email, password=PASSWORD)


def test_a_full_disk_under_the_log_stops_nothing(place):
    session, _ = place.run(seeds.therapist)
    with served(place, errors=Path("/dev/full")) as website:
        website.headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}"}

        came = [website.ask("GET", path)[0] for path in ("/patients/987654/", "/patients/") * 5]
        saved = post(website, "/patients/new/", name="Ida Holm", language="en", version="1")[0]

    assert came == [404, 200] * 5
    assert saved == 302


def test_a_full_disk_under_pictures_leaves_no_part_of_a_file(tmp_path, caplog):
    picture = tmp_path / "ab" / "abc.svg"

    with seeds.no_room_above(1000):
        pictures.keep(picture, "<svg/>" * 10_000)

    assert "can't be kept" in caplog.text
    assert list(picture.parent.iterdir()) == []
    pictures.keep(picture, "<svg/>" * 10_000)
    assert list(picture.parent.iterdir()) == [picture]


def test_a_pdf_is_drawn_where_neither_pictures_nor_fonts_can_be_kept(settings, tmp_path):
    """What is kept only spares work: the handout has the same bytes without."""
    by = make_user()
    program = make_ready(by=by)
    settings.FIGURES_DIR = tmp_path / "kept"
    kept = preview_page.draw(program, Options(), by=by)
    fonts = settings.VAR_DIR / "fonts" / "cache"
    shutil.rmtree(fonts, ignore_errors=True)
    settings.FIGURES_DIR = tmp_path / "full"

    with seeds.no_room_above(100):
        uncached = preview_page.draw(program, Options(), by=by)

    assert uncached == kept
    assert [path for path in settings.FIGURES_DIR.rglob("*") if path.is_file()] == []
