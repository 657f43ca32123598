"""The history of catalog rows: what is kept, what changed, and what was brought back."""

import dataclasses
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinics.models import User
from exercises import (
    editing,
    history_page,
    loading,
    restoring,
    reviewing,
    revisions,
    row_rules,
    row_values,
    uploaded,
)
from exercises.differences import Piece, difference, title_of
from exercises.models import Citation, Exercise, ExercisePicture, Muscle, Revision
from exercises.revisions import of
from exercises.row_values import KINDS
from tests.conftest import catalog_as_shipped, load_catalog, make_exercise, make_muscle, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(db: None) -> User:
    return make_user(name="Ed Itor")


@pytest.fixture
def bridge(db: None, by: User) -> Exercise:
    """An exercise whose first version was kept when it was added."""
    exercise = make_exercise("Bridge", strengthens=["gluteus_maximus"])
    editing.saved(exercise, by=by, why="Added")
    return exercise


def edit(exercise: Exercise, *, by: User, **values: Any) -> Exercise:
    row_values.write(exercise, values)
    editing.saved(exercise, by=by)
    return exercise


def said(row: Any) -> list[tuple[int, str]]:
    return [(revision.number, revision.why) for revision in of(row)]


def changes(kind: str, before: Any, after: Any) -> list[str]:
    return [str(change) for change in difference(kind, before, after)]


def test_keeps_each_change_with_who_and_why(bridge: Exercise, by: User) -> None:
    Exercise.objects.filter(pk=bridge.pk).update(sets=3)

    editing.saved(bridge, by=by, why="Trials use three")

    newest = of(bridge)[0]
    assert (newest.number, newest.by, newest.why) == (2, by, "Trials use three")
    assert (newest.values["sets"], newest.values["strengthens"]) == (3, ["gluteus_maximus"])


def test_keeps_nothing_when_nothing_changed(bridge: Exercise, by: User) -> None:
    editing.saved(bridge, by=by)

    assert said(bridge) == [(1, "Added")]


def test_keeps_a_change_of_status(bridge: Exercise, by: User) -> None:
    Exercise.objects.filter(pk=bridge.pk).update(status="retired")

    editing.saved(bridge, by=by, why="Hurts")

    before, after = of(bridge)[1], of(bridge)[0]
    assert changes("exercise", before.values, after.values) == ["Status: Published → Retired"]


def test_keeps_another_upload_and_who_put_it_up(bridge: Exercise, by: User) -> None:
    other = make_user(name="Noa Lindgren")
    uploaded.put(bridge, "start", b"one")
    editing.saved(bridge, by=by, why="Picture")
    uploaded.put(bridge, "start", b"two")
    editing.saved(bridge, by=other, why="Picture")

    after, before = of(bridge)[:2]
    (change,) = changes("exercise", before.values, after.values)
    assert re.fullmatch(r"Uploaded pictures · Start: picture [0-9a-f]{8} → picture [0-9a-f]{8}", change)
    assert reviewing.last_editor(bridge) == other.pk
    assert changes("exercise", of(bridge)[2].values, before.values)[0].startswith("Uploaded pictures · Start: nothing")
    assert history_page.to_restore(bridge, before) == []
    assert restoring.restore(before, seen=str(revisions.number_of(bridge)), by=by) == []


def test_a_version_from_before_uploads_were_kept_says_the_same_without_any(bridge: Exercise, by: User) -> None:
    first = of(bridge)[0]
    first.values.pop("uploads")
    first.save(update_fields=["values"])

    editing.saved(bridge, by=make_user())

    assert said(bridge) == [(1, "Added")]
    assert history_page.versions(bridge, None)[1][0].is_now
    Exercise.objects.update(status="retired")
    editing.saved(bridge, by=make_user())
    assert reviewing.last_editor(bridge) == by.pk


def test_keeps_a_link_alone(bridge: Exercise, by: User) -> None:
    bridge.strengthens.add(make_muscle("hamstrings"))

    editing.saved(bridge, by=by)

    assert of(bridge)[0].values["strengthens"] == ["gluteus_maximus", "hamstrings"]


def test_keeps_what_was_shipped_before_the_first_edit(loaded_catalog: Any, by: User) -> None:
    exercise = loaded_catalog("bridge")
    shipped = revisions.values_of(exercise)
    text = exercise.texts.get(language="en")
    text.steps = ["Lie down.", "Lift.", "Lower."]
    text.save(update_fields=["steps"])

    editing.saved(exercise, by=by)

    assert said(exercise) == [(2, ""), (1, "As shipped")]
    assert of(exercise)[1].values == shipped
    assert of(exercise)[1].by is None


def test_a_shipped_row_that_nobody_changed_has_no_history(loaded_catalog: Any, by: User) -> None:
    exercise = loaded_catalog("bridge")

    editing.saved(exercise, by=by)

    assert said(exercise) == []
    assert Revision.objects.count() == 0


def test_a_load_keeps_what_it_changed_and_nothing_else(db: None) -> None:
    load_catalog()
    catalog = catalog_as_shipped()
    bridge = next(entry for entry in catalog.exercises if entry.slug == "bridge")
    spanish = bridge.text["es"].model_copy(update={"feel": "En la cadera."})
    later = bridge.model_copy(update={"name": "Hip bridge", "text": {**bridge.text, "es": spanish}})
    gone = "sciatic-tensioner-seated"
    rest = [entry for entry in catalog.exercises if entry.slug not in {"bridge", gone}]

    loading.load(dataclasses.replace(catalog, exercises=[*rest, later], digest="later"))

    row = Exercise.objects.get(slug="bridge")
    assert said(row) == [(2, "Shipped with the catalog"), (1, "As shipped")]
    after, before = of(row)
    assert changes("exercise", before.values, after.values) == [
        "Name: Bridge → Hip bridge",
        "Patient text · English · Name: Bridge → Hip bridge",
        f"Patient text · Español · Feel it here: {bridge.text['es'].feel} → En la cadera.",
    ]
    after, before = of(Exercise.objects.get(slug=gone))
    assert changes("exercise", before.values, after.values) == ["Status: Published → Retired"]
    assert Revision.objects.count() == 4


def test_many_rows_take_few_queries(by: User, django_assert_max_num_queries: Any) -> None:
    rows = [make_exercise(f"Bridge {number}") for number in range(6)]

    with django_assert_max_num_queries(12):
        revisions.record_many(Exercise, [row.pk for row in rows], by=by, why="Imported")

    assert [said(row) for row in rows] == [[(1, "Imported")]] * 6


def test_says_what_changed_in_a_list_and_marks_the_words() -> None:
    before = {"steps": ["Lie on your back.", "Lift your hips up high.", "Rest."]}
    after = {"steps": ["Lie on your back.", "Lift your hips up slowly."]}

    (change,) = difference("exercise", {"texts": {"en": before}}, {"texts": {"en": after}})

    assert change.label == "Patient text · English · Steps"
    assert change.lines == (
        (Piece("Lift your hips up "), Piece("high.", "del"), Piece(" "), Piece("slowly.", "ins")),
        (Piece("Rest.", "del"),),
    )


@pytest.mark.parametrize(
    ("kind", "before", "after", "words"),
    [
        ("exercise", {"hold_s": None}, {"hold_s": 30}, "Hold (seconds): nothing → 30"),
        ("exercise", {"bed_ok": False}, {"bed_ok": True}, "Can be done on a firm bed: no → yes"),
        ("exercise", {"level": 1}, {"level": 3}, "Level: Early or irritable → Late"),
        ("exercise", {"releases": []}, {"releases": ["hip_flexors"]}, "Releases: nothing → hip flexors"),
        ("exercise", {"equipment": [["mat", "bed"]]}, {"equipment": []}, "Equipment: mat, bed → nothing"),
        (
            "exercise",
            {"driver_overrides": {}},
            {"driver_overrides": {"disc": {"level": "avoid"}}},
            "Driver overrides · Disc · Level: nothing → avoid",
        ),
        (
            "protocol",
            {"items": {"w0_2": ["clam"]}},
            {"items": {"w0_2": ["clam", "press-up@extension"]}},
            "Exercises · Weeks 0–2: nothing → press up (only with extension)",
        ),
        (
            "muscle",
            {"translations": {}},
            {"translations": {"es": {"plain": "glúteo"}}},
            "Translations · Español · Plain: nothing → glúteo",
        ),
        (
            "exercise",
            {"pose": {"start": {"lean": [1, 2]}}},
            {"pose": {"start": {"lean": [1, 3]}}},
            "Pose · Start · Lean: 1, 2 → 1, 3",
        ),
        ("redflag", {"group": "cauda"}, {"group": "cancer"}, "Group: cauda → cancer"),
        ("finding", {"present": []}, {"present": [{"driver": "disc", "why": "Nerve."}]}, "driver: disc; why: Nerve."),
    ],
)
def test_says_a_change_as_a_person_reads_it(kind: str, before: Any, after: Any, words: str) -> None:
    (change,) = changes(kind, before, after)

    assert words in change


def test_a_change_of_every_kind_of_field_has_words(loaded_catalog: Any, by: User) -> None:
    for kind in KINDS.values():
        values = row_values.read(row_values.with_values(kind.model)[0])
        assert difference(kind.name, values, values) == []
        assert all(change.label and change.lines for change in difference(kind.name, {}, values))
        assert title_of(values)


def test_brings_an_old_version_back_as_a_new_one(bridge: Exercise, by: User) -> None:
    old = of(bridge)[0]
    text = {"en": {**old.values["texts"]["en"], "feel": "In your hips."}}
    edit(bridge, by=by, sets=4, strengthens=[], texts=text)
    Exercise.objects.filter(pk=bridge.pk).update(status="retired")
    editing.saved(bridge, by=by, why="Retired")

    assert restoring.restore(old, seen="3", by=by) == ["sets", "strengthens", "texts"]

    assert said(bridge)[0] == (4, "Restored version 1")
    assert of(bridge)[0].values == old.values | {"status": "retired"}
    assert Exercise.objects.get().status == "retired"


def test_brings_nothing_back_when_a_linked_row_is_gone(bridge: Exercise, by: User) -> None:
    edit(bridge, by=by, sets=4, strengthens=[])
    Muscle.objects.all().delete()

    with pytest.raises(restoring.CannotRestore, match="no muscle “gluteus_maximus” any more"):
        restoring.restore(of(bridge)[1], seen="2", by=by)

    bridge.refresh_from_db()
    assert (bridge.sets, len(said(bridge))) == (4, 2)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"attributes": ["deep"]}, "no attribute called “deep”"),
        ({"phase": "warm"}, "Phase: Value 'warm' is not a valid choice"),
        ({"minutes": 5}, "either repetitions or minutes"),
        (
            {"texts": {"en": {"name": "Bridge", "steps": ["Lift {leg}."], "feel": "Hip", "stop_if": "it hurts"}}},
            "Steps",
        ),
        ({"texts": {}}, "needs its English text"),
        ({"driver_overrides": {"disc": {"level": "avoid", "reason": "Deep."}}}, "no driver called “disc”"),
    ],
)
def test_brings_nothing_back_that_breaks_a_rule(bridge: Exercise, by: User, values: Any, why: str) -> None:
    old = of(bridge)[0]
    Revision.objects.filter(pk=old.pk).update(values=old.values | values)
    old.refresh_from_db()

    with transaction.atomic(), pytest.raises(restoring.CannotRestore, match=why):
        restoring.restore(old, seen="1", by=by)

    assert row_values.read(revisions.fresh(bridge))["texts"]
    assert len(said(bridge)) == 1


def test_brings_nothing_back_over_a_change_that_nobody_looked_at(bridge: Exercise, by: User) -> None:
    edit(bridge, by=by, sets=4)
    old = of(bridge)[1]
    edit(bridge, by=by, sets=5)

    with pytest.raises(restoring.ChangedMeanwhile):
        restoring.restore(old, seen="2", by=by)

    bridge.refresh_from_db()
    assert (bridge.sets, len(said(bridge))) == (5, 3)


def test_asks_what_is_the_last_version_only_behind_the_lock(bridge: Exercise, by: User, monkeypatch: Any) -> None:
    """Somebody saves just before the lock is had: that, too, was looked at by nobody."""
    edit(bridge, by=by, sets=4)

    def locked_late(row: Any) -> None:
        monkeypatch.undo()
        edit(bridge, by=by, sets=5)

    monkeypatch.setattr(revisions, "lock", locked_late)

    with transaction.atomic(), pytest.raises(restoring.ChangedMeanwhile):
        restoring.restore(of(bridge)[1], seen="2", by=by)


def test_what_ships_keeps_to_the_rules(loaded_catalog: Any) -> None:
    rows = [row_values.with_values(kind.model)[0] for kind in KINDS.values()]
    rows += [loaded_catalog(slug) for slug in ("bridge", "sciatic-tensioner-seated", "sciatic-slider-supine")]

    assert [(row, row_rules.mistakes_in(row)) for row in rows if row_rules.mistakes_in(row)] == []


def refused(name: str) -> Any:
    """Wait for the database to refuse a row by that rule; SQLite names the columns of a unique one."""
    return pytest.raises(IntegrityError, match=name)


def test_one_revision_per_number(bridge: Exercise) -> None:
    with refused(r"one_revision_per_number|revision\.kind"), transaction.atomic():
        Revision.objects.create(kind="exercise", row=bridge.pk, number=1, values={})


def test_exercise_status_is_known(bridge: Exercise) -> None:
    with refused("exercise_status_is_known"), transaction.atomic():
        Exercise.objects.update(status="gone")


def test_one_upload_per_frame(bridge: Exercise) -> None:
    ExercisePicture.objects.create(exercise=bridge, frame="start", content=b"1", digest="1")

    with refused(r"one_upload_per_frame|exercisepicture\.exercise_id"), transaction.atomic():
        ExercisePicture.objects.create(exercise=bridge, frame="start", content=b"2", digest="2")


def test_a_citation_has_a_history_too(by: User) -> None:
    citation = Citation.objects.create(slug="lewis2015", text="Lewis 2015", status="known")
    editing.saved(citation, by=by, why="Added")
    citation.status = "looked_up"
    citation.save(update_fields=["status"])
    editing.saved(citation, by=by)

    after, before = of(citation)
    assert changes("citation", before.values, after.values) == [
        "Status: From memory, not yet checked → Record or abstract read"
    ]
