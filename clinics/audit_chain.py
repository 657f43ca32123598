"""Each entry of the audit log is chained to the one before it in its clinic; the database seals it and refuses edits.

The seal is SHA-256 over the entry before and the row as text. Triggers write it, so that no code path goes round it:
on SQLite with the insert, on PostgreSQL at the commit, so that a clinic's writers wait for each other's commits alone
and never for the work before them. What a row is as text is said here once, for the triggers and for checking.
A migration that makes SQLite build the table anew drops its triggers: it must end with `install`.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db import connection as default
from django.db.backends.base.base import BaseDatabaseWrapper

log = logging.getLogger(__name__)

TABLE = "clinics_auditentry"
AT_ONCE = 5000
AT = {
    "sqlite": "quote({}at)",
    "postgresql": "to_char({}at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
}
QUOTE = {"sqlite": "quote({})", "postgresql": "quote_nullable({}::text)"}
COLUMNS = ("clinic_id", "by_id", "by_name", "action", "subject", "patient_id", "detail")


class Head(NamedTuple):
    """The last entry of a clinic's chain; clinic 0 holds what belongs to none."""

    clinic: int
    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.clinic} {self.number} {self.digest}"


class Row(NamedTuple):
    """An entry as it is checked."""

    pk: int
    clinic: int
    number: int
    previous: str
    digest: str
    text: str


def text_of(vendor: str, row: str = "") -> str:
    """Return the SQL of a row as text; `row` is a prefix such as “NEW.”."""
    quoted = (QUOTE[vendor].format(row + name) for name in ("id", "chain", "number", *COLUMNS))
    return " || ',' || ".join((*quoted, AT[vendor].format(row)))


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers, in place of those that are there."""
    uninstall(connection)
    with connection.cursor() as cursor:
        for statement in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
            cursor.execute(statement)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away, for a migration that must change the table."""
    on = "" if connection.vendor == "sqlite" else f" ON {TABLE}"
    with connection.cursor() as cursor:
        for name in ("seal", "keep", "stay", "all"):
            cursor.execute(f"DROP TRIGGER IF EXISTS audit_{name}{on}")


def seal(connection: BaseDatabaseWrapper) -> None:
    """Chain entries that were written before there were chains, in the order in which they were written."""
    last: dict[int, Head] = {head.clinic: head for head in heads(connection)}
    text = text_of(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, coalesce(clinic_id, 0) FROM {TABLE} WHERE digest = '' ORDER BY id")
        for pk, clinic in cursor.fetchall():
            before = last.get(clinic, Head(clinic, 0, ""))
            cursor.execute(
                f"UPDATE {TABLE} SET chain = %s, number = %s, previous = %s WHERE id = %s",
                [clinic, before.number + 1, before.digest, pk],
            )
            cursor.execute(f"SELECT {text} FROM {TABLE} WHERE id = %s", [pk])
            head = Head(clinic, before.number + 1, _digest(before.digest, cursor.fetchone()[0]))
            cursor.execute(f"UPDATE {TABLE} SET digest = %s WHERE id = %s", [head.digest, pk])
            last[clinic] = head


def heads(connection: BaseDatabaseWrapper = default) -> list[Head]:
    """Return the last entry of each chain. Kept elsewhere, they show when a log's end was cut off."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT chain, number, digest FROM {TABLE} WHERE (chain, number) IN"
            f" (SELECT chain, max(number) FROM {TABLE} GROUP BY chain) ORDER BY chain"
        )
        return [Head(*row) for row in cursor.fetchall()]


def log_heads() -> None:
    """Write the heads into the site's own log, where who changes the database doesn't reach them."""
    for head in heads():
        log.info("Head of the audit log: %s", head)


def first_broken(known: Iterable[Head] = (), connection: BaseDatabaseWrapper = default) -> str:
    """Return in a sentence the first entry that isn't as it was written; empty when all are.

    `known` are heads that were noted earlier, by which a log that was cut off or written anew is found.
    """
    expected = {(head.clinic, head.number): head.digest for head in known}
    last = Head(0, 0, "")
    for row in _rows(connection):
        if row.clinic != last.clinic:
            last = Head(row.clinic, 0, "")
        if row.number != last.number + 1:
            return f"Clinic {row.clinic}: entry {last.number + 1} is missing."
        if row.previous != last.digest or row.digest != _digest(last.digest, row.text):
            return f"Clinic {row.clinic}: entry {row.number} (id {row.pk}) was changed."
        if expected.pop((row.clinic, row.number), row.digest) != row.digest:
            return f"Clinic {row.clinic}: entry {row.number} isn't the one that was noted."
        last = Head(row.clinic, row.number, row.digest)
    for clinic, number in sorted(expected):
        return f"Clinic {clinic}: entry {number} was noted and is missing."
    return _unsealed(connection)


def _rows(connection: BaseDatabaseWrapper) -> Iterator[Row]:
    """Yield the sealed entries by chain and number; they are read AT_ONCE at a time."""
    columns = f"SELECT id, chain, number, previous, digest, {text_of(connection.vendor)} FROM {TABLE}"
    after = (-1, 0)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"{columns} WHERE number > 0 AND (chain, number) > (%s, %s) ORDER BY chain, number LIMIT {AT_ONCE}",
                [*after],
            )
            found = [Row(*row) for row in cursor.fetchall()]
            yield from found
            if len(found) < AT_ONCE:
                return
            after = (found[-1].clinic, found[-1].number)


def _unsealed(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id) FROM {TABLE} WHERE number IS NULL OR number < 1 OR chain < 0 OR digest = ''")
        found = cursor.fetchone()[0]
    return f"The entry with id {found} isn't sealed." if found else ""


def _digest(previous: str, text: str) -> str:
    return hashlib.sha256(f"{previous}|{text}".encode()).hexdigest()


LAST = f"FROM {TABLE} WHERE chain = coalesce(NEW.clinic_id, 0) AND number > 0 ORDER BY number DESC LIMIT 1"
REFUSAL = "The audit log is only ever added to."
SQLITE = (
    # A row is open for its own two seals alone, within its insert. SHA256 is a function that Django brings.
    f"""CREATE TRIGGER audit_seal AFTER INSERT ON {TABLE} WHEN NEW.digest = '' BEGIN
        UPDATE {TABLE} SET chain = coalesce(NEW.clinic_id, 0), number = 1 + coalesce((SELECT number {LAST}), 0),
            previous = coalesce((SELECT digest {LAST}), '') WHERE id = NEW.id;
        UPDATE {TABLE} SET digest = SHA256(previous || '|' || {text_of("sqlite")}) WHERE id = NEW.id;
    END""",
    f"""CREATE TRIGGER audit_keep BEFORE UPDATE ON {TABLE} WHEN OLD.digest <> ''
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    f"CREATE TRIGGER audit_stay BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
POSTGRESQL = (
    # It runs as its owner, and looks over the wall (`clinics.wall`) for as long: the chain isn't all the writer's.
    f"""CREATE OR REPLACE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path FROM CURRENT AS $$
        DECLARE last record; scope text := coalesce(current_setting('app.scope', true), '');
        BEGIN
            PERFORM set_config('app.scope', 'all', true);
            NEW.chain := coalesce(NEW.clinic_id, 0);
            PERFORM pg_advisory_xact_lock(hashtextextended('{TABLE}', NEW.chain));
            SELECT number, digest INTO last {LAST};
            NEW.number := 1 + coalesce(last.number, 0);
            NEW.previous := coalesce(last.digest, '');
            UPDATE {TABLE} SET chain = NEW.chain, number = NEW.number, previous = NEW.previous,
                digest = encode(sha256(convert_to(
                    NEW.previous || '|' || {text_of("postgresql", "NEW.")}, 'UTF8')), 'hex')
                WHERE id = NEW.id;
            PERFORM set_config('app.scope', scope, true);
            RETURN NULL;
        END $$""",
    f"""CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$""",
    f"""CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT ON {TABLE} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.digest = '') EXECUTE FUNCTION audit_seal()""",
    f"""CREATE TRIGGER audit_keep BEFORE UPDATE ON {TABLE}
        FOR EACH ROW WHEN (OLD.digest <> '') EXECUTE FUNCTION audit_refuse()""",
    f"CREATE TRIGGER audit_stay BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    f"CREATE TRIGGER audit_all BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)
