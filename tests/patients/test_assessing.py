"""Assessments: each save is a new row on top of the one it started from."""

import datetime

import pytest
from django.http import QueryDict
from django.utils import timezone

from clinics.models import AuditEntry
from exercises.models import Equipment, Muscle, Precaution
from patients import assessing
from patients.assessing import Finding
from patients.forms import AssessmentForm, findings_in
from patients.models import Assessment
from tests.conftest import make_assessment, make_driver, make_muscle, make_patient, make_user
from tests.patients.samples import MONDAY, add_usual, make_finding

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
WEEK = datetime.timedelta(weeks=1)
TIGHT = Finding("piriformis", "tight", "left")


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def patient(by):
    return make_patient(clinic=by.memberships.get().clinic)


def make_precaution(slug="osteoporosis", **fields):
    return Precaution.objects.create(slug=slug, name=slug.capitalize(), **fields)


def make_equipment(slug="band", **fields):
    return Equipment.objects.create(slug=slug, name=slug.capitalize(), **fields)


def values(**changes):
    return {
        "affected_side": "left",
        "driver": make_driver(),
        "irritability": "low",
        "directional_preference": "not_tested",
        "neurological_deficit": False,
        "precautions": [],
        "due_date": None,
        "equipment": [],
        "note": "",
        **changes,
    }


def save(patient, *, by, findings=(), based_on=None, at=MONDAY, **changes):
    return assessing.save(patient, values(**changes), findings=findings, based_on=based_on, at=at, by=by)


@pytest.mark.parametrize(
    ("affected", "side"),
    [("left", "left"), ("right", "right"), ("both", "both"), ("alternating", "both"), ("", "both")],
)
def test_takes_usual_muscles_on_the_affected_side_and_the_trunk_on_both(affected, side):
    driver = add_usual(tight=["piriformis", "erector_spinae"], weak=["gluteus_medius", "multifidus"])

    usual = assessing.usual_findings(driver, affected)

    assert usual == [
        Finding("erector_spinae", "tight", "both"),
        Finding("piriformis", "tight", side),
        Finding("gluteus_medius", "weak", side),
        Finding("multifidus", "weak", "both"),
    ]


def test_leaves_out_what_is_only_sometimes_so():
    driver = add_usual(sometimes_tight=["hamstrings"], sometimes_weak=["soleus"])

    assert assessing.usual_findings(driver, "left") == []


@pytest.mark.usefixtures("loaded_catalog")
def test_names_the_trunk_as_the_catalog_does():
    assert set(Muscle.objects.values_list("slug", flat=True)) >= assessing.TRUNK


def test_writes_what_was_found(patient, by):
    make_muscle("piriformis")
    precaution, band = make_precaution(), make_equipment()

    saved = save(patient, by=by, findings=[TIGHT], precautions=[precaution], equipment=[band], note="Sits a lot.")

    found = saved.muscle_findings.get()
    assert (found.muscle.slug, found.finding, found.side) == ("piriformis", "tight", "left")
    assert list(saved.precautions.all()) == [precaution]
    assert list(saved.equipment.all()) == [band]
    assert (saved.by, saved.at, saved.note) == (by, MONDAY, "Sits a lot.")


def test_writes_answers_and_leaves_out_what_the_catalog_does_not_know(patient, by):
    make_finding("slump_test")
    make_finding("age_over_70")
    make_finding("worse_sitting")

    answers = {"slump_test": True, "age_over_70": False, "no_such": True}
    assessing.save(patient, values(), findings=[], answers=answers, based_on=None, at=MONDAY, by=by)

    saved = assessing.latest_of(patient)
    assert {row.finding.slug: row.present for row in saved.answers.all()} == {"slump_test": True, "age_over_70": False}


def test_keeps_several_drivers_with_one_that_leads(patient, by):
    lead, other = make_driver(), make_driver("disc")

    saved = save(patient, by=by, driver=lead, other_drivers=[lead, other])

    assert (saved.driver, list(saved.other_drivers.all())) == (lead, [other])


def test_makes_a_new_row_and_leaves_the_old_one_as_it_was(patient, by):
    make_muscle("piriformis")
    first = save(patient, by=by, findings=[TIGHT], note="First.", precautions=[make_precaution()])

    second = save(patient, by=by, at=MONDAY + DAY, based_on=first.pk, affected_side="right", note="Second.")

    first.refresh_from_db()
    assert second.pk != first.pk
    assert (first.affected_side, first.note, first.at) == ("left", "First.", MONDAY)
    assert first.muscle_findings.count() == 1
    assert first.precautions.count() == 1
    assert assessing.latest_of(patient) == second


@pytest.mark.parametrize("seen", ["nothing", "the one before", "another patient's"])
def test_a_second_clinician_never_buries_the_first(seen, patient, by):
    first = save(patient, by=by)
    save(patient, by=by, at=MONDAY + DAY, based_on=first.pk)
    other = make_assessment(make_patient(clinic=patient.clinic), by=by)
    based_on = {"nothing": None, "the one before": first.pk, "another patient's": other.pk}[seen]
    rows, logged = Assessment.objects.count(), AuditEntry.objects.count()

    with pytest.raises(assessing.EditedMeanwhile):
        save(patient, by=by, at=MONDAY + 2 * DAY, based_on=based_on)

    assert (Assessment.objects.count(), AuditEntry.objects.count()) == (rows, logged)


def test_refuses_a_base_that_never_was(patient, by):
    with pytest.raises(assessing.EditedMeanwhile):
        save(patient, by=by, based_on=1)


def test_logs_the_save_once_without_what_was_found(patient, by):
    saved = save(patient, by=by, note="Private words.")

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.by) == ("save assessment", f"assessment:{saved.pk}", by)
    assert (entry.patient_id, entry.clinic_id, entry.detail) == (patient.pk, patient.clinic_id, {})


@pytest.mark.parametrize("count", [1, 6])
def test_reads_the_latest_with_all_that_pages_show_in_six_queries(count, patient, by, django_assert_num_queries):
    muscles = [f"muscle_{number}" for number in range(count)]
    for number in range(count):
        assessment = make_assessment(patient, by=by, at=MONDAY + number * DAY, tight=muscles)
        assessment.precautions.set([make_precaution(f"p{number}")])
        assessment.other_drivers.set([make_driver("disc")])
        assessment.answers.create(finding=make_finding(f"finding_{number}"), present=True)

    # the row with driver and person; precautions, equipment, other drivers, marked muscles, answered findings
    with django_assert_num_queries(6):
        latest = assessing.latest_of(patient)
        shown = [row.muscle.name for row in latest.muscle_findings.all()]
        shown += [latest.driver.name, latest.by.name, *latest.precautions.all(), *latest.equipment.all()]
        shown += [*latest.other_drivers.all(), *(row.finding.name for row in latest.answers.all())]

    assert len(shown) == count + 5
    assert latest.at == MONDAY + (count - 1) * DAY


def test_has_no_latest_before_the_first(patient):
    assert assessing.latest_of(patient) is None


def test_knows_what_most_homes_have():
    make_equipment("band")
    chair = make_equipment("chair", household=True)

    assert assessing.household() == [chair]


@pytest.fixture
def pregnancy():
    return make_precaution("pregnancy", needs_due_date=True)


def sent(*precautions, **changes):
    """Return a posted assessment that is valid but for `changes`."""
    data = QueryDict(mutable=True)
    data.update(
        {
            "affected_side": "left",
            "driver": make_driver().slug,
            "irritability": "low",
            "directional_preference": "not_tested",
            **changes,
        }
    )
    data.setlist("precautions", [row.slug for row in precautions])
    return data


def test_needs_the_due_date_in_pregnancy(pregnancy):
    form = AssessmentForm(sent(pregnancy))

    assert form.errors == {
        "due_date": ["Pregnancy needs the due date, so that positions can be checked by week."],
    }


@pytest.mark.parametrize(
    ("away", "valid"),
    [
        (-2 * WEEK - DAY, False),
        (-2 * WEEK, True),
        (0 * DAY, True),
        (42 * WEEK, True),
        (42 * WEEK + DAY, False),
    ],
)
def test_takes_a_due_date_within_reach_only(away, valid, pregnancy):
    due = timezone.localdate() + away

    form = AssessmentForm(sent(pregnancy, make_precaution(), due_date=due.isoformat()))

    assert form.is_valid() is valid
    if valid:
        assert form.values()["due_date"] == due
    else:
        assert form.errors == {"due_date": ["The due date must lie within the next 42 weeks, or the last two."]}


def test_says_one_thing_about_a_due_date_that_is_no_date(pregnancy):
    form = AssessmentForm(sent(pregnancy, due_date="31 June"))

    assert form.errors == {"due_date": ["Enter a valid date."]}


def test_drops_the_due_date_when_nobody_is_pregnant():
    form = AssessmentForm(sent(make_precaution(), due_date="1999-01-01"))

    assert form.is_valid()
    assert form.values()["due_date"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("affected_side", ""),
        ("affected_side", "up"),
        ("driver", ""),
        ("driver", "no_such"),
        ("driver", "nul\0"),
        ("irritability", "very"),
        ("directional_preference", "sideways"),
        ("precautions", "no_such"),
        ("precautions", "nul\0"),
        ("equipment", "no_such"),
        ("note", "a" * 2001),
        ("based_on", "latest"),
    ],
)
def test_refuses_what_is_not_in_its_lists(field, value):
    data = sent()
    data[field] = value

    form = AssessmentForm(data)

    assert list(form.errors) == [field]


def test_gives_the_values_without_the_base():
    form = AssessmentForm(sent(based_on="12"))

    assert form.is_valid()
    assert "based_on" not in form.values()
    assert form.cleaned_data["based_on"] == 12


@pytest.mark.parametrize(
    ("posted", "found"),
    [
        ({}, []),
        ({"finding-piriformis": "tight", "side-piriformis": "left"}, [TIGHT]),
        ({"finding-piriformis": "lengthened"}, [Finding("piriformis", "lengthened", "both")]),
        ({"finding-piriformis": "", "side-piriformis": "left"}, []),
        ({"finding-piriformis": "sore", "side-piriformis": "left"}, []),
        ({"finding-piriformis": "tight", "side-piriformis": "up"}, []),
        ({"finding-no_such": "tight", "side-no_such": "left"}, []),
        ({"side-piriformis": "left"}, []),
    ],
)
def test_finds_marked_muscles_and_leaves_junk_out(posted, found):
    make_muscle("piriformis")
    data = QueryDict(mutable=True)
    data.update(posted)

    assert findings_in(data) == found
