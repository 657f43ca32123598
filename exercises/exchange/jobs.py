"""An import from its upload until it is in the catalog: checked, looked at, imported; each step at most once at a time.

The row is the queue, as with the outbox: a step is claimed by a lease, and a worker that dies in it leaves the lease to
run out. A file belongs to who sent it. What is imported is what was shown: the file's hash, the hash of its plan and
the catalog's edition must be the same; else it is compared again and shown again. Only this module writes the rows.
"""

import datetime
import gc
import hashlib
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_tasks import task

from clinics.models import User
from exercises import known
from exercises.exchange import bombs, planning, reading, storing
from exercises.exchange.changes import Change
from exercises.exchange.mistakes import BadFile, Mistake
from exercises.exchange.planning import Plan
from exercises.models import CatalogImport

LARGEST_FILE = 40 * 1024 * 1024
AT_ONCE_BYTES = 256 * 1024  # a file of this size is read while its sender waits
AT_ONCE_UNFOLDED = 2 * 1024 * 1024  # and a workbook that unfolds to no more than this
LEASE = datetime.timedelta(minutes=5)
MOST_TRIES = 5
KEPT_FOR = datetime.timedelta(days=1)
MOST_MISTAKES = 500
LONGEST_WORDS = 300
WAITING = ("checking", "importing")

log = logging.getLogger(__name__)


class CannotImport(Exception):
    """The import can't go on; the text is the sentence the page shows."""


def receive(name: str, content: bytes, *, encoding: str = "", by: User) -> CatalogImport:
    """Keep a file and have it checked, at once when it is small; raise CannotImport for what is no such file."""
    try:
        kind = reading.format_of(name)
    except BadFile as bad:
        raise CannotImport(str(bad)) from bad
    if len(content) > LARGEST_FILE:
        raise CannotImport(f"The file is larger than {LARGEST_FILE // 1024 // 1024} MB. Split it.")
    CatalogImport.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    job = CatalogImport.objects.create(
        by=by,
        name=name[-200:],
        kind=kind,
        encoding=encoding if kind != "xlsx" else "",
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
    )
    _start(job)
    return job


def confirm(job: CatalogImport, *, plan: str, by: User) -> None:
    """Import what was checked and shown as `plan`; raise CannotImport if that is no longer what it would do."""
    taken = CatalogImport.objects.filter(pk=job.pk, by=by, state="checked", plan=plan).exclude(plan="")
    if job.edition != known.current_edition().number:
        if taken.update(state="checking", done=0, plan="", found={}):
            _start(job)
        raise CannotImport("The catalog was changed meanwhile. Look at the differences again, then import.")
    if not taken.update(state="importing", done=0):
        raise CannotImport("This was imported already, or it was checked anew. Look at what it says now.")
    _start(job)


def drop(job: CatalogImport) -> None:
    """Forget a file that isn't being imported."""
    CatalogImport.objects.filter(pk=job.pk).exclude(state="importing").delete()


def owned_by(user: User) -> QuerySet[CatalogImport]:
    """The imports that this person sent, without the files."""
    return CatalogImport.objects.filter(by=user).defer("content")


def next_waiting() -> int | None:
    """Return the key of an import that waits for a worker, if any."""
    return _waiting().order_by("pk").values_list("pk", flat=True).first()


@task(backend="imports")
def work(job_id: int) -> None:
    """Take the next step of an import if nobody else has it; calling it again does no harm."""
    token, now = secrets.token_hex(16), timezone.now()
    if not _waiting().filter(pk=job_id).update(lease_until=now + LEASE, lease_token=token, tries=F("tries") + 1):
        return
    job = CatalogImport.objects.select_related("by").get(pk=job_id)
    mine = CatalogImport.objects.filter(pk=job_id, lease_token=token)
    if job.tries > MOST_TRIES:  # each of them ended without a word, as when it kills the worker
        mine.update(state="failed", content=b"", **FREE, trouble=f"Given up after {MOST_TRIES} tries that didn’t end.")
        return
    try:
        (_check if job.state == "checking" else _import)(job, mine)
    except Exception:
        log.exception("Import %s failed.", job_id)
        mine.update(state="failed", content=b"", **FREE, trouble="It went wrong on our side. Nothing was changed.")


FREE: dict[str, Any] = {"lease_until": None, "lease_token": "", "tries": 0}


def _start(job: CatalogImport) -> None:
    """Do the next step now when the file is small; else the worker finds it."""
    if len(job.content) <= AT_ONCE_BYTES and _unfolds_small(job):
        work.call(job.pk)
    else:
        work.enqueue(job.pk)


@contextmanager
def _kept_out_of_collecting() -> Iterator[None]:
    """Have the garbage collector leave alone what is there: its walks over a large plan took much of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _unfolds_small(job: CatalogImport) -> bool:
    """Whether a workbook stays small, as any other file does: 200 KB may hold 40 MB, which take half a minute."""
    try:
        return job.kind != "xlsx" or bombs.unfolded_size(bytes(job.content)) <= AT_ONCE_UNFOLDED
    except BadFile:
        return True  # what is wrong with it is said at once


def _waiting() -> QuerySet[CatalogImport]:
    free = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    return CatalogImport.objects.filter(free, state__in=WAITING)


def _planned(job: CatalogImport, mine: QuerySet[CatalogImport]) -> tuple[Plan, int]:
    """Compare the file with the catalog; return the plan and the edition it is for."""

    def note(done: int, total: int) -> None:
        mine.update(done=done, total=total, lease_until=timezone.now() + LEASE)

    content, edition = bytes(job.content), known.current_edition().number
    if hashlib.sha256(content).hexdigest() != job.digest:
        raise ValueError("The file isn't the one that was sent.")
    return planning.plan(content, job.kind, encoding=job.encoding, progress=note), edition


def _check(job: CatalogImport, mine: QuerySet[CatalogImport]) -> None:
    plan, edition = _planned(job, mine)
    mine.update(state="checked", edition=edition, plan=_name_of(plan), found=_found(plan), **FREE)


def _import(job: CatalogImport, mine: QuerySet[CatalogImport]) -> None:
    plan, edition = _planned(job, mine)
    if _name_of(plan) != job.plan or edition != job.edition:
        return _show_again(mine)
    try:
        with _kept_out_of_collecting(), transaction.atomic():
            storing.write(plan, by=job.by, edition=edition, why=f"Imported from {job.name}"[:200])
            if not mine.update(state="done", content=b"", **FREE):
                raise storing.Outdated  # somebody else has it by now
    except storing.Outdated:
        _show_again(mine)


def _show_again(mine: QuerySet[CatalogImport]) -> None:
    mine.update(state="checking", done=0, plan="", found={}, **FREE)


def _name_of(plan: Plan) -> str:
    return "" if plan.mistakes or not plan.changes else plan.digest


def _found(plan: Plan) -> dict[str, Any]:
    """Return what the page shows of a plan; words are cut, mistakes are so many at most."""
    changed = [change for change in plan.changes if change.row]
    return {
        "new": sum(change.row is None for change in plan.changes),
        "changed": len(changed),
        "same": plan.same,
        "wrong": len(plan.mistakes),
        "mistakes": [_said(mistake) for mistake in plan.mistakes[:MOST_MISTAKES]],
        "rows": [_shown(change) for change in plan.changes],
    }


def _said(mistake: Mistake) -> dict[str, Any]:
    return asdict(mistake) | {"typed": _cut(mistake.typed)}


def _shown(change: Change) -> dict[str, Any]:
    fields = [[name, _cut(before), _cut(after)] for name, before, after in change.fields] if change.row else []
    return {
        "line": change.line,
        "slug": change.slug,
        "name": change.entry.name,
        "new": not change.row,
        "fields": fields,
    }


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…"
