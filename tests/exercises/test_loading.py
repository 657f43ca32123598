"""Loading the shipped catalog: all or nothing, safe to repeat, and kind to an editor's changes."""

import dataclasses
import json

import pytest
from django.core.management import CommandError, call_command

from exercises import loading
from exercises.models import CatalogVersion, Driver, Exercise, ExerciseText, Protocol, RedFlag
from tests.conftest import catalog_as_shipped, load_catalog

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def catalog():
    return catalog_as_shipped()


@pytest.fixture
def loaded(db, catalog):
    """The catalog as it was loaded before."""
    load_catalog()
    return catalog


def with_bridge(catalog, **changes):
    """Return the catalog with another bridge, as a later release would ship it."""
    exercises = [entry.model_copy(update=changes) if entry.slug == "bridge" else entry for entry in catalog.exercises]
    return dataclasses.replace(catalog, exercises=exercises, digest="later")


def test_loads_everything(catalog):
    loading.load(catalog)

    assert Exercise.objects.published().count() == len(catalog.exercises)
    assert RedFlag.objects.count() == 33
    bridge = Exercise.objects.get(slug="bridge")
    assert bridge.texts.get(language="en").steps == catalog_entry(catalog).text["en"].steps
    assert {muscle.slug for muscle in bridge.strengthens.all()} == set(catalog_entry(catalog).strengthens)
    assert Driver.objects.get(slug="disc").muscle_states.filter(state="tight").count() == 3
    assert Protocol.objects.get(slug="disc-starter").items.filter(stage="w0_2").count() == 8


def catalog_entry(catalog):
    return next(entry for entry in catalog.exercises if entry.slug == "bridge")


def test_loading_twice_changes_nothing(loaded, django_assert_num_queries):
    with django_assert_num_queries(3):  # savepoint, the version, release
        assert loading.load(loaded) == loading.Report()
    assert loading.load(loaded, again=True) == loading.Report()


def test_a_later_release_brings_its_changes(loaded):
    report = loading.load(with_bridge(loaded, name="Hip bridge", strengthens=["hamstrings"]))

    bridge = Exercise.objects.get(slug="bridge")
    assert bridge.name == "Hip bridge"
    assert [muscle.slug for muscle in bridge.strengthens.all()] == ["hamstrings"]
    assert report.kept == []


def test_keeps_what_an_editor_changed_and_says_so(loaded):
    Exercise.objects.filter(slug="bridge").update(name="Our bridge", times_per_day=2)

    report = loading.load(with_bridge(loaded, name="Hip bridge"))

    bridge = Exercise.objects.get(slug="bridge")
    assert (bridge.name, bridge.times_per_day) == ("Our bridge", 2)
    assert len(report.kept) == 1
    assert "Our bridge" in str(report.kept[0])
    assert report.kept[0].field == "name"


def test_overwrites_nothing_of_an_exercise_that_an_editor_made(loaded):
    """One that a later release brings under the same slug, with a neighbour that only comes in a second step."""
    easier = Exercise.objects.get(slug="abdominal-draw-in")
    made = Exercise.objects.get(slug="bridge")
    Exercise.objects.filter(pk=made.pk).update(shipped={}, name="Our bridge", regression=easier)
    made.texts.update(shipped={}, name="Our bridge")
    shipped = with_bridge(loaded, name="Hip bridge")

    report = loading.load(shipped)

    made.refresh_from_db()
    assert (made.name, made.regression) == ("Our bridge", easier)
    assert set(made.texts.values_list("name", flat=True)) == {"Our bridge"}
    assert {"name", "regression"} <= {kept.field for kept in report.kept}
    assert loading.load(shipped, again=True).kept == []


def test_keeps_an_edited_text(loaded):
    edited = ["Lie down.", "Lift.", "Lower."]
    ExerciseText.objects.filter(exercise__slug="bridge").update(steps=edited)
    text = catalog_entry(loaded).text["en"].model_copy(update={"steps": ["Lie.", "Go up.", "Go down."]})

    report = loading.load(with_bridge(loaded, text={"en": text}))

    assert ExerciseText.objects.get(exercise__slug="bridge", language="en").steps == edited
    assert report.kept


def test_retires_what_is_no_longer_shipped(loaded):
    fewer = [entry for entry in loaded.exercises if entry.slug != "walking-program"]
    protocols = [
        protocol.model_copy(
            update={
                "stages": {
                    stage: [s for s in slugs if s != "walking-program"] for stage, slugs in protocol.stages.items()
                }
            }
        )
        for protocol in loaded.protocols
    ]

    report = loading.load(dataclasses.replace(loaded, exercises=fewer, protocols=protocols, digest="later"))

    assert Exercise.objects.get(slug="walking-program").status == "retired"
    assert len(report.retired) == 1


def test_a_failure_half_way_leaves_nothing(catalog, monkeypatch):
    def fail(*args):
        raise RuntimeError("the power went out")

    monkeypatch.setattr(loading, "_load_protocols", fail)

    with pytest.raises(RuntimeError):
        loading.load(catalog)
    assert not Exercise.objects.exists()
    assert not CatalogVersion.objects.exists()


def test_the_command_ends_with_its_counts(capsys):
    call_command("load_catalog", "--check")

    counts = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert counts["exercises"] >= 97
    assert counts["errors"] == 0
    assert not Exercise.objects.exists()


def test_the_command_refuses_a_bad_file(tmp_path, capsys):
    (tmp_path / "muscles.yaml").write_text("- slug: Not A Slug\n", encoding="utf-8")

    with pytest.raises(CommandError):
        call_command("load_catalog", "--directory", str(tmp_path))
    printed = capsys.readouterr()
    assert "muscles.yaml:1: " in printed.err
    assert json.loads(printed.out.splitlines()[-1])["errors"] > 0


def test_finds_exercises_by_plain_words(loaded):
    assert Exercise.objects.get(slug="bridge") in Exercise.objects.matching("butt")
    assert Exercise.objects.matching("hamstring strap").exists()
    assert not Exercise.objects.matching("zebra").exists()
