"""F18: links that are guessed, scanned, leaked or revoked, at real web workers with a database of their own."""

import re
import secrets
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client

from programs import patient_link
from programs.at_home import PatientLink
from tests.conftest import DEEP
from tests.faults import seeds
from tests.faults.places import Place
from tests.faults.websites import Website, served
from tests.programs.home import make_link, path_of

GUESSES = 10_000 if DEEP else 100
TIMED = 400 if DEEP else 80
MOST_DIFFERENT_S = 0.001
A_MINUTE = 20


@dataclass
class Site:
    """Two web workers, the link that is there, and what they have written."""

    website: Website
    link: int
    token: str
    by: int
    place: Place

    @property
    def log(self) -> Path:
        return self.website.log

    def ask(self, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self.website.ask(method, path, **headers)

    def open(self) -> str:
        """Press the link's button; return the visit's cookie."""
        status, headers, _ = self.ask("POST", f"/p/{self.token}/", Sec_Fetch_Site="same-origin")
        assert status == 302
        return re.match(r"[^;]+", headers["Set-Cookie"])[0]

    def contents(self) -> list[str]:
        """Return the whole database, but for the log of who looked."""
        with self.place.opened() as database:
            lines = list(database.iterdump())
        return [line for line in lines if '"clinics_auditentry"' not in line and "sqlite_seq" not in line]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Site]:
    """Start the site once for all tests of this module."""
    here = Place(tmp_path_factory.mktemp("site"))
    shutil.copy(empty_database, here.database)
    link, token, by = here.run(seeds.link)
    here.ask("DROP TRIGGER audit_stay")  # so that each test may begin with an empty log
    with served(here) as website:
        yield Site(website, link, token, by, here)


@pytest.fixture
def site(running: Site) -> Site:
    """Give each test the site as if nobody had been there."""
    running.place.ask("DELETE FROM clinics_auditentry")
    running.place.ask("UPDATE programs_patientlink SET opened_at = NULL, revoked_at = NULL, revoked_by_id = NULL")
    return running


@pytest.mark.fault
def test_guesses_find_nothing_and_soon_nobody_answers(site):
    answers = Counter(site.ask("GET", f"/p/{secrets.token_urlsafe(32)}/")[0] for _ in range(60))

    misses = site.place.ask("SELECT count(*) FROM clinics_auditentry WHERE action = 'miss patient link'")[0][0]
    assert set(answers) == {404, 429}
    # two workers may count at the same moment
    assert A_MINUTE <= answers[404] == misses <= A_MINUTE + 8


@pytest.mark.fault
def test_scanners_change_nothing_and_revoking_ends_all_at_every_worker(site):
    # five looks of a scanner
    before = site.contents()
    for method in ("GET", "HEAD", "GET", "HEAD", "GET"):
        status, headers, _ = site.ask(method, f"/p/{site.token}/")
        assert (status, "Set-Cookie" in headers, headers["Referrer-Policy"]) == (200, False, "no-referrer")
    assert site.contents() == before

    # a visit, and a form of another site
    visit = site.open()
    places = ("/p/", "/p/handout.pdf", "/p/app.webmanifest", "/p/motion/1.svg")
    for path in places:
        assert site.ask("GET", path, Cookie=visit)[0] == 200
    assert "no-store" in site.ask("GET", "/p/handout.pdf", Cookie=visit)[1]["Cache-Control"]
    assert site.ask("POST", f"/p/{site.token}/", Sec_Fetch_Site="cross-site")[0] == 403

    # revoked, all is over within a second, whichever worker is asked
    revoking = "UPDATE programs_patientlink SET revoked_at = datetime('now'), revoked_by_id = ? WHERE id = ?"
    site.place.ask(revoking, site.by, site.link)
    end = time.monotonic() + 1
    asked = Counter()
    while time.monotonic() < end:
        for path in places:
            asked[site.ask("GET", path, Cookie=visit)[0]] += 1
    assert set(asked) == {404}
    assert site.ask("GET", f"/p/{site.token}/")[0] == 404

    # and the token was written nowhere
    assert site.token not in site.log.read_text()
    assert "Not Found" in site.log.read_text()
    assert not [line for line in site.contents() if site.token in line]
    assert site.token not in str(site.place.ask("SELECT * FROM clinics_auditentry"))


@pytest.mark.fault
@pytest.mark.django_db
def test_no_guess_from_anywhere_is_a_hit():
    """Each guess from another address, so that none is turned away before it is looked up."""
    link = make_link()
    token = patient_link.token_of(link.seed)
    near = [token[:-1], token + "A", token.swapcase(), token[::-1], link.seed, link.token_hash, str(link.pk)]
    guesses = near + [secrets.token_urlsafe(32) for _ in range(GUESSES - len(near))]

    answers = Counter()
    for number, guess in enumerate(guesses):
        client = Client(REMOTE_ADDR=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        answers[client.get(f"/p/{guess}/").status_code] += 1

    assert answers == {404: GUESSES}
    assert PatientLink.objects.get().opened_at is None


@pytest.mark.fault
@pytest.mark.django_db
def test_a_hit_takes_as_long_as_a_miss():
    link = make_link()
    hit, miss = path_of(link), f"/p/{secrets.token_urlsafe(32)}/"
    times: dict[str, list[float]] = {hit: [], miss: []}

    for number in range(TIMED):
        client = Client(REMOTE_ADDR=f"10.1.{number >> 8}.{number & 255}")
        for path in (hit, miss) if number % 2 else (miss, hit):
            start = time.thread_time()  # what else the machine does doesn't count
            client.get(path)
            times[path].append(time.thread_time() - start)

    difference = statistics.median(times[hit]) - statistics.median(times[miss])
    assert abs(difference) < MOST_DIFFERENT_S, f"{difference * 1000:.2f} ms"
