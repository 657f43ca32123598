"""A row of the catalog as plain values, and back: for its history, for files, for a copy.

The values have the names and shapes that a row's `shipped` has: other rows are named by slug, lists of them sorted.
Slug, an exercise's status, whose it is and what was shipped are no values: they are the row, not what it says.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from exercises.evidence import CheckBasis, Citation, Claim, Finding, OutcomeMeasure
from exercises.models import (
    Attribute,
    Driver,
    DriverMuscle,
    Equipment,
    Exercise,
    ExerciseText,
    Muscle,
    MusclePair,
    Precaution,
    Protocol,
    ProtocolItem,
    RedFlag,
    RedFlagGroup,
)
from exercises.syncing import ONE, Link, Values, many
from exercises.vocabulary import MUSCLE_STATES

TEXT = ("name", "other_names", "steps", "feel", "stop_if", "mistakes", "pictures")


class Gone(Exception):
    """Values name a row that isn't there; the message is a sentence that says which."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: its plain columns, its links, and what to fetch so that reading many takes few queries."""

    model: type[models.Model]
    plain: tuple[str, ...]
    links: dict[str, Link]
    joined: tuple[str, ...]
    fetched: tuple[str, ...]

    @property
    def name(self) -> str:
        """The kind's name in the history and in addresses, for example “exercise”."""
        return str(self.model._meta.model_name)

    @property
    def title(self) -> str:
        """What a person calls such a row: “Red flag”."""
        words = str(self.model._meta.verbose_name)
        return words[:1].upper() + words[1:]


def read(row: models.Model) -> Values:
    """Return the row's values, ready for JSON, by sorted name; without a query when it comes `with_values`."""
    kind = kind_of(row)
    values = {name: getattr(row, name) for name in kind.plain}
    for name, link in kind.links.items():
        values[name] = _slug_of(row, name) if link is ONE else link.read(row)
    return dict(sorted(values.items()))


@transaction.atomic
def write(row: models.Model, values: Values) -> list[str]:
    """Write what differs of `values` into the saved row and its links; return the names that did.

    `values` may be some of a row's; names that this kind doesn't have are left out. What follows from a change is
    the caller's (`editing.saved`). Raises Gone, with nothing written.
    """
    kind, now = kind_of(row), read(row)
    news = {name: value for name, value in values.items() if name in now and now[name] != value}
    columns = _columns(kind, news)
    for name, value in columns.items():
        setattr(row, name, value)
    if columns:
        row.save(update_fields=list(columns))
    _write_links(kind, row, news)
    return sorted(news)


def trial(row: models.Model, values: Values) -> Any:
    """Return a copy of the row with the plain ones of `values` set, to be looked at and never saved."""
    other = copy(row)
    for name in kind_of(row).plain:
        setattr(other, name, values.get(name, getattr(row, name)))
    return other


@transaction.atomic
def create(model: type[models.Model], values: Values, **fields: Any) -> Any:
    """Create a row that says `values`; `fields` are its slug and what else is no value. Raises Gone."""
    kind = KINDS[str(model._meta.model_name)]
    known = {name: value for name, value in values.items() if name in kind.plain or name in kind.links}
    row = model._default_manager.create(**_columns(kind, known), **fields)
    _write_links(kind, row, known)
    return row


def with_values(model: type[models.Model]) -> models.QuerySet[Any]:
    """The rows of a kind with all that `read` asks: 7 queries at most, whatever the number of rows."""
    kind = KINDS[str(model._meta.model_name)]
    rows: models.QuerySet[Any] = model._default_manager.all()
    rows = rows.select_related(*kind.joined) if kind.joined else rows
    return rows.prefetch_related(*kind.fetched)


def kind_of(row: models.Model) -> Kind:
    """Return the kind of a row; KeyError for a row that isn't the catalog's."""
    return KINDS[str(row._meta.model_name)]


def item_word(slug: str, only_with: str) -> str:
    """Return an item of a protocol as one word: the exercise, and the preference it takes, if any."""
    return f"{slug}@{only_with}" if only_with else slug


def _columns(kind: Kind, values: Values) -> Values:
    """Return what belongs into the row's own columns, slugs turned into rows; raise Gone for any that isn't there."""
    columns = {}
    for name, value in values.items():
        link = kind.links.get(name)
        if link is None:
            columns[name] = value
            continue
        found = _named(_target(kind.model, name), _slugs(value) if name != "texts" else [])
        if link is ONE:
            columns[name] = found.get(value)
    return columns


def _write_links(kind: Kind, row: models.Model, values: Values) -> None:
    for name, value in values.items():
        if name in kind.links and kind.links[name] is not ONE:
            kind.links[name].write(row, value)


def _target(model: type[models.Model], name: str) -> Any:
    """Return the model whose slugs a link holds."""
    return {"items": Exercise, "texts": Exercise}.get(name) or model._meta.get_field(name).related_model


def _slugs(value: Any) -> list[str]:
    """Return the slugs in a link's value: one, a list, or lists by stage or state."""
    if isinstance(value, dict):
        return [slug for inner in value.values() for slug in _slugs(inner)]
    return [str(slug).partition("@")[0] for slug in ([value] if isinstance(value, str) else value or [])]


def _named(model: Any, slugs: Iterable[str]) -> dict[str, Any]:
    """Return the rows of these slugs; raise Gone when one isn't there."""
    wanted = sorted(set(slugs))
    found = {row.slug: row for row in model.objects.filter(slug__in=wanted)} if wanted else {}
    for slug in wanted:
        if slug not in found:
            raise Gone(f"There is no {model._meta.verbose_name} “{slug}” any more.")
    return found


def _slug_of(row: models.Model, name: str) -> str | None:
    other = getattr(row, name)
    return None if other is None else other.slug


def _parts(row: models.Model, name: str, *joined: str) -> Iterable[Any]:
    """Return the rows that belong to a row, as they were fetched beforehand or as they stand."""
    manager = getattr(row, name)
    if name in getattr(row, "_prefetched_objects_cache", {}):
        return list(manager.all())
    return list(manager.select_related(*joined) if joined else manager.all())


def _replace(row: models.Model, name: str, rows: Iterable[models.Model]) -> None:
    """Put `rows` in place of those that belong to a row."""
    manager = getattr(row, name)
    _forget_parts(row, name)
    manager.all().delete()
    manager.model._default_manager.bulk_create(rows)


def _forget_parts(row: models.Model, name: str) -> None:
    getattr(row, "_prefetched_objects_cache", {}).pop(name, None)


def _read_driver_muscles(driver: Driver) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {state: [] for state, _ in MUSCLE_STATES}
    for row in _parts(driver, "muscle_states", "muscle"):
        found[row.state].append(row.muscle.slug)
    return {state: sorted(slugs) for state, slugs in found.items()}


def _write_driver_muscles(driver: Driver, states: dict[str, list[str]]) -> None:
    muscles = _named(Muscle, _slugs(states))
    rows = [(state, muscles[slug]) for state, slugs in states.items() for slug in slugs]
    _replace(driver, "muscle_states", [DriverMuscle(driver=driver, muscle=row, state=state) for state, row in rows])


def _read_protocol_items(protocol: Protocol) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in _parts(protocol, "items", "exercise"):
        found.setdefault(item.stage, []).append(item_word(item.exercise.slug, item.only_with))
    return found


def _write_protocol_items(protocol: Protocol, stages: dict[str, list[str]]) -> None:
    exercises = _named(Exercise, _slugs(stages))
    _replace(
        protocol,
        "items",
        [
            ProtocolItem(
                protocol=protocol, stage=stage, position=position, exercise=exercises[slug], only_with=only_with
            )
            for stage, words in stages.items()
            for position, (slug, _, only_with) in enumerate((word.partition("@") for word in words), start=1)
        ],
    )


def _read_texts(exercise: Exercise) -> dict[str, Values]:
    rows = sorted(_parts(exercise, "texts"), key=lambda text: str(text.language))
    return {text.language: {name: getattr(text, name) for name in TEXT} for text in rows}


def _write_texts(exercise: Exercise, texts: dict[str, Values]) -> None:
    """Write each language's text where it differs; those of other languages go."""
    kept = {text.language: text for text in _parts(exercise, "texts")}
    _forget_parts(exercise, "texts")
    exercise.texts.exclude(language__in=texts).delete()
    for language, values in texts.items():
        said = {name: values[name] for name in TEXT if name in values}
        text = kept.get(language)
        if text is None:
            ExerciseText.objects.create(exercise=exercise, language=language, **said)
            continue
        changed = [name for name, value in said.items() if getattr(text, name) != value]
        for name in changed:
            setattr(text, name, said[name])
        if changed:
            text.save(update_fields=changed)


MUSCLE_LINKS = {"antagonists": many("antagonists")}
CITED = {"citations": many("citations")}
CLAIM_LINKS = {"made_by": many("made_by"), **CITED}
DRIVER_LINKS = {"muscles": Link(_read_driver_muscles, _write_driver_muscles), **CITED}
RED_FLAG_LINKS = {"group": ONE, **CITED}
EXERCISE_LINKS = {
    "progression": ONE,
    "regression": ONE,
    **{name: many(name) for name in ("releases", "strengthens", "suits_primary", "suits_secondary", "citations")},
}
PROTOCOL_LINKS = {
    "driver": ONE,
    "citations": many("citations"),
    "items": Link(_read_protocol_items, _write_protocol_items),
}
TEXTS = {"texts": Link(_read_texts, _write_texts)}  # the loader brings each text in as a row of its own

_PARTS = {"muscles": "muscle_states__muscle", "items": "items__exercise"}


def _kind(model: type[models.Model], links: dict[str, Link] | None = None, besides: str = "") -> Kind:
    """Return the kind of a model's rows; `besides` names the column that is no value."""
    links = links or {}
    columns = [field for field in model._meta.concrete_fields if field.editable and not field.is_relation]
    plain = [field.name for field in columns if not field.primary_key and field.name not in {"slug", besides}]
    joined = [name for name, link in links.items() if link is ONE]
    fetched = [_PARTS.get(name, name) for name, link in links.items() if link is not ONE]
    return Kind(model, tuple(plain), links, tuple(joined), tuple(fetched))


# In an order in which a row's links come before it, but for the exercises' neighbours and the muscles' antagonists.
KINDS = {
    kind.name: kind
    for kind in (
        _kind(Citation),
        _kind(Attribute),
        _kind(Equipment),
        _kind(Muscle, MUSCLE_LINKS),
        _kind(MusclePair, {"tight": ONE, "weak": ONE}),
        _kind(Driver, DRIVER_LINKS),
        _kind(Precaution),
        _kind(RedFlagGroup),
        _kind(RedFlag, RED_FLAG_LINKS),
        _kind(Exercise, EXERCISE_LINKS | TEXTS, besides="status"),
        _kind(Protocol, PROTOCOL_LINKS),
        _kind(Finding),
        _kind(OutcomeMeasure, CITED),
        _kind(Claim, CLAIM_LINKS),
        _kind(CheckBasis, CITED),
    )
}
