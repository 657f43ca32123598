"""The empty database with all its tables, which takes seconds to make: it is made once of each kind and copied.

The first process that needs it makes it and leaves it in the tests' folder, named by all that migrations run of the
project and by what the project requires; so that a copy is never out of date. The others, and later runs, copy it.
"""

import fcntl
import platform
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from clinics import snapshots

APPS = ("clinics", "exercises", "patients", "programs", "config")


def copied(connection: BaseDatabaseWrapper) -> Callable[..., str]:
    """Return what makes the tests' database in place of `create_test_db`, with its arguments: by a copy if it can."""
    creation, make = connection.creation, connection.creation.create_test_db

    def create(**how: Any) -> str:
        settings.TEST_DATABASES_DIR.mkdir(parents=True, exist_ok=True)
        with _alone():
            kept = settings.TEST_DATABASES_DIR / f"{_digest(connection)}.{connection.vendor}"
            if not kept.exists():
                name = make(**how)
                _keep(connection, kept)
                return name
            name = creation._get_test_db_name()
            creation._create_test_db(how["verbosity"], how["autoclobber"])  # which only makes room for it
            connection.close()
            settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
            connection.ensure_connection()
            _put_back(connection, kept)
            return name

    return create


def _keep(connection: BaseDatabaseWrapper, kept: Path) -> None:
    """Write the database into a file, in place of those that were kept of other code."""
    for old in kept.parent.glob(f"*{kept.suffix}"):
        old.unlink()
    unready = kept.with_suffix(".unready")
    unready.unlink(missing_ok=True)
    if connection.vendor == "postgresql":
        snapshots._run("pg_dump", "--format=custom", f"--file={unready}")
    else:
        with closing(sqlite3.connect(unready)) as target:
            connection.connection.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # so that the file is all there is of it
    unready.rename(kept)


def _put_back(connection: BaseDatabaseWrapper, kept: Path) -> None:
    if connection.vendor == "postgresql":
        snapshots._run("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(kept))
    else:
        with closing(sqlite3.connect(kept)) as source:
            source.backup(connection.connection)


@contextmanager
def _alone() -> Iterator[None]:
    with (settings.TEST_DATABASES_DIR / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(connection: BaseDatabaseWrapper) -> str:
    """Return the SHA-256 of what the tables come from."""
    kind = sqlite3.sqlite_version if connection.vendor == "sqlite" else connection.pg_version
    digest = sha256(f"{platform.python_version()} {kind}".encode())
    code = (path for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py"))
    for path in sorted([*code, settings.BASE_DIR / "requirements.txt"]):
        digest.update(f"\n{path} ".encode() + path.read_bytes())
    return digest.hexdigest()
