"""The languages that a handout can be in: every word of it, and of the patient's page, that isn't an exercise's own.

Plain Python without Django. One YAML file per language, in `catalog/languages` and in a folder of the clinic's
(`look_in`). A word that a language lacks is the English one; `missing` names it. A clinic's file of a language that
ships is laid over that one: the words it lacks are the shipped ones.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator

from exercises.entries import Entry, Line
from exercises.yaml_files import BadFiles, Location, Reader

SHIPPED = Path(__file__).parent / "catalog" / "languages"
ENGLISH = "en"
CODE = r"^[a-z]{2,3}(-[A-Z]{2})?$"
PLACEHOLDER = re.compile(r"\{\w*\}")

Code = Annotated[str, StringConstraints(pattern=CODE, max_length=5)]
Blank = Annotated[str, StringConstraints(strip_whitespace=True, max_length=240)]
FileName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.pdf$", max_length=60)]
OPEN = {"captions"}  # exercises of a clinic's own may have other pictures
Words12 = Annotated[tuple[Line, ...], Field(min_length=12, max_length=12)]


class BadLanguages(BadFiles):
    """The files of languages hold mistakes."""


class Plural(Entry):
    """The numbers that a form is for: these ones, and those that end in a digit, but for some by their last two."""

    exactly: tuple[int, ...] = ()
    ends: tuple[Annotated[int, Field(ge=0, le=9)], ...] = ()
    but_not: tuple[Annotated[int, Field(ge=0, le=99)], ...] = ()

    def takes(self, number: int) -> bool:
        return number in self.exactly or (number % 10 in self.ends and number % 100 not in self.but_not)


# What “one” is unless a language says otherwise; an English phrase in its stead has that form, too.
ONE = {"one": Plural(exactly=(1,))}
Counted = dict[str, Line]


class PhaseWords(Entry):
    name: Line
    purpose: Line


class PainWords(Entry):
    scores: Line
    rule: Line
    advice: Blank = ""


class SideForms(Entry):
    """A side as it stands in a text, and its feminine form."""

    side: Line
    side_f: Line


class DoseWords(Entry):
    minutes: Counted
    seconds: Counted
    hold: Line
    times: Counted
    each_way: Line
    sets: Counted
    rest: Line
    times_a_day: Counted
    days_a_week: Counted
    sides: dict[str, Line]


class MailWords(Entry):
    """The mails to patients; `templates/email` puts them together."""

    subject: Line
    hello: Line
    attached: Line
    link: Line
    link_days: Counted
    link_private: Line
    order: Line
    order_phone: Line
    emergency: Line
    answers: Line
    no_answers: Line
    not_for_you: Line
    file_name: FileName


class Words(Entry):
    """All words of one language; templates read them as `words.stop_if`."""

    title: Line
    prepared_by: Line
    version: Line
    page: Line
    of: Line
    for_line: Line
    where: dict[str, Line]
    stages: dict[str, Line]
    why_order: Line
    minutes_a_day: Line
    phases: dict[str, PhaseWords]
    emergency_heading: Line
    emergency: Annotated[tuple[Line, ...], Field(min_length=7)]
    stops_heading: Line
    stops: Annotated[tuple[Line, ...], Field(min_length=4)]
    own_emergency_heading: Line
    own_stops_heading: Line
    pain_heading: Line
    pain_rule: dict[str, PainWords]
    feel: Line
    stop_if: Line
    watch_out: Line
    for_you: Line
    take_care: Line
    from_day: Line
    note: Line
    captions: dict[str, Line]
    marks_line: Line
    marks: dict[str, Line]
    position_only: Line
    positions: dict[str, Line]
    log_heading: Line
    exercise: Line
    how_much: Line
    done: Line
    day: Line
    week: Line
    worst_pain: Line
    next_visit: Line
    your_exercises: Line
    cut_here: Line
    code_line: Line
    code_alt: Line
    dose: DoseWords
    sides_in_text: dict[str, SideForms]
    then_the_other: Line
    shown_on: Line
    date: Line
    months: Words12
    home: dict[str, Blank] = {}
    mail: MailWords


class Language(Entry):
    """One language with its words; `missing` names those that are English for want of its own."""

    code: Code
    name: Line
    plurals: dict[str, Plural] = ONE
    words: Words
    missing: tuple[str, ...] = ()

    @field_validator("plurals")
    @classmethod
    def _other_is_the_rest(cls, plurals: dict[str, Plural]) -> dict[str, Plural]:
        if "other" in plurals:
            raise ValueError("“other” is for every number that no other form takes; it can't be told which")
        return ONE | plurals

    def counted(self, forms: Counted, number: int) -> str:
        """Return a phrase in the form for this number: “1 time”, “2 times”."""
        form = next((name for name, plural in self.plurals.items() if name in forms and plural.takes(number)), "other")
        return forms[form].replace("{n}", str(number))

    def date(self, day: datetime.date) -> str:
        """Return a date as people write it: 21 November 2026."""
        parts = {"day": str(day.day), "month": self.words.months[day.month - 1], "year": str(day.year)}
        return fill(self.words.date, **parts)

    def caption(self, frame: str) -> str:
        """Return what stands over a picture; one whose frame has no word has the frame's name."""
        return self.words.captions.get(frame, frame.replace("-", " "))


def fill(phrase: str, **values: str) -> str:
    """Return a phrase with its places filled in; braces in what is filled in stay as they are."""
    return PLACEHOLDER.sub(lambda found: values.get(found[0][1:-1], found[0]), phrase)


def of(code: str) -> Language:
    """Return a language by its code, English where it isn't known (any more)."""
    languages = known()
    return languages.get(code) or languages[ENGLISH]


def known() -> Mapping[str, Language]:
    """Return all languages by code: English, then by name."""
    return read(SHIPPED, *_folders)


def look_in(folder: Path | None) -> None:
    """Take a clinic's own languages from this folder, too; raise BadLanguages if a file there is wrong."""
    further = [folder] if folder else []
    read(SHIPPED, *further)
    _folders[:] = further


@lru_cache(maxsize=8)
def read(*folders: Path) -> Mapping[str, Language]:
    """Return the languages kept in the folders, the later laid over the earlier; raise BadLanguages."""
    found: dict[str, Language] = {}
    for folder in folders:
        reader = Reader(folder)
        found |= read_folder(reader, over=found)
        if reader.mistakes:
            raise BadLanguages(reader.mistakes)
    return dict(sorted(found.items(), key=lambda pair: (pair[0] != ENGLISH, pair[1].name)))


def read_folder(reader: Reader, under: str = "", over: Mapping[str, Language] | None = None) -> dict[str, Language]:
    """Return the languages in a reader's folder, laid over those given; what is wrong is among its mistakes."""
    names = [path.relative_to(reader.directory).as_posix() for path in (reader.directory / under).glob("*.yaml")]
    if not (reader.directory / under).is_dir():
        reader.complain(under or str(reader.directory), (), "there is no such folder")
    languages = (_read(reader, name, (over or {}).get(Path(name).stem)) for name in sorted(names))
    return {language.code: language for language in languages if language is not None}


def _read(reader: Reader, name: str, under: Language | None) -> Language | None:
    """Return the language of a file; what it lacks, it has of the one under it, or else in English."""
    content = reader.content(name)
    if content is None:
        return None
    if not isinstance(content, dict) or not all(isinstance(content.get(key, {}), dict) for key in ("words", "plurals")):
        reader.complain(name, (), "the file must hold code, name and words")
        return None
    given, english = content.get("words", {}), _english_words()
    if (code := content.get("code")) != Path(name).stem:
        reader.complain(name, ("code",), f"code {code!r} must be the file's name")
    plurals = (under.plurals if under else ONE) | content.get("plurals", {})
    for place, reason in _strange(given, english, {*plurals, "other"}):
        reader.complain(name, ("words", *place), f"{'.'.join(map(str, place))}: {reason}")
    words, missing = _over(english, given), tuple(".".join(place) for place in _missing(given, english))
    if under:
        words, missing = _over(under.words.model_dump(), given), under.missing
        content = {"name": under.name, **content}
    missing = () if code == ENGLISH else missing
    return reader.entry(name, Language, {**content, "plurals": plurals, "words": words, "missing": missing}, ())


_folders: list[Path] = []


@cache
def _english_words() -> dict[str, Any]:
    """Return the English words as they stand in their file: what there is to be said."""
    reader = Reader(SHIPPED)
    content = reader.content(f"{ENGLISH}.yaml")
    if reader.mistakes:
        raise BadLanguages(reader.mistakes)
    words: dict[str, Any] = content["words"]
    return words


def _is_counted(value: Any) -> bool:
    return isinstance(value, dict) and "other" in value


def _over(english: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the English words with those given in their place; lists and counted phrases go whole."""

    def one(key: str) -> Any:
        if key not in given:
            return english[key]
        ours: Any = english.get(key)
        theirs: Any = given[key]
        deep = isinstance(ours, dict) and isinstance(theirs, dict) and not _is_counted(ours)
        return _over(ours, theirs) if deep else theirs

    return {key: one(key) for key in (*english, *(key for key in given if key not in english))}


def _missing(given: Mapping[str, Any], english: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for key, value in english.items():
        if key not in given:
            yield (key,)
        elif isinstance(value, dict) and isinstance(given[key], dict) and not _is_counted(value):
            yield from ((key, *rest) for rest in _missing(given[key], value))


def _strange(given: Any, english: Any, forms: set[str], *, is_open: bool = False) -> Iterator[tuple[Location, str]]:
    """Yield the place of each word or form that there isn't, or that has other parts to fill in, and why."""
    if _is_counted(english) and isinstance(given, dict):
        if "other" not in given:
            yield (), "the form “other” is missing"
        for form, phrase in given.items():
            if form not in forms:
                yield (form,), f"no form is called so: there are {', '.join(sorted(map(str, forms)))}"
            if extra := set(PLACEHOLDER.findall(str(phrase))) - {"{n}"}:
                yield (form,), f"{' '.join(sorted(extra))} can't be filled in here"
    elif isinstance(english, dict) and isinstance(given, dict):
        for key, value in given.items():
            if key in english:
                inside = _strange(value, english[key], forms, is_open=key in OPEN)
                yield from (((key, *place), reason) for place, reason in inside)
            elif not is_open:
                yield (key,), "there is no such word"
    elif isinstance(english, str) and isinstance(given, str):
        wanted, found = (set(PLACEHOLDER.findall(phrase)) for phrase in (english, given))
        if wanted != found:
            yield (), f"it must have {' '.join(sorted(wanted)) or 'nothing'} to fill in, as in English"
