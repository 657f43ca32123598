"""A database that can't be written, as its driver tells of it."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction

QUERY_ONLY = "PRAGMA query_only"
CHANGES = ("INSERT", "UPDATE", "DELETE")


def of_sqlite(code: int) -> OperationalError:
    """Return what Django raises when SQLite says so."""
    cause = sqlite3.OperationalError("what SQLite says")
    cause.sqlite_errorcode = code
    return caused_by(cause)


def caused_by(cause: Exception) -> OperationalError:
    trouble = OperationalError(str(cause))
    trouble.__cause__ = cause
    return trouble


def disk() -> OperationalError:
    """Return what the tests' kind of database says when its disk is full."""
    return caused_by(psycopg.errors.DiskFull("No space left on device")) if on_postgresql() else of_sqlite(13)


def on_postgresql() -> bool:
    return connection.vendor == "postgresql"


class NoRoom:
    """Refuses each statement that writes; those that read are answered."""

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(CHANGES):
            raise disk()
        return execute(sql, *rest)


def kept(page: str) -> list[tuple[str, str]]:
    """Return the fields that a page carries, as they would be sent again, without the token."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return [(unescape(name), unescape(value)) for name, value in found if name != "csrfmiddlewaretoken"]


def token(page: str) -> str:
    found = re.search(r'<input type="hidden" name="csrfmiddlewaretoken" value="([^"]*)">', page)
    return found[1] if found else ""


def target(page: str) -> str:
    """Return where the page's form goes; “” when it has none."""
    found = re.search(r'<form method="post" action="([^"]*)"', page)
    return unescape(found[1]) if found else ""


@contextmanager
def read_only() -> Iterator[None]:
    """Let the database itself refuse to be written."""
    begin, end = ("SET TRANSACTION READ ONLY", "") if on_postgresql() else (f"{QUERY_ONLY} = 1", f"{QUERY_ONLY} = 0")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            connection.needs_rollback = False  # so that this may be said
            if end:
                cursor.execute(end)
            transaction.set_rollback(True)  # by which PostgreSQL may write again
