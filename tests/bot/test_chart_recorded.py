from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from bot import charts
from bot.charts import Subject
from bot.charts.btc import VENUES
from bot.charts.curves import curve
from bot.charts.etf import flows_by_session
from bot.charts.eth_btc import fall_of
from signals.conditions import Change
from signals.engine import first_standings, judge
from signals.eth_btc import eth_btc_samples
from signals.facts import BINANCE_BTC
from signals.moments import to_ms
from signals.premium import premium_samples
from tests.bot.recorded import needs_recorded_weeks, recorded_market
from tests.bot.test_charts import ENGLISH, SUBJECTS, size_px

pytestmark = needs_recorded_weeks

NOW = datetime(2025, 11, 5, 14, 20, tzinfo=UTC)
"""The day after the second fall."""


@cache
def changes_by(until: datetime) -> Sequence[Change]:
    """All that became of the recorded weeks until then."""
    return judge(first_standings(), recorded_market(), to_ms(until)).changes


@pytest.mark.parametrize("days", [1, 60])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_recorded_weeks_are_drawn_at_every_length(subject: Subject, days: int) -> None:
    market = recorded_market()
    changes = changes_by(NOW)
    assert size_px(charts.draw(subject, market, changes, NOW, timedelta(days=days), ENGLISH)) == (1000, 625)


def test_the_outage_of_coinbase_on_25_october_is_a_hole_in_the_premium() -> None:
    samples = premium_samples(recorded_market())
    day = datetime(2025, 10, 25, tzinfo=UTC)
    drawn = curve(samples.at_ms, samples.step_ms, samples.value, to_ms(day), to_ms(day + timedelta(days=1)))
    hole = drawn.at_ms[np.isnan(drawn.value)]
    assert len(hole) == 1
    assert day.replace(hour=15) < datetime.fromtimestamp(float(hole[0]) / 1000, UTC) < day.replace(hour=20)


def test_the_fall_of_eth_is_the_one_that_the_condition_names() -> None:
    market = recorded_market().known_by(to_ms(NOW))
    last = [c for c in changes_by(NOW) if c.id == "eth_btc"][-1]
    fall = fall_of(eth_btc_samples(market), to_ms(NOW))
    assert fall is not None
    assert fall.low <= last.evidence["low"]
    assert fall.peak == pytest.approx(last.evidence["peak"])
    assert fall.low < fall.target < fall.peak


def test_the_flows_shown_are_the_final_ones_of_the_sessions_so_far() -> None:
    flows = flows_by_session(recorded_market(), "BTC", to_ms(NOW))
    newest = flows[max(flows)]
    assert newest.session == date(2025, 11, 4)
    assert newest.total_usd == pytest.approx(-566.4e6)
    assert newest.final_at is not None


def test_the_price_shown_is_the_venues_that_the_verdict_speaks_of() -> None:
    assert VENUES[0] == BINANCE_BTC


def test_the_history_of_the_weeks_is_drawn() -> None:
    market = recorded_market()
    until = datetime(2025, 11, 14, tzinfo=UTC)
    changes = changes_by(until)
    with_changes, without = (
        charts.draw_history(market, shown, until - timedelta(days=45), until, replace(ENGLISH, zones=()))
        for shown in (changes, ())
    )
    assert size_px(with_changes) == (1400, 800)
    assert with_changes != without
