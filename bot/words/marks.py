"""The marks of the states: one a line and always the same. A word always stands beside them."""

from collections.abc import Mapping

from signals.conditions import Alarm, State, Verdict
from signals.episode import ShockState

WARNING = "⚠"

MARKS: Mapping[str, str] = {
    State.MET: "✓",
    State.HOLDING: "◔",
    State.UNMET: "✗",
    State.NO_DATA: "?",
    Verdict.FRAGILE: "🔴",
    Verdict.BROKEN: "🟢",
    Verdict.UNKNOWN: "⚪",
    Alarm.ON: WARNING,
    Alarm.OFF: "○",
    ShockState.OPEN: WARNING,
    ShockState.CALM: "○",
}
