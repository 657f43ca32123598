"""What waits for those who keep the shared catalog. Only reads."""

from dataclasses import dataclass

from django.db.models import Count, Q

from exercises.models import Exercise, KeptField


@dataclass(frozen=True, slots=True)
class Desk:
    """How many shared exercises are drafts or in review, and how many shipped values wait for an editor's word."""

    drafts: int
    in_review: int
    updates: int


def read() -> Desk:
    """Return what waits now: 2 queries."""
    counted = Exercise.objects.shared().aggregate(
        drafts=Count("pk", filter=Q(status="draft")), in_review=Count("pk", filter=Q(status="in_review"))
    )
    return Desk(**counted, updates=KeptField.objects.filter(kept_by=None).count())
