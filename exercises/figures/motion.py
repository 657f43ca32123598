"""The movement from one posed body to another.

Where both frames rest and are held in the same way, each moment between them is posed anew from numbers that lie
between theirs: knees stay on the floor, heads on pillows. Elsewhere every bone turns the shortest way on its
parent. Either way bones keep their lengths, planted feet and hands their places, and nothing sinks into the floor.
"""

from collections.abc import Mapping
from dataclasses import replace

from exercises.figures import reach
from exercises.figures.body import anatomy
from exercises.figures.geometry import Array, about_y, between, length, vector
from exercises.figures.poses import Frame, Pin, Rest
from exercises.figures.posing import NOWHERE, Posed, pose
from exercises.figures.skeleton import PARENT, SHANK, SIDES, TOES, Body, blend, build, own_turns

SHALLOW = 0.05
MOST_PULLS, MOST_LIFTS = 6, 3
BEND_STEP, MOST_BEND = 2, 40


class Movement:
    """The way from one posed body to another, over a floor at this height."""

    def __init__(self, start: Posed, finish: Posed, build_name: str = "slim", floor: float = 0.0) -> None:
        self.start, self.finish, self.floor, self.build = start, finish, floor, build_name
        self.flesh = anatomy(build_name)
        self.parts = [part for part in self.flesh.parts if not part.startswith("hand")]
        self.alike = _shape(start.frame) == _shape(finish.frame)
        self.turns = own_turns(start.body), own_turns(finish.body)
        self.offsets = _offsets(start.body), _offsets(finish.body)
        other = {pin.kind: pin for pin in finish.frame.pins}
        self.pins = [(pin, other[pin.kind]) for pin in start.frame.pins if pin.kind in other]

    def at(self, share: float) -> Body:
        """Return the body this share (0 to 1) of the way."""
        if share <= 0:
            return self.start.body
        if share >= 1:
            return self.finish.body
        pins = tuple(_pin_between(one, two, share) for one, two in self.pins)
        grips = (self.start if share < 0.5 else self.finish).frame.grips
        if self.alike:
            body = pose(_frame_between(self.start.frame, self.finish.frame, pins, share), self.build).body
        else:
            body = self._turned(share)
        self._plant(body, pins, grips)
        for side in SIDES:
            if not any(pin.limb == f"foot_{side}" for pin in pins):
                self._lift_foot(body, side)
        for _ in range(MOST_LIFTS):
            sunk = self.floor - self.flesh.lowest(body, self.parts)
            if sunk < SHALLOW:
                break
            body.move(vector((0.0, 0.0, sunk)))
            reach.apply(body, pins, grips)
        return body

    def _turned(self, share: float) -> Body:
        """The body with every bone this share of the way round, and its hips on the straight line."""
        first, last = self.start.body, self.finish.body
        origin = first.start["pelvis"] + share * (last.start["pelvis"] - first.start["pelvis"])
        root = between(first.turn["pelvis"], last.turn["pelvis"], share)
        return build(origin, root, blend(*self.turns, share), blend(*self.offsets, share))

    def _plant(self, body: Body, pins: tuple[Pin, ...], grips: Mapping[str, str]) -> None:
        """Put hands and feet in their places; a foot out of reach pulls the body along."""
        for _ in range(MOST_PULLS):
            short = reach.apply(body, pins, grips)
            pull = max((short[pin.limb] for pin in pins if _stands(pin)), key=length, default=NOWHERE)
            if length(pull) < SHALLOW:
                break
            body.move(pull)

    def _lift_foot(self, body: Body, side: str) -> None:
        """Bend the knee of a free leg as far as it takes to carry its foot clear of the floor."""
        thigh, shank, foot, toes = (f"{bone}_{side}" for bone in ("thigh", "shank", "foot", "toes"))
        ankle, toe = body.turn[shank].T @ body.turn[foot], body.turn[foot].T @ body.turn[toes]
        for _ in range(MOST_BEND // BEND_STEP):
            clear = self.flesh.lowest(body, [foot]) > self.floor - SHALLOW
            if clear or self.flesh.lowest(body, [thigh]) < self.floor:
                break
            body.turn[shank] = body.turn[shank] @ about_y(BEND_STEP)
            body.start[foot] = body.point(shank, vector((0.0, 0.0, -SHANK)))
            body.turn[foot] = body.turn[shank] @ ankle
            body.start[toes] = body.point(foot, vector(TOES))
            body.turn[toes] = body.turn[foot] @ toe


def _shape(frame: Frame) -> object:
    """How a frame rests and is held, without its numbers."""
    return (
        frame.base,
        frame.kneel,
        frame.flat,
        frame.head is None,
        [value is None for value in frame.at],
        frame.anchor and frame.anchor[0],
        [rest.parts for rest in frame.rests],
        [pin.kind for pin in frame.pins],
    )


def _frame_between(one: Frame, two: Frame, pins: tuple[Pin, ...], share: float) -> Frame:
    """The frame this share of the way between two of one shape."""

    def mixed(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a + share * (b - a)

    def angle(a: float, b: float) -> float:
        return a + share * (b - a)

    names = dict.fromkeys([*one.joints, *two.joints])
    return replace(
        one,
        lean=angle(one.lean, two.lean),
        roll=angle(one.roll, two.roll),
        turn=angle(one.turn, two.turn),
        twist=angle(one.twist, two.twist),
        joints={name: angle(one.joints.get(name, 0.0), two.joints.get(name, 0.0)) for name in names},
        at=(mixed(one.at[0], two.at[0]), mixed(one.at[1], two.at[1]), mixed(one.at[2], two.at[2])),
        anchor=(one.anchor[0], angle(one.anchor[1], two.anchor[1])) if one.anchor and two.anchor else None,
        rests=tuple(Rest(a.parts, angle(a.height, b.height)) for a, b in zip(one.rests, two.rests, strict=True)),
        head=mixed(one.head, two.head),
        pins=pins,
        grips=one.grips if share < 0.5 else two.grips,
    )


def _offsets(body: Body) -> dict[str, Array]:
    """Where each bone starts in its parent's axes."""
    return {bone: body.turn[parent].T @ (body.start[bone] - body.start[parent]) for bone, parent in PARENT.items()}


def _stands(pin: Pin) -> bool:
    """Whether a foot is held at a point, and not only led towards it or resting on the body."""
    return pin.limb.startswith("foot") and not pin.on and not pin.straight


def _pin_between(one: Pin, two: Pin, share: float) -> Pin:
    def mixed(a: Array | None, b: Array | None) -> Array | None:
        if a is None or b is None:
            return a if share < 0.5 else b
        return a + share * (b - a)

    return replace(
        one,
        at=one.at + share * (two.at - one.at),
        toes_out=one.toes_out + share * (two.toes_out - one.toes_out),
        heel=one.heel + share * (two.heel - one.heel),
        bend=mixed(one.bend, two.bend),
        palm=mixed(one.palm, two.palm),
        fingers=mixed(one.fingers, two.fingers),
    )
