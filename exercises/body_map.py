"""The body from ahead and from behind with muscles marked tight and weak, drawn by the figure engine.

Muscles are named as in the catalog with their side: `piriformis_L`. Those that lie too deep to be seen from
either side are marked where they are nearest to the skin.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from exercises import pictures

VIEWS = {"front": 90, "back": -90}
MOST_MARKS = 80


def drawing(view: str, tight: Iterable[str], weak: Iterable[str]) -> str:
    """Return the SVG of one view. Raises KeyError for a view that doesn't exist; unknown muscles are left out."""
    show = {
        tone: muscles for tone, muscles in (("release", _drawable(tight)), ("strengthen", _drawable(weak))) if muscles
    }
    pose: dict[str, Any] = {"view": [VIEWS[view], 0], "start": STANDING, **({"show": show} if show else {})}
    return pictures.of_pose("body", pose)


STANDING: Mapping[str, Any] = {
    "posture": "standing",
    "joints": {"shoulder_abduction": 22, "elbow_flexion": 6},
}


def _drawable(muscles: Iterable[str]) -> list[str]:
    """Return the known muscles of a list, each once, in order."""
    from exercises.figures.muscles import MUSCLES

    named = (muscle for muscle in muscles if muscle.rpartition("_")[0] in MUSCLES and muscle[-2:] in {"_L", "_R"})
    return sorted(set(named))[:MOST_MARKS]
