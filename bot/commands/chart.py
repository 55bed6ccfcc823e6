"""`/chart`: a picture of the premium, the ETF flows, ETH/BTC, the price of BTC, or what stands beside it."""

import re
from contextlib import suppress
from datetime import timedelta

from bot import charts
from bot.charts import Subject
from bot.charts.picture import Picture
from bot.commands.mistakes import Misunderstood
from bot.commands.own_chart import own_chart
from bot.commands.subjects import find_subject
from bot.desk import Desk
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.subjects import SHORT
from bot.words.texts import DEFAULT_LANGUAGE, every_language
from bot.words.wording import Wording
from signals.conditions import Change, State, Verdict
from signals.levels import Levels
from signals.moments import to_ms
from storage.alerts import read_changes

SPANS = {f"{days}d": timedelta(days=days) for days in (1, 7, 14, 30)}
"""How far back a chart can go, by the word for it."""
_USUAL_SUBJECT: Subject = "btc"
_OFFERED = ("1d", "7d", "30d")
_OFFERED_OF_FLOWS = ("14d", "30d")
"""There is one flow a day: a picture of less than two weeks would show next to nothing."""
_USUAL = {"etf": "30d"}
_USUAL_OF_OTHERS = "7d"

_WITH_THRESHOLD = {"premium", "etf", "eth"}

_OWN = re.compile(r"r-\d{1,12}", re.IGNORECASE | re.ASCII)
_CHANGES_SHOWN = 1_000
_WINDOW = timedelta(days=20)
"""How far a chart looks back beyond its left edge: ETH/BTC's window, and some to spare."""


async def chart(ask: Ask) -> Answer:
    """The picture of a subject over a span, with buttons for other spans; or that of an own alert."""
    if len(ask.args) == 1 and _OWN.fullmatch(ask.args[0]):
        return await own_chart(ask, ask.args[0])
    subject, span = _understood(ask.args)
    picture = await ask.desk.draw(picture_of(ask.words, ask.desk, subject, span))
    caption = ask.words(f"chart.caption_{subject}", span=ask.words.duration(SPANS[span]))
    return Answer(caption, _buttons(ask.words, subject, span), photo=picture)


def _understood(args: tuple[str, ...]) -> tuple[Subject, str]:
    """The subject and the span that are asked for, in either order. Raises Misunderstood."""
    spans = [word.lower() for word in args if word.lower() in SPANS]
    named = [word for word in args if word.lower() not in SPANS]
    subject = _subject(named) if named else _USUAL_SUBJECT
    span = spans[-1] if spans else _USUAL.get(subject, _USUAL_OF_OTHERS)
    return subject, max(span, _offered(subject)[0], key=SPANS.__getitem__)


def _subject(words: list[str]) -> Subject:
    """What words together stand for, or else the last of them."""
    with suppress(Misunderstood):
        return find_subject(" ".join(words)).chart
    return [find_subject(word).chart for word in words][-1]


def _offered(subject: Subject) -> tuple[str, ...]:
    return _OFFERED_OF_FLOWS if subject == "etf" else _OFFERED


def _changes(desk: Desk) -> list[Change]:
    return [saved.change for saved in read_changes(desk.db, limit=_CHANGES_SHOWN)]


def picture_of(words: Wording, desk: Desk, subject: Subject, span: str) -> Picture:
    """All that drawing a chart needs."""
    english = Wording(every_language()[DEFAULT_LANGUAGE], words.zone, words.now)
    levels = desk.levels().levels
    return Picture(
        subject=subject,
        market=desk.known.since(to_ms(words.now - SPANS[span] - _WINDOW)),
        changes=_changes(desk),
        now=words.now,
        span=SPANS[span],
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


def _buttons(words: Wording, subject: Subject, span: str) -> Buttons:
    return (
        tuple(
            Button(
                words.plain("button.chosen", name=words.duration(SPANS[each]))
                if each == span
                else words.duration(SPANS[each]),
                f"here:chart:{subject}:{each}",
            )
            for each in _offered(subject)
        ),
    )
