from signals.conditions import Standing, State
from storage.database import Database
from storage.standings import read_standings, save_standings

HOLDING = Standing(
    state=State.HOLDING,
    settled=State.UNMET,
    since_ms=1_762_160_400_000,
    reason="inflow_after_outflow",
    evidence={"session": "2025-11-06", "total_usd": 239.9e6, "previous": [["2025-11-05", -137.0e6]]},
    judged_ms=1_762_538_400_000,
    seen_ms=1_762_522_200_000,
)


def test_nothing_stands_at_first(db: Database) -> None:
    assert read_standings(db) == {}


def test_a_restart_finds_what_was_saved(db: Database, other: Database) -> None:
    standings = {"etf_flow": HOLDING, "premium": Standing()}
    save_standings(db, standings)
    assert read_standings(other) == standings


def test_a_newer_standing_takes_the_place_of_its_own_only(db: Database) -> None:
    save_standings(db, {"etf_flow": HOLDING, "premium": Standing()})
    save_standings(db, {"premium": HOLDING})
    assert read_standings(db) == {"etf_flow": HOLDING, "premium": HOLDING}


def test_the_verdicts_state_is_read_back_as_it_was(db: Database) -> None:
    save_standings(db, {"verdict": Standing(state="fragile", reason="conditions_unmet")})
    assert read_standings(db)["verdict"].state == "fragile"
