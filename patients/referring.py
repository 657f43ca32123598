"""From open red flags to the referral sheet that is printed instead of a handout."""

import datetime
from collections.abc import Sequence

from django.utils import timezone

from clinics.models import User
from patients.models import Assessment, Patient, RaisedFlag
from patients.referral import Referral, ReferralFlag

EMERGENCY_WORDS = (
    "you cannot pass urine, or cannot control your bladder or bowel",
    "you go numb between your legs",
    "your leg or foot gets weaker",
    "you have chest pain or cannot catch your breath",
)


def sheet_for(
    patient: Patient,
    flags: Sequence[RaisedFlag],
    assessment: Assessment | None,
    *,
    by: User,
    on: datetime.date,
) -> Referral:
    """Return the sheet of these flags, the most urgent first; it names the clinic, the patient and who refers."""
    clinic = patient.clinic
    return Referral(
        clinic_name=clinic.name,
        clinic_phone=clinic.phone,
        clinic_address=clinic.address,
        clinic_email=clinic.email,
        patient_name=patient.name,
        birth_date=patient.birth_date,
        clinician_name=by.name,
        clinician_credentials=by.credentials,
        date=on,
        urgency=flags[0].red_flag.get_urgency_display(),
        flags=tuple(
            ReferralFlag(
                question=flag.red_flag.question,
                suspects=flag.red_flag.suspects,
                action=flag.red_flag.action,
                answered=timezone.localdate(flag.raised_at),
            )
            for flag in flags
        ),
        findings=_findings(assessment),
        emergency=EMERGENCY_WORDS,
    )


def _findings(assessment: Assessment | None) -> str:
    """What a doctor wants to know of the assessment, in two sentences; nothing when there is none."""
    if assessment is None:
        return ""
    side = assessment.get_affected_side_display().lower()
    deficit = (
        "Weakness, numbness or a lost reflex in the leg was noted."
        if assessment.neurological_deficit
        else "No neurological deficit was noted."
    )
    return f"Assessed on {timezone.localdate(assessment.at):%d %B %Y}: affected side {side}. {deficit}"
