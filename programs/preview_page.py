"""A handout before it is issued: its options, the sheet on the page, and the PDF as it would be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args
from urllib.parse import urlencode

from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone

from clinics import pdf
from clinics.models import User
from exercises import languages
from programs import drafting, handout, handout_options, issuing
from programs.handout import Paper
from programs.handout_options import LAYOUTS, Options
from programs.models import Item, Program

MARK = "css/handout-preview.css"
CODE_LATER = "The code to scan comes with the issue"
CODE_TO_COME = "img/code-to-come.svg"
DENSITY_WORDS = {
    "roomy": "set roomily",
    "close": "set closely",
    "snug": "set snugly",
    "tight": "set tightly",
    "tightest": "set as tightly as can be",
}


@dataclass(frozen=True, slots=True)
class Group:
    """One option with its choices: value, words, and whether it is chosen."""

    name: str
    legend: str
    choices: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class Look:
    """The options as a person reads them, as a form carries them along, and as an address does."""

    words: str
    language: str
    fields: Mapping[str, object]
    query: str


@dataclass(frozen=True, slots=True)
class Preview:
    """All that the page reads."""

    handout: handout.Handout
    options: Options
    logo_address: str
    code_later: str

    @property
    def groups(self) -> list[Group]:
        return groups(self.options)

    @property
    def look(self) -> Look:
        return look_of(self.options)

    @property
    def styles(self) -> Sequence[str]:
        """The style sheets of this layout, by static path."""
        return handout.STYLES[self.options.layout].sheets

    @property
    def colour(self) -> str:
        """The clinic's colour in six hex digits, or “”."""
        return self.handout.clinic.accent.removeprefix("#")


def read(program: Program, options: Options, *, by: User) -> Preview:
    """Return the sheet as it would be issued by this person now, for a page of the site."""
    sheet, items = _draft(program, options, by=by)
    addresses = drafting.picture_addresses(items)
    clinic = program.patient.clinic
    return Preview(
        handout=sheet.with_figures_at(addresses.__getitem__),
        options=options,
        logo_address=f"{reverse('clinic_logo', args=[clinic.pk])}?{urlencode({'v': sheet.clinic.logo_key})}",
        code_later=CODE_LATER if issuing.prints_code(clinic) else "",
    )


def draw(program: Program, options: Options, *, by: User) -> pdf.Pdf:
    """Return the PDF as it would be issued, but for the code, with a mark on each page. Raises pdf.CannotDraw."""
    sheet, items = _draft(program, options, by=by)
    clinic = program.patient.clinic
    sheet = replace(sheet, has_code=issuing.prints_code(clinic))
    pictures = drafting.drawings(items, clinic)
    return handout.render_pdf(sheet, pictures, code=_code_to_come(), also=[MARK], whose=clinic.pk)


def groups(options: Options) -> list[Group]:
    """Return what can be chosen."""
    weeks = {str(number): f"{number} weeks" for number in handout_options.WEEKS}
    return [
        _group("layout", "Layout", LAYOUTS, options.layout),
        _group("paper", "Paper", {paper: paper for paper in get_args(Paper)}, options.paper),
        _group("weeks", "Tick-off log", weeks, str(options.weeks)),
    ]


def look_of(options: Options) -> Look:
    """Return the options for pages that name them and carry them along; the language is the patient's, so it isn't."""
    language = languages.of(options.language).name
    words = f"{LAYOUTS[options.layout]}, {options.paper}, log for {options.weeks} weeks, {language}"
    fields = {name: getattr(options, name) for name in handout_options.REMEMBERED}
    return Look(words, language, fields, urlencode(fields))


def length(drawn: pdf.Pdf, options: Options) -> str:
    """Return how long a PDF is and how closely it is set, with what was chosen, so that each choice is said anew."""
    pages = "1 page" if drawn.pages == 1 else f"{drawn.pages} pages"
    return f"{LAYOUTS[options.layout]}, {options.paper}: {pages}, {DENSITY_WORDS[drawn.density]}."


def _draft(program: Program, options: Options, *, by: User) -> tuple[handout.Handout, list[Item]]:
    items = drafting.active_items(program)
    assessment = issuing.current_assessment(program)
    return drafting.draft(program, items, assessment, by=by, on=timezone.localdate(), options=options), items


def _group(name: str, legend: str, choices: Mapping[str, str], chosen: str) -> Group:
    return Group(name, legend, [(value, label, value == chosen) for value, label in choices.items()])


def _code_to_come() -> bytes:
    return Path(str(finders.find(CODE_TO_COME))).read_bytes()
