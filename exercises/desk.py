"""What waits for those who keep the shared catalog. Only reads."""

from dataclasses import dataclass

from django.db.models import Count, Q

from clinics.models import User
from exercises.models import Exercise
from exercises.updates import updates


@dataclass(frozen=True, slots=True)
class Desk:
    """How many shared exercises are drafts or in review, and how many shipped values wait for this editor's word."""

    drafts: int
    in_review: int
    updates: int


def read(user: User) -> Desk:
    """Return what waits now: 2 queries, and those that read the rows of each kind of which a shipped value waits."""
    counted = Exercise.objects.shared().aggregate(
        drafts=Count("pk", filter=Q(status="draft")), in_review=Count("pk", filter=Q(status="in_review"))
    )
    return Desk(**counted, updates=sum(update.open for update in updates(user)))
