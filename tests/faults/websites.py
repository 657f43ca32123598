"""The site's real web workers, on a database of a test's own."""

import http.client
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from tests.faults.places import Place
from tests.faults.servers import free_port


@dataclass
class Website:
    """Where the workers listen and write, and the headers that each request to them has."""

    port: int
    log: Path
    parent: int
    headers: dict[str, str] = field(default_factory=dict)
    patience_s: float = 60

    def ask(self, method: str, path: str, body: str | bytes = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience_s)
        named = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if body:
            named.setdefault("Content-Type", "application/x-www-form-urlencoded")
        with closing(connection):
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def may_grow_files_to(self, size: int) -> None:
        """Let no file of the workers grow above so many bytes, as on a disk that is full."""
        for process in (self.parent, *self.workers()):  # the parent first: it forks workers that are still to come
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, -1))

    def cpu_s(self) -> float:
        """Return the processor's seconds that the workers took so far."""
        found = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.workers()]
        return sum(int(words[11]) + int(words[12]) for words in found) / 100

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        return [int(child) for child in Path(f"/proc/{self.parent}/task/{self.parent}/children").read_text().split()]


@contextmanager
def served(place: Place, errors: Path | None = None, **environment: str) -> Iterator[Website]:
    """Start the site as it runs in production, and stop it; `errors` is where its log goes instead of into a file."""
    port, log = free_port(), place.database.with_name("log")
    command = ["gunicorn", "--config", "config/gunicorn.py", "--bind", f"127.0.0.1:{port}", "config.wsgi:application"]
    known = place.environment | {"SITE_ADDRESS": f"http://127.0.0.1:{port}"} | environment
    log.touch()
    with (errors or log).open("wb") as written:
        server = subprocess.Popen(
            [sys.executable, "-m", *command], stdout=written, stderr=written, env=known, cwd=settings.BASE_DIR
        )
    website = Website(port, log, server.pid)
    try:
        _wait_for(website, server)
        yield website
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


def _wait_for(website: Website, server: subprocess.Popen) -> None:
    for _ in range(3000):
        try:
            website.ask("GET", "/p/sw.js")
            return
        except OSError:
            assert server.poll() is None, website.log.read_text()
            time.sleep(0.02)
    raise AssertionError("the site didn't start")
