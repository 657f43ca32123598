"""What the pose editor's controls are: their words, limits and steps, as plain data that its script builds from.

A field is a mapping with `key`, `label` and `kind`; its other keys depend on the kind. Lengths are hundredths of
the standing height, angles degrees.
"""

from typing import Any

from exercises import pose_editor
from exercises.figures import reading
from exercises.figures.muscles import MUSCLES
from exercises.figures.palette import THINGS, TONES
from exercises.figures.places import PLACES
from exercises.figures.postures import POSTURES
from exercises.figures.reader import WAYS
from exercises.figures.skeleton import LIMITS, PAIRED

Field = dict[str, Any]

# Group, then each joint with what its angle is, and what the low and the high end of its range are.
JOINT_GROUPS: tuple[tuple[str, tuple[tuple[str, str, str, str], ...]], ...] = (
    (
        "Hip",
        (
            ("hip_flexion", "Hip: lift the thigh", "back", "forward"),
            ("hip_abduction", "Hip: to the side", "across", "out"),
            ("hip_rotation", "Hip: turn the leg", "in", "out"),
        ),
    ),
    ("Knee", (("knee_flexion", "Knee: bend", "straight", "bent"),)),
    (
        "Ankle",
        (
            ("ankle_dorsiflexion", "Ankle: foot", "pointed", "pulled up"),
            ("toe_extension", "Toes: lift", "curled", "lifted"),
        ),
    ),
    (
        "Shoulder",
        (
            ("shoulder_flexion", "Shoulder: raise the arm", "back", "overhead"),
            ("shoulder_abduction", "Shoulder: arm to the side", "across", "overhead"),
            ("shoulder_rotation", "Shoulder: turn the arm", "in", "out"),
            ("shoulder_protraction", "Shoulder: forward", "back", "forward"),
            ("shoulder_elevation", "Shoulder: lift", "down", "up"),
        ),
    ),
    (
        "Elbow and hand",
        (
            ("elbow_flexion", "Elbow: bend", "straight", "bent"),
            ("forearm_pronation", "Forearm: turn the palm", "up", "down"),
            ("wrist_flexion", "Wrist: bend", "back", "forward"),
        ),
    ),
    *(
        (
            name,
            (
                (f"{bones}_flexion", f"{name}: bend", "arched", "forward"),
                (f"{bones}_side", f"{name}: to the side", "left", "right"),
                (f"{bones}_rotation", f"{name}: turn", "right", "left"),
            ),
        )
        for bones, name in (("lumbar", "Lower back"), ("thoracic", "Upper back"), ("neck", "Neck"))
    ),
)
LENGTHS = {"shoulder_protraction", "shoulder_elevation"}
# A pinned foot or hand decides these joints.
DECIDED = {
    "foot": ("hip_flexion", "hip_abduction", "hip_rotation", "knee_flexion", "ankle_dorsiflexion"),
    "hand": ("shoulder_flexion", "shoulder_abduction", "shoulder_rotation", "elbow_flexion", "forearm_pronation"),
}
XYZ = ("right +", "away +", "up +")


def words(name: str) -> str:
    """Return a name of the engine's as one reads it: “Thigh back, right” for thigh_back_R."""
    side = {"_R": ", right", "_L": ", left"}.get(name[-2:], "")
    plain = (name[:-2] if side else name).replace("_", " ").replace("tfl", "TFL")
    return plain[0].upper() + plain[1:] + side


def options(names: Any) -> list[list[str]]:
    return [[name, words(name)] for name in names]


def number(key: str, label: str, low: float, high: float, start: float = 0, step: float = 1) -> Field:
    return {"key": key, "label": label, "kind": "number", "low": low, "high": high, "start": start, "step": step}


def numbers(key: str, label: str, parts: tuple[str, ...], start: list[Any]) -> Field:
    return {"key": key, "label": label, "kind": "numbers", "parts": parts, "start": start, "low": -150, "high": 150}


def choice(key: str, label: str, names: Any, start: str = "") -> Field:
    return {"key": key, "label": label, "kind": "choice", "options": options(names), "start": start}


def check(key: str, label: str, *, start: bool = False) -> Field:
    return {"key": key, "label": label, "kind": "check", "start": start}


def several(key: str, label: str, names: Any) -> Field:
    return {"key": key, "label": label, "kind": "several", "options": options(names)}


def direction(key: str, label: str) -> Field:
    return {"key": key, "label": label, "kind": "direction", "options": options(WAYS)}


AT_FLOOR = numbers("at", "Where on the floor", XYZ[:2], [0, 0])
AT = {"key": "at", "label": "Where", "kind": "spot", "parts": XYZ, "start": [0, 0, 0]}
SHIFT = numbers("shift", "Moved from there by", XYZ, [0, 0, 0])
FROM_TO = ("from", "to")
TURNED = number("turned", "Turned (°)", -180, 180, 0, 5)
AXIS = numbers("axis", "Lies along", XYZ, [0, 1, 0])
PATH = {"key": "path", "label": "From place to place", "kind": "path", "start": ["grip_R", "sole_R"]}
PAINT = choice("paint", "Colour like", THINGS)

PROPS: dict[str, list[Field]] = {
    "mat": [numbers("x", "Length", FROM_TO, [-52, 56]), numbers("y", "Width", FROM_TO, [-20, 20])],
    "bed": [
        numbers("x", "Length", FROM_TO, [-56, 56]),
        numbers("y", "Width", FROM_TO, [-24, 24]),
        number("height", "Height", 10, 60, 26),
    ],
    "chair": [
        AT_FLOOR,
        number("seat", "Height of the seat", 10, 50, 26),
        number("turned", "Turned (°; 180 faces left)", -180, 180, 0, 5),
        number("depth", "Depth", 10, 60, 24),
        number("width", "Width", 10, 80, 25),
        check("back", "With a back", start=True),
        check("arms", "With arms"),
    ],
    "block": [
        AT_FLOOR,
        numbers("size", "Length, width, height", ("long", "wide", "high"), [24, 30, 10]),
        TURNED,
        PAINT,
    ],
    "stairs": [AT_FLOOR, number("count", "Steps", 1, 6, 2), number("rise", "Height of a step", 3, 20, 9)],
    "wall": [
        number("x", "Where along the page", -100, 100, 20),
        number("behind", "Or behind, so far away", -100, 100),
        number("side", "Or at a side, seen from the front", -100, 100),
        number("height", "Height", 10, 140, 104),
        number("width", "Width", 4, 150, 44),
    ],
    "counter": [
        numbers("at", "Where on the floor", XYZ[:2], [24, 0]),
        number("height", "Height", 20, 90, 54),
        number("depth", "Depth", 6, 60, 20),
        number("width", "Width", 10, 120, 50),
        TURNED,
    ],
    "doorway": [number("x", "Where along the page", -100, 100), number("half", "Half its width", 12, 60, 24)],
    "pillow": [AT, SHIFT, numbers("size", "Length, width, height", ("long", "wide", "high"), [18, 26, 6]), TURNED],
    "towel": [AT, SHIFT, number("length", "Length", 4, 80, 20), number("radius", "Radius", 0.5, 10, 2.6, 0.1), AXIS],
    "strap": [PATH, number("radius", "Radius", 0.2, 4, 0.55, 0.05), PAINT],
    "band": [
        {**PATH, "key": "around", "label": "Around", "start": ["thigh_low_R", "thigh_low_L"], "places_only": True},
        number("width", "Width", 0.5, 12, 2.6, 0.1),
        number("thick", "Thickness of the leg there", 1, 10, 3.9, 0.1),
    ],
    "roller": [AT, SHIFT, number("length", "Length", 6, 80, 34), number("radius", "Radius", 1, 15, 6.4, 0.1), AXIS],
    "ball": [AT, SHIFT, number("radius", "Radius", 0.5, 25, 3.4, 0.1)],
    "dowel": [PATH, number("radius", "Radius", 0.2, 4, 0.8, 0.1)],
    "weight": [
        {**several("hands", "In the hands", ()), "options": [["R", "Right"], ["L", "Left"]], "start": ["R", "L"]}
    ],
    "crate": [AT, SHIFT, numbers("size", "Length, width, height", ("long", "wide", "high"), [16, 22, 14])],
    "poles": [
        {
            **{"key": "tips", "label": "Tips on the floor", "kind": "points", "names": ["right pole", "left pole"]},
            "start": [[10, -10], [10, 10]],
        }
    ],
    "pool": [number("level", "Height of the water", 5, 110, 66)],
    "noodle": [PATH, number("radius", "Radius", 0.5, 8, 2.6, 0.1)],
    "bike": [
        AT_FLOOR,
        number("saddle", "Height of the saddle", 25, 70, 46),
        number("crank", "Height of the crank", 6, 30, 15),
    ],
    "clock": [AT, SHIFT, number("radius", "Radius", 2, 30, 7)],
}
# A prop that is drawn from where it goes can't be without.
NEEDED = {"strap": ["path"], "dowel": ["path"], "noodle": ["path"], "poles": ["tips"]}

HOLDS = [["free", "Free"], ["floor", "On the floor"], ["at", "At a point"], ["touch", "On a place of the body"]]
PIN_FIELDS: dict[str, list[Field]] = {
    "floor": [numbers("floor", "Where on the floor", XYZ[:2], [0, 0])],
    "at": [numbers("at", "Point", XYZ, [0, 0, 0])],
    "touch": [choice("touch", "Place", PLACES, "thigh_front_R"), numbers("at", "Moved from there by", XYZ, [0, 0, 0])],
}
FOOT_FIELDS = [
    direction("bend", "The knee points"),
    check("flat", "Sole level"),
    check("straight", "Leg straight"),
    number("heel", "Heel raised (°)", 0, 75),
    number("toes_out", "Toes turned out (°)", -60, 80, 6),
]
HAND_FIELDS = [
    direction("bend", "The elbow points"),
    direction("palm", "The palm looks"),
    direction("fingers", "The fingers point"),
]
ARROW_FIELDS: list[Field] = [
    choice("place", "Starts at", PLACES, "hip_R"),
    {**direction("along", "Goes"), "none": "as the body moves"},
    number("size", "Length", 3, 80, 14),
    SHIFT,
    check("two_way", "With two heads"),
]
BODY_FIELDS: list[Field] = [
    choice("base", "Angles are counted from", reading.BASES, "upright"),
    *(
        number(key, label, -180, 180)
        for key, label in (
            ("lean", "Lean (°, counter-clockwise on the page)"),
            ("roll", "Roll to the side (°)"),
            ("twist", "Twist about its length (°)"),
            ("turn", "Turn about the vertical (°)"),
        )
    ),
    {**numbers("at", "Pelvis at (empty: worked out)", XYZ, [0, 0, None]), "blank": True},
    {"key": "rest", "label": "Rests with", "kind": "rests", "options": options(reading.PARTS)},
    {"key": "anchor", "label": "Shifted so that", "kind": "anchor", "options": options(PLACES)},
    {"key": "kneel", "label": "Kneels on", "kind": "several", "options": [["R", "right knee"], ["L", "left knee"]]},
    {"key": "flat", "label": "Sole level though free", "kind": "several", "options": [["R", "right"], ["L", "left"]]},
    {**number("head", "Head lies at height", -10, 40), "blank": True},
]


def controls() -> dict[str, Any]:
    """Return all that the script builds its controls from."""
    return {
        "groups": [{"name": name, "joints": [_joint(*joint) for joint in joints]} for name, joints in JOINT_GROUPS],
        "decided": {limb: list(joints) for limb, joints in DECIDED.items()},
        "holds": HOLDS,
        "pins": PIN_FIELDS,
        "foot": FOOT_FIELDS,
        "hand": HAND_FIELDS,
        "grips": [["open", "open"], ["fist", "holding"]],
        "body": BODY_FIELDS,
        "props": {kind: {"label": words(kind), "fields": fields} for kind, fields in PROPS.items()},
        "needed": NEEDED,
        "arrow": ARROW_FIELDS,
        "views": options(reading.VIEWS),
        "angles": reading.VIEWS,
        "muscles": options(MUSCLES),
        "tones": options(TONES),
        "places": options(PLACES),
        "ways": options(WAYS),
        "steps": [[name, name.replace("-", " ")] for name in pose_editor.step_names()],
    }


def _joint(name: str, label: str, low_end: str, high_end: str) -> Field:
    limit = LIMITS[name]
    return {
        **{"name": name, "label": label, "low": limit.low, "high": limit.high, "ends": [low_end, high_end]},
        **{"paired": name in PAIRED, "step": 0.5 if name in LENGTHS else 1, "unit": "" if name in LENGTHS else "°"},
    }


def postures() -> list[list[str]]:
    """Return the postures to start from, with their names."""
    return options(POSTURES)
