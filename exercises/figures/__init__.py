"""Exercises drawn from poses: pose data in, SVG out. Plain Python with numpy; nothing of Django in here.

`draw` and `animate` are what the rest of the product uses; `python -m exercises.figures` is the same from a shell.
"""

from typing import Any


def frame_names(pose: dict[str, Any]) -> list[str]:
    """Return the names of a pose's frames in order, without reading the rest of it."""
    names = ["start", *(str(step["name"]) for step in pose.get("steps", []))]
    return [*names, "finish"] if "finish" in pose else names


def draw(name: str, pose: dict[str, Any], frame: str, *, mirrored: bool = False, palette: int = 0) -> str:
    """Return one frame of an exercise as an SVG file; mirrored, it shows the other side of the body.

    Raises poses.BadPose with a line per mistake, which name the exercise.
    """
    return _figure(name, pose, palette).svg(frame, mirrored=mirrored)


def animate(name: str, pose: dict[str, Any], *, mirrored: bool = False, palette: int = 0) -> str:
    """Return an exercise in motion as one SVG file without script. Raises poses.BadPose."""
    from exercises.figures.animation import animated

    return animated(_figure(name, pose, palette), mirrored=mirrored)


def _figure(name: str, pose: dict[str, Any], palette: int) -> Any:
    # numpy takes a tenth of a second to import, which commands that draw nothing needn't wait for
    from exercises.figures.drawing import Look
    from exercises.figures.figure import Figure
    from exercises.figures.palette import PALETTES
    from exercises.figures.reading import read

    return Figure(read(name, pose), Look(PALETTES[palette]))
