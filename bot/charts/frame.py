"""What every chart has around its curve: title, axes, marks of time and value, key, source and time.

Positions are in pixels from the lower left corner. x is milliseconds since the epoch.
"""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.charts.scene import Scene
from bot.charts.theme import DPI, HEIGHT_PX, LABEL_PX, SMALL_PX, TITLE_PX, WIDTH_PX, points
from bot.charts.time_axis import Mark, ticks
from signals.moments import to_ms

LEFT_PX, RIGHT_PX = 22, 132
_TITLE_FROM_TOP_PX, _KEY_FROM_TOP_PX, _HEADER_PX = 44, 80, 98
_STRIP_BOTTOM_PX, _STRIP_PX, _BETWEEN_PX = 86, 36, 8
_FOOT_PX = 18
LABEL_PITCH_PX = 125
"""At least so far apart are two labels of the time axis."""


class KeyItem(NamedTuple):
    """A mark of the plot and what it means."""

    mark: str
    colour: str
    name: str


class Frame:
    """One picture in the making."""

    def __init__(self, scene: Scene, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> None:
        self.scene, self.words, self.theme = scene, scene.words, scene.theme
        self._width, self._height = width_px, height_px
        self._figure = Figure(figsize=(width_px / DPI, height_px / DPI), dpi=DPI, facecolor=self.theme.ground)
        FigureCanvasAgg(self._figure)
        self._write_title()
        self._write_foot()

    def png(self) -> bytes:
        """The finished picture."""
        out = BytesIO()
        self._figure.savefig(out, format="png")
        return out.getvalue()

    def plot_over_strip(self, marks: Sequence[Mark] = ()) -> tuple[Axes, Axes]:
        """The usual picture: the axes of the curve, and those of one strip of states below."""
        plot = self.plot(_STRIP_BOTTOM_PX + _STRIP_PX + _BETWEEN_PX)
        strip = self.axes(_STRIP_BOTTOM_PX, _STRIP_PX)
        self.mark_time(plot, strip, marks=marks)
        return plot, strip

    def plot(self, bottom: int, header_px: int = _HEADER_PX) -> Axes:
        """The axes of the curve, with values on the right as traders know it."""
        axes = self.axes(bottom, self._height - header_px - bottom)
        axes.yaxis.tick_right()
        axes.grid(axis="y", color=self.theme.grid, linewidth=1)
        return axes

    def axes(self, bottom: int, height: int) -> Axes:
        """Bare axes over the picture's stretch of time."""
        width = self._width - LEFT_PX - RIGHT_PX
        box = (LEFT_PX / self._width, bottom / self._height, width / self._width, height / self._height)
        axes = self._figure.add_axes(box, facecolor="none")
        axes.set_axisbelow(True)
        axes.set_xlim(self.scene.since_ms, self.scene.until_ms)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.tick_params(length=0, colors=self.theme.muted, labelsize=points(LABEL_PX), pad=6)
        for spine in axes.spines.values():
            spine.set_visible(False)
        return axes

    def mark_time(self, plot: Axes, *strips: Axes, marks: Sequence[Mark] = ()) -> None:
        """The given moments under the lowest strip; else full days or hours, with lines through the plot."""
        if not marks:
            marks = ticks(
                self.scene.since, self.scene.until, self.words, int(plot.bbox.width / LABEL_PITCH_PX)
            )
            for moment, _ in marks:
                plot.axvline(to_ms(moment), color=self.theme.grid, linewidth=1, zorder=0.6)
        lowest = strips[-1]
        lowest.set_xticks([to_ms(moment) for moment, _ in marks], [label for _, label in marks])
        for (moment, _), label in zip(marks, lowest.get_xticklabels(), strict=True):
            half_px = self.width_of(label) / 2
            if lowest.transData.transform((to_ms(moment), 0))[0] < half_px:
                label.set_horizontalalignment("left")

    def mark_values(self, plot: Axes, low: float, high: float, number: Callable[[float], str]) -> None:
        """The range of the value axis, with some air, and its marks."""
        air = (high - low) * 0.08 or abs(high) * 0.01 or 1.0
        plot.set_ylim(low - air, high + air)
        plot.yaxis.set_major_locator(MaxNLocator(nbins=5))
        plot.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))

    def key(self, items: Sequence[KeyItem]) -> None:
        """The line under the title: what the marks in the plot are. Items without a name are run together."""
        x_px = float(LEFT_PX)
        for mark, colour, name in items:
            x_px = self._write_after(x_px, mark, colour) + (6 if name else 0)
            x_px = self._write_after(x_px, name, self.theme.muted) + (24 if name else 0)

    def say(self, text: str) -> None:
        """A sentence in the middle of the picture."""
        middle = self._width / 2, self._height / 2
        self._write(*middle, text, TITLE_PX, ha="center", va="center", color=self.theme.muted)

    def width_of_ms(self, axes: Axes, stretch_ms: float) -> float:
        """How many pixels wide a stretch of time is."""
        left, right = axes.get_xlim()
        return float(axes.bbox.width * stretch_ms / (right - left))

    def width_of(self, text: Text) -> float:
        """How many pixels wide a text is."""
        return float(text.get_window_extent().width)

    def _write_title(self) -> None:
        y_px = self._height - _TITLE_FROM_TOP_PX
        title = self._write(LEFT_PX, y_px, self.words.title, TITLE_PX, weight="bold")
        beside = LEFT_PX + self.width_of(title) + 14
        self._write(beside, y_px, self.words.unit, LABEL_PX, color=self.theme.muted)

    def _write_foot(self) -> None:
        until = self.words.moment(self.scene.until.astimezone(self.words.timezone))
        muted = {"color": self.theme.muted}
        self._write(LEFT_PX, _FOOT_PX, self.words.source, SMALL_PX, **muted)
        self._write(self._width - LEFT_PX, _FOOT_PX, until, SMALL_PX, ha="right", **muted)

    def _write_after(self, x_px: float, text: str, colour: str) -> float:
        written = self._write(x_px, self._height - _KEY_FROM_TOP_PX, text, SMALL_PX, color=colour)
        return x_px + (self.width_of(written) if text else 0)

    def _write(self, x_px: float, y_px: float, text: str, size_px: float, **style: Any) -> Text:
        style = {"color": self.theme.text, **style}
        return self._figure.text(
            x_px / self._width, y_px / self._height, text, fontsize=points(size_px), **style
        )
