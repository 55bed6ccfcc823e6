"""Shocks in a picture of Bitcoin's price: when each was detected, and the low that it went to."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from bot.charts.drawing import inward, note
from bot.charts.frame import Frame
from bot.charts.scene import Scene
from signals.bars import bar_stream
from signals.conditions import Change, Kind
from signals.episode import Episode, ShockState
from signals.facts import Instrument


class MarkedShock(NamedTuple):
    """When a shock was detected, and its low: where and how low."""

    at_ms: int
    low_ms: int
    low_usd: float


def shocks_in(scene: Scene, instrument: Instrument) -> list[MarkedShock]:
    """The shocks that were detected within the picture, each with its low up to the next one."""
    turns = sorted((c for c in scene.changes if c.kind is Kind.SHOCK), key=lambda change: change.at_ms)
    turns = [c for c in turns if c.reason != "deeper" and c.at_ms <= scene.until_ms]
    ends = (*map(_from_when, turns), scene.until_ms)[1:]
    return [
        _marked(scene, instrument, change, end_ms)
        for change, end_ms in zip(turns, ends, strict=True)
        if change.to_state == ShockState.OPEN and change.at_ms >= scene.since_ms
    ]


def _from_when(change: Change) -> int:
    """From when on prices belong to what a change began: a shock is measured from the high before it."""
    episode = Episode.of(change.evidence)
    return episode.reference_ms if episode and change.to_state == ShockState.OPEN else change.at_ms


def _marked(scene: Scene, instrument: Instrument, change: Change, end_ms: int) -> MarkedShock:
    episode = Episode.of(change.evidence)
    assert episode is not None
    lowest = episode.low.at_ms, episode.low.btc_usd
    bars = bar_stream(scene.market, instrument, change.at_ms, end_ms)
    if len(bars) and bars.low.min() < lowest[1]:
        row = int(bars.low.argmin())
        lowest = int(bars.at_ms[row]), float(bars.low[row])
    return MarkedShock(change.at_ms, *lowest)


def draw_shocks(frame: Frame, plot: Axes, shocks: Sequence[MarkedShock]) -> None:
    """A line where each was detected, and a mark with the price at its low."""
    colour, words = frame.theme.text, frame.words
    for shock in shocks:
        plot.axvline(shock.at_ms, color=colour, linewidth=1.2, linestyle=(0, (4, 3)), zorder=2.8)
        top, place = (shock.at_ms, 1.0), ("data", "axes fraction")
        note(frame, plot, top, f" {words.shock} ", colour, xycoords=place, ha=inward(plot, top[0]), va="top")
        low = shock.low_ms, shock.low_usd
        plot.plot(*low, "v", color=colour, markersize=7, zorder=4)
        price = f"  {words.low} {words.number(shock.low_usd)}  "
        note(frame, plot, low, price, colour, ha=inward(plot, low[0]), va="center")
