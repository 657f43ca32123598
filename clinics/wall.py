"""Whose rows may be reached just now: the wall behind the scoped querysets.

A request is entered for its person's clinics, a patient's page for the clinic of its link; workers and commands enter
for one clinic, or for all with the reason. Without that nothing is open: querysets raise NoClinic. PostgreSQL is told
by two settings of the connection, which its policies read (`clinics.row_security`), and which are taken back however
it ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import DatabaseError, connection, models
from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from clinics.models import User

TELL = "SELECT set_config('app.scope', %s, false), set_config('app.clinics', {}::text, false)"
NAMED, THEIRS = "%s::bigint[]", "ARRAY(SELECT clinic_id FROM clinics_membership WHERE user_id = %s)"


Row = TypeVar("Row", bound=models.Model)


class NoClinic(Exception):
    """Rows of a clinic were asked for, and nobody said for whom."""


@dataclass(frozen=True, slots=True)
class Scope:
    """These clinics; or those of this person; or all, when there is a reason for it."""

    clinics: tuple[int, ...] = ()
    user: int | None = None
    reason: str = ""


NOBODY = Scope()
_now: ContextVar[Scope] = ContextVar("wall", default=NOBODY)


def scope() -> Scope:
    """Return what is open just now."""
    return _now.get()


class Walled:
    """Base of querysets whose rows belong to a clinic: asking the database for any raises NoClinic outside the wall.

    A row that is reached from one that was read, such as a program's patient, needs nothing more.
    """

    model: Any

    @property
    def db(self) -> str:  # each way from a queryset to the database leads through here
        if _now.get() == NOBODY:
            raise NoClinic(
                f"Nobody said whose {self.model._meta.verbose_name_plural} these are to be:"
                " enter `wall.only(clinic)`, or `wall.all_clinics` with the reason."
            )
        return str(super().db)  # type: ignore[misc]  # the queryset that it is mixed into has it


class WalledRows(Walled, models.QuerySet[Row]):
    """Such rows without words of their own."""


class WalledManager(models.Manager[Row]):
    """Manager of such rows without words of their own."""

    def get_queryset(self) -> models.QuerySet[Row]:
        return WalledRows(self.model, using=self._db)


@contextmanager
def entered(wanted: Scope) -> Iterator[None]:
    """Open what is wanted, and nothing else, until the block ends; then it is as it was before.

    One statement each way on PostgreSQL, none for what is open already.
    """
    before = _now.get()
    if wanted == before:
        yield
        return
    _now.set(wanted)
    try:
        _tell(wanted)
        yield
    finally:
        _now.set(before)
        _tell_again(before)


def clinics_of(user: "User") -> Scope:
    """The clinics that the person belongs to when it is entered."""
    return Scope(user=user.pk)


@contextmanager
def only(clinic_id: int) -> Iterator[None]:
    """Open one clinic alone."""
    with entered(Scope(clinics=(clinic_id,))):
        yield


@contextmanager
def all_clinics(reason: str) -> Iterator[None]:
    """Open every clinic; the reason is for those who read the code. It also decorates functions."""
    if not reason.strip():
        raise ValueError("Say why every clinic must be open.")
    with entered(Scope(reason=reason)):
        yield


def while_read(wanted: Scope, parts: Any) -> Iterator[bytes]:
    """Yield the parts of an answer that is still being made while it is sent, within what was open for it."""
    with entered(wanted):
        yield from parts


def reconnect() -> None:
    """Give a broken connection up, and tell the new one what is open; raise DatabaseError while none is to be had.

    In a transaction nothing is done: what it began can't go on elsewhere.
    """
    if connection.in_atomic_block:
        return
    connection.close_if_unusable_or_obsolete()
    _tell(_now.get())


def _tell(wanted: Scope) -> None:
    """Tell PostgreSQL, by a cursor of our own: it is no query of the page."""
    if connection.vendor != "postgresql":
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        whose, asked = (NAMED, list(wanted.clinics)) if wanted.user is None else (THEIRS, wanted.user)
        cursor.execute(TELL.format(whose), ["all" if wanted.reason else "", asked])


def _tell_again(before: Scope) -> None:
    """Tell what was open before. A connection that can't be told is closed: nobody else gets it as it is.

    In a transaction that failed nothing can be told, and needn't: it began within the block or around it, and what it
    undoes is undone for the settings, too.
    """
    raw = connection.connection
    if connection.vendor != "postgresql" or raw is None or raw.closed:
        return
    if raw.info.transaction_status == TransactionStatus.INERROR:
        return
    try:
        _tell(before)
    except DatabaseError:
        connection.close()
