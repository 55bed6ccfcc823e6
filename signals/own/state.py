"""Where a rule stands: small enough to be kept with it, so that a restart goes on where it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Self


class Phase(StrEnum):
    """What a rule waits for."""

    NEW = "new"
    """Its first value: what is true already at that one does not fire."""
    ARMED = "armed"
    """To become true, for as long as it has to hold."""
    FIRED = "fired"
    """It fired, or was true when it was set: to leave the threshold by the margin, which arms it."""
    DONE = "done"
    """Nothing: it fired and does not repeat, or its life is over."""


@dataclass(frozen=True, slots=True)
class RuleState:
    """The phase; since when it has been true without a break, in ms UTC, while it holds.

    `at_extreme` goes with the terms: whether one about a new low or high is true. It is empty without any.
    """

    phase: Phase = Phase.NEW
    since_ms: int | None = None
    at_extreme: tuple[bool, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As JSON values: what `of` reads back."""
        extremes = {"at_extreme": list(self.at_extreme)} if self.at_extreme else {}
        return {"phase": str(self.phase), "since_ms": self.since_ms, **extremes}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """The state that was kept.

        Raises:
            ValueError: it names no phase.
        """
        return cls(Phase(kept["phase"]), kept.get("since_ms"), tuple(kept.get("at_extreme", ())))


class Firing(NamedTuple):
    """A rule became true: when, and the values of its terms in their order, in their readings' units."""

    rule_id: int
    at_ms: int
    values: tuple[float, ...]
