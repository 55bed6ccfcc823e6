"""Weeks on one picture: Bitcoin's price, and below it what the verdict and each condition were all along."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from bot.charts.btc import VENUES
from bot.charts.curves import Curve, price_curve
from bot.charts.drawing import draw_last, draw_line, note, shade_zones
from bot.charts.frame import Frame
from bot.charts.scene import Scene
from bot.charts.strip import draw_strip
from bot.charts.theme import STRIP_STYLES
from signals.conditions import Change, Kind
from signals.moments import from_ms

WIDTH_PX, HEIGHT_PX = 1400, 800
STRIPS = ("verdict", "premium", "etf_flow", "eth_btc")

_BOTTOM_PX, _STRIP_PX, _PITCH_PX = 86, 36, 44
_ROWS = 3
_ROW_PX = 28


def paint(scene: Scene) -> bytes:
    """The picture."""
    frame = Frame(scene, WIDTH_PX, HEIGHT_PX)
    heights = [_BOTTOM_PX + _PITCH_PX * row for row in range(len(STRIPS) + 1)]
    plot = frame.plot(heights[-1] + 4, header_px=74)
    strips = [frame.axes(bottom, _STRIP_PX) for bottom in reversed(heights[:-1])]
    frame.mark_time(plot, *strips)
    drawn = price_curve(scene.market, VENUES, scene.since_ms, scene.until_ms)
    if len(drawn):
        _draw_price(frame, plot, drawn)
    else:
        frame.say(scene.words.no_data)
    for axes, of in zip(strips, STRIPS, strict=True):
        draw_strip(frame, axes, of)
    return frame.png()


def _draw_price(frame: Frame, plot: Axes, drawn: Curve) -> None:
    rows_share = (_ROWS * _ROW_PX) / plot.bbox.height
    room = (drawn.high_end - drawn.low_end) * rows_share / (1 - rows_share)
    frame.mark_values(plot, drawn.low_end, drawn.high_end + room, frame.words.number)
    shade_zones(frame, plot, frame.scene.words.zones)
    draw_line(plot, drawn, frame.theme.line)
    draw_last(frame, plot, drawn.last, frame.words.number(drawn.last[1]), frame.theme.line)
    _mark_turns(frame, plot, _turns(frame.scene))


def _turns(scene: Scene) -> list[Change]:
    """The verdict's changes within the picture, in order of time."""
    within = (c for c in scene.changes if scene.since_ms <= c.at_ms <= scene.until_ms)
    return sorted((c for c in within if c.kind == Kind.VERDICT), key=lambda change: change.at_ms)


def _mark_turns(frame: Frame, plot: Axes, turns: Sequence[Change]) -> None:
    """A line through the plot for each, labelled as long as there is room in one of the rows."""
    free_from_px = [float("-inf")] * _ROWS
    for change in turns:
        plot.axvline(change.at_ms, color=frame.theme.muted, linewidth=1.2, linestyle=(0, (4, 3)), zorder=2.8)
        x_px = plot.transData.transform((change.at_ms, 0))[0]
        row = next((row for row, free in enumerate(free_from_px) if free <= x_px), None)
        if row is not None:
            free_from_px[row] = _label_turn(frame, plot, change, row)


def _label_turn(frame: Frame, plot: Axes, change: Change, row: int) -> float:
    """The label right of the line, left of it at the picture's edge; the x from which the row is free."""
    left, _, width, height = plot.bbox.bounds
    at = (change.at_ms, 1 - row * _ROW_PX / height)
    ground = {"facecolor": frame.theme.ground, "linewidth": 0, "pad": 3}
    text, colour = _turn(frame, change), frame.theme.text
    label = note(frame, plot, at, text, colour, xycoords=("data", "axes fraction"), va="top", bbox=ground)
    x_px, width_px = plot.transData.transform((change.at_ms, 0))[0], frame.width_of(label)
    if x_px + width_px > left + width:
        label.set_horizontalalignment("right")
        return float("inf")
    return float(x_px + width_px + 12)


def _turn(frame: Frame, change: Change) -> str:
    """Such as: ✓ 25 Oct 13:30  111,778."""
    local = from_ms(change.at_ms).astimezone(frame.words.timezone)
    mark, price_usd = STRIP_STYLES[change.to_state].mark, change.evidence.get("btc_usd")
    price = frame.words.number(price_usd) if price_usd else ""
    return f"{mark} {frame.words.day(local.date())} {local:%H:%M}  {price}".rstrip()
