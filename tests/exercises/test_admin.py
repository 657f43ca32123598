"""The catalog in the admin."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from clinics.models import User
from exercises import known
from exercises.models import Attribute, Citation, Exercise, Precaution
from tests.conftest import make_driver, make_exercise, make_muscle, make_precaution, numbers, signed_in


@pytest.fixture
def editor(db: None) -> Client:
    """Somebody with no clinic and every permission on the catalog but to delete."""
    user = User.objects.create(email=f"editor{next(numbers)}@clinic.invalid", name="Ed Itor", is_staff=True)
    permissions = Permission.objects.filter(content_type__app_label="exercises").exclude(codename__startswith="delete")
    user.user_permissions.set(permissions)
    return signed_in(user)


def posted(exercise: Exercise, **changes: Any) -> dict[str, Any]:
    """What the form of an exercise sends when nothing but `changes` was typed."""
    text = exercise.texts.get()
    fields = {
        **{name: getattr(exercise, name) for name in ("name", "phase", "kind", "level", "position", "laterality")},
        **{name: getattr(exercise, name) for name in ("spinal_loading", "sets", "reps", "times_per_day")},
        **{"days_per_week": 7, "evidence": "practice", "status": "published", "equipment": "[]"},
        **{
            "driver_overrides": "{}",
            "precaution_overrides": "{}",
            "attributes": "",
            "other_names": "",
            "nerves": "",
        },
        **{
            "texts-TOTAL_FORMS": 1,
            "texts-INITIAL_FORMS": 1,
            "texts-0-id": text.pk,
            "texts-0-exercise": exercise.pk,
        },
        **{"texts-0-language": "en", "texts-0-name": text.name, "texts-0-steps": "\n".join(text.steps)},
        **{"texts-0-feel": text.feel, "texts-0-stop_if": text.stop_if, "texts-0-mistakes": "Keep still."},
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
        pytest.param({"texts-0-steps": "Lie down."}, "at least 3 items", id="too few steps"),
        pytest.param({"texts-0-steps": "Lie.\nLift {leg}.\nLower."}, "{leg}", id="an unknown side word"),
        pytest.param({"texts-0-language": "es"}, "needs its English text", id="no English text"),
        pytest.param({"attributes": "no_such"}, "no attribute called", id="an unknown attribute"),
        pytest.param({"equipment": '["mat"]'}, "list in brackets", id="equipment that isn't in groups"),
        pytest.param({"equipment": '[["sofa"]]'}, "no equipment called", id="unknown equipment"),
        pytest.param({"driver_overrides": '{"disc": {"level": "never"}}'}, "Levels: avoid", id="an unknown level"),
        pytest.param(
            {"driver_overrides": '{"disc": {"level": "avoid", "reason": "Deep.", "citations": ["nobody1900"]}}'},
            "no citation called",
            id="a rule with an unknown source",
        ),
        pytest.param({"driver_overrides": '["disc"]'}, "Levels: avoid", id="a list for rules"),
        pytest.param({"driver_overrides": '{"nerve": {}}'}, "no driver called", id="an unknown driver"),
        pytest.param(
            {"driver_overrides": '{"disc": {"level": "avoid", "reason": "Deep.", "care": {"en": "Go slowly."}}}'},
            "Only a precaution’s is printed",
            id="a care for a driver",
        ),
        pytest.param(
            {"precaution_overrides": '{"vertigo": {"level": "caution", "reason": "It turns."}}'},
            "“vertigo” asks for caution, and so needs a care.",
            id="a caution without a care",
        ),
        pytest.param({"reps": ""}, "Give either repetitions or minutes", id="neither reps nor minutes"),
        pytest.param({"minutes": 5}, "Give either repetitions or minutes", id="both reps and minutes"),
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
    sent = posted(exercise, **{"name": "Glute bridge", "texts-TOTAL_FORMS": 2, "texts-INITIAL_FORMS": 2})
    text = exercise.texts.get()
    text.pk, text.language = None, "pl"
    text.save()
    theirs = {"id": text.pk, "exercise": exercise.pk, "language": "pl", "name": "Most", "steps": "\n".join(text.steps)}
    theirs |= {"feel": text.feel, "stop_if": text.stop_if, "mistakes": ""}
    sent |= {f"texts-1-{name}": value for name, value in theirs.items()}

    response = editor.post(f"/admin/exercises/exercise/{exercise.pk}/change/", sent)

    exercise.refresh_from_db()
    assert (response.status_code, exercise.name) == (302, "Glute bridge")
    assert sorted(exercise.texts.values_list("language", flat=True)) == ["en", "pl"]


def test_keeps_what_it_doesnt_understand_on_the_form(editor: Client) -> None:
    exercise = make_exercise("Bridge")

    page = change(editor, exercise, **{"texts-0-steps": "Only this one."}).content.decode()

    assert "Only this one." in page


@pytest.mark.parametrize(
    ("care", "kept"), [("Turn slowly.", ["vertigo"]), ("Minimise vestibular provocation continuously.", [])]
)
def test_takes_a_care_that_is_easy_to_read(editor: Client, care: str, kept: list[str]) -> None:
    make_precaution("vertigo")
    Citation.objects.create(slug="practice", text="Common practice", status="practice")
    exercise = make_exercise("Bridge")
    rule = {"level": "caution", "reason": "It turns.", "care": {"en": care}}

    change(editor, exercise, precaution_overrides=json.dumps({"vertigo": rule}))

    exercise.refresh_from_db()
    assert list(exercise.precaution_overrides) == kept


def test_takes_rules_that_pages_can_read(editor: Client) -> None:
    make_driver("disc")
    Attribute.objects.create(slug="prone", name="Lying on the front")
    Citation.objects.create(slug="practice", text="Common practice", status="practice")
    exercise = make_exercise("Bridge")
    rule = {"level": "avoid", "reason": "Deep bending.", "citations": ["practice"], "from_week": 0, "care": {}}
    assert known.catalog().exercises["bridge"].attributes == set()

    change(
        editor,
        exercise,
        attributes="prone",
        driver_overrides='{"disc": {"level": "avoid", "reason": "Deep bending."}}',
    )

    exercise.refresh_from_db()
    assert exercise.attributes == ["prone"]
    assert exercise.driver_overrides == {"disc": rule}
    assert known.catalog().exercises["bridge"].attributes == {"prone"}  # the checks see it at once
    assert editor.get("/exercises/bridge/").status_code == 200


def change_precaution(client: Client, **typed: Any) -> Any:
    """Send the form of a precaution with two signs of an emergency; its rules object to lying on the front."""
    row = Precaution.objects.filter(slug="pregnancy").first() or make_precaution("pregnancy")
    fields = {"name": row.name, "order": 0, "rules": "{}", "translations": "{}"}
    sent = fields | {"emergency": "you bleed\nyou leak", "stops": ""} | typed
    return client.post(f"/admin/exercises/precaution/{row.pk}/change/", sent)


@pytest.mark.parametrize(
    ("spanish", "complaint"),
    [
        pytest.param({"emergency": "sangra"}, "must be a list of 2", id="a text"),
        pytest.param({"emergency": ["sangra"]}, "must be a list of 2", id="fewer than in English"),
        pytest.param({"emergency": ["sangra", ""]}, "must be a list of 2", id="an empty line"),
        pytest.param({"emergency": ["sangra", 5]}, "must be a list of 2", id="a number"),
        pytest.param({"stops": ["sangra"]}, "must be a list of 0", id="more than in English"),
        pytest.param("sangra", "Give the words by language", id="no words by field"),
        pytest.param({"name": "Embarazo"}, "", id="none"),
        pytest.param({"emergency": ["sangra", "pierde líquido"]}, "", id="as many"),
    ],
)
def test_takes_signs_that_are_all_there_in_each_language(editor: Client, spanish: Any, complaint: str) -> None:
    response = change_precaution(editor, translations=json.dumps({"es": spanish}))

    row = Precaution.objects.get()
    assert (response.status_code, complaint in response.content.decode()) == (200 if complaint else 302, True)
    assert row.translations == ({} if complaint else {"es": spanish})


def test_begins_a_new_exercise_as_a_draft_whatever_is_sent(editor):
    fields = posted(make_exercise("Bridge"), name="Clam", slug="clam", status="published")
    fields |= {"texts-INITIAL_FORMS": 0, "texts-0-id": "", "texts-0-exercise": ""}

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

    response = change(editor, bridge, **{"texts-0-feel": hard, "sets": 2})

    page = response.content.decode()
    assert response.status_code == 200
    assert "Make the English text easier" in page
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
