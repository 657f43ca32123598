"""F10: files that are small when sent and huge when opened, or never end, at real web workers; and killed imports."""

import io
import re
import shutil
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.conftest import DEEP
from tests.faults import seeds
from tests.faults.places import Place
from tests.faults.websites import Website, served
from tests.photos import bomb, photo

pytestmark = [pytest.mark.fault, pytest.mark.django_db]

MB = 1024 * 1024
MOST_CPU_S, MOST_MEMORY_MB, MOST_WAIT_S = 2, 100, 0.3
EXCHANGE, PICTURES = "/catalog/exchange/", "/catalog/exercises/{slug}/pictures/"
SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
TIMES = 10 if DEEP else 1


@dataclass
class Site:
    """Two web workers, an editor who is signed in there, and a draft."""

    website: Website
    slug: str
    place: Place

    def send(self, path: str, **fields: object) -> tuple[int, dict[str, str], str]:
        body = encode_multipart(BOUNDARY, fields)
        status, headers, page = self.website.ask(
            "POST", path.format(slug=self.slug), body, Content_Type=MULTIPART_CONTENT
        )
        return status, headers, page.decode()

    def memory_mb(self, name: str) -> int:
        """Return the workers' memory, the larger one's: VmRSS now, VmHWM at most."""
        found = [Path(f"/proc/{pid}/status").read_text() for pid in self.website.workers()]
        return max(int(re.search(rf"{name}:\s+(\d+)", words)[1]) for words in found) // 1024


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Site]:
    here = Place(tmp_path_factory.mktemp("site"))
    shutil.copy(empty_database, here.database)
    session, slug = here.run(seeds.editor)
    here.database.with_name("tmp").mkdir()
    with served(here, TMPDIR=str(here.database.with_name("tmp"))) as website:
        token = "a" * 32
        website.headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
        yield Site(website, slug, here)


def asked(site: Site) -> float:
    """Ask for what needs the database; return the seconds that the answer took."""
    start = time.monotonic()
    assert site.website.ask("GET", EXCHANGE)[0] == 200
    return time.monotonic() - start


@contextmanager
def others(site: Site) -> Iterator[list[float]]:
    """Ask again and again beside whatever happens; the list has how long each waited."""
    waits, over = [], threading.Event()

    def ask() -> None:
        while not (over.is_set() and waits):
            waits.append(asked(site))
            over.wait(0.02)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield waits
    finally:
        over.set()
        asking.join()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def wide_workbook() -> bytes:
    """Return a workbook of 150 KB that unfolds to less than is refused, and takes long to read."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["slug", "name", "note", "family"])
    for _ in range(15_000):
        sheet.append(["x"] * 4)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def of_file(path: str, field: str, name: str, content: Callable[[], bytes]) -> Callable[[Site], tuple[int, str]]:
    def send(site: Site) -> tuple[int, str]:
        file = io.BytesIO(content())
        file.name = name
        status, headers, page = site.send(path, **{field: file})
        if status == 302:
            return status, site.website.ask("GET", headers["Location"])[2].decode()
        return status, page

    return send


def endless(site: Site) -> tuple[int, str]:
    """Announce 10 GB and send them until nobody listens, 32 MB at most."""
    head = [f"POST {EXCHANGE} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {MULTIPART_CONTENT}"]
    head += ["Content-Length: 10000000000", *(f"{name}: {value}" for name, value in site.website.headers.items())]
    start = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    with socket.create_connection(("127.0.0.1", site.website.port), timeout=30) as line:
        line.sendall(("\r\n".join(head) + "\r\n\r\n" + start).encode())
        try:
            for _ in range(512):
                line.sendall(b"x" * 65536)
        except OSError:
            return 0, "hung up"
        return int(line.recv(100).split()[1]), ""


def many_fields(site: Site) -> tuple[int, str]:
    body = "&".join(f"f{number}=" for number in range(100_000))
    return site.website.ask("POST", EXCHANGE, body)[0], ""


ATTACKS: dict[str, tuple[Callable[[Site], tuple[int, str]], set[int], str]] = {
    "a workbook that unfolds to 100 MB": (
        of_file(EXCHANGE, "file", "a.xlsx", lambda: zipped(sheet=b"x" * 100 * MB)), {302}, "unfolds to more than"),
    "a zip in a zip": (
        of_file(EXCHANGE, "file", "a.xlsx", lambda: zipped(a=zipped(b=b"x" * 100 * MB))), {302}, "isn’t a workbook"),
    "a workbook that is long to read": (
        of_file(EXCHANGE, "file", "a.xlsx", wide_workbook), {302}, "waits for its turn"),
    "a picture of 176 million pixels": (
        of_file(PICTURES, "start-file", "a.png", lambda: bomb(16_000, 11_000)), {422}, "too many pixels"),
    "a drawing that could run": (
        of_file(PICTURES, "start-file", "a.svg", lambda: SCRIPT), {422}, "isn&#x27;t a PNG, JPEG or WebP"),
    "a photo that is a page as well": (
        of_file(PICTURES, "start-file", "a.jpg", lambda: photo() + SCRIPT), {302, 422}, ""),
    "10 GB": (endless, {0, 400, 413}, ""),
    "a form of 100,000 fields": (many_fields, {400}, ""),
}  # fmt: skip


@pytest.mark.asvs("V5.2.1", "V5.2.3")
@pytest.mark.parametrize(("send", "statuses", "why"), ATTACKS.values(), ids=ATTACKS)
def test_a_hostile_upload_costs_little_and_nobody_else_waits(site: Site, send, statuses, why) -> None:
    for pid in site.website.workers():
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # counts the peak anew
    memory, cpu = site.memory_mb("VmRSS"), site.website.cpu_s()

    quiet = sorted(asked(site) for _ in range(20))[18]
    with others(site) as waits:
        for _ in range(TIMES):
            status, page = send(site)
            assert status in statuses
            assert why in page

    assert (site.website.cpu_s() - cpu) / TIMES < MOST_CPU_S
    assert site.memory_mb("VmHWM") - memory < MOST_MEMORY_MB
    assert sorted(waits)[int(len(waits) * 0.95)] < MOST_WAIT_S + 5 * quiet  # which is long on a busy machine
    assert not [file for file in site.place.database.with_name("tmp").rglob("*") if file.stat().st_size > MB]
    assert len(site.website.workers()) == 2


def test_a_killed_workers_import_moved_and_is_taken_up_again(place: Place) -> None:
    key = place.run(seeds.import_of, 5_000)
    seen = set()
    worker = place.worker(0)
    try:
        while len(seen) < 3:
            seen.add(row(place)[1])
            assert worker.is_alive()
            time.sleep(0.01)
    finally:
        worker.kill()
        worker.join()
    assert row(place)[0] == "checking"

    place.worker(0, "--once").join(timeout=60)
    assert row(place)[0] == "checking"  # the dead worker's lease runs
    place.ask("UPDATE exercises_catalogimport SET lease_until = '2000-01-01' WHERE id = ?", key)
    place.worker(0, "--once").join(timeout=120)

    assert row(place) == ("checked", 5_000)


def row(place: Place) -> tuple[str, int]:
    return place.ask("SELECT state, done FROM exercises_catalogimport")[0]
