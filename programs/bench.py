"""A program on the bench: all that the builder, the checks and an edit ask of it, read in one query.

What belongs to the program and its patient comes along as JSON columns (`json_rows`); names come from the catalog
in memory.
"""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from clinics.access import ALLOWED, Can, clinics_where
from clinics.models import Membership, User
from exercises import known
from exercises.editorial import OwnEdition
from exercises.facts import CatalogFacts
from exercises.models import CatalogVersion, RedFlag
from exercises.vocabulary import STAGES
from patients import screening
from patients.models import Assessment, MuscleFinding, RaisedFlag, Screening
from patients.screening import ScreeningState
from programs import history
from programs.history import History
from programs.json_rows import all_of, first_of
from programs.models import Issue, Item, Program, SignOff, Stage
from programs.rows import EDITABLE, Rows, from_json
from programs.vocabulary import STAGE_BEGINS, STAGE_DAYS


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment says. Drivers, precautions and things are slugs in the catalog's order.

    `muscles` are slug, finding and side, by slug.
    """

    key: int
    at: datetime.datetime
    drivers: tuple[str, ...]
    affected_side: str
    irritability: str
    directional_preference: str
    neurological_deficit: bool
    due_date: datetime.date | None
    precautions: tuple[str, ...]
    equipment: frozenset[str]
    muscles: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Bench:
    """A program with its rows by stage, its patient's findings and flags, and who is looking at it."""

    program: Program
    rows_by_stage: Mapping[str, Rows]
    stage_keys: Mapping[str, int]
    assessed: Assessed
    screenings: tuple[Screening, ...]
    flags: tuple[RaisedFlag, ...]
    sign_off: SignOff | None
    issued: Mapping[str, Any]
    edition: known.Edition
    may_sign_off: bool
    by: User

    @property
    def stage(self) -> str:
        """The active stage's slug."""
        return self.program.stage_slug

    @property
    def rows(self) -> Rows:
        """The rows of the active stage in order."""
        return self.rows_by_stage[self.stage]

    @property
    def waiting(self) -> bool:
        """Whether a therapist was asked and hasn't answered."""
        return self.sign_off is not None and self.sign_off.decided_at is None

    def last_day(self, on: datetime.date) -> datetime.date:
        """Return the last day of the active stage at the latest: a later stage begins when those before it end."""
        begun = STAGE_BEGINS[str(self.issued.get("stage_slug", STAGES[0][0]))]
        days = max(0, STAGE_BEGINS[self.stage] - begun) + STAGE_DAYS[self.stage]
        return on + datetime.timedelta(days=days - 1)

    @cached_property
    def catalog(self) -> CatalogFacts:
        return known.catalog(self.edition)

    @cached_property
    def history(self) -> History:
        return history.load(self.program.edits)

    def state(self, at: datetime.datetime) -> ScreeningState:
        """Return what the screenings and flags mean on that day."""
        return screening.state_from(self.screenings, self.flags, timezone.localdate(at))

    def with_rows(self, stage: str, rows: Rows) -> "Bench":
        return replace(self, rows_by_stage={**self.rows_by_stage, stage: rows})


def read(program_id: int, *, by: User) -> Bench:
    """Return a program that this person may see, else raise Http404 as if it weren't there: 1 query."""
    return _found(_everything(by), program_id, by)


def lock(program_id: int, *, by: User) -> Bench:
    """Return the same and hold the program until the transaction ends, so that two people's edits queue up.

    What was read beside a row that somebody else held may be older than the row (PostgreSQL looks at the other
    tables as they were when it began to wait), so it is read again then: 1 query, rarely 2.
    """
    rows = _everything(by).select_for_update(of=("self",) if connection.features.has_select_for_update_of else ())
    bench = _found(rows.annotate(version_seen=Subquery(_same.values("version")[:1])), program_id, by)
    waited = bench.program.version != bench.program.version_seen  # type: ignore[attr-defined]  # annotated above
    return read(program_id, by=by) if waited else bench


_same = Program.objects.filter(pk=OuterRef("pk"))


def _everything(by: User) -> QuerySet[Program]:
    items = Item.objects.filter(stage__program=OuterRef("pk"))
    answers = {"patient": OuterRef("patient")}
    assessments = Assessment.objects.filter(**answers).order_by("-at", "-id")
    latest = {"assessment": OuterRef("latest_assessment")}
    roles = Membership.objects.filter(user=by, clinic=OuterRef("patient__clinic"))
    return (
        Program.objects.visible_to(by)
        .select_related("patient__clinic", "protocol", "clinic_protocol")
        .annotate(latest_assessment=Subquery(assessments.values("pk")[:1]))
        .annotate(
            edition=Subquery(CatalogVersion.objects.values("edition")[:1]),
            own_edition=Subquery(OwnEdition.objects.filter(clinic=OuterRef("patient__clinic")).values("edition")),
            role=Subquery(roles.values("role")[:1]),
            read_stages=all_of(Stage.objects.filter(program=OuterRef("pk")), "id", "slug"),
            read_items=all_of(
                items, "position", "phase", "version", *EDITABLE,
                key="id", exercise="exercise__slug", stage="stage__slug",
            ),
            read_assessment=first_of(assessments, "id", "at", *_SAID, driver="driver__slug"),
            read_drivers=all_of(Assessment.other_drivers.through.objects.filter(**latest), slug="driver__slug"),
            read_precautions=all_of(Assessment.precautions.through.objects.filter(**latest), slug="precaution__slug"),
            read_things=all_of(Assessment.equipment.through.objects.filter(**latest), slug="equipment__slug"),
            read_muscles=all_of(MuscleFinding.objects.filter(**latest), "finding", "side", slug="muscle__slug"),
            read_screenings=all_of(Screening.objects.filter(**answers), "id", "started_at", "completed_at"),
            read_flags=all_of(
                RaisedFlag.objects.filter(**answers),
                "screening_id",
                "closed_at",
                suspects="red_flag__suspects",
                urgency="red_flag__urgency",
                blocks="red_flag__blocks",
                place="red_flag__order",
                group="red_flag__group__order",
            ),
            read_sign_off=first_of(
                SignOff.objects.filter(program=OuterRef("pk")),
                "asked_at", "decided_at", "approved", "answer", "reasons", "program_version", name="decided_by__name",
            ),
            read_issue=first_of(
                Issue.objects.filter(program=OuterRef("pk")), "id", "number", "program_version", "stage_slug"
            ),
        )
    )  # fmt: skip


_SAID = ("affected_side", "irritability", "directional_preference", "neurological_deficit", "due_date")


def _found(rows: QuerySet[Program], program_id: int, by: User) -> Bench:
    program: Any = rows.filter(pk=program_id).first()
    if program is None:
        if not clinics_where(by, Can.CLINICAL).exists():
            raise PermissionDenied(f"Your role may not {Can.CLINICAL.value}.")
        raise Http404
    if program.read_assessment is None:
        raise Http404  # a program is only started on an assessment
    edition = known.edition_of(program.edition or 0, program.patient.clinic_id, program.own_edition)
    return Bench(
        program=program,
        rows_by_stage=_rows(program.read_items or []),
        stage_keys={row["slug"]: row["id"] for row in program.read_stages},
        assessed=_assessed(program, known.catalog(edition)),
        screenings=_screenings(program.read_screenings or []),
        flags=_flags(program.read_flags or []),
        sign_off=_sign_off(program.read_sign_off),
        issued=program.read_issue or {},
        edition=edition,
        may_sign_off=Can.SIGN_OFF in ALLOWED[program.role],
        by=by,
    )


def _rows(stored: list[dict[str, Any]]) -> dict[str, Rows]:
    stored.sort(key=lambda row: row.pop("position"))
    by_stage: dict[str, list[dict[str, Any]]] = {slug: [] for slug, _ in STAGES}
    for row in stored:
        by_stage[row.pop("stage")].append(row)
    return {slug: tuple(from_json(row) for row in rows) for slug, rows in by_stage.items()}


def _assessed(program: Any, catalog: CatalogFacts) -> Assessed:
    said = program.read_assessment
    also = _slugs(program.read_drivers)
    careful = _slugs(program.read_precautions)
    return Assessed(
        key=said["id"],
        at=_moment(said["at"]),
        drivers=(said["driver"], *(slug for slug in catalog.drivers if slug in also)),
        neurological_deficit=bool(said["neurological_deficit"]),
        due_date=parse_date(said["due_date"]) if said["due_date"] else None,
        precautions=tuple(slug for slug in catalog.precautions if slug in careful),
        equipment=frozenset(_slugs(program.read_things)),
        muscles=tuple(sorted((row["slug"], row["finding"], row["side"]) for row in program.read_muscles or [])),
        **{name: said[name] for name in ("affected_side", "irritability", "directional_preference")},
    )


def _slugs(stored: list[dict[str, str]] | None) -> set[str]:
    return {row["slug"] for row in stored or []}


def _screenings(stored: list[dict[str, Any]]) -> tuple[Screening, ...]:
    """Return the rounds, the newest first, with no more than their dates."""
    rounds = [
        Screening(
            pk=row["id"], started_at=_moment(row["started_at"]), completed_at=_moment_or_none(row["completed_at"])
        )
        for row in stored
    ]
    return tuple(sorted(rounds, key=lambda row: (row.started_at, row.pk), reverse=True))


def _flags(stored: list[dict[str, Any]]) -> tuple[RaisedFlag, ...]:
    """Return the flags in the order of their questions, with no more than a screening's state asks for."""
    stored.sort(key=lambda row: (row["group"], row["place"]))
    return tuple(
        RaisedFlag(
            screening_id=row["screening_id"],
            closed_at=_moment_or_none(row["closed_at"]),
            red_flag=RedFlag(suspects=row["suspects"], urgency=row["urgency"], blocks=bool(row["blocks"])),
        )
        for row in stored
    )


def _sign_off(stored: dict[str, Any] | None) -> SignOff | None:
    if stored is None:
        return None
    reasons = stored["reasons"]
    return SignOff(
        asked_at=_moment(stored["asked_at"]),
        decided_at=_moment_or_none(stored["decided_at"]),
        decided_by=User(name=stored["name"]) if stored["name"] else None,
        approved=None if stored["approved"] is None else bool(stored["approved"]),
        answer=stored["answer"],
        reasons=json.loads(reasons) if isinstance(reasons, str) else reasons,
        program_version=stored["program_version"],
    )


def _moment_or_none(text: str | None) -> datetime.datetime | None:
    return _moment(text) if text else None


def _moment(text: str) -> datetime.datetime:
    """Return a time as a database writes it into JSON: SQLite without its zone, which is UTC."""
    found = parse_datetime(text)
    if found is None:
        raise ValueError(text)
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def assessed_from(assessment: Assessment, catalog: CatalogFacts) -> Assessed:
    """Return what an assessment of the database says; it needs all that it holds."""
    also = {driver.slug for driver in assessment.other_drivers.all()}
    careful = {row.slug for row in assessment.precautions.all()}
    return Assessed(
        key=assessment.pk,
        at=assessment.at,
        drivers=(assessment.driver.slug, *(slug for slug in catalog.drivers if slug in also)),
        affected_side=assessment.affected_side,
        irritability=assessment.irritability,
        directional_preference=assessment.directional_preference,
        neurological_deficit=assessment.neurological_deficit,
        due_date=assessment.due_date,
        precautions=tuple(slug for slug in catalog.precautions if slug in careful),
        equipment=frozenset(thing.slug for thing in assessment.equipment.all()),
        muscles=tuple(sorted((row.muscle.slug, row.finding, row.side) for row in assessment.muscle_findings.all())),
    )
