"""The foundation rule: a stage isn't without its calm and its release.

Weeks 0–2 and 2–4 need a calm item and a release of a tight muscle of the lead driver; weeks 4–8 the release.
"""

from collections.abc import Iterator

from exercises.vocabulary import Phase
from programs.checks.facts import LATE, ExerciseFacts, Fix, StageFacts, Verdict
from programs.checks.substitutes import fit_for
from programs.checks.suitability import fits

CALM = "Nothing to calm"
RELEASE = "Nothing releases the tight side"


def foundations(stage: StageFacts) -> Iterator[Verdict]:
    """Warn of a missing calm or release item in the first four weeks; later a missing release is a note."""
    if not stage.items:
        return
    late = stage.slug == LATE
    if not late and all(item.exercise.phase is not Phase.CALM for item in stage.items):
        sentence = "The first weeks start with something that settles the leg, and this stage has nothing that does."
        yield Verdict("foundations", "warn", CALM, sentence, citations=("practice",), about=Phase.CALM)
    wanted = wanted_muscles(stage)
    if wanted and not any(item.exercise.releases & wanted for item in stage.items):
        sentence = "None of these exercises releases a muscle that is tight with this driver."
        yield Verdict(
            "foundations", "note" if late else "warn", RELEASE, sentence, citations=("practice",), about=Phase.RELEASE
        )


def wanted_muscles(stage: StageFacts) -> frozenset[str]:
    """Return the lead driver's tight muscles as the clinician left them marked; any marked ones if none of those.

    With none marked at all they are the driver's own, but for those found lengthened or weak.
    """
    patient = stage.patient
    marked = frozenset(patient.tight)
    return (patient.lead.tight & marked) or marked or patient.lead.tight - patient.lengthened - frozenset(patient.weak)


def mend(stage: StageFacts, verdict: Verdict) -> Iterator[Fix]:
    for exercise in _offered(stage, verdict):
        if exercise.slug not in stage.slugs and fits(exercise, stage):
            yield Fix(f"Add {exercise.name}", "add", exercise=exercise.slug)


def _offered(stage: StageFacts, verdict: Verdict) -> list[ExerciseFacts]:
    lead, wanted = stage.patient.lead.slug, wanted_muscles(stage)
    rows = stage.catalog.by_phase.get(Phase(verdict.about), ())
    if verdict.about == Phase.RELEASE:
        rows = tuple(row for row in rows if row.releases & wanted)
    return sorted(rows, key=lambda row: (fit_for(row, lead), row.level, -len(row.releases & wanted), row.name))
