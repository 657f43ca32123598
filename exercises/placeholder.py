"""A small flat picture of a starting position, for exercises that have no drawing of their own yet.

It shows how the body is placed and nothing of the movement. Plain Python: position in, SVG text out, and the
same text every time. Lengths are fractions of the body's height; angles are degrees, counter-clockwise from
the +x axis with y up; joint angles are 0 in a straight body and grow with bending.
"""

from dataclasses import dataclass
from math import cos, radians, sin

from exercises.vocabulary import POSITIONS

FRAMES = ("start", "finish")
WIDTH, HEIGHT = 240, 180
ROOM = (192.0, 126.0)
LARGEST_BODY = 176.0

GROUND, MAT, PROP = "#f1f4f5", "#d3dde0", "#a9b8be"
NEAR, FAR = "#4c6a77", "#93a8b1"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Limbs:
    """Joint angles of one arm and one leg."""

    hip: float = 0
    knee: float = 0
    shoulder: float = 0
    elbow: float = 0
    ankle: float = 0


@dataclass(frozen=True, slots=True)
class Pose:
    """How a body lies, kneels, sits or stands; `trunk` is the direction from hip to shoulder."""

    trunk: float
    near: Limbs
    far: Limbs
    head_tilt: float = 0
    from_above: bool = False
    prop: str = ""


POSES = {
    "supine": Pose(180, Limbs(48, 96, 10, ankle=-42), Limbs(40, 82, 10, ankle=-48)),
    "prone": Pose(0, Limbs(0, 0, 156, 24, ankle=-70), Limbs(0, 0, 156, 24, ankle=-70), head_tilt=6),
    "side_lying": Pose(180, Limbs(52, 88, 80, 16), Limbs(40, 74, 138, 66), from_above=True),
    "quadruped": Pose(14, Limbs(76, 90, 76, ankle=-80), Limbs(84, 98, 64, ankle=-80), head_tilt=26),
    "kneeling": Pose(90, Limbs(0, 90, 12, 10, ankle=-80), Limbs(6, 96, -10, 10, ankle=-80)),
    "half_kneeling": Pose(90, Limbs(90, 90, 30, 35), Limbs(0, 90, -10, 10, ankle=-80)),
    "sitting": Pose(92, Limbs(90, 92, 32, 30), Limbs(84, 76, 22, 30), prop="chair"),
    "standing": Pose(90, Limbs(5, 5, 9, 12), Limbs(-8, 0, -13, 8)),
    "water": Pose(88, Limbs(38, 52, 55, 20), Limbs(-8, 8, -25, 25), prop="water"),
}
WORDS = dict(POSITIONS)


def alt_text(exercise_name: str, position: str) -> str:
    """Return what the picture shows, for a reader who can't see it."""
    return f"{exercise_name}: {WORDS.get(position, 'standing').lower()}. A drawing of the position only."


def placeholder_svg(position: str, frame: str) -> str:
    """Return the picture of a position as SVG.

    `frame` is "start" or "finish" and sets two small dots; any other has none. An unknown position is drawn
    standing.
    """
    pose = POSES.get(position, POSES["standing"])
    figure = _Figure(pose)
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>',
        _under(pose, figure),
        figure.far_limbs(),
        figure.body(),
        figure.near_limbs(),
        _over(pose),
        _dots(frame),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'
    )


# Half the thickness of each part, in body heights.
THICKNESS = {
    "trunk": 0.084,
    "head": 0.079,
    "near_leg": 0.048,
    "far_leg": 0.045,
    "near_arm": 0.031,
    "far_arm": 0.031,
}


class _Figure:
    """A posed body on the page: as large as fits, centred, the floor under its lowest part."""

    def __init__(self, pose: Pose) -> None:
        shoulder = _step((0, 0), pose.trunk, 0.30)
        self.parts: dict[str, list[Point]] = {
            "trunk": [(0, 0), shoulder],
            "head": [_step(shoulder, pose.trunk - pose.head_tilt, 0.165)],
            **_limbs("near", pose.near, pose.trunk, shoulder),
            **_limbs("far", pose.far, pose.trunk, shoulder),
        }
        edges = [(x, y, THICKNESS[name]) for name, line in self.parts.items() for x, y in line]
        left, right = min(x - r for x, _, r in edges), max(x + r for x, _, r in edges)
        low, high = min(y - r for _, y, r in edges), max(y + r for _, y, r in edges)
        self.scale = min(ROOM[0] / (right - left), ROOM[1] / (high - low), LARGEST_BODY)
        self.floor = HEIGHT / 2 + (high - low) / 2 * self.scale
        centre = (left + right) / 2
        for name, line in self.parts.items():
            self.parts[name] = [
                (WIDTH / 2 + (x - centre) * self.scale, self.floor - (y - low) * self.scale) for x, y in line
            ]

    def far_limbs(self) -> str:
        return self._draw("far_leg", FAR) + self._draw("far_arm", FAR)

    def body(self) -> str:
        x, y = self.parts["head"][0]
        radius = THICKNESS["head"] * self.scale
        return self._draw("trunk", NEAR) + f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{NEAR}"/>'

    def near_limbs(self) -> str:
        """The near limbs; a pale edge lifts the arm off the trunk."""
        return self._draw("near_arm", GROUND, edge=4) + self._draw("near_leg", NEAR) + self._draw("near_arm", NEAR)

    def _draw(self, name: str, colour: str, edge: float = 0) -> str:
        return _line(self.parts[name], 2 * THICKNESS[name] * self.scale + edge, colour)


def _limbs(side: str, limbs: Limbs, trunk: float, shoulder: Point) -> dict[str, list[Point]]:
    thigh = trunk + 180 + limbs.hip
    shank = thigh - limbs.knee
    knee = _step((0, 0), thigh, 0.245)
    ankle = _step(knee, shank, 0.235)
    toe = _step(ankle, shank + 90 + limbs.ankle, 0.075)
    upper_arm = trunk + 180 + limbs.shoulder
    elbow = _step(shoulder, upper_arm, 0.17)
    hand = _step(elbow, upper_arm + limbs.elbow, 0.17)
    return {f"{side}_leg": [(0, 0), knee, ankle, toe], f"{side}_arm": [shoulder, elbow, hand]}


def _under(pose: Pose, figure: _Figure) -> str:
    if pose.from_above:
        return f'<rect x="12" y="34" width="216" height="112" rx="12" fill="{MAT}"/>'
    floor = f'<rect x="12" y="{figure.floor:.1f}" width="216" height="6" rx="3" fill="{MAT}"/>'
    if pose.prop != "chair":
        return floor
    x, y = figure.parts["trunk"][0]
    seat, back, front, foot = y + 0.11 * figure.scale, x - 18, x + 18, figure.floor - 1
    return (
        floor
        + _line([(back, seat - 54), (back, foot)], 5, PROP)
        + _line([(back, seat), (front, seat), (front, foot)], 5, PROP)
    )


def _over(pose: Pose) -> str:
    if pose.prop != "water":
        return ""
    waves = "M0 78q15-8 30 0t30 0 30 0 30 0 30 0 30 0 30 0 30 0"
    return (
        f'<path d="{waves}V{HEIGHT}H0Z" fill="#8fb3c0" fill-opacity="0.35"/>'
        f'<path d="{waves}" fill="none" stroke="#6f97a5" stroke-width="2.5"/>'
    )


def _dots(frame: str) -> str:
    if frame not in FRAMES:
        return ""
    first, second = (PROP, NEAR) if frame == "finish" else (NEAR, PROP)
    return "".join(
        f'<circle cx="{x}" cy="171" r="2.5" fill="{colour}"/>' for x, colour in ((218, first), (227, second))
    )


def _step(start: Point, angle: float, length: float) -> Point:
    return start[0] + length * cos(radians(angle)), start[1] + length * sin(radians(angle))


def _line(points: list[Point], width: float, colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:.1f}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )
