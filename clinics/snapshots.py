"""One moment of the database as a file, and back into an empty database; each table's rows are counted and hashed.

SQLite is copied by its backup API, PostgreSQL by pg_dump: both while others write. Sums are of that same moment.
"""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg.conninfo import make_conninfo

from clinics import row_security
from clinics.sealing import Trouble

Sums = dict[str, dict[str, Any]]
# What the text of a value depends on, as pg_dump sets it, so that two servers write the same row alike.
PLAIN_TEXT = "SET datestyle = ISO; SET intervalstyle = postgres; SET extra_float_digits = 3; SET timezone = 'UTC'"


def take(to: Path) -> Sums:
    """Write the database as it is now to the file `to`; return rows and SHA-256 of each table."""
    return _take_sqlite(to) if connection.vendor == "sqlite" else _take_postgres(to)


def check_empty() -> None:
    """Raise Trouble if there is anything in the database that the settings name."""
    if connection.vendor == "sqlite":
        names = [str(path) for path in _sqlite_files() if path.exists() and path.stat().st_size]
    else:
        names = connection.introspection.table_names()
    if names:
        raise Trouble(
            f"The database isn't empty (it has {min(names)}); nothing was changed. Restore into an empty place: "
            "set DATABASE_URL and VAR_DIR to it."
        )


def put_back(taken: Path, expected: Sums) -> None:
    """Make the empty database what it was; raise Trouble if a row is missing or other than it was."""
    if connection.vendor == "sqlite":
        _compare(_sums_of_file(taken), expected)  # before it gets its name
        connection.close()
        for path in _sqlite_files():
            path.unlink(missing_ok=True)
        taken.chmod(0o600)
        taken.replace(_sqlite_files()[0])
    else:
        _run("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(taken))
        with _postgres_moment() as (cursor, _):
            _compare(_sums_of_postgres(cursor), expected)


def _compare(found: Sums, expected: Sums) -> None:
    other = [name for name in sorted(expected.keys() | found.keys()) if found.get(name) != expected.get(name)]
    if other:
        raise Trouble(f"What came back isn't what was saved, in {', '.join(other)}. Take another backup.")


def _sqlite_files() -> list[Path]:
    name = str(connection.settings_dict["NAME"])
    return [Path(name), Path(f"{name}-wal"), Path(f"{name}-shm")]


def _take_sqlite(to: Path) -> Sums:
    connection.ensure_connection()
    if connection.in_atomic_block:
        raise Trouble("A backup can't be made in the middle of a change.")  # it would wait for itself for ever
    with closing(sqlite3.connect(to)) as copy:
        connection.connection.backup(copy)  # in one step: one moment, and writers don't wait
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    return _sums_of_file(to)


def _sums_of_file(path: Path) -> Sums:
    """Return the sums of an SQLite file; raise Trouble when it isn't sound."""
    with closing(sqlite3.connect(path)) as database:
        said = database.execute("PRAGMA integrity_check").fetchone()[0]
        torn = database.execute("PRAGMA foreign_key_check").fetchone()
        if said != "ok" or torn:
            raise Trouble(f"The database is damaged: {said if said != 'ok' else f'a row of {torn[0]} leads nowhere'}.")
        named = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        names = [name for (name,) in database.execute(named)]
        return {name: _sum_of_rows(database.execute(_all_of(name, "rowid"))) for name in names}


def _all_of(table: str, order: str) -> str:
    return f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY {order}"  # noqa: S608  # names of our own tables


def _sum_of_rows(rows: Iterator[tuple[Any, ...]]) -> dict[str, Any]:
    digest, count = hashlib.sha256(), 0
    for row in rows:
        count += 1
        for value in row:
            raw = value if isinstance(value, bytes) else repr(value).encode()
            digest.update(f"{type(value).__name__} {len(raw)}:".encode())
            digest.update(raw)
    return {"rows": count, "sha256": digest.hexdigest()}


def _take_postgres(to: Path) -> Sums:
    with _postgres_moment() as (cursor, moment):
        _run("pg_dump", "--format=custom", "--enable-row-security", f"--snapshot={moment}", f"--file={to}")
        return _sums_of_postgres(cursor)


@contextmanager
def _postgres_moment() -> Iterator[tuple[Any, str]]:
    """Hold one moment of the database open on a connection of its own; yield its cursor and the moment's name."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute(PLAIN_TEXT)
            _open_wall(cursor)
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor, cursor.fetchone()[0]
    finally:
        own.close()


def _open_wall(cursor: Any) -> None:
    """Open every clinic's rows; raise Trouble if a policy that isn't ours could hide some."""
    cursor.execute("SELECT tablename FROM pg_policies WHERE policyname <> %s LIMIT 1", [row_security.POLICY])
    for (table,) in cursor.fetchall():
        raise Trouble(f"The table {table} has a policy that may hide rows; a backup would lack them.")
    cursor.execute("SET app.scope = 'all'")


def _sums_of_postgres(cursor: Any) -> Sums:
    return {name: _sum_of_table(cursor, name) for name in sorted(connection.introspection.table_names(cursor))}


def _sum_of_table(cursor: Any, table: str) -> dict[str, Any]:
    digest, quote = hashlib.sha256(), connection.ops.quote_name
    keys = connection.introspection.get_primary_key_columns(cursor, table) or []
    # as text in the order of its bytes: another machine may sort words in another way
    order = ", ".join(f'{quote(key)}::text COLLATE "C"' for key in keys) or "1"
    with cursor.copy(f"COPY ({_all_of(table, order)}) TO STDOUT") as rows:
        for part in rows:
            digest.update(part)
    return {"rows": cursor.rowcount, "sha256": digest.hexdigest()}


def _run(tool: str, *words: str) -> None:
    """Run one of PostgreSQL's own tools on the database; the password goes by the environment, where none can see."""
    path = shutil.which(tool)
    if path is None:
        raise Trouble(f"{tool} isn't installed; install postgresql-client in the server's version or a newer one.")
    connection.ensure_connection()
    used, asked = connection.connection.info, connection.get_connection_params()
    # of what Django asked for, what the server's tools know as well: all but the password, and Django's own
    known = {name: asked[name] for name in used.get_parameters() if name in asked}
    where = make_conninfo(**known | {"options": f"{used.options} -c app.scope=all"})
    done = subprocess.run(  # noqa: S603  # no shell, and each word is our own or the settings'
        [path, "--no-password", f"--dbname={where}", *words],
        env=os.environ | {"PGPASSWORD": used.password},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"it ended with {done.returncode}"]
        raise Trouble(f"{tool} failed: {said[0]}.")
