"""Levels out of a shock: near the article's on its day, and never moved by the very fall that breaks them."""

from dataclasses import replace

import pytest

from signals.episode import Episode, Trough
from signals.levels import Band, Levels, Origin
from signals.moments import DAY_MS, HOUR_MS, to_ms
from signals.shock_levels import levels_from_shock
from tests.signals.markets import START_MS
from tests.signals.test_shock import BROKEN, CRASH, LONG, judge, market

MIDNIGHT_MS = START_MS
EPISODE = Episode(
    opened_ms=MIDNIGHT_MS + HOUR_MS,
    reference_ms=MIDNIGHT_MS - HOUR_MS,
    btc_usd=110_750.0,
    eth_usd=3_913.74,
    low=Trough(105_306.56, MIDNIGHT_MS + HOUR_MS, 3_564.13),
    volume_change=1.03,
    known=("price", "volume"),
    fell_ms=MIDNIGHT_MS + HOUR_MS,
    told_low_usd=105_306.56,
    settled_low_usd=105_306.56,
    settled_ms=MIDNIGHT_MS + HOUR_MS,
)


def test_on_the_articles_day_they_are_the_articles():
    assert levels_from_shock(EPISODE) == Levels(
        Band(105_000.0, 107_000.0), 103_000.0, Band(109_000.0, 111_000.0)
    )


@pytest.mark.parametrize("scale", [1e-4, 0.037, 3.0, 1e3])
def test_they_go_with_the_price_whatever_its_size(scale: float):
    levels = levels_from_shock(replace(EPISODE, btc_usd=110_750 * scale, settled_low_usd=105_306.56 * scale))
    assert levels is not None
    found = (levels.break_usd, *levels.support, *levels.rally)
    wanted = [usd * scale for usd in (103_130, 105_306, 106_940, 109_117, 110_750)]
    assert found == pytest.approx(wanted, rel=0.005)


@pytest.mark.parametrize("low_usd", [110_700.0, 20_000.0])
def test_there_are_none_where_they_would_run_together_or_below_zero(low_usd: float):
    assert levels_from_shock(replace(EPISODE, settled_low_usd=low_usd)) is None


def test_on_the_first_day_they_go_down_with_the_low():
    deeper = EPISODE.deepened(Trough(103_000.0, MIDNIGHT_MS + 20 * HOUR_MS))
    assert deeper.settled_low_usd == 103_000.0


def test_later_a_new_low_moves_them_only_with_the_next_day_so_that_a_close_below_them_counts():
    second_day = EPISODE.at_bar(MIDNIGHT_MS + DAY_MS + HOUR_MS)
    deeper = second_day.deepened(Trough(98_944.0, MIDNIGHT_MS + DAY_MS + 17 * HOUR_MS))
    assert deeper.at_bar(MIDNIGHT_MS + 2 * DAY_MS).settled_low_usd == 105_306.56
    assert deeper.at_bar(MIDNIGHT_MS + 2 * DAY_MS + 1).settled_low_usd == 98_944.0


def test_a_shock_sets_levels_from_its_opening_on_and_takes_them_back_when_it_closes():
    facts = judge(market(LONG), BROKEN).levels
    assert [to_ms(fact.known_at) - START_MS for fact in facts] == [69 * HOUR_MS, 70 * HOUR_MS, 262 * HOUR_MS]
    assert [fact.levels and fact.levels.support.low_usd for fact in facts] == [95.0, 93.0, None]
    assert {fact.origin for fact in facts} == {Origin.SHOCK}


def test_where_it_is_judged_on_the_levels_that_were_set_before_are_told_again():
    first = judge(market(CRASH))
    later = judge(market([*CRASH, *[(94.0, 1.0)] * 40]), standing=first.standing)
    assert later.levels[0].levels == first.levels[-1].levels
    assert later.changes == ()


def test_the_episode_is_read_back_from_its_evidence_as_it_was():
    assert Episode.of(EPISODE.as_evidence()) == EPISODE
