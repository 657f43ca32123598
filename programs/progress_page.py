"""The page “copy and progress”: what is proposed for the next stage, and what was chosen."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from clinics.models import User
from exercises.facts import ExerciseFacts
from exercises.models import Exercise, Protocol
from exercises.vocabulary import STAGES
from patients.models import Assessment
from programs import bench, checking, drafting, issuing, progressing, starting
from programs.checks.facts import StageFacts
from programs.checks.mending import usual_side
from programs.dose import DOSE
from programs.models import Item, Program
from programs.progressing import NEXT_STAGE, Pace, Proposal, Proposed
from programs.rows import EDITABLE

PACES: dict[Pace, str] = {
    "progress": "Go on: the criteria to progress are met",
    "hold": "Hold: not there yet, nothing got worse",
    "ease": "Ease back: a criterion to regress is met",
}
LEAVE_OUT = "-"


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """All that the template reads."""

    program: Program
    assessment: Assessment
    pace: Pace
    paces: Mapping[Pace, str]
    target: str
    target_label: str
    target_count: int
    proposed: Proposed
    items: Mapping[int, Item]


def pace_of(text: str) -> Pace:
    """Return the pace that was asked for; going on when none was."""
    return next((pace for pace in PACES if pace == text), "progress")


def read(program: Program, pace: Pace, *, by: User, at: datetime.datetime) -> ProgressPage:
    """Return the proposals for the stage after the active one; when easing or holding, for the same stage again."""
    assessment, items = issuing.current_assessment(program), drafting.active_items(program)
    current = checking.facts_of(bench.read(program.pk, by=by), at=at)
    slug = NEXT_STAGE[program.stage_slug] if pace == "progress" else program.stage_slug
    target = progressing.empty(current, slug)
    return ProgressPage(
        program=program,
        assessment=assessment,
        pace=pace,
        paces=PACES,
        target=slug,
        target_label=dict(STAGES)[slug],
        target_count=Item.objects.filter(stage__program=program, stage__slug=slug).count(),
        proposed=progressing.propose(current, target, _planned(program, assessment, target, at), pace),
        items={item.pk: item for item in items},
    )


def _planned(
    program: Program, assessment: Assessment, target: StageFacts, at: datetime.datetime
) -> tuple[ExerciseFacts, ...]:
    """Return the stage of the program's protocol, or the leading driver's when that has changed, as it would suit."""
    ours = program.clinic_protocol
    if ours and ours.driver_id == assessment.driver_id:
        return tuple(starting.suited_clinic_exercises(ours, target))
    protocols = Protocol.objects.for_driver(assessment.driver)
    protocol = next((row for row in protocols if row.pk == program.protocol_id), None) or next(iter(protocols), None)
    if (program.protocol_id is None and ours is None) or protocol is None:
        return ()
    suited = starting.suited_stage(protocol, assessment, target.slug, on=timezone.localdate(at))
    return tuple(item.exercise for item in suited.stage.items)


def chosen(page: ProgressPage, sent: QueryDict) -> list[dict[str, Any]]:
    """Return the items of the next stage as field values, from what was chosen; what wasn't sent is as proposed.

    An exercise that stays keeps its dose, side and note; another one starts with its usual dose.
    """
    rows: list[tuple[str, Item | None]] = []
    for proposal in page.proposed.proposals:
        slug = _choice(proposal, sent)
        if slug != LEAVE_OUT:
            rows.append((slug, page.items[proposal.item.key]))
    wanted = set(sent.getlist("add")) - {slug for slug, _ in rows}
    rows += [(row.exercise.slug, None) for row in page.proposed.additions if row.exercise.slug in wanted]
    found = Exercise.objects.in_bulk([slug for slug, _ in rows], field_name="slug")
    return [_row(found[slug], item, page.assessment.affected_side) for slug, item in rows]


def _choice(proposal: Proposal, sent: QueryDict) -> str:
    """Return what was chosen for an item; what was proposed when that wasn't offered."""
    usual = proposal.becomes.slug if proposal.becomes else LEAVE_OUT
    slug = sent.get(f"item-{proposal.item.key}", usual)
    return slug if slug == LEAVE_OUT or slug in {choice.slug for choice in proposal.choices} else usual


def _row(exercise: Exercise, item: Item | None, affected_side: str) -> dict[str, Any]:
    if item and item.exercise_id == exercise.pk:
        kept = {name: getattr(item, name) for name in EDITABLE}
        return {"exercise": exercise, "phase": item.phase, **kept}
    usual = {name: getattr(exercise, name) for name in DOSE}
    side = usual_side(exercise.laterality, affected_side)
    return {"exercise": exercise, "phase": exercise.phase, "side": side, **usual}


def with_choices(page: ProgressPage, sent: QueryDict) -> ProgressPage:
    """Return the page with what was chosen in place of what was proposed, so that nothing chosen is lost."""
    proposals = [
        replace(proposal, becomes=next((row for row in proposal.choices if row.slug == _choice(proposal, sent)), None))
        for proposal in page.proposed.proposals
    ]
    wanted = set(sent.getlist("add"))
    additions = [replace(row, wanted=row.exercise.slug in wanted) for row in page.proposed.additions]
    return replace(page, proposed=Proposed(tuple(proposals), tuple(additions)))
