"""Where the muscles lie, as chains of spheres just under the skin, drawn as a band on the body.

Given for the left side (y to the left is outward); the right is its mirror image. `outward` says which way the
muscle can be seen from. Places follow the origins and insertions in any atlas of anatomy, simplified for a
picture four centimetres wide.
"""

from dataclasses import dataclass

Numbers = tuple[float, float, float]
Link = tuple[str, float, float, float, float]  # bone, x, y, z, radius


@dataclass(frozen=True, slots=True)
class Muscle:
    """One muscle of one side; `bone` carries its outward direction."""

    chain: tuple[Link, ...]
    bone: str
    outward: Numbers


MUSCLES: dict[str, Muscle] = {
    "iliopsoas": Muscle(
        (
            ("lumbar1", 2.6, 3.6, 1.0, 1.2),
            ("pelvis", 3.6, 5.2, 2.4, 1.5),
            ("pelvis", 3.6, 5.4, -1.2, 1.4),
            ("thigh", 2.0, -0.4, -4.0, 1.1),
        ),
        "pelvis",
        (0.9, 0.45, 0),
    ),
    "rectus_femoris": Muscle(
        (
            ("thigh", 3.0, 0.8, -2.5, 1.1),
            ("thigh", 3.0, 0.9, -8.5, 1.6),
            ("thigh", 2.4, 0.5, -16, 1.3),
            ("thigh", 1.9, 0.2, -21.5, 0.8),
        ),
        "thigh",
        (0.88, 0.45, 0),
    ),
    "quadriceps": Muscle(
        (
            ("thigh", 2.2, 1.4, -4.5, 1.7),
            ("thigh", 2.2, 1.7, -10, 2.3),
            ("thigh", 1.6, 1.2, -16, 1.9),
            ("thigh", 1.5, 0.6, -21.5, 1.0),
        ),
        "thigh",
        (0.88, 0.45, 0),
    ),
    "tfl": Muscle(
        (
            ("pelvis", 2.6, 7.2, 3.0, 1.1),
            ("thigh", 1.4, 3.6, -3.0, 1.4),
            ("thigh", 0.6, 3.9, -8.5, 0.9),
            ("thigh", 0.2, 3.3, -18, 0.6),
        ),
        "thigh",
        (0.35, 0.93, 0),
    ),
    "sartorius": Muscle(
        (
            ("pelvis", 3.0, 6.6, 2.8, 0.8),
            ("thigh", 3.6, 1.4, -6, 0.9),
            ("thigh", 2.6, -1.8, -14, 0.9),
            ("thigh", 0.4, -2.4, -21, 0.7),
        ),
        "thigh",
        (0.9, 0.2, 0),
    ),
    "hamstrings": Muscle(
        (
            ("thigh", -2.6, 0.8, -4.5, 1.4),
            ("thigh", -2.6, 0.8, -10, 1.8),
            ("thigh", -2.0, 0.6, -16, 1.5),
            ("thigh", -1.4, 0.6, -21, 1.0),
        ),
        "thigh",
        (-0.88, 0.45, 0),
    ),
    "hip_adductors": Muscle(
        (
            ("pelvis", 1.2, 1.6, -3.2, 0.9),
            ("thigh", 0.9, -2.8, -5, 1.5),
            ("thigh", 0.7, -3.0, -11, 1.4),
            ("thigh", 0.4, -2.2, -17.5, 0.9),
        ),
        "thigh",
        (0.4, -0.9, 0),
    ),
    "piriformis": Muscle(
        (
            ("pelvis", -5.2, 1.6, 2.2, 0.9),
            ("pelvis", -4.6, 4.4, 1.0, 1.4),
            ("pelvis", -2.6, 7.2, -0.4, 0.9),
        ),
        "pelvis",
        (-0.75, 0.65, 0),
    ),
    "deep_rotators": Muscle(
        (("pelvis", -4.8, 3.6, -1.0, 1.1), ("pelvis", -3.6, 5.8, -1.2, 1.4), ("pelvis", -1.8, 7.4, -1.2, 1.0)),
        "pelvis",
        (-0.7, 0.7, 0),
    ),
    "hip_internal_rotators": Muscle(
        (("pelvis", 1.6, 7.4, 2.6, 1.2), ("pelvis", 1.6, 7.8, -0.4, 1.3), ("thigh", 1.4, 3.4, -3.4, 1.0)),
        "pelvis",
        (0.4, 0.9, 0),
    ),
    "gluteus_maximus": Muscle(
        (
            ("pelvis", -4.6, 3.2, 3.0, 1.7),
            ("pelvis", -4.2, 4.8, -0.4, 2.7),
            ("thigh", -2.2, 1.8, -4.6, 1.9),
        ),
        "pelvis",
        (-0.85, 0.5, 0),
    ),
    "gluteus_medius": Muscle(
        (("pelvis", -0.8, 7.2, 4.2, 1.5), ("pelvis", -0.2, 7.4, 1.4, 2.0), ("pelvis", 0.2, 8.0, -1.6, 1.2)),
        "pelvis",
        (0, 1, 0),
    ),
    "gluteus_minimus": Muscle(
        (("pelvis", 1.0, 7.2, 3.4, 1.2), ("pelvis", 0.8, 7.8, 0.6, 1.5), ("pelvis", 0.6, 8.2, -1.6, 1.0)),
        "pelvis",
        (0.2, 1, 0),
    ),
    "erector_spinae": Muscle(
        (
            ("pelvis", -3.4, 2.4, 4.4, 1.0),
            ("lumbar2", -1.7, 2.6, 1, 1.3),
            ("chest1", -1.6, 3.0, 1, 1.5),
            ("chest3", -2.0, 3.0, 1, 1.2),
        ),
        "lumbar3",
        (-0.85, 0.5, 0),
    ),
    "multifidus": Muscle(
        (("pelvis", -4.2, 1.7, 3.4, 1.1), ("lumbar1", -2.4, 1.7, 1.5, 1.2), ("lumbar3", -2.0, 1.7, 2.0, 1.0)),
        "lumbar1",
        (-0.88, 0.45, 0),
    ),
    "quadratus_lumborum": Muscle(
        (("pelvis", -0.8, 6.8, 4.8, 1.1), ("lumbar2", -0.9, 5.6, 1, 1.4), ("chest1", -0.6, 5.6, 1.5, 1.1)),
        "lumbar2",
        (-0.4, 0.92, 0),
    ),
    "thoracic_extensors": Muscle(
        (("chest1", -1.8, 3.0, 0, 1.1), ("chest2", -2.2, 3.1, 2, 1.4), ("chest4", -1.6, 2.6, 2.4, 1.1)),
        "chest3",
        (-0.85, 0.5, 0),
    ),
    "latissimus_dorsi": Muscle(
        (
            ("lumbar2", -1.4, 4.8, 1, 1.1),
            ("chest1", -0.8, 6.2, 2, 1.5),
            ("chest3", -0.6, 7.6, 0.5, 1.6),
            ("chest4", -0.2, 8.8, 0.4, 1.1),
        ),
        "chest2",
        (-0.4, 0.92, 0),
    ),
    "transversus_abdominis": Muscle(
        (("lumbar1", 4.2, 1.6, 1.6, 1.5), ("lumbar1", 2.6, 5.2, 1.6, 1.6), ("lumbar1", -0.6, 6.4, 1.6, 1.3)),
        "lumbar1",
        (0.6, 0.8, 0),
    ),
    "rectus_abdominis": Muscle(
        (
            ("pelvis", 3.8, 2.0, 4.8, 1.2),
            ("lumbar2", 4.0, 2.0, 1, 1.4),
            ("chest1", 4.4, 2.1, 1, 1.5),
            ("chest2", 4.4, 2.2, 2, 1.2),
        ),
        "lumbar3",
        (0.85, 0.5, 0),
    ),
    "obliques": Muscle(
        (("pelvis", 2.4, 6.8, 4.8, 1.3), ("lumbar2", 2.4, 5.8, 1, 1.7), ("chest1", 1.6, 6.6, 1.5, 1.5)),
        "lumbar2",
        (0.45, 0.9, 0),
    ),
    "diaphragm": Muscle(
        (("chest1", 4.8, 1.6, -0.5, 1.1), ("chest1", 3.0, 5.2, -0.8, 1.2), ("chest1", -0.4, 6.8, -1.6, 1.0)),
        "chest1",
        (0.6, 0.8, 0),
    ),
    "pelvic_floor": Muscle(
        (("pelvis", 2.6, 3.4, -3.4, 1.0), ("pelvis", -0.6, 3.4, -4.0, 1.2), ("pelvis", -3.4, 3.4, -3.4, 1.0)),
        "pelvis",
        (0, 0.7, -0.7),
    ),
    "gastrocnemius": Muscle(
        (("shank", -1.2, 1.0, -2.0, 1.1), ("shank", -1.7, 1.0, -7, 1.6), ("shank", -0.9, 0.5, -14, 0.8)),
        "shank",
        (-0.85, 0.52, 0),
    ),
    "soleus": Muscle(
        (("shank", -0.9, 1.2, -8, 1.2), ("shank", -0.8, 0.9, -14, 1.2), ("shank", -0.5, 0.3, -20.5, 0.7)),
        "shank",
        (-0.85, 0.5, 0),
    ),
    "tibialis_anterior": Muscle(
        (("shank", 1.2, 1.0, -3.5, 0.9), ("shank", 1.0, 0.9, -9, 1.1), ("shank", 0.8, 0.4, -17, 0.7)),
        "shank",
        (0.85, 0.5, 0),
    ),
    "toe_extensors": Muscle(
        (("shank", 0.6, 1.1, -12, 0.7), ("shank", 0.6, 0.6, -20, 0.6), ("foot", 2.6, 0.3, -0.5, 0.6),
         ("foot", 5.6, 0.2, -1.9, 0.5)),
        "shank",
        (0.8, 0.6, 0),
    ),
    "fibularis": Muscle(
        (("shank", 0.0, 1.6, -4, 0.9), ("shank", -0.1, 1.4, -11, 0.9), ("shank", -0.3, 0.8, -20, 0.6)),
        "shank",
        (0, 1, 0),
    ),
    "tibialis_posterior": Muscle(
        (("shank", -0.6, -1.3, -6, 0.9), ("shank", -0.5, -1.0, -13, 0.8), ("shank", -0.3, -0.8, -21, 0.6)),
        "shank",
        (-0.3, -0.95, 0),
    ),
    "foot_intrinsics": Muscle(
        (("foot", -1.6, 0.6, -2.6, 0.8), ("foot", 2.4, 0.4, -2.0, 0.9), ("foot", 5.6, 0.2, -2.8, 0.7)),
        "foot",
        (0, 0.75, -0.66),
    ),
    "pectorals": Muscle(
        (("chest3", 4.2, 2.6, 0.5, 1.7), ("chest3", 3.4, 6.0, 2.0, 1.5), ("upper_arm", 0.8, -0.6, -2.0, 1.0)),
        "chest3",
        (0.88, 0.45, 0),
    ),
    "deep_neck_flexors": Muscle(
        (("neck1", 1.2, 1.0, 0, 0.7), ("neck2", 1.2, 1.0, 2.0, 0.7)), "neck1", (0.8, 0.6, 0)
    ),
    "neck_extensors": Muscle(
        (("neck1", -1.6, 1.1, -1.0, 0.9), ("neck2", -1.3, 1.1, 1.6, 0.8)), "neck1", (-0.8, 0.6, 0)
    ),
    "deltoid_flexors": Muscle(
        (("upper_arm", 0.8, 0.8, -0.6, 1.4), ("upper_arm", 1.0, 0.6, -4.2, 1.3), ("upper_arm", 0.5, 0.4, -8, 0.7)),
        "upper_arm",
        (0.5, 0.85, 0),
    ),
    "sciatic": Muscle(
        (
            ("pelvis", -3.8, 4.2, -0.6, 0.5),
            ("thigh", -1.6, 1.2, -5, 0.5),
            ("thigh", -1.4, 0.8, -21, 0.5),
            ("shank", -1.2, 0.8, -8, 0.45),
            ("shank", -0.4, 0.8, -22.5, 0.4),
        ),
        "thigh",
        (-0.7, 0.7, 0),
    ),
    "femoral": Muscle(
        (
            ("pelvis", 2.6, 5.4, 1.5, 0.5),
            ("thigh", 2.4, 0.8, -5, 0.5),
            ("thigh", 1.8, 0.4, -20, 0.45),
        ),
        "thigh",
        (0.8, 0.6, 0),
    ),
}  # fmt: skip
