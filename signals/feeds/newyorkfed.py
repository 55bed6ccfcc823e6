"""What the Fed lends in repo operations, and SOFR, from the New York Fed's markets data.

Operations of one day come in two windows; a window's number is the day's sum until then. Exercises of small
value are left out, and reverse repos, which take money out, are never mixed in. Amounts are dollars.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from signals.calendar import NEW_YORK
from signals.feeds.failure import malformed
from signals.feeds.http import Http
from signals.feeds.leverage import number, read
from signals.gauges import Gauge, Measure, Series

SOURCE = "newyorkfed"
REPO = Series(SOURCE, "fed", Measure.REPO_USD)
SOFR = Series(SOURCE, "fed", Measure.SOFR_PCT)

_SEARCH_URL = "https://markets.newyorkfed.org/api/rp/results/search.json"
_SOFR_URL = "https://markets.newyorkfed.org/api/rates/secured/sofr/last/20.json"
_LONGEST_BACK = timedelta(days=30)
_PUBLISHED_AFTER = timedelta(minutes=15)
"""After a window closed its result is out; of the past it counts as known from then on."""
_SOFR_AT = time(8, 0)
"""SOFR of a day is published at eight in the morning of the next, New York time."""


async def fetch_macro(http: Http, since: datetime) -> tuple[Gauge, ...]:
    """Repo operations from a moment on, and the last rates.

    Raises:
        FeedError: whatever went wrong.
    """
    now = http.context.clock()
    since = max(since, now - _LONGEST_BACK)
    days = {
        "startDate": f"{since.astimezone(NEW_YORK):%Y-%m-%d}",
        "endDate": f"{now.astimezone(NEW_YORK):%Y-%m-%d}",
    }
    operations = await http.get_json(SOURCE, _SEARCH_URL, days)
    rates = await http.get_json(SOURCE, _SOFR_URL, {})
    return (
        *read(SOURCE, lambda: tuple(_repo(operations, now))),
        *read(SOURCE, lambda: tuple(_sofr(rates, now))),
    )


def _repo(answer: Any, now: datetime) -> Iterator[Gauge]:
    """The day's sum at the close of each window."""
    by_day: dict[date, list[tuple[datetime, float]]] = defaultdict(list)
    for operation in answer["repo"]["operations"]:
        if _counts(operation):
            day = date.fromisoformat(operation["operationDate"])
            closes = datetime.combine(day, time.fromisoformat(operation["closeTime"]), NEW_YORK)
            by_day[day].append((closes, number(operation["totalAmtAccepted"])))
    for windows in by_day.values():
        total_usd = 0.0
        for closes, usd in sorted(windows):
            total_usd += usd
            at = closes.astimezone(now.tzinfo)
            if at <= now:
                yield Gauge(REPO, at, total_usd, min(at + _PUBLISHED_AFTER, now))


def _counts(operation: Any) -> bool:
    if operation["operationType"] not in {"Repo", "Reverse Repo"}:
        raise malformed(SOURCE, f"an operation of another type: {operation['operationType']!r:.30}")
    is_exercise = "small value" in str(operation.get("note") or "").lower()
    is_result = operation["auctionStatus"] == "Results"
    return operation["operationType"] == "Repo" and is_result and not is_exercise


def _sofr(answer: Any, now: datetime) -> Iterator[Gauge]:
    for rate in answer["refRates"]:
        if rate["type"] != "SOFR":
            continue
        day = date.fromisoformat(rate["effectiveDate"])
        known_at = datetime.combine(_next_working_day(day), _SOFR_AT, NEW_YORK).astimezone(now.tzinfo)
        at = datetime.combine(day, time(16), NEW_YORK).astimezone(now.tzinfo)
        if at <= now:
            yield Gauge(SOFR, at, number(rate["percentRate"]), max(at, min(known_at, now)))


def _next_working_day(day: date) -> date:
    """Weekends are passed over; on a holiday it is published a day later than taken here."""
    after = day + timedelta(days=1)
    while after.weekday() > 4:  # noqa: PLR2004  # Friday
        after += timedelta(days=1)
    return after
