"""What ships and what an editor wrote are shown side by side, and the choice is remembered."""

import pytest
from django.test import Client

from exercises import loading, syncing, updates
from exercises.models import Exercise, KeptField
from exercises.syncing import Report
from tests.conftest import make_exercise, signed_in
from tests.exercises.exchange.test_pages import make_editor


@pytest.fixture
def bridge(db: None) -> Exercise:
    """An exercise that shipped as “Bridge”, that an editor renamed, and that ships as “Glute bridge” now."""
    made = make_exercise("Bridge")
    Exercise.objects.filter(pk=made.pk).update(shipped={"name": "Bridge", "citations": []}, name="Our bridge")
    ship("Glute bridge")
    return Exercise.objects.get()


def ship(name: str) -> None:
    report = Report()
    syncing.sync(Exercise, {"slug": "bridge"}, {"name": name, "citations": []}, report, loading.EXERCISE_LINKS)
    report.remember_kept()


def shown() -> list[tuple[str, str, str, bool]]:
    return [(row.before, row.now, row.here, row.open) for row in updates.updates(make_editor())]


def choose(choice: str) -> str:
    client: Client = signed_in(make_editor())
    return client.post(f"/catalog/updates/{KeptField.objects.get().pk}/", {"choice": choice}, follow=True).text


def test_shows_what_shipped_before_what_ships_now_and_what_is_here(bridge: Exercise) -> None:
    assert shown() == [("Bridge", "Glute bridge", "Our bridge", True)]


def test_a_second_release_is_shown_against_what_shipped_when_it_was_edited(bridge: Exercise) -> None:
    ship("Hip bridge")

    assert shown() == [("Bridge", "Hip bridge", "Our bridge", True)]


def test_takes_the_shipped_value(bridge: Exercise) -> None:
    assert "The shipped value is taken." in choose("take")

    bridge.refresh_from_db()
    assert bridge.name == "Glute bridge"
    assert bridge.search_text.startswith("glute bridge")
    assert not KeptField.objects.exists()
    ship("Hip bridge")  # it is as shipped again, so that the next release is taken over
    bridge.refresh_from_db()
    assert bridge.name == "Hip bridge"


def test_keeps_ours_until_another_value_ships(bridge: Exercise) -> None:
    assert "Kept as ours" in choose("keep")

    assert shown()[0][3] is False
    ship("Glute bridge")
    assert shown()[0][3] is False
    ship("Hip bridge")
    assert shown() == [("Glute bridge", "Hip bridge", "Our bridge", True)]


def test_forgets_what_nobody_ships_any_more(bridge: Exercise) -> None:
    ship("Our bridge")
    Exercise.objects.update(name="Best bridge")

    assert shown() == []
    assert not KeptField.objects.exists()


def test_lists_nothing_that_is_as_shipped(bridge: Exercise) -> None:
    Exercise.objects.update(name="Glute bridge")

    assert shown() == []


def test_the_words_of_an_exercise_are_taken_too(bridge: Exercise) -> None:
    text = bridge.texts.get()
    KeptField.objects.all().delete()
    KeptField.objects.create(kind="exercisetext", row=text.pk, field="feel", before="x", now="In your belly.")

    choose("take")

    text.refresh_from_db()
    assert text.feel == "In your belly."


def test_says_that_a_shipped_value_names_a_row_that_is_gone(bridge: Exercise) -> None:
    KeptField.objects.update(field="citations", before=[], now=["smith-2001"])

    assert "The shipped value needs it, so nothing was changed." in choose("take")
    assert KeptField.objects.exists()


@pytest.mark.parametrize("kind", ["exercise", "exercisetext"])
def test_says_that_the_row_itself_is_gone(bridge: Exercise, kind: str) -> None:
    KeptField.objects.update(kind=kind, row=999_999)

    assert "This row isn’t there any more." in choose("take")


def test_takes_nothing_that_a_published_exercise_cant_lack(bridge: Exercise) -> None:
    Exercise.objects.update(pose={"start": {"posture": "hook_lying"}})
    KeptField.objects.update(field="pose", now={})

    page = choose("take")

    assert "Nothing was changed. The exercise is published, and would lack this: Give it a picture" in page
    assert Exercise.objects.get().pose
    assert KeptField.objects.exists()


def test_takes_no_words_that_a_published_exercise_cant_have(bridge: Exercise) -> None:
    text = bridge.texts.get()
    KeptField.objects.update(kind="exercisetext", row=text.pk, field="steps", before=[], now=["Lie down."])

    assert "Give three to six steps in English; there are 1." in choose("take")

    text.refresh_from_db()
    assert len(text.steps) == 3


def test_editors_see_the_kinds_that_they_may_change(bridge: Exercise) -> None:
    editor = make_editor()
    editor.user_permissions.clear()

    assert updates.updates(editor) == []
