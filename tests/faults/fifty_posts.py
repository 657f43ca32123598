"""Fifty people's worth of pressing Send on one form, at once: what F08 asks of each kind of database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEntry
from programs import delivery
from programs.models import Delivery, PatientLink
from tests.conftest import make_patient, make_user, signed_in
from tests.programs.samples import make_issue, make_program

TO = "maria@patients.invalid"
TIMES = 50


def press_at_once(how: str) -> dict:
    """Return answers and rows after 50 equal posts of one send form."""
    by = make_user()
    patient = make_patient(clinic=by.memberships.get().clinic, email=TO, mail_consent="")
    issue = make_issue(make_program("Bridge", by=by, patient=patient), by=by)
    cookies = signed_in(by).cookies
    typed = {"to": TO, "consent": "attach", "how": how, "form_key": delivery.new_form_key()}
    ready = Barrier(TIMES)

    def press(number: int) -> tuple[int, str]:
        client = Client()
        client.cookies = cookies
        try:
            ready.wait(timeout=60)
            answer = client.post(reverse("send", args=[issue.pk]), typed)
            return answer.status_code, answer.get("Location", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TIMES) as people:
        answers = sorted(set(people.map(press, range(TIMES))))
    logged = AuditEntry.objects.filter(action__in=["queue handout mail", "record mail consent"])
    return {
        "answers": answers,
        "patient": reverse("patient", args=[patient.pk]),
        "rows": Delivery.objects.count(),
        "links": PatientLink.objects.count(),
        "logged": sorted(logged.values_list("action", flat=True)),
    }
