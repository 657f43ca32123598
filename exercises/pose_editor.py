"""A pose while it is edited: as text, frame by frame with what each takes over, and its frames moved about.

Nothing here changes a row. Whatever happens to the frames, each one that stays looks as it did.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import yaml

from exercises import figures, languages
from exercises.figures import reading
from exercises.figures.poses import BadPose
from exercises.figures.postures import POSTURES

PoseData = dict[str, Any]
Frames = list[tuple[str, dict[str, Any]]]

LONGEST_TEXT = 40_000
WIDEST_LINE = 100
MOST_PROPS, MOST_ARROWS = 30, 12
# What a frame says to be without something that the one before has.
WITHOUT: dict[str, Any] = {
    "base": "upright",
    **dict.fromkeys(("lean", "roll", "turn", "twist"), 0),
    "at": [0, 0, None],
    **{key: [] for key in ("rest", "kneel", "flat")},
}
ONE_BY_ONE = ("joints", "pins", "grip")


def as_text(value: Any, indent: int = 0) -> str:
    """Return pose data as JSON, a line for whatever fits on one; static/js/pose/text.js writes the same."""
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (indent and len(short) + indent <= WIDEST_LINE):
        return short
    deeper = " " * (indent + 2)
    if isinstance(value, dict):
        inner = [f"{json.dumps(key, ensure_ascii=False)}: {as_text(each, indent + 2)}" for key, each in value.items()]
        return "{\n" + ",\n".join(f"{deeper}{line}" for line in inner) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(f"{deeper}{as_text(each, indent + 2)}" for each in value) + "\n" + " " * indent + "]"


def from_text(text: str) -> PoseData:
    """Return the pose that JSON or YAML holds. Raises BadPose with a sentence when it holds none."""
    if len(text) > LONGEST_TEXT:
        raise BadPose(f"The text is longer than {LONGEST_TEXT:,} characters; no pose needs so many.")
    try:
        data = _parsed(text)
        data = json.loads(json.dumps(data, allow_nan=False))  # numbers, words, lists and names of things alone
    except yaml.MarkedYAMLError as trouble:
        line = trouble.problem_mark.line + 1 if trouble.problem_mark else 1
        raise BadPose(f"The text can't be read: line {line}, {trouble.problem}.") from trouble
    except (ValueError, TypeError, yaml.YAMLError, RecursionError) as trouble:
        raise BadPose("The text can't be read as JSON or YAML.") from trouble
    if not isinstance(data, dict):
        raise BadPose("The text must name what a pose has: start, finish and so on.")
    for key, most in (("props", MOST_PROPS), ("arrows", MOST_ARROWS)):
        if isinstance(data.get(key), list) and len(data[key]) > most:
            raise BadPose(f"There are {len(data[key])} {key}; {most} are the most.")
    return data


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise BadPose("The text refers to itself (“*”); write out what is meant.") from None
        return yaml.safe_load(text)


def digest(*data: Any) -> str:
    """Return what tells one stored pose, with its words, from another."""
    return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:24]


def frames(pose: PoseData) -> Frames:
    """Return each frame's name and what it says itself, in order; the pose must be readable."""
    steps = [(step["name"], {key: each for key, each in step.items() if key != "name"}) for step in _steps(pose)]
    found = [("start", pose.get("start", {})), *steps]
    return [*found, ("finish", pose["finish"])] if "finish" in pose else found


def _steps(pose: PoseData) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = pose.get("steps", [])
    return steps


def in_full(those: Frames) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return for each frame what it takes over, and what it is with its own changes laid over that."""
    found = []
    before: Mapping[str, Any] = reading.posture("standing")
    for _, own in those:
        taken = dict(reading.posture(own["posture"]) if "posture" in own else before)
        before = reading.merged(taken, own)
        found.append((taken, dict(before)))
    return found


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a frame must say itself to become `after` when it starts from `before`."""
    found: dict[str, Any] = {}
    for key in reading.FRAME_KEYS:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if key in ONE_BY_ONE:
            old, new = old or {}, new or {}
            inner = {name: each for name, each in new.items() if old.get(name) != each}
            inner |= {name: None for name in old if name not in new}
            if inner:
                found[key] = inner
        else:
            found[key] = WITHOUT.get(key) if new is None else new
    return found


def step_names() -> list[str]:
    """Return what a picture between start and finish may be called: what each language has a word for."""
    return [name for name in languages.of("en").words.captions if name not in {"start", "finish"}]


Took = dict[str, str]
"""For each frame the one it was before, so that words can go with it; frames that are new aren't in it."""


def add(pose: PoseData, after: str, new_name: str = "") -> tuple[PoseData, Took]:
    """Return the pose with one more frame behind `after`, which looks the same. Raises BadPose when it is full."""
    those = frames(pose)
    if len(those) >= reading.MOST_FRAMES:
        raise BadPose(f"An exercise has {reading.MOST_FRAMES} pictures at the most.")
    names = [name for name, _ in those]
    place = _place(names, after) + 1
    free = [name for name in step_names() if name not in names]
    order = [*range(place), None, *range(place, len(those))]
    return _arranged(pose, those, order, new_name or free[0])


def remove(pose: PoseData, name: str) -> tuple[PoseData, Took]:
    """Return the pose without this frame. Raises BadPose when it is the only one."""
    those = frames(pose)
    if len(those) == 1:
        raise BadPose("An exercise has at least one picture.")
    gone = _place([each for each, _ in those], name)
    return _arranged(pose, those, [place for place in range(len(those)) if place != gone])


def move(pose: PoseData, name: str, by: int) -> tuple[PoseData, Took]:
    """Return the pose with this frame one place earlier (-1) or later (1); at an end it stays."""
    those = frames(pose)
    here = _place([each for each, _ in those], name)
    there = here + by
    order: list[int | None] = list(range(len(those)))
    if 0 <= there < len(those):
        order[here], order[there] = order[there], order[here]
    return _arranged(pose, those, order)


def rename(pose: PoseData, name: str, to: str) -> tuple[PoseData, Took]:
    """Return the pose with a frame between start and finish called otherwise, by a name of the closed list."""
    those = frames(pose)
    names = [each for each, _ in those]
    _place(names, name)
    if to not in step_names() or to in names or name in {"start", "finish"}:
        raise BadPose(f"A picture can't be called “{to}” here: choose a name of the list that no other has.")
    new = {each: to if each == name else each for each in names}
    return _written(pose, [(new[each], own) for each, own in those], new)


def _place(names: Sequence[str], name: str) -> int:
    if name not in names:
        raise BadPose(f"There is no picture called “{name}”.")
    return names.index(name)


def _arranged(pose: PoseData, those: Frames, order: Sequence[int | None], new_name: str = "") -> tuple[PoseData, Took]:
    """The frames in another order, None being a new one: who has another before itself says what differs from it."""
    full = in_full(those)
    names = _names([None if place is None else those[place][0] for place in order], new_name)
    made: Frames = []
    for index, place in enumerate(order):
        if place is None:
            made.append((names[index], {}))
            continue
        earlier = [each for each in order[:index] if each is not None]
        own = those[place][1]
        if (earlier[-1] if earlier else -1) != place - 1:
            own = _restated(those, full, place, earlier[-1] if earlier else None)
        made.append((names[index], own))
    new = {those[place][0]: names[index] for index, place in enumerate(order) if place is not None}
    return _written(pose, made, new)


def _restated(those: Frames, full: Sequence[Any], place: int, before: int | None) -> dict[str, Any]:
    """What a frame says when it has another one before itself than it had; the first one names a posture."""
    posture = those[place][1].get("posture")
    if before is None or posture:
        posture = posture or next((own["posture"] for _, own in those if "posture" in own), "standing")
        return {"posture": posture, **changes(reading.posture(posture), full[place][1])}
    return changes(full[before][1], full[place][1])


def _names(old: Sequence[str | None], new_name: str) -> list[str]:
    """The first is the start and the last the finish; those between keep their names, or get a free one."""
    kept = {name for name in old if name}
    free = iter(name for name in step_names() if name not in kept)
    names = ["start"]
    for name in old[1:-1]:
        names.append(next(free) if name in {"start", "finish"} else name or new_name or next(free))
    return [*names, "finish"] if len(old) > 1 else names


def _written(pose: PoseData, those: Frames, new: Mapping[str, str]) -> tuple[PoseData, Took]:
    """The pose with these frames; props and arrows that are in some of them alone follow the `new` names."""
    made = {key: value for key, value in pose.items() if key not in {"start", "steps", "finish"}}
    (_, made["start"]), *others = those
    between = [(name, own) for name, own in others if name != "finish"]
    if between:
        made["steps"] = [{"name": name, **own} for name, own in between]
    if len(between) < len(others):
        made["finish"] = others[-1][1]
    for key in ("props", "arrows", "arrow"):
        if key in made:
            made[key] = _renamed(made[key], new)
    return made, {now: was for was, now in new.items()}


def _renamed(value: Any, new: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(each, new) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: [new[name] for name in each if name in new] if key == "frames" else _renamed(each, new)
        for key, each in value.items()
    }


ACTS: dict[str, Callable[..., tuple[PoseData, Took]]] = {
    "add": add,
    "remove": remove,
    "earlier": lambda pose, name: move(pose, name, -1),
    "later": lambda pose, name: move(pose, name, 1),
    "rename": rename,
}


def acted(pose: PoseData, act: str, frame: str, to: str = "") -> tuple[PoseData, Took]:
    """Return the pose after an act on one of its frames. Raises BadPose with a sentence when it can't be done."""
    if act not in ACTS:
        raise BadPose("That can't be done with a picture.")
    reading.read("the pose", pose)
    made, took = ACTS[act](pose, frame, *([to] if act == "rename" else []))
    return json.loads(json.dumps(made)), took


def started(posture: str) -> PoseData:
    """Return a pose that starts from a posture, on what one usually does it on."""
    if posture not in POSTURES:
        raise BadPose("There is no such posture.")
    props = {"standing": [], "sitting": ["chair"]}.get(posture, ["mat"])
    pose: PoseData = {"props": props} if props else {}
    if posture == "side_lying":
        pose |= {"view": "side_above", "side": "left"}
    return pose | {"start": {"posture": posture}, "finish": {}}


def names_of(pose: PoseData) -> list[str]:
    """Return the names of the frames of a pose that may be wrong elsewhere; only “start” when they are wrong."""
    try:
        return figures.frame_names(pose)
    except (KeyError, TypeError, AttributeError):
        return ["start"]
