"""Review of exercises: what one lacks, and who may do what with it next."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from clinics.models import User
from exercises import editing, restoring, reviewing, revisions
from exercises.editorial import ExercisePicture, Revision
from exercises.models import Attribute, Equipment, Exercise, ExerciseText
from exercises.reviewing import CannotMove, NotReady
from tests.conftest import describe_pictures, make_clinic, make_editor, make_exercise, make_user

pytestmark = pytest.mark.django_db


def complete(name: str = "Bridge", **fields: object) -> Exercise:
    """Return an exercise that lacks nothing, a draft unless `fields` say otherwise."""
    values = {"status": "draft", "pose": {"start": {"posture": "hook_lying"}}, **fields}
    exercise = make_exercise(name, **values)
    ExerciseText.objects.create(
        exercise=exercise,
        language="es",
        name="Puente",
        steps=["Acuéstese boca arriba.", "Suba la cadera.", "Baje poco a poco."],
        feel="En la cadera.",
        stop_if="la pierna le hormiguea",
        mistakes=["No arquee la espalda."],
    )
    return describe_pictures(exercise)


def english(exercise: Exercise, **values: object) -> None:
    exercise.texts.filter(language="en").update(**values)


def edited(exercise: Exercise, *, by: User, number: int, **values: object) -> None:
    Revision.objects.create(kind="exercise", row=exercise.pk, number=number, by=by, values=values)


def test_finds_nothing_wrong_with_any_exercise_that_ships(loaded_catalog):
    rows = Exercise.objects.prefetch_related("texts", "citations", "uploads")
    known = reviewing.read_known()

    assert {row.slug: found for row in rows if (found := reviewing.problems(row, known))} == {}


def test_finds_nothing_wrong_with_a_complete_one():
    assert reviewing.problems(complete()) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda row: Exercise.objects.update(evidence="guideline"), "Name a citation, or mark the evidence as"),
        (lambda row: row.texts.filter(language="en").delete(), "Write the English text."),
        (lambda row: row.texts.filter(language="es").delete(), "Write the Spanish text, or say why"),
        (lambda row: Exercise.objects.update(pose={}), "Give it a picture: pose it, or upload one."),
        (lambda row: Exercise.objects.update(pose={"start": {"posture": "upside"}}), "Mend the pose"),
        (lambda row: english(row, pictures={}), "Say in English what the picture shows: “start”."),
        (lambda row: row.texts.filter(language="es").update(pictures={}), "Say in Spanish what the picture shows"),
        (lambda row: english(row, steps=["Lie down.", "Sit up."]), "Give three to six steps in English; there are 2."),
        (lambda row: english(row, steps=["Lie down."] * 7), "Give three to six steps in English; there are 7."),
        (lambda row: english(row, feel="In the {side} hip."), "Take the side out of the English text"),
        (lambda row: Exercise.objects.update(attributes=["flying"]), "Take out the attribute “flying”"),
        (lambda row: Exercise.objects.update(equipment=[["rope"]]), "Take out the equipment “rope”"),
    ],
)
def test_says_what_an_exercise_lacks(spoil: Callable[[Exercise], object], said: str):
    spoil(exercise := complete())

    found = reviewing.problems(Exercise.objects.get(pk=exercise.pk))

    assert len(found) == 1
    assert found[0].startswith(said)


def test_names_the_hardest_part_of_a_hard_text_in_each_language():
    exercise = complete()
    hard = "Simultaneously externally rotate the contralateral extremity, maintaining abdominal musculature activation."
    english(exercise, steps=["Lie on your back.", hard, "Lower slowly."])
    exercise.texts.filter(language="es").update(feel="Contracción simultánea de la musculatura abdominal profunda.")
    exercise.texts.filter(language="es").update(mistakes=["Evite la hiperextensión de la articulación lumbosacra."])

    in_english, in_spanish = reviewing.problems(exercise)

    assert in_english.startswith("Make the English text easier: grade")
    assert in_english.endswith("Hardest is step 2.")
    assert in_spanish.startswith("Make the Spanish text easier: ease")


def test_takes_a_waiver_for_spanish_and_an_upload_with_words_for_a_pose():
    exercise = make_exercise(status="draft", waiver="Our patients read English.")
    ExercisePicture.objects.create(exercise=exercise, frame="start", content=b"png", digest="0" * 64)

    assert reviewing.problems(exercise) == ["Say in English what the picture shows: “start”."]
    english(exercise, pictures={"start": "You lie on your back."})
    assert reviewing.problems(exercise) == []


def test_knows_the_attributes_and_things_that_there_are():
    Attribute.objects.create(slug="floor", name="On the floor")
    Equipment.objects.create(slug="mat", name="Mat")

    assert reviewing.problems(complete(attributes=["floor"], equipment=[["mat"]])) == []


def test_goes_from_draft_to_published_by_two_editors():
    author, second = make_editor(), make_editor()
    exercise = complete()

    reviewing.submit(exercise, by=author)
    with pytest.raises(CannotMove, match="You sent it to review, so another editor publishes it"):
        reviewing.publish(exercise, by=author)
    reviewing.publish(exercise, by=second)

    exercise.refresh_from_db()
    assert (exercise.status, exercise.submitted_by) == ("published", author)


def test_is_not_published_by_who_edited_it_last_though_another_sent_it():
    author, second = make_editor(), make_editor()
    exercise = complete(status="in_review", submitted_by=second)
    edited(exercise, by=second, number=1, name="Bridge", status="draft")
    edited(exercise, by=author, number=2, name="Hip bridge", status="draft")
    edited(exercise, by=second, number=3, name="Hip bridge", status="in_review")

    assert reviewing.last_editor(exercise) == author.pk
    with pytest.raises(CannotMove, match="You edited it last"):
        reviewing.publish(exercise, by=author)


def test_is_published_as_it_was_looked_at():
    exercise = complete(status="in_review", submitted_by=make_editor())
    edited(exercise, by=make_editor(), number=1, name="Bridge")

    with pytest.raises(CannotMove, match="changed since you opened this page"):
        reviewing.publish(exercise, by=make_editor(), seen=0)
    reviewing.publish(exercise, by=make_editor(), seen=1)


def test_neither_sends_nor_publishes_what_lacks_something():
    waiting = complete("Clam", pose={}, status="in_review", submitted_by=make_editor())

    with pytest.raises(NotReady) as refused:
        reviewing.submit(complete(pose={}), by=make_editor())
    with pytest.raises(NotReady):
        reviewing.publish(waiting, by=make_editor())

    assert refused.value.problems == ["Give it a picture: pose it, or upload one."]


def test_goes_back_with_a_reason_and_comes_out_of_use_with_one():
    editor = make_editor()
    exercise = complete(status="in_review")

    for verb in (reviewing.send_back, reviewing.retire):
        with pytest.raises(CannotMove, match="Say w"):
            verb(exercise, by=editor, why=" ")
        with pytest.raises(CannotMove, match="Say it in 180 letters"):
            verb(exercise, by=editor, why="x" * 181)
    reviewing.send_back(exercise, by=editor, why="Say where to put the feet.")
    assert Exercise.objects.get().status == "draft"
    reviewing.retire(exercise, by=editor, why="Hurts.")
    assert Exercise.objects.get().status == "retired"
    reviewing.reopen(exercise, by=editor)
    assert Exercise.objects.get().status == "draft"


@pytest.mark.parametrize("verb", [reviewing.send_back, reviewing.retire])
def test_takes_a_reason_without_what_no_database_holds(verb: Callable[..., None]):
    exercise = complete(status="in_review")

    with pytest.raises(CannotMove, match="Say w"):
        verb(exercise, by=make_editor(), why="\0")
    verb(exercise, by=make_editor(), why="It\0 hurts.")

    assert revisions.of(exercise).first().why.endswith(": It hurts.")


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        ("draft", {"submit", "retire"}),
        ("in_review", {"publish", "send_back", "retire"}),
        ("published", {"retire"}),
        ("retired", {"reopen"}),
    ],
)
def test_makes_of_an_exercise_what_its_status_allows_and_no_more(status: str, allowed: set[str]):
    verbs = {"submit": {}, "publish": {}, "send_back": {"why": "x"}, "retire": {"why": "x"}, "reopen": {}}
    done = set()

    for verb, words in verbs.items():
        exercise = complete(verb, status=status, submitted_by=make_editor())
        try:
            getattr(reviewing, verb)(exercise, by=make_editor(), **words)
        except CannotMove:
            assert Exercise.objects.get(pk=exercise.pk).status == status
        else:
            done.add(verb)

    assert done == allowed


def test_is_moved_by_editors_alone():
    therapist, admin = make_user(), make_user("clinic_admin")
    exercise = complete()

    for user in (therapist, admin, User.objects.create(email="s@clinic.invalid", name="Staff", is_staff=True)):
        with pytest.raises(PermissionDenied):
            reviewing.submit(exercise, by=user)


def test_of_a_clinic_needs_its_admin_and_no_second_editor():
    clinic = make_clinic()
    admin = make_user("clinic_admin", clinic=clinic)
    exercise = complete(clinic=clinic)

    with pytest.raises(PermissionDenied):
        reviewing.submit(exercise, by=make_user("clinic_admin"))
    reviewing.submit(exercise, by=admin)
    reviewing.publish(exercise, by=admin)

    assert Exercise.objects.get().status == "published"


def test_lets_a_published_one_be_edited_but_not_made_worse():
    exercise = complete(status="published", evidence="guideline")
    before = reviewing.lacks(exercise)

    reviewing.check_opens_no_gate(exercise, before)
    english(exercise, steps=["Lie down."])

    with pytest.raises(NotReady) as refused:
        reviewing.check_opens_no_gate(exercise, before)
    assert refused.value.problems == ["Give three to six steps in English; there are 1."]


HARD = "Simultaneously externally rotate the contralateral extremity, maintaining abdominal activation."
LESS_HARD = "Rotate the opposite extremity outward, maintaining abdominal tension."


@pytest.mark.parametrize(
    ("field", "was", "becomes", "refused"),
    [
        pytest.param("steps", [HARD] * 3, [LESS_HARD] * 3, False, id="less hard a text, still too hard"),
        pytest.param("steps", [LESS_HARD] * 3, [HARD] * 3, True, id="a harder text than it was"),
        pytest.param("steps", ["Lie down."] * 9, ["Lie down."] * 8, False, id="fewer steps, still too many"),
        pytest.param("steps", ["Lie down."] * 8, ["Lie down."] * 9, True, id="even more steps"),
        pytest.param("pictures", {}, {"start": "You lie on your back."}, False, id="words of one picture of two"),
        pytest.param("pictures", {"finish": "You lie."}, {"start": "You lie."}, True, id="words of the other picture"),
    ],
)
def test_lets_a_published_one_that_lacks_something_get_better_step_by_step(field, was, becomes, refused):
    pose = {"start": {"posture": "hook_lying"}, "finish": {"joints": {"neck_flexion": 20}}}
    exercise = complete(status="published", pose=pose)
    english(exercise, **{field: was})
    before = reviewing.lacks(exercise)
    assert before

    english(exercise, **{field: becomes})

    assert bool(reviewing.new_problems(exercise, before)) is refused


def test_lets_no_old_version_open_a_gate():
    editor = make_editor()
    exercise = complete(status="published", evidence="practice")
    exercise.pose = {}
    exercise.save(update_fields=["pose"])
    editing.saved(exercise, by=editor)
    exercise.pose = {"start": {"posture": "hook_lying"}}
    exercise.save(update_fields=["pose"])
    editing.saved(exercise, by=editor)

    with pytest.raises(restoring.CannotRestore, match="Give it a picture"):
        restoring.restore(revisions.of(exercise).get(number=1), seen="2", by=editor)
