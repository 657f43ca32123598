"""Rotations and directions in space. Angles in degrees, rotations as 3×3 arrays that turn column vectors."""

from collections.abc import Sequence
from math import acos, cos, degrees, radians, sin

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

IDENTITY: Array = np.eye(3)
UP: Array = np.array([0.0, 0.0, 1.0])


def vector(values: Sequence[float]) -> Array:
    """Return the numbers as a point or direction."""
    return np.array(values, dtype=float)


def about_x(angle: float) -> Array:
    """Return the turn about the x axis."""
    c, s = cos(radians(angle)), sin(radians(angle))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def about_y(angle: float) -> Array:
    """Return the turn about the y axis."""
    c, s = cos(radians(angle)), sin(radians(angle))
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def about_z(angle: float) -> Array:
    """Return the turn about the z axis."""
    c, s = cos(radians(angle)), sin(radians(angle))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def about(axis: Array, angle: float) -> Array:
    """Return the turn about any axis (a unit vector)."""
    c, s = cos(radians(angle)), sin(radians(angle))
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return c * IDENTITY + s * cross + (1 - c) * np.outer(axis, axis)


def length(v: Array) -> float:
    """Return the length of a vector."""
    return float(np.sqrt(v @ v))


def cross(a: Array, b: Array) -> Array:
    """Return the cross product; numpy's own takes ten times as long for one pair."""
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def unit(v: Array, instead: Array | None = None) -> Array:
    """Return the direction of a vector; `instead` when it has none."""
    size = length(v)
    if size > 1e-9:
        return v / size
    return UP if instead is None else instead


def across(v: Array, axis: Array) -> Array:
    """Return what is left of a vector when its part along the axis (a unit vector) is taken away."""
    return v - (v @ axis) * axis


def clamp(value: float, low: float, high: float) -> float:
    """Return the value, or the end of the range that it passes."""
    return low if value < low else high if value > high else value


def angle_between(a: Array, b: Array) -> float:
    """Return the angle between two unit vectors."""
    return degrees(acos(clamp(float(a @ b), -1.0, 1.0)))


def facing(x: Array, z: Array) -> Array:
    """Return the rotation whose third axis is `z` (a unit vector) and whose first is as near to `x` as can be."""
    first = unit(across(x, z), across(vector((1.0, 0.3, 0.2)), z))
    return columns(first, cross(z, first), z)


def columns(x: Array, y: Array, z: Array) -> Array:
    """Return the rotation with these three axes."""
    made = np.empty((3, 3))
    made[:, 0], made[:, 1], made[:, 2] = x, y, z
    return made


def between(start: Array, finish: Array, share: float) -> Array:
    """Return the rotation that lies this share (0 to 1) of the shortest way from one to the other."""
    turn = start.T @ finish
    angle = acos(clamp((turn[0, 0] + turn[1, 1] + turn[2, 2] - 1) / 2, -1.0, 1.0))
    if angle < 1e-6:
        return finish if share > 0.5 else start
    axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    if length(axis) < 1e-6:  # half a turn: the axis is the column that the turn leaves as it is
        values, vectors = np.linalg.eigh((turn + turn.T) / 2)
        axis = vectors[:, int(np.argmax(values))]
    return start @ about(unit(axis), degrees(angle) * share)
