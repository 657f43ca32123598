"""Findings on the page of the assessment: ticked, weighed, kept through every answer, and carried over."""

import pytest

from clinics.models import AuditEntry, Role
from exercises.evidence import Citation
from patients import assessing, findings_page
from patients.models import Assessment, FindingAnswer
from tests.conftest import make_assessment, make_driver, make_patient, make_user, signed_in
from tests.patients.pages import checked, hidden, words_of
from tests.patients.samples import add_usual, make_finding

pytestmark = pytest.mark.django_db

FOUND = {"answer-slump_test": "present", "answer-age_over_70": "absent"}
TICKED = {"answer-slump_test=present", "answer-age_over_70=absent"}
OPEN = {"answer-slump_test", "answer-age_over_70"}


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
    add_usual("piriformis", tight=["piriformis"])
    make_driver("disc")
    Citation.objects.create(slug="suri2010", text="Suri P. Leg pain. JAMA 2010", status="looked_up")
    make_finding(
        "slump_test",
        present=[("disc", "for"), ("piriformis", "against")],
        absent=[("disc", "against")],
        accuracy=[("disc", "both")],
    )
    make_finding("age_over_70", group="history", present=[("disc", "against")])


def filled_in(**changes):
    return {
        "affected_side": "left",
        "driver": "piriformis",
        "irritability": "moderate",
        "directional_preference": "not_tested",
        "based_on": "",
        **FOUND,
        **changes,
    }


def answers_of(assessment):
    return {row.finding.slug: row.present for row in assessment.answers.all()}


def ticked(response):
    """Return the ticked answers, leaving out what isn't asked."""
    return {name for name in checked(response) if name.startswith("answer-") and name not in OPEN}


def panel_of(response, driver):
    """Return the words of a driver's panel."""
    page = words_of(response)
    start = page.index(f'aria-labelledby="weight-{driver}"')
    return page[start : page.index("</article>", start)]


def test_starts_with_nothing_asked_and_folded(client, address):
    response = client.get(address)

    assert ticked(response) == set()
    assert '<details class="panel findings" id="findings">' in words_of(response)
    assert "No findings noted yet." in words_of(response)


def test_saves_answers_and_other_drivers(client, address, patient):
    response = client.post(address, filled_in(other_drivers=["disc"]))

    saved = assessing.latest_of(patient)
    assert response.status_code == 302
    assert answers_of(saved) == {"slump_test": True, "age_over_70": False}
    assert [driver.slug for driver in saved.other_drivers.all()] == ["disc"]


def test_keeps_the_lead_out_of_the_others(client, address, patient):
    client.post(address, filled_in(other_drivers=["piriformis", "disc"]))

    saved = assessing.latest_of(patient)
    assert saved.driver.slug == "piriformis"
    assert [driver.slug for driver in saved.other_drivers.all()] == ["disc"]


@pytest.mark.parametrize("word", ["", "yes", "nul\0", "PRESENT"])
def test_takes_any_other_word_for_not_asked(word, client, address, patient):
    client.post(
        address, filled_in(**{"answer-slump_test": word, "answer-no_such": "present", "answer-nul\0": "absent"})
    )

    assert answers_of(assessing.latest_of(patient)) == {"age_over_70": False}


@pytest.mark.parametrize("slug", ["no_such", "nul\0"])
def test_refuses_an_unknown_other_driver(slug, client, address):
    response = client.post(address, filled_in(other_drivers=[slug]))

    assert response.status_code == 422
    assert ticked(response) == TICKED


def test_carries_over_what_was_found_before(client, address, patient):
    client.post(address, filled_in(other_drivers=["disc"]))

    response = client.get(address)

    assert ticked(response) == TICKED
    assert "other_drivers=disc" in checked(response)
    assert "slump_test for disc." in panel_of(response, "disc")


def test_takes_answers_off_again(client, address, patient):
    client.post(address, filled_in())
    shown = client.get(address)

    client.post(address, filled_in(based_on=hidden(shown, "based_on"), **{"answer-slump_test": ""}))

    assert answers_of(assessing.latest_of(patient)) == {"age_over_70": False}
    assert FindingAnswer.objects.count() == 3


def test_weighs_and_saves_nothing(client, address, patient):
    sent = filled_in(weigh="page", driver="", other_drivers=["disc"], note="Typed note", due_date="soon")

    response = client.post(address, {**sent, "finding-piriformis": "weak"})

    page = words_of(response)
    assert response.status_code == 200
    assert ticked(response) == TICKED
    assert {"affected_side=left", "irritability=moderate", "other_drivers=disc"} <= checked(response)
    assert "Typed note" in page
    assert 'value="soon"' in page
    assert 'value="weak" selected' in page
    assert "Not saved yet" not in page
    assert "Choose what you suspect" not in page
    assert "Enter a valid date" not in page
    assert not Assessment.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.patient_id, entry.detail) == ("weigh findings", patient.pk, {})


def test_weighs_what_is_typed_and_not_what_was_saved(client, address):
    client.post(address, filled_in())

    response = client.post(address, filled_in(weigh="page", **{"answer-slump_test": "absent"}))

    assert "slump_test against disc." in panel_of(response, "disc")
    assert "slump_test for disc." not in panel_of(response, "disc")


def test_shows_reasons_with_numbers_their_source_and_how_sure_they_are(client, address):
    response = client.post(address, filled_in(weigh="page"))

    disc = panel_of(response, "disc")
    assert "1 for, 0 against" in disc
    assert "<b>Slump test: present.</b>" in disc
    assert "LR+ 7.4 (1.9–30). Certainty medium. Record read." in disc
    assert "0 for, 1 against" in panel_of(response, "piriformis")
    assert "slump_test against piriformis." in panel_of(response, "piriformis")
    assert "LR+" not in panel_of(response, "piriformis")
    page = words_of(response)
    assert 'id="source-1">Suri P. Leg pain. JAMA 2010. <span class="muted">Record or abstract read.' in page
    assert "Not a diagnosis" in page
    assert "they can't be added up" in page
    assert "not weighed for any driver: Age over 70 (absent)" in page


def test_gives_scripts_the_panel_alone(client, address):
    response = client.post(address, filled_in(weigh="panel"))

    assert response.status_code == 200
    assert "slump_test for disc." in panel_of(response, "disc")
    assert "<form" not in words_of(response)
    assert AuditEntry.objects.get().action == "weigh findings"


@pytest.mark.parametrize("changes", [{"driver": ""}, {"refill": "1"}])
def test_keeps_answers_when_something_is_missing_or_filled_in(changes, client, address):
    response = client.post(address, filled_in(other_drivers=["disc"], **changes))

    assert ticked(response) == TICKED
    assert "other_drivers=disc" in checked(response)
    assert "slump_test for disc." in panel_of(response, "disc")


def test_keeps_answers_when_somebody_else_was_quicker(client, address, patient, by):
    other = make_user(Role.TRAINER, clinic=patient.clinic)
    make_assessment(patient, by=other)

    response = client.post(address, filled_in(other_drivers=["disc"]))

    assert response.status_code == 409
    assert ticked(response) == TICKED
    assert "other_drivers=disc" in checked(response)


@pytest.mark.parametrize("weigh", ["page", "panel"])
def test_shows_nothing_of_another_clinics_patient(weigh, address):
    stranger = signed_in(make_user())

    assert stranger.post(address, filled_in(weigh=weigh)).status_code == 404
    assert not AuditEntry.objects.filter(action="weigh findings").exists()


def test_lets_no_assistant_weigh(address, patient):
    assistant = signed_in(make_user(Role.ASSISTANT, clinic=patient.clinic))

    assert assistant.post(address, filled_in(weigh="panel")).status_code in {403, 404}


@pytest.mark.parametrize("count", [0, 30])
@pytest.mark.parametrize(("weigh", "queries"), [("panel", 11), ("page", 21)])
def test_asks_the_same_number_of_queries_for_any_number_of_findings(
    count, weigh, queries, client, address, django_assert_num_queries
):
    more = [make_finding(f"more_{number}", accuracy=[("disc", "both")]).slug for number in range(count)]
    sent = filled_in(weigh=weigh, **{f"answer-{slug}": "present" for slug in more})

    with django_assert_num_queries(queries):
        client.post(address, sent)


def test_tells_other_drivers_and_the_count_of_findings_on_the_patients_page(client, address, patient):
    client.post(address, filled_in(other_drivers=["disc"]))

    page = words_of(client.get(f"/patients/{patient.pk}/"))

    assert "Also suspected" in page
    assert ">Disc</span>" in page
    assert "2 noted" in page


@pytest.mark.usefixtures("loaded_catalog")
def test_weighs_each_finding_of_the_shipped_catalog_with_all_its_sources():
    findings = findings_page.catalog_findings()

    for present in (True, False):
        weights = findings_page.weights_of(findings, {row.slug: present for row in findings})
        shown = [reason for panel in weights.panels for _, _, reasons in panel.sides for reason in reasons]
        expected = sum(
            row["result"] in {"both", "present" if present else "absent"}
            for finding in findings
            for row in finding.accuracy
        )
        assert sum(len(reason.numbers) for reason in shown) == expected
        assert weights.answered == len(findings)
