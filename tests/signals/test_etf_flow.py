from datetime import UTC, date, datetime, timedelta

import pytest

from signals.conditions import Standing, State
from signals.etf_flow import EtfFlowCondition, judge_flows, read_etf_flow
from signals.facts import EtfFlow
from signals.moments import from_ms, to_ms
from signals.readings import Quality
from tests.signals.markets import flow, flows_of

WEEK = [date(2025, 11, day) for day in (17, 18, 19, 20, 21)]


def week_of(*totals):
    return [flow(day, total) for day, total in zip(WEEK, totals, strict=False)]


def turns(flows, until=datetime(2025, 11, 23, tzinfo=UTC)):
    changes, _ = EtfFlowCondition().judge(Standing(), flows_of(*flows), to_ms(until))
    return [(from_ms(c.at_ms).strftime("%d %H:%M"), c.to_state, c.reason) for c in changes]


@pytest.mark.parametrize(
    ("totals", "settled", "becomes"),
    [
        ((0, 0), State.NO_DATA, (State.MET, State.MET, "two_sessions_not_out")),
        ((5,), State.NO_DATA, (State.NO_DATA, State.NO_DATA, "flow_negative")),
        ((-5, 5), State.UNMET, (State.UNMET, State.HOLDING, "inflow_after_outflow")),
        ((-5, 0), State.UNMET, (State.UNMET, State.HOLDING, "inflow_after_outflow")),
        ((-5, 5), State.MET, (State.MET, State.MET, "flow_negative")),
        ((9, 9, -5), State.MET, (State.MET, State.MET, "flow_negative")),
        ((1, 1, -5), State.MET, (State.UNMET, State.UNMET, "outflow_resumed")),
        ((-9, 20, -5), State.UNMET, (State.UNMET, State.UNMET, "flow_negative")),
        ((-9, 9, 0), State.MET, (State.MET, State.MET, "two_sessions_not_out")),
        ((-5, -5), State.NO_DATA, (State.NO_DATA, State.NO_DATA, "flow_negative")),
    ],
)
def test_the_rule_over_the_last_sessions(totals, settled, becomes):
    assert judge_flows(week_of(*totals), settled) == becomes


def test_it_turns_when_the_number_is_final_not_when_the_session_closes():
    assert turns(week_of(-1, -1, -1, 5, 5)) == [
        ("20 13:30", "unmet", "outflow_resumed"),
        ("21 13:30", "holding", "inflow_after_outflow"),
        ("22 13:30", "met", "two_sessions_not_out"),
    ]


def test_a_preliminary_number_decides_nothing():
    preliminary = [EtfFlow("BTC", f.session, f.source, f.total_usd, f.known_at) for f in week_of(5, 5, 5)]
    assert turns(preliminary) == []


def test_sessions_with_one_missing_between_them_are_not_two_in_a_row():
    tuesday_is_missing = [f for f in week_of(5, 5, 5) if f.session != WEEK[1]]
    assert turns(tuesday_is_missing) == []


def test_a_revision_of_the_same_source_is_followed():
    flows = [*week_of(-1, -1, -1), flow(WEEK[2], 5, after=timedelta(days=2))]
    assert turns(flows, datetime(2025, 11, 22, tzinfo=UTC))[-1] == (
        "21 13:30",
        "holding",
        "inflow_after_outflow",
    )


def test_another_source_that_disagrees_later_turns_nothing():
    flows = [*week_of(5, 5), flow(WEEK[1], -900, source="other", after=timedelta(days=1, hours=1))]
    assert [state for _, state, _ in turns(flows, datetime(2025, 11, 20, tzinfo=UTC))] == ["met"]


def test_two_sessions_past_their_time_without_a_number_mean_no_data():
    assert turns(week_of(5, 5), datetime(2025, 11, 22, tzinfo=UTC))[-1] == ("21 20:00", "no_data", "stale")


def test_the_reading_tells_final_from_preliminary_and_counts_the_run():
    last = week_of(5, -1, -2)
    preliminary = EtfFlow("BTC", WEEK[3], "test", -3e6, datetime(2025, 11, 21, 1, tzinfo=UTC))
    reading = read_etf_flow(flows_of(*last, preliminary), "BTC", datetime(2025, 11, 21, 2, tzinfo=UTC))
    assert (reading.session, reading.total_usd, reading.final) == (WEEK[3], -3e6, False)
    assert (reading.streak, reading.streak_total_usd) == (3, -6e6)
    assert [row.final for row in reading.last] == [False, True, True, True]


def test_the_reading_is_stale_when_the_next_number_is_overdue():
    flows = flows_of(*week_of(5))
    assert read_etf_flow(flows, "BTC", datetime(2025, 11, 19, 19, tzinfo=UTC)).quality is Quality.OK
    assert read_etf_flow(flows, "BTC", datetime(2025, 11, 19, 20, tzinfo=UTC)).quality is Quality.STALE
    assert read_etf_flow(flows, "ETH", datetime(2025, 11, 19, 20, tzinfo=UTC)).quality is Quality.MISSING
