"""Charts as PNG bytes. Slow (tenths of a second) and synchronous: call them off the event loop.

matplotlib costs two seconds and tens of megabytes, so the first chart imports it, not this package.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Literal

from bot.charts.panels import Panel, PanelWords
from bot.charts.scene import Scene
from bot.charts.theme import DARK, LIGHT
from bot.charts.words import Words, Zone
from signals.conditions import Change
from signals.market import Market
from signals.moments import to_ms

__all__ = ["Subject", "Words", "Zone", "can_draw", "draw", "draw_history", "draw_own"]

Subject = Literal["premium", "etf", "eth", "btc", "leverage", "funding", "liquidations", "depth"]

# matplotlib's settings and its list of fonts belong to the whole process.
_PAINTING = Lock()


def draw(  # noqa: PLR0917  # in the order in which one would say it
    subject: Subject,
    market: Market,
    changes: Sequence[Change],
    now: datetime,
    span: timedelta,
    words: Words,
    dark: bool = True,  # noqa: FBT001, FBT002  # a look, not a mode
) -> bytes:
    """One subject over the `span` before `now`, 1000 x 625 px, with what was known at `now`.

    `changes` is the history of the subject's condition (for `btc` of the verdict); others may be among them.
    """
    return _paint(subject, _scene(market, changes, now - span, now, words, dark=dark))


def draw_history(  # noqa: PLR0917  # as above
    market: Market,
    changes: Sequence[Change],
    since: datetime,
    until: datetime,
    words: Words,
    dark: bool = True,  # noqa: FBT001, FBT002  # a look, not a mode
) -> bytes:
    """Bitcoin's price with the states of the verdict and of each condition below, 1400 x 800 px."""
    return _paint("history", _scene(market, changes, since, until, words, dark=dark))


def draw_own(  # noqa: PLR0917  # as above
    panels: Sequence[Panel],
    said: Sequence[PanelWords],
    fired_ms: Sequence[int],
    fired: str,
    since: datetime,
    until: datetime,
    words: Words,
    *,
    dark: bool,
) -> bytes:
    """A rule's readings, one panel each, and the moments at which it would have fired, 1000 x 625 px."""
    scene = _scene(Market(), (), since, until, words, dark=dark)
    with _PAINTING:
        from bot.charts import studio  # noqa: PLC0415  # matplotlib comes with it

        return studio.paint_own(scene, panels, said, fired_ms, fired)


def can_draw(text: str) -> bool:
    """Whether this system has a font for every letter of a text, such as `Words.text()`."""
    with _PAINTING:
        from bot.charts import fonts  # noqa: PLC0415  # matplotlib comes with it

        return fonts.can_draw(text)


def _scene(
    market: Market, changes: Sequence[Change], since: datetime, until: datetime, words: Words, *, dark: bool
) -> Scene:
    known = market.known_by(to_ms(until))
    return Scene(known, changes, since, until, words, DARK if dark else LIGHT)


def _paint(subject: str, scene: Scene) -> bytes:
    with _PAINTING:
        from bot.charts import studio  # noqa: PLC0415  # matplotlib comes with it

        return studio.paint(subject, scene)
