"""The patient's page as data: one issue as it was frozen, with what has been noted of it these days."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from exercises import languages
from exercises.languages import Language, fill
from programs import at_home_log, home_pictures, home_visit
from programs.at_home import PatientLink
from programs.handout import Handout, HandoutItem

NOTED_DAYS = datetime.timedelta(days=3)  # a phone's day may differ from the site's, and a kept page may be older


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise. `seconds` is how long it is held, 0 where that isn't said; `moves`: it is shown in motion."""

    item: HandoutItem
    done: bool
    moves: bool
    seconds: int
    hold: str


@dataclass(frozen=True, slots=True)
class Part:
    """A phase with its exercises."""

    slug: str
    number: int
    name: str
    a_day: str
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    handout: Handout
    language: str
    words: languages.Words
    parts: tuple[Part, ...]
    day: str
    score: int | None
    ticked: str
    scores: str
    done: int
    call: str
    phone: str
    form_key: str
    standing: str
    number: int

    @property
    def total(self) -> int:
        return len(self.handout.items)

    @property
    def done_today(self) -> str:
        return fill(self.words.home["done_today"], n=str(self.done), total=str(self.total))

    @property
    def score_noted(self) -> str:
        return fill(self.words.home["score_noted"], n=str(self.score)) if self.score is not None else ""

    @property
    def choices(self) -> range:
        return range(at_home_log.WORST + 1)


def read(link: PatientLink) -> HomePage:
    """Return the page for today: 3 queries. Raises handout.BadSnapshot."""
    today = timezone.localdate()
    issue = link.issue
    handout = Handout.from_snapshot(issue.snapshot)
    said = languages.of(handout.language)
    ticked, scores = at_home_log.notes_of(issue, since=today - NOTED_DAYS)
    day = today.isoformat()
    done = set(ticked.get(day, []))
    moving = home_pictures.moving(handout)
    clinic = link.issue.program.patient.clinic
    return HomePage(
        handout=handout,
        language=said.code,
        words=said.words,
        parts=tuple(
            Part(
                slug=phase.slug,
                number=phase.number,
                name=phase.patient_name,
                a_day=fill(said.words.home["a_day"], n=str(phase.minutes)) if phase.minutes else "",
                exercises=tuple(_exercise(item, done, moving, said) for item in phase.items),
            )
            for phase in handout.phases
        ),
        day=day,
        score=scores.get(day),
        ticked=_json(ticked),
        scores=_json(scores),
        done=len(done & {item.number for item in handout.items}),
        call=fill(said.words.home["call"], clinic=clinic.name),
        phone=clinic.phone,
        form_key=home_visit.form_key(link),
        standing=home_visit.standing_code(link),
        number=issue.number,
    )


def _exercise(item: HandoutItem, done: set[int], moving: frozenset[int], said: Language) -> Exercise:
    hold = fill(said.words.home["hold"], n=str(item.hold_s)) if item.hold_s else ""
    return Exercise(item, item.number in done, item.number in moving, item.hold_s, hold)


def _json(noted: Mapping[str, object]) -> str:
    return json.dumps(noted, sort_keys=True, separators=(",", ":"))
