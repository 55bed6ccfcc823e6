"""Warnings in words. What the evidence of one holds is told by the texts `evidence.<warning>.<its name>`.

A value is written as the unit says that ends its name; a text may name other values of the same evidence.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from bot.words.adl import states_up, venue_names
from bot.words.blind import condition_names, outages_over, silent_feeds, span
from bot.words.marks import MARKS, WARNING
from bot.words.sources import source_name
from bot.words.subjects import WARNING_IDS
from bot.words.texts import Html, placeholders
from bot.words.wording import Wording
from signals.conditions import Alarm, Evidence, Standing
from signals.moments import from_ms

_UNITS: Mapping[str, Callable[[Wording, Any], str]] = {
    "usd": lambda words, value: words.price(value),
    "pct": lambda words, value: words.percent(value, digits=1),
    "at": lambda words, value: words.moment(datetime.fromisoformat(value)),
    "happened_at": lambda words, value: words.day(datetime.fromisoformat(value).date()),  # known to the day
    "times": lambda words, value: words.number(value, 1),
    "share": lambda words, value: words.share(value),
    "8h": lambda words, value: words.percent(value * 100, digits=4),
    "premium": lambda words, value: words.percent(value, digits=3),
    "dollars": lambda words, value: words.amount(value),
    "day": lambda words, value: words.day(date.fromisoformat(value)),
    "hours": lambda words, value: words.number(value, 0),
    "source": source_name,
    "venues": venue_names,
    "awaited": venue_names,
    "states": states_up,
    "feeds": silent_feeds,
    "outages": outages_over,
    "span": span,
    "conditions": condition_names,
}


def warning_statements(words: Wording, warning: str, evidence: Evidence) -> Iterator[Html]:
    """The evidence of a warning, in its own order. What there is no text for is not said."""
    # Of a list with nothing in it there is nothing to say.
    values = {name: _written(words, name, value) for name, value in evidence.items() if value not in ([], ())}
    for name in values:
        key = f"evidence.{warning}.{name}"
        forms = words.texts.forms.get(key)
        if forms and placeholders(forms[-1]) <= values.keys():
            yield words(key, **values)


def _written(words: Wording, name: str, value: Any) -> str:
    write = _UNITS.get(name) or _UNITS.get(name.rpartition("_")[2])
    return str(value) if write is None else write(words, value)


def warnings_line(words: Wording, standings: Mapping[str, Standing]) -> Html:
    """Every warning that is on, on one line; empty where none is."""
    on = [
        _news(words, warning, standings[warning])
        for warning in WARNING_IDS
        if warning in standings and standings[warning].state == Alarm.ON
    ]
    return words("status.warnings", mark=WARNING, warnings=words.joined(on)) if on else Html()


def warning_line(words: Wording, warning: str, standing: Standing) -> Html:
    """A warning's mark, what it says now, and since when."""
    news = words("why.news", mark=MARKS[standing.state], news=_news(words, warning, standing))
    since = words.since(from_ms(standing.since_ms)) if standing.since_ms is not None else Html()
    return words.joined([news, since])


def _news(words: Wording, warning: str, standing: Standing) -> Html:
    """What a warning says now. Of a reason from a version that has been undone, that it is on at least."""
    key = f"news.{warning}.{standing.reason}"
    if key in words.texts.forms:
        return words(key)
    return words("news.other", name=words(f"name.{warning}"), state=words(f"state.{standing.state}"))
