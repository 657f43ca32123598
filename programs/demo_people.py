"""The twelve invented patients of the demo clinic who have a program: two per driver, each with something to mind."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Case:
    """An invented patient as found at the first visit. `present` and `absent` are findings, by slug.

    `extra` is equipment beyond what most homes have; `weeks_to_go` until the due date, in pregnancy.
    """

    name: str
    born: int
    driver: str
    side: str
    direction: str = "not_tested"
    irritability: str = "moderate"
    careful: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    weeks_to_go: int | None = None
    deficit: bool = field(default=False)


CASES = (
    Case(
        "Ana Kovač",
        1984,
        "disc",
        "right",
        direction="extension",
        careful=("neck_pain",),
        present=("leg_worse_than_back", "worse_sitting", "straight_leg_raise", "centralizes"),
        absent=("bilateral_leg_pain", "neurogenic_claudication"),
        extra=("ball",),
    ),
    Case(
        "Samuel Osei",
        1991,
        "disc",
        "left",
        irritability="high",
        careful=("hypertension", "cannot_get_to_floor"),
        present=("cough_sneeze_pain", "past_knee_one_dermatome", "slump_test"),
        absent=("centralizes",),
    ),
    Case(
        "Harold Lindqvist",
        1951,
        "stenosis",
        "both",
        direction="flexion",
        careful=("fall_risk", "hypertension"),
        present=("no_pain_seated", "eases_bending_forward", "neurogenic_claudication", "bilateral_leg_pain"),
        absent=("straight_leg_raise",),
        extra=("bike",),
    ),
    Case(
        "Edith Brandt",
        1944,
        "stenosis",
        "both",
        direction="flexion",
        careful=("osteoporosis", "cannot_get_to_floor"),
        present=("age_over_70", "eases_bending_forward", "worse_walking"),
        also=("ddd",),
    ),
    Case(
        "Maria Rivera",
        1968,
        "piriformis",
        "left",
        careful=("knee_pain",),
        present=("buttock_pain", "worse_sitting", "sciatic_notch_tender", "active_piriformis_test"),
        absent=("dermatome_loss", "cough_sneeze_pain"),
        extra=("ball", "foam_roller"),
    ),
    Case(
        "Jonas Weber",
        1957,
        "piriformis",
        "right",
        careful=("anticoagulants",),
        present=("buttock_pain", "seated_piriformis_stretch"),
        absent=("straight_leg_raise",),
        extra=("band",),
    ),
    Case(
        "Luis Ortega",
        1979,
        "pelvic",
        "left",
        careful=("shoulder_pain",),
        present=("anterior_tilt", "thomas_test", "glute_activation_poor", "ankle_reflex_reduced"),
        extra=("foam_roller",),
        deficit=True,
    ),
    Case(
        "Chloe Martin",
        1993,
        "pelvic",
        "left",
        irritability="low",
        careful=("pregnancy",),
        present=("hip_high_or_turned", "weak_hip_abductors", "trendelenburg"),
        weeks_to_go=24,
    ),
    Case(
        "Nadia Haddad",
        2005,
        "spondylolisthesis",
        "right",
        careful=("hypermobility",),
        present=("extension_sport_or_known_slip", "worse_standing_extension", "hamstrings_tight"),
        absent=("no_change_any_direction",),
        extra=("strap", "band"),
    ),
    Case(
        "Walter Greene",
        1958,
        "spondylolisthesis",
        "both",
        direction="flexion",
        careful=("glaucoma", "hypertension"),
        present=("spinous_step", "low_midline_sill", "eases_bending_forward"),
        extra=("strap",),
    ),
    Case(
        "Beatriz Alves",
        1972,
        "ddd",
        "right",
        careful=("wrist_pain", "cannot_kneel"),
        present=("axial_back_pain", "worse_load_lifting", "better_lying_moving"),
        absent=("dermatome_loss", "myotome_weakness"),
        extra=("ball",),
    ),
    Case(
        "Henry Cole",
        1965,
        "ddd",
        "left",
        irritability="high",
        careful=("cardiorespiratory", "dvt_history"),
        present=("gradual_onset_over_50", "degeneration_on_imaging", "worse_sitting"),
    ),
)
