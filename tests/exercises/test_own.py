"""A clinic's own exercises: who keeps them, what the gates ask, and that no other clinic sees anything of them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from clinics import access
from clinics.models import Clinic, Role, User
from exercises import editing, known, own, pictures, reviewing, row_values, uploaded
from exercises.editorial import ExercisePicture
from exercises.evidence import Citation
from exercises.models import Exercise, ExerciseText
from tests.conftest import (
    describe_pictures,
    make_clinic,
    make_editor,
    make_exercise,
    make_precaution,
    make_user,
    signed_in,
)

pytestmark = pytest.mark.django_db

POSE = {"start": {"posture": "hook_lying"}, "finish": {"joints": {"neck_flexion": 20}}}
SPANISH = {
    "es_name": "Puente",
    "es_steps": "Acuéstese boca arriba.\nSuba la cadera.\nBaje despacio.",
    "es_feel": "En los glúteos.",
    "es_stop_if": "le duele",
    "es_mistakes": "",
}
TYPED = {
    "name": "Bridge on a ball",
    "phase": "strengthen",
    "kind": "strengthening",
    "level": "1",
    "position": "supine",
    "laterality": "bilateral",
    "spinal_loading": "neutral",
    "sets": "2",
    "reps": "12",
    "times_per_day": "1",
    "days_per_week": "5",
    "dose_source": "our practice",
    "evidence": "practice",
    "en_steps": "Lie on your back.\nLift your hips.\nLower slowly.",
    "en_feel": "In your buttocks.",
    "en_stop_if": "your leg tingles",
    "en_mistakes": "Do not arch your back.",
    **SPANISH,
}


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def admin(clinic) -> User:
    return make_user(Role.CLINIC_ADMIN, clinic=clinic)


@pytest.fixture
def keeper(admin) -> Client:
    return signed_in(admin)


@pytest.fixture
def bridge() -> Exercise:
    """A shared exercise that lacks nothing."""
    made = make_exercise("Bridge", pose=POSE, dose_source="our practice")
    words = {"name": "Puente", "steps": ["Acuéstese.", "Suba.", "Baje."], "feel": "Ahí.", "stop_if": "duele"}
    ExerciseText.objects.create(exercise=made, language="es", **words)
    return describe_pictures(made)


@pytest.fixture
def ours(bridge, clinic, admin) -> Exercise:
    """The clinic's own copy of it, a draft."""
    return own.clone(bridge, clinic=clinic, by=admin)


def published(exercise: Exercise, by: User) -> Exercise:
    own.move(exercise, "publish", by=by)
    exercise.refresh_from_db()
    return exercise


def typed_of(keeper: Client, exercise: Exercise) -> dict:
    """Return what the page's form would send back unchanged."""
    form = keeper.get(f"/clinic/exercises/{exercise.slug}/").context["form"]
    values = {field.name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


# What it is


def test_a_clone_says_what_it_was_cloned_from_and_is_a_draft(bridge, ours, clinic):
    assert (ours.status, ours.clinic, row_values.read(ours)) == ("draft", clinic, row_values.read(bridge))
    assert re.fullmatch(r"bridge-[a-z]{6}", ours.slug)


def test_a_slug_holds_nothing_of_the_clinic_and_is_free(clinic):
    slugs = {own.free_slug("Puente de glúteos") for _ in range(20)}

    assert len(slugs) == 20
    assert all(re.fullmatch(r"puente-de-gluteos-[a-z]{6}", slug) for slug in slugs)
    assert own.free_slug("腰").startswith("exercise-")


def test_saving_the_page_as_it_stands_changes_nothing(loaded_catalog, keeper, admin):
    made = own.clone(loaded_catalog("bridge"), clinic=admin.memberships.get().clinic, by=admin)
    before = row_values.read(made)

    response = keeper.post(f"/clinic/exercises/{made.slug}/", typed_of(keeper, made), follow=True)

    assert "Nothing was changed." in response.content.decode()
    assert row_values.read(Exercise.objects.get(pk=made.pk)) == before


def test_adds_one_drawn_like_another(keeper, clinic, bridge):
    response = keeper.post(f"/clinic/exercises/new/{clinic.pk}/", TYPED | {"drawn_like": "bridge", "do": "publish"})

    made = Exercise.objects.get(name="Bridge on a ball")
    assert response["Location"] == f"/clinic/exercises/{made.slug}/"
    assert (made.status, made.clinic, made.reps, made.pose) == ("published", clinic, 12, POSE)
    assert {text.language: text.name for text in made.texts.all()} == {"en": "Bridge on a ball", "es": "Puente"}


def test_takes_over_the_uploads_of_the_one_it_is_drawn_like(keeper, clinic, bridge):
    plank = make_exercise("Plank", pose=POSE)
    uploaded.put(bridge, "start", b"a bridge")
    uploaded.put(plank, "finish", b"a plank")

    def shown(made):
        return [pictures.shown(made, frame) for frame in ("start", "finish") if pictures.is_uploaded(made, frame)]

    keeper.post(f"/clinic/exercises/new/{clinic.pk}/", TYPED | {"drawn_like": "bridge"})
    made = Exercise.objects.get(name="Bridge on a ball")
    assert shown(made) == [b"a bridge"]

    keeper.post(f"/clinic/exercises/{made.slug}/", typed_of(keeper, made) | {"drawn_like": "plank"})
    assert shown(Exercise.objects.get(pk=made.pk)) == [b"a plank"]


def test_what_is_typed_stays_when_something_is_wrong(keeper, clinic):
    wrong = {
        "reps": "",
        "en_steps": "One line with {hand}.",
        "es_feel": "",
        "progression": "No such",
        "equipment": "Sun",
        "sets": "50",
        "releases": "nothing",
    }

    response = keeper.post(f"/clinic/exercises/new/{clinic.pk}/", TYPED | wrong)

    assert response.status_code == 422
    form = response.context["form"]
    assert set(form.errors) == {"reps", "en_steps", "es_feel", "progression", "equipment", "sets", "releases"}
    assert (form["progression"].value(), form["name"].value()) == ("No such", "Bridge on a ball")
    page = response.content.decode()
    links = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>: ([^<]+)</li>', page)
    assert [anchor for anchor, _, _ in links if f'id="{anchor}"' not in page] == []
    assert {anchor.removeprefix("div_") for anchor, _, _ in links} == {f"id_{name}" for name in form.errors}
    assert ("id_es_feel", "Feel it here (Spanish)") in [link[:2] for link in links]
    assert ("id_sets", "Sets", "Type a whole number from 1 to 20.") in links
    assert not Exercise.objects.exists()


def test_says_when_somebody_else_saved_meanwhile(keeper, ours):
    page = f"/clinic/exercises/{ours.slug}/"
    typed = typed_of(keeper, ours)
    keeper.post(page, typed | {"name": "Theirs"})

    response = keeper.post(page, typed | {"name": "Mine"})

    assert response.status_code == 422
    assert "Somebody else changed this exercise" in response.content.decode()
    assert response.context["form"]["name"].value() == "Mine"
    assert Exercise.objects.get(pk=ours.pk).name == "Theirs"


@pytest.mark.parametrize("status", ["retired", "draft"])
def test_is_saved_beside_one_that_is_not_offered_any_more(keeper, ours, status):
    make_exercise("Easier bridge", status=status)
    row_values.write(ours, {"regression": "easier-bridge"})
    typed = typed_of(keeper, ours)

    keeper.post(f"/clinic/exercises/{ours.slug}/", typed | {"note": "For knees."})

    ours.refresh_from_db()
    assert typed["regression"] == "Easier bridge"
    assert (ours.note, ours.regression.slug) == ("For knees.", "easier-bridge")


def test_one_that_is_not_offered_any_more_can_only_stay(keeper, ours):
    make_exercise("Easier bridge", status="retired")

    response = keeper.post(f"/clinic/exercises/{ours.slug}/", typed_of(keeper, ours) | {"regression": "Easier bridge"})

    assert set(response.context["form"].errors) == {"regression"}


def test_names_none_of_another_clinics_as_easier_or_harder(keeper, ours, bridge):
    theirs = own.clone(bridge, clinic=make_clinic(), by=make_user())
    Exercise.objects.filter(pk=ours.pk).update(progression=theirs)

    assert theirs.slug not in keeper.get(f"/clinic/exercises/{ours.slug}/").content.decode()


def test_a_kind_belongs_to_its_phase(keeper, clinic):
    response = keeper.post(f"/clinic/exercises/new/{clinic.pk}/", TYPED | {"phase": "calm"})

    assert response.context["form"].errors == {
        "kind": ["That is no kind of the phase “Calm”. Choose Mobility or Position or Endurance."]
    }


@pytest.fixture
def osteoporosis() -> str:
    """How the names of that precaution's fields begin."""
    Citation.objects.create(slug="practice", text="Practice", status="practice")
    return f"care-{make_precaution('osteoporosis').slug}-"


def test_a_precautions_caution_says_what_the_patient_takes_care_of(keeper, ours, osteoporosis):
    page, care = f"/clinic/exercises/{ours.slug}/", f"{osteoporosis}care-en"
    typed = typed_of(keeper, ours) | {f"{osteoporosis}level": "caution", f"{osteoporosis}reason": "Bones break."}
    said = {care: "Do not bend your back.", f"{osteoporosis}care-es": "No doble la espalda."}

    without = keeper.post(page, typed).context["form"]
    hard = keeper.post(page, typed | {care: "Considerable gluteal musculature activation."}).context["form"]
    keeper.post(page, typed | said)

    assert [set(form.errors) for form in (without, hard)] == [{care}, {care}]
    ours.refresh_from_db()
    assert ours.precaution_overrides["osteoporosis"]["care"] == {"en": said[care], "es": "No doble la espalda."}
    assert typed_of(keeper, ours).items() >= said.items()


def test_a_care_in_a_language_that_the_form_does_not_ask_stays(keeper, ours, osteoporosis):
    rule = {"level": "caution", "reason": "Bones.", "citations": ["practice"], "care": {"en": "Go.", "fr": "Va."}}
    row_values.write(ours, {"precaution_overrides": {"osteoporosis": rule}})

    keeper.post(f"/clinic/exercises/{ours.slug}/", typed_of(keeper, ours) | {f"{osteoporosis}care-en": "Stop."})

    ours.refresh_from_db()
    assert ours.precaution_overrides["osteoporosis"]["care"] == {"en": "Stop.", "fr": "Va."}


@pytest.mark.parametrize("part", ["reason", "care-en"])
def test_an_objection_says_how_far(keeper, ours, osteoporosis, part):
    typed = typed_of(keeper, ours) | {f"{osteoporosis}{part}": "Bones break."}

    response = keeper.post(f"/clinic/exercises/{ours.slug}/", typed)

    assert set(response.context["form"].errors) == {f"{osteoporosis}level"}


# The gates


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(lambda row: row.texts.filter(language="es").delete(), "Write the Spanish text", id="Spanish"),
        pytest.param(lambda row: row.texts.filter(language="en").delete(), "Write the English text", id="English"),
        pytest.param(lambda row: setattr(row, "pose", {}), "Give it a picture", id="a picture"),
        pytest.param(lambda row: setattr(row, "evidence", "guideline"), "Name a citation", id="a source"),
        pytest.param(
            lambda row: row.texts.filter(language="en").update(
                steps=["Considerable gluteal musculature activation."] * 3
            ),
            "easier: grade",
            id="easy words",
        ),
    ],
)
def test_publishing_needs(ours, admin, change, sentence):
    change(ours)
    ours.save(update_fields=["pose", "evidence"])

    with pytest.raises(reviewing.NotReady, match=sentence):
        own.move(ours, "publish", by=admin)

    ours.refresh_from_db()
    assert ours.status == "draft"


def test_a_reason_stands_for_the_spanish(ours):
    ours.texts.filter(language="es").delete()
    ours.waiver = "Our patients read English."

    assert reviewing.problems(ours) == []


def test_a_published_one_keeps_what_the_gates_ask(keeper, ours, admin):
    published(ours, admin)
    without = dict.fromkeys((*SPANISH, "es_other_names"), "")

    response = keeper.post(f"/clinic/exercises/{ours.slug}/", typed_of(keeper, ours) | without)

    assert response.status_code == 422
    assert "Write the Spanish text, or say why" in response.content.decode()
    assert ours.texts.filter(language="es").exists()


@pytest.mark.parametrize(
    ("verbs", "status"),
    [
        (["publish"], "published"),
        (["publish", "retire"], "retired"),
        (["publish", "draft"], "draft"),
        (["retire", "publish"], "published"),
        (["delete"], "draft"),
    ],
)
def test_moves(keeper, ours, verbs, status):
    for verb in verbs:
        keeper.post(f"/clinic/exercises/{ours.slug}/status/", {"do": verb})

    ours.refresh_from_db()
    assert ours.status == status


def test_who_keeps_the_exercises_poses_and_looks_back_without_the_settings(ours, clinic, monkeypatch):
    monkeypatch.setitem(access.ALLOWED, Role.TRAINER, frozenset({access.Can.EXERCISES}))
    monkeypatch.setitem(access.ALLOWED, Role.ASSISTANT, frozenset({access.Can.SETTINGS}))
    pages = [reverse("pose", args=[ours.slug]), reverse("row_history", args=["exercise", ours.pk])]
    pages.append(reverse("exercise_pictures", args=[ours.slug]))
    keeper, other = (signed_in(make_user(role, clinic=clinic)) for role in (Role.TRAINER, Role.ASSISTANT))

    assert [keeper.get(page).status_code for page in pages] == [200, 200, 200]
    assert 200 not in [other.get(page).status_code for page in pages]


def test_a_proposal_is_a_shared_copy_that_waits(keeper, ours, admin):
    harder = own.clone(ours, clinic=ours.clinic, by=admin)
    row_values.write(ours, {"progression": harder.slug})

    keeper.post(f"/clinic/exercises/{ours.slug}/propose/", {"note": "It helps."})

    copy = Exercise.objects.get(clinic=None, status="in_review")
    assert (copy.submitted_by, copy.progression, copy.pose) == (admin, None, POSE)
    ours.refresh_from_db()
    assert (ours.status, ours.progression) == ("draft", harder)


def test_copies_show_what_was_uploaded(bridge, clinic, admin):
    Exercise.objects.filter(pk=bridge.pk).update(pose={})
    bridge.refresh_from_db()
    bridge.texts.update(pictures={"start": "Hip up."})
    uploaded.put(bridge, "start", b"taken off")
    uploaded.put(bridge, "start", b"shown")

    clone = own.clone(bridge, clinic=clinic, by=admin)
    proposed = own.propose(clone, note="", by=admin)

    for made in (clone, proposed):
        assert pictures.shown(Exercise.objects.get(pk=made.pk), "start") == b"shown"
        assert ExercisePicture.with_former.filter(exercise=made).count() == 1
    published(clone, admin)


def test_a_clone_points_to_none_of_another_clinics(keeper, ours, admin):
    elsewhere = make_user(Role.CLINIC_ADMIN).memberships.get().clinic
    harder = own.clone(ours, clinic=ours.clinic, by=admin)
    row_values.write(ours, {"progression": harder.slug, "regression": "bridge"})

    here, there = (own.clone(ours, clinic=clinic, by=admin) for clinic in (ours.clinic, elsewhere))

    assert (here.progression, here.regression.slug) == (harder, "bridge")
    assert (there.progression, there.regression.slug) == (None, "bridge")


def test_a_page_shows_none_of_another_clinics_as_easier_or_harder(keeper, ours, bridge):
    theirs = own.clone(bridge, clinic=make_clinic(), by=make_user())
    Exercise.objects.filter(pk=ours.pk).update(progression=theirs, regression=bridge)

    page = keeper.get(f"/exercises/{ours.slug}/").content.decode()

    assert "/exercises/bridge/" in page
    assert theirs.slug not in page


# Who


def addresses(exercise: Exercise) -> dict[str, str]:
    return {
        "list": "/clinic/exercises/",
        "edit": f"/clinic/exercises/{exercise.slug}/",
        "status": f"/clinic/exercises/{exercise.slug}/status/",
        "propose": f"/clinic/exercises/{exercise.slug}/propose/",
        "clone": f"/clinic/exercises/clone/{exercise.slug}/",
        "new": f"/clinic/exercises/new/{exercise.clinic_id}/",
    }


POSTS = {"status", "propose", "clone"}


def test_signed_out_people_sign_in_first(ours, client):
    for name, address in addresses(ours).items():
        if name in POSTS:
            assert client.post(address).status_code == 401
        else:
            assert client.get(address)["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.TRAINER, Role.ASSISTANT])
def test_is_refused_to_other_roles(ours, clinic, role):
    browser = signed_in(make_user(role, clinic=clinic))

    for name, address in addresses(ours).items():
        response = browser.post(address) if name in POSTS else browser.get(address)
        assert response.status_code == 403
    assert Exercise.objects.count() == 2


def test_what_changes_something_is_never_got(keeper, ours):
    assert [keeper.get(addresses(ours)[name]).status_code for name in sorted(POSTS)] == [405, 405, 405]


def test_another_clinics_admin_finds_nothing(ours):
    other = signed_in(make_user(Role.CLINIC_ADMIN))
    mine = other.get("/clinic/exercises/")

    assert ours.slug not in mine.content.decode()
    for name, address in addresses(ours).items():
        if name == "list":
            continue
        ask = other.post if name in POSTS else other.get
        missing = ask(
            re.sub(rf"{ours.slug}|new/\d+", lambda it: "new/999999" if "new" in it[0] else "no-such", address)
        )
        found = ask(address)
        assert (found.status_code, found.content) == (404, missing.content), name


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_no_shared_draft_is_cloned(keeper, bridge, clinic, status):
    Exercise.objects.filter(pk=bridge.pk).update(status=status)

    assert keeper.post("/clinic/exercises/clone/bridge/", {"clinic": clinic.pk}).status_code == 404


def test_a_clone_is_made_for_ones_own_clinic_alone(keeper, bridge):
    elsewhere = make_clinic()

    for clinic in (str(elsewhere.pk), "", "x", "9" * 40):
        assert keeper.post("/clinic/exercises/clone/bridge/", {"clinic": clinic}).status_code == 404

    assert Exercise.objects.count() == 1


# Elsewhere in the catalog


@pytest.mark.parametrize("ending", ["figure.svg", "motion.svg"])
def test_a_shared_drafts_pictures_are_for_editors_until_it_was_published(bridge, ending):
    reader, address = signed_in(make_user()), f"/exercises/bridge/{ending}"
    Exercise.objects.filter(pk=bridge.pk).update(status="in_review")

    assert (reader.get(address).status_code, signed_in(make_editor()).get(address).status_code) == (404, 200)

    reviewing.publish(bridge, by=make_editor())
    reviewing.retire(bridge, by=make_editor(), why="Mend it.")
    reviewing.reopen(bridge, by=make_editor())

    assert reader.get(address).status_code == 200
    assert reader.get("/exercises/bridge/").status_code == 404


def test_a_shipped_drafts_pictures_stay_in_the_programs_that_have_it(bridge):
    Exercise.objects.filter(pk=bridge.pk).update(status="draft", shipped={"name": "Bridge"})

    assert signed_in(make_user()).get("/exercises/bridge/figure.svg").status_code == 200


def test_a_page_points_to_a_shared_draft_for_editors_alone(bridge):
    harder = make_exercise("Harder bridge", status="draft")
    Exercise.objects.filter(pk=bridge.pk).update(progression=harder)

    pages = [signed_in(user).get("/exercises/bridge/").content.decode() for user in (make_user(), make_editor())]

    assert ["Harder bridge" in page for page in pages] == [False, True]


@pytest.mark.parametrize("ending", ["", "figure.svg", "motion.svg"])
@pytest.mark.parametrize("status", ["draft", "published", "retired"])
def test_another_clinic_gets_the_same_answer_as_for_what_is_missing(ours, admin, ending, status):
    Exercise.objects.filter(pk=ours.pk).update(status=status)
    stranger = signed_in(make_user())

    there, missing = (stranger.get(f"/exercises/{slug}/{ending}") for slug in (ours.slug, "no-such"))

    assert (there.status_code, there.content) == (404, missing.content)
    assert signed_in(admin).get(f"/exercises/{ours.slug}/{ending}").status_code == 200


def test_the_list_and_its_search_hold_ones_own_alone(ours, admin, clinic):
    published(ours, admin)
    row_values.write(ours, {"name": "Secret bridge"})
    colleague, stranger = make_user(clinic=clinic), make_user()

    for query in ("", "?q=bridge", "?phase=strengthen"):
        assert ours.slug in signed_in(colleague).get(f"/exercises/{query}").content.decode()
        assert ours.slug not in signed_in(stranger).get(f"/exercises/{query}").content.decode()


def test_drafts_are_not_in_the_list(ours, clinic):
    assert ours.slug not in signed_in(make_user(clinic=clinic)).get("/exercises/").content.decode()


def test_the_shared_admin_knows_none(ours, bridge):
    root = User.objects.create_superuser("root@clinic.invalid", "x", name="Root")
    browser = signed_in(root)

    listed = browser.get("/admin/exercises/exercise/").content.decode()
    asked = {"app_label": "exercises", "model_name": "exercise", "field_name": "progression", "term": "bridge"}
    offered = browser.get("/admin/autocomplete/", asked).json()["results"]

    assert [f"/exercise/{row.pk}/change/" in listed for row in (bridge, ours)] == [True, False]
    assert [row["id"] for row in offered] == [str(bridge.pk)]
    for what in ("change", "history"):
        assert browser.get(f"/admin/exercises/exercise/{ours.pk}/{what}/").status_code == 302
    form = browser.get(f"/admin/exercises/exercise/{bridge.pk}/change/").context["adminform"].form
    assert ours not in form.fields["progression"].queryset


# In memory


def test_each_clinic_has_a_catalog_of_its_own(ours, admin, clinic, django_assert_num_queries):
    published(ours, admin)
    other = make_clinic()

    mine, theirs = known.current_edition(clinic.pk), known.current_edition(other.pk)

    assert ours.slug in known.index(mine)
    assert ours.slug in known.catalog(mine)
    assert ours.slug not in known.index(theirs)
    assert ours.slug not in known.catalog(theirs)
    assert known.catalog(theirs) is known.catalog()
    with django_assert_num_queries(0):
        known.catalog(mine)
        known.edition_of(theirs.number, other.pk, None)


def test_an_edit_of_a_clinics_own_lets_nobody_read_the_shared_catalog_again(
    ours, bridge, admin, clinic, django_assert_num_queries
):
    shared, mine = known.catalog(), known.catalog(known.current_edition(clinic.pk))

    own.move(ours, "publish", by=admin)

    assert known.catalog() is shared
    assert ours.slug not in mine.exercises
    edition = known.current_edition(clinic.pk)
    with django_assert_num_queries(9):
        assert ours.slug in known.catalog(edition).exercises
    editing.saved(bridge, by=admin)
    assert known.catalog() is not shared


def test_an_upload_is_seen_in_the_clinics_catalog_alone_and_so_is_its_end(ours, admin, clinic):
    known.catalog(known.current_edition(clinic.pk))
    ExercisePicture.objects.create(exercise=ours, frame="start", content=b"1", digest="1")
    editing.saved(ours, by=admin)

    assert known.catalog(known.current_edition(clinic.pk)).uploads == {ours.slug: {"start": "1"}}
    assert known.catalog().uploads == {}
    ExercisePicture.objects.all().delete()
    editing.saved(ours, by=admin)
    assert known.catalog(known.current_edition(clinic.pk)).uploads == {}


def test_a_shared_exercise_never_points_to_a_clinics_own(ours, bridge):
    Exercise.objects.filter(pk=bridge.pk).update(progression=ours)
    known.edited()

    assert known.catalog().exercises["bridge"].progression == ""


def test_catalogs_of_no_more_clinics_than_a_few_are_kept(bridge, admin, monkeypatch):
    monkeypatch.setattr(known, "MOST_CLINICS", 2)
    clinics = [make_clinic() for _ in range(4)]
    for clinic in clinics:
        own.clone(bridge, clinic=clinic, by=admin)

    for clinic in clinics:
        known.catalog(known.current_edition(clinic.pk))

    assert [key.clinic for key in known._read] == [None, clinics[2].pk, clinics[3].pk]
