"""The picture of a subject: the market, the changes and the levels over a span, and every text on it."""

from datetime import timedelta

from bot import charts
from bot.charts import Subject
from bot.charts.picture import Picture
from bot.desk import Desk
from bot.words.subjects import SHORT
from bot.words.texts import DEFAULT_LANGUAGE, every_language
from bot.words.wording import Wording
from signals.conditions import State, Verdict
from signals.levels import Levels
from signals.moments import to_ms
from storage.alerts import read_changes

_WITH_THRESHOLD = {"premium", "etf", "eth"}
_CHANGES_SHOWN = 1_000
_WINDOW = timedelta(days=20)
"""How far a chart looks back beyond its left edge: ETH/BTC's window, and some to spare."""


def picture_of(words: Wording, desk: Desk, subject: Subject, span: timedelta) -> Picture:
    """All that drawing a chart needs."""
    english = Wording(every_language()[DEFAULT_LANGUAGE], words.zone, words.now)
    levels = desk.levels().levels
    return Picture(
        subject=subject,
        market=desk.known.since(to_ms(words.now - span - _WINDOW)),
        changes=[saved.change for saved in read_changes(desk.db, limit=_CHANGES_SHOWN)],
        now=words.now,
        span=span,
        words=chart_words(words, subject, levels),
        english=chart_words(english, subject, levels),
        dark=desk.settings.chart_theme == "dark",
    )


def chart_words(words: Wording, subject: str, levels: Levels | None = None) -> charts.Words:
    """Every text on a chart; levels are drawn into the one of BTC."""
    return charts.Words(
        title=words.plain(f"chart.title_{subject}"),
        unit=words.plain(f"chart.unit_{subject}"),
        source=words.plain(f"chart.source_{subject}"),
        no_data=words.plain("chart.no_data"),
        states={state: words.plain(f"state.{state}") for state in (*State, *Verdict)},
        names={subject: words.plain(f"name.{subject}") for subject in SHORT},
        threshold=words.plain(f"chart.threshold_{subject}") if subject in _WITH_THRESHOLD else "",
        session=words.plain("chart.session"),
        disputed=words.plain("chart.disputed"),
        preliminary=words.plain("chart.preliminary"),
        first=words.plain("chart.bitcoin_funds"),
        second=words.plain("chart.ether_funds"),
        peak=words.plain("chart.peak"),
        low=words.plain("chart.low"),
        shock=words.plain("chart.shock"),
        zones=_zones(words, levels) if levels and subject == "btc" else (),
        timezone=words.zone,
        day=words.day,
        moment=words.moment,
    )


def _zones(words: Wording, levels: Levels) -> tuple[charts.Zone, ...]:
    broken = charts.Zone(levels.break_usd, levels.break_usd, words.plain("chart.break_level"))
    return (
        charts.Zone(*levels.rally, words.plain("chart.rally_zone")),
        charts.Zone(*levels.support, words.plain("chart.support_zone")),
        broken,
    )
