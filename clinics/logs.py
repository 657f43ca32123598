"""The site's own log: each event is one line of JSON; docs/logging.md says what may stand in it.

Nothing typed, no address of a page and no value of a row: errors are told by their class and place alone, since a
database names the row that it refuses, and a mail server the address.
"""

import errno
import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from django.http import HttpRequest

from clinics import wall

TOKEN = re.compile(r"\b(p|join)(?:/|%2F)[\w-]{20,}")
OURS = {"clinics", "exercises", "patients", "programs"}
PHRASES = {status.phrase for status in HTTPStatus}
FRAMES = 8  # of a failure, counted from where it happened
NUMBER = "releasefirst.number"
_now: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


@contextmanager
def about(request: HttpRequest) -> Iterator[None]:
    """Give a request a random number, and name both in each line that is written meanwhile."""
    request.META[NUMBER] = token_hex(5)
    before = _now.set(request)
    try:
        yield
    finally:
        _now.reset(before)


def number(request: HttpRequest) -> str:
    """Return the number by which lines of the log and a page that failed are matched."""
    return str(request.META.get(NUMBER, ""))


class JsonLines(logging.Formatter):
    """Writes an event as one line of JSON, in ASCII: nothing typed breaks a line, moves a cursor or forges a field."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": TOKEN.sub(r"\1/…", _event(record)),
            **_where(record),
            "error": [_told(trouble) for trouble in _troubles(record)],
        }
        told = {name: value for name, value in line.items() if value not in (None, "", [], ())}
        return json.dumps(told).replace("\x7f", r"\u007f")


def _event(record: logging.LogRecord) -> str:
    """Return the words of a call with its values; of others' code only what is surely no address.

    A call whose words and values don't fit is told by its words: `logging` would print it past the formatter.
    """
    trouble = next(_troubles(record), None)
    if trouble and str(record.msg) == str(trouble):  # so Django tells of a host that isn't ours
        return _kind(trouble)
    words, values = str(_safe(record.msg)), record.args or ()
    may_tell = record.name.partition(".")[0] in OURS
    try:
        if isinstance(values, tuple):
            return words % tuple(_safe(value, may_tell=may_tell) for value in values) if values else words
        return words % {name: _safe(value, may_tell=may_tell) for name, value in values.items()}
    except (TypeError, ValueError, KeyError):
        return f"{words} (the values don't fit, at {record.filename}:{record.lineno})"


def _safe(value: object, *, may_tell: bool = True) -> object:
    if isinstance(value, BaseException):
        return _kind(value)
    return value if may_tell or isinstance(value, int | float) or value in PHRASES else "…"


def _where(record: logging.LogRecord) -> dict[str, Any]:
    """Return of the request what is known already, since nobody may ask the database for a line of the log."""
    request = getattr(record, "request", None) or _now.get()
    here: dict[str, Any] = {"clinics": wall.scope().clinics}
    if isinstance(request, HttpRequest):  # Django's server for development puts a socket there
        here["request"] = number(request)
        here["route"] = request.resolver_match and request.resolver_match.view_name
        here["user"] = getattr(getattr(request, "_cached_user", None), "pk", None)
        here["status"] = getattr(record, "status_code", None)
    return here


def _troubles(record: logging.LogRecord) -> Iterator[BaseException]:
    """Yield the error of a record, and what it came from."""
    trouble, seen = record.exc_info[1] if record.exc_info else None, set[int]()
    while trouble is not None and id(trouble) not in seen:
        seen.add(id(trouble))
        yield trouble
        trouble = trouble.__cause__ or (None if trouble.__suppress_context__ else trouble.__context__)


def _told(trouble: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(trouble.__traceback__, limit=-FRAMES)
    return {"class": _kind(trouble), "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}


def _kind(trouble: BaseException) -> str:
    """Return an error's class and what the system calls it, such as “OSError ENOSPC”; never its message."""
    code = errno.errorcode.get(getattr(trouble, "errno", None) or 0, "")
    return f"{type(trouble).__qualname__} {code}".rstrip()
