"""How a program differs from the handout that the patient has: nothing on the sheet changes unnoticed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics import records
from clinics.pdf import Pdf
from exercises.models import ExerciseText
from patients.models import Patient
from programs import bench, changing, drafting, handout_options, issuing
from programs.changing import Changed
from programs.handout_options import Options
from programs.models import Issue
from tests.conftest import make_assessment, make_exercise, make_user, signed_in
from tests.programs.clinical import make_ready, screen
from tests.programs.handout_samples import in_schema_1
from tests.programs.samples import act, items_of, make_issue, make_program
from tests.reading import shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def drawn(monkeypatch):
    """Issues are made without drawing their PDF, which is not what this is about."""
    monkeypatch.setattr("programs.handout.render_pdf", lambda *_, **__: Pdf(b"%PDF-1.7 sample", "", 1))


@pytest.fixture
def program(by, drawn):
    made = make_ready(by=by)
    issue(made, by)
    return made


def issue(program, by):
    number = drafting.next_number(program)
    return issuing.issue(program, number=number, seen_version=program.version, reasons={}, by=by)


def difference(program, by):
    program.refresh_from_db()
    return changing.since_issue(bench.read(program.pk, by=by))


def told(program, by):
    """Return what differs, by the names of the fields; what is the same is left out."""
    found = difference(program, by)
    names = ("added", "removed", "changed", "reordered", "next_visit", "elsewhere")
    return {name: value for name in names if (value := getattr(found, name))}


def key(program, name):
    return next(item.pk for item in items_of(program) if item.exercise.name == name)


def test_says_nothing_before_anything_was_issued(by):
    assert difference(make_program("Bridge", by=by), by) is None


def test_says_that_nothing_changed(program, by):
    found = difference(program, by)

    assert found.nothing
    assert told(program, by) == {}
    assert found.issue.number == 1


def test_an_unchanged_program_does_not_differ_from_an_issue_of_the_first_schema(program, by):
    made = Issue.objects.get()
    Issue.objects.filter(pk=made.pk).update(snapshot=in_schema_1(made.snapshot))

    assert told(program, by) == {}


def test_another_look_and_another_logo_change_nothing_of_what_the_patient_does(program, by):
    handout_options.remember(Options("cards", "Letter", 4), by=by)
    records.keep_logo(program.patient.clinic, b"\x89PNG")
    type(program.patient.clinic).objects.update(colour="#0b5f66")

    assert told(program, by) == {}


def added(program, by):
    make_exercise("Plank")
    act(program, "add:plank", by=by)


def added_once_more(program, by):
    act(program, f"duplicate:{key(program, 'Clam')}", by=by)


def removed(program, by):
    act(program, f"remove:{key(program, 'Clam')}", by=by)


def replaced(program, by):
    make_exercise("Plank")
    act(program, f"swap:{key(program, 'Clam')}:plank", by=by)


def dosed(program, by):
    act(program, "dose", by=by, **{f"reps-{key(program, 'Clam')}": 8, f"tempo_s-{key(program, 'Clam')}": 3})


def noted(program, by):
    act(program, "dose", by=by, **{f"note-{key(program, 'Clam')}": "Slowly."})


def moved(program, by):
    act(program, f"up:{key(program, 'Squat')}", by=by)


def placed(program, by):
    act(program, f"place:{key(program, 'Squat')}", by=by, phase="integrate")


def planned(program, by):
    act(program, "next-visit", by=by, next_visit="Monday 9:00")


def reworded(program, by):
    ExerciseText.objects.filter(exercise__name="Clam").update(feel="In the side of your hip.")


EDITS = {
    added: {"added": ("Plank",)},
    added_once_more: {"added": ("Clam",)},
    removed: {"removed": ("Clam",)},
    replaced: {"added": ("Plank",), "removed": ("Clam",)},
    dosed: {
        "changed": (Changed("Clam", "10 times, once a day", "8 times, 3 seconds each way, once a day"),),
    },
    noted: {"changed": (Changed("Clam", "10 times, once a day", "10 times, once a day “Slowly.”"),)},
    moved: {"reordered": True},
    placed: {
        "changed": (Changed("Squat", "10 times, once a day, in Strengthen", "10 times, once a day, in Integrate"),),
    },
    planned: {"next_visit": ("", "Monday 9:00")},
    reworded: {"elsewhere": True},
}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.replace("_", " "))
def test_says_what_changed_on_the_sheet(program, by, edit):
    edit(program, by)

    assert told(program, by) == EDITS[edit]
    assert not difference(program, by).nothing


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit is not reworded], ids=lambda edit: edit.__name__)
def test_says_nothing_any_more_once_it_was_undone(program, by, edit):
    edit(program, by)

    act(program, "undo", by=by)

    assert difference(program, by).nothing


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.replace("_", " "))
def test_says_nothing_any_more_once_it_was_issued(program, by, edit):
    edit(program, by)
    if edit is placed:
        reasons = {f"phase_order:{key(program, 'Squat')}:Squat comes too late": "Agreed with the patient."}
        issuing.issue(program, number=2, seen_version=program.version, reasons=reasons, by=by)
    else:
        issue(program, by)

    found = difference(program, by)

    assert found.nothing
    assert found.issue.number == 2


def test_tells_two_of_one_exercise_apart_by_their_turn(by, drawn):
    program = make_ready(by=by)
    act(program, f"duplicate:{key(program, 'Clam')}", by=by)
    issue(program, by)
    second = [item.pk for item in items_of(program) if item.exercise.name == "Clam"][1]

    act(program, "dose", by=by, **{f"reps-{second}": 5})
    assert told(program, by) == {"changed": (Changed("Clam", "10 times, once a day", "5 times, once a day"),)}
    act(program, f"remove:{second}", by=by)

    assert told(program, by) == {"removed": ("Clam",)}


def test_a_colleague_s_name_is_no_change(program, by):
    act(program, "dose", by=by, **{f"note-{key(program, 'Clam')}": "Slowly."})
    issue(program, by)
    colleague = make_user(clinic=program.patient.clinic, name="Ada Moore")

    assert difference(program, colleague).nothing


def test_a_new_patient_s_name_or_finding_is_one(program, by):
    Patient.objects.filter(pk=program.patient_id).update(name="Maria Lopez")
    assert told(program, by) == {"elsewhere": True}

    issue(program, by)
    make_assessment(program.patient, by=by, affected_side="right")

    assert told(program, by) == {"elsewhere": True}


def test_compares_another_stage_with_what_the_patient_has(program, by):
    act(program, "stage:w2_4", by=by)

    found = difference(program, by)

    assert set(found.removed) == {"Lying rest", "Bridge", "Clam", "Squat"}
    assert found.issue.stage_slug == "w0_2"


def test_compares_with_the_latest_issue(program, by):
    added(program, by)
    issue(program, by)
    removed(program, by)

    assert told(program, by) == {"removed": ("Clam",)}


def test_compares_with_a_sheet_of_which_nothing_is_known(by):
    program = make_program("Bridge", by=by)
    make_issue(program, by=by)

    found = difference(program, by)

    assert (found.added, found.removed, found.next_visit) == (("Bridge",), (), None)


def test_asks_as_many_questions_of_the_database_whatever_the_length(by, drawn):
    counts = []
    for names in (("Bridge",), tuple(f"Lift {number}" for number in range(20))):
        patient = make_program(by=by).patient
        program = make_program("Lying rest", *names, by=by, patient=patient) if counts else make_ready(*names, by=by)
        make_issue(program, by=by)
        there = bench.read(program.pk, by=by)
        with CaptureQueriesContext(connection) as queries:
            changing.since_issue(there)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def changes_of(program, by):
    page = signed_in(by).get(reverse("program_changes", args=[program.pk]))
    assert page.status_code == 200
    return shown(page)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (added, "New Plank"),
        (removed, "Gone Clam"),
        (dosed, "Changed Clam was 10 times, once a day now 8 times"),
        (moved, "Order The exercises come in another order."),
        (planned, "Visit now Monday 9:00"),
        (reworded, "Words The exercises and their doses are the same"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_page_says_it(program, by, edit, words):
    edit(program, by)

    text = changes_of(program, by)

    assert words in text
    assert "up to date" not in text


def test_the_page_says_that_the_sheet_is_up_to_date_only_when_it_is(program, by):
    assert "Nothing changed: the patient's sheet is up to date." in changes_of(program, by)

    act(program, "next-visit", by=by, next_visit="Monday")
    issue(program, by)
    act(program, "next-visit", by=by, next_visit="")

    assert "Visit was Monday now none" in changes_of(program, by)


def test_the_page_says_that_nothing_was_issued(by):
    program = make_program("Bridge", by=by)
    screen(program.patient, by=by)

    assert "Not issued yet" in changes_of(program, by)
