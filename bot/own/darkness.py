"""Darkness: since when nothing is known of a reading that rules are about."""

from collections.abc import Mapping
from math import isnan

from signals.own.live import Tick
from signals.own.rule import Ref
from signals.own.values import Values


class Darkness:
    """Follows readings through what becomes known of them."""

    def __init__(self) -> None:
        self._since_ms: dict[Ref, int] = {}

    def begin(self, past: Mapping[Ref, Values], since_ms: int) -> None:
        """Where readings stand that a rule brings along, by what became known of them from a moment on."""
        for ref, values in past.items():
            if not len(values):
                self._since_ms.setdefault(ref, since_ms)
            elif isnan(values.value[-1]):
                self._since_ms[ref] = int(values.known_ms[-1])
            else:
                self._since_ms.pop(ref, None)

    def note(self, tick: Tick) -> None:
        """A reading has a value from a moment on, or none."""
        if isnan(tick.value):
            self._since_ms.setdefault(tick.ref, tick.at_ms)
        else:
            self._since_ms.pop(tick.ref, None)

    def since(self, by_ms: int) -> dict[Ref, int]:
        """The readings of which nothing is known since a moment or longer, and since when."""
        return {ref: since_ms for ref, since_ms in self._since_ms.items() if since_ms <= by_ms}
