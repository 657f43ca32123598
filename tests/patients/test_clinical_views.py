"""The pages of screening, red flags, assessment and referral; nothing typed on them is lost."""

import re
import subprocess
from html import unescape

import pytest
from django.utils import timezone

from clinics.models import AuditEntry, Role
from exercises.models import Equipment, Precaution
from patients import assessing, screening
from patients.models import Assessment, RaisedFlag, Screening
from tests.conftest import make_assessment, make_driver, make_muscle, make_patient, make_user, signed_in
from tests.patients.samples import add_usual, close, make_flag, make_question, screen

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


def words_of(response):
    """Return the page as text with its tags, one space between words."""
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def checked(response):
    """Return what is ticked: “name” for a box, “name=value” for a radio button."""
    inputs = re.findall(r"<input [^>]*\bchecked\b[^>]*>", response.content.decode())
    pairs = [(re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]+)"', tag)) for tag in inputs]
    return {f"{name[1]}={value[1]}" if value else name[1] for name, value in pairs}


def marks(response):
    """Return the marked muscles by slug, each with its finding and side."""
    page = response.content.decode()
    selects = dict(re.findall(r'<select class="form-select" name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL))
    chosen = {name: re.search(r'value="([^"]*)" selected', options) for name, options in selects.items()}
    return {
        name.removeprefix("finding-"): (found[1], chosen[name.replace("finding-", "side-")][1])
        for name, found in chosen.items()
        if name.startswith("finding-") and found and found[1]
    }


def hidden(response, name):
    found = re.search(rf'<input type="hidden" name="{name}"(?: value="([^"]*)")?', response.content.decode())
    return found[1] or "" if found else None


class TestScreening:
    @pytest.fixture(autouse=True)
    def questions(self):
        make_question("bladder", "emergency")
        make_question("bowel", "emergency")
        make_question("fever", "refer_urgent", group="infection")
        make_question("bones", "refer", group="infection")

    @pytest.fixture
    def address(self, patient):
        return f"/patients/{patient.pk}/screening/"

    def all_no(self, **changes):
        sent = {"none-bladder_bowel": "on", "none-infection": "on", "version": "0", "then": "finish", **changes}
        return {name: value for name, value in sent.items() if value}

    def test_asks_all_questions_with_nothing_ticked(self, client, address):
        response = client.get(address)

        assert response.status_code == 200
        assert checked(response) == set()
        assert words_of(response).count('type="radio"') == 8
        assert hidden(response, "version") == "0"

    def test_keeps_what_was_asked_so_far(self, client, address, patient):
        response = client.post(address, {"answer-bladder": "no", "version": "0", "then": "later"})

        assert response["Location"] == f"/patients/{patient.pk}/"
        again = client.get(address)
        assert checked(again) == {"answer-bladder=no"}
        assert hidden(again, "version") == "1"
        assert "Saved. The screening isn't finished yet." in words_of(again)

    def test_says_which_groups_are_open_and_keeps_the_rest(self, client, address, patient):
        sent = {"none-bladder_bowel": "on", "answer-fever": "no", "version": "0", "then": "finish"}

        response = client.post(address, sent)

        assert response.status_code == 422
        assert "Saved, but not finished." in words_of(response)
        assert "Still open: Infection." in words_of(response)
        assert checked(response) == {"answer-bladder=no", "answer-bowel=no", "answer-fever=no"}
        saved = screening.open_round(patient)
        assert screening.answers_of(saved) == {"bladder": False, "bowel": False, "fever": False}
        assert hidden(response, "version") == str(saved.version)

    def test_goes_on_from_the_page_that_wasnt_finished(self, client, address):
        page = client.post(address, {"none-infection": "on", "version": "0", "then": "finish"})

        response = client.post(address, self.all_no(version=hidden(page, "version")))

        assert response.status_code == 302
        assert Screening.objects.get().completed_at

    def test_saves_nothing_that_contradicts_itself(self, client, address, patient):
        sent = {"answer-bladder": "yes", "none-bladder_bowel": "on", "answer-fever": "no", "version": "0"}
        logged = AuditEntry.objects.count()

        response = client.post(address, sent)

        assert response.status_code == 422
        assert "You answered yes (Trouble with the bladder) and also ticked “None of these”" in words_of(response)
        assert checked(response) == {"answer-bladder=yes", "none-bladder_bowel", "answer-fever=no"}
        assert screening.open_round(patient) is None
        assert not RaisedFlag.objects.exists()
        assert AuditEntry.objects.count() == logged

    def test_goes_on_to_the_assessment_when_nothing_is_found(self, client, address, patient):
        response = client.post(address, self.all_no())

        assert response["Location"] == f"/patients/{patient.pk}/assessment/"
        assert "No open red flags. Screen again by" in words_of(client.get(response["Location"]))

    def test_goes_back_to_a_patient_who_is_assessed(self, client, address, patient, by):
        make_assessment(patient, by=by)

        response = client.post(address, self.all_no())

        assert response["Location"] == f"/patients/{patient.pk}/"

    @pytest.mark.parametrize("then", ["later", "finish"])
    def test_says_what_to_do_in_an_emergency(self, then, client, address):
        sent = {"none-bladder_bowel": "", "answer-bladder": "yes", "answer-bowel": "no"}

        response = client.post(address, self.all_no(**sent, then=then), follow=True)

        assert response.redirect_chain == [(address, 302)]
        assert "Emergency: stop here" in words_of(response)
        assert "Act on the bladder." in words_of(response)
        assert "Print the referral sheet" in words_of(response)

    def test_shows_the_action_even_when_the_round_is_not_finished(self, client, address):
        response = client.post(address, {"answer-fever": "yes", "version": "0", "then": "finish"})

        assert response.status_code == 422
        assert "Stop: no program until this is closed" in words_of(response)
        assert "Act on the fever." in words_of(response)
        assert "Saved, but not finished." in words_of(response)

    def test_does_not_stop_for_a_routine_referral(self, client, address, patient):
        sent = {"none-infection": "", "answer-fever": "no", "answer-bones": "yes"}

        response = client.post(address, self.all_no(**sent), follow=True)

        assert response.redirect_chain == [(f"/patients/{patient.pk}/assessment/", 302)]
        assert "Still to refer: Trouble with the bones." in words_of(response)
        assert "Trouble with the bones" in words_of(client.get(address))

    def test_keeps_the_answers_when_somebody_else_was_quicker(self, client, address, patient, by):
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
        assert AuditEntry.objects.count() == logged

    def test_saves_over_theirs_when_it_is_sent_again(self, client, address, patient, by):
        screen(patient, by=by, finish=False, bladder=True)
        page = client.post(address, self.all_no())

        client.post(address, self.all_no(version=hidden(page, "version")))

        assert screening.open_round(patient) is None
        assert RaisedFlag.objects.open().count() == 1

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "٣", "1.0"])
    def test_takes_no_strange_version_for_the_right_one(self, version, client, address, patient, by):
        screen(patient, by=by, finish=False, bladder=True)

        response = client.post(address, {"answer-bladder": "no", "version": version})

        assert response.status_code == 409

    def test_asks_the_same_number_of_queries_for_any_number_of_questions(
        self, client, address, patient, by, django_assert_max_num_queries
    ):
        for number in range(30):
            make_question(f"q{number}", "refer", group=f"group_{number}")
        screen(patient, by=by, finish=False, **{f"q{number}": number % 2 == 0 for number in range(30)})

        # session, person, role, patient, audit row, groups 2, round 3 twice, state 2, latest 1, memberships
        with django_assert_max_num_queries(18):
            client.get(address)


class TestFlag:
    def test_closes_with_an_outcome_and_says_so(self, client, patient, by):
        flag = make_flag(patient=patient, by=by, at=timezone.now())
        today = timezone.localdate().isoformat()
        sent = {"outcome": "Scan was clear.", "assessed_by": "Dr Ames", "assessed_on": today}

        response = client.post(f"/flags/{flag.pk}/close/", sent, follow=True)

        flag.refresh_from_db()
        assert response.redirect_chain == [(f"/patients/{patient.pk}/", 302)]
        assert "Closed: Trouble with the bladder." in words_of(response)
        assert (flag.closed_by, flag.assessed_by) == (by, "Dr Ames")

    @pytest.mark.parametrize(
        ("changes", "trouble"),
        [
            ({"outcome": "fine"}, "Say in at least 10 characters"),
            ({"assessed_by": ""}, "needs a medical assessment"),
            ({"assessed_on": "yesterday"}, "Enter a valid date."),
            ({"assessed_on": "2999-01-01"}, "can't be in the future"),
            ({"outcome": "a" * 2001}, "at most 2000 characters"),
        ],
    )
    def test_keeps_the_typed_text_when_something_is_missing(self, changes, trouble, client, patient, by):
        flag = make_flag(patient=patient, by=by)
        sent = {"outcome": "Scan was <clear>.", "assessed_by": "Dr Ames", "assessed_on": "2026-03-02", **changes}

        response = client.post(f"/flags/{flag.pk}/close/", sent)

        page = words_of(response)
        assert response.status_code == 422
        assert trouble in page
        assert all(value in page for value in sent.values())
        assert RaisedFlag.objects.open().count() == 1

    def test_keeps_the_first_outcome_when_two_close_it(self, client, patient, by):
        flag = make_flag(make_question("bones", "refer"), patient=patient, by=by)
        close(flag, by=by, outcome="Scan was clear.")

        response = client.post(f"/flags/{flag.pk}/close/", {"outcome": "Another story."})

        assert response.status_code == 422
        assert "Closed by Dana Okafor" in words_of(response)
        assert RaisedFlag.objects.get().outcome == "Scan was clear."


class TestAssessment:
    @pytest.fixture
    def address(self, patient):
        return f"/patients/{patient.pk}/assessment/"

    @pytest.fixture(autouse=True)
    def catalog(self):
        add_usual("piriformis", tight=["piriformis", "erector_spinae"], weak=["gluteus_medius"])
        add_usual("disc", weak=["multifidus"])
        make_muscle("soleus")
        for slug in ["osteoporosis", "hip_replacement", "pregnancy"]:
            Precaution.objects.create(slug=slug, name=slug.capitalize(), needs_due_date=slug == "pregnancy")
        Equipment.objects.create(slug="chair", name="Chair", household=True)
        Equipment.objects.create(slug="band", name="Band")

    def sent(self, **changes):
        return {
            "affected_side": "left",
            "driver": "piriformis",
            "irritability": "moderate",
            "directional_preference": "not_tested",
            "based_on": "",
            **changes,
        }

    def test_starts_blank_with_what_most_homes_have(self, client, address):
        response = client.get(address)

        assert checked(response) == {"equipment=chair", "directional_preference=not_tested"}
        assert marks(response) == {}

    def test_shows_the_latest(self, client, address, patient, by):
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

    def test_saves_what_was_found(self, client, address, patient):
        sent = self.sent(precautions=["osteoporosis", "hip_replacement"], equipment=["band"], note="New shoes.")
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

    def test_takes_the_drivers_usual_muscles_when_none_were_marked(self, client, address, patient):
        response = client.post(address, self.sent(affected_side="right"), follow=True)

        found = {row.muscle.slug: (row.finding, row.side) for row in assessing.latest_of(patient).muscle_findings.all()}
        assert found == {
            "piriformis": ("tight", "right"),
            "erector_spinae": ("tight", "both"),
            "gluteus_medius": ("weak", "right"),
        }
        assert "You marked no muscles, so the usual ones for Piriformis were taken." in words_of(response)

    def test_leaves_no_muscles_when_they_were_taken_off_later(self, client, address, patient, by):
        first = make_assessment(patient, by=by, tight=["soleus"])

        client.post(address, self.sent(based_on=first.pk))

        assert Assessment.objects.count() == 2
        assert not assessing.latest_of(patient).muscle_findings.exists()

    def test_fills_in_the_usual_muscles_and_saves_nothing(self, client, address, patient, by):
        make_assessment(patient, by=by, tight=["soleus"])
        logged = AuditEntry.objects.count()
        sent = self.sent(refill="1", note="Typed note", precautions=["osteoporosis", "hip_replacement"])

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
        assert AuditEntry.objects.count() == logged

    @pytest.mark.parametrize("driver", ["", "no_such", "nul\0"])
    def test_keeps_the_marks_when_no_driver_is_chosen_to_fill_in(self, driver, client, address):
        sent = {**self.sent(driver=driver, refill="1"), "finding-soleus": "tight", "side-soleus": "right"}

        response = client.post(address, sent)

        assert marks(response) == {"soleus": ("tight", "right")}
        assert "Choose the suspected driver first" in words_of(response)

    def test_keeps_all_that_was_typed_when_something_is_missing(self, client, address, patient):
        sent = self.sent(
            driver="", precautions=["pregnancy", "osteoporosis"], equipment=["band"], note="Typed <note>", due_date="soon"
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

    def test_keeps_all_that_was_typed_when_somebody_else_was_quicker(self, client, address, patient, by):
        first = make_assessment(patient, by=by)
        other = make_user(Role.TRAINER, clinic=patient.clinic, name="Lee Park")
        theirs = make_assessment(patient, by=other, driver=make_driver("disc"), affected_side="right")
        sent = self.sent(
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

    def test_puts_it_on_top_when_it_is_sent_again(self, client, address, patient, by):
        make_assessment(patient, by=by)
        page = client.post(address, self.sent(note="Mine"))

        response = client.post(address, self.sent(note="Mine", based_on=hidden(page, "based_on")))

        assert (page.status_code, response.status_code) == (409, 302)
        assert assessing.latest_of(patient).note == "Mine"

    def test_names_who_was_quicker_even_in_the_same_moment(self, client, address, patient, by, monkeypatch):
        write = assessing.save

        def save_after_another(*args, **kwargs):
            make_assessment(patient, by=make_user(name="Lee Park"))
            return write(*args, **kwargs)

        monkeypatch.setattr(assessing, "save", save_after_another)

        response = client.post(address, self.sent())

        assert response.status_code == 409
        assert "Lee Park assessed this patient while you were typing." in words_of(response)
        assert hidden(response, "based_on") == str(Assessment.objects.get().pk)
        assert "You marked no muscles" not in words_of(response)

    @pytest.mark.parametrize("count", [1, 40])
    def test_asks_the_same_number_of_queries_for_any_number_of_muscles(
        self, count, client, address, patient, by, django_assert_num_queries
    ):
        make_assessment(patient, by=by, tight=[f"muscle_{number}" for number in range(count)])
        client.get(address)

        with django_assert_num_queries(22):
            client.get(address)


class TestReferral:
    @pytest.fixture
    def address(self, patient):
        return f"/patients/{patient.pk}/referral.pdf"

    def printed(self, response):
        command = ["pdftotext", "-layout", "-", "-"]
        text = subprocess.run(command, input=response.content, capture_output=True, check=True).stdout
        return " ".join(text.decode().split())

    def test_prints_the_open_flags_most_urgent_first(self, client, address, patient, by):
        for slug, urgency in [("bones", "refer"), ("bladder", "emergency"), ("fever", "refer_urgent")]:
            make_flag(make_question(slug, urgency), patient=patient, by=by)
        close(RaisedFlag.objects.get(red_flag__slug="fever"), by=by)
        make_assessment(patient, by=by, neurological_deficit=True, note="Private words.")

        response = client.get(address)

        text = self.printed(response)
        assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
        assert response.content.startswith(b"%PDF-")
        assert response["Content-Disposition"] == 'inline; filename="referral.pdf"'
        for words in [
            "Maria Rivera",
            "Dana Okafor",
            "Emergency now",
            "Any trouble with the bladder?",
            "Act on the bladder.",
            "affected side left. Weakness, numbness or a lost reflex in the leg was noted.",
        ]:
            assert words in text
        assert text.index("Trouble with the bladder") < text.index("Trouble with the bones")
        assert "fever" not in text
        assert "Private words" not in text

    def test_prints_before_anybody_assessed(self, client, address, patient, by):
        make_flag(patient=patient, by=by)

        assert "Any trouble with the bladder?" in self.printed(client.get(address))

    def test_has_nothing_to_print_without_an_open_flag(self, client, address, patient, by):
        close(make_flag(patient=patient, by=by), by=by)

        response = client.get(address)

        assert response.status_code == 404
        assert "Maria Rivera has no open red flag, so there is no referral sheet." in words_of(response)
        assert AuditEntry.objects.filter(patient_id=patient.pk, by=by).first().action == "print referral"

    def test_is_not_kept_by_caches(self, client, address, patient, by):
        make_flag(patient=patient, by=by)

        assert "no-store" in client.get(address)["Cache-Control"]
