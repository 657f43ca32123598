"""Fifty people's worth of pressing the button of one form, at once: what F08 asks of each kind of database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEntry, User
from clinics.pdf import Pdf
from patients.models import Patient
from programs import delivery, handout
from programs.models import Delivery, Issue, PatientLink
from tests.conftest import make_patient, make_user, signed_in
from tests.programs.clinical import make_ready
from tests.programs.samples import make_issue, make_program

TO = "maria@patients.invalid"
TIMES = 50


def press_at_once(how: str) -> dict:
    """Return answers and rows after 50 equal posts of one send form."""
    by = make_user()
    patient = make_patient(clinic=by.memberships.get().clinic, email=TO, mail_consent="")
    issue = make_issue(make_program("Bridge", by=by, patient=patient), by=by)
    typed = {"to": TO, "consent": "attach", "how": how, "form_key": delivery.new_form_key()}
    answers = post_at_once(by, reverse("send", args=[issue.pk]), typed)
    return {
        "answers": answers,
        "patient": reverse("patient", args=[patient.pk]),
        "rows": Delivery.objects.count(),
        "links": PatientLink.objects.count(),
        "logged": logged("queue handout mail", "record mail consent"),
    }


def add_patient_at_once() -> dict:
    """Return the same of the form for a new patient, as it came with its page."""
    by = make_user()
    page = signed_in(by).get("/patients/new/").context["form"]
    typed = {"name": "Ida Holm", "language": "en", **{name: page[name].value() for name in ("version", "form_key")}}
    answers = post_at_once(by, "/patients/new/", typed)
    patients = [f"/patients/{key}/screening/" for key in Patient.objects.values_list("pk", flat=True)]
    return {"answers": answers, "made": patients, "logged": logged("create patient")}


def issue_at_once() -> dict:
    """Return the same of the form that issues a program; what is drawn is always the same."""
    by = make_user()
    program = make_ready(by=by)
    handout.render_pdf = lambda *_, **__: Pdf(b"%PDF-1.7 sample", "", 1)
    answers = post_at_once(by, f"/programs/{program.pk}/issue/", {"number": 1, "version": program.version})
    issues = [f"/patients/{program.patient_id}/#issue-{key}" for key in Issue.objects.values_list("pk", flat=True)]
    return {"answers": answers, "made": issues, "logged": logged("issue handout")}


def post_at_once(by: User, address: str, typed: dict) -> list[tuple[int, str]]:
    """Post the same from 50 threads; return the answers, each once."""
    cookies, ready = signed_in(by).cookies, Barrier(TIMES)

    def press(number: int) -> tuple[int, str]:
        client = Client()
        client.cookies = cookies
        try:
            ready.wait(timeout=60)
            answer = client.post(address, typed)
            return answer.status_code, answer.get("Location", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TIMES) as people:
        return sorted(set(people.map(press, range(TIMES))))


def logged(*actions: str) -> list[str]:
    return sorted(AuditEntry.objects.filter(action__in=actions).values_list("action", flat=True))
