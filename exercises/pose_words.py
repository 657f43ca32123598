"""What is wrong with a drawn pose, in words a therapist understands."""

import re
from math import ceil

from exercises.figures import checks, limits
from exercises.figures.figure import Figure
from exercises.figures.skeleton import LIMITS

SIDE_WORDS = {"R": "right", "L": "left"}
HEIGHT_CM = 170  # of the person that a length is told for
# What moves, how it moves when the angle grows, and when it falls.
MOVES = {
    "hip_flexion": ("hip", "bends", "goes back"),
    "hip_abduction": ("hip", "goes out to the side", "crosses over"),
    "hip_rotation": ("hip", "turns out", "turns in"),
    "knee_flexion": ("knee", "bends", "straightens"),
    "ankle_dorsiflexion": ("ankle", "bends up", "points down"),
    "toe_extension": ("big toe", "bends up", "curls down"),
    "shoulder_flexion": ("shoulder", "raises the arm", "takes the arm back"),
    "shoulder_abduction": ("shoulder", "raises the arm to the side", "takes the arm across"),
    "shoulder_rotation": ("shoulder", "turns out", "turns in"),
    "shoulder_protraction": ("shoulder", "goes forward", "goes back"),
    "shoulder_elevation": ("shoulder", "is lifted", "is pulled down"),
    "elbow_flexion": ("elbow", "bends", "straightens"),
    "forearm_pronation": ("forearm", "turns the palm down", "turns the palm up"),
    "wrist_flexion": ("wrist", "bends", "bends back"),
    **{
        f"{bones}_{way}": (part, *words)
        for bones, part in (("lumbar", "lower back"), ("thoracic", "upper back"), ("neck", "neck"))
        for way, words in (
            ("flexion", ("bends forward", "arches back")),
            ("side", ("bends to the right", "bends to the left")),
            ("rotation", ("turns to the left", "turns to the right")),
        )
    },
}
OF_JOINT = re.compile(rf"\b({'|'.join(LIMITS)})(_[RL])? is (\S+), the limit is (\S+)$")
OF_PLACE = re.compile(r"^the pose(?:, ([a-z-]+))?: (.*)$")


def warnings(figure: Figure) -> list[tuple[str, str]]:
    """Return frame and sentence of what is wrong; the frame is “” when it is no single one's."""
    found = []
    for name, posed in figure.posed.items():
        found += [(name, beyond(each)) for each in limits.beyond(posed.angles())]
        for limb, miss in checks.missed(posed).items():
            found.append((name, f"The {part_words(limb)} misses its place by {_cm(miss)}: it doesn't reach so far."))
        for part, low in checks.sunk(figure, posed).items():
            found.append((name, f"The {part_words(part)} is {_cm(-low)} under the floor."))
    for each in checks.hidden(figure):
        name = each.muscle.replace("_", " ")
        found.append(("", f"The marked muscle ({name}) is seen in no picture: turn the camera or mark the other side."))
    return found


def beyond(found: limits.Beyond) -> str:
    """Return how much farther a joint goes than it can, as a sentence."""
    kind, _, side = found.joint.rpartition("_") if found.joint not in MOVES else (found.joint, "", "")
    part, more, less = MOVES[kind]
    over = found.value > found.limit
    owner = f"{SIDE_WORDS[side]} {part}" if side else part
    amount = max(1, ceil(abs(found.value - found.limit) - 0.5))
    article = "an" if part[0] in "aeiou" else "a"
    return f"The {owner} {more if over else less} {amount}° farther than {article} {part} goes."


def part_words(name: str) -> str:
    """Return a part of the body as it is called: “right lower leg” for shank_R."""
    part, _, side = name.removesuffix("_open").removesuffix("_fist").rpartition("_")
    if side not in SIDE_WORDS:
        part, side = name, ""
    plain = {"shank": "lower leg", "torso": "trunk"}.get(part, part.replace("_", " "))
    return f"{SIDE_WORDS[side]} {plain}" if side else plain


def mistake(line: str) -> str:
    """Return one line of `BadPose` with its picture and its joint called as the editor calls them."""
    placed = OF_PLACE.match(line)
    if placed is None:
        return line
    where, said = placed[1], placed[2]
    joint = OF_JOINT.search(said)
    if joint:
        part, more, less = MOVES[joint[1]]
        owner = f"{SIDE_WORDS[joint[2][1]]} {part}" if joint[2] else part
        value, limit = float(joint[3]), float(joint[4])
        said = f"the {owner} {more if value > limit else less} to {value:g}; {limit:g} is as far as it goes"
    sentence = said[0].upper() + said[1:] + ("" if said.endswith(".") else ".")
    return f"{where.replace('-', ' ').capitalize()}: {sentence}" if where else sentence


def _cm(length: float) -> str:
    cm = length * HEIGHT_CM / 100
    return f"about {cm:.0f} cm" if cm >= 1 else "nearly 1 cm"
