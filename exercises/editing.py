"""An editor's change of the catalog: whatever changes a row in the app ends here."""

from collections.abc import Sequence

from django.db import models, transaction

from clinics.models import User
from exercises import known, loading, revisions
from exercises.models import Equipment, Exercise, Muscle


@transaction.atomic
def saved(row: models.Model, *, by: User, why: str = "") -> None:
    """Let what follows from a saved row follow: what exercises are found by, and what every process reads.

    It is kept in the row's history, where `why` is said. Call it once the row and all that is its are written.
    """
    if isinstance(row, Exercise):
        loading.refresh_search_text([row])
    elif isinstance(row, Muscle | Equipment):
        loading.refresh_search_text(Exercise.objects.all())
    revisions.record(row, by=by, why=why)
    known.edited(row.clinic_id if isinstance(row, Exercise) else None)


@transaction.atomic
def saved_all(exercises: Sequence[Exercise], *, by: User, why: str = "") -> None:
    """As `saved`, for many exercises at once, without a query for each."""
    loading.refresh_search_text(exercises)
    revisions.record_many(Exercise, [row.pk for row in exercises], by=by, why=why)
    known.edited()
