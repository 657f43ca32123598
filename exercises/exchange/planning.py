"""A file compared with the catalog, row by row: what is new, what would change, what is the same, what is wrong.

A row says only what its file has columns for. A row that says what the catalog says already isn't asked whether it is
right: an unfinished draft comes back as it went. Nothing is written here; `storing.write` writes a plan.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from exercises import catalog_lint, languages, row_values
from exercises.evidence import Citation
from exercises.exchange import reading
from exercises.exchange.changes import Change
from exercises.exchange.columns import BadCell, Cells, Column, cells_of_values, column_at, columns, entry_of
from exercises.exchange.mistakes import BadFile, Mistake
from exercises.exchange.reading import Row
from exercises.exercise_entries import ExerciseEntry
from exercises.gates import Known
from exercises.models import Attribute, Driver, Equipment, Exercise, Muscle, Precaution
from exercises.vocabulary import KINDS_BY_PHASE, Phase

STEP = 250
MANY = 1_000
NO_ENGLISH = "the English text is missing"
NEW_NEEDS = "no exercise here is called that; a new one needs these, too"
Progress = Callable[[int, int], None]
TOPICS: dict[str, Any] = {
    "muscle": Muscle, "citation": Citation, "equipment": Equipment, "attribute": Attribute, "driver": Driver,
    "precaution": Precaution,
}  # fmt: skip


@dataclass(slots=True)
class Plan:
    """What importing a file would do; with mistakes it does nothing."""

    changes: list[Change] = field(default_factory=list)
    same: int = 0
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """A hash of all that would be written."""
        said = [[change.slug, change.row is None, change.fields] for change in self.changes]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


@dataclass(slots=True)
class Catalog:
    """What is there: the shared exercises with their cells, the slugs of clinics' own, and all that can be named."""

    rows: dict[str, Exercise]
    cells: dict[str, Cells]
    private: set[str]
    known: dict[str, set[str]]

    @property
    def named(self) -> Known:
        """What the gates of publishing ask after."""
        return Known(frozenset(self.known["attribute"]), frozenset(self.known["equipment"]))


def all_columns() -> dict[str, Column]:
    """Return the columns with all languages that the site knows, English and Spanish first."""
    return columns(tuple(dict.fromkeys(["en", "es", *languages.known()])))


def cells_of(exercise: Exercise, known: dict[str, Column]) -> Cells:
    """Return an exercise as a row of a file; needs it `row_values.with_values`."""
    return cells_of_values(row_values.read(exercise), known) | {"slug": exercise.slug}


def plan(content: bytes, kind: str, *, encoding: str = "", progress: Progress = lambda done, total: None) -> Plan:
    """Compare a file with the catalog as it stands: 16 queries, whatever the number of rows."""
    found = Plan()
    known = all_columns()
    rows: list[Row] = []
    try:
        rows = list(reading.read(content, kind, known, encoding=encoding))
    except BadFile as bad:
        found.mistakes.append(bad.mistake)
        return found
    catalog = _catalog({row.cells.get("slug", "") for row in rows}, known)
    seen: dict[str, int] = {}
    total = len(rows)
    rows.reverse()
    while rows:
        row = rows.pop()  # so that what was looked at takes no memory any more
        slug = row.cells.get("slug", "")
        if slug and slug in seen:
            row.wrong("slug", f"“{slug}” is in line {seen[slug]} already: leave one of the two out")
        seen.setdefault(slug, row.line)
        _compare(row, catalog, known, found)
        if len(rows) % STEP == 0:
            progress(total - len(rows), total)
    _check_chains(found, catalog)
    found.mistakes.sort()
    return found


def _catalog(slugs: set[str], known: dict[str, Column]) -> Catalog:
    """Read what a file of these slugs is compared with."""
    everything = dict(Exercise.objects.values_list("slug", "clinic"))
    shared = {slug for slug, clinic in everything.items() if clinic is None}
    rows: dict[str, Exercise] = {}
    wanted = sorted(slugs & shared)
    for start in range(0, len(wanted), 2_000):
        part = (
            row_values.with_values(Exercise).prefetch_related("uploads").filter(slug__in=wanted[start : start + 2_000])
        )
        rows |= {row.slug: row for row in part}
    topics = {name: set(model.objects.values_list("slug", flat=True)) for name, model in TOPICS.items()}
    return Catalog(
        rows=rows,
        cells={slug: cells_of(row, known) for slug, row in rows.items()},
        private=everything.keys() - shared,
        known=topics | {"exercise": shared | slugs},
    )


def _compare(row: Row, catalog: Catalog, known: dict[str, Column], found: Plan) -> None:
    """Put a row where it belongs in the plan: the same, a change, or mistakes."""
    slug = row.cells.get("slug", "")
    if slug in catalog.private:
        row.wrong("slug", f"“{slug}” can’t be used here; please choose another")
    now = catalog.cells.get(slug, {})
    news = {name: cell for name, cell in row.cells.items() if cell != now.get(name, "")}
    if now:
        news = {name: cell for name, cell in news.items() if not _silent(known[name], row.cells, known)}
    if now and not news and not row.mistakes:
        found.same += 1
        return
    kept = {name: now[name] for name in row.cells if now and name not in news}
    entry = _entry(row, {**now, **row.cells, **kept}, known, is_there=bool(now))
    if entry:
        for place, kind, named in _unknown(entry, catalog):
            nearest = _nearest(named, catalog.known[kind]) if len(found.mistakes) < MANY else ""
            reason = f"no {kind} is called “{named}”{nearest}"
            row.wrong(column_at(place, known), reason, named)
        if entry.kind not in KINDS_BY_PHASE[Phase(entry.phase)]:
            kinds = ", ".join(KINDS_BY_PHASE[Phase(entry.phase)])
            row.wrong("kind", f"“{entry.kind}” isn’t a kind of the phase {entry.phase}, which has {kinds}")
    stored = catalog.rows.get(slug)
    if entry and not row.mistakes:
        fields = [(name, now.get(name, ""), news[name]) for name in known if name in news]
        change = Change(row.line, entry, stored, fields)
        for problem in change.new_problems(catalog.named):
            row.wrong("", f"is published, and would no longer be ready for patients. {problem}")
    if row.mistakes or entry is None:
        name = stored.name if stored else row.cells.get("name") or slug
        found.mistakes += [replace(mistake, exercise=name) for mistake in row.mistakes]
        return
    found.changes.append(change)


def _nearest(named: str, known: set[str]) -> str:
    """Return how to mend a name that isn't known; of a great many it would take too long to find the nearest."""
    nearest = get_close_matches(named, known, 1) if len(known) < MANY else []
    return f": did you mean “{nearest[0]}”?" if nearest else ""


def _silent(column: Column, cells: Cells, known: dict[str, Column]) -> bool:
    """Whether a file says nothing in the language of a column: then what is there in it stays."""
    if column.path[0] != "text":
        return False
    return not any(cells.get(other.name) for other in known.values() if other.path[:2] == column.path[:2])


def _entry(row: Row, cells: Cells, known: dict[str, Column], *, is_there: bool) -> ExerciseEntry | None:
    """Return what a row says as an entry, or None with mistakes; a row that is wrong already is still looked at."""
    if not row.cells:
        return None  # what it lacks would be all of it
    wrong = {mistake.column for mistake in row.mistakes}
    missing = []
    try:
        return ExerciseEntry.model_validate(entry_of(cells, known))
    except ValidationError as trouble:
        for error in trouble.errors(include_url=False):
            reason, column = _plainly(error), column_at(error["loc"], known)
            if column == "text":  # all words of a language together
                column = "es_steps" if "Spanish" in reason else "en_steps"
            if error["type"] == "missing" or reason == NO_ENGLISH:
                missing.append(column)
            elif column not in wrong:
                row.wrong(column, reason)
    except BadCell as trouble:
        row.wrong("", str(trouble))
    if missing := [column for column in missing if column not in wrong]:
        start = "leaves out what an exercise needs" if is_there else NEW_NEEDS
        row.wrong("slug", f"{start}: {', '.join(missing)}")
    return None


def _plainly(error: Mapping[str, Any]) -> str:
    """Return why a value isn't right, as somebody who never saw the code would say it."""
    context = error.get("ctx", {})
    sentences = {
        "literal_error": "must be one of {expected}",
        "string_too_short": "is empty: fill it in",
        "string_too_long": "is longer than {max_length} letters",
        "too_short": "needs {min_length} or more",
        "too_long": "has more than {max_length}",
        "greater_than_equal": "must be {ge} or more",
        "less_than_equal": "must be {le} or less",
        "string_pattern_mismatch": "may have small letters, digits, “-” and “_” only",
        "extra_forbidden": "isn’t known",
    }
    sentence = sentences.get(error["type"])
    return sentence.format(**context) if sentence else str(error["msg"]).removeprefix("Value error, ")


def _unknown(entry: ExerciseEntry, catalog: Catalog) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
    for _, place, kind, slug in catalog_lint.references_of(entry):
        if slug not in catalog.known[kind]:
            yield place, kind, slug


def _check_chains(found: Plan, catalog: Catalog) -> None:
    """Complain of each change that makes an exercise lead back to itself by what is easier or harder."""
    changed = {change.slug: change for change in found.changes}
    for link in ("progression", "regression"):
        if not any(name == link for change in found.changes for name, _, _ in change.fields):
            continue
        stored = dict(Exercise.objects.exclude(**{link: None}).values_list("slug", f"{link}__slug"))
        following = stored | {slug: getattr(change.entry, link) for slug, change in changed.items()}
        for slug in _in_circles(changed, following):
            change, reason = changed[slug], f"{link} runs in a circle: name one that doesn’t lead back here"
            typed = getattr(change.entry, link)
            found.mistakes.append(Mistake(change.line, link, reason, exercise=change.entry.name, typed=typed))


def _in_circles(slugs: Iterable[str], following: Mapping[str, str | None]) -> Iterator[str]:
    for slug in slugs:
        at, steps = following.get(slug), 0
        while at and at != slug and steps < len(following):
            at, steps = following.get(at), steps + 1
            if steps > 100:  # it runs into a circle that others make
                break
        if at == slug:
            yield slug
