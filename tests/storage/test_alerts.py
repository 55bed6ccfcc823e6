from datetime import UTC, datetime, timedelta

import pytest

from signals.conditions import Change, Kind
from storage.alerts import (
    Alert,
    SavedChange,
    last_change,
    raise_alert,
    read_alert,
    read_changes,
    save_changes,
)
from storage.database import Database

AT = datetime(2025, 11, 28, 18, tzinfo=UTC)
RAISED = AT + timedelta(seconds=2)

MET = Change(1, Kind.CONDITION, "premium", "unmet", "met", "session_positive", {"share_positive": 0.93})
BROKEN = Change(
    1, Kind.VERDICT, "verdict", "fragile", "broken", "all_met", {"met": ["premium"], "btc_usd": None}
)
UNMET = Change(2, Kind.CONDITION, "premium", "met", "unmet", "session_negative", {})


def test_an_alert_keeps_its_changes_in_order(db: Database, other: Database) -> None:
    alert_id = raise_alert(db, AT, RAISED, [MET, BROKEN])
    assert read_alert(other, alert_id) == Alert(alert_id, AT, RAISED, (MET, BROKEN))


def test_an_unknown_alert_is_none(db: Database) -> None:
    assert read_alert(db, 1) is None


def test_alert_numbers_go_up_and_are_never_given_again(db: Database) -> None:
    first = raise_alert(db, AT, RAISED, [])
    second = raise_alert(db, AT, RAISED, [])
    db.execute("DELETE FROM alerts")
    assert (first, second, raise_alert(db, AT, RAISED, [])) == (1, 2, 3)


def test_an_alert_whose_changes_cannot_be_stored_is_not_raised(db: Database) -> None:
    broken = Change(1, Kind.VERDICT, "verdict", "fragile", "broken", "all_met", {"btc_usd": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        raise_alert(db, AT, RAISED, [MET, broken])
    assert read_alert(db, 1) is None
    assert read_changes(db, limit=9) == []


def test_changes_are_read_newest_first_a_page_at_a_time(db: Database) -> None:
    save_changes(db, [MET, BROKEN], raise_alert(db, AT, RAISED, []))
    save_changes(db, [UNMET])
    newest, *rest = read_changes(db, limit=2)
    assert newest == SavedChange(3, None, UNMET)
    assert rest == [SavedChange(2, 1, BROKEN)]
    assert read_changes(db, limit=2, before=2) == [SavedChange(1, 1, MET)]


def test_changes_can_be_read_of_one_kind(db: Database) -> None:
    save_changes(db, [MET, BROKEN, UNMET])
    assert [saved.change for saved in read_changes(db, limit=9, kind=Kind.VERDICT)] == [BROKEN]


def test_the_last_change_of_a_condition(db: Database) -> None:
    save_changes(db, [MET, UNMET, BROKEN])
    assert last_change(db, "premium") == SavedChange(2, None, UNMET)
    assert last_change(db, "etf_flow") is None
