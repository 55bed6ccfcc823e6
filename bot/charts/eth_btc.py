"""ETH in BTC: the fall from peak to low of the trailing window, and how high half of it lies."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from bot.charts.curves import Curve, curve
from bot.charts.doubts import shade_disputes
from bot.charts.drawing import draw_last, draw_line, name_line, note
from bot.charts.frame import Frame, KeyItem
from bot.charts.scene import Scene
from bot.charts.strip import draw_strip
from signals.eth_btc import EthBtcRules, eth_btc_samples, hours_of, swings
from signals.moments import HOUR_MS, length_ms
from signals.pairs import Pairs

RULES = EthBtcRules()


class Fall(NamedTuple):
    """The window's fall as it stands at its end."""

    peak: float
    peak_ms: int
    low: float
    low_ms: int

    @property
    def target(self) -> float:
        """The ratio at which enough of the fall is regained."""
        return self.low + (self.peak - self.low) * RULES.regained


def paint(scene: Scene) -> bytes:
    """The picture; at least the window that the rule looks at is shown."""
    scene = replace(scene, since=min(scene.since, scene.until - timedelta(hours=RULES.window_hours)))
    frame = Frame(scene)
    # An hour more than is shown, for the value at the first full hour.
    samples = eth_btc_samples(scene.market.since(scene.since_ms - HOUR_MS))
    drawn = hourly(samples, scene.since_ms, scene.until_ms)
    if not len(drawn):
        frame.say(scene.words.no_data)
        return frame.png()
    plot, strip = frame.plot_over_strip()
    frame.mark_values(plot, drawn.low_end, drawn.high_end, partial(scene.words.number, digits=4))
    draw_line(plot, drawn, frame.theme.line)
    doubts = shade_disputes(frame, plot, ("BTC", "ETH"))
    if fall := fall_of(samples, scene.until_ms):
        _draw_fall(frame, plot, fall)
        if scene.words.waiting:
            doubts.append(KeyItem("⋯", frame.theme.text, scene.words.waiting))
    frame.key(doubts)
    draw_last(frame, plot, drawn.last, scene.words.number(drawn.last[1], 5), frame.theme.line)
    draw_strip(frame, strip, "eth_btc")
    return frame.png()


def hourly(samples: Pairs, since_ms: int, until_ms: int) -> Curve:
    """What the rule looks at: the last value of each full hour, and the newest of all."""
    hour = -(-samples.known_ms // HOUR_MS)
    last = np.flatnonzero(np.diff(hour, append=-1))
    at = np.minimum(hour[last] * HOUR_MS, until_ms)
    return curve(at, np.full(len(last), HOUR_MS, np.int64), samples.ratio[last], since_ms, until_ms)


def fall_of(samples: Pairs, until_ms: int) -> Fall | None:
    """The fall that the newest sample stands in; None before the first full hour."""
    after_ms = int(samples.known_ms[-1]) - 1
    swing = swings(samples, after_ms, until_ms, None, RULES)
    if not len(swing.known_ms):
        return None
    peak, low, low_ms = float(swing.peak[-1]), float(swing.low[-1]), int(swing.low_ms[-1])
    hours = hours_of(samples, RULES.window_hours)
    window = (hours.at_ms <= low_ms) & (hours.at_ms > after_ms - RULES.window_hours * HOUR_MS)
    tops = hours.at_ms[window & (hours.value >= peak)]
    return Fall(peak, int(tops[-1]) if len(tops) else low_ms, low, low_ms)


def _draw_fall(frame: Frame, plot: Axes, fall: Fall) -> None:
    words, theme, end_ms = frame.words, frame.theme, frame.scene.until_ms
    _draw_end(frame, plot, (fall.low_ms, fall.low), f"{words.low} {words.number(fall.low, 4)}", up=False)
    if fall.peak == fall.low:
        return
    _draw_end(frame, plot, (fall.peak_ms, fall.peak), f"{words.peak} {words.number(fall.peak, 4)}", up=True)
    counts_ms = min(fall.low_ms + length_ms(RULES.met_low_age), end_ms)
    # Until the low is old enough, reaching the line would not count yet: there it is only dotted.
    for start, end, dots in ((fall.low_ms, counts_ms, (0, (1, 2.5))), (counts_ms, end_ms, "solid")):
        plot.hlines(fall.target, start, end, color=theme.text, linewidth=1.8, linestyle=dots, zorder=2.5)
    name_line(
        frame, plot, fall.target, f"{words.threshold} {words.number(fall.target, 4)}", va="bottom", lift_px=4
    )
    plot.axhline(fall.target, color=theme.muted, linewidth=0.8, alpha=0.6, zorder=1)


def _draw_end(frame: Frame, plot: Axes, at: tuple[float, float], text: str, *, up: bool) -> None:
    colour = frame.theme.up if up else frame.theme.down
    plot.plot(*at, marker="v" if up else "^", color=colour, markersize=10, zorder=4, clip_on=False)
    left, right = plot.get_xlim()
    # Near an edge the text grows away from it.
    side = ("left", "center", "right")[int(2.99 * (at[0] - left) / (right - left))]
    note(frame, plot, at, text, colour, ha=side, va="bottom" if up else "top", lift_px=10 if up else -10)
