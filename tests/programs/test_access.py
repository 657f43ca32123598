"""Who reaches which page of programs: signed out, another clinic, the wrong role, the wrong method."""

import itertools
from collections.abc import Sequence

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEntry
from clinics.pdf import Pdf
from programs import urls
from programs.models import (
    ClinicProtocol,
    ClinicProtocolItem,
    Delivery,
    ExerciseUse,
    Favourite,
    Issue,
    Item,
    PatientLink,
    Program,
    SignOff,
    Stage,
)
from tests import kept
from tests.conftest import logged_since, make_user, signed_in
from tests.programs.places import Place

pytestmark = pytest.mark.django_db

# Name of the page: the record its address names, with what else stands there.
SHOWN = {
    "patient": "patient",
    "program_new": "patient",
    "builder": "program",
    "program_catalog": "program",
    "program_exercise": "program exercise",
    "program_swaps": "program item",
    "program_changes": "program",
    "program_copy": "program",
    "save_as_protocol": "program",
    "clinic_protocols": "",
    "clinic_protocol": "protocol",
    "preview": "program",
    "preview_pdf": "program",
    "issue": "program",
    "handout_pdf": "issue",
    "send": "issue",
    "delivery": "delivery",
    "sign_off_ask": "program",
    "sign_off": "sign_off",
    "progress": "program",
    "patient_link": "issue link",
}
POSTED = {
    "patient_link_new": "issue",
    "patient_link_revoke": "issue link",
    "program_edit": "program",
    "clinic_protocol_retire": "protocol",
    "came_back": "delivery",
}
PAGES = SHOWN | POSTED
BUILDER = {"builder", "program_catalog", "program_exercise", "program_swaps", "program_changes"}
READ_ONLY = BUILDER | {
    "patient",
    "preview",
    "preview_pdf",
    "handout_pdf",
    "delivery",
    "clinic_protocols",
    "patient_link",
}
WITHOUT_RECORD = {"today", "healthz"}
FOR_HANDOUTS = {"patient", "handout_pdf", "send", "delivery", "came_back"}
FOR_HANDOUTS |= {"patient_link", "patient_link_new", "patient_link_revoke"}
# Each clinic has its own; what is there is about no patient.
OWN_LIST = "clinic_protocols"
ABOUT_NO_PATIENT = {"clinic_protocols", "clinic_protocol"}
# What somebody might send to change something.
TYPED = {"do": "add:clam", "version": 1, "phase": "calm", "approved": "yes", "title": "Ours", "mode": "append"}
SCRIPT = {"X-Requested-With": "fetch"}


@pytest.fixture(autouse=True)
def quick(settings, monkeypatch):
    """No PDF is drawn: who may have it is asked here, not how it looks."""
    settings.SITE_ADDRESS = "https://clinic.example"
    monkeypatch.setattr("clinics.pdf.render_html_to_pdf", lambda *_, **__: Pdf(b"%PDF", "roomy", 1))


@pytest.fixture
def here(db: None) -> Place:
    return kept.make("one clinic's program", Place)


def address(here: Place, name: str) -> str:
    """Return where the page of that place's records is."""
    records = [getattr(here, record) for record in PAGES[name].split()]
    return reverse(name, args=[record.slug if record is here.exercise else record.pk for record in records])


def missing(name: str, here: Place) -> str:
    """Return the same address of a record that isn't there."""
    _, *also = PAGES[name].split()
    rest = [here.exercise.slug if name == "exercise" else here.item.pk for name in also]
    return reverse(name, args=[987_654, *rest])


def look(client: Client, address: str, name: str):
    """Open a page as people come to it: what the catalog finds, the builder's script asks for."""
    return client.get(address, headers=SCRIPT if name == "program_catalog" else {})


def contents() -> list[list[dict]]:
    """Return all rows that these pages may change."""
    models = (Program, Stage, Item, Issue, Delivery, SignOff, ClinicProtocol, ClinicProtocolItem)
    return [list(model.objects.order_by("pk").values()) for model in (*models, ExerciseUse, Favourite, PatientLink)]


def test_knows_every_address():
    assert {pattern.name for pattern in urls.urlpatterns} == set(PAGES) | WITHOUT_RECORD


@pytest.mark.parametrize("name", PAGES)
def test_sends_signed_out_people_to_sign_in(here, name):
    response = Client().get(address(here, name))

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={address(here, name)}"


def test_sends_signed_out_people_from_today_to_sign_in():
    assert Client().get("/")["Location"] == "/accounts/login/?next=/"


@pytest.mark.parametrize("name", sorted(set(PAGES) - READ_ONLY))
def test_does_nothing_for_a_form_of_somebody_signed_out(here, name):
    before = contents()

    response = Client().post(address(here, name), TYPED | {"note": "typed"})

    assert response.status_code == 401
    assert 'value="typed"' in response.content.decode()
    assert contents() == before


def test_tells_the_builders_script_that_one_is_signed_out(here):
    before = contents()

    response = Client().post(address(here, "program_edit"), TYPED, headers=SCRIPT)

    assert (response.status_code, response.json()) == (401, {})
    assert contents() == before


def test_tells_the_builders_script_that_the_page_is_stale(here):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(here.therapist, backend="django.contrib.auth.backends.ModelBackend")
    before = contents()

    response = strict.post(address(here, "program_edit"), TYPED, headers=SCRIPT)

    assert (response.status_code, response.json()) == (403, {"csrf": True})
    assert contents() == before


@pytest.mark.parametrize("name", sorted(set(PAGES) - {OWN_LIST}))
@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["by form", "by script"])
def test_answers_for_another_clinics_record_as_for_none(here, name, headers):
    there = signed_in(make_user("therapist"))

    for method in ("get",) if name in READ_ONLY else ("get", "post"):
        send = getattr(there, method)
        foreign, none = (send(address, headers=headers) for address in (address(here, name), missing(name, here)))
        if (name, method) in itertools.product(POSTED, ["get"]):
            assert foreign.status_code == none.status_code == 405
        else:
            assert foreign.status_code == none.status_code == 404
        assert foreign.content == none.content


@pytest.mark.asvs("V16.3.2")
@pytest.mark.parametrize("name", PAGES)
def test_writes_nothing_for_another_clinics_people(here, name):
    there = signed_in(make_user("therapist"))
    before, logged = contents(), AuditEntry.objects.count()

    answers = [there.get(address(here, name))]
    answers += [there.post(address(here, name), TYPED, headers=headers) for headers in ({}, SCRIPT)]

    assert contents() == before
    assert logged_since(logged) == refusals(answers)
    assert not AuditEntry.objects.filter(action="refuse access", clinic=here.clinic).exists()


def test_lists_nothing_of_another_clinics_protocols(here):
    page = signed_in(make_user("therapist")).get(address(here, OWN_LIST)).content.decode()

    assert address(here, "clinic_protocol") not in page
    assert address(here, "clinic_protocol") in signed_in(here.therapist).get(address(here, OWN_LIST)).content.decode()


def test_shows_no_item_of_another_program_beside_ones_own(here):
    there = Place()

    address = reverse("program_swaps", args=[there.program.pk, here.item.pk])

    assert signed_in(there.therapist).get(address).status_code == 404


@pytest.mark.asvs("V16.3.2")
@pytest.mark.parametrize("name", PAGES)
def test_refuses_clinic_admins(here, name):
    client = signed_in(here.person("clinic_admin"))
    before, logged = contents(), AuditEntry.objects.count()

    answers = [getattr(client, method)(address(here, name), TYPED) for method in ("get", "post")]

    assert [response.status_code for response in answers] == refused(name)
    assert b"Your role may not" in next(response for response in answers if response.status_code == 403).content
    assert (contents(), logged_since(logged)) == (before, refusals(answers))


def refusals(answers: Sequence[HttpResponse]) -> list[str]:
    """Return what the log says of them: a line for each that was refused or not found."""
    return ["refuse access" for answer in answers if answer.status_code in (403, 404)]


def refused(name: str) -> list[int]:
    """Return the answers to GET and POST of a role that may not come here; a method not taken is refused first."""
    return [405 if name in POSTED else 403, 405 if name in READ_ONLY else 403]


@pytest.mark.parametrize("name", sorted(set(PAGES) - FOR_HANDOUTS))
def test_refuses_assistants_what_is_clinical(here, name):
    client = signed_in(here.person("assistant"))
    before, logged = contents(), AuditEntry.objects.count()

    answers = [getattr(client, method)(address(here, name), TYPED) for method in ("get", "post")]

    assert [response.status_code for response in answers] == refused(name)
    assert b"Your role may not" in next(response for response in answers if response.status_code == 403).content
    assert (contents(), logged_since(logged)) == (before, refusals(answers))


@pytest.mark.parametrize("name", sorted(FOR_HANDOUTS - set(POSTED)))
def test_lets_assistants_print_and_send(here, name):
    assert signed_in(here.person("assistant")).get(address(here, name)).status_code == 200


@pytest.mark.parametrize("name", SHOWN)
def test_lets_therapists_in(here, name):
    assert look(signed_in(here.therapist), address(here, name), name).status_code == 200


@pytest.mark.parametrize("name", SHOWN)
def test_lets_trainers_in_but_not_to_sign_off(here, name):
    status = look(signed_in(here.person("trainer")), address(here, name), name).status_code

    assert status == (403 if name == "sign_off" else 200)


@pytest.mark.parametrize("name", POSTED)
def test_takes_edits_by_post_only(here, name):
    before = contents()

    for headers in ({}, SCRIPT):
        assert signed_in(here.therapist).get(address(here, name), TYPED, headers=headers).status_code == 405
    assert contents() == before


@pytest.mark.parametrize("name", sorted(READ_ONLY))
def test_takes_no_post_where_there_is_nothing_to_change(here, name):
    assert signed_in(here.therapist).post(address(here, name)).status_code == 405


@pytest.mark.parametrize("name", sorted(set(SHOWN) - ABOUT_NO_PATIENT))
def test_logs_each_view_once(here, name):
    logged = AuditEntry.objects.count()

    look(signed_in(here.therapist), address(here, name), name)

    entry = AuditEntry.objects.first()
    assert AuditEntry.objects.count() == logged + 1
    assert (entry.by, entry.patient_id, entry.clinic) == (here.therapist, here.patient.pk, here.clinic)


@pytest.mark.parametrize("name", SHOWN)
def test_changes_nothing_when_it_only_shows(here, name):
    before = contents()

    for headers in ({}, SCRIPT):
        signed_in(here.therapist).get(address(here, name), TYPED, headers=headers)

    assert contents() == before


@pytest.mark.parametrize("name", sorted({"builder", "program_exercise", "program_swaps", "program_changes"}))
def test_logs_each_view_by_script_once_too(here, name):
    logged = AuditEntry.objects.count()

    signed_in(here.therapist).get(address(here, name), headers=SCRIPT)

    assert AuditEntry.objects.count() == logged + 1


def test_logs_an_edit_once_with_patient_and_person(here):
    logged = AuditEntry.objects.count()

    signed_in(here.therapist).post(address(here, "program_edit"), {"do": f"remove:{here.item.pk}"})

    entry = AuditEntry.objects.first()
    assert AuditEntry.objects.count() == logged + 1
    assert (entry.action, entry.by, entry.patient_id) == ("remove item", here.therapist, here.patient.pk)
    assert entry.subject == f"program:{here.program.pk}"


def test_tells_a_load_balancer_whether_it_is_ready(loaded_catalog):
    response = Client().get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


def test_tells_a_load_balancer_that_the_catalog_is_missing():
    response = Client().get("/healthz")

    assert (response.status_code, response.content) == (503, b"not ready")


@pytest.mark.asvs("V16.5.2")
def test_tells_a_load_balancer_that_the_database_is_away(monkeypatch):
    from django.db import OperationalError

    def fail():
        raise OperationalError

    monkeypatch.setattr("programs.health.Exercise.objects.published", fail)

    assert Client().get("/healthz").status_code == 503
