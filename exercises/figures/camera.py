"""The eye: turns points of the world into places on the page and their distance behind it."""

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np

from exercises.figures.geometry import Array


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks level along the world's y axis, or from an azimuth (to the right) and an elevation (from above)."""

    azimuth: float
    elevation: float

    @property
    def axes(self) -> Array:
        """Rows: right on the page, up on the page, away from the viewer."""
        a, e = radians(self.azimuth), radians(self.elevation)
        right = np.array([cos(a), sin(a), 0.0])
        level = np.array([-sin(a), cos(a), 0.0])
        up = np.array([0.0, 0.0, 1.0])
        return np.array([right, cos(e) * up + sin(e) * level, cos(e) * level - sin(e) * up])

    @property
    def level(self) -> bool:
        """Whether the floor is seen as a line."""
        return self.elevation < 10
