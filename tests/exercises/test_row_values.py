"""A catalog row as plain values, and back."""

import json
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exercises import row_values
from exercises.models import Exercise, Protocol, RedFlag
from exercises.row_values import KINDS
from tests.conftest import make_driver, make_exercise, make_muscle

pytestmark = pytest.mark.django_db

MUSCLES = ["gluteus_maximus", "hamstrings", "piriformis"]
lines = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
counts = st.integers(1, 30)
several = st.lists(lines, max_size=3)
named = st.lists(st.sampled_from(MUSCLES), unique=True).map(sorted)
texts = st.fixed_dictionaries({
    **dict.fromkeys(("name", "feel", "stop_if"), lines),
    **dict.fromkeys(("other_names", "steps", "mistakes"), several),
    "pictures": st.dictionaries(lines, lines, max_size=2),
})  # fmt: skip
some_exercise = st.fixed_dictionaries(
    {"name": lines, "texts": st.dictionaries(st.sampled_from(["en", "es", "de"]), texts, min_size=1)},
    optional={
        "releases": named,
        "strengthens": named,
        "progression": st.sampled_from([None, "clam", "plank"]),
        "equipment": st.lists(several, max_size=2),
        "reps": counts,
        "hold_s": st.none() | counts,
        "bed_ok": st.booleans(),
        "note": lines,
    },
)
some_protocol = st.fixed_dictionaries({
    "title": lines,
    "items": st.dictionaries(
        st.sampled_from(["w0_2", "w2_4", "w4_8"]),
        st.lists(st.sampled_from(["clam", "plank", "clam@flexion"]), min_size=1, max_size=4),
    ),
})  # fmt: skip
some_driver = st.fixed_dictionaries({
    "order": counts,
    "muscles": st.lists(st.sampled_from([*MUSCLES, ""]), min_size=4, max_size=4, unique=True).map(
        lambda slugs: dict(
            zip(
                ("tight", "sometimes_tight", "weak", "sometimes_weak"),
                ([slug] if slug else [] for slug in slugs),
                strict=True,
            )
        )
    ),
})  # fmt: skip


@pytest.fixture
def rows(db: None) -> dict[str, Any]:
    """One row of each kind that has links of its own, and what they may link to."""
    for slug in MUSCLES:
        make_muscle(slug)
    make_exercise("Clam")
    make_exercise("Plank")
    driver = make_driver()
    protocol = Protocol.objects.create(slug="start", driver=driver, title="Start", rationale="Why.")
    return {"exercise": make_exercise("Bridge"), "driver": driver, "protocol": protocol}


def fresh(row: models.Model) -> Any:
    return row_values.with_values(type(row)).get(pk=row.pk)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize(
    ("kind", "some"), [("exercise", some_exercise), ("protocol", some_protocol), ("driver", some_driver)]
)
def test_reads_back_what_it_wrote(rows: dict[str, Any], kind: str, some: Any, data: Any) -> None:
    values = data.draw(some)
    before = row_values.read(fresh(rows[kind]))

    row_values.write(rows[kind], values)

    assert row_values.read(rows[kind]) == row_values.read(fresh(rows[kind])) == before | values
    assert json.loads(json.dumps(before | values)) == before | values


def test_reads_every_shipped_row_as_it_was_shipped_in_seven_queries_a_kind(loaded_catalog: Any) -> None:
    for kind in KINDS.values():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read = {row: row_values.read(row) for row in row_values.with_values(kind.model)}
        assert len(queries) <= 7
        assert read, kind.name
        for row, values in read.items():
            assert values | row.shipped == values


def test_says_what_it_changed_and_writes_nothing_else(rows: dict[str, Any]) -> None:
    exercise = rows["exercise"]
    Exercise.objects.filter(pk=exercise.pk).update(family="hips")  # by somebody else, meanwhile

    changed = row_values.write(exercise, {"reps": 12, "name": "Bridge", "status": "retired", "slug": "other"})

    stored = fresh(exercise)
    assert changed == ["reps"]
    assert (stored.reps, stored.family, stored.status, stored.slug) == (12, "hips", "published", "bridge")


def test_leaves_what_was_shipped_alone(rows: dict[str, Any]) -> None:
    exercise = rows["exercise"]
    exercise.texts.update(shipped={"name": "Bridge"})
    said = row_values.read(exercise)["texts"]["en"]

    row_values.write(exercise, {"texts": {"en": said | {"name": "Hip lift"}}})

    text = exercise.texts.get()
    assert (text.name, text.shipped) == ("Hip lift", {"name": "Bridge"})


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("exercise", {"releases": ["tensor"]}, "no muscle “tensor”"),
        ("exercise", {"progression": "gone"}, "no exercise “gone”"),
        ("protocol", {"items": {"w0_2": ["gone@flexion"]}}, "no exercise “gone”"),
        ("driver", {"muscles": {"tight": ["tensor"]}}, "no muscle “tensor”"),
    ],
)
def test_names_what_is_gone_and_changes_nothing(rows: dict[str, Any], kind: str, values: Any, said: str) -> None:
    before = row_values.read(rows[kind])

    with pytest.raises(row_values.Gone, match=said):
        row_values.write(rows[kind], values | {"name": "Changed", "title": "Changed"})

    assert row_values.read(fresh(rows[kind])) == before


def test_makes_a_row_that_says_the_same(rows: dict[str, Any]) -> None:
    said = row_values.read(rows["exercise"])

    copy = row_values.create(Exercise, said, slug="own-bridge", status="draft")

    assert row_values.read(fresh(copy)) == said
    assert (copy.slug, copy.status, copy.shipped) == ("own-bridge", "draft", {})


def test_knows_each_kind_of_row_that_ships() -> None:
    assert {"exercise", "musclepair", "redflag", "checkbasis"} <= set(KINDS)
    assert {model._meta.model_name for model in shipping()} - {"exercisetext"} == set(KINDS)
    assert KINDS["redflag"].model is RedFlag
    assert "status" in KINDS["citation"].plain
    assert "status" not in KINDS["exercise"].plain


def shipping() -> list[type[models.Model]]:
    """Return the models whose rows remember what was shipped."""
    return [model for model in Exercise._meta.apps.get_models() if "shipped" in {f.name for f in model._meta.fields}]
