"""What is drawn into a plot besides bars: curves, sessions, zones, named lines, the last value, notes."""

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation

from bot.charts.curves import Curve
from bot.charts.frame import Frame
from bot.charts.theme import LABEL_PX, SMALL_PX, points
from bot.charts.words import Zone
from signals.moments import to_ms


def shade_sessions(frame: Frame, plot: Axes) -> None:
    """The US sessions as bands; nights, weekends and holidays stay plain."""
    for session in frame.scene.sessions():
        opens, closes = to_ms(session.opens), to_ms(session.closes)
        plot.axvspan(opens, closes, color=frame.theme.session, zorder=0.4, linewidth=0)


def shade_zones(frame: Frame, plot: Axes, zones: Sequence[Zone]) -> None:
    """Bands of prices with their names, as far as they are in sight; one without a height is a line."""
    bottom, top = plot.get_ylim()
    colour = frame.theme.zone
    for zone in zones:
        low, high = max(zone.low, bottom), min(zone.high, top)
        if zone.low == zone.high and low == high:
            plot.axhline(low, color=colour, linewidth=1.2, linestyle=(0, (6, 3)), zorder=0.7)
            name_line(frame, plot, low, zone.name, colour=colour, va="bottom", lift_px=3)
        elif low < high:
            plot.axhspan(low, high, color=colour, alpha=0.2, zorder=0.5, linewidth=0)
            for edge in {zone.low, zone.high} & {low, high}:
                plot.axhline(edge, color=colour, linewidth=1, alpha=0.7, zorder=0.7)
            name_line(frame, plot, (low + high) / 2, zone.name, colour=colour)


def draw_line(plot: Axes, curve: Curve, colour: str) -> None:
    """A curve, a haze over the span of the samples behind each point, and dots where samples stand alone."""
    plot.fill_between(curve.at_ms, curve.low, curve.high, color=colour, alpha=0.25, linewidth=0, zorder=2)
    plot.plot(curve.at_ms, curve.value, color=colour, linewidth=1.9, zorder=3, solid_joinstyle="round")
    alone = curve.lonely()
    plot.plot(alone.at_ms, alone.value, "o", color=colour, markersize=5, zorder=3)


def draw_outliers(frame: Frame, plot: Axes, curve: Curve, number: Callable[[float], str]) -> None:
    """Arrows with the values of the highest and lowest sample where they are out of sight."""
    bottom, top = plot.get_ylim()
    (highest, high), (lowest, low) = curve.extremes()
    colour = frame.theme.muted
    if high > top:
        text, side = f" ▲ {number(high)} ", inward(plot, highest)
        note(frame, plot, (highest, top), text, colour, ha=side, va="top", lift_px=-30)
    if low < bottom:
        text, side = f" ▼ {number(low)} ", inward(plot, lowest)
        note(frame, plot, (lowest, bottom), text, colour, ha=side, va="bottom", lift_px=6)


def draw_threshold(frame: Frame, plot: Axes, value: float, name: str, *, below: bool = False) -> None:
    """A horizontal line with its name above it, or below."""
    plot.axhline(value, color=frame.theme.text, linewidth=1.6, zorder=2.5)
    name_line(frame, plot, value, name, va="top" if below else "bottom", lift_px=-6 if below else 4)


def draw_last(frame: Frame, plot: Axes, at: tuple[float, float], label: str, colour: str) -> None:
    """The newest value as a dot on the curve and a flag on the value axis."""
    plot.plot(*at, "o", color=colour, markersize=8, zorder=4, clip_on=False)
    draw_flag(frame, plot, at[1], label, colour)


def draw_flag(frame: Frame, plot: Axes, value: float, label: str, colour: str) -> None:
    """A value in a box on the value axis, in place of the axis' own marks near it."""
    _clear_marks(plot, value)
    plot.annotate(
        label,
        (1, value),
        xycoords=("axes fraction", "data"),
        xytext=(14, 0),
        textcoords="offset pixels",
        va="center_baseline",
        color=frame.theme.on_colour,
        fontsize=points(LABEL_PX),
        fontweight="bold",
        zorder=9,
        annotation_clip=False,
        bbox={
            "boxstyle": "round,pad=0.24",
            "facecolor": colour,
            "edgecolor": frame.theme.ground,
            "linewidth": 3,
        },
    )


def inward(plot: Axes, at_ms: float) -> str:
    """How to align a text at a moment so that it grows towards the middle of the plot."""
    return "left" if at_ms < sum(plot.get_xlim()) / 2 else "right"


def _clear_marks(plot: Axes, value: float) -> None:
    bottom, top = plot.get_ylim()
    near = LABEL_PX * 1.4 * (top - bottom) / plot.bbox.height
    number = plot.yaxis.get_major_formatter()
    plot.yaxis.set_major_formatter(lambda mark, _: "" if abs(mark - value) < near else number(mark))


def name_line(frame: Frame, plot: Axes, value: float, name: str, **style: Any) -> None:
    """The name of a line or zone at its left end."""
    style = {"colour": frame.theme.text, "va": "center", "xycoords": ("axes fraction", "data"), **style}
    note(frame, plot, (0.01, value), name, **style)


def note(
    frame: Frame,
    plot: Axes,
    at: tuple[float, float],
    text: str,
    colour: str,
    *,
    lift_px: int = 0,
    **style: Any,
) -> Annotation:
    """A short text, readable over whatever crosses it."""
    written = plot.annotate(
        text,
        at,
        xytext=(0, lift_px),
        textcoords="offset pixels",
        color=colour,
        fontsize=points(SMALL_PX),
        zorder=6,
        annotation_clip=False,
        **style,
    )
    written.set_path_effects([withStroke(linewidth=4, foreground=frame.theme.ground)])
    return written
