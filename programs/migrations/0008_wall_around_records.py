from django.db import migrations

from clinics import row_security
from clinics.row_security import Belongs

OF_RECORDS = [
    Belongs("patients_patientchange", "patient_id", "patients_patient"),
    Belongs("patients_legalhold", "patient_id", "patients_patient"),
    Belongs("patients_disclosure", "patient_id", "patients_patient"),
    Belongs("patients_tombstone", "clinic_id"),
]


def build(apps, schema_editor):
    row_security.protect(schema_editor.connection, *OF_RECORDS)


def pull_down(apps, schema_editor):
    row_security.lay_open(schema_editor.connection, *OF_RECORDS)


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0005_rights"),
        ("programs", "0007_a_second_wall"),
    ]
    operations = [migrations.RunPython(build, pull_down)]
