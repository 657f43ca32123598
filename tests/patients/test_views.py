"""Who reaches the pages of patients, and what they do with contact data."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEntry, Membership, Role
from patients.models import Patient
from tests.conftest import logged_since, make_assessment, make_clinic, make_driver, make_patient, make_user, signed_in
from tests.patients.pages import search, words_of
from tests.patients.samples import close, make_flag, make_question, screen

pytestmark = pytest.mark.django_db

OF_NOBODY = ["patients", "patient_new"]
OF_ONE = ["patient_edit", "patient_archive", "screening", "assessment", "referral_pdf", "flag_close"]
POST_ONLY = ["patient_archive"]
READ_ONLY = ["referral_pdf"]
READ = [name for name in [*OF_NOBODY, *OF_ONE] if name not in POST_ONLY]
WRITTEN = [name for name in [*OF_NOBODY, *OF_ONE] if name not in READ_ONLY]
MISSING = 999_999


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def flag(by):
    """An open flag of a patient in the clinic of `by`."""
    return make_flag(patient=make_patient(clinic=by.memberships.get().clinic, phone="(555) 010-1234"), by=by)


@pytest.fixture
def patient(flag):
    return flag.patient


def address_of(name, flag=None):
    """Return the page's address for that flag or its patient, or for one that doesn't exist."""
    if name in OF_NOBODY:
        return reverse(name)
    if name == "flag_close":
        return reverse(name, args=[flag.pk if flag else MISSING])
    return reverse(name, args=[flag.patient_id if flag else MISSING])


def names_on(response):
    return re.findall(r'<th scope="row"><a href="/patients/\d+/">([^<]+)</a>', unescape(response.content.decode()))


@pytest.mark.parametrize("name", READ)
def test_sends_signed_out_people_to_sign_in(name, flag):
    response = Client().get(address_of(name, flag))

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={address_of(name, flag)}"


@pytest.mark.parametrize("name", WRITTEN)
def test_keeps_what_signed_out_people_typed_and_does_nothing(name, flag):
    logged = AuditEntry.objects.count()

    response = Client().post(address_of(name, flag), {"name": "Typed in vain", "bring_back": "1"})

    assert response.status_code == 401
    assert "Typed in vain" in words_of(response)
    assert AuditEntry.objects.count() == logged


@pytest.mark.parametrize("name", OF_ONE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_answers_for_another_clinic_as_for_nothing(name, method, flag):
    stranger = signed_in(make_user())
    logged = AuditEntry.objects.count()

    theirs = getattr(stranger, method)(address_of(name, flag))
    nothing = getattr(stranger, method)(address_of(name))

    assert (theirs.status_code, theirs.content) == (nothing.status_code, nothing.content)
    if (name, method) in {("patient_archive", "get"), ("referral_pdf", "post")}:
        assert nothing.status_code == 405
        assert logged_since(logged) == []
    else:
        assert nothing.status_code == 404
        assert logged_since(logged) == ["refuse access", "refuse access"]


@pytest.mark.parametrize("name", ["screening", "assessment", "referral_pdf", "flag_close"])
def test_shows_nothing_clinical_of_a_clinic_where_the_role_is_assistant(name, by, flag):
    therapist_elsewhere = make_user()
    Membership.objects.create(clinic=flag.patient.clinic, user=therapist_elsewhere, role=Role.ASSISTANT)
    client = signed_in(therapist_elsewhere)

    response = client.get(address_of(name, flag))

    assert response.status_code == 404
    assert response.content == client.get(address_of(name)).content


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("name", [*OF_NOBODY, *OF_ONE])
def test_opens_to_the_roles_that_need_it(name, role, flag):
    allowed = {Role.THERAPIST, Role.TRAINER, Role.ASSISTANT}
    if name in {"screening", "assessment", "referral_pdf"}:
        allowed = {Role.THERAPIST, Role.TRAINER}
    elif name == "flag_close":
        allowed = {Role.THERAPIST}
    client = signed_in(make_user(role, clinic=flag.patient.clinic))
    logged = AuditEntry.objects.count()

    ask = client.post if name in POST_ONLY else client.get
    response = ask(address_of(name, flag))

    if role in allowed:
        assert response.status_code in {200, 302}
    else:
        assert response.status_code == 403
        assert re.search(r"Your role may not [a-z ,']+\.", words_of(response))
        assert logged_since(logged) == ["refuse access"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_lets_no_trainer_of_the_clinic_close_who_is_therapist_elsewhere(method, flag):
    person = make_user()
    Membership.objects.create(clinic=flag.patient.clinic, user=person, role=Role.TRAINER)

    response = getattr(signed_in(person), method)(address_of("flag_close", flag), {"outcome": "Scan was clear."})

    assert response.status_code == 403
    assert "Your role in this clinic may not close red flags" in words_of(response)


@pytest.mark.parametrize("name", POST_ONLY)
def test_changes_nothing_by_a_link(name, by, flag):
    response = signed_in(by).get(address_of(name, flag))

    assert response.status_code == 405
    assert Patient.objects.get().archived_at is None


@pytest.mark.parametrize("name", READ_ONLY)
def test_takes_no_form_on_a_page_that_only_reads(name, by, flag):
    assert signed_in(by).post(address_of(name, flag)).status_code == 405


@pytest.mark.parametrize("name", READ)
def test_logs_each_view_once(name, by, flag):
    logged = AuditEntry.objects.count()

    signed_in(by).get(address_of(name, flag))

    # a blank form shows nobody
    assert AuditEntry.objects.count() == logged + (name != "patient_new")
    if name in OF_ONE:
        assert AuditEntry.objects.first().patient_id == flag.patient_id
        assert AuditEntry.objects.first().by == by


def test_logs_who_was_on_the_list(by, patient):
    other = make_patient("Tom Berg", clinic=patient.clinic)
    make_patient("Not here")

    search(signed_in(by), "/patients/", "tom")

    entry = AuditEntry.objects.first()
    assert (entry.action, entry.subject, entry.detail) == ("list patients", "patients", {"patients": [other.pk]})


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({}, ["José Núñez", "Maria Rivera", "Żaneta Łoś"]),
        ({"q": "jose"}, ["José Núñez"]),
        ({"q": "JOSÉ nunez"}, ["José Núñez"]),
        ({"q": "los"}, ["Żaneta Łoś"]),
        ({"q": " maria "}, ["Maria Rivera"]),
        ({"q": "maria\0"}, ["Maria Rivera"]),
        ({"q": "010-1234"}, ["Maria Rivera"]),
        ({"q": "%"}, []),
        ({"q": "a" * 5000}, []),
        ({"archived": "1"}, ["Jane Old"]),
        ({"archived": "1", "q": "old"}, ["Jane Old"]),
        ({"archived": "yes"}, ["José Núñez", "Maria Rivera", "Żaneta Łoś"]),
    ],
)
def test_finds_patients_of_the_clinic_by_name(typed, found, by, patient):
    for name in ["Żaneta Łoś", "José Núñez", "Jane Old"]:
        make_patient(name, clinic=patient.clinic)
    Patient.objects.filter(name="Jane Old").update(archived_at="2026-01-01T00:00Z")
    make_patient("José of another clinic")

    assert names_on(signed_in(by).post("/patients/", typed, follow=True)) == found


@pytest.mark.parametrize("query", ["page=99", "page=x", "archived=yes", "search=gone", "search=%00", "q=maria"])
def test_shows_all_for_an_odd_address(query, by, patient):
    make_patient("José Núñez", clinic=patient.clinic)

    assert names_on(signed_in(by).get(f"/patients/?{query}")) == ["José Núñez", "Maria Rivera"]


def test_says_what_was_searched_and_offers_a_way_back(by, patient):
    page = words_of(search(signed_in(by), "/patients/", "<b>zebra"))

    assert "No patient matches “<b>zebra”" in page
    assert "Show all" in page


def test_pages_through_many_patients(by):
    clinic = by.memberships.get().clinic
    for number in range(120):
        make_patient(f"Patient {number:03}", clinic=clinic)
    client = signed_in(by)

    address = search(client, "/patients/", "patient").redirect_chain[-1][0]
    pages = [client.get(f"{address}&page={number}") for number in (1, 2, 3)]

    assert [len(names_on(page)) for page in pages] == [50, 50, 20]
    assert sorted({name for page in pages for name in names_on(page)}) == [f"Patient {n:03}" for n in range(120)]
    assert "120 patients matching “patient”" in words_of(pages[0])
    assert "Page 2 of 3" in words_of(pages[1])
    assert f"{address.partition('/patients/')[2]}&page=3" in words_of(pages[1])


@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize(("role", "queries"), [(Role.THERAPIST, 11), (Role.ASSISTANT, 8)])
def test_lists_any_number_of_patients_with_the_same_queries(role, queries, count, by, django_assert_num_queries):
    clinic = by.memberships.get().clinic
    make_question()
    for number in range(count):
        patient = make_patient(f"Patient {number}", clinic=clinic)
        screen(patient, by=by, bladder=True)
        make_assessment(patient, by=by)
    client = signed_in(make_user(role, clinic=clinic))

    # session, person, role, count, patients, audit row, clinics, memberships; rounds, flags, assessments
    with django_assert_num_queries(queries):
        client.get("/patients/")


def test_shows_driver_and_flags_to_clinicians_and_not_to_assistants(by, patient):
    make_assessment(patient, by=by)
    assistant = make_user(Role.ASSISTANT, clinic=patient.clinic)

    seen, hidden = (words_of(signed_in(user).get("/patients/")) for user in (by, assistant))

    for words in ["Suspected driver", "Piriformis", "Emergency flag open"]:
        assert words in seen
        assert words not in hidden
    assert "(555) 010-1234" in hidden


def test_shows_the_driver_of_the_latest_assessment(by, patient):
    for slug, at in [("stenosis", "2026-02-01T00:00Z"), ("disc", "2026-03-01T00:00Z"), ("facet", "2026-01-01T00:00Z")]:
        make_assessment(patient, by=by, driver=make_driver(slug), at=at)

    page = words_of(signed_in(by).get("/patients/"))

    assert "Disc" in page
    assert "Stenosis" not in page
    assert "Facet" not in page


def test_hides_driver_and_flags_of_the_clinic_where_one_is_assistant(by, patient):
    make_assessment(patient, by=by)
    person = make_user()
    Membership.objects.create(clinic=patient.clinic, user=person, role=Role.ASSISTANT)

    response = signed_in(person).get("/patients/")

    assert names_on(response) == ["Maria Rivera"]
    assert "Piriformis" not in words_of(response)
    assert "Emergency" not in words_of(response)


NEW = {"name": "José Núñez", "birth_date": "1980-05-17", "phone": "", "email": "", "version": "1"}


@pytest.mark.parametrize(("role", "goes_on"), [(Role.TRAINER, "screening"), (Role.ASSISTANT, "patient")])
def test_adds_a_patient_and_goes_on(role, goes_on):
    user = make_user(role)

    response = signed_in(user).post("/patients/new/", NEW)

    patient = Patient.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse(goes_on, args=[patient.pk]))
    assert (patient.name, patient.clinic) == ("José Núñez", user.memberships.get().clinic)
    assert AuditEntry.objects.get().action == "create patient"


@pytest.mark.parametrize("born", ["17.5.1980", "2026-13-01", "1066-10-14"])
def test_keeps_the_typed_text_when_the_date_is_wrong(born, by):
    response = signed_in(by).post("/patients/new/", {**NEW, "birth_date": born, "contact_note": "After <5> pm"})

    page = words_of(response)
    assert response.status_code == 422
    assert f'value="{born}"' in page
    assert 'value="José Núñez"' in page
    assert 'value="After <5> pm"' in page
    assert not Patient.objects.exists()


def test_names_the_clinic_of_each_patient_to_people_of_several(by):
    own, other = make_patient(clinic=by.memberships.get().clinic).clinic, make_clinic("Hillside")
    make_patient("Tom Becker", clinic=other)
    assert own.name not in words_of(signed_in(by).get("/patients/")).partition("<main")[2]

    Membership.objects.create(clinic=other, user=by, role=Role.TRAINER)

    listed = words_of(signed_in(by).get("/patients/")).partition("<main")[2]
    assert own.name in listed
    assert other.name in listed


def test_asks_for_the_clinic_when_there_are_several(by):
    second = make_clinic("Hillside")
    Membership.objects.create(clinic=second, user=by, role=Role.ASSISTANT)
    client = signed_in(by)

    missing = client.post("/patients/new/", NEW)
    strange = client.post("/patients/new/", {**NEW, "clinic": make_clinic().pk})
    response = client.post("/patients/new/", {**NEW, "clinic": second.pk})

    patient = Patient.objects.get()
    assert (missing.status_code, strange.status_code) == (422, 422)
    assert patient.clinic == second
    assert response["Location"] == reverse("patient", args=[patient.pk])


def edited(patient, **changes):
    return {"name": patient.name, "version": str(patient.version), **changes}


def test_changes_contact_data(by, patient):
    response = signed_in(by).post(f"/patients/{patient.pk}/edit/", edited(patient, name="Ana Rivera"))

    patient.refresh_from_db()
    assert response["Location"] == f"/patients/{patient.pk}/"
    assert (patient.name, patient.folded_name, patient.phone, patient.version) == ("Ana Rivera", "ana rivera", "", 2)


def test_offers_each_known_language_and_keeps_the_one_chosen(by, patient):
    client, address = signed_in(by), f"/patients/{patient.pk}/edit/"

    chosen = client.post(address, edited(patient, language="es"))
    unknown = client.post(address, edited(patient, version=2, language="tlh"))
    silent = client.post(address, edited(patient, version=2))

    patient.refresh_from_db()
    assert [response.status_code for response in (chosen, unknown, silent)] == [302, 422, 302]
    assert patient.language == "es"
    form = client.get(address).context["form"]
    assert form.fields["language"].choices == [("en", "English"), ("es", "Español")]


def test_a_language_that_is_not_known_any_more_stays_the_patients(by):
    patient = make_patient(clinic=by.memberships.get().clinic, language="pl")
    client, address = signed_in(by), f"/patients/{patient.pk}/edit/"

    response = client.post(address, edited(patient, language="pl", phone="(555) 010-0002"))

    patient.refresh_from_db()
    assert response.status_code == 302
    assert (patient.language, patient.phone) == ("pl", "(555) 010-0002")


def test_keeps_the_typed_change_when_the_date_is_wrong(by, patient):
    response = signed_in(by).post(
        f"/patients/{patient.pk}/edit/", edited(patient, name="Ana Rivera", birth_date="yesterday")
    )

    page = words_of(response)
    assert response.status_code == 422
    assert 'value="Ana Rivera"' in page
    assert 'value="yesterday"' in page
    assert Patient.objects.get().name == "Maria Rivera"


def test_shows_theirs_beside_what_was_typed(by, patient):
    client, address = signed_in(by), f"/patients/{patient.pk}/edit/"
    client.post(address, edited(patient, name="Theirs Rivera", phone="(555) 010-0001"))
    logged = AuditEntry.objects.count()

    response = client.post(address, edited(patient, name="Mine Rivera", contact_note="Typed note"))

    page = words_of(response)
    assert response.status_code == 409
    assert "Somebody else changed this patient while you were typing" in page
    assert "full name: Theirs Rivera" in page.replace("Full", "full")
    assert "(555) 010-0001" in page
    assert 'value="Mine Rivera"' in page
    assert 'value="Typed note"' in page
    assert Patient.objects.get().name == "Theirs Rivera"
    assert logged_since(logged) == ["view patient form"]


def test_saves_over_theirs_when_the_page_with_both_is_sent_again(by, patient):
    client, address = signed_in(by), f"/patients/{patient.pk}/edit/"
    client.post(address, edited(patient, name="Theirs Rivera"))
    page = words_of(client.post(address, edited(patient, name="Mine Rivera")))
    version = re.search(r'name="version" value="(\d+)"', page)[1]

    response = client.post(address, edited(patient, name="Mine Rivera", version=version))

    assert response.status_code == 302
    assert Patient.objects.get().name == "Mine Rivera"


def test_archives_a_patient_and_brings_it_back(by, patient):
    client, address = signed_in(by), f"/patients/{patient.pk}/archive/"

    archived = client.post(address)
    assert archived["Location"] == "/patients/"
    assert "Maria Rivera is archived. Nothing was deleted." in words_of(client.get("/patients/"))
    assert names_on(client.get("/patients/")) == []

    back = client.post(address, {"bring_back": "1"})
    assert back["Location"] == f"/patients/{patient.pk}/"
    assert names_on(client.get("/patients/")) == ["Maria Rivera"]


def test_offers_no_form_for_a_flag_that_is_closed(by, flag):
    close(flag, by=by, outcome="Scan was clear.")

    page = words_of(signed_in(by).get(address_of("flag_close", flag)))

    assert "Scan was clear." in page
    assert "Close the flag" not in page
