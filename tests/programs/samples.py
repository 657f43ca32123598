"""Programs for tests, made by the product's own verbs."""

import hashlib
from collections.abc import Callable

from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import User
from exercises.models import Exercise
from patients.models import Patient
from programs import bench, builder, commands, drafting
from programs.clashes import Sent
from programs.commands import Done
from programs.models import Issue, Item, Program, StoredPdf
from tests.conftest import make_assessment, make_exercise, make_patient, make_user

TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def asked(carry_out: Callable[[], object]) -> list[str]:
    """Return the SQL that is sent to the database meanwhile, but for what opens and closes transactions."""
    with CaptureQueriesContext(connection) as captured:
        carry_out()
    return [query["sql"] for query in captured if not query["sql"].startswith(TRANSACTIONS)]


def make_program(*names: str, by: User | None = None, patient: Patient | None = None) -> Program:
    """Return a program whose active stage has these exercises, each made new where it doesn't exist."""
    by = by or make_user()
    patient = patient or make_patient(clinic=by.memberships.get().clinic)
    if not patient.assessments.exists():
        make_assessment(patient, by=by)
    program = builder.start(patient, protocol=None, by=by)
    slugs = [(Exercise.objects.filter(name=name).first() or make_exercise(name)).slug for name in names]
    with transaction.atomic():
        at_work = bench.lock(program.pk, by=by)
        for slug in slugs:
            at_work = commands.carry_out(at_work, f"add:{slug}", Sent(QueryDict()), at=timezone.now()).bench
    program.refresh_from_db()
    return program


def act(program: Program, do: str, *, by: User, **fields: object) -> Done:
    """Carry out one edit as the builder's page sends it, on the program as it is now."""
    form = QueryDict(mutable=True)
    for name, value in fields.items():
        form.setlist(name.replace("__", "-"), [str(one) for one in (value if isinstance(value, list) else [value])])
    with transaction.atomic():
        done = commands.carry_out(bench.lock(program.pk, by=by), do, Sent(form), at=timezone.now())
    program.refresh_from_db()
    return done


def add(program: Program, exercise: Exercise, *, by: User) -> Item:
    """Add an exercise to the active stage and return its item."""
    return Item.objects.get(pk=act(program, f"add:{exercise.slug}", by=by).focus)


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
        number=drafting.next_number(program),
        program_version=program.version,
        stage_slug=program.stage_slug,
        snapshot={},
        content_hash="0" * 64,
        catalog_version="",
        assessment=program.patient.assessments.get(),
        pdf=pdf,
        issued_by=by,
    )
