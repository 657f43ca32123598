"""The pages of a record as a whole: who reaches them, what they ask first, and what they do."""

import csv
import io
import zipfile
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditEntry, Role
from patients import holding
from patients.models import Disclosure, LegalHold, Patient
from programs import disclosures, record_urls
from tests.clinics.accounts import PASSWORD, log_in, make_person
from tests.conftest import logged_since, make_clinic, make_patient, make_user, signed_in
from tests.patients.pages import search
from tests.reading import shown

pytestmark = pytest.mark.django_db

NAMES = [pattern.name for pattern in record_urls.urlpatterns]
THERAPIST, ADMIN = {Role.THERAPIST}, {Role.CLINIC_ADMIN}
FOR = {
    "records": ADMIN,
    "record": THERAPIST | ADMIN,
    "record_export": THERAPIST,
    "record_hold": ADMIN,
    "record_lift": ADMIN,
    "record_erase": ADMIN,
    "disclosures": THERAPIST | ADMIN,
    "disclosures_csv": THERAPIST | ADMIN,
}
POSTED = {"record_hold", "record_lift"}
CONFIRMED = {"record", "record_export", "record_erase"}
MISSING = 987_654
TYPED = {"why": "Dispute", "name": "Maria Rivera", "reason": "asked"}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def patient(clinic):
    return make_patient(clinic=clinic)


@pytest.fixture
def admin(clinic):
    return make_user(Role.CLINIC_ADMIN, clinic=clinic)


@pytest.fixture
def hold(patient, admin):
    return holding.place(patient, why="Insurance dispute.", until=None, by=admin)


def address(name, patient=None, hold=None):
    """Return the page's address for that patient, or for one who isn't there."""
    if name == "records":
        return reverse(name, args=[patient.clinic_id if patient else MISSING])
    rest = [hold.pk if hold else MISSING] if name == "record_lift" else []
    return reverse(name, args=[patient.pk if patient else MISSING, *rest])


def ask(client, name, *args, typed=TYPED):
    return client.post(address(name, *args), typed) if name in POSTED else client.get(address(name, *args))


def state():
    return [list(model.objects.order_by("pk").values()) for model in (Patient, LegalHold, Disclosure)]


def test_knows_every_address():
    assert set(NAMES) == set(FOR)


@pytest.mark.parametrize("name", NAMES)
def test_sends_signed_out_people_to_sign_in(name, patient, hold):
    before = state()

    response = ask(Client(), name, patient, hold)

    assert response.status_code == (401 if name in POSTED else 302)
    assert state() == before


@pytest.mark.parametrize("name", NAMES)
def test_answers_for_another_clinics_record_as_for_none(name, patient, hold):
    before, role = state(), sorted(FOR[name])[-1]
    client = signed_in(make_user(role))

    foreign, none = ask(client, name, patient, hold), ask(client, name)

    assert foreign.status_code == none.status_code == 404
    assert foreign.content == none.content
    assert state() == before


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("name", NAMES)
def test_opens_to_the_roles_that_need_it(name, role, patient, hold):
    response = ask(signed_in(make_user(role, clinic=patient.clinic)), name, patient, hold)

    assert response.status_code == (403 if role not in FOR[name] else 302 if name in POSTED else 200)
    if role not in FOR[name]:
        assert "Your role may not" in shown(response)


@pytest.mark.parametrize("name", sorted(POSTED))
def test_changes_nothing_by_a_link(name, patient, hold, admin):
    assert signed_in(admin).get(address(name, patient, hold)).status_code == 405


@pytest.mark.parametrize("name", sorted({*NAMES} - POSTED - {"records"}))
def test_logs_each_view_once(name, patient, admin, clinic):
    who = admin if admin.memberships.get().role in FOR[name] else make_user(clinic=clinic)
    logged = AuditEntry.objects.count()

    ask(signed_in(who), name, patient)

    assert len(logged_since(logged)) == 1
    assert AuditEntry.objects.first().patient_id == patient.pk


@pytest.mark.asvs("V7.5.1")
@pytest.mark.parametrize("name", sorted(CONFIRMED))
def test_asks_again_who_it_is_in_an_old_session(name, patient, clinic):
    person, client = make_person(clinic=clinic), Client()
    person.memberships.update(role=sorted(FOR[name])[-1])
    log_in(client, person)
    assert client.get(address(name, patient)).status_code == 200
    session = client.session
    for entry in session["account_authentication_methods"]:
        entry["at"] -= 301
    session.save()

    asked = client.get(address(name, patient))

    assert unquote(asked["Location"]) == f"/accounts/again/?next={address(name, patient)}"
    confirmed = client.post(asked["Location"], {"password": PASSWORD, "next": address(name, patient)})
    assert confirmed["Location"] == address(name, patient)
    assert client.get(address(name, patient)).status_code == 200


@pytest.mark.asvs("V7.5.1")
def test_an_old_session_erases_nothing_and_keeps_no_typed_name(patient, clinic):
    person, client = make_person(clinic=clinic), Client()
    person.memberships.update(role=Role.CLINIC_ADMIN)
    log_in(client, person)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()

    response = client.post(address("record_erase", patient), TYPED)

    assert response["Location"].startswith("/accounts/again/")
    assert Patient.objects.count() == 1
    assert "Maria" not in str(dict(client.session))


def test_sends_the_record_as_a_zip(patient, clinic):
    response = ask(signed_in(make_user(clinic=clinic)), "record_export", patient)

    assert response["Content-Disposition"] == f'attachment; filename="record-{patient.pk}.zip"'
    assert "no-store" in response["Cache-Control"]
    packed = zipfile.ZipFile(io.BytesIO(response.content))
    assert {"README.txt", "record.json", "tables/patient.csv"} == set(packed.namelist())


@pytest.mark.parametrize("name", ["Maria Rivera", " maria  RIVERA "])
def test_erases_after_name_and_reason(name, patient, admin):
    response = signed_in(admin).post(address("record_erase", patient), {"name": name, "reason": "asked"}, follow=True)

    assert not Patient.objects.exists()
    assert f"The record of patient {patient.pk} is erased." in shown(response)
    assert signed_in(admin).get(address("record", patient)).status_code == 404


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "Maria", "reason": "asked"},
        {"name": "Maria Rivera"},
        {"name": "Maria Rivera", "reason": "retention"},
        {},
    ],
)
def test_erases_nothing_without_name_and_reason(typed, patient, admin):
    response = signed_in(admin).post(address("record_erase", patient), typed)

    assert response.status_code == 422
    assert Patient.objects.count() == 1


@pytest.mark.usefixtures("hold")
def test_a_held_record_is_not_erased_and_the_page_says_why(patient, admin):
    response = signed_in(admin).post(address("record_erase", patient), TYPED, follow=True)

    assert "This record is held until the hold is lifted: Insurance dispute." in shown(response)
    assert Patient.objects.count() == 1


def test_holds_and_lifts(patient, admin):
    client = signed_in(admin)

    page = client.post(address("record_hold", patient), {"why": "Dispute", "until": ""}, follow=True)
    assert "The record is held and can’t be erased." in shown(page)
    assert "held" in shown(client.get(address("records", patient)))
    hold = LegalHold.objects.get()
    for _ in range(2):
        page = client.post(address("record_lift", patient, hold), follow=True)

    hold.refresh_from_db()
    assert hold.lifted_by == admin
    assert "You are asked for the name and the reason first." in shown(page)
    actions = list(AuditEntry.objects.exclude(action__startswith="view").values_list("action", flat=True))
    assert actions.count("lift hold") == actions.count("hold record") == 1


@pytest.mark.parametrize("typed", [{"why": ""}, {"why": "So", "until": "2020-01-01"}])
def test_says_what_is_wrong_with_a_hold(typed, patient, admin):
    response = signed_in(admin).post(address("record_hold", patient), typed)

    assert response.status_code == 422
    assert not LegalHold.objects.exists()


def test_notes_a_disclosure_and_tells_it(patient, admin):
    client, today = signed_in(admin), timezone.localdate().isoformat()
    typed = {"on": today, "recipient": "=Dr Ames", "what": "A letter", "why": "Treatment"}

    page = client.post(address("disclosures", patient), typed, follow=True)
    table = client.get(address("disclosures_csv", patient)).content.decode("utf-8-sig")

    assert "=Dr Ames A letter Treatment" in shown(page)
    head, row = csv.reader(io.StringIO(table))
    assert head == list(disclosures.COLUMNS)
    assert row[:4] == [today, "'=Dr Ames", "A letter", "Treatment"]
    refused = client.post(address("disclosures", patient), typed | {"on": "2999-01-01"})
    assert refused.status_code == 422
    assert Disclosure.objects.count() == 1


def test_lists_the_clinics_own_by_name(patient, admin, django_assert_max_num_queries):
    make_patient("Somebody else's")
    for number in range(60):
        make_patient(f"Guest {number}", clinic=patient.clinic)

    client = signed_in(admin)
    with django_assert_max_num_queries(12):
        page = shown(client.get(address("records", patient)))
    found = shown(search(client, address("records", patient), "maria"))

    assert "Page 1 of 2" in page
    assert "Maria Rivera" in found
    assert "Guest" not in found
    assert AuditEntry.objects.first().detail == {"patients": [patient.pk]}
