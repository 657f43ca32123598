"""What is wrong with a drawn exercise: joints past their range, missed pins, parts under the floor, hidden muscles.

Each fault is a sentence with exercise, frame, what, value and limit.
"""

from exercises.figures import limits
from exercises.figures.body import anatomy
from exercises.figures.figure import Figure
from exercises.figures.poses import Highlight
from exercises.figures.posing import Posed

FARTHEST_MISS = 0.5
DEEPEST = -0.5


def faults(figure: Figure) -> list[str]:
    """Return what is wrong with the pictures of an exercise; none is how it should be."""
    found = []
    for name, posed in figure.posed.items():
        where = f"{figure.pose.name}, {name}"
        found += [f"{where}: {each}" for each in limits.beyond(posed.angles())]
        found += [
            f"{where}: {limb} misses its place by {miss:.1f}, the limit is {FARTHEST_MISS}"
            for limb, miss in missed(posed).items()
        ]
        found += [
            f"{where}: {part} is {low:.1f} under the floor, the limit is {DEEPEST}"
            for part, low in sunk(figure, posed).items()
        ]
    return found + [f"{figure.pose.name}: {each.muscle} ({each.tone}) is seen in no frame" for each in hidden(figure)]


def missed(posed: Posed) -> dict[str, float]:
    """Return the hands, feet and heads that don't get where they are held, and by how much they miss it."""
    return {limb: miss for limb, miss in posed.misses.items() if miss > FARTHEST_MISS}


def sunk(figure: Figure, posed: Posed) -> dict[str, float]:
    """Return the parts of the body that are under the floor, with their height over it, which is below 0."""
    flesh = anatomy(figure.look.build)
    found = {}
    for part in flesh.parts:
        if part.startswith("hand") and not part.endswith(posed.frame.grips.get(part[5], "open")):
            continue
        low = flesh.lowest(posed.body, [part]) - figure.pose.floor
        if low < DEEPEST:
            found[part] = low
    return found


def hidden(figure: Figure) -> list[Highlight]:
    """Return the muscles to be shown that no frame shows."""
    shown = set().union(*(drawing.shown for drawing in figure.drawings.values()))
    return [each for each in figure.pose.highlights if not any((each.muscle, side) in shown for side in each.sides)]
