"""Who reaches which page of programs: signed out, another clinic, the wrong role, the wrong method."""

import itertools

import pytest
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEntry
from programs import delivery, sign_offs, urls
from programs.models import Delivery, Issue, Item, Program, SignOff
from tests.conftest import make_clinic, make_user, signed_in
from tests.programs.clinical import make_ready
from tests.programs.samples import items_of, make_issue

pytestmark = pytest.mark.django_db

# Name of the page: the record its address names.
SHOWN = {
    "patient": "patient",
    "program_new": "patient",
    "builder": "program",
    "item_edit": "item",
    "preview": "program",
    "issue": "program",
    "handout_pdf": "issue",
    "send": "issue",
    "delivery": "delivery",
    "sign_off_ask": "program",
    "sign_off": "sign_off",
    "progress": "program",
}
POSTED = {
    "stage_choose": "program",
    "item_add": "program",
    "fix": "program",
    "next_visit": "program",
    "item_move": "item",
    "item_place": "item",
    "item_remove": "item",
}
PAGES = SHOWN | POSTED
READ_ONLY = {"patient", "builder", "preview", "handout_pdf", "delivery"}
WITHOUT_RECORD = {"today", "healthz"}
FOR_HANDOUTS = {"patient", "handout_pdf", "send", "delivery"}


class Clinic:
    """A clinic with a program that has been issued, mailed, and waits for a sign-off."""

    def __init__(self) -> None:
        self.clinic = make_clinic()
        self.therapist = self.person("therapist")
        self.program = make_ready(by=self.therapist)
        self.issue = make_issue(self.program, by=self.therapist)
        key = delivery.new_form_key()
        self.delivery = delivery.queue_handout(self.issue, to="m@patients.invalid", form_key=key, by=self.therapist)
        self.sign_off = sign_offs.ask(self.program, reasons=["A reason."], question="", by=self.therapist)
        self.item = items_of(self.program)[0]
        self.patient = self.program.patient

    def person(self, role: str):
        return make_user(role, clinic=self.clinic)

    def address(self, name: str) -> str:
        return reverse(name, args=[getattr(self, PAGES[name]).pk])


@pytest.fixture
def here() -> Clinic:
    return Clinic()


def missing(name: str) -> str:
    return reverse(name, args=[987_654])


def contents() -> list[list[dict]]:
    """Return all rows that these pages may change."""
    return [list(model.objects.order_by("pk").values()) for model in (Program, Item, Issue, Delivery, SignOff)]


def test_knows_every_address():
    assert {pattern.name for pattern in urls.urlpatterns} == set(PAGES) | WITHOUT_RECORD


@pytest.mark.parametrize("name", PAGES)
def test_sends_signed_out_people_to_sign_in(here, name):
    response = Client().get(here.address(name))

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={here.address(name)}"


def test_sends_signed_out_people_from_today_to_sign_in():
    assert Client().get("/")["Location"] == "/accounts/login/?next=/"


@pytest.mark.parametrize("name", sorted(set(PAGES) - READ_ONLY))
def test_does_nothing_for_a_form_of_somebody_signed_out(here, name):
    before = contents()

    response = Client().post(here.address(name), {"stage": "w2_4", "phase": "calm", "note": "typed"})

    assert response.status_code == 401
    assert 'value="typed"' in response.content.decode()
    assert contents() == before


@pytest.mark.parametrize("name", PAGES)
def test_answers_for_another_clinics_record_as_for_none(here, name):
    there = signed_in(make_user("therapist"))

    for method in ("get",) if name in READ_ONLY else ("get", "post"):
        foreign, none = getattr(there, method)(here.address(name)), getattr(there, method)(missing(name))
        if (name, method) in itertools.product(POSTED, ["get"]):
            assert foreign.status_code == none.status_code == 405
        else:
            assert foreign.status_code == none.status_code == 404
        assert foreign.content == none.content


@pytest.mark.parametrize("name", PAGES)
def test_writes_nothing_for_another_clinics_people(here, name):
    there = signed_in(make_user("therapist"))
    before, logged = contents(), AuditEntry.objects.count()

    there.get(here.address(name))
    there.post(here.address(name), {"stage": "w2_4", "phase": "calm", "to": "down", "approved": "yes"})

    assert contents() == before
    assert AuditEntry.objects.count() == logged


@pytest.mark.parametrize("name", PAGES)
def test_refuses_clinic_admins(here, name):
    client = signed_in(here.person("clinic_admin"))

    assert client.post(here.address(name)).status_code == 403
    assert client.get(here.address(name)).status_code == 403


@pytest.mark.parametrize("name", sorted(set(PAGES) - FOR_HANDOUTS))
def test_refuses_assistants_what_is_clinical(here, name):
    client = signed_in(here.person("assistant"))

    response = client.get(here.address(name))

    assert response.status_code == 403
    assert b"Your role may not" in response.content
    assert client.post(here.address(name)).status_code == 403


@pytest.mark.parametrize("name", sorted(FOR_HANDOUTS))
def test_lets_assistants_print_and_send(here, name):
    assert signed_in(here.person("assistant")).get(here.address(name)).status_code == 200


@pytest.mark.parametrize("name", SHOWN)
def test_lets_therapists_in(here, name):
    assert signed_in(here.therapist).get(here.address(name)).status_code == 200


@pytest.mark.parametrize("name", SHOWN)
def test_lets_trainers_in_but_not_to_sign_off(here, name):
    status = signed_in(here.person("trainer")).get(here.address(name)).status_code

    assert status == (403 if name == "sign_off" else 200)


@pytest.mark.parametrize("name", POSTED)
def test_takes_edits_by_post_only(here, name):
    before = contents()

    assert signed_in(here.therapist).get(here.address(name)).status_code == 405
    assert contents() == before


@pytest.mark.parametrize("name", sorted(READ_ONLY))
def test_takes_no_post_where_there_is_nothing_to_change(here, name):
    assert signed_in(here.therapist).post(here.address(name)).status_code == 405


@pytest.mark.parametrize("name", SHOWN)
def test_logs_each_view_once(here, name):
    logged = AuditEntry.objects.count()

    signed_in(here.therapist).get(here.address(name))

    entry = AuditEntry.objects.first()
    assert AuditEntry.objects.count() == logged + 1
    assert (entry.by, entry.patient_id, entry.clinic) == (here.therapist, here.patient.pk, here.clinic)


@pytest.mark.parametrize("name", SHOWN)
def test_changes_nothing_when_it_only_shows(here, name):
    before = contents()

    signed_in(here.therapist).get(here.address(name))

    assert contents() == before


def test_tells_a_load_balancer_whether_it_is_ready(loaded_catalog):
    response = Client().get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


def test_tells_a_load_balancer_that_the_catalog_is_missing():
    response = Client().get("/healthz")

    assert (response.status_code, response.content) == (503, b"not ready")


def test_tells_a_load_balancer_that_the_database_is_away(monkeypatch):
    from django.db import OperationalError

    def fail():
        raise OperationalError

    monkeypatch.setattr("programs.health.Exercise.objects.published", fail)

    assert Client().get("/healthz").status_code == 503
