"""Named places on the body, where a hand, a strap, a ball or an arrow can be."""

from dataclasses import dataclass

from exercises.figures.geometry import Array, vector
from exercises.figures.skeleton import SIDES, Body


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the skin in the axes of its bone, and the direction that leads out of the body there."""

    bone: str
    offset: Array
    outward: Array

    def point(self, body: Body) -> Array:
        """Return where the place is in the world."""
        return body.point(self.bone, self.offset)

    def normal(self, body: Body) -> Array:
        """Return which way leads out of the body, in the world."""
        return body.turn[self.bone] @ self.outward


Numbers = tuple[float, float, float]
MIDDLE: dict[str, tuple[str, Numbers, Numbers]] = {
    "pelvis": ("pelvis", (0, 0, 0), (1, 0, 0)),
    "belly": ("lumbar2", (6.4, 0, 0), (1, 0, 0)),
    "lower_belly": ("pelvis", (5.6, 0, 4), (1, 0, 0)),
    "lower_back": ("lumbar2", (-4.0, 0, 1), (-1, 0, 0)),
    "sacrum": ("pelvis", (-7.0, 0, 2.5), (-1, 0, 0)),
    "chest": ("chest2", (6.4, 0, 3), (1, 0, 0)),
    "upper_back": ("chest3", (-4.0, 0, 0), (-1, 0, 0)),
    "neck": ("neck2", (-2.6, 0, 0), (-1, 0, 0)),
    "head_back": ("head", (-6.6, 0, 3.6), (-1, 0, 0)),
    "head_top": ("head", (0, 0, 9.6), (0, 0, 1)),
    "forehead": ("head", (5.5, 0, 5), (1, 0, 0)),
    "chin": ("head", (5, 0, -2), (0.6, 0, -0.8)),
    "head": ("head", (0, 0, 3.5), (1, 0, 0)),
    "behind_head": ("head", (-7.6, 0, 11), (-1, 0, 0)),
    "behind_hips": ("pelvis", (-8.4, 0, -6), (-1, 0, 0)),
}
PAIRED: dict[str, tuple[str, Numbers, Numbers]] = {  # for the left side: y to the left is outward
    "hip": ("pelvis", (0, 9.6, 0.5), (0, 1, 0)),
    "waist": ("pelvis", (1.0, 8.8, 5.6), (0.2, 0.97, 0)),
    "buttock": ("pelvis", (-6.8, 4.4, -1.6), (-1, 0, 0)),
    "hip_front": ("pelvis", (5.2, 5.2, -1.0), (1, 0, 0)),
    "hip_joint": ("pelvis", (0, 5.2, 0), (1, 0, 0)),
    "ribs": ("chest1", (2.0, 8.6, 1), (0.2, 0.97, 0)),
    "shoulder": ("upper_arm", (0, 1.5, 1.5), (0, 0.7, 0.7)),
    "shoulder_front": ("chest4", (3.6, 8.5, 0), (1, 0, 0)),
    "shoulder_blade": ("chest3", (-4.2, 6, 0), (-1, 0, 0)),
    "upper_arm": ("upper_arm", (0, 2.8, -8), (0, 1, 0)),
    "elbow": ("forearm", (0, 0, 0), (-1, 0, 0)),
    "wrist": ("hand", (0, 0, 0), (0, -1, 0)),
    "palm": ("hand", (0, -1.0, -3.6), (0, -1, 0)),
    "grip": ("hand", (0.2, -1.7, -3.4), (0, -1, 0)),
    "fingertips": ("hand", (0.4, -0.8, -8.4), (0, 0, -1)),
    "temple": ("head", (0.5, 4.4, 4.6), (0, 1, 0)),
    "head_behind": ("head", (-5.9, 2.0, 3.0), (-0.94, 0.34, 0)),
    "cheek": ("head", (3.4, 3.4, 1), (0.5, 0.86, 0)),
    "thigh_front": ("thigh", (4.7, 0, -14.5), (1, 0, 0)),
    "thigh_knee": ("thigh", (4.0, 0, -19.5), (1, 0, 0)),
    "thigh_back": ("thigh", (-4.6, 0, -15.5), (-1, 0, 0)),
    "thigh_outer": ("thigh", (0, 5.4, -12), (0, 1, 0)),
    "thigh_inner": ("thigh", (0, -5.0, -14), (0, -1, 0)),
    "thigh_low": ("thigh", (2.4, 0, -19), (1, 0, 0)),
    "knee": ("shank", (3.6, 0, -0.4), (1, 0, 0)),
    "knee_joint": ("shank", (0, 0, 0), (1, 0, 0)),
    "knee_inner": ("shank", (0.4, -3.1, 0), (0, -1, 0)),
    "knee_outer": ("shank", (0.4, 3.1, 0), (0, 1, 0)),
    "knee_back": ("shank", (-2.8, 0, 1.5), (-1, 0, 0)),
    "shin": ("shank", (2.7, 0, -8), (1, 0, 0)),
    "shin_low": ("shank", (2.1, 0, -18), (1, 0, 0)),
    "calf": ("shank", (-4.0, 0, -7), (-1, 0, 0)),
    "calf_low": ("shank", (-2.4, 0, -17), (-1, 0, 0)),
    "ankle": ("foot", (0, 0, 0), (1, 0, 0)),
    "ankle_outer": ("foot", (0, 2.0, 0), (0, 1, 0)),
    "ankle_inner": ("foot", (0, -2.0, 0), (0, -1, 0)),
    "instep": ("foot", (3.6, 0, 0.2), (0.4, 0, 0.9)),
    "sole": ("foot", (4.4, 0, -3.9), (0, 0, -1)),
    "heel": ("foot", (-3.4, 0, -3.0), (-0.6, 0, -0.8)),
    "ball_of_foot": ("foot", (6.6, 0, -3.9), (0, 0, -1)),
    "toes": ("toes", (3.4, 0, 0), (1, 0, 0)),
}


def _places() -> dict[str, Place]:
    found = {name: Place(bone, vector(at), vector(out)) for name, (bone, at, out) in MIDDLE.items()}
    for name, (bone, (x, y, z), (nx, ny, nz)) in PAIRED.items():
        for side in SIDES:
            sign = 1 if side == "L" else -1
            own = bone if bone in {"pelvis", "head"} or bone.startswith("chest") else f"{bone}_{side}"
            found[f"{name}_{side}"] = Place(own, vector((x, sign * y, z)), vector((nx, sign * ny, nz)))
    return found


PLACES = _places()
