"""The catalog in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from clinics.models import User
from exercises import known
from exercises.models import Attribute, Citation, Equipment, Exercise, Precaution
from tests.conftest import make_driver, make_exercise, make_muscle, make_precaution, numbers, signed_in


@pytest.fixture
def editor(db: None) -> Client:
    """Somebody with no clinic and every permission on the catalog but to delete."""
    user = User.objects.create(email=f"editor{next(numbers)}@clinic.invalid", name="Ed Itor", is_staff=True)
    permissions = Permission.objects.filter(content_type__app_label="exercises").exclude(codename__startswith="delete")
    user.user_permissions.set(permissions)
    return signed_in(user)


def rule(field: str, slug: str, place: int = 0, **parts: str) -> dict[str, str]:
    """What one row of rules sends."""
    return {
        f"{field}-{place}-{part}": value for part, value in {"slug": slug, "citations": "practice", **parts}.items()
    }


def posted(exercise: Exercise, **changes: Any) -> dict[str, Any]:
    """What the form of an exercise sends when nothing but `changes` was typed."""
    text = exercise.texts.get(language="en")
    fields = {
        **{name: getattr(exercise, name) for name in ("name", "phase", "kind", "level", "position", "laterality")},
        **{name: getattr(exercise, name) for name in ("spinal_loading", "sets", "reps", "times_per_day")},
        **{"days_per_week": 7, "evidence": "practice", "status": "published", "equipment": ""},
        **{"other_names": "", "nerves": "", "en__name": text.name, "en__steps": "\n".join(text.steps)},
        **{"en__feel": text.feel, "en__stop_if": text.stop_if, "en__mistakes": "Keep still."},
    }
    return fields | changes


def change(client: Client, exercise: Exercise, **changes: Any) -> Any:
    return client.post(f"/admin/exercises/exercise/{exercise.pk}/change/", posted(exercise, **changes))


@pytest.mark.parametrize(
    "kind",
    [
        "exercise",
        "muscle",
        "musclepair",
        "driver",
        "precaution",
        "redflag",
        "redflaggroup",
        "equipment",
        "attribute",
    ],
)
@pytest.mark.parametrize("page", ["", "add/", "?q=clam"])
def test_opens_for_somebody_with_the_permissions(editor: Client, kind: str, page: str) -> None:
    assert editor.get(f"/admin/exercises/{kind}/{page}").status_code == 200


def test_says_what_each_line_of_a_list_is_for(editor: Client) -> None:
    page = editor.get("/admin/exercises/precaution/add/").content.decode()

    assert "One line each. Its own signs to stop and call, on the handout." in page


@pytest.mark.django_db
def test_sends_signed_out_people_to_the_one_sign_in(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/")


def test_saves_an_exercise_as_it_was_typed(editor: Client) -> None:
    exercise = make_exercise("Bridge")

    response = change(editor, exercise, **{"name": "Glute bridge", "other_names": "Hip lift\n\n Pelvic lift "})

    exercise.refresh_from_db()
    assert response.status_code == 302
    assert (exercise.name, exercise.other_names) == ("Glute bridge", ["Hip lift", "Pelvic lift"])
    assert exercise.texts.get().steps == ["Lie on your back.", "Lift your hips.", "Lower slowly."]
    assert exercise.texts.get().mistakes == ["Keep still."]


def test_finds_an_exercise_by_its_new_words_at_once(editor: Client) -> None:
    exercise = make_exercise("Bridge")

    change(editor, exercise, other_names="Hip lift", strengthens=[make_muscle("gluteus_maximus").pk])

    assert list(Exercise.objects.matching("hip lift gluteus")) == [exercise]


def test_keeps_the_slug_for_good(editor: Client) -> None:
    exercise = make_exercise("Bridge")

    change(editor, exercise, slug="other")

    exercise.refresh_from_db()
    assert exercise.slug == "bridge"


def test_deletes_nothing_even_for_a_superuser(db: None) -> None:
    owner = signed_in(User.objects.create_superuser("owner@clinic.invalid", name="Owner"))
    exercise = make_exercise("Bridge")

    response = owner.post(f"/admin/exercises/exercise/{exercise.pk}/delete/", {"post": "yes"})

    assert response.status_code == 403
    assert Exercise.objects.filter(pk=exercise.pk).exists()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"en__steps": "Lie down."}, "At least 3 lines are needed; here are 1.", id="too few steps"),
        pytest.param({"en__steps": "Lie.\nLift {leg}.\nLower."}, "{leg}", id="an unknown side word"),
        pytest.param({"en__name": ""}, "This field is required", id="no English name"),
        pytest.param({"es__name": "Puente"}, "At least 3 lines are needed", id="half a Spanish text"),
        pytest.param({"attributes": "no_such"}, "no attribute called", id="an unknown attribute"),
        pytest.param({"equipment": "mat or sofa"}, "no equipment called", id="unknown equipment"),
        pytest.param(rule("driver_overrides", "disc", level="never", reason="Deep."), "choose how far", id="a level"),
        pytest.param(rule("driver_overrides", "disc", reason="Deep."), "“How far” is missing", id="no level"),
        pytest.param(
            rule("driver_overrides", "disc", level="avoid", reason="Deep.", citations="nobody1900"),
            "no citation called",
            id="a rule with an unknown source",
        ),
        pytest.param(
            rule("driver_overrides", "nerve", level="avoid", reason="Deep."), "no driver called", id="an unknown driver"
        ),
        pytest.param(
            rule("driver_overrides", "disc", level="avoid", reason="Deep.")
            | rule("driver_overrides", "disc", 1, level="avoid", reason="Deep."),
            "stands in two rows",
            id="a driver twice",
        ),
        pytest.param(
            rule("driver_overrides", "disc", level="avoid", reason="Deep.", from_week="soon"),
            "whole number from 0 to 40",
            id="no week",
        ),
        pytest.param(
            rule("precaution_overrides", "vertigo", level="caution", reason="It turns."),
            "“vertigo” asks for caution, and so needs a care",
            id="a caution without a care",
        ),
        pytest.param({"reps": ""}, "Give either repetitions or minutes", id="neither reps nor minutes"),
        pytest.param({"minutes": 5}, "Give either repetitions or minutes", id="both reps and minutes"),
        pytest.param({"times_per_day": 0}, "Give 1 or more.", id="never a day"),
        pytest.param({"sets": 0}, "Give 1 or more.", id="no sets"),
        pytest.param({"sets": -1}, "Type a whole number, 0 or more.", id="less than no sets"),
        pytest.param({"hold_s": 0}, "Give 1 or more, or leave it empty.", id="a hold of nothing"),
        pytest.param({"days_per_week": 9}, "Give 7 at most.", id="nine days a week"),
        pytest.param({"times_per_day": 13}, "Give 12 at most.", id="too often"),
        pytest.param({"hold_s": 12, "hold_s_max": 9}, "can’t be below the usual number", id="a range upside down"),
        pytest.param({"minutes_max": 9}, "can’t be below the usual number", id="an end without a beginning"),
    ],
)
def test_says_what_is_wrong_and_saves_nothing(editor: Client, changes: dict[str, str], complaint: str) -> None:
    make_driver("disc")
    make_precaution("vertigo")
    Citation.objects.create(slug="practice", text="Common practice", status="practice")
    exercise = make_exercise("Bridge")

    response = change(editor, exercise, name="Changed", **changes)

    exercise.refresh_from_db()
    assert response.status_code == 200
    assert complaint in response.content.decode()
    assert exercise.name == "Bridge"


def test_saves_an_exercise_with_a_text_in_a_language_that_was_taken_away(editor: Client) -> None:
    exercise = make_exercise("Bridge")
    text = exercise.texts.get()
    text.pk, text.language, text.name = None, "pl", "Most"
    text.save()

    response = change(editor, exercise, name="Glute bridge")

    exercise.refresh_from_db()
    assert (response.status_code, exercise.name) == (302, "Glute bridge")
    assert sorted(exercise.texts.values_list("language", "name")) == [("en", "Bridge"), ("pl", "Most")]


SPANISH = {"name": "Puente", "steps": "Acuéstese.\nSuba.\nBaje.", "feel": "Aquí.", "stop_if": "duele"}


def test_writes_a_text_in_another_language_changes_it_and_takes_it_out(editor: Client) -> None:
    exercise = make_exercise("Bridge", status="draft")
    said = {f"es__{field}": words for field, words in SPANISH.items()}

    change(editor, exercise, **said)
    written = exercise.texts.get(language="es")
    change(editor, exercise, **said | {"es__name": "Puente de glúteos"})
    changed = exercise.texts.get(language="es")
    change(editor, exercise)

    assert (written.name, written.steps) == ("Puente", ["Acuéstese.", "Suba.", "Baje."])
    assert (changed.pk, changed.name) == (written.pk, "Puente de glúteos")
    assert [text.language for text in exercise.texts.all()] == ["en"]


def test_keeps_the_order_of_what_is_ticked(editor: Client) -> None:
    for slug in ("prone", "floor", "wrist_load"):
        Attribute.objects.create(slug=slug, name=slug)
    exercise = make_exercise("Bridge")
    Exercise.objects.update(attributes=["prone", "floor"])

    change(editor, exercise, attributes=["floor", "prone", "wrist_load"])

    exercise.refresh_from_db()
    assert exercise.attributes == ["prone", "floor", "wrist_load"]


def test_reads_things_that_do_as_well_in_a_line(editor: Client) -> None:
    for slug, name in (("mat", "Mat or carpet"), ("foam_roller", "Foam roller"), ("strap", "Strap")):
        Equipment.objects.create(slug=slug, name=name)
    exercise = make_exercise("Bridge")

    change(editor, exercise, equipment="mat or Foam Roller\nstrap")
    page = editor.get(f"/admin/exercises/exercise/{exercise.pk}/change/").content.decode()

    exercise.refresh_from_db()
    assert exercise.equipment == [["mat", "foam_roller"], ["strap"]]
    assert "Mat or carpet / Foam roller\nStrap" in page


def test_keeps_what_it_doesnt_understand_on_the_form(editor: Client) -> None:
    exercise = make_exercise("Bridge")

    page = change(editor, exercise, en__steps="Only this one.").content.decode()

    assert "Only this one." in page


@pytest.mark.parametrize(
    ("care", "kept"), [("Turn slowly.", ["vertigo"]), ("Minimise vestibular provocation continuously.", [])]
)
def test_takes_a_care_that_is_easy_to_read(editor: Client, care: str, kept: list[str]) -> None:
    make_precaution("vertigo")
    Citation.objects.create(slug="practice", text="Common practice", status="practice")
    exercise = make_exercise("Bridge")

    change(
        editor, exercise, **rule("precaution_overrides", "vertigo", level="caution", reason="It turns.", care_en=care)
    )

    exercise.refresh_from_db()
    assert list(exercise.precaution_overrides) == kept


def test_takes_rules_that_pages_can_read(editor: Client) -> None:
    make_driver("disc")
    Attribute.objects.create(slug="prone", name="Lying on the front")
    Citation.objects.create(slug="practice", text="Common practice", status="practice")
    exercise = make_exercise("Bridge")
    kept = {"level": "avoid", "reason": "Deep bending.", "citations": ["practice"], "from_week": 0, "care": {}}
    assert known.catalog().exercises["bridge"].attributes == set()

    change(
        editor,
        exercise,
        attributes="prone",
        **rule("driver_overrides", "disc", level="avoid", reason="Deep bending.", citations=""),
    )

    exercise.refresh_from_db()
    assert exercise.attributes == ["prone"]
    assert exercise.driver_overrides == {"disc": kept}
    assert known.catalog().exercises["bridge"].attributes == {"prone"}  # the checks see it at once
    assert editor.get("/exercises/bridge/").status_code == 200


def change_precaution(client: Client, **typed: Any) -> Any:
    """Send the form of a precaution with two signs of an emergency; its rules object to lying on the front."""
    row = Precaution.objects.filter(slug="pregnancy").first() or make_precaution("pregnancy")
    fields = {"name": row.name, "order": 0, "emergency": "you bleed\nyou leak", "stops": ""}
    return client.post(f"/admin/exercises/precaution/{row.pk}/change/", fields | typed)


@pytest.mark.parametrize(
    ("spanish", "complaint"),
    [
        pytest.param({"es__emergency": "sangra"}, "There must be 2, as in English; here are 1 line.", id="fewer"),
        pytest.param({"es__stops": "sangra"}, "There must be 0", id="more than in English"),
        pytest.param({"es__name": "Embarazo"}, "", id="none"),
        pytest.param({"es__emergency": "sangra\npierde líquido"}, "", id="as many"),
    ],
)
def test_takes_signs_that_are_all_there_in_each_language(editor: Client, spanish: Any, complaint: str) -> None:
    response = change_precaution(editor, **spanish)

    row = Precaution.objects.get()
    said = {name.removeprefix("es__"): words for name, words in spanish.items()}
    told = {name: words if name == "name" else words.splitlines() for name, words in said.items()}
    assert (response.status_code, complaint in response.content.decode()) == (200 if complaint else 302, True)
    assert row.translations == ({} if complaint else {"es": told})


def test_leaves_words_alone_that_it_has_no_field_for(editor: Client) -> None:
    words = {"es": {"name": "Embarazo", "search": []}, "pl": {"name": "Ciąża"}}
    make_precaution("pregnancy")
    Precaution.objects.update(translations=words)

    change_precaution(editor, es__name="Gestación")

    assert Precaution.objects.get().translations == words | {"es": {"name": "Gestación", "search": []}}


def test_begins_a_new_exercise_as_a_draft_whatever_is_sent(editor):
    fields = posted(make_exercise("Bridge"), name="Clam", slug="clam", status="published")

    response = editor.post("/admin/exercises/exercise/add/", fields)

    assert response.status_code == 302
    assert Exercise.objects.get(slug="clam").status == "draft"


def test_moves_no_exercise_on(editor):
    bridge = make_exercise("Bridge", status="draft")

    assert change(editor, bridge, status="published").status_code == 302
    assert Exercise.objects.get().status == "draft"


def test_refuses_an_edit_that_a_published_one_may_not_have_and_keeps_what_was_typed(editor):
    bridge = make_exercise("Bridge")
    hard = "Contralateral stabilization necessitates simultaneous musculature activation."

    response = change(editor, bridge, en__feel=hard, sets=2)

    page = response.content.decode()
    assert response.status_code == 200
    assert "Make the English text easier" in page.partition('id="error-summary"')[2].partition("</div>")[0]
    assert hard in page
    assert 'name="sets" value="2"' in page
    assert (Exercise.objects.get().sets, Exercise.objects.get().texts.get().feel) == (1, "In your buttocks.")


def test_lets_a_published_one_be_mended_one_thing_at_a_time(editor):
    bridge = make_exercise("Bridge")  # without Spanish, without a picture

    assert change(editor, bridge, sets=2).status_code == 302
    page = editor.get(f"/admin/exercises/exercise/{bridge.pk}/change/").content.decode()

    assert Exercise.objects.get().sets == 2
    assert "Write the Spanish text, or say why it is published without." in page
    assert "/catalog/exercises/bridge/review/" in page
