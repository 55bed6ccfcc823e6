"""How long the stories of faults go on, and with which seed: seconds in `make test`, minutes in `make soak`.

SOAK_MINUTES: how long all of them together take. SOAK_SEED: what chance does; the same seed does it again.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

SEED = 20251103


@dataclass(frozen=True)
class Soak:
    """`minutes` is 0 in the short form."""

    minutes: float
    seed: int

    @property
    def is_long(self) -> bool:
        """Whether it is the long form."""
        return self.minutes > 0

    @property
    def patience_s(self) -> float:
        """How long one story may take: in the long form its last round may begin when the time is over."""
        return 1200 + 60 * self.minutes if self.is_long else 300

    def chance(self, story: str) -> Random:
        """What is left to chance in a story."""
        return Random(f"{self.seed} {story}")

    def tell(self, capsys: pytest.CaptureFixture[str], story: str, figures: str) -> None:
        """Say what a story counted, and how to have it told again."""
        with capsys.disabled():
            sys.stdout.write(f"\n{story} (SOAK_SEED={self.seed}): {figures}\n")

    def rounds(self, short: int, share: float) -> Iterator[int]:
        """Numbers of rounds: so many in the short form, else as many as fit into a share of the time."""
        begun, number = time.monotonic(), 0
        while number < short or (self.is_long and time.monotonic() - begun < 60 * share * self.minutes):
            yield number
            number += 1


def this_soak() -> Soak:
    """As the environment says."""
    return Soak(float(os.environ.get("SOAK_MINUTES", "0")), int(os.environ.get("SOAK_SEED", SEED)))
