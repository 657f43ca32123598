"""A site with a database and a folder of its own, of either kind, and what is done there by processes of their own."""

import base64
import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from clinics import snapshots, wall
from clinics.models import Clinic, ClinicLogo, Membership, User
from programs.management.commands import doctor
from tests.faults.nursery import forking

KEY, OTHER_KEY = (base64.b64encode(letter * 32).decode() for letter in (b"k", b"o"))


@dataclass(frozen=True)
class Site:
    """Settings of a database, and the folder that is VAR_DIR there."""

    database: dict[str, Any]
    folder: Path
    key: str = KEY

    def start(self, act: Callable[..., Any], *words: Any) -> BaseProcess:
        child = forking.Process(target=_at, args=(self, None, act, words), daemon=True)
        child.start()
        return child

    def run(self, act: Callable[..., Any], *words: Any) -> Any:
        """Carry out a function of a module at the site; return what it returned, or what a command said was wrong."""
        ours, theirs = forking.Pipe(duplex=False)
        child = forking.Process(target=_at, args=(self, theirs, act, words), daemon=True)
        child.start()
        theirs.close()
        said = ours.recv()  # EOFError when it failed
        child.join(timeout=60)
        return said


def _at(site: Site, answer: Any, act: Callable[..., Any], words: tuple) -> None:
    del connections["default"]
    connections.settings["default"] = site.database
    settings.VAR_DIR, settings.FIGURES_DIR = site.folder, site.folder / "figures"
    settings.BACKUP_DIR, settings.BACKUP_KEYS = site.folder / "backups", [site.key]
    try:
        with wall.all_clinics("a test arranges and looks from outside"):
            said = act(*words)
    except (CommandError, doctor.Trouble) as trouble:
        said = f"{type(trouble).__name__}: {trouble}"
    connections.close_all()
    if answer:
        answer.send(said)


def backup(*words: str) -> list[Path]:
    """Return the backups that are there then."""
    call_command("backup", *words, verbosity=0)
    return sorted(settings.BACKUP_DIR.glob("*"))


def restore(file: Path) -> str:
    call_command("restore", str(file))
    return "restored"


def state() -> dict[str, Any]:
    """Return sums of all tables, by another look than that of the backup, and what the doctor says of the place."""
    with connection.cursor() as cursor:
        return {
            "sums": {name: _rows(cursor, name) for name in connection.introspection.table_names(cursor)},
            "torn": torn(),
            "doctor": [doctor.database(), doctor.migrations(), doctor.unfinished()],
            "left": sorted(path.name for path in settings.VAR_DIR.glob("*") if path.suffix != ".lock"),
        }


def _rows(cursor: Any, table: str) -> list[str]:
    cursor.execute(f'SELECT * FROM "{table}"')
    return sorted(
        repr([bytes(value) if isinstance(value, memoryview) else value for value in row]) for row in cursor.fetchall()
    )


def seed(clinics: int) -> None:
    """Make rows with many kinds of value, a session, and a picture that a link shows."""
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now())
    for number in range(clinics):
        clinic = Clinic.objects.create(name=f"Zürich ‘{number}’\n", link_days=number + 1)
        ClinicLogo.objects.create(clinic=clinic, png=bytes(range(256)))
    picture = settings.FIGURES_DIR / "issued" / "ab" / "abc.svg"
    picture.parent.mkdir(parents=True)
    picture.write_text("<svg/>")


def write_on(name: str) -> None:
    """Write until killed: each time a person with two memberships or nothing."""
    for number in range(1_000_000):
        with transaction.atomic():
            user = User.objects.create(email=f"{name}-{number}@clinic.invalid", name=name, password="!")
            for clinic in Clinic.objects.order_by("pk")[:2]:
                Membership.objects.create(clinic=clinic, user=user, role="therapist")
        time.sleep(0.001)


def written() -> int:
    return User.objects.count()


def torn() -> int:
    """How many people have not both of their memberships: 0 in every moment that anybody may see."""
    return 2 * User.objects.count() - Membership.objects.count()


def backup_that_promises_too_much() -> list[Path]:
    """Make a backup whose manifest tells of rows that it doesn't hold."""
    take = snapshots.take

    def promise(to: Path) -> snapshots.Sums:
        sums = take(to)
        return sums | {"clinics_clinic": {**sums["clinics_clinic"], "rows": 7}}

    snapshots.take = promise
    return backup()


def backup_of_an_earlier_release() -> list[Path]:
    """Take the latest migration of an app back, and make a backup then."""
    call_command("migrate", "sessions", "zero", verbosity=0)
    return backup()


def files() -> list[str]:
    """Return the names of all files at the site but those that SQLite makes beside its own while it is open."""
    found = [path.name for path in settings.VAR_DIR.rglob("*") if path.is_file()]
    return sorted(name for name in found if not name.endswith(("-wal", "-shm")))


def fill_the_disk(room: int) -> tuple[str, list[str]]:
    """Back up where a file may have so many bytes and no more; return why it fails, and all files that lie there."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    said = "no trouble at all"
    try:
        call_command("backup", verbosity=0)
    except CommandError as trouble:
        said = str(trouble)
    return said, files()


WRAPPING = 12_000  # what a backup is larger than its database: the manifest, and the ends of a tar


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """As if another backup were running."""
    with (folder / "backup-work.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_empty() -> bool:
    return connection.introspection.table_names() == []


def but_for_what_restoring_writes(sums: dict[str, list[str]]) -> dict[str, list[str]]:
    """Leave out the one entry in the log that is made when all is there."""
    log = sums["clinics_auditentry"]
    log.remove(next(row for row in log if "restore backup" in row))
    return sums


def but_for_sessions(sums: dict[str, list[str]]) -> dict[str, list[str]]:
    """Sessions of then are ended."""
    return sums | {"django_session": []}


def restore_and_do_again(file: Path) -> list[int]:
    """Return what the function of AFTER_RESTORE found; a session of the backup isn't left."""
    settings.AFTER_RESTORE = [f"{__name__}.note_clinics"]
    restore(file)
    assert not Session.objects.exists()
    return noted


noted: list[int] = []


def note_clinics() -> None:
    noted.append(Clinic.objects.count())
