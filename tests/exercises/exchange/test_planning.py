"""A file is compared with the catalog row by row, and written as it was compared."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from exercises import known, row_values
from exercises.editorial import ExercisePicture
from exercises.exchange import planning, storing, writing
from exercises.exchange.planning import Plan, all_columns, cells_of
from exercises.models import CatalogVersion, Exercise
from tests.conftest import make_clinic, make_exercise, make_user

FORMATS = ("yaml", "csv", "xlsx")


def exported(kind: str = "csv", *slugs: str) -> bytes:
    rows = row_values.with_values(Exercise)
    chosen = rows.filter(slug__in=slugs) if slugs else rows
    columns = all_columns()
    return b"".join(writing.write((cells_of(row, columns) for row in chosen), kind, columns))


def csv_of(*rows: str) -> bytes:
    return "\r\n".join(rows).encode()


def imported(content: bytes, kind: str = "csv") -> Plan:
    found = planning.plan(content, kind)
    storing.write(found, by=make_user(), edition=known.current_edition().number)
    return found


@pytest.mark.parametrize("kind", FORMATS)
def test_the_shipped_catalog_comes_back_as_it_went(loaded_catalog: Callable, kind: str) -> None:
    content = exported(kind)

    found = planning.plan(content, kind)

    assert (found.mistakes, [change.fields for change in found.changes]) == ([], [])
    assert found.same == Exercise.objects.count() > 100


def test_changes_only_what_the_file_has_columns_for(loaded_catalog: Callable) -> None:
    before = loaded_catalog("bird-dog")

    found = imported(csv_of("slug;dose_sets;citations", "bird-dog;4;practice"))

    assert [change.fields for change in found.changes] == [
        [("dose_sets", "3", "4"), ("citations", "callaghan1998, health_article, mcgill_book", "practice")]
    ]
    after = loaded_catalog("bird-dog")
    assert (after.pk, after.sets, after.reps, after.status) == (before.pk, 4, before.reps, "published")
    assert [row.slug for row in after.citations.all()] == ["practice"]
    assert after.pose == before.pose
    assert after.shipped == before.shipped
    assert after.texts.count() == 2


def test_the_same_file_twice_changes_nothing(loaded_catalog: Callable) -> None:
    content = csv_of("slug,name,es_name,progression", "bird-dog,Pointer dog,Perro,bridge-march")
    imported(content)
    edition = CatalogVersion.objects.get().edition

    again = planning.plan(content, "csv")

    assert (again.changes, again.same, again.mistakes) == ([], 1, [])
    exercise = loaded_catalog("bird-dog")
    assert exercise.progression.slug == "bridge-march"
    assert exercise.search_text.startswith("pointer dog")
    assert {text.language: text.name for text in exercise.texts.all()} == {"en": "Pointer dog", "es": "Perro"}
    assert known.current_edition().number == edition


def test_a_new_exercise_is_a_draft_that_nothing_shipped(loaded_catalog: Callable) -> None:
    content = exported("yaml", "bird-dog").replace(b"bird-dog\n", b"my-dog\n", 1)

    found = imported(content, "yaml")

    new = loaded_catalog("my-dog")
    assert (len(found.changes), found.same) == (1, 0)
    assert (new.status, new.shipped, new.pose) == ("draft", {}, {})
    assert cells_of(new, all_columns()) == cells_of(loaded_catalog("bird-dog"), all_columns()) | {"slug": "my-dog"}


def test_an_import_never_takes_out_of_use(loaded_catalog: Callable) -> None:
    count = Exercise.objects.published().count()

    imported(csv_of("slug,dose_sets", "bird-dog,4"))

    assert Exercise.objects.published().count() == count


WRONG = [
    ("slug,dose_reps", "bird-dog,five", "dose_reps", "“five” isn’t a whole number"),
    ("slug,dose_times_per_day", "bird-dog,30", "dose_times_per_day", "must be 12 or less"),
    ("slug,phase", "bird-dog,calming", "phase", "must be one of"),
    ("slug,kind", "bird-dog,posture", "kind", "isn’t a kind of the phase strengthen"),
    ("slug,bed_ok", "bird-dog,perhaps", "bed_ok", "isn’t yes or no"),
    ("slug,strengthens", "bird-dog,biceps", "strengthens", "no muscle is called “biceps”"),
    ("slug,progression", "bird-dog,nowhere", "progression", "no exercise is called “nowhere”"),
    ("slug,progression", "bird-dog,bird-dog", "progression", "runs in a circle"),
    ("slug,citations", "bird-dog,", "citations", "needs 1 or more"),
    (
        "slug,en_steps",
        'bird-dog,"' + "Gluteal musculature contracts isometrically.\n" * 3 + '"',
        "en_steps",
        "reads at grade",
    ),
    ("slug,precaution_overrides", "bird-dog,{nothing", "precaution_overrides", "isn’t JSON"),
    (
        "slug,name",
        "brand-new,Brand new",
        "slug",
        "no exercise here is called that; a new one needs these, too: family, phase",
    ),
    ("slug,name", "Brand New,Brand new", "slug", "may have small letters"),
    ("slug,dose_sets", "bird-dog,1,2", "", "this row has 3 cells, the first line has 2"),
]


@pytest.mark.parametrize(("head", "row", "column", "why"), WRONG, ids=[f"{row[2]}-{row[3]}" for row in WRONG])
def test_says_where_and_why_a_row_is_wrong(loaded_catalog: Callable, head, row, column, why) -> None:
    found = planning.plan(csv_of(head, "", row), "csv")

    assert any(
        mistake.line == 3 and (not column or mistake.column == column) and why in mistake.reason
        for mistake in found.mistakes
    ), found.mistakes
    with pytest.raises(ValueError, match="isn't written"):
        storing.write(found, by=make_user(), edition=known.current_edition().number)


def test_a_mistake_names_the_exercise_and_what_was_typed_and_how_to_mend_it(loaded_catalog: Callable) -> None:
    content = csv_of("slug,name,strengthens", "bird-dog,Pointer,multifidius", "brand-new,Brand new,gluteus_maximus")

    first, second = planning.plan(content, "csv").mistakes

    assert (first.exercise, first.column, first.typed) == ("Bird dog", "strengthens", "multifidius")
    assert first.reason == "no muscle is called “multifidius”: did you mean “multifidus”?"
    assert (second.line, second.exercise, second.typed) == (3, "Brand new", "brand-new")


def test_a_row_that_is_cut_short_is_one_mistake(loaded_catalog: Callable) -> None:
    (mistake,) = planning.plan(csv_of("slug,name,note", "bird-dog,Dog"), "csv").mistakes

    assert (mistake.typed, mistake.column) == ("bird-dog, Dog", "")
    assert mistake.reason.startswith("this row has 2 cells, the first line has 3: put quotation marks around")


@pytest.mark.parametrize(("status", "refused"), [("published", True), ("draft", False)])
def test_takes_from_a_published_exercise_nothing_that_it_needs(loaded_catalog: Callable, status, refused) -> None:
    dog = loaded_catalog("bird-dog")
    spanish = {name: cell for name, cell in cells_of(dog, all_columns()).items() if name.startswith("es_")}
    dog.texts.filter(language="es").delete()
    dog.waiver, dog.status = "Nobody could translate it yet.", status
    dog.save(update_fields=["waiver", "status"])
    ExercisePicture.objects.create(exercise=dog, frame="start", content=b"", digest="0")
    dog.texts.filter(language="en").update(pictures={"start": "You kneel."})

    said = spanish | {"slug": "bird-dog"}
    content = b"".join(writing.write([said], "csv", {name: all_columns()[name] for name in said}))
    found = planning.plan(content, "csv")

    why = "Say in Spanish what the pictures show: “start”"
    assert any(why in mistake.reason for mistake in found.mistakes) == refused
    assert bool(found.changes) != refused


def test_one_wrong_row_keeps_all_others_out(loaded_catalog: Callable) -> None:
    found = planning.plan(csv_of("slug,dose_sets", "bird-dog,4", "bridge-march,many", "bird-dog,5"), "csv")

    assert [(mistake.line, mistake.column) for mistake in found.mistakes] == [(3, "dose_sets"), (4, "slug")]


def test_leaves_a_language_alone_that_the_file_says_nothing_in(loaded_catalog: Callable) -> None:
    content = csv_of("slug,es_name,es_steps,es_feel,es_stop_if,es_mistakes,es_other_names", "bird-dog,,,,,,")

    assert planning.plan(content, "csv").same == 1


def test_a_clinics_own_exercise_is_no_part_of_the_shared_catalog(db: None) -> None:
    make_exercise("Our bridge", clinic=make_clinic())

    found = planning.plan(csv_of("slug,dose_sets", "our-bridge,4"), "csv")

    assert any("can’t be used here" in mistake.reason for mistake in found.mistakes)


def test_an_unfinished_draft_comes_back_as_it_went(db: None) -> None:
    make_exercise("Half done", status="draft")  # without a citation, a family, a source of its dose

    found = planning.plan(exported("csv"), "csv")

    assert (found.same, found.mistakes) == (1, [])


@pytest.mark.parametrize("kind", ["csv", "yaml"])
def test_the_documented_examples_are_right(loaded_catalog: Callable, kind: str) -> None:
    text = (Path(site.BASE_DIR) / "docs" / "exchange.md").read_text(encoding="utf-8")
    example = text.partition(f"```{kind}\n")[2].partition("```")[0]

    found = planning.plan(example.encode(), kind)

    assert (found.mistakes, bool(found.changes)) == ([], True)


def test_every_column_is_documented() -> None:
    text = (Path(site.BASE_DIR) / "docs" / "exchange.md").read_text(encoding="utf-8")

    assert [name for name in all_columns() if not name.startswith("es_") and f"`{name}`" not in text] == []


def test_refuses_to_write_what_was_compared_with_an_older_catalog(loaded_catalog: Callable) -> None:
    found = planning.plan(csv_of("slug,dose_sets", "bird-dog,4"), "csv")
    edition = known.current_edition().number
    known.edited()

    with pytest.raises(storing.Outdated):
        storing.write(found, by=make_user(), edition=edition)
    assert loaded_catalog("bird-dog").sets == 3


def test_asks_the_database_as_often_for_many_rows_as_for_one(loaded_catalog: Callable) -> None:
    one = csv_of("slug,dose_sets,en_feel", "bird-dog,4,In your belly.")
    slugs = list(Exercise.objects.exclude(minutes__isnull=False).values_list("slug", flat=True)[:25])
    many = csv_of("slug,dose_sets,dose_source", *(f"{slug},7,practice" for slug in slugs))

    counts = []
    user = make_user()
    for content in (one, many):
        with CaptureQueriesContext(connection) as asked:
            found = planning.plan(content, "csv")
            storing.write(found, by=user, edition=known.current_edition().number)
        assert found.mistakes == []
        counts.append(len(asked))

    assert counts[1] <= counts[0] <= 60


TEXTS = some.text(
    some.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufffe\uffff\ufffd"
    ),
    min_size=1,
    max_size=30,
) | some.sampled_from(["=1+1", "+1", "-1", "@x", "'=1", "''-", "＝1", "“a”; b, c", 'he said "no"', "ñandú żółć 坐骨"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=TEXTS,
    note=TEXTS,
    steps=some.lists(TEXTS, min_size=1, max_size=5),
    numbers=some.lists(some.integers(1, 30), min_size=3, max_size=3),
)
def test_whatever_an_editor_writes_comes_back(draft: Exercise, name, note, steps, numbers) -> None:
    values = row_values.read(draft)
    values |= {"name": name, "note": note, "other_names": steps, "sets": numbers[0], "reps": numbers[1]}
    columns = all_columns()
    cells = planning.cells_of_values(values, columns) | {"slug": draft.slug}

    for kind in FORMATS:
        content = b"".join(writing.write([cells], kind, columns))
        (row,) = planning.reading.read(content, kind, columns)
        assert (kind, row.mistakes) == (kind, [])
        assert {**dict.fromkeys(columns, ""), **row.cells} == cells


@pytest.fixture
def draft(db: None) -> Exercise:
    made = make_exercise("Draft", status="draft")
    return row_values.with_values(Exercise).get(pk=made.pk)


def test_rules_come_back_with_what_they_leave_out(loaded_catalog: Callable) -> None:
    rule = {"dizzy": {"level": "caution", "reason": "It turns.", "care": {"en": "Turn slowly.", "es": "Gire lento."}}}
    slug = next(iter(known.catalog().precautions))
    cell = json.dumps({slug: rule["dizzy"]}).replace('"', '""')

    imported(csv_of("slug,precaution_overrides", f'bird-dog,"{cell}"'))

    stored = loaded_catalog("bird-dog").precaution_overrides[slug]
    assert (stored["citations"], stored["from_week"], stored["reason"]) == (["practice"], 0, "It turns.")
