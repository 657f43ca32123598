"""The page of the assessment: nothing typed on it is lost, and nothing found is overwritten."""

import re

import pytest
from django.contrib.messages import get_messages

from clinics.models import AuditEntry, Role
from exercises.models import Equipment, Precaution
from patients import assessing
from patients.models import Assessment
from tests.conftest import logged_since, make_assessment, make_driver, make_muscle, make_patient, make_user, signed_in
from tests.patients.pages import checked, hidden, marks, words_of
from tests.patients.samples import add_usual

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def patient(by):
    return make_patient(clinic=by.memberships.get().clinic)


@pytest.fixture
def client(by):
    return signed_in(by)


@pytest.fixture
def address(patient):
    return f"/patients/{patient.pk}/assessment/"


@pytest.fixture(autouse=True)
def catalog():
    add_usual("piriformis", tight=["piriformis", "erector_spinae"], weak=["gluteus_medius"])
    add_usual("disc", weak=["multifidus"])
    make_muscle("soleus")
    for slug in ["osteoporosis", "hip_replacement", "pregnancy"]:
        Precaution.objects.create(slug=slug, name=slug.capitalize(), needs_due_date=slug == "pregnancy")
    Equipment.objects.create(slug="chair", name="Chair", household=True)
    Equipment.objects.create(slug="band", name="Band")


def filled_in(**changes):
    return {
        "affected_side": "left",
        "driver": "piriformis",
        "irritability": "moderate",
        "directional_preference": "not_tested",
        "based_on": "",
        **changes,
    }


def buttons(response):
    """Return the tags and words of the form's buttons, in the order of the page."""
    form = re.search(r'<form [^>]*id="assessment".*?</form>', response.content.decode(), re.DOTALL)[0]
    return re.findall(r"(<button [^>]*>)(.*?)</button>", form)


def primary_button(response):
    return [words for tag, words in buttons(response) if "btn-primary" in tag]


def test_starts_blank_with_what_most_homes_have(client, address):
    response = client.get(address)

    assert checked(response) == {"equipment=chair", "directional_preference=not_tested"}
    assert marks(response) == {}


def test_shows_the_latest(client, address, patient, by):
    assessment = make_assessment(patient, by=by, tight=["soleus"], muscle_side="right", note="Sits <a lot>.")
    assessment.precautions.set(Precaution.objects.filter(slug="osteoporosis"))

    response = client.get(address)

    assert checked(response) == {
        "affected_side=left",
        "driver=piriformis",
        "irritability=low",
        "directional_preference=not_tested",
        "precautions=osteoporosis",
    }
    assert marks(response) == {"soleus": ("tight", "right")}
    assert hidden(response, "based_on") == str(assessment.pk)
    assert "Sits <a lot>." in words_of(response)


def test_saves_what_was_found(client, address, patient):
    sent = filled_in(precautions=["osteoporosis", "hip_replacement"], equipment=["band"], note="New shoes.")
    sent |= {"finding-soleus": "tight", "side-soleus": "right", "finding-piriformis": "", "neurological_deficit": 1}

    response = client.post(address, sent)

    saved = assessing.latest_of(patient)
    assert response["Location"] == f"/patients/{patient.pk}/"
    assert [(row.muscle.slug, row.finding, row.side) for row in saved.muscle_findings.all()] == [
        ("soleus", "tight", "right")
    ]
    assert {row.slug for row in saved.precautions.all()} == {"osteoporosis", "hip_replacement"}
    assert saved.neurological_deficit
    assert AuditEntry.objects.filter(action="save assessment").count() == 1


def test_takes_the_drivers_usual_muscles_when_none_were_marked(client, address, patient):
    response = client.post(address, filled_in(affected_side="right"), follow=True)

    found = {row.muscle.slug: (row.finding, row.side) for row in assessing.latest_of(patient).muscle_findings.all()}
    assert found == {
        "piriformis": ("tight", "right"),
        "erector_spinae": ("tight", "both"),
        "gluteus_medius": ("weak", "right"),
    }
    assert "You marked no muscles, so the usual ones for Piriformis were taken." in words_of(response)


def test_goes_on_to_the_choice_of_a_program_when_asked(client, address, patient):
    response = client.post(address, filled_in(next="program"))

    assert response["Location"] == f"/patients/{patient.pk}/programs/new/"
    assert assessing.latest_of(patient).driver.slug == "piriformis"


def test_says_on_the_way_to_a_program_that_the_usual_muscles_were_taken(client, address):
    response = client.post(address, filled_in(next="program"))

    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "You marked no muscles, so the usual ones for Piriformis were taken.",
        "Assessment saved.",
    ]


@pytest.mark.parametrize("elsewhere", ["", "no_such", "https://elsewhere.invalid/", "nul\0"])
def test_goes_back_to_the_patient_from_any_other_wish(elsewhere, client, address, patient):
    response = client.post(address, filled_in(next=elsewhere))

    assert response["Location"] == f"/patients/{patient.pk}/"


def test_goes_nowhere_when_something_is_missing(client, address, patient):
    response = client.post(address, filled_in(driver="", next="program"))

    assert response.status_code == 422
    assert assessing.latest_of(patient) is None


def test_leads_to_a_program_after_the_first_assessment_only(client, address, patient, by):
    first = client.get(address)
    make_assessment(patient, by=by)
    later = client.get(address)

    assert primary_button(first) == ["Save and choose the program"]
    assert primary_button(later) == ["Save assessment"]


def test_saves_on_enter(client, address):
    tag, words = buttons(client.get(address))[0]

    # browsers press the first button; one without a name only saves
    assert words == "Save"
    assert "name=" not in tag


def test_keeps_the_button_of_enter_from_eyes_keyboards_and_screen_readers(client, address):
    tag, _ = buttons(client.get(address))[0]

    # not “hidden”: Safari passes over a button that isn't laid out
    for attribute in ('class="visually-hidden"', 'tabindex="-1"', 'aria-hidden="true"'):
        assert attribute in tag


def test_leaves_no_muscles_when_they_were_taken_off_later(client, address, patient, by):
    first = make_assessment(patient, by=by, tight=["soleus"])

    client.post(address, filled_in(based_on=first.pk))

    assert Assessment.objects.count() == 2
    assert not assessing.latest_of(patient).muscle_findings.exists()


def test_fills_in_the_usual_muscles_and_saves_nothing(client, address, patient, by):
    make_assessment(patient, by=by, tight=["soleus"])
    logged = AuditEntry.objects.count()
    sent = filled_in(refill="1", note="Typed note", precautions=["osteoporosis", "hip_replacement"])

    response = client.post(address, {**sent, "finding-soleus": "tight"})

    assert response.status_code == 200
    assert marks(response) == {
        "piriformis": ("tight", "left"),
        "erector_spinae": ("tight", "both"),
        "gluteus_medius": ("weak", "left"),
    }
    assert "Typed note" in words_of(response)
    assert {"precautions=osteoporosis", "precautions=hip_replacement"} <= checked(response)
    assert Assessment.objects.count() == 1
    assert logged_since(logged) == ["view assessment"]


@pytest.mark.parametrize("driver", ["", "no_such", "nul\0"])
def test_keeps_the_marks_when_no_driver_is_chosen_to_fill_in(driver, client, address):
    sent = {**filled_in(driver=driver, refill="1"), "finding-soleus": "tight", "side-soleus": "right"}

    response = client.post(address, sent)

    assert marks(response) == {"soleus": ("tight", "right")}
    assert "Choose the suspected driver first" in words_of(response)


def test_keeps_all_that_was_typed_when_something_is_missing(client, address, patient):
    sent = filled_in(
        driver="",
        precautions=["pregnancy", "osteoporosis"],
        equipment=["band"],
        note="Typed <note>",
        due_date="soon",
    )

    response = client.post(address, {**sent, "finding-soleus": "weak", "side-soleus": "left"})

    page = words_of(response)
    assert response.status_code == 422
    assert "Choose what you suspect. It stays a suspicion, never a diagnosis." in page
    assert "Enter a valid date." in page
    assert "Typed <note>" in page
    assert 'value="soon"' in page
    assert marks(response) == {"soleus": ("weak", "left")}
    assert {"precautions=pregnancy", "precautions=osteoporosis", "equipment=band"} <= checked(response)
    assert "equipment=chair" not in checked(response)
    assert assessing.latest_of(patient) is None


def test_keeps_all_that_was_typed_when_somebody_else_was_quicker(client, address, patient, by):
    first = make_assessment(patient, by=by)
    other = make_user(Role.TRAINER, clinic=patient.clinic, name="Lee Park")
    theirs = make_assessment(patient, by=other, driver=make_driver("disc"), affected_side="right")
    sent = filled_in(
        based_on=first.pk,
        precautions=["osteoporosis", "hip_replacement"],
        equipment=["band", "chair"],
        note="Typed note",
        irritability="high",
    )

    response = client.post(address, {**sent, "finding-soleus": "weak", "side-soleus": "left"})

    page = words_of(response)
    assert response.status_code == 409
    assert "Lee Park assessed this patient while you were typing." in page
    assert "Theirs: Disc, right, irritability low." in page
    assert checked(response) == {
        "affected_side=left",
        "driver=piriformis",
        "irritability=high",
        "directional_preference=not_tested",
        "precautions=osteoporosis",
        "precautions=hip_replacement",
        "equipment=band",
        "equipment=chair",
    }
    assert marks(response) == {"soleus": ("weak", "left")}
    assert "Typed note" in page
    assert hidden(response, "based_on") == str(theirs.pk)
    assert assessing.latest_of(patient) == theirs


def test_puts_it_on_top_when_it_is_sent_again(client, address, patient, by):
    make_assessment(patient, by=by)
    page = client.post(address, filled_in(note="Mine"))

    response = client.post(address, filled_in(note="Mine", based_on=hidden(page, "based_on")))

    assert (page.status_code, response.status_code) == (409, 302)
    assert assessing.latest_of(patient).note == "Mine"


def test_names_who_was_quicker_even_in_the_same_moment(client, address, patient, by, monkeypatch):
    write = assessing.save

    def save_after_another(*args, **kwargs):
        make_assessment(patient, by=make_user(name="Lee Park"))
        return write(*args, **kwargs)

    monkeypatch.setattr(assessing, "save", save_after_another)

    response = client.post(address, filled_in())

    assert response.status_code == 409
    assert "Lee Park assessed this patient while you were typing." in words_of(response)
    assert hidden(response, "based_on") == str(Assessment.objects.get().pk)
    assert "You marked no muscles" not in words_of(response)


@pytest.mark.parametrize("count", [1, 40])
def test_asks_the_same_number_of_queries_for_any_number_of_muscles(
    count, client, address, patient, by, django_assert_num_queries
):
    make_assessment(patient, by=by, tight=[f"muscle_{number}" for number in range(count)])
    client.get(address)

    with django_assert_num_queries(22):
        client.get(address)
