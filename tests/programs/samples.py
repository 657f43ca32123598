"""Programs for tests, made by the product's own verbs."""

import hashlib

from clinics.models import User
from exercises.models import Exercise
from patients.models import Patient
from programs import builder, issuing
from programs.models import Issue, Item, Program, StoredPdf
from tests.conftest import make_assessment, make_exercise, make_patient, make_user


def make_program(*names: str, by: User | None = None, patient: Patient | None = None) -> Program:
    """Return a program whose active stage has these exercises, each made new where it doesn't exist."""
    by = by or make_user()
    patient = patient or make_patient(clinic=by.memberships.get().clinic)
    if not patient.assessments.exists():
        make_assessment(patient, by=by)
    program = builder.start(patient, protocol=None, by=by)
    stage = program.stages.get(slug=program.stage_slug)
    for name in names:
        builder.add(stage, Exercise.objects.filter(name=name).first() or make_exercise(name), by=by)
    program.refresh_from_db()
    return program


def items_of(program: Program) -> list[Item]:
    return list(Item.objects.filter(stage__program=program, stage__slug=program.stage_slug).order_by("position"))


def names_of(program: Program) -> list[str]:
    return [item.exercise.name for item in items_of(program)]


def make_issue(program: Program | None = None, *, content: bytes = b"%PDF-1.7 sample", by: User | None = None) -> Issue:
    """Return an issue as it lies in the database, without drawing a PDF."""
    by = by or make_user()
    program = program or make_program("Bridge", by=by)
    sha256 = hashlib.sha256(content).hexdigest()
    pdf, _ = StoredPdf.objects.get_or_create(sha256=sha256, defaults={"content": content})
    return Issue.objects.create(
        program=program,
        number=issuing.next_number(program),
        program_version=program.version,
        stage_slug=program.stage_slug,
        snapshot={},
        content_hash="0" * 64,
        catalog_version="",
        assessment=program.patient.assessments.get(),
        pdf=pdf,
        issued_by=by,
    )
