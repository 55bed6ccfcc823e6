"""Which changes take back what was told before."""

import pytest

from signals.conditions import Change, Kind
from signals.turning import takes_back

CASES = {
    "a warning is over": (Kind.WARNING, "on", "off", True),
    "a warning has no data any more": (Kind.WARNING, "on", "no_data", True),
    "a warning is told as something worse": (Kind.WARNING, "on", "on", False),
    "a warning comes on again": (Kind.WARNING, "off", "on", False),
    "a shock is over": (Kind.SHOCK, "open", "calm", True),
    "a second shock": (Kind.SHOCK, "calm", "open", False),
    "a shock goes deeper": (Kind.SHOCK, "open", "open", False),
    "a session holds": (Kind.CONDITION, "unmet", "met", True),
    "progress contradicts what was told": (Kind.CONDITION, "unmet", "holding", True),
    "progress comes true": (Kind.CONDITION, "holding", "met", False),
    "progress ends": (Kind.CONDITION, "holding", "unmet", True),
    "a condition is lost": (Kind.CONDITION, "met", "unmet", True),
    "nobody can tell any more": (Kind.CONDITION, "met", "no_data", True),
    "sight is back": (Kind.CONDITION, "no_data", "met", True),
    "it is as it was told, after something that was not": (Kind.CONDITION, "met", "met", False),
    "the verdict is broken": (Kind.VERDICT, "fragile", "broken", True),
    "the verdict turns back": (Kind.VERDICT, "broken", "fragile", True),
    "the verdict is unknown": (Kind.VERDICT, "broken", "unknown", True),
}


@pytest.mark.parametrize(("kind", "told", "to_state", "expected"), CASES.values(), ids=CASES)
def test_what_a_change_takes_back(kind: Kind, told: str, to_state: str, *, expected: bool) -> None:
    change = Change(0, kind, "any", "whatever it was in between", to_state, "any", {})
    assert takes_back(change, told) is expected
