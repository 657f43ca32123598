"""An old version of a catalog row, brought back as a new one: nothing of the history is lost by it."""

from django.db import DataError, IntegrityError, models, transaction

from clinics.models import User
from exercises import editing, reviewing, revisions, row_rules, row_values
from exercises.editorial import Revision
from exercises.models import Exercise
from exercises.row_values import KINDS


class CannotRestore(Exception):
    """The version can't be brought back; nothing was written. The message says why."""


class ChangedMeanwhile(Exception):
    """The row has another version than the one that was looked at; nothing was written."""


@transaction.atomic
def restore(revision: Revision, *, seen: str, by: User) -> list[str]:
    """Make the row say what it said then; return the names of the fields that changed.

    `seen` is the number of the row's last version when somebody looked at it. An exercise's status stays as it is, as
    publishing has rules of its own, and so do its uploads, which the pictures' own page puts up and takes off. Raises
    ChangedMeanwhile and CannotRestore.
    """
    row = _row_of(revision)
    revisions.lock(row)
    if str(revisions.number_of(row)) != seen:  # asked behind the lock: from here on nobody is quicker
        raise ChangedMeanwhile
    row.refresh_from_db()
    _check(revision, row_rules.mistakes_in_columns(row_values.trial(row, revision.values)))
    lacked = reviewing.lacks(row) if isinstance(row, Exercise) else []
    changed = _write(row, revision)
    if changed:
        fresh = revisions.fresh(row)
        _check(revision, row_rules.mistakes_in(fresh))
        if isinstance(row, Exercise):
            _check(revision, reviewing.new_problems(fresh, lacked))
        editing.saved(row, by=by, why=f"Restored version {revision.number}")
    return changed


def _write(row: models.Model, revision: Revision) -> list[str]:
    try:
        with transaction.atomic():
            return row_values.write(row, revision.values)
    except row_values.Gone as reason:
        raise CannotRestore(f"{reason} Version {revision.number} needs it, so nothing was changed.") from reason
    except (DataError, IntegrityError) as trouble:
        raise CannotRestore(f"Version {revision.number} doesn’t fit the database any more.") from trouble


def _check(revision: Revision, mistakes: list[str]) -> None:
    if mistakes:
        raise CannotRestore(f"Version {revision.number} breaks today’s rules. {' '.join(mistakes)}")


def _row_of(revision: Revision) -> models.Model:
    row: models.Model | None = KINDS[revision.kind].model._default_manager.filter(pk=revision.row).first()
    if row is None:
        raise CannotRestore("This row isn’t there any more.")
    return row
