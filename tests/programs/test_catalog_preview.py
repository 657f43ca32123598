"""The preview beside a form of the catalog: what it shows, to whom, and that nothing is saved by it."""

from typing import Any

import pytest
from django.test import Client

from clinics.models import Role
from exercises import readability
from exercises.models import Driver, Exercise, ExerciseText, Precaution
from tests.conftest import make_driver, make_exercise, make_precaution, make_user, signed_in
from tests.exercises.test_admin import SPANISH, editor, posted, rule

__all__ = ["editor"]


def preview(client: Client, row: Any, fields: dict[str, Any]) -> Any:
    address = f"/catalog/preview/{row._meta.model_name}/{row.pk}/"
    return client.post(address, fields, headers={"X-Requested-With": "fetch"})


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_shows_the_card_and_the_handout_as_typed_and_saves_nothing(editor: Client) -> None:
    row = make_exercise("Bridge")
    typed = posted(row, name="Glute bridge", reps=12, en__feel="In your buttocks.")
    before = list(Exercise.objects.values()), list(ExerciseText.objects.values())

    page = text(preview(editor, row, typed | {f"es__{field}": words for field, words in SPANISH.items()}))

    assert "<b>Glute bridge</b>" in page
    assert "12 times" in page
    assert "12 veces" in page
    assert "In your buttocks." in page
    assert "Acuéstese." in page
    assert (list(Exercise.objects.values()), list(ExerciseText.objects.values())) == before


def test_says_beside_each_field_how_it_reads_and_what_is_missing(editor: Client) -> None:
    row = make_exercise("Bridge")
    hard = "Utilize appropriate gluteal musculature to facilitate elevation."

    page = text(preview(editor, row, posted(row, en__steps=f"Lie down.\n{hard}\nLower.", evidence="guideline")))

    assert f"Hardest: “{hard}” 3 lines." in page
    assert 'data-note-for="en__feel" data-kind="fine">Easy to read: grade' in page
    assert "Name a citation, or mark the evidence as practice." in page
    assert "Write the Spanish text" in page


def test_says_what_is_wrong_where_something_was_typed(editor: Client) -> None:
    row = make_exercise("Bridge")

    page = text(preview(editor, row, posted(row, en__steps="Utilize musculature.", en__feel="")))

    assert 'data-note-for="en__steps" data-kind="wrong">At least 3 lines are needed; here are 1.' in page
    assert 'data-note-for="en__feel"' not in page


def test_shows_words_that_are_refused_in_the_colour_of_their_phase(editor: Client) -> None:
    row = make_exercise("Bridge")

    page = text(preview(editor, row, posted(row, en__steps="Lie down.\nUp {leg}.", es__steps="Acuéstese.")))

    assert '<div class="phase phase-strengthen">' in page
    assert "Lie down.</li>" in page
    assert "Up {leg}.</li>" in page
    assert "Acuéstese.</li>" in page
    assert "there are 0" not in page


def test_has_no_grade_below_none(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readability, "grade", lambda said: -0.0)
    row = make_exercise("Bridge")

    assert "grade 0.0." in text(preview(editor, row, posted(row)))


def test_shows_an_exercise_that_was_never_saved(editor: Client) -> None:
    empty = editor.post("/catalog/preview/exercise/", {}, headers={"X-Requested-With": "fetch"})
    named = editor.post("/catalog/preview/exercise/", {"en__name": "Bridge", "phase": "strengthen"})

    assert (empty.status_code, named.status_code) == (200, 200)
    assert "Give it a picture" in text(empty)
    assert "<title>Preview, not saved" in text(named)
    assert not Exercise.objects.exists()


def test_is_a_page_of_its_own_without_script(editor: Client) -> None:
    row = make_exercise("Bridge")
    hard = "Utilize appropriate gluteal musculature to facilitate elevation."

    page = text(editor.post(f"/catalog/preview/exercise/{row.pk}/", posted(row, en__feel=hard)))

    assert "<title>Preview, not saved" in page
    assert "Feel it here in English: Too hard: grade" in page


def test_shows_what_a_driver_says_on_the_handout(editor: Client) -> None:
    row: Driver = make_driver("disc")
    typed = {"name": row.name, "short_name": "Disc", "bias": "none", "patient_name": "a worn disc"}

    page = text(preview(editor, row, typed | {"es__patient_name": "un disco gastado"}))

    assert "a worn disc" in page
    assert "un disco gastado" in page


def test_shows_what_a_precaution_says_on_the_handout(editor: Client) -> None:
    row: Precaution = make_precaution("pregnancy")

    page = text(
        preview(editor, row, {"name": row.name, "order": 0, "emergency": "you bleed", "es__emergency": "sangra"})
    )

    assert "<p>you bleed</p>" in page
    assert "<p>sangra</p>" in page


def test_asks_as_often_as_it_did(editor: Client, django_assert_max_num_queries: Any) -> None:
    make_driver("disc")
    row = make_exercise("Bridge")
    typed = posted(row, **rule("driver_overrides", "disc", level="avoid", reason="Deep.", citations=""))

    with django_assert_max_num_queries(33):
        assert preview(editor, row, typed).status_code == 200


@pytest.mark.parametrize("role", Role)
def test_is_for_editors_alone(db: None, role: Role) -> None:
    person = signed_in(make_user(role))

    assert person.post("/catalog/preview/exercise/", {}).status_code == 403


def test_access(editor: Client, client: Client) -> None:
    row = make_exercise("Bridge")

    assert preview(client, row, {}).status_code == 401
    assert editor.get(f"/catalog/preview/exercise/{row.pk}/").status_code == 405
    assert editor.post("/catalog/preview/exercise/999999/").status_code == 404
    assert editor.post("/catalog/preview/citation/").status_code == 404
