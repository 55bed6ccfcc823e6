"""Net flows of the US spot funds: a bar a session for Bitcoin's, a thin one beside it for Ether's."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from bot.charts.drawing import draw_flag, draw_threshold, note
from bot.charts.frame import Frame, KeyItem
from bot.charts.scene import Scene
from bot.charts.strip import draw_strip
from bot.charts.time_axis import Mark
from signals.calendar import NEW_YORK, Session
from signals.etf_flow import settled_flows
from signals.facts import EtfFlow
from signals.market import Market
from signals.moments import DAY_MS, to_ms

SHORTEST = timedelta(days=14)
"""Flows come once a day: a shorter stretch would show nearly nothing."""

MILLION = 1e6
_BAR, _THIN_BAR = 0.42, 0.18
_BAR_AT, _THIN_BAR_AT = -0.1, 0.2
"""Widths, and places around the middle of the session, in days."""
_ROOM_FOR_VALUE_PX = 54
_MOST_DATES = 6


def paint(scene: Scene) -> bytes:
    """The picture."""
    first_day = min(scene.since, scene.until - SHORTEST).astimezone(NEW_YORK).date()
    scene = replace(scene, since=datetime.combine(first_day, time(), NEW_YORK))
    frame = Frame(scene)
    bitcoin, ether = (_in_sight(scene, asset) for asset in ("BTC", "ETH"))
    shown = [flow.total_usd for flow in (*bitcoin.values(), *ether.values())]
    if not shown:
        frame.say(scene.words.no_data)
        return frame.png()
    plot, strip = frame.plot_over_strip(_marks(scene))
    frame.mark_values(plot, min(0.0, *shown) / MILLION, max(0.0, *shown) / MILLION, scene.words.number)
    draw_threshold(frame, plot, 0, scene.words.threshold)
    for session in scene.sessions():
        _draw_session(frame, plot, session, bitcoin.get(session.day), ether.get(session.day))
        if session.day not in bitcoin and min(bitcoin, default=session.day) < session.day:
            _draw_missing(frame, plot, session)
    _draw_last(frame, plot, bitcoin)
    frame.key(_key(frame))
    draw_strip(frame, strip, "etf_flow")
    return frame.png()


def _in_sight(scene: Scene, asset: str) -> Mapping[date, EtfFlow]:
    flows = flows_by_session(scene.market, asset, scene.until_ms)
    return {session.day: flows[session.day] for session in scene.sessions() if session.day in flows}


def flows_by_session(market: Market, asset: str, by_ms: int) -> Mapping[date, EtfFlow]:
    """What is known of each session: its final number, or else the newest preliminary one."""
    flows = market.flows.get(asset, ())
    preliminary = {
        f.session: f for f in sorted(flows, key=lambda f: f.known_at) if to_ms(f.known_at) <= by_ms
    }
    return {
        **{day: replace(flow, final_at=None) for day, flow in preliminary.items()},
        **{flow.session: flow for flow in settled_flows(flows, by_ms)},
    }


def _marks(scene: Scene) -> list[Mark]:
    """Dates under the bars, not at midnights, where one would not know which bar is meant."""
    marks: list[Mark] = []
    for session in reversed(scene.sessions()):
        if not marks or marks[-1].moment - _middle(session) >= (scene.until - scene.since) / _MOST_DATES:
            marks.append(Mark(_middle(session), scene.words.day(session.day)))
    return marks


def _middle(session: Session) -> datetime:
    return session.opens + session.length / 2


def _draw_session(
    frame: Frame, plot: Axes, session: Session, bitcoin: EtfFlow | None, ether: EtfFlow | None
) -> None:
    middle_ms = to_ms(_middle(session))
    theme = frame.theme
    if bitcoin:
        colour = theme.up if bitcoin.total_usd >= 0 else theme.down
        _draw_bar(plot, middle_ms + _BAR_AT * DAY_MS, _BAR, bitcoin, colour)
        if frame.width_of_ms(plot, DAY_MS) >= _ROOM_FOR_VALUE_PX:
            _label_bar(frame, plot, middle_ms + _BAR_AT * DAY_MS, bitcoin)
    if ether:
        _draw_bar(plot, middle_ms + _THIN_BAR_AT * DAY_MS, _THIN_BAR, ether, theme.second)


def _draw_missing(frame: Frame, plot: Axes, session: Session) -> None:
    """A question mark for a number that is not there, unless the session is still open."""
    if session.closes <= frame.scene.until:
        middle_ms = to_ms(_middle(session))
        note(frame, plot, (middle_ms, 0), "?", frame.theme.muted, ha="center", va="bottom", lift_px=4)


def _draw_bar(plot: Axes, middle_ms: float, width_days: float, flow: EtfFlow, colour: str) -> None:
    plot.bar(
        middle_ms,
        flow.total_usd / MILLION,
        width_days * DAY_MS,
        facecolor=colour if flow.final_at else to_rgba(colour, 0.15),
        edgecolor=colour,
        linewidth=1.2,
        hatch="" if flow.final_at else "////",
        zorder=2,
    )


def _label_bar(frame: Frame, plot: Axes, middle_ms: float, flow: EtfFlow) -> None:
    above = flow.total_usd >= 0
    note(
        frame,
        plot,
        (middle_ms, flow.total_usd / MILLION),
        frame.words.number(flow.total_usd / MILLION, signed=True),
        frame.theme.text,
        ha="center",
        va="bottom" if above else "top",
        lift_px=4 if above else -5,
    )


def _draw_last(frame: Frame, plot: Axes, bitcoin: Mapping[date, EtfFlow]) -> None:
    if bitcoin:
        flow = bitcoin[max(bitcoin)]
        value = flow.total_usd / MILLION
        draw_flag(
            frame,
            plot,
            value,
            frame.words.number(value, 1, signed=True),
            frame.theme.up if value >= 0 else frame.theme.down,
        )


def _key(frame: Frame) -> list[KeyItem]:
    words, theme = frame.words, frame.theme
    return [
        KeyItem("■", theme.up, ""),
        KeyItem("■", theme.down, words.first),
        KeyItem("■", theme.second, words.second),
        KeyItem("▨", theme.muted, words.preliminary),
    ]
