"""The export of a record: every field of every model that hangs on a patient, and nobody else's."""

import csv
import io
import json
import zipfile

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import ForeignKey, Model

from clinics.models import AuditEntry, Role
from patients.models import Patient
from programs import exporting, record
from programs.models import ClinicProtocol, StoredPdf
from tests.conftest import make_clinic, make_user
from tests.programs.full_record import make_full

MODELS = [part.model for part in record.PARTS]


def hanging() -> set[type[Model]]:
    """Return the models whose rows lead to a patient, by any way, as the models say it themselves."""
    found: set[type[Model]] = {Patient}
    while True:
        more = {
            model
            for model in apps.get_models(include_auto_created=True)
            for field in model._meta.concrete_fields
            if isinstance(field, ForeignKey) and field.related_model in found
        }
        if more <= found:
            return found
        found |= more


@pytest.fixture
def by(db):
    return make_user(Role.THERAPIST)


def opened(patient, *, by) -> zipfile.ZipFile:
    file = io.BytesIO()
    exporting.write(patient, file, by=by)
    return zipfile.ZipFile(file)


def as_json(value):
    """Return a value as it comes back from JSON."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def test_knows_every_model_that_hangs_on_a_patient():
    of_lists = {field.remote_field.through for model in MODELS for field in model._meta.many_to_many}

    assert hanging() == set(MODELS) | of_lists


def test_knows_what_else_a_record_may_point_to():
    """What isn't the clinic's, the catalog's or the record's own would have to be exported and erased, too."""
    pointed = {
        field.related_model
        for model in MODELS
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model._meta.app_label not in {"clinics", "exercises"}
    }

    assert pointed - set(MODELS) == {StoredPdf, ClinicProtocol}


@pytest.mark.asvs("V14.2.4")
def test_holds_every_field_of_every_row(by):
    patient = make_full("Maria Rivera", by=by)

    found = json.loads(opened(patient, by=by).read("record.json"))

    for part in record.PARTS:
        rows = list(record.rows(part, patient))
        told = found[part.model._meta.model_name]
        assert rows, f"there is no {part.model.__name__} to look at"
        assert len(told) == len(rows)
        for row, said in zip(rows, told, strict=True):
            for field in part.model._meta.concrete_fields:
                assert said[field.attname] == as_json(getattr(row, field.attname)), field
            for field in part.model._meta.many_to_many:
                assert said[field.name] == [str(other) for other in getattr(row, field.name).all()], field


def test_says_by_name_what_a_number_stands_for(by):
    patient = make_full("Maria Rivera", by=by)

    found = json.loads(opened(patient, by=by).read("record.json"))

    assert found["assessment"][0]["driver_name"] == "Piriformis"
    assert found["assessment"][0]["by_name"] == "Dana Okafor"


def test_holds_the_same_as_tables_and_the_pdfs_as_issued(by):
    patient = make_full("Maria Rivera", by=by)

    packed = opened(patient, by=by)

    told = json.loads(packed.read("record.json"))
    for name, rows in told.items():
        table = list(csv.DictReader(io.StringIO(packed.read(f"tables/{name}.csv").decode("utf-8-sig"))))
        assert len(table) == len(rows)
        assert set(table[0]) == {column for row in rows for column in row}
    assert [packed.read(name) for name in packed.namelist() if name.endswith(".pdf")] == [b"%PDF Maria Rivera"]
    assert packed.testzip() is None


def test_no_cell_of_a_table_reckons(by):
    patient = make_full("Maria Rivera", by=by)
    Patient.objects.filter(pk=patient.pk).update(contact_note="=HYPERLINK(1)")

    packed = opened(patient, by=by)

    (row,) = csv.DictReader(io.StringIO(packed.read("tables/patient.csv").decode("utf-8-sig")))
    assert row["contact_note"] == "'=HYPERLINK(1)"
    assert json.loads(packed.read("record.json"))["patient"][0]["contact_note"] == "=HYPERLINK(1)"


def test_holds_nothing_of_another_patient(by):
    make_full("Zanzibara Quill", by=by)
    patient = make_full("Maria Rivera", by=by)

    packed = opened(patient, by=by)

    assert not any(b"anzibara" in packed.read(name) for name in packed.namelist())


def test_is_in_the_log(by):
    patient = make_full("Maria Rivera", by=by)

    opened(patient, by=by)

    entry = AuditEntry.objects.first()
    assert (entry.action, entry.by, entry.patient_id) == ("export record", by, patient.pk)


@pytest.mark.parametrize("role", [Role.TRAINER, Role.ASSISTANT, Role.CLINIC_ADMIN, "elsewhere"])
def test_is_for_therapists_of_the_clinic_alone(by, role):
    patient = make_full("Maria Rivera", by=by)
    other = make_user(clinic=make_clinic()) if role == "elsewhere" else make_user(role, clinic=patient.clinic)

    with pytest.raises(PermissionDenied):
        exporting.write(patient, io.BytesIO(), by=other)
