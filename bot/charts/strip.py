"""The strip under a curve: which state held when. Mark, word and hatch say what the colour says."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from bot.charts.frame import RIGHT_PX, Frame
from bot.charts.stretches import Stretch, stretches
from bot.charts.theme import SMALL_PX, STRIP_STYLES, StripStyle, points
from signals.conditions import State

_UNKNOWN_STYLE = STRIP_STYLES[State.NO_DATA]
_PADDING_PX = 12


def draw_strip(frame: Frame, axes: Axes, of: str) -> None:
    """The states of a condition, or of the verdict, over the picture's stretch of time."""
    axes.set_ylim(0, 1)
    _name(frame, axes, frame.words.names.get(of, ""))
    for stretch in stretches(frame.scene.changes, of, frame.scene.since_ms, frame.scene.until_ms):
        style = STRIP_STYLES.get(stretch.state, _UNKNOWN_STYLE)
        _draw_stretch(frame, axes, stretch, style)
        _label_stretch(frame, axes, stretch, style)


def _draw_stretch(frame: Frame, axes: Axes, stretch: Stretch, style: StripStyle) -> None:
    colour = getattr(frame.theme, style.colour)
    axes.broken_barh(
        [(stretch.from_ms, stretch.until_ms - stretch.from_ms)],
        (0.06, 0.88),
        facecolor=to_rgba(colour, style.solid),
        edgecolor=colour,
        linewidth=1.2,
        hatch=style.hatch,
    )


def _label_stretch(frame: Frame, axes: Axes, stretch: Stretch, style: StripStyle) -> None:
    """Mark and word if they fit, else the mark alone, else nothing."""
    start, end = (axes.transData.transform((ms, 0))[0] for ms in (stretch.from_ms, stretch.until_ms))
    text = axes.text(
        (stretch.from_ms + stretch.until_ms) / 2,
        0.5,
        "",
        ha="center",
        va="center_baseline",
        color=frame.theme.on_colour if style.solid == 1 else frame.theme.text,
        fontsize=points(SMALL_PX),
        fontweight="bold",
        bbox=_label_ground(frame, style),
    )
    for label in (f"{style.mark} {frame.words.states.get(stretch.state, '')}".strip(), style.mark):
        text.set_text(label)
        if frame.width_of(text) + _PADDING_PX <= end - start:
            return
    text.remove()


def _label_ground(frame: Frame, style: StripStyle) -> dict[str, Any] | None:
    # Letters over a hatch cannot be read.
    return (
        {"boxstyle": "square,pad=0.12", "facecolor": frame.theme.ground, "linewidth": 0}
        if style.hatch
        else None
    )


def _name(frame: Frame, axes: Axes, name: str) -> None:
    """What the strip is of, right of it, as large as there is room for."""
    style: dict[str, Any] = {
        "va": "center_baseline",
        "color": frame.theme.muted,
        "fontsize": points(SMALL_PX),
    }
    written = axes.text(1.008, 0.5, name, transform=axes.transAxes, **style)
    too_wide = frame.width_of(written) / (RIGHT_PX - 2 * _PADDING_PX)
    written.set_fontsize(points(SMALL_PX / max(too_wide, 1)))
