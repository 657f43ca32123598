"""Programs made by lot from the shipped catalog, the same for the same number wherever they are made.

Run as a program, with how many: a fresh SQLite database is filled in memory, and each one's hashes are printed.
"""

import datetime
import hashlib
import json
import random
import sys
from typing import get_args

DAY = datetime.date(2026, 11, 21)
NOTES = ["", "", "Go slowly.", "Con calma, ¿sí? – “bien”", "<b>5 < 6</b> & more", "Ärger, naïve, Łódź, Ωμέγα"]


def make_random(number: int):
    """Return the draft of one program and its drawings; every choice follows from the number."""
    from clinics.models import Clinic, User
    from exercises.models import Driver, Exercise, Precaution
    from patients.models import Assessment, Patient
    from programs import drafting, handout
    from programs.handout_options import Options
    from programs.models import Program

    lot = random.Random(number)
    clinic = Clinic.objects.create(
        name="Lakeside",
        phone="(555) 010-4477",
        website="lakeside.invalid",
        colour="#0b5f66",
        requires_second_factor=False,
    )
    by = User.objects.create(email=f"lot{number}@clinic.invalid", name="Dana Okafor", credentials="PT", password="!")
    patient = Patient.objects.create(clinic=clinic, name=lot.choice(["Maria Rivera", "José Núñez"]), folded_name="x")
    assessment = Assessment.objects.create(
        patient=patient,
        by=by,
        affected_side=lot.choice(["left", "right", "both", "alternating"]),
        irritability="low",
        driver=lot.choice(list(Driver.objects.order_by("slug"))),
    )
    assessment.precautions.set(lot.sample(list(Precaution.objects.order_by("slug")), lot.randint(0, 3)))
    program = Program.objects.create(patient=patient, created_by=by, next_visit=lot.choice(["", "Monday, 10:00"]))
    _fill(program.stages.create(slug=program.stage_slug), list(Exercise.objects.order_by("slug")), lot)
    items = drafting.active_items(program)
    options = Options(
        layout=get_args(handout.Layout)[number % len(get_args(handout.Layout))],
        paper=lot.choice(get_args(handout.Paper)),
        weeks=lot.choice([2, 4]),
        language=lot.choice(["en", "es"]),
    )
    assessment = Assessment.objects.select_related("driver").with_everything().get(pk=assessment.pk)
    draft = drafting.draft(program, items, assessment, by=by, on=DAY, options=options)
    return draft, drafting.drawings(items, clinic)


def _fill(stage, exercises, lot: random.Random) -> None:
    from exercises.vocabulary import Phase

    chosen = sorted(lot.sample(exercises, lot.randint(1, 9)), key=lambda row: (Phase(row.phase).rank, row.slug))
    for position, exercise in enumerate(chosen, start=1):
        stage.items.create(
            exercise=exercise,
            position=position,
            phase=exercise.phase,
            side="" if exercise.laterality == "bilateral" else lot.choice(["left", "right", "each"]),
            sets=lot.randint(1, 3),
            reps=None if exercise.minutes else lot.randint(1, 15),
            hold_s=lot.choice([None, 5, 30, 120]),
            minutes=exercise.minutes,
            tempo_s=lot.choice([None, 3]),
            rest_s=lot.choice([None, 60]),
            times_per_day=lot.randint(1, 3),
            days_per_week=lot.randint(1, 7),
            note=lot.choice(NOTES),
        )


def hashes(draft, drawings) -> list[str]:
    """Return the hashes of a handout's content and of its PDF."""
    from programs.handout import render_pdf

    return [draft.content_hash, hashlib.sha256(render_pdf(draft, drawings).content).hexdigest()]


def main(count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from clinics import wall
    from exercises import loading
    from tests.conftest import catalog_as_shipped

    call_command("migrate", verbosity=0)
    loading.load(catalog_as_shipped())
    with wall.all_clinics("a test makes its own clinics"):
        sys.stdout.write(json.dumps([hashes(*make_random(number)) for number in range(count)]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
