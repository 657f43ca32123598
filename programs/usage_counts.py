"""How many patients' programs have, overrode or replaced each exercise, counted by the database in one go.

A patient counts once, whatever the number of programs, so that a small count is one of people. “Used” and
“overridden” look at active stages, “replaced” at the edits that a program remembers and that weren't undone.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from django.db import connection, transaction

Kind = Literal["used", "overridden", "replaced"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Count(NamedTuple):
    """Patients of one suspected driver (the latest; None without an assessment) in whose programs this was so."""

    kind: Kind
    exercise: int
    driver: int | None
    patients: int


# The exercises that stand in the active stage.
ACTIVE = """
JOIN programs_stage stage ON stage.program_id = program.id AND stage.slug = program.stage_slug
JOIN programs_item item ON item.stage_id = stage.id
"""
USED = ("SELECT 'used' AS kind, item.exercise_id AS exercise, program.patient_id AS patient FROM program", ACTIVE)
NAMED = "JOIN exercises_exercise exercise ON exercise.id = item.exercise_id"
# A warning about it was accepted, while building or with the issue, and it still stands there.
OVERRIDDEN = ("SELECT 'overridden', item.exercise_id, program.patient_id FROM program", ACTIVE, NAMED)
REPLACED = ("SELECT 'replaced', exercise.id, program.patient_id FROM program",)

SQLITE = {
    "accepted": """
JOIN json_each(program.accepted, '$.' || program.stage_slug) said
  ON json_extract(said.value, '$.exercise') = exercise.slug""",
    "issued": """
JOIN programs_issue issue ON issue.program_id = program.id AND issue.stage_slug = program.stage_slug
JOIN json_each(issue.overrides) said ON json_extract(said.value, '$.exercise') = exercise.slug""",
    "replaced": """
JOIN json_each(program.edits, '$.done') edit
JOIN json_each(edit.value, '$.was') was
JOIN exercises_exercise exercise ON exercise.slug = json_extract(was.value, '$.exercise')
WHERE json_extract(edit.value, '$.now."' || was.key || '".exercise') <> exercise.slug""",
}
POSTGRESQL = {
    "accepted": """
JOIN LATERAL jsonb_each(program.accepted -> program.stage_slug) said ON said.value ->> 'exercise' = exercise.slug""",
    "issued": """
JOIN programs_issue issue ON issue.program_id = program.id AND issue.stage_slug = program.stage_slug
JOIN LATERAL jsonb_array_elements(issue.overrides) said ON said.value ->> 'exercise' = exercise.slug""",
    "replaced": """
JOIN LATERAL jsonb_array_elements(program.edits -> 'done') edit ON TRUE
JOIN LATERAL jsonb_each(edit.value -> 'was') was ON TRUE
JOIN exercises_exercise exercise ON exercise.slug = was.value ->> 'exercise'
WHERE edit.value -> 'now' -> was.key ->> 'exercise' <> exercise.slug""",
}
WITH_PATIENTS = """
WITH patient AS (
  SELECT patient.id, (
    SELECT assessment.driver_id FROM patients_assessment assessment WHERE assessment.patient_id = patient.id
    ORDER BY assessment.at DESC, assessment.id DESC LIMIT 1
  ) AS driver
  FROM patients_patient patient {}
), program AS NOT MATERIALIZED (
  SELECT program.id, program.patient_id, program.stage_slug, program.accepted, program.edits
  FROM programs_program program JOIN patient ON patient.id = program.patient_id
)"""
GROUPED = """
SELECT had.kind, had.exercise, patient.driver, COUNT(*)
FROM ({}) had JOIN patient ON patient.id = had.patient {}
GROUP BY had.kind, had.exercise, patient.driver
"""
ONE = "WHERE had.exercise = %s"
OF_CLINICS = "WHERE patient.clinic_id IN ({})"


def counts(clinics: Sequence[int] | None, exercise: int | None = None) -> list[Count]:
    """Return what was counted in these clinics, by their keys, or in all of them: 1 query, on PostgreSQL 2.

    `exercise` is the key of the only one that is asked for.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # It takes each JSON list for a long one, and would compile for 1.7 s what runs for 0.3 s.
            cursor.execute("SET LOCAL jit = off")
        asked = (*(clinics or ()), *(() if exercise is None else (exercise,)))
        cursor.execute(_query(clinics, one=exercise is not None), asked)
        return [Count(*row) for row in cursor.fetchall()]


def _query(clinics: Sequence[int] | None, *, one: bool = False) -> str:
    said = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    place = "" if clinics is None else OF_CLINICS.format(", ".join(["%s"] * len(clinics)) or "NULL")
    parts = (USED, (*OVERRIDDEN, said["accepted"]), (*OVERRIDDEN, said["issued"]), (*REPLACED, said["replaced"]))
    had = " UNION ".join(" ".join(part) for part in parts)  # keeps each row once: one patient, exercise and kind
    return f"{WITH_PATIENTS.format(place)} {GROUPED.format(had, ONE if one else '')}"
