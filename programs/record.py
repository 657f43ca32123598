"""All that the site holds about one patient, in one table: what is exported, what is erased, what was last.

A model that hangs on a patient and isn't in here fails a test.
"""

import datetime
from typing import NamedTuple

from django.db.models import Max, Model, Q, QuerySet

from clinics.models import Clinic
from patients.models import (
    Assessment,
    Disclosure,
    FindingAnswer,
    LegalHold,
    MuscleFinding,
    Patient,
    PatientChange,
    RaisedFlag,
    Screening,
    ScreeningAnswer,
)
from programs.models import (
    Delivery,
    Issue,
    Item,
    PainScore,
    PatientLink,
    Program,
    SignOff,
    Stage,
    StoredPdf,
    Tick,
)


class Part(NamedTuple):
    """Rows of one model: the path that leads from them to their patient, and the moments that count as use."""

    model: type[Model]
    patient: str
    moments: tuple[str, ...] = ()


# What is named later may point to what is named before, never the other way round.
PARTS = (
    Part(Patient, "pk", ("created_at", "mail_consent_at")),
    Part(PatientChange, "patient", ("at",)),
    Part(LegalHold, "patient"),
    Part(Disclosure, "patient", ("noted_at",)),
    Part(Screening, "patient", ("started_at", "completed_at")),
    Part(ScreeningAnswer, "screening__patient"),
    Part(RaisedFlag, "patient", ("raised_at", "closed_at")),
    Part(Assessment, "patient", ("at",)),
    Part(MuscleFinding, "assessment__patient"),
    Part(FindingAnswer, "assessment__patient"),
    Part(Program, "patient", ("created_at", "changed_at")),
    Part(Stage, "program__patient"),
    Part(Item, "stage__program__patient"),
    Part(SignOff, "program__patient", ("asked_at", "decided_at")),
    Part(Issue, "program__patient", ("issued_at",)),
    Part(PatientLink, "issue__program__patient", ("made_at", "opened_at", "revoked_at")),
    Part(Delivery, "issue__program__patient", ("queued_at", "sent_at", "bounced_at")),
    Part(Tick, "issue__program__patient", ("at",)),
    Part(PainScore, "issue__program__patient", ("at",)),
)


def rows(part: Part, patient: Patient) -> QuerySet[Model]:
    """Return a part's rows of one patient, in the order in which they were made."""
    found: QuerySet[Model] = part.model._default_manager.filter(**{part.patient: patient.pk})
    return found.order_by("pk")


def pdfs(patient: Patient) -> QuerySet[StoredPdf]:
    """Return the handouts that were issued to the patient, as files."""
    return StoredPdf.objects.filter(pk__in=Issue.objects.filter(program__patient=patient).values("pdf"))


def last_use(clinic: Clinic) -> dict[int, datetime.datetime]:
    """Return the moment of the last entry in each of the clinic's records, by patient: a query for each part."""
    found: dict[int, datetime.datetime] = {}
    for part in PARTS:
        for name in part.moments:
            clinics = "clinic" if part.model is Patient else f"{part.patient}__clinic"
            asked = part.model._default_manager.filter(Q(**{clinics: clinic}), **{f"{name}__isnull": False})
            for patient, at in asked.order_by().values_list(part.patient).annotate(Max(name)):
                found[patient] = max(at, found.get(patient, at))
    return found
