"""What waits for the catalog's editors: exercises in review, drafts, and published ones that lack something. Reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When, Window, prefetch_related_objects
from django.db.models.functions import RowNumber

from exercises import gates
from exercises.editorial import ExercisePicture, Revision
from exercises.models import Exercise, ExerciseText

MOST = 50
IN_REVIEW, DRAFTS, FLAWED = range(3)
# What the database can tell of what a published exercise lacks; what is too hard to read was stopped on the way in, and
# so was what has words for some of its pictures.
LACKS = (
    (Q(citations=None) & ~Q(evidence=gates.PRACTICE))
    | (Q(waiver="") & ~Q(pk__in=Exercise.objects.filter(texts__language="es").values("pk")))
    | ~Q(pk__in=Exercise.objects.filter(texts__language="en").values("pk"))
    | Q(pk__in=ExerciseText.objects.filter(language__in=gates.LANGUAGES, pictures={}).values("exercise"))
    | (Q(pose={}) & ~Q(pk__in=ExercisePicture.objects.filter(frame=gates.FIRST_PICTURE).values("exercise")))
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An exercise that waits, with what it lacks, a sentence each; `since` is when it was last moved or edited."""

    exercise: Exercise
    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class Section:
    """The first MOST exercises that wait for the same, those that wait longest first, of `total`."""

    rows: Sequence[Waiting]
    total: int


@dataclass(frozen=True, slots=True)
class Queue:
    in_review: Section
    drafts: Section
    flawed: Section


def read() -> Queue:
    """Return the queue of the shared catalog: 5 queries, whatever the number of exercises."""
    found = list(_rows())
    prefetch_related_objects(found, "texts", "citations", "uploads")
    known = gates.read_known()
    return Queue(*(_section(section, found, known) for section in (IN_REVIEW, DRAFTS, FLAWED)))


def _rows() -> Iterable[Exercise]:
    """Return the first of each section; `since` is when and `last_by` by whom each was last moved or edited."""
    last = Revision.objects.filter(kind="exercise", row=OuterRef("pk")).order_by("-number")
    lacking = Exercise.objects.published().filter(LACKS).values("pk")
    section = Case(When(status="in_review", then=Value(IN_REVIEW)), When(status="draft", then=Value(DRAFTS)))
    waiting = Exercise.objects.shared().filter(Q(status__in=("draft", "in_review")) | Q(pk__in=lacking))
    rows = waiting.select_related("submitted_by").annotate(
        section=Case(When(status="published", then=Value(FLAWED)), default=section),
        since=Subquery(last.values("at")[:1]),
        last_by=Subquery(last.values("by__name")[:1]),
    )
    order = [F("since").asc(nulls_first=True), F("name").asc(), F("pk").asc()]
    placed = rows.annotate(
        place=Window(RowNumber(), partition_by=F("section"), order_by=order),
        total=Window(Count("pk"), partition_by=F("section")),
    )
    return placed.filter(place__lte=MOST).order_by("section", "place")


def _section(section: int, rows: Iterable[Exercise], known: gates.Known) -> Section:
    mine = [row for row in rows if vars(row)["section"] == section]
    total = vars(mine[0])["total"] if mine else 0
    return Section([Waiting(row, gates.problems(row, known)) for row in mine], total)
