"""One round of feeds: fetch -> screen -> save -> health.

The feeds of a round are asked at once and saved together: quotes of two venues are of the same moment.
What goes wrong in one feed is written to its health and stops nobody else.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from bot.intake.fetching import Collector, Fetched, blocked_until, fetch, obstacle, since_of
from signals.adl_states import worth_keeping
from signals.disputes import worth_telling
from signals.etf_final import Finality, Number, settle
from signals.facts import Candle, EtfFlow, Fact, Quote
from signals.far_off import far_off
from signals.feeds.feed import Brings, Feed
from signals.feeds.venues import VENUES
from signals.frozen import seen_with
from signals.gauges import Gauge
from signals.moments import from_ms
from signals.notices import Notice
from signals.ticks import Doubt, Rejected, screen
from storage.database import Database
from storage.feed_runs import read_feeds, record_failure, record_rejected, record_success
from storage.market import read_candles, read_flow_observations, save_facts
from storage.standings import read_standings

log = logging.getLogger(__name__)


async def collect(feeds: Iterable[Feed], collector: Collector) -> tuple[Fact, ...]:
    """Ask every feed that may be asked now; the facts that were saved and say something new.

    Raises:
        StorageError: the database cannot do its work.
    """
    health, now = read_feeds(collector.db), collector.now
    asked = [feed for feed in feeds if not obstacle(feed, health.get(feed.name), collector)]
    requests = (fetch(feed, since_of(feed, health.get(feed.name), now), collector) for feed in asked)
    return keep(await asyncio.gather(*requests), collector)


def keep(answers: Sequence[Fetched], collector: Collector) -> tuple[Fact, ...]:
    """Screen and save what a round brought, and each feed's health with it, in one transaction."""
    with collector.db.transaction():
        known = read_feeds(collector.db)
        for answer in answers:
            _record_health(answer, collector)
        kept = [*_keep_quotes(answers, collector), *_keep_bars(answers, collector)]
        kept += _keep_adl_states(answers, collector)
        kept += _keep_numbers(answers, collector)
        for answer in answers:
            health = known.get(answer.feed.name)
            is_first = health is None or health.last_ok_at is None
            kept += _keep_notices(answer, collector, is_first=is_first)
        for answer in answers:
            kept += _keep_flows(answer, answers, collector)
    return tuple(kept)


def _record_health(answer: Fetched, collector: Collector) -> None:
    name, failure, now = answer.feed.name, answer.failure, collector.now
    if failure is None:
        record_success(collector.db, name, now)
        return
    before = read_feeds(collector.db).get(name)
    until = blocked_until(failure, before.failures_in_a_row if before else 0, now)
    record_failure(collector.db, name, now, str(failure), until)
    # What stays as it was is said once: without internet some feeds fail every few seconds.
    is_said = before is not None and before.error == str(failure)
    log.log(logging.DEBUG if is_said else logging.WARNING, "%s (%s)", failure, failure.kind)


def _keep_quotes(answers: Sequence[Fetched], collector: Collector) -> list[Fact]:
    quotes = [fact for fact in _facts(answers) if isinstance(fact, Quote)]
    if not quotes:
        return []
    collector.seen = seen_with(quotes, collector.seen)
    screened = screen(quotes, collector.last_good, collector.tolerance, collector.seen)
    collector.last_good.update({quote.instrument: quote for quote in screened.kept})
    for answer in answers:
        # That one has not moved for seconds is nothing to write home about.
        rejected = [r for r in screened.rejected if r.doubt is not Doubt.UNMOVED and r.quote in answer.facts]
        if rejected:
            record_rejected(collector.db, answer.feed.name, len(rejected), _told(rejected[-1]))
            log.warning("%s: %d not believed, %s", answer.feed.name, len(rejected), _told(rejected[-1]))
    disputes = worth_telling(screened.disputed, collector.last_states, collector.now)
    collector.last_states.update({dispute.series: dispute for dispute in disputes})
    kept: list[Fact] = [*screened.kept, *disputes]
    save_facts(collector.db, kept)
    return kept


def _keep_bars(answers: Sequence[Fetched], collector: Collector) -> list[Fact]:
    """The bars that other venues do not contradict."""
    bars = _bars(answers)
    doubted = set(far_off(bars, _believed(bars, collector.db)))
    for answer in answers:
        rejected = [bar for bar in _bars([answer]) if bar in doubted]
        if rejected:
            told = f"bars far off the other venues', the last at {rejected[-1].at:%Y-%m-%d %H:%M} UTC"
            record_rejected(collector.db, answer.feed.name, len(rejected), told)
            log.warning("%s: %d not believed, %s", answer.feed.name, len(rejected), told)
    kept: list[Fact] = [bar for bar in bars if bar not in doubted]
    save_facts(collector.db, kept)
    return kept


def _keep_adl_states(answers: Sequence[Fetched], collector: Collector) -> list[Fact]:
    """States are asked for every minute; what is only repeated is written down now and then."""
    told = [answer for answer in answers if answer.feed.brings is Brings.ADL_STATES]
    states = [fact for fact in _facts(told) if isinstance(fact, Gauge)]
    kept = worth_keeping(states, collector.last_states)
    collector.last_states.update({state.series: state for state in kept})
    save_facts(collector.db, kept)
    return list(kept)


def _keep_numbers(answers: Sequence[Fetched], collector: Collector) -> list[Fact]:
    """Numbers that are kept as they come."""
    told = [answer for answer in answers if answer.feed.brings in _NUMBERS]
    kept: list[Fact] = [fact for fact in _facts(told) if isinstance(fact, Gauge)]
    save_facts(collector.db, kept)
    for answer in told:
        listener = collector.connections.listeners.get(answer.feed.name.partition(" ")[0])
        if answer.feed.brings is Brings.LIQUIDATIONS and listener and (count := listener.take_unreadable()):
            record_rejected(collector.db, answer.feed.name, count, "words that cannot be read")
            log.warning("%s: %d words that cannot be read", answer.feed.name, count)
    return kept


_NUMBERS = {Brings.DEPTH, Brings.LEVERAGE, Brings.LIQUIDATIONS, Brings.MACRO}
_NOTICES = {Brings.ANNOUNCEMENTS, Brings.EXPLOITS}


def _keep_notices(answer: Fetched, collector: Collector, *, is_first: bool) -> list[Fact]:
    """The notices that are new, known from now on; those of a first look since the moment they are about.

    Numbers that come with them, such as that a list was read, are kept as well.
    """
    if answer.feed.brings not in _NOTICES:
        return []
    now = collector.now
    notices = [
        replace(fact, known_at=min(fact.at, now) if is_first else now)
        for fact in answer.facts
        if isinstance(fact, Notice)
    ]
    new = [notice for notice in notices if save_facts(collector.db, [notice])]
    if new and not is_first:
        log.info("%s: %d new notices", answer.feed.name, len(new))
    heard = [fact for fact in answer.facts if isinstance(fact, Gauge)]
    save_facts(collector.db, heard)
    return [*heard, *new]


def _bars(answers: Sequence[Fetched]) -> list[Candle]:
    return [fact for fact in _facts(answers) if isinstance(fact, Candle)]


def _believed(bars: Sequence[Candle], db: Database) -> list[Candle]:
    """The stored bars of every venue, of the coins and the time of new ones."""
    if not bars:
        return []
    first, last = min(bar.at for bar in bars), max(bar.at for bar in bars)
    coins = {bar.instrument.coin for bar in bars}
    instruments = (i for venue in VENUES.values() for i in venue.market_ids if i.coin in coins)
    return [bar for i in instruments for bar in read_candles(db, i, bars[0].timeframe, first, last)]


def _keep_flows(answer: Fetched, answers: Sequence[Fetched], collector: Collector) -> list[Fact]:
    """The flows of one source, judged with the other sources' at hand."""
    flows = _flows([answer])
    if not flows:
        return []
    others = [flow for flow in _flows(answers) if flow.source != flows[0].source]
    seen = read_flow_observations(collector.db, flows[0].asset, min(flow.session for flow in flows))
    settled = settle(
        flows, [*(number.flow for number in seen), *others], collector.now, _judged_by(collector)
    )
    if settled.rejected:
        last = settled.rejected[-1]
        record_rejected(
            collector.db, answer.feed.name, len(settled.rejected), f"{last.flow.session} {last.reason}"
        )
    save_facts(collector.db, [number.flow for number in settled.numbers])
    news = [number for number in settled.numbers if number.is_news]
    for number in news:
        # History comes by the hundred, and says nothing of today.
        if number.reason is not Finality.HISTORY:
            _log_number(number)
    return [number.flow for number in news]


def _judged_by(collector: Collector) -> datetime:
    standing = read_standings(collector.db).get("etf_flow")
    return from_ms(standing.judged_ms if standing else 0)


def _log_number(number: Number) -> None:
    flow = number.flow
    stands = "final" if flow.final_at else "preliminary"
    log.info(
        "%s ETF flow of %s by %s: %.0f USD, %s (%s)",
        flow.asset, flow.session, flow.source, flow.total_usd, stands, number.reason,
    )  # fmt: skip
    if number.is_revision and number.final_before:
        log.warning(
            "%s revised its final %s ETF flow of %s from %.0f to %.0f USD",
            flow.source, flow.asset, flow.session, number.final_before.total_usd, flow.total_usd,
        )  # fmt: skip


def _told(rejected: Rejected) -> str:
    quote = rejected.quote
    at = quote.at.astimezone(UTC)
    return f"{rejected.doubt} {quote.instrument} {quote.bid:g}/{quote.ask:g} at {at:%Y-%m-%d %H:%M:%S} UTC"


def _flows(answers: Sequence[Fetched]) -> list[EtfFlow]:
    return [fact for fact in _facts(answers) if isinstance(fact, EtfFlow)]


def _facts(answers: Sequence[Fetched]) -> Iterable[Fact]:
    return chain.from_iterable(answer.facts for answer in answers)
