"""A handout is data, then HTML, then PDF. `Handout` is all that the templates may read.

The snapshot of an issue is the same data as JSON: `Handout.from_snapshot(handout.to_snapshot()) == handout`,
and equal handouts give equal snapshots, hashes and, on one machine, PDF bytes. Nothing here reads the
database or the clock.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal, Self

from django.template.loader import render_to_string

from clinics import pdf

SCHEMA = 1

Paper = Literal["A4", "Letter"]
PainLevel = Literal["green", "amber", "red"]

WATCHED_MISTAKES = 2
LOG_DAYS = 14


class BadSnapshot(ValueError):
    """The snapshot isn't one that this version can read, or it isn't what was issued."""


@dataclass(frozen=True, slots=True)
class HandoutClinic:
    name: str
    phone: str = ""
    address: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class HandoutFigure:
    """One picture. `key` is its content's hash; `alt` says what it shows; `src` isn't kept in a snapshot."""

    key: str
    alt: str
    caption: str = ""
    src: str = ""

    @property
    def address(self) -> str:
        """Where the page finds the picture: inside the document unless a site address was set."""
        return self.src or f"{pdf.ASSET_SCHEME}{self.key}"


@dataclass(frozen=True, slots=True)
class HandoutItem:
    """One exercise with its dose. `number` runs through the whole handout."""

    number: int
    name: str
    dose_chips: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    feel: str = ""
    stop_if: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    modify: tuple[str, ...] = ()
    note: str = ""
    note_by: str = ""
    figures: tuple[HandoutFigure, ...] = ()

    @property
    def watch(self) -> tuple[str, ...]:
        """The mistakes that are printed: the first few, because a long list isn't read."""
        return self.mistakes[:WATCHED_MISTAKES]

    @property
    def pictures(self) -> str:
        """How many pictures stand beside the words: "none", "one" or "two" (and more)."""
        return ("none", "one", "two")[min(len(self.figures), 2)]


@dataclass(frozen=True, slots=True)
class HandoutPhase:
    """A phase that has items. `number` counts the phases present; `minutes` is a day's worth."""

    slug: str
    number: int
    name: str
    patient_name: str
    minutes: int
    items: tuple[HandoutItem, ...]


@dataclass(frozen=True, slots=True)
class HandoutPainLine:
    level: PainLevel
    scores: str
    rule: str
    advice: str


# The emergency text that every handout carries; said to the patient, so "you" throughout.
EMERGENCY_SIGNS = (
    "you cannot pass urine, or cannot control your bladder or bowel",
    "you go numb between your legs",
    "your leg or foot gets weaker, or you cannot lift your foot",
    "both legs hurt, tingle or go numb",
    "you have back pain with a fever",
    "one calf is swollen or hot",
    "you have chest pain or cannot catch your breath",
)
COMMON_STOPS = (
    "pain or tingling spreads further down your leg",
    "you get a sharp or electric pain, or new numbness",
    "the pain is still worse the next morning",
    "you feel dizzy or faint",
)
# Practice convention: 0 to 3 go on, 4 to 5 half the dose, above 5 stop.
PAIN_RULE = (
    HandoutPainLine("green", "0 to 3", "Go on.", "Mild discomfort is fine."),
    HandoutPainLine("amber", "4 to 5", "Do half as much.", ""),
    HandoutPainLine("red", "Over 5", "Stop.", "Leave it out and call us."),
)


@dataclass(frozen=True, slots=True)
class Handout:
    """Everything a handout shows, in the patient's words."""

    clinic: HandoutClinic
    patient_name: str
    clinician_name: str
    date: date
    version: int
    phases: tuple[HandoutPhase, ...]
    clinician_credentials: str = ""
    stage_label: str = ""
    for_line: str = ""
    about: str = ""
    why_order: str = ""
    picture_key: str = ""
    emergency: tuple[str, ...] = EMERGENCY_SIGNS
    stops: tuple[str, ...] = COMMON_STOPS
    pain_rule: tuple[HandoutPainLine, ...] = PAIN_RULE
    log_days: int = LOG_DAYS
    next_visit: str = ""
    catalog_version: str = ""
    language: str = "en"
    paper: Paper = "A4"

    @classmethod
    def from_snapshot(cls, snapshot: Mapping[str, Any]) -> Self:
        """Return the handout that was frozen. Raises BadSnapshot when it is damaged or of another schema."""
        if snapshot.get("schema") != SCHEMA:
            raise BadSnapshot(f"This handout has schema {snapshot.get('schema')!r}; {SCHEMA} can be read.")
        frozen = snapshot.get("content_hash")
        if frozen is not None and frozen != content_hash(snapshot):
            raise BadSnapshot("This handout isn't what was issued: its content hash doesn't match.")
        values = {key: value for key, value in snapshot.items() if key not in {"schema", "content_hash"}}
        try:
            values["clinic"] = HandoutClinic(**values["clinic"])
            values["date"] = date.fromisoformat(values["date"])
            values["phases"] = tuple(_phase(phase) for phase in values["phases"])
            values["pain_rule"] = tuple(HandoutPainLine(**line) for line in values["pain_rule"])
            return cls(**_tuples(values))
        except (KeyError, TypeError, ValueError) as reason:
            raise BadSnapshot(f"This handout's snapshot can't be read: {reason}.") from reason

    def to_snapshot(self) -> dict[str, Any]:
        """Return the handout as JSON-safe data, with its schema number and content hash."""
        snapshot: dict[str, Any] = {"schema": SCHEMA, **_plain(asdict(self))}
        return snapshot | {"content_hash": content_hash(snapshot)}

    @property
    def content_hash(self) -> str:
        return str(self.to_snapshot()["content_hash"])

    @property
    def short_hash(self) -> str:
        """The 12 digits of the content hash that are printed in the footer."""
        return self.content_hash[:12]

    @property
    def printed_date(self) -> str:
        """The date as people write it: 21 November 2026."""
        return f"{self.date.day} {self.date:%B %Y}"

    @property
    def prepared_by(self) -> str:
        return ", ".join(part for part in (self.clinician_name, self.clinician_credentials) if part)

    @property
    def items(self) -> tuple[HandoutItem, ...]:
        """All exercises in the order in which they are done."""
        return tuple(item for phase in self.phases for item in phase.items)

    @property
    def minutes(self) -> int:
        return sum(phase.minutes for phase in self.phases)

    @property
    def days(self) -> range:
        """The numbered days of the tick-off log."""
        return range(1, self.log_days + 1)

    @property
    def figure_keys(self) -> tuple[str, ...]:
        """The keys of the pictures, each once, in the order of first use."""
        return tuple(dict.fromkeys(figure.key for item in self.items for figure in item.figures))

    def with_figures_at(self, address: Callable[[str], str]) -> Self:
        """Return the handout for a page of the site, where each picture is at `address(key)`."""

        def moved(item: HandoutItem) -> HandoutItem:
            return replace(item, figures=tuple(replace(f, src=address(f.key)) for f in item.figures))

        phases = tuple(replace(phase, items=tuple(moved(item) for item in phase.items)) for phase in self.phases)
        return replace(self, phases=phases)


def content_hash(snapshot: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of a snapshot's canonical JSON, leaving out the hash field itself."""
    hashed = {key: value for key, value in snapshot.items() if key != "content_hash"}
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def render_html(handout: Handout) -> str:
    """Return the whole page that becomes the PDF."""
    return render_to_string("handout/document.html", {"handout": handout})


def render_pdf(handout: Handout, figures: Mapping[str, bytes]) -> bytes:
    """Return the handout as a PDF/UA-1 file.

    `figures` holds the drawing (SVG, PNG or JPEG) of every key in `handout.figure_keys`. Raises
    pdf.CannotDraw when one is missing or broken: a handout never loses a picture in silence. The closer of
    two settings is taken when it brings the exercises, or all, onto fewer pages.
    """
    return pdf.render_html_to_pdf(
        render_html(handout),
        styles=["css/handout.css"],
        denser=["css/handout-close.css"],
        through=f"exercise-{len(handout.items)}",
        assets=figures,
    )


def _phase(data: Mapping[str, Any]) -> HandoutPhase:
    return HandoutPhase(**{**data, "items": tuple(_item(item) for item in data["items"])})


def _item(data: Mapping[str, Any]) -> HandoutItem:
    figures = tuple(HandoutFigure(**figure) for figure in data.get("figures", ()))
    return HandoutItem(**_tuples({**data, "figures": figures}))


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has lists where the frozen data has tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _plain(value: Any) -> Any:
    """Return data as JSON keeps it: lists, ISO dates, and no addresses that only hold on one site."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key != "src"}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
