"""Troubles of the machine rather than of a request: a full disk, a database that can't be written or reached.

They pass, so that the page says why and what to do, and what was typed may be sent again.
"""

import errno

import psycopg

FULL = "The disk of this site is full."
READ_ONLY = "The disk of this site can’t be written at the moment."
UNWRITABLE = "The site’s database can’t be written at the moment."
AWAY = "The site’s database can’t be reached at the moment."

# What the system says when a file can't be written, for lack of space or because it may not grow.
FILES = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EFBIG: FULL, errno.EROFS: READ_ONLY}
# SQLite's primary codes: FULL, IOERR, READONLY, CANTOPEN, BUSY, LOCKED.
SQLITE = {13: FULL, 10: UNWRITABLE, 8: UNWRITABLE, 14: AWAY, 5: UNWRITABLE, 6: UNWRITABLE}
# PostgreSQL's codes, and the classes they belong to: too little of something, somebody ended it, the system, no line.
POSTGRESQL = {"53100": FULL, "25006": UNWRITABLE, "53": AWAY, "57P": AWAY, "58": UNWRITABLE, "08": AWAY}


class Unwritable(Exception):
    """The database can't be written, as something found that its driver's error didn't reach."""


def why(trouble: BaseException | None) -> str:
    """Return in a sentence which outage an error, or what it came from, tells of; “” for any other error."""
    while trouble is not None:
        if sentence := _told_by(trouble):
            return sentence
        trouble = trouble.__cause__
    return ""


def _told_by(trouble: BaseException) -> str:
    """Tell by the driver's own codes: its words, and Django's classes, say the same of mistakes in our code."""
    if isinstance(trouble, Unwritable):
        return UNWRITABLE
    if isinstance(trouble, OSError):
        return FILES.get(trouble.errno or 0, "")
    if code := getattr(trouble, "sqlite_errorcode", 0):
        return SQLITE.get(code & 0xFF, "")
    if isinstance(trouble, psycopg.Error) and trouble.sqlstate:
        code = trouble.sqlstate
        return next((sentence for start, sentence in POSTGRESQL.items() if code.startswith(start)), "")
    return AWAY if isinstance(trouble, psycopg.OperationalError) else ""
