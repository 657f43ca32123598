"""A backup is one sealed file with all that can't be made again, and it only ever goes back into an empty place.

In it, as a tar: `manifest.json` (what, when, and the sums of each table), the database, and the files of `folders`.
Neither secrets nor keys are in it. A file is there whole or not at all; until then it is called `….part`.
"""

import base64
import binascii
import fcntl
import io
import json
import os
import platform
import secrets
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import django
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.module_loading import import_string

from clinics import audit, snapshots
from clinics.sealing import CHUNK, KEY_BYTES, Opened, Sealer, Trouble

MANIFEST, DATABASE = "manifest.json", "database"
NAMES = "releasefirst-*.backup"
Manifest = dict[str, Any]


def make(folder: Path) -> Path:
    """Write a backup into `folder` and return its path; raise Trouble, and leave no part of one, when it can't be."""
    key, at = keys()[0], timezone.now()
    path = folder / f"releasefirst-{at:%Y%m%dT%H%M%S.%fZ}.backup"  # two may be made within a second
    with _sentences("The backup"), _work_folder("backup-work") as work:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left_by_a_killed_backup in folder.glob("releasefirst-*.part"):
            left_by_a_killed_backup.unlink()
        for name in settings.WITH_BACKUP:
            import_string(name)(folder)
        audit.record("make backup", by=None, clinic_id=None, subject="backup", file=path.name)
        manifest = _manifest(at, snapshots.take(work / DATABASE))
        with _whole_or_not(path) as file:
            sealer = Sealer(file, key)
            _pack(sealer, manifest, work / DATABASE)
            sealer.finish()
    return path


def thin(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups of the folder; return those deleted."""
    old = sorted(folder.glob(NAMES), reverse=True)[max(keep, 1) :]
    for path in old:
        path.unlink()
    return old


def newest(folder: Path) -> Path | None:
    return max(folder.glob(NAMES), default=None)


def check(path: Path) -> Manifest:
    """Open the file from the first byte to the last and return its manifest; raise Trouble if that can't be done."""
    with _sentences("Reading the backup"), path.open("rb") as file:
        reader = _opened(file)
        with tarfile.open(fileobj=reader, mode="r|", bufsize=CHUNK) as packed:
            first = packed.next()
            content = packed.extractfile(first) if first else None
            manifest: Manifest = json.load(content) if content else {}
            while reader.read(CHUNK):
                pass
    return manifest


def restore(path: Path) -> Manifest:
    """Put a backup into the empty place that the settings name, bring it up to date, and return its manifest.

    Nothing is written before the whole file is proven. What is left half done by a crash is marked as such.
    """
    manifest = check(path)
    with _sentences("Restoring"):
        _check_fits(manifest)
        _check_place_is_empty()
        with _work_folder("restore-work") as work, path.open("rb") as file:
            with tarfile.open(fileobj=_opened(file), mode="r|", bufsize=CHUNK) as packed:
                packed.extractall(work, filter="data")
            mark_of_unfinished().write_text(f"{path.name} isn't all there yet.\n")
            snapshots.put_back(work / DATABASE, manifest["tables"])
            for name, place in folders().items():
                if (work / name).is_dir():
                    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    (work / name).replace(place)
        call_command("migrate", interactive=False, verbosity=0)
        _forget_what_ended_since()
        audit.record("restore backup", by=None, clinic_id=None, subject="backup", file=path.name)
        os.sync()
        mark_of_unfinished().unlink()
    return manifest


def mark_of_unfinished() -> Path:
    """Return the file that is there as long as a restore isn't done."""
    return Path(settings.VAR_DIR) / "restore-unfinished"


def keys() -> list[bytes]:
    """Return the keys that open backups, the one that seals first; the demo has one of its own in VAR_DIR."""
    words = settings.BACKUP_KEYS or ([] if settings.PRODUCTION else [_demo_key()])
    if not words:
        raise Trouble(
            "BACKUP_KEYS isn't set. Make a key with “openssl rand -base64 32” and keep it apart from backups."
        )
    try:
        found = [base64.b64decode(word, validate=True) for word in words]
    except binascii.Error:
        found = []
    if not found or {len(key) for key in found} != {KEY_BYTES}:
        raise Trouble("BACKUP_KEYS holds something else than keys of 32 bytes in base64, separated by commas.")
    return found


def folders() -> dict[str, Path]:
    """Return the folders that belong to a backup, by their name in it; all other files can be made again."""
    return {"issued": Path(settings.FIGURES_DIR) / "issued", "languages": Path(settings.VAR_DIR) / "languages"}


def _demo_key() -> str:
    path = Path(settings.VAR_DIR) / "backup-key"
    with suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    return path.read_text().strip()


@contextmanager
def _sentences(what: str) -> Iterator[None]:
    """Turn what disks and databases raise into a sentence."""
    try:
        yield
    except (OSError, sqlite3.Error, DatabaseError, tarfile.TarError) as trouble:
        raise Trouble(f"{what} can't be done: {str(trouble).strip()}.") from trouble


@contextmanager
def _work_folder(name: str) -> Iterator[Path]:
    """Make a private folder for one process at a time; it goes afterwards, and what a killed one left goes before."""
    path = Path(settings.VAR_DIR) / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble("Another one is running here; wait until it has ended.") from None
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        try:
            yield path
        finally:
            shutil.rmtree(path)


@contextmanager
def _whole_or_not(path: Path) -> Iterator[BinaryIO]:
    """Give a private file to write; it gets its name when all of it is on the disk, and goes if that fails."""
    part = path.with_suffix(".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        part.unlink(missing_ok=True)


def _manifest(at: datetime, tables: snapshots.Sums) -> Manifest:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        server = cursor.fetchone()[0]
    return {
        "made_at": at.isoformat(),
        "database": connection.vendor,
        "versions": {connection.vendor: server, "django": django.__version__, "python": platform.python_version()},
        "migrations": sorted(map(list, MigrationLoader(connection).applied_migrations)),
        "tables": tables,
    }


def _pack(to: Sealer, manifest: Manifest, database: Path) -> None:
    with tarfile.open(fileobj=to, mode="w|", bufsize=CHUNK) as packed:  # type: ignore[call-overload]  # it only writes
        raw = json.dumps(manifest).encode()
        first = tarfile.TarInfo(MANIFEST)
        first.size = len(raw)
        packed.addfile(first, io.BytesIO(raw))
        packed.add(database, DATABASE)
        for name, folder in (folders() | _own_languages()).items():
            # a file that is just being written has no ending yet
            for path in sorted(folder.rglob("*.*")) if folder.is_dir() else ():
                packed.add(path, f"{name}/{path.relative_to(folder)}")


def _own_languages() -> dict[str, Path]:
    return {"languages": settings.LANGUAGES_DIR} if settings.LANGUAGES_DIR else {}


def _opened(file: BinaryIO) -> io.BufferedReader:
    return io.BufferedReader(Opened(file, keys()), CHUNK)


def _check_fits(manifest: Manifest) -> None:
    if manifest.get("database") != connection.vendor:
        raise Trouble(f"This backup is of {manifest.get('database')}; DATABASE_URL names {connection.vendor}.")
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    newer = [f"{app} {name}" for app, name in map(tuple, manifest["migrations"]) if (app, name) not in known]
    if newer:
        raise Trouble(f"This backup is of another version, which knows {newer[0]}; restore it with that version.")


def _check_place_is_empty() -> None:
    if mark_of_unfinished().exists():
        raise Trouble("A restore wasn't finished here. Empty the database and VAR_DIR, then start again.")
    snapshots.check_empty()
    full = [str(folder) for folder in folders().values() if folder.is_dir() and any(folder.iterdir())]
    if full:
        raise Trouble(f"{full[0]} isn't empty; nothing was changed. Restore into an empty place.")


def _forget_what_ended_since() -> None:
    """End all sessions, and do again what AFTER_RESTORE names: what was erased since the backup stays erased."""
    Session.objects.all().delete()
    for name in settings.AFTER_RESTORE:
        import_string(name)()
