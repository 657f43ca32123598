from django.db import migrations

from clinics import audit_chain, row_security
from clinics.row_security import Belongs

OF_CLINICS = [
    Belongs("clinics_auditentry", "clinic_id"),
    Belongs("patients_patient", "clinic_id"),
    Belongs("patients_screening", "patient_id", "patients_patient"),
    Belongs("patients_screeninganswer", "screening_id", "patients_screening"),
    Belongs("patients_raisedflag", "patient_id", "patients_patient"),
    Belongs("patients_assessment", "patient_id", "patients_patient"),
    Belongs("patients_assessment_other_drivers", "assessment_id", "patients_assessment"),
    Belongs("patients_assessment_precautions", "assessment_id", "patients_assessment"),
    Belongs("patients_assessment_equipment", "assessment_id", "patients_assessment"),
    Belongs("patients_musclefinding", "assessment_id", "patients_assessment"),
    Belongs("patients_findinganswer", "assessment_id", "patients_assessment"),
    Belongs("programs_exerciseuse", "clinic_id"),
    Belongs("programs_clinicprotocol", "clinic_id"),
    Belongs("programs_clinicprotocolitem", "protocol_id", "programs_clinicprotocol"),
    Belongs("programs_program", "patient_id", "patients_patient"),
    Belongs("programs_stage", "program_id", "programs_program"),
    Belongs("programs_item", "stage_id", "programs_stage"),
    Belongs("programs_signoff", "program_id", "programs_program"),
    Belongs("programs_issue", "program_id", "programs_program"),
    Belongs("programs_delivery", "issue_id", "programs_issue"),
    Belongs("programs_patientlink", "issue_id", "programs_issue"),
    Belongs("programs_tick", "issue_id", "programs_issue"),
    Belongs("programs_painscore", "issue_id", "programs_issue"),
]
PDFS = Belongs("programs_storedpdf", "sha256", "programs_issue", "pdf_id")


def build(apps, schema_editor):
    connection = schema_editor.connection
    row_security.protect(connection, *OF_CLINICS)
    row_security.protect(connection, PDFS, add_any=True)
    if connection.vendor == "postgresql":
        audit_chain.install(connection)  # whose seal looks over the wall since now


def pull_down(apps, schema_editor):
    row_security.lay_open(schema_editor.connection, *OF_CLINICS, PDFS)


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0006_audit_chain"),
        ("patients", "0004_sealed"),
        ("programs", "0006_sealed"),
    ]
    operations = [migrations.RunPython(build, pull_down)]
