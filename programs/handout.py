"""A handout is data, then HTML, then PDF. `Handout` is all that the templates may read.

The snapshot of an issue is the same data as JSON: `Handout.from_snapshot(handout.to_snapshot()) == handout`,
and equal handouts give equal snapshots, hashes and, on one machine, PDF bytes. Nothing here reads the
database or the clock. The printed code isn't part of the data, only that there is one: its link isn't for everybody
who may read a snapshot.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal, NamedTuple, Self, get_args

from django.template.loader import render_to_string

from clinics import pdf
from exercises import languages

SCHEMA = 2
READABLE = (1, SCHEMA)

Paper = Literal["A4", "Letter"]
Layout = Literal["standard", "large", "compact", "cards", "checklist"]
PainLevel = Literal["green", "amber", "red"]

# What schema 2 didn't have at first: left out where it is empty, so that what was frozen before keeps its hash.
LATER = {"care", "own_emergency", "own_stops", "photo", "side_shown"}

WATCHED_MISTAKES = 2
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
CODE = "code"


class Style(NamedTuple):
    """The style sheets of a layout, and its densities from roomy to tight, each with the sheets that it adds.

    `step` is the least factor by which the next roomier density makes the handout longer. `unseen` are the classes that
    a density doesn't show.
    """

    sheets: Sequence[str]
    densities: Sequence[tuple[str, Sequence[str]]]
    step: float
    unseen: Mapping[str, Collection[str]] = {}


def _style(layout: str, *closer: str, step: float, **unseen: Collection[str]) -> Style:
    """Return a layout's style. The sheets of a density come on top of the roomier ones'."""
    name = "-".join(filter(None, ("css/handout", layout)))
    sheets = [f"{name}-{density}.css" for density in closer]
    densities = [(density, tuple(sheets[:place])) for place, density in enumerate(("roomy", *closer))]
    return Style(tuple(dict.fromkeys(("css/handout.css", f"{name}.css"))), tuple(densities), step, unseen)


STYLES: dict[Layout, Style] = {
    "standard": _style("", "close", "snug", "tight", step=1.12, tight=("steps", "cues")),
    # Few exercises and cards of a fixed height fill a page: what is longer often takes no page more.
    "large": _style("large", "close", "snug", step=1.01),
    "compact": _style("compact", "close", "snug", "tight", "tightest", step=1.06),
    "cards": _style("cards", "close", "tight", step=1.01),
    "checklist": _style("checklist", "close", step=1.12),
}


class BadSnapshot(ValueError):
    """The snapshot isn't one that this version can read, or it isn't what was issued."""


@dataclass(frozen=True, slots=True)
class HandoutClinic:
    """The clinic as it signs its sheets; `logo_key` is the logo's content hash, `colour` “#rrggbb” or empty."""

    name: str
    phone: str = ""
    address: str = ""
    email: str = ""
    website: str = ""
    logo_key: str = ""
    colour: str = ""

    @property
    def accent(self) -> str:
        """The colour of the sheet's head; “” for what is none, which older handouts may hold."""
        return self.colour if COLOUR.fullmatch(self.colour) else ""


@dataclass(frozen=True, slots=True)
class HandoutFigure:
    """One picture. `key` is its content's hash; `alt` says what it shows; `src` isn't kept in a snapshot.

    A `photo` was uploaded and is never mirrored: `side_shown` says which side it shows when the other one works.
    """

    key: str
    alt: str
    caption: str = ""
    src: str = ""
    photo: bool = False
    side_shown: str = ""

    @property
    def address(self) -> str:
        """Where the page finds the picture: inside the document unless a site address was set."""
        return self.src or f"{pdf.ASSET_SCHEME}{self.key}"


@dataclass(frozen=True, slots=True)
class HandoutItem:
    """One exercise with its dose. `number` runs through the whole handout.

    `language` is that of its own words, where they aren't in the handout's. `exercise` (its slug), `side` and `hold_s`
    (seconds) aren't printed: the page at home moves and times by them.
    """

    number: int
    name: str
    dose_chips: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    feel: str = ""
    stop_if: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    modify: tuple[str, ...] = ()
    care: tuple[str, ...] = ()
    note: str = ""
    note_by: str = ""
    figures: tuple[HandoutFigure, ...] = ()
    language: str = ""
    exercise: str = ""
    side: str = ""
    hold_s: int = 0

    @property
    def watch(self) -> tuple[str, ...]:
        """The mistakes that are printed: the first few, because a long list isn't read."""
        return self.mistakes[:WATCHED_MISTAKES]

    @property
    def pictures(self) -> str:
        """How many pictures stand beside the words: "none", "one", "two" or "three" (and more)."""
        return ("none", "one", "two", "three")[min(len(self.figures), 3)]


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


@dataclass(frozen=True, slots=True)
class Handout:
    """Everything a handout shows, in the patient's words.

    The emergency signs, the stops and the pain rule are those of the language unless they are given: no handout goes
    without them. The patient's precautions add their own signs and stops.
    """

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
    emergency: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    own_emergency: tuple[str, ...] = ()
    own_stops: tuple[str, ...] = ()
    pain_rule: tuple[HandoutPainLine, ...] = ()
    weeks: int = 2
    next_visit: str = ""
    catalog_version: str = ""
    language: str = "en"
    paper: Paper = "A4"
    layout: Layout = "standard"
    has_code: bool = False

    def __post_init__(self) -> None:
        words = self.words
        rule = tuple(HandoutPainLine(level, **words.pain_rule[level].model_dump()) for level in get_args(PainLevel))
        for name, usual in (("emergency", words.emergency), ("stops", words.stops), ("pain_rule", rule)):
            if not getattr(self, name):
                object.__setattr__(self, name, usual)

    @classmethod
    def from_snapshot(cls, snapshot: Mapping[str, Any]) -> Self:
        """Return the handout that was frozen. Raises BadSnapshot when it is damaged or of an unknown schema."""
        if snapshot.get("schema") not in READABLE:
            raise BadSnapshot(f"This handout has schema {snapshot.get('schema')!r}; up to {SCHEMA} can be read.")
        frozen = snapshot.get("content_hash")
        if frozen is not None and frozen != content_hash(snapshot):
            raise BadSnapshot("This handout isn't what was issued: its content hash doesn't match.")
        values = {key: value for key, value in snapshot.items() if key not in {"schema", "content_hash"}}
        if snapshot["schema"] == 1:
            values["weeks"] = values.pop("log_days", 0) // 7
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
    def words(self) -> languages.Words:
        """What the page says of itself, in the handout's language."""
        return languages.of(self.language).words

    @property
    def printed_date(self) -> str:
        """The date as people write it: 21 November 2026."""
        return languages.of(self.language).date(self.date)

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
    def log_days(self) -> int:
        return self.weeks * 7

    @property
    def log_tables(self) -> list[range]:
        """The numbered days of each table of the tick-off log: in large print a week, so that a cell is wide enough."""
        step = 7 if self.layout == "large" else 14
        return [range(1, self.log_days + 1)[first : first + step] for first in range(0, self.log_days, step)]

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
    return render_to_string("handout/document.html", {"handout": handout, "words": handout.words})


def render_pdf(
    handout: Handout,
    pictures: Mapping[str, bytes],
    *,
    code: bytes = b"",
    also: Sequence[str] = (),
    whose: Hashable = None,
) -> pdf.Pdf:
    """Return the handout as a PDF/UA-1 file, in the density that wastes the least paper.

    `pictures` holds the drawing (SVG, PNG or JPEG) of every key in `handout.figure_keys`, and the logo by its key;
    `code` is the drawing of the code when the handout has one; `also` are further style sheets, `whose` is the clinic
    for which it is drawn. Raises pdf.CannotDraw when a picture is missing or broken: a handout never loses one in
    silence.
    """
    style = STYLES[handout.layout]
    return pdf.render_html_to_pdf(
        render_html(handout),
        styles=[*style.sheets, *also],
        densities=style.densities,
        step=style.step,
        unseen=style.unseen,
        assets={**pictures, CODE: code} if handout.has_code else pictures,
        whose=whose,
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
        kept = {key: inner for key, inner in value.items() if key != "src" and (inner or key not in LATER)}
        return {key: _plain(inner) for key, inner in kept.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
