"""The Coinbase premium in percent: above and below zero, with the US sessions and what each came to."""

from collections.abc import Callable
from functools import partial

from matplotlib.axes import Axes

from bot.charts.curves import Curve, curve
from bot.charts.doubts import shade_disputes
from bot.charts.drawing import draw_last, draw_line, draw_outliers, draw_threshold, note, shade_sessions
from bot.charts.frame import Frame, KeyItem
from bot.charts.scene import Scene
from bot.charts.strip import draw_strip
from signals.moments import DAY_MS, to_ms
from signals.premium import premium_samples
from signals.session_report import PERCENT, Label, Samples, SessionReport, SessionRules, session_reports

_SIGNS = {Label.POSITIVE: "+", Label.NEGATIVE: "−", Label.MIXED: "±", Label.UNKNOWN: "?"}
_ROOM_FOR_MEAN_PX = 84
_ROOM_FOR_SIGN_PX = 20
_ROOM_FOR_HEADS = 0.09
"""Above the curve, as a share of its height."""


def paint(scene: Scene) -> bytes:
    """The picture."""
    frame = Frame(scene)
    # A day more than is shown: the first session may have begun before the left edge.
    samples = premium_samples(scene.market.since(scene.since_ms - DAY_MS))
    percent = samples.value * PERCENT
    drawn = curve(samples.at_ms, samples.step_ms, percent, scene.since_ms, scene.until_ms)
    if not len(drawn):
        frame.say(scene.words.no_data)
        return frame.png()
    plot, strip = frame.plot_over_strip()
    low, high = drawn.sight()
    low, high = min(low, 0.0, drawn.last[1]), max(high, 0.0, drawn.last[1])
    frame.mark_values(plot, low, high + (high - low) * _ROOM_FOR_HEADS, _two_digits(frame))
    shade_sessions(frame, plot)
    _draw_curve(frame, plot, drawn)
    _draw_sessions(frame, plot, samples)
    draw_threshold(frame, plot, 0, scene.words.threshold, below=drawn.begins_above(0))
    doubts = shade_disputes(frame, plot, ("BTC",))
    frame.key([KeyItem("■", frame.theme.session_mark, scene.words.session), *doubts])
    draw_strip(frame, strip, "premium")
    return frame.png()


def _two_digits(frame: Frame) -> Callable[[float], str]:
    return partial(frame.words.number, digits=2, signed=True)


def _draw_curve(frame: Frame, plot: Axes, drawn: Curve) -> None:
    theme, value = frame.theme, drawn.last[1]
    for above, colour in ((True, theme.up), (False, theme.down)):
        side = (drawn.value > 0) == above
        plot.fill_between(
            drawn.at_ms,
            drawn.value,
            0,
            where=side,
            interpolate=True,
            color=colour,
            alpha=0.3,
            lw=0,
            zorder=1.5,
        )
    draw_line(plot, drawn, theme.line)
    draw_outliers(frame, plot, drawn, _two_digits(frame))
    draw_last(
        frame,
        plot,
        drawn.last,
        frame.words.number(value, 3, signed=True),
        theme.up if value > 0 else theme.down,
    )


def _draw_sessions(frame: Frame, plot: Axes, samples: Samples) -> None:
    """Each finished session's mean as a bar at its height; above it the mean, or its sign on narrow days."""
    scene = frame.scene
    for report in session_reports(samples, scene.since_ms, scene.until_ms, SessionRules()):
        opens, closes = to_ms(report.session.opens), to_ms(report.session.closes)
        if report.count and closes <= scene.until_ms:
            plot.hlines(report.mean * PERCENT, opens, closes, color=frame.theme.text, linewidth=3, zorder=3.5)
            _head(frame, plot, report, (opens + closes) / 2)


def _head(frame: Frame, plot: Axes, report: SessionReport, middle_ms: float) -> None:
    day_px = frame.width_of_ms(plot, DAY_MS)
    if day_px < _ROOM_FOR_SIGN_PX or report.session.opens < frame.scene.since:
        return
    wide = day_px >= _ROOM_FOR_MEAN_PX
    text = frame.words.number(report.mean * PERCENT, 3, signed=True) if wide else _SIGNS[report.label]
    at = (middle_ms, 0.99)
    note(frame, plot, at, text, frame.theme.muted, xycoords=("data", "axes fraction"), ha="center", va="top")
