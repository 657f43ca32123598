"""Copying from another patient: who is found, what comes over, what stays out, and what the log keeps."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditEntry
from exercises import known
from exercises.models import Equipment, Exercise
from patients.models import Patient
from programs import builder, copying
from programs.models import Item, Program
from tests.conftest import logged_since, make_assessment, make_clinic, make_exercise, make_patient, make_user, signed_in
from tests.patients.pages import search
from tests.programs.samples import items_of, make_program, names_of
from tests.reading import shown

pytestmark = pytest.mark.django_db

# One more for each patient that is named: the log's entry.
PAGE_QUERIES = 11


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def by(clinic):
    return make_user("therapist", clinic=clinic)


@pytest.fixture
def client(by):
    return signed_in(by)


@pytest.fixture
def luis(clinic, by):
    """The patient copied into, with one exercise; pain on the right, symptoms that last."""
    patient = make_patient("Luis Ortega", clinic=clinic)
    make_assessment(patient, by=by, affected_side="right", irritability="high")
    return make_program("Bridge", by=by, patient=patient)


@pytest.fixture
def maria(clinic, by):
    """The patient copied from: a stretch on the left, a bridge, and a leap that is too hard for Luis."""
    make_exercise("Figure 4", "release", laterality="affected_side")
    make_exercise("Leap", level=3)
    return make_program("Figure 4", "Bridge", "Leap", by=by, patient=make_patient("Maria Rivera", clinic=clinic))


def address(program: Program) -> str:
    return reverse("program_copy", args=[program.pk])


def look(client, program, text="maria"):
    return search(client, address(program), text)


def send(client, theirs, target, at="", **sent):
    """Press a button of the page: add, unless told to replace."""
    target.refresh_from_db()
    form = {
        "source": theirs.pk,
        "stage": theirs.stage_slug,
        "version": target.version,
        "mode": "append",
    }
    return client.post(at or address(target), form | sent)


def panel_of(response, name: str) -> str:
    """Return what stands under a patient's name."""
    return shown(response).partition(f" {name} ")[2]


def test_names_nobody_before_a_search(client, luis, maria):
    text = shown(client.get(address(luis)))

    assert "Search for the patient whose exercises you want." in text
    assert "Maria" not in text


def test_finds_another_patient_with_driver_stage_count_and_date(client, luis, maria):
    changed = timezone.localdate(maria.changed_at)

    text = shown(look(client, luis))

    words = f"Weeks 0–2 , 3 exercises, active stage edited {changed.day} {changed:%B %Y}"
    assert f"Maria Rivera Suspected driver: Piriformis {words}" in text


@pytest.mark.parametrize("text", ["RIVERA", " maria  riv ", "555-01", "m@patients"])
def test_finds_by_name_phone_and_mail(client, luis, maria, text):
    Patient.objects.filter(pk=maria.patient_id).update(phone="555-0199", email="m@patients.invalid")

    assert "Maria Rivera" in shown(look(client, luis, text))


def test_does_not_find_the_same_patient(client, luis):
    assert "No other patient with a program matches “luis”." in shown(look(client, luis, "luis"))


def test_does_not_find_a_patient_without_exercises(clinic, by, client, luis):
    make_patient("Maria Without", clinic=clinic)
    make_program(by=by, patient=make_patient("Maria Empty", clinic=clinic))

    assert "No other patient with a program matches “maria”." in shown(look(client, luis))


def test_finds_nobody_of_another_clinic(client, luis):
    there = make_user("therapist")
    make_program("Clam", by=there, patient=make_patient("Maria There", clinic=there.memberships.get().clinic))

    assert "No other patient with a program matches “maria”." in shown(look(client, luis))


def test_finds_nobody_of_a_clinic_where_the_clinician_is_an_assistant(by, client, luis):
    there = make_user("therapist")
    elsewhere = there.memberships.get().clinic
    make_program("Clam", by=there, patient=make_patient("Maria There", clinic=elsewhere))
    by.memberships.create(clinic=elsewhere, role="assistant")

    assert "Maria There" not in shown(look(client, luis))


@pytest.mark.parametrize("text", ["", "nul\0byte", "x" * 500, "%", "a b c d"])
def test_answers_any_search(client, luis, text):
    assert look(client, luis, text).status_code == 200


def test_shows_twenty_patients_and_says_that_there_are_more(clinic, by, client, luis):
    for number in range(21):
        make_program("Bridge", by=by, patient=make_patient(f"Maria {number:02}", clinic=clinic))

    response = look(client, luis)

    assert re.findall(r"Maria \d\d", shown(response)) == [f"Maria {number:02}" for number in range(20)]
    assert "Only the first 20 are shown." in shown(response)


def test_lists_every_program_and_every_stage_that_holds_exercises(by, client, luis, maria):
    other = make_program("Clam", by=by, patient=maria.patient)
    later = other.stages.get(slug="w4_8")
    Item.objects.create(stage=later, exercise=Exercise.objects.get(name="Leap"), position=1, phase="strengthen", reps=5)

    text = shown(look(client, luis))

    places = [text.index(words) for words in ("Weeks 0–2 , 1 exercise,", "Weeks 4–8 , 1 exercise", "Weeks 0–2 , 3 ")]
    assert places == sorted(places)
    assert "Weeks 2–4 ," not in text


@pytest.mark.parametrize("count", [1, 3])
def test_reads_the_page_in_a_fixed_number_of_queries(clinic, by, client, luis, count):
    for number in range(count):
        names = [f"Lift {each}" for each in range(3 * count)]
        patient = make_patient(f"Maria {number}", clinic=clinic)
        make_program(*names, by=by, patient=patient)
        make_program(*names, by=by, patient=patient)
    known.forget()
    found = look(client, luis).redirect_chain[-1][0]

    with CaptureQueriesContext(connection) as queries:
        text = shown(client.get(found))

    assert text.count("active stage") == 2 * count
    assert len(queries) == PAGE_QUERIES + count, "\n".join(query["sql"][:200] for query in queries)


def test_shows_dose_and_this_patients_side_before_anything_is_copied(client, luis, maria):
    Item.objects.filter(exercise__name="Figure 4").update(sets=2, reps=3, hold_s=30, side="left", note="Private words.")

    text = panel_of(look(client, luis), "Maria Rivera")

    assert "Release Figure 4 Hold 30 seconds · 3 times · 2 sets" in text
    assert "right side" in text
    assert "left side" not in text
    assert "Private words" not in text


def test_marks_what_does_not_suit_with_the_reason(client, luis, maria):
    text = panel_of(look(client, luis), "Maria Rivera")

    reason = "Too much yet. It is a late-stage exercise, and this patient's symptoms still last for hours."
    assert "1 not suitable here" in text
    assert f"Doesn't suit {reason}" in text
    assert text.count("Doesn't suit") == 1
    assert "Take over also what doesn't suit" in text


def test_names_the_equipment_that_is_missing(client, luis, maria):
    Equipment.objects.create(slug="ball", name="Ball")
    Exercise.objects.filter(name="Figure 4").update(equipment=[["ball"]])
    known.forget()

    assert "Missing equipment. Not at hand: ball." in shown(look(client, luis))


def test_offers_no_box_when_all_suits(by, client, luis, maria):
    luis.patient.assessments.update(irritability="low")

    text = shown(look(client, luis))

    assert "Doesn't suit" not in text
    assert "Take over also" not in text


def test_marks_what_is_retired_and_what_is_there_already(client, luis, maria):
    Exercise.objects.filter(name="Figure 4").update(status="retired")
    known.forget()

    text = panel_of(look(client, luis), "Maria Rivera")

    assert "Stays out It is not in use any more." in text
    assert re.search(r"Bridge [^A-Z]* In the program already", text)


def test_offers_no_button_when_all_is_retired(client, luis, maria):
    Exercise.objects.filter(name__in=["Figure 4", "Bridge", "Leap"]).update(status="retired")
    known.forget()

    response = look(client, luis)

    assert "None of this can be used any more, so nothing of it can come over." in shown(response)
    assert 'name="mode"' not in response.content.decode()


def test_offers_one_button_for_an_empty_stage(client, luis, maria):
    Item.objects.filter(stage__program=luis).delete()

    text = shown(look(client, luis))

    assert "Weeks 0–2 now 0 exercises Nothing yet." in text
    assert "Copy into weeks 0–2" in text
    assert "Replace weeks 0–2" not in text


def test_adds_what_suits_after_what_is_there_within_each_phase(client, luis, maria):
    make_exercise("Squat")
    extra = Exercise.objects.get(name="Squat")
    stage = maria.stages.get(slug=maria.stage_slug)
    Item.objects.create(stage=stage, exercise=extra, position=9, phase="strengthen", reps=8)

    response = send(client, maria, luis)

    assert response["Location"] == luis.get_absolute_url()
    assert names_of(luis) == ["Figure 4", "Bridge", "Squat"]
    assert [item.position for item in items_of(luis)] == [1, 2, 3]


def test_keeps_what_is_there_as_it_is_when_it_adds(client, luis, maria):
    Item.objects.filter(stage__program=luis).update(sets=3, reps=7, note="For Luis.", phase="integrate")
    Item.objects.filter(stage__program=maria, exercise__name="Bridge").update(sets=1, reps=99)

    send(client, maria, luis)

    bridge = next(item for item in items_of(luis) if item.exercise.name == "Bridge")
    assert (bridge.sets, bridge.reps, bridge.note, bridge.phase) == (3, 7, "For Luis.", "integrate")
    assert names_of(luis).count("Bridge") == 1


def test_replaces_what_is_there(client, luis, maria):
    Item.objects.filter(stage__program=maria, exercise__name="Bridge").delete()

    send(client, maria, luis, mode="replace")

    assert names_of(luis) == ["Figure 4"]


@pytest.mark.parametrize("mode", ["", "delete", "nul\0byte"])
def test_destroys_nothing_for_a_mode_that_is_not_known(client, luis, maria, mode):
    send(client, maria, luis, mode=mode)

    assert names_of(luis) == ["Figure 4", "Bridge"]


def test_brings_phase_and_dose_but_no_note(client, luis, maria):
    dose = {
        "sets": 2,
        "reps": 3,
        "hold_s": 30,
        "tempo_s": 4,
        "rest_s": 60,
        "times_per_day": 2,
        "days_per_week": 5,
    }
    given = {"phase": "calm", "note": "Private words."}
    Item.objects.filter(stage__program=maria, exercise__name="Figure 4").update(**dose, **given)

    send(client, maria, luis)

    item = items_of(luis)[0]
    assert {name: getattr(item, name) for name in dose} == dose
    assert (item.exercise.name, item.phase, item.note) == ("Figure 4", "calm", "")


@pytest.mark.parametrize(
    ("laterality", "theirs", "affected", "side"),
    [
        ("affected_side", "left", "right", "right"),
        ("affected_side", "each", "right", "right"),
        ("affected_side", "left", "both", "each"),
        ("affected_side", "left", "alternating", "each"),
        ("each_side", "each", "right", "each"),
        ("each_side", "left", "right", "each"),
        ("bilateral", "", "right", ""),
    ],
)
def test_gives_each_exercise_the_side_of_this_patient(client, luis, maria, laterality, theirs, affected, side):
    Exercise.objects.filter(name="Figure 4").update(laterality=laterality)
    Item.objects.filter(stage__program=maria, exercise__name="Figure 4").update(side=theirs)
    luis.patient.assessments.update(affected_side=affected)
    known.forget()

    send(client, maria, luis)

    assert (items_of(luis)[0].exercise.name, items_of(luis)[0].side) == ("Figure 4", side)


def test_leaves_out_what_does_not_suit_and_says_so(client, luis, maria):
    send(client, maria, luis)

    assert "Leap" not in names_of(luis)
    assert "1 exercise came over. Left out: Leap." in shown(client.get(address(luis)))


def test_takes_over_what_does_not_suit_when_the_box_is_ticked(client, luis, maria):
    send(client, maria, luis, unsuitable="1")

    assert "Leap" in names_of(luis)
    assert "2 exercises came over." in shown(client.get(address(luis)))


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_never_takes_over_what_is_retired(client, luis, maria, mode):
    Exercise.objects.filter(name="Leap").update(status="retired")
    known.forget()

    send(client, maria, luis, mode=mode, unsuitable="1")

    assert "Leap" not in names_of(luis)


def test_keeps_a_retired_exercise_that_this_program_has_already(client, luis, maria):
    Exercise.objects.filter(name="Bridge").update(status="retired")
    known.forget()

    send(client, maria, luis)

    assert names_of(luis) == ["Figure 4", "Bridge"]


def test_takes_the_stage_that_was_chosen_into_the_active_one(by, client, luis, maria):
    later = maria.stages.get(slug="w4_8")
    Item.objects.create(stage=later, exercise=make_exercise("Squat"), position=1, phase="strengthen", reps=5)
    Program.objects.filter(pk=luis.pk).update(stage_slug="w2_4")

    send(client, maria, luis, stage="w4_8")

    luis.refresh_from_db()
    assert luis.stage_slug == "w2_4"
    assert names_of(luis) == ["Squat"]
    assert [item.exercise.name for item in Item.objects.filter(stage__program=luis, stage__slug="w0_2")] == ["Bridge"]


def test_leaves_the_other_program_as_it_was(client, luis, maria):
    before = list(Item.objects.filter(stage__program=maria).values()), maria.version

    send(client, maria, luis, mode="replace", unsuitable="1")

    maria.refresh_from_db()
    assert (list(Item.objects.filter(stage__program=maria).values()), maria.version) == before


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Bridge"], "All of that is in the program already."),
        (["Leap"], "None of that suits this patient, so nothing was changed."),
        (["Old"], "None of that is in use any more."),
        ([], "Those weeks hold no exercises any more."),
    ],
)
def test_changes_nothing_when_nothing_would_come_over(by, client, luis, maria, names, said):
    make_exercise("Old")
    source = make_program(*names, by=by, patient=maria.patient)
    Exercise.objects.filter(name="Old").update(status="retired")
    known.forget()
    version = Program.objects.get(pk=luis.pk).version

    found = look(client, luis).redirect_chain[-1][0]
    response = send(client, source, luis, at=found)

    assert response["Location"] == found
    page = shown(client.get(response["Location"]))
    assert said in page
    assert "Maria Rivera" in page or not names
    assert names_of(luis) == ["Bridge"]
    assert Program.objects.get(pk=luis.pk).version == version


def test_does_not_empty_a_stage_by_replacing_it_with_nothing(by, client, luis, maria):
    source = make_program("Leap", by=by, patient=maria.patient)

    send(client, source, luis, mode="replace")

    assert names_of(luis) == ["Bridge"]


def test_writes_nothing_over_what_somebody_changed_meanwhile(client, luis, maria):
    seen = Program.objects.get(pk=luis.pk).version
    Program.objects.filter(pk=luis.pk).update(version=seen + 1)
    Item.objects.filter(stage__program=luis).update(exercise=make_exercise("Clam"))

    found = look(client, luis)
    at = re.search(r'<form class="mt-3" method="post" action="([^"]+)"', found.content.decode())[1]
    response = send(client, maria, luis, at=at, mode="replace", unsuitable="1", version=seen)

    text = shown(response)
    assert response.status_code == 409
    assert names_of(luis) == ["Clam"]
    assert "The program changed while you were choosing. Nothing is written yet." in text
    assert "Weeks 0–2 now 1 exercise Clam" in text
    assert "checked" in response.content.decode()


def test_takes_over_when_the_button_is_pressed_again(client, luis, maria):
    seen = Program.objects.get(pk=luis.pk).version
    Program.objects.filter(pk=luis.pk).update(version=seen + 1)
    found = look(client, luis).redirect_chain[-1][0]
    page = send(client, maria, luis, at=found, version=seen).content.decode()

    again = re.search(r'name="version" value="(\d+)"', page)[1]
    response = send(client, maria, luis, version=again)

    assert response["Location"] == luis.get_absolute_url()
    assert names_of(luis) == ["Figure 4", "Bridge"]


@pytest.mark.parametrize("version", ["", "soon", "0", "9" * 30])
def test_takes_no_version_that_was_never_shown(client, luis, maria, version):
    assert send(client, maria, luis, version=version).status_code == 409
    assert names_of(luis) == ["Bridge"]


def test_raises_before_it_writes_when_the_program_moved_on(by, luis, maria):
    logged = AuditEntry.objects.count()
    given = {"append": False, "unsuitable": True, "at": timezone.now(), "by": by}

    with pytest.raises(builder.EditedMeanwhile):
        copying.copy(maria.stages.get(slug="w0_2"), luis, seen_version=luis.version + 7, **given)

    assert names_of(luis) == ["Bridge"]
    assert AuditEntry.objects.count() == logged


def test_sends_signed_out_people_to_sign_in(luis):
    assert Client().get(address(luis))["Location"] == f"/accounts/login/?next={address(luis)}"


@pytest.mark.parametrize("role", ["assistant", "clinic_admin"])
def test_refuses_those_who_may_see_nothing_clinical(clinic, luis, maria, role):
    client = signed_in(make_user(role, clinic=clinic))

    assert look(client, luis).status_code == 403
    assert send(client, maria, luis).status_code == 403
    assert names_of(luis) == ["Bridge"]


def test_lets_a_trainer_copy(clinic, luis, maria):
    send(signed_in(make_user("trainer", clinic=clinic)), maria, luis)

    assert names_of(luis) == ["Figure 4", "Bridge"]


def test_answers_for_another_clinics_program_as_for_none(luis, maria):
    there = signed_in(make_user("therapist"))
    none = reverse("program_copy", args=[987_654])

    for method in ("get", "post"):
        foreign, missing = getattr(there, method)(address(luis)), getattr(there, method)(none)
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content


def test_answers_for_another_clinics_source_as_for_none(client, luis):
    there = make_user("therapist")
    foreign = make_program("Clam", by=there)
    logged = AuditEntry.objects.count()

    response, missing = send(client, foreign, luis), send(client, foreign, luis, source=987_654)

    assert response.status_code == missing.status_code == 404
    assert response.content == missing.content
    assert names_of(luis) == ["Bridge"]
    assert logged_since(logged) == ["refuse access", "refuse access"]


@pytest.mark.parametrize(
    "wrong", [{"source": ""}, {"source": "x"}, {"stage": ""}, {"stage": "w9"}, {"stage": "nul\0byte"}]
)
def test_takes_over_nothing_that_is_not_there(client, luis, maria, wrong):
    assert send(client, maria, luis, **wrong).status_code == 404
    assert names_of(luis) == ["Bridge"]


def test_takes_over_nothing_of_the_same_patient(by, client, luis):
    other = make_program("Clam", by=by, patient=luis.patient)

    assert send(client, other, luis).status_code == 404


def test_logs_a_look_with_both_patients(client, by, luis, maria):
    logged = AuditEntry.objects.count()

    look(client, luis)

    theirs, ours = AuditEntry.objects.all()[:2]
    assert AuditEntry.objects.count() == logged + 2
    assert (ours.action, ours.by, ours.patient_id) == ("view copy page", by, luis.patient_id)
    assert (theirs.action, theirs.by, theirs.patient_id) == ("view program for copying", by, maria.patient_id)
    assert theirs.detail == {"programs": [maria.pk]}


def test_logs_a_copy_with_both_patients(client, by, luis, maria):
    send(client, maria, luis)

    entries = {entry.action: entry for entry in AuditEntry.objects.all()[:2]}
    ours, theirs = entries["copy program"], entries["view program for copying"]
    assert (ours.by, ours.patient_id, ours.subject) == (by, luis.patient_id, f"program:{luis.pk}")
    assert (theirs.by, theirs.patient_id, theirs.subject) == (by, maria.patient_id, f"program:{maria.pk}")
    assert ours.detail == {"source": maria.pk, "stage": "w0_2", "append": True, "unsuitable": False, "items": 1}


def test_has_its_headings_in_order_and_names_what_a_button_is_for(client, luis, maria):
    page = look(client, luis).content.decode()

    stage = maria.stages.get(slug="w0_2")
    assert [int(level) for level in re.findall(r"<h([1-6])", page)] == [1, 2, 2]
    assert page.count(f'aria-describedby="source-{stage.pk}"') == 2
    assert f'<summary id="source-{stage.pk}">' in page
