"""The built-in scenario: the article's figures stand in it, the conditions turn, and it says what it is."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

import pytest

from bot.playground.scenario import STEP, Scenario, scenario
from bot.playground.story import ANCHORS, BLIND_FROM, FLOWS_USD_M, Origin
from signals.calendar import sessions
from signals.conditions import Change, Kind, State, Verdict
from signals.engine import WARNINGS
from signals.eth_btc import EthBtcRules
from signals.facts import BINANCE_BTC, BINANCE_ETH, Candle, EtfFlow, Instrument
from signals.left_out import left_out
from signals.market import Market
from signals.moments import iso, to_ms
from signals.premium import premium_samples
from signals.replay import replay
from tests.bot.recorded import needs_recorded_weeks, recorded_market

BEFORE = datetime(2025, 11, 2, 20, tzinfo=UTC)
LOW = datetime(2025, 11, 3, 15, tzinfo=UTC)
AFTER = datetime(2025, 11, 3, 20, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def told() -> Scenario:
    return scenario()


@cache
def market() -> Market:
    return Market().add(told().facts)


@cache
def changes() -> Sequence[Change]:
    return replay(market(), told().since, told().until).changes


def price(instrument: Instrument, at: datetime) -> float:
    newest = market().last_price(instrument, to_ms(at))
    assert newest is not None
    assert newest.at_ms == to_ms(at)
    return newest.price


def candles(instrument: Instrument) -> list[Candle]:
    return [fact for fact in told().facts if isinstance(fact, Candle) and fact.instrument == instrument]


def flows() -> list[EtfFlow]:
    return [fact for fact in told().facts if isinstance(fact, EtfFlow)]


def state_at(at: datetime, of: str) -> str:
    return [change.to_state for change in changes() if change.id == of and change.at_ms <= to_ms(at)][-1]


def turns(of: str) -> list[tuple[str, str]]:
    begins_ms = to_ms(told().begins)
    return [(iso(c.at_ms), c.to_state) for c in changes() if c.id == of and c.at_ms >= begins_ms]


def test_bitcoin_falls_from_108_000_to_105_405_and_comes_back_to_106_929() -> None:
    assert [price(BINANCE_BTC, at) for at in (BEFORE, LOW, AFTER)] == [108_000, 105_405, 106_929]


@pytest.mark.parametrize(("instrument", "low"), [(BINANCE_BTC, 105_405), (BINANCE_ETH, 3_596)])
def test_these_are_the_lowest_closes_of_that_day(instrument: Instrument, low: float) -> None:
    assert min(c.close for c in candles(instrument) if BEFORE <= c.at <= AFTER) == low


def test_ether_falls_nine_percent_to_3_596() -> None:
    assert price(BINANCE_ETH, AFTER) == 3_596
    assert price(BINANCE_ETH, AFTER) / price(BINANCE_ETH, BEFORE) == pytest.approx(0.91, abs=1e-6)


def test_the_premium_is_negative_for_the_four_days_before() -> None:
    samples = premium_samples(market())
    inside = slice(*samples.at_ms.searchsorted((to_ms(AFTER - 4 * DAY), to_ms(AFTER) + 1)))
    assert len(samples.value[inside]) == 4 * DAY // STEP + 1
    assert (samples.value[inside] < 0).all()
    assert samples.adjusted[inside].all()


def test_money_leaves_the_funds_in_the_sessions_before() -> None:
    before = [amounts for day, amounts in FLOWS_USD_M.items() if date(2025, 10, 29) <= day < AFTER.date()]
    assert len(before) == 3
    assert all(btc < 0 and eth < 0 for btc, eth in before)


def test_103_percent_more_is_traded_than_the_day_before() -> None:
    def traded(until: datetime) -> float:
        return sum(c.volume for c in candles(BINANCE_BTC) if until - DAY < c.at <= until)

    assert traded(AFTER) / traded(BEFORE) == pytest.approx(2.03, abs=0.001)


def test_the_support_zone_holds_that_day_and_gives_way_the_day_after() -> None:
    assert price(BINANCE_BTC, AFTER) > 105_000
    assert price(BINANCE_BTC, AFTER + DAY) < 103_000


def test_every_row_of_the_table_is_met_to_the_cent() -> None:
    for row in ANCHORS[1:]:
        assert price(BINANCE_BTC, row.at) == round(row.btc, 2)
        assert price(BINANCE_ETH, row.at) == round(row.eth, 2)


def test_the_article_is_named_as_the_origin_of_its_day_only() -> None:
    assert [row.at for row in ANCHORS if row.origin is Origin.ARTICLE] == [BEFORE, LOW, AFTER]


def test_the_notice_says_in_both_languages_what_is_imagined() -> None:
    assert all(word in told().notice for word in ("article", "imagined", "文章", "虚构"))


def test_on_3_november_the_reading_is_fragile_with_none_of_three_met() -> None:
    assert state_at(AFTER, "verdict") == Verdict.FRAGILE
    assert {state_at(AFTER, of) for of in ("premium", "etf_flow", "eth_btc")} == {State.UNMET}


def test_the_reading_turns_fragile_breaks_and_turns_back_once() -> None:
    assert turns("verdict") == [
        ("2025-10-30T20:00:00Z", Verdict.FRAGILE),
        ("2025-11-14T13:30:00Z", Verdict.BROKEN),
        ("2025-11-19T21:00:00Z", Verdict.FRAGILE),
    ]


@pytest.mark.parametrize("condition", ["premium", "etf_flow", "eth_btc"])
def test_each_condition_is_unmet_holds_and_is_met(condition: str) -> None:
    assert {state for _, state in turns(condition)} == {State.UNMET, State.HOLDING, State.MET}


def test_a_first_attempt_of_the_premium_fails() -> None:
    assert [(at[:10], state) for at, state in turns("premium") if "11-10" <= at[5:10] <= "11-12"] == [
        ("2025-11-10", State.HOLDING),
        ("2025-11-10", State.UNMET),
        ("2025-11-12", State.HOLDING),
        ("2025-11-12", State.MET),
    ]


def test_windows_are_warm_before_the_play_begins_and_before_the_fall() -> None:
    warm = timedelta(hours=EthBtcRules().window_hours)
    assert told().begins - told().since >= timedelta(days=13)
    assert BEFORE - told().since >= max(warm, timedelta(days=16))
    assert told().since < told().begins < BEFORE < told().until


def test_when_the_play_begins_everything_is_known() -> None:
    assert all(state_at(told().begins, of) == State.MET for of in ("premium", "etf_flow", "eth_btc"))


def test_nothing_that_a_rule_needs_is_missing() -> None:
    assert list(left_out(market())) == []
    for instrument in {fact.instrument for fact in told().facts if isinstance(fact, Candle)}:
        opened = [candle.opened_at for candle in candles(instrument)]
        assert opened[0] == told().since
        assert opened[-1] + STEP == told().until
        whole = [before for before, after in pairwise(opened) if after - before != STEP]
        # One night Binance says nothing for a while.
        assert whole == ([BLIND_FROM - STEP] if instrument.venue == "binance" else [])


def test_bars_are_whole() -> None:
    for candle in (fact for fact in told().facts if isinstance(fact, Candle)):
        assert 0 < candle.low <= min(candle.open, candle.close)
        assert max(candle.open, candle.close) <= candle.high
        assert candle.volume > 0


def test_there_is_a_flow_of_both_assets_for_every_session_known_by_the_end() -> None:
    known = [s.day for s in sessions(told().since.date(), told().until.date()) if s.day < date(2025, 11, 21)]
    for asset in ("BTC", "ETH"):
        assert [flow.session for flow in flows() if flow.asset == asset] == known


def test_flows_are_known_and_final_on_the_day_after_at_13_30() -> None:
    for flow in flows():
        assert flow.known_at == flow.final_at == datetime.combine(flow.session + DAY, time(13, 30), UTC)
        assert flow.known_at <= told().until


def test_the_scenario_is_the_same_every_time() -> None:
    assert scenario() == told()


@needs_recorded_weeks
def test_no_imagined_flow_is_the_recorded_one() -> None:
    recorded = {(f.asset, f.session): f.total_usd for fs in recorded_market().flows.values() for f in fs}
    assert not [f for f in flows() if abs(f.total_usd - recorded.get((f.asset, f.session), 1e12)) < 1e6]


def test_the_fall_of_the_articles_day_is_a_shock_that_goes_deeper_the_day_after() -> None:
    shocks = [(iso(c.at_ms)[:10], c.reason) for c in changes() if c.id == "shock"]
    assert shocks == [("2025-11-03", "deleveraging"), ("2025-11-04", "deeper")]


def test_changes_are_of_every_kind() -> None:
    assert {change.kind for change in changes()} == set(Kind)


def test_every_warning_is_raised_and_lifted_at_least_once() -> None:
    for warning in WARNINGS:
        assert {"on", "off"} <= {state for _, state in turns(warning.id)}, warning.id
