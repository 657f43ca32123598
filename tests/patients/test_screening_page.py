"""The page of the red-flag questions: what is answered is kept, and nothing is answered that nobody said."""

import pytest

from clinics.models import AuditEntry
from patients import screening
from patients.models import RaisedFlag, Screening
from tests.conftest import logged_since, make_assessment, make_patient, make_user, signed_in
from tests.patients.pages import checked, hidden, words_of
from tests.patients.samples import make_question, screen

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


@pytest.fixture(autouse=True)
def questions():
    make_question("bladder", "emergency")
    make_question("bowel", "emergency")
    make_question("fever", "refer_urgent", group="infection")
    make_question("bones", "refer", group="infection")


@pytest.fixture
def address(patient):
    return f"/patients/{patient.pk}/screening/"


def all_no(**changes):
    sent = {"none-bladder_bowel": "on", "none-infection": "on", "version": "0", "then": "finish", **changes}
    return {name: value for name, value in sent.items() if value}


def test_asks_all_questions_with_nothing_ticked(client, address):
    response = client.get(address)

    assert response.status_code == 200
    assert checked(response) == set()
    assert words_of(response).count('type="radio"') == 8
    assert hidden(response, "version") == "0"


def test_keeps_what_was_asked_so_far(client, address, patient):
    response = client.post(address, {"answer-bladder": "no", "version": "0", "then": "later"})

    assert response["Location"] == f"/patients/{patient.pk}/"
    again = client.get(address)
    assert checked(again) == {"answer-bladder=no"}
    assert hidden(again, "version") == "1"
    assert "Saved. The screening isn't finished yet." in words_of(again)


def test_says_which_groups_are_open_and_keeps_the_rest(client, address, patient):
    sent = {"none-bladder_bowel": "on", "answer-fever": "no", "version": "0", "then": "finish"}

    response = client.post(address, sent)

    assert response.status_code == 422
    assert "Saved, but not finished." in words_of(response)
    assert "Still open: Infection." in words_of(response)
    assert checked(response) == {"answer-bladder=no", "answer-bowel=no", "answer-fever=no"}
    saved = screening.open_round(patient)
    assert screening.answers_of(saved) == {"bladder": False, "bowel": False, "fever": False}
    assert hidden(response, "version") == str(saved.version)


def test_goes_on_from_the_page_that_wasnt_finished(client, address):
    page = client.post(address, {"none-infection": "on", "version": "0", "then": "finish"})

    response = client.post(address, all_no(version=hidden(page, "version")))

    assert response.status_code == 302
    assert Screening.objects.get().completed_at


def test_saves_nothing_that_contradicts_itself(client, address, patient):
    sent = {"answer-bladder": "yes", "none-bladder_bowel": "on", "answer-fever": "no", "version": "0"}
    logged = AuditEntry.objects.count()

    response = client.post(address, sent)

    assert response.status_code == 422
    assert "You answered yes (Trouble with the bladder) and also ticked “None of these”" in words_of(response)
    assert checked(response) == {"answer-bladder=yes", "none-bladder_bowel", "answer-fever=no"}
    assert screening.open_round(patient) is None
    assert not RaisedFlag.objects.exists()
    assert logged_since(logged) == ["view screening"]


def test_goes_on_to_the_assessment_when_nothing_is_found(client, address, patient):
    response = client.post(address, all_no())

    assert response["Location"] == f"/patients/{patient.pk}/assessment/"
    assert "No open red flags. Screen again by" in words_of(client.get(response["Location"]))


def test_goes_back_to_a_patient_who_is_assessed(client, address, patient, by):
    make_assessment(patient, by=by)

    response = client.post(address, all_no())

    assert response["Location"] == f"/patients/{patient.pk}/"


@pytest.mark.parametrize("then", ["later", "finish"])
def test_says_what_to_do_in_an_emergency(then, client, address):
    sent = {"none-bladder_bowel": "", "answer-bladder": "yes", "answer-bowel": "no"}

    response = client.post(address, all_no(**sent, then=then), follow=True)

    assert response.redirect_chain == [(address, 302)]
    assert "Emergency: stop here" in words_of(response)
    assert "Act on the bladder." in words_of(response)
    assert "Print the referral sheet" in words_of(response)


def test_shows_the_action_even_when_the_round_is_not_finished(client, address):
    response = client.post(address, {"answer-fever": "yes", "version": "0", "then": "finish"})

    assert response.status_code == 422
    assert "Stop: no program until this is closed" in words_of(response)
    assert "Act on the fever." in words_of(response)
    assert "Saved, but not finished." in words_of(response)


def test_does_not_stop_for_a_routine_referral(client, address, patient):
    sent = {"none-infection": "", "answer-fever": "no", "answer-bones": "yes"}

    response = client.post(address, all_no(**sent), follow=True)

    assert response.redirect_chain == [(f"/patients/{patient.pk}/assessment/", 302)]
    assert "Still to refer: Trouble with the bones." in words_of(response)
    assert "Trouble with the bones" in words_of(client.get(address))


def test_keeps_the_answers_when_somebody_else_was_quicker(client, address, patient, by):
    screen(patient, by=by, finish=False, bladder=True, bowel=False)
    logged = AuditEntry.objects.count()
    sent = {"answer-bladder": "no", "answer-bowel": "no", "none-infection": "on", "version": "0"}

    response = client.post(address, sent)

    page = words_of(response)
    theirs = page[page.index("Theirs, where they differ") : page.index("Save again")]
    assert response.status_code == 409
    assert checked(response) == {"answer-bladder=no", "answer-bowel=no", "none-infection"}
    assert "Any trouble with the bladder? <strong>Yes</strong>" in theirs
    assert "bowel" not in theirs
    assert screening.answers_of(screening.open_round(patient)) == {"bladder": True, "bowel": False}
    assert logged_since(logged) == ["view screening"]


def test_saves_over_theirs_when_it_is_sent_again(client, address, patient, by):
    screen(patient, by=by, finish=False, bladder=True)
    page = client.post(address, all_no())

    client.post(address, all_no(version=hidden(page, "version")))

    assert screening.open_round(patient) is None
    assert RaisedFlag.objects.open().count() == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "٣", "1.0"])
def test_takes_no_strange_version_for_the_right_one(version, client, address, patient, by):
    screen(patient, by=by, finish=False, bladder=True)

    response = client.post(address, {"answer-bladder": "no", "version": version})

    assert response.status_code == 409


@pytest.mark.parametrize("count", [1, 40])
def test_asks_the_same_number_of_queries_for_any_number_of_questions(
    count, client, address, patient, by, django_assert_num_queries
):
    for number in range(count):
        make_question(f"q{number}", "refer", group=f"group_{number}")
    screen(patient, by=by, finish=False, **{f"q{number}": True for number in range(count)})
    client.get(address)

    with django_assert_num_queries(17):
        client.get(address)
