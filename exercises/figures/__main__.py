"""The figures from a shell: contact sheet, single pictures, animations, checks."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from exercises.figures import checks, library, sheet
from exercises.figures.animation import animated
from exercises.figures.builds import BUILDS
from exercises.figures.drawing import Look
from exercises.figures.figure import Figure
from exercises.figures.palette import PALETTES
from exercises.figures.poses import BadPose, Pose


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when something was wrong, which is told on standard error."""
    options = _parser().parse_args(arguments)
    options.look = Look(PALETTES[options.palette], options.build)
    try:
        return int(options.run(options))
    except (BadPose, sheet.NoPicture) as reason:
        print(reason, file=sys.stderr)
        return 1


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m exercises.figures", description=__doc__)
    commands = parser.add_subparsers(required=True)
    whole = commands.add_parser("sheet", help="draw every exercise, or those named, on one sheet")
    whole.add_argument("out", type=Path, help="a file that ends in .svg or .png")
    whole.add_argument("slugs", nargs="*")
    whole.add_argument("--columns", type=int, default=6)
    whole.add_argument("--width", type=int, default=320, help="pixels a picture, for .png")
    whole.set_defaults(run=_sheet)
    draw = commands.add_parser("draw", help="draw one exercise")
    draw.add_argument("slug")
    draw.add_argument("out", type=Path, nargs="?", help="a folder; the present one when left out")
    draw.add_argument("--side", choices=("right", "left"), help="the side that works; as authored when left out")
    draw.set_defaults(run=_draw)
    animate = commands.add_parser("animate", help="draw one exercise in motion")
    animate.add_argument("slug")
    animate.add_argument("out", type=Path, help="a file that ends in .svg")
    animate.add_argument("--side", choices=("right", "left"), help="the side that works; as authored when left out")
    animate.set_defaults(run=_animate)
    check = commands.add_parser("check", help="tell what is wrong with the exercises, or those named")
    check.add_argument("slugs", nargs="*")
    check.set_defaults(run=_check)
    for command in (whole, draw, animate, check):
        command.add_argument("--palette", type=int, choices=range(len(PALETTES)), default=0)
        command.add_argument("--build", choices=tuple(BUILDS), default="slim")
    return parser


def _sheet(options: Namespace) -> int:
    pictures = []
    wrong = 0
    for entry in library.entries(options.slugs):
        if isinstance(entry, BadPose):
            wrong += 1
            print(entry, file=sys.stderr)
            continue
        try:
            figure = Figure(entry.pose, options.look)
            pictures += [(f"{entry.slug} {frame}", figure.svg(frame)) for frame in figure.posed]
        except BadPose as reason:
            wrong += 1
            print(reason, file=sys.stderr)
    sheet.write(options.out, pictures, columns=options.columns, width=options.width)
    return 1 if wrong else 0


def _draw(options: Namespace) -> int:
    entry = library.entry(options.slug)
    figure = Figure(entry.pose, options.look)
    folder = options.out or Path()
    folder.mkdir(parents=True, exist_ok=True)
    for frame in figure.posed:
        path = folder / f"{entry.slug}-{frame}.svg"
        path.write_text(figure.svg(frame, mirrored=_mirrored(options, entry.pose)), "utf-8")
        print(path)
    return 0


def _animate(options: Namespace) -> int:
    entry = library.entry(options.slug)
    if len(entry.pose.frames) < 2:
        raise BadPose(f"{entry.slug} is held still: there is no movement to draw.")
    moving = animated(Figure(entry.pose, options.look), mirrored=_mirrored(options, entry.pose))
    options.out.write_text(moving, "utf-8")
    return 0


def _mirrored(options: Namespace, pose: Pose) -> bool:
    return bool(options.side) and options.side[0].upper() != pose.side


def _check(options: Namespace) -> int:
    wrong = 0
    for entry in library.entries(options.slugs):
        try:
            if isinstance(entry, BadPose):
                raise entry
            found = checks.faults(Figure(entry.pose, options.look))
        except BadPose as reason:
            found = [str(reason)]
        wrong += len(found)
        for fault in found:
            print(fault)
    print(f"{wrong} faults", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
