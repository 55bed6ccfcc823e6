"""What a chart of a rule shows: a panel for each term, and the moments at which the rule fired.

A reading *stands* from the moment it is known until the next one, so that is how it is drawn.
"""

from dataclasses import dataclass

import numpy as np

from bot.charts.curves import Curve
from signals.rows import Floats, Ints

_POINTS = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One reading over time, and the threshold that a rule compares it with.

    `known_ms`, `value`: the moments at which it changed, ascending, and what it was from then on; NaN:
    nothing was known. Values are multiplied by `scale` before they are shown with so many `digits`.
    """

    known_ms: Ints
    value: Floats
    threshold: float | None = None
    scale: float = 1.0
    digits: int = 0


@dataclass(frozen=True, slots=True)
class PanelWords:
    """What a panel says: the reading with its unit, and the threshold's name."""

    name: str
    threshold: str = ""


def standing(panel: Panel, since_ms: int, until_ms: int) -> Curve:
    """The reading as a curve of as many points as a picture can show, with all it touched between them."""
    at = np.linspace(since_ms, until_ms, _POINTS)
    value = panel.value * panel.scale
    row = panel.known_ms.searchsorted(at, "right") - 1
    stood = np.where(row >= 0, value[row], np.nan) if len(value) else np.full(_POINTS, np.nan)
    low, high = stood.copy(), stood.copy()
    inside = (panel.known_ms > since_ms) & (panel.known_ms <= until_ms)
    point = at.searchsorted(panel.known_ms[inside])
    np.fmin.at(low, point, value[inside])
    np.fmax.at(high, point, value[inside])
    # A value that stood for less than the width of a point is drawn at it all the same.
    stood = np.where(np.isnan(stood), (low + high) / 2, stood)
    return Curve(at, stood, low, high)
