"""A form changes what it is for: fields it doesn't have, and parameters given twice or elsewhere, change nothing."""

from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from clinics.models import Membership, User
from patients.models import Patient
from tests.conftest import make_clinic, make_patient, make_user, signed_in
from tests.faults.test_every_statement import world
from tests.faults.writes import WRITES

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]

OURS = ("clinics", "patients", "programs", "exercises")
# Forms that change one row of a clinic's, and the row.
CHANGES = {
    "a changed patient": "patient",
    "clinic settings": "clinic",
    "a changed protocol": "protocol",
    "an archived patient": "patient",
    "a mail that came back": "delivery",
}
WHOSE = {"id", "clinic_id", "owner_id", "made_by_id", "by_id", "issue_id", "program_id", "patient_id"}


def model_fields() -> set[str]:
    return {
        name
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }


def values(row: Any) -> dict[str, Any]:
    """Return all that the database has of a row now."""
    fresh = type(row).objects.get(pk=row.pk)
    return {field.attname: getattr(fresh, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.asvs("V15.3.3")
@pytest.mark.parametrize("name", CHANGES)
def test_a_field_that_a_form_does_not_have_changes_nothing(world, name):
    write, row = WRITES[name], getattr(world, CHANGES[name])
    client, typed = write.client(world), write.typed(world)
    page = client.get(write.address(world))
    shown = page.content.decode() if page.status_code == 200 else ""
    extra = {field: "4711" for field in model_fields() - set(typed) if f'name="{field}"' not in shown}
    before = values(row)

    answer = write.send(client, world, {**extra, **typed})

    now = values(row)
    changed = {field for field in now if now[field] != before[field]}
    assert answer.status_code == 302
    assert len(extra) > 100
    assert changed & WHOSE == set()
    assert not [field for field in changed if str(now[field]) in {"4711", "True"} and field in extra]


@pytest.mark.asvs("V15.3.3")
def test_nobody_makes_themselves_more_than_they_are():
    person = make_user("assistant")
    client, wanted = signed_in(person), {"is_staff": "on", "is_superuser": "on", "role": "clinic_admin", "clinic": "1"}

    for page in ("account_change_password", "patient_new"):
        client.post(reverse(page), {"name": "Ida Holm", "language": "en", "version": 1, **wanted})

    after = User.objects.get(pk=person.pk)
    assert (after.is_staff, after.is_superuser, after.is_active) == (False, False, True)
    assert Membership.objects.get(user=person).role == "assistant"


@pytest.mark.asvs("V15.3.7")
def test_of_a_parameter_given_twice_the_last_one_counts_and_an_address_is_no_form():
    clinic = make_clinic()
    patient, client = make_patient("Ida Holm", clinic=clinic), signed_in(make_user(clinic=clinic))
    other = make_patient("Zoe Else")
    address = reverse("patient_edit", args=[patient.pk])
    kind = "application/x-www-form-urlencoded"

    client.post(
        f"{address}?name=Address&patient_id={other.pk}&pk={other.pk}",
        f"name=First&name=Last&language=en&version={patient.version}&pk={other.pk}&patient_id={other.pk}",
        content_type=kind,
    )
    found = client.post(
        f"{reverse('patients')}?q=Address", "q=Zoe&q=Last", content_type=kind, follow=True
    ).content.decode()

    assert Patient.objects.get(pk=patient.pk).name == "Last"
    assert Patient.objects.get(pk=other.pk).name == "Zoe Else"
    assert "Zoe Else" not in found
    assert "1 patient matching “Last”" in found
    refused = client.post(f"{address}?name=Address&language=en&version=2", "", content_type=kind)
    assert refused.status_code == 422
    assert Patient.objects.get(pk=patient.pk).name == "Last"
