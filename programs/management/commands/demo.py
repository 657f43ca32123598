"""The demo clinic: invented people at different points of the main job, made by the product's own verbs."""

import datetime
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from clinics import audit_chain, branding, wall
from clinics.models import Clinic, ClinicLogo, Membership, Role, User
from exercises.models import Driver, Equipment, Precaution, Protocol, RedFlag
from patients import assessing, mail_consent, records, screening
from patients.models import Assessment, Patient
from programs import bench, builder, checking, delivery, issuing, sign_offs
from programs.demo_people import CASES, Case
from programs.models import Program

DOMAIN = "demo.invalid"
LOGO = Path(settings.BASE_DIR) / "static/img/demo-logo.png"
PEOPLE = [
    ("therapist", "Dana Okafor", "PT", Role.THERAPIST),
    ("trainer", "Milo Hartmann", "CPT", Role.TRAINER),
    ("assistant", "Ines Calder", "", Role.ASSISTANT),
    ("admin", "Ruth Ekström", "", Role.CLINIC_ADMIN),
]


class Command(BaseCommand):
    help = "Make the demo clinic, once. Everyone in it is invented."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fresh", action="store_true", help="start the demo over")

    @wall.all_clinics("the demo makes its own clinic")
    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("DEMO_PASSWORD", "")
        if not settings.DEMO:
            raise CommandError("The demo is only made with RELEASEFIRST_ENV=demo.")
        if len(password) < 8:
            raise CommandError("Set DEMO_PASSWORD to 8 characters or more.")
        made = Clinic.objects.filter(is_demo=True).exists()
        if options["fresh"] or not made:
            refuse_beside_real_data()
        if options["fresh"]:
            audit_chain.uninstall(connection)  # the log of invented people may be emptied
            call_command("flush", interactive=False, verbosity=0)
            audit_chain.install(connection)
            call_command("load_catalog", again=True, stdout=self.stdout)
            shutil.rmtree(Path(settings.MAIL_DIR), ignore_errors=True)
        if options["fresh"] or not made:
            make_demo()
            self.stdout.write("The demo clinic is made.")
        set_passwords(password)


def refuse_beside_real_data() -> None:
    """Raise CommandError when the database holds a clinic or a person that isn't the demo's."""
    clinics = Clinic.objects.filter(is_demo=False).count()
    people = User.objects.exclude(email__endswith=f"@{DOMAIN}").count()
    if clinics or people:
        raise CommandError(
            f"This database holds {clinics} clinics and {people} people that aren't the demo; nothing was changed."
        )


def set_passwords(password: str) -> None:
    """Give every demo person the password, if they don't have it already."""
    for user in User.objects.filter(email__endswith=f"@{DOMAIN}"):
        if not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])


@transaction.atomic
def make_demo() -> None:
    """Make the clinic, its people, a catalog editor, and fifteen patients at different points."""
    clinic = Clinic.objects.create(
        name="Lakeside Physical Therapy (demo)",
        phone="(555) 010-4477",
        email=f"hello@{DOMAIN}",
        address="12 Shore Road, Lakeside",
        website="lakeside.demo.invalid",
        colour="#0b5f66",
        mail_policy="attach",
        requires_second_factor=False,
        is_demo=True,
    )
    ClinicLogo.objects.create(clinic=clinic, png=branding.clean_logo(LOGO.read_bytes()))
    people = {}
    for local, name, credentials, role in PEOPLE:
        people[role] = User.objects.create_user(f"{local}@{DOMAIN}", name=name, credentials=credentials)
        Membership.objects.create(clinic=clinic, user=people[role], role=role)
    editor = User.objects.create_user(f"editor@{DOMAIN}", name="Noa Lindgren", is_staff=True)
    verbs = Permission.objects.filter(content_type__app_label="exercises").exclude(codename__startswith="delete_")
    editor.user_permissions.set(verbs)
    make_patients(clinic, people[Role.THERAPIST], people[Role.TRAINER])


def make_patients(clinic: Clinic, therapist: User, trainer: User) -> None:
    """Three people before their program, and the twelve cases; one waits for a sign-off, one has the handout."""
    admit(clinic, "Tom Becker", 1987, by=therapist)

    agnes = admit(clinic, "Agnes Moore", 1954, by=therapist)
    screen(agnes, by=therapist, yes=["fever"])

    priya = admit(clinic, "Priya Nair", 1990, by=therapist)
    screen(priya, by=therapist)
    assess(priya, Case("Priya Nair", 1990, "disc", "right", direction="extension"), by=therapist)

    programs = {case.name: treat(clinic, case, by=trainer if case.deficit else therapist) for case in CASES}
    ask_therapist(programs["Luis Ortega"], by=trainer)
    maria = programs["Maria Rivera"]
    mail_consent.record(maria.patient, "attach", by=therapist)
    issued = issue(maria, by=therapist)
    delivery.queue_handout(issued, to=maria.patient.email, form_key=delivery.new_form_key(), by=therapist)


def treat(clinic: Clinic, case: Case, *, by: User) -> Program:
    """Admit, screen and assess an invented patient, and start from the suspected driver's protocol."""
    patient = admit(clinic, case.name, case.born, by=by)
    screen(patient, by=by)
    assessment = assess(patient, case, by=by)
    return builder.start(patient, protocol=Protocol.objects.get(driver=assessment.driver), by=by)


def ask_therapist(program: Program, *, by: User) -> None:
    now, at_hand = timezone.now(), bench.read(program.pk, by=by)
    reasons = checking.sign_off_reasons(at_hand, checking.facts_of(at_hand, at=now), now)
    question = "Ankle reflex a little weaker on the left since last week. Is this program all right to start?"
    sign_offs.ask(program, reasons=reasons, question=question, by=by)


def admit(clinic: Clinic, name: str, born: int, *, by: User) -> Patient:
    values = {
        "name": name,
        "birth_date": datetime.date(born, 4, 12),
        "email": f"{name.split(maxsplit=1)[0].lower()}@patients.{DOMAIN}",
        "phone": "(555) 010-0199",
        "contact_note": "",
    }
    return records.create(clinic, values, by=by)


def screen(patient: Patient, *, by: User, yes: Sequence[str] = ()) -> None:
    """Answer every question, with no but for those in `yes`."""
    answers = {question.slug: question.slug in yes for question in RedFlag.objects.filter(retired=False)}
    screening.save(patient, answers, seen_version=0, finish=True, at=timezone.now(), by=by)


def assess(patient: Patient, case: Case, *, by: User) -> Assessment:
    """Assess with the driver's usual muscles and what most homes have."""
    suspected = Driver.objects.get(slug=case.driver)
    due = timezone.localdate() + datetime.timedelta(weeks=case.weeks_to_go) if case.weeks_to_go else None
    values = {
        "affected_side": case.side,
        "driver": suspected,
        "other_drivers": Driver.objects.filter(slug__in=case.also),
        "irritability": case.irritability,
        "directional_preference": case.direction,
        "neurological_deficit": case.deficit,
        "precautions": Precaution.objects.filter(slug__in=case.careful),
        "due_date": due,
        "equipment": [*assessing.household(), *Equipment.objects.filter(slug__in=case.extra)],
        "note": "",
    }
    return assessing.save(
        patient,
        values,
        findings=assessing.usual_findings(suspected, case.side),
        answers=dict.fromkeys(case.present, True) | dict.fromkeys(case.absent, False),
        based_on=None,
        at=timezone.now(),
        by=by,
    )


def issue(program: Program, *, by: User) -> Any:
    """Issue the active stage, giving each warning an invented reason."""
    now = timezone.now()
    verdicts = checking.verdicts_on(program, by=by, at=now)
    reasons = {verdict.key: "Invented: agreed with the patient today." for verdict in verdicts}
    with transaction.atomic():
        visit = builder.Change("Next visit written", "set next visit", fields={"next_visit": "in two weeks, with Dana"})
        builder.write(bench.lock(program.pk, by=by), visit, at=now)
    program.refresh_from_db()
    return issuing.issue(program, number=1, seen_version=program.version, reasons=reasons, by=by)
