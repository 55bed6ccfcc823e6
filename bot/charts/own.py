"""A rule of somebody's own: its readings with their thresholds, and when it would have fired."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from bot.charts.curves import Curve
from bot.charts.drawing import draw_last, draw_line, name_line, note
from bot.charts.frame import Frame, KeyItem
from bot.charts.panels import Panel, PanelWords, standing
from bot.charts.scene import Scene

_BOTTOM_PX, _HEADER_PX, _BETWEEN_PX = 86, 98, 34
_HEIGHT_PX = 625
_MOST_AWAY = 2.0
"""A threshold is in sight if it is no farther from the curve than so many times what that spans."""
_MARK = "▼"
_THIN_FROM = 40
"""So many marks would cover the curve if each had its line."""


def paint(
    scene: Scene, panels: Sequence[Panel], words: Sequence[PanelWords], fired_ms: Sequence[int], fired: str
) -> bytes:
    """The picture. `fired`: what the marks are called."""
    frame = Frame(scene)
    curves = [standing(panel, scene.since_ms, scene.until_ms) for panel in panels]
    if not any(_is_seen(curve) for curve in curves):
        frame.say(scene.words.no_data)
        return frame.png()
    axes = _stack(frame, len(panels))
    frame.mark_time(axes[0], axes[-1])
    for plot, panel, curve, said in zip(axes, panels, curves, words, strict=True):
        _draw_panel(frame, plot, panel, curve, said, is_only=len(panels) == 1)
        _draw_fired(frame, plot, fired_ms, is_top=plot is axes[0])
    frame.key([KeyItem(_MARK, frame.theme.holding, fired)])
    return frame.png()


def _is_seen(curve: Curve) -> bool:
    return bool(np.isfinite(curve.value).any())


def _stack(frame: Frame, count: int) -> list[Axes]:
    """Plots one below the other, the first term's on top."""
    header = _HEADER_PX + (_BETWEEN_PX if count > 1 else 0)
    height = (_HEIGHT_PX - _BOTTOM_PX - header - (count - 1) * _BETWEEN_PX) // count
    tops = [header + number * (height + _BETWEEN_PX) for number in range(count)]
    return [frame.plot(_HEIGHT_PX - top - height, top) for top in tops]


def _draw_panel(
    frame: Frame, plot: Axes, panel: Panel, curve: Curve, said: PanelWords, *, is_only: bool
) -> None:
    if not is_only:
        note(frame, plot, (0, 1), said.name, frame.theme.muted, lift_px=6, xycoords="axes fraction")
    if not _is_seen(curve):
        note(
            frame,
            plot,
            (0.5, 0.5),
            frame.words.no_data,
            frame.theme.muted,
            xycoords="axes fraction",
            ha="center",
        )
        return
    number = partial(frame.words.number, digits=panel.digits)
    threshold = None if panel.threshold is None else panel.threshold * panel.scale
    low, high = curve.low_end, curve.high_end
    shown = threshold is not None and _in_sight(threshold, low, high)
    if threshold is not None and shown:
        low, high = min(low, threshold), max(high, threshold)
    frame.mark_values(plot, low, high, number)
    draw_line(plot, curve, frame.theme.line)
    if threshold is not None:
        _draw_threshold(frame, plot, threshold, said.threshold, curve, shown=shown)
    there = np.flatnonzero(np.isfinite(curve.value))[-1]
    last = float(curve.at_ms[there]), float(curve.value[there])
    draw_last(frame, plot, last, number(last[1]), frame.theme.line)


def _in_sight(threshold: float, low: float, high: float) -> bool:
    span = (high - low) or abs(high) * 0.01 or 1.0
    return low - span * _MOST_AWAY <= threshold <= high + span * _MOST_AWAY


def _draw_threshold(
    frame: Frame, plot: Axes, threshold: float, name: str, curve: Curve, *, shown: bool
) -> None:
    """The line with its name on the side where the curve is not; an arrow where it is far out of sight."""
    if not shown:
        is_above = threshold > curve.high_end
        arrow = f"{'▲' if is_above else '▼'} {name}"
        at, align = (0.01, 0.97 if is_above else 0.03), "top" if is_above else "bottom"
        note(frame, plot, at, arrow, frame.theme.text, xycoords="axes fraction", va=align)
        return
    plot.axhline(threshold, color=frame.theme.text, linewidth=1.6, linestyle=(0, (6, 3)), zorder=2.5)
    there = curve.value[np.isfinite(curve.value)]
    is_below = bool(there[: len(there) // 4 + 1].mean() > threshold)
    name_line(frame, plot, threshold, name, va="top" if is_below else "bottom", lift_px=-6 if is_below else 4)


def _draw_fired(frame: Frame, plot: Axes, fired_ms: Sequence[int], *, is_top: bool) -> None:
    """A mark above the top plot for each firing, and a line down to the curve while there are few."""
    colour = frame.theme.holding
    for at_ms in fired_ms:
        if len(fired_ms) < _THIN_FROM:
            plot.axvline(at_ms, color=colour, linewidth=1.2, alpha=0.7, zorder=2.2)
        if is_top:
            where = ("data", "axes fraction")
            note(frame, plot, (at_ms, 1), _MARK, colour, xycoords=where, ha="center", va="center")
