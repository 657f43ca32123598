"""How long a picture takes to draw, over the whole catalog on one core, against a fixed piece of numpy work."""

import json
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np

from benchmarks.timing import Timing, table
from exercises.figures import library
from exercises.figures.figure import Figure
from exercises.figures.poses import BadPose, Pose

ROUNDS = 5
STEPS = (1, 2, 4)


def main() -> None:
    poses = [entry.pose for entry in library.entries() if not isinstance(entry, BadPose)]
    draw_all(poses)  # warm up
    names = ["numpy work", "a frame", *(f"{steps} frames" for steps in STEPS)]
    times: dict[str, list[float]] = {name: [] for name in names}
    reference = numpy_work()
    for _ in range(ROUNDS):
        times["numpy work"].append(timed(reference))
        times["a frame"].append(median(draw_all(poses)))
        for steps in STEPS:
            times[f"{steps} frames"].append(median(timed(partial(draw, pose, steps)) for pose in poses[::6]))
    timings = {name: Timing(name, tuple(rounds)) for name, rounds in times.items()}
    print(table(timings, reference="numpy work"))
    frame = timings["a frame"].median
    print(
        json.dumps(
            {
                "exercises": len(poses),
                "median_ms": round(frame, 2),
                "ratio": round(frame / timings["numpy work"].median, 2),
                "growth_1_to_4_frames": round(timings["4 frames"].median / timings["1 frames"].median, 2),
            }
        )
    )


def numpy_work() -> Callable[[], object]:
    """A fixed workload: a few hundred small products, as posing does, and a sorted table."""
    rng = np.random.default_rng(7)
    turns, table_ = rng.standard_normal((60, 3, 3)), rng.standard_normal((200, 400))

    def work() -> object:
        total = np.eye(3)
        for _ in range(20):
            for turn in turns:
                total = total @ turn
                total /= np.abs(total).max()
        return np.sort(table_, axis=1).sum() + total.sum()

    return work


def draw_all(poses: list[Pose]) -> list[float]:
    """Milliseconds per frame, of each exercise."""
    return [timed(partial(all_frames, pose)) / len(pose.frames) for pose in poses]


def all_frames(pose: Pose) -> list[str]:
    figure = Figure(pose)
    return [figure.svg(name) for name in figure.posed]


def draw(pose: Pose, times: int) -> None:
    """Draw the first frame of a pose alone, so many times."""
    for _ in range(times):
        Figure(Pose(pose.name, pose.frames[:1], pose.view, props=pose.props)).svg(pose.frames[0].name)


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


main()
