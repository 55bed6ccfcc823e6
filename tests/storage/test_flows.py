from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from signals.facts import EtfFlow
from storage.database import Database
from storage.flows import FlowObservation, read_flow_observations, read_flows, save_flow

SESSION = date(2025, 11, 4)
EVENING = datetime(2025, 11, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

FIRST = EtfFlow("BTC", SESSION, "farside", -577.7e6, EVENING, funds_usd={"IBIT": -356.6e6})


def seen_at(flow: EtfFlow, known_at: datetime) -> EtfFlow:
    return replace(flow, known_at=known_at)


def test_a_first_number_is_news(db: Database) -> None:
    assert save_flow(db, FIRST)
    assert read_flow_observations(db, "BTC", SESSION) == [FlowObservation(FIRST, EVENING)]


def test_the_same_number_again_only_says_that_it_still_stands(db: Database) -> None:
    save_flow(db, FIRST)
    assert not save_flow(db, seen_at(FIRST, EVENING + HOUR))
    assert read_flow_observations(db, "BTC", SESSION) == [FlowObservation(FIRST, EVENING + HOUR)]


def test_an_earlier_poll_does_not_turn_back_the_clock(db: Database) -> None:
    save_flow(db, FIRST)
    save_flow(db, seen_at(FIRST, EVENING + HOUR))
    save_flow(db, seen_at(FIRST, EVENING + HOUR / 2))
    assert read_flow_observations(db, "BTC", SESSION) == [FlowObservation(FIRST, EVENING + HOUR)]


def test_another_number_is_a_revision(db: Database) -> None:
    revised = replace(seen_at(FIRST, EVENING + HOUR), total_usd=-566.4e6)
    save_flow(db, FIRST)
    assert save_flow(db, revised)
    assert read_flows(db) == [FIRST, revised]


def test_a_number_that_comes_back_is_a_revision_too(db: Database) -> None:
    revised = replace(seen_at(FIRST, EVENING + HOUR), total_usd=-566.4e6)
    again = seen_at(FIRST, EVENING + 2 * HOUR)
    for flow in (FIRST, revised, again):
        assert save_flow(db, flow)
    assert read_flows(db) == [FIRST, revised, again]


def test_funds_that_report_later_do_not_seem_to_have_been_known_before(db: Database) -> None:
    partial = replace(FIRST, complete=False)
    whole = replace(seen_at(FIRST, EVENING + HOUR), funds_usd={"IBIT": -356.6e6, "BTCW": 0.0})
    save_flow(db, partial)
    assert save_flow(db, whole)
    assert read_flows(db) == [partial, whole]


def test_a_number_becomes_final_once(db: Database) -> None:
    final_at = EVENING + 2 * HOUR
    save_flow(db, FIRST)
    assert save_flow(db, replace(seen_at(FIRST, final_at), final_at=final_at))
    assert not save_flow(db, replace(seen_at(FIRST, final_at + HOUR), final_at=final_at + HOUR))
    assert not save_flow(db, seen_at(FIRST, final_at + 2 * HOUR))
    assert read_flow_observations(db, "BTC", SESSION) == [
        FlowObservation(replace(FIRST, final_at=final_at), final_at + 2 * HOUR)
    ]


def test_a_corrected_import_takes_the_place_of_the_first(db: Database) -> None:
    save_flow(db, FIRST)
    assert save_flow(db, replace(FIRST, total_usd=-566.4e6))
    assert read_flows(db) == [replace(FIRST, total_usd=-566.4e6)]


def test_history_may_come_after_the_present(db: Database) -> None:
    earlier = replace(seen_at(FIRST, EVENING - HOUR), total_usd=-100.0e6)
    save_flow(db, FIRST)
    assert save_flow(db, earlier)
    assert read_flows(db) == [earlier, FIRST]


def test_sources_do_not_revise_each_other(db: Database) -> None:
    elsewhere = replace(FIRST, source="sosovalue", total_usd=-578.0e6)
    save_flow(db, FIRST)
    assert save_flow(db, elsewhere)
    assert read_flows(db) == [FIRST, elsewhere]


def test_observations_are_of_one_asset_from_a_session_on(db: Database) -> None:
    for flow in (
        FIRST,
        replace(FIRST, asset="ETH"),
        replace(FIRST, session=date(2025, 11, 3)),
        replace(FIRST, session=date(2025, 11, 5)),
    ):
        save_flow(db, flow)
    found = read_flow_observations(db, "BTC", SESSION)
    assert [observation.flow.session for observation in found] == [SESSION, date(2025, 11, 5)]
