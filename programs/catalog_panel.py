"""The catalog beside a program: what is found, which of it suits the patient, and why the rest is hidden."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from exercises import known
from exercises.cards import Card
from exercises.facts import ExerciseFacts
from exercises.finding import Index, Query
from exercises.vocabulary import POSITIONS, Phase
from programs import checks
from programs.bench import Bench
from programs.checks.facts import ItemFacts, PatientFacts, StageFacts
from programs.checks.mending import SEVERITY
from programs.checks.suitability import fits
from programs.models import ExerciseUse, Favourite

SHOWN = 40
LONGEST_TEXT = 80
# The rules that speak of an exercise and a patient, whatever else is in the program.
OF_ONE = ("driver", "direction", "precautions", "irritability", "equipment")


@dataclass(frozen=True, slots=True)
class Word:
    """What speaks against an exercise for a patient: a few words, and the whole sentence."""

    level: str
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Found:
    """An exercise as the catalog lists it for one program; all it is drawn from, so that it is drawn once."""

    card: Card
    program: int
    word: Word | None
    liked: bool
    in_program: bool

    @property
    def html(self) -> SafeString:
        return _drawn(self)


@lru_cache(maxsize=4096)  # the whole card is the key, so that what is kept is never out of date
def _drawn(found: Found) -> SafeString:
    return render_to_string("programs/found.html", {"found": found, "card": found.card})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter, and how many exercises it would leave."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """What the catalog shows. `hidden` are the first of those that match and don't suit, with the reason."""

    query: Query
    suiting: bool
    found: tuple[Found, ...]
    count: int
    hidden: tuple[tuple[Card, Word], ...]
    hidden_count: int
    mistyped: bool
    phases: tuple[Option, ...]
    filters: tuple[tuple[str, str, tuple[Option, ...]], ...]

    @property
    def more(self) -> int:
        return self.count - len(self.found)

    @property
    def more_hidden(self) -> int:
        return self.hidden_count - len(self.hidden)

    @property
    def filtered(self) -> bool:
        """Whether a filter besides the phase is set, so that the filters must be seen."""
        return bool(self.query.position or self.query.equipment or self.query.muscle)


def asked_in(sent: QueryDict) -> tuple[Query, bool]:
    """Return what was looked for, and whether only what suits the patient is wanted: it is unless said otherwise."""
    names = ("phase", "position", "equipment", "muscle")
    text = sent.get("q", "").replace("\0", "").strip()[:LONGEST_TEXT]
    query = Query(text, *(sent.get(name, "").replace("\0", "")[:40] for name in names))
    return query, sent.get("suits", "yes") != "no"


def read(bench: Bench, sent: QueryDict, *, at: datetime.datetime) -> Panel:
    """Return what the catalog shows for a program: 2 queries."""
    query, suiting = asked_in(sent)
    clinic = bench.program.patient.clinic_id
    used = dict(ExerciseUse.objects.filter(clinic=clinic).order_by("-times").values_list("exercise", "times")[:500])
    liked = frozenset(Favourite.objects.filter(user=bench.by).values_list("exercise", flat=True))
    return _panel(bench, query, suiting, used, liked, on=timezone.localdate(at))


def _panel(
    bench: Bench, query: Query, suiting: bool, used: Mapping[int, int], liked: frozenset[int], *, on: datetime.date
) -> Panel:
    index = known.index(bench.edition)
    suits = suitability(bench, on)
    matches = index.matches(query)
    wanted = matches.mask & suits.mask if suiting else matches.mask
    hidden = matches.mask & ~suits.mask if suiting else 0
    lead = bench.assessed.drivers[0]
    ranked = index.ranked(wanted, matches.tiers, driver=lead, used=used, liked=liked, limit=SHOWN)
    inside = {row.exercise for row in bench.rows}
    return Panel(
        query=query,
        suiting=suiting,
        found=tuple(
            Found(card, bench.program.pk, suits.word(card), card.pk in liked, card.slug in inside) for card in ranked
        ),
        count=wanted.bit_count(),
        hidden=tuple((card, word) for card in index.cards_of(hidden, SHOWN) if (word := suits.word(card))),
        hidden_count=hidden.bit_count(),
        mistyped=matches.mistyped,
        phases=tuple(_phases(matches.facets["phase"], query.phase)),
        filters=tuple(_filters(bench, matches.facets, query)),
    )


def _phases(counts: Mapping[str, int], chosen: str) -> Iterable[Option]:
    yield Option("", "All", sum(counts.values()), not chosen)
    for phase in Phase:
        yield Option(phase.value, phase.label, counts.get(phase.value, 0), chosen == phase.value)


def _filters(
    bench: Bench, facets: Mapping[str, Mapping[str, int]], query: Query
) -> Iterable[tuple[str, str, tuple[Option, ...]]]:
    catalog = bench.catalog
    names = {
        "position": ("Position", dict(POSITIONS)),
        "equipment": ("Equipment", {"none": "Nothing needed", **catalog.equipment_names}),
        "muscle": ("Muscle", catalog.muscle_names),
    }
    for facet, (label, labels) in names.items():
        chosen = getattr(query, facet)
        options = (
            Option(value, labels.get(value, value), count, value == chosen)
            for value, count in facets[facet].items()
            if count or value == chosen
        )
        ordered = sorted(options, key=lambda option: option.label) if facet == "muscle" else options
        yield facet, label, (Option("", f"Any {label.lower()}", 0, not chosen), *ordered)


@dataclass(frozen=True, slots=True)
class Profile:
    """All of a patient and a stage that decides which exercises suit."""

    edition: known.Edition
    stage: str
    on: datetime.date
    until: datetime.date
    drivers: tuple[str, ...]
    irritability: str
    directional_preference: str
    precautions: tuple[str, ...]
    due_date: datetime.date | None
    equipment: frozenset[str]


class Suitability:
    """Which exercises suit a patient, as a mask, and what is to be said of each.

    Exercises alike in all that rules ask of one (`Card.signature`) are asked about once.
    """

    def __init__(self, index: Index, empty: StageFacts) -> None:
        self._empty = empty
        self._words: dict[object, tuple[Word, ...]] = {}
        self.mask = 0
        for slug, mask in index.classes:
            if fits(empty.catalog.exercises[slug], empty):
                self.mask |= mask

    def word(self, card: Card) -> Word | None:
        """Return the most serious that speaks against an exercise, or None."""
        return next(iter(self.words(card)), None)

    def words(self, card: Card) -> tuple[Word, ...]:
        """Return all that speaks against an exercise, the most serious first."""
        if card.signature not in self._words:
            self._words[card.signature] = tuple(said_of(self._empty.catalog.exercises[card.slug], self._empty))
        return self._words[card.signature]


def said_of(exercise: ExerciseFacts, empty: StageFacts) -> Iterable[Word]:
    """Yield what the rules say of one exercise for a patient, without its name, the most serious first."""
    alone = StageFacts((ItemFacts(1, exercise, exercise.phase),), empty.patient, empty.slug, empty.catalog)
    verdicts = [verdict for rule in OF_ONE for verdict in checks.RULES[rule].find(alone)]
    for verdict in sorted(verdicts, key=lambda verdict: SEVERITY[verdict.level]):
        title = verdict.title.removeprefix(f"{exercise.name}: ").replace(f"{exercise.name} ", "")
        yield Word(verdict.level, title[:1].upper() + title[1:], verdict.sentence)


def suitability(bench: Bench, on: datetime.date) -> Suitability:
    """Return which exercises suit the patient in the active stage."""
    said = bench.assessed
    profile = Profile(
        bench.edition,
        bench.stage,
        on,
        bench.last_day(on),
        said.drivers,
        said.irritability,
        said.directional_preference,
        said.precautions,
        said.due_date,
        said.equipment,
    )
    return _worked_out(known.index(bench.edition), profile)


@lru_cache(maxsize=64)  # the very index and all that is asked of the patient are the key: never out of date
def _worked_out(index: Index, profile: Profile) -> Suitability:
    catalog = known.catalog(profile.edition)
    patient = PatientFacts(
        drivers=tuple(catalog.drivers[slug] for slug in profile.drivers),
        direction=profile.directional_preference,
        irritability=profile.irritability,
        precautions=tuple(catalog.precautions[slug] for slug in profile.precautions),
        due_date=profile.due_date,
        first_day=profile.on,
        last_day=profile.until,
        equipment=profile.equipment,
    )
    return Suitability(index, StageFacts((), patient, profile.stage, catalog))
