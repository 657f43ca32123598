"""The closed lists of the catalog: phases, kinds, sides, levels. Plain Python; labels are for clinicians."""

from enum import StrEnum


class Phase(StrEnum):
    """The five phases of a program, in the only order they may run."""

    CALM = "calm"
    RELEASE = "release"
    RESTORE = "restore"
    STRENGTHEN = "strengthen"
    INTEGRATE = "integrate"

    @property
    def rank(self) -> int:
        """Position in the order, from 1."""
        return RANK[self]

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def purpose(self) -> str:
        """What the phase is for, in patient words."""
        return PURPOSE[self]


RANK = {phase: place for place, phase in enumerate(Phase, start=1)}
PURPOSE = {
    Phase.CALM: "settle it down",
    Phase.RELEASE: "loosen what is tight",
    Phase.RESTORE: "get moving well again",
    Phase.STRENGTHEN: "build up what is weak",
    Phase.INTEGRATE: "use it and keep it",
}

PHASES = [(phase.value, phase.label) for phase in Phase]

# Within a phase, kinds are best met in this order (self-massage before stretching, and so on).
KINDS_BY_PHASE = {
    Phase.CALM: ("posture", "mobility", "endurance"),
    Phase.RELEASE: ("self_massage", "static_stretch"),
    Phase.RESTORE: ("mobility", "nerve_glide"),
    Phase.STRENGTHEN: ("activation", "strengthening", "endurance"),
    Phase.INTEGRATE: ("posture", "strengthening", "endurance"),
}


def kind_rank(phase: Phase, kind: str) -> int:
    """Return the place of a kind within a phase; a kind that doesn't belong there comes last."""
    kinds = KINDS_BY_PHASE[phase]
    return kinds.index(kind) if kind in kinds else len(kinds)


KINDS = [
    ("self_massage", "Self-massage"),
    ("static_stretch", "Stretch"),
    ("nerve_glide", "Nerve glide"),
    ("mobility", "Mobility"),
    ("posture", "Position"),
    ("activation", "Activation"),
    ("strengthening", "Strengthening"),
    ("endurance", "Endurance"),
]

POSITIONS = [
    ("supine", "Lying on the back"),
    ("prone", "Lying on the front"),
    ("side_lying", "Lying on the side"),
    ("quadruped", "On hands and knees"),
    ("kneeling", "Kneeling"),
    ("half_kneeling", "Half kneeling"),
    ("sitting", "Sitting"),
    ("standing", "Standing"),
    ("water", "In water"),
]

STATUSES = [
    ("draft", "Draft"),
    ("in_review", "In review"),
    ("published", "Published"),
    ("retired", "Retired"),
]

LATERALITIES = [
    ("bilateral", "Whole body"),
    ("affected_side", "Affected side"),
    ("each_side", "Each side"),
]

LOADINGS = [
    ("neutral", "Neutral"),
    ("flexion", "Flexion"),
    ("extension", "Extension"),
    ("rotation", "Rotation"),
    ("side_bend", "Side bend"),
    ("flexion_extension", "Flexion and extension"),
]

EVIDENCE = [
    ("trial_family", "Trials of this exercise family"),
    ("guideline", "Guideline"),
    ("biomech", "Muscle-activity study"),
    ("practice", "Practice, no direct trial found"),
    ("article_only", "Source article only, no independent evidence found"),
]

LEVELS = [(1, "Early or irritable"), (2, "Settling"), (3, "Late")]

BIASES = [
    ("extension", "Extension"),
    ("flexion", "Flexion"),
    ("neutral", "Neutral"),
    ("mid_range", "Mid-range"),
    ("none", "None"),
]

PREFERENCES = [("extension", "Extension"), ("flexion", "Flexion"), ("lateral", "Lateral")]

CAUTIONS = [("avoid", "Avoid"), ("avoid_early", "Avoid early"), ("caution", "Caution")]

MUSCLE_STATES = [
    ("tight", "Typically tight"),
    ("sometimes_tight", "Sometimes tight"),
    ("weak", "Typically weak"),
    ("sometimes_weak", "Sometimes weak"),
]

URGENCIES = [
    ("emergency", "Emergency now"),
    ("same_day", "Medical assessment today"),
    ("refer_urgent", "Urgent referral, within days"),
    ("refer", "Routine referral"),
]

STAGES = [("w0_2", "Weeks 0–2"), ("w2_4", "Weeks 2–4"), ("w4_8", "Weeks 4–8")]

CITATION_STATUSES = [
    ("looked_up", "Record or abstract read"),
    ("secondary", "Seen through another source"),
    ("known", "From memory, not yet checked"),
    ("practice", "Practice or article, not a study"),
]

# Muscles of the trunk have no affected side of their own.
TRUNK = {
    "erector_spinae", "multifidus", "thoracic_extensors", "transversus_abdominis", "rectus_abdominis", "obliques",
    "diaphragm", "pelvic_floor", "deep_neck_flexors", "neck_extensors",
}  # fmt: skip

FINDING_GROUPS = [
    ("history", "History"),
    ("nerve", "Nerve tests"),
    ("movement", "Movement"),
    ("hip", "Hip and buttock"),
    ("spine", "Spine"),
    ("pelvis", "Pelvis and balance"),
]

CERTAINTIES = [("high", "High"), ("medium", "Medium"), ("low", "Low")]

MEASURE_USES = [
    ("embed", "May be built in"),
    ("score_only", "Store the score alone: the wording is licensed"),
    ("check_first", "Check the licence first"),
]
