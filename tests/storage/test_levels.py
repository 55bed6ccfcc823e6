from datetime import UTC, datetime, timedelta

import pytest

from signals.levels import Band, Levels, LevelsSet, Origin, levels_in_force
from signals.moments import to_ms
from storage.database import Database
from storage.levels import read_levels
from storage.market import load_market, save_facts

ARTICLE = Levels(Band(105_000, 107_000), 103_000, Band(109_000, 111_000))
LOWER = Levels(Band(95_000, 97_000), 93_000, Band(99_000, 101_000))
AT = datetime(2025, 11, 3, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_levels_are_read_back_with_who_set_them_and_when(db: Database, other: Database) -> None:
    fact = LevelsSet(ARTICLE, AT, set_by=1001)
    assert save_facts(db, [fact]) == 1
    assert read_levels(other) == load_market(other).levels == (fact,)


def test_setting_levels_anew_keeps_the_old_ones_on_record(db: Database) -> None:
    facts = (LevelsSet(ARTICLE, AT, set_by=1001), LevelsSet(None, AT + HOUR, set_by=1002))
    save_facts(db, facts)
    assert save_facts(db, facts) == 0
    assert read_levels(db) == facts
    assert load_market(db, until=AT).levels == facts[:1]


@pytest.mark.parametrize(
    ("hours", "levels"),
    [(-1, None), (0, LOWER), (1, ARTICLE), (2, ARTICLE), (3, LOWER)],
    ids=["none yet", "a shock's", "the operator's", "the operator's before newer ones", "taken back"],
)
def test_the_operators_levels_go_before_those_of_a_shock(hours: int, levels: Levels | None) -> None:
    facts = (
        LevelsSet(LOWER, AT, Origin.SHOCK),
        LevelsSet(ARTICLE, AT + HOUR),
        LevelsSet(LOWER, AT + 2 * HOUR, Origin.SHOCK),
        LevelsSet(None, AT + 3 * HOUR),
    )
    found = levels_in_force(facts, to_ms(AT + hours * HOUR))
    assert (found and found.levels) == levels


@pytest.mark.parametrize(
    "levels",
    [
        ((107, 105), 103, (109, 111)),
        ((105, 107), 106, (109, 111)),
        ((105, 107), 103, (106, 111)),
        ((105, 107), 103, (111, 109)),
        ((105, 107), 0, (109, 111)),
    ],
)
def test_levels_that_do_not_rise_are_refused(levels) -> None:
    support, break_usd, rally = levels
    with pytest.raises(ValueError, match="have to rise"):
        Levels(Band(*support), break_usd, Band(*rally))
