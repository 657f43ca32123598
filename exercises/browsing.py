"""What the catalog's pages show: exercises found, by phase, and the protocols. Reads; never writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, QuerySet

from clinics.models import User
from clinics.templatetags.page import plural
from exercises.models import Driver, Equipment, Exercise, Protocol, ProtocolItem
from exercises.vocabulary import STAGES, Phase

LONGEST_SEARCH = 100
ON_A_PAGE = 150  # so that the shipped catalog stands on one


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for: words, a phase, a driver's slug; empty means any."""

    text: str = ""
    phase: str = ""
    driver: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Search":
        """Return the search an address asks for; a phase that doesn't exist is no phase."""
        text = query.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
        phase = query.get("phase", "")
        return cls(
            text=text,
            phase=phase if phase in set(Phase) else "",
            driver=query.get("driver", "").replace("\0", ""),
        )

    def __bool__(self) -> bool:
        return bool(self.text or self.phase or self.driver)


@dataclass(frozen=True, slots=True)
class Row:
    """One exercise in the list: what it works on, and what it takes."""

    exercise: Exercise
    works_on: str
    takes: str
    drivers: str


@dataclass(frozen=True, slots=True)
class PhaseGroup:
    """The rows of one phase on a page: which of how many they are, counted from 1."""

    phase: Phase
    rows: list[Row]
    first: int
    count: int

    @property
    def place(self) -> str:
        """Return “12 exercises”, or “151–300 of 2,400 exercises” where other pages have the rest."""
        if len(self.rows) == self.count:
            return plural(self.count, "exercise,exercises")
        last = self.first + len(self.rows) - 1
        which = f"{self.first:,}–{last:,}" if last > self.first else f"{last:,}"
        return f"{which} of {plural(self.count, 'exercise,exercises')}"


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of what was found, by phase; `page` knows the others, `count` is what all of them hold."""

    page: Page
    groups: list[PhaseGroup]
    count: int


@dataclass(frozen=True, slots=True)
class ProtocolStage:
    label: str
    items: list[ProtocolItem]


@dataclass(frozen=True, slots=True)
class ProtocolPage:
    protocol: Protocol
    stages: list[ProtocolStage]


def found(search: Search, user: User, number: str | None = None) -> Listing:
    """Return a page of the published exercises that fit and this person may see, by phase in its order.

    7 queries, whatever their number. A page that doesn't exist is the nearest that does.
    """
    exercises = Exercise.objects.visible_to(user).filter(status="published").matching(search.text)
    if search.phase:
        exercises = exercises.filter(phase=search.phase)
    if search.driver:
        exercises = exercises.suiting(search.driver)
    counts = dict(exercises.order_by().values_list("phase").annotate(Count("pk")))
    keys = exercises.in_program_order().values_list("pk", flat=True)
    pages = Paginator(keys, ON_A_PAGE)
    pages.count = sum(counts.values())  # known already
    page = pages.get_page(number)
    # keys alone are put in order, then the page's rows are read: whole rows of ten thousand sort slowly
    here = Exercise.objects.filter(pk__in=list(page)).in_program_order()
    linked = here.prefetch_related("releases", "strengthens", "suits_primary")
    return Listing(page, _by_phase(linked, page.start_index(), counts), pages.count)


def _by_phase(exercises: Iterable[Exercise], at: int, counts: Mapping[str, int]) -> list[PhaseGroup]:
    """Return the groups of a page whose first exercise is the one numbered `at` of all."""
    equipment, groups = equipment_names(), []
    for name, alike in groupby(exercises, key=lambda exercise: exercise.phase):
        phase = Phase(name)
        before = sum(count for other, count in counts.items() if Phase(other).rank < phase.rank)
        group = PhaseGroup(phase, [_row(each, equipment) for each in alike], at - before, counts[name])
        groups.append(group)
        at += len(group.rows)
    return groups


def equipment_names() -> dict[str, str]:
    """Return each thing's name, in the middle of a sentence, by slug."""
    return {thing.slug: thing.name[:1].lower() + thing.name[1:] for thing in Equipment.objects.order_by("slug")}


def equipment_words(groups: Iterable[Iterable[str]], names: Mapping[str, str]) -> str:
    """Return “mat or carpet / firm bed; pillow” for any-of groups of slugs; “” when nothing is needed."""
    return "; ".join(" / ".join(names.get(slug, slug) for slug in group) for group in groups)


def drivers() -> QuerySet[Driver]:
    return Driver.objects.order_by("order", "name")


def protocols() -> list[ProtocolPage]:
    """Return every protocol with its stages, the exercises in their order: 3 queries."""
    items = ProtocolItem.objects.select_related("exercise").order_by("position")
    rows = Protocol.objects.select_related("driver").prefetch_related("citations", Prefetch("items", queryset=items))
    return [
        ProtocolPage(
            protocol,
            [
                ProtocolStage(label, [item for item in protocol.items.all() if item.stage == stage])
                for stage, label in STAGES
            ],
        )
        for protocol in rows
    ]


def row_of(exercise: Exercise) -> Row:
    """Return one exercise as the list shows it: 1 query; needs `with_everything` and its drivers."""
    return _row(exercise, equipment_names())


def _row(exercise: Exercise, equipment: Mapping[str, str]) -> Row:
    muscles = [muscle.short_name for muscle in (*exercise.releases.all(), *exercise.strengthens.all())]
    takes = [exercise.get_position_display().lower(), equipment_words(exercise.equipment, equipment)]
    return Row(
        exercise=exercise,
        works_on=", ".join(muscles) or exercise.get_kind_display(),
        takes=" · ".join(word for word in takes if word),
        drivers=", ".join(driver.short_name for driver in exercise.suits_primary.all()),
    )
