"""Standing by: what is said and how often it is looked, with the decisions given."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.lead import candidate
from bot.lead.candidate import LOOKS_EVERY
from bot.lead.decision import Act, Decision

LOOKS_EVERY_S = LOOKS_EVERY.total_seconds()


def silent(seconds: float) -> Decision:
    return Decision(Act.END_THE_OLD, f"worker-a holds the lock and has said nothing for {seconds} s")


async def test_an_old_leader_that_cannot_be_ended_is_looked_at_like_any_other_and_told_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its connection may be gone, and the lock be held by somebody who copies the database."""
    caplog.set_level("INFO")
    leads, takes_over = Decision(Act.STAND_BY, "worker-a leads"), Decision(Act.LEAD, "nobody holds the lock")
    decisions = [leads, leads, silent(4.6), silent(4.7), silent(5.2), leads, silent(4.6), takes_over]
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(candidate, "_look", lambda *_: decisions.pop(0))
    monkeypatch.setattr(candidate, "asyncio", SimpleNamespace(sleep=sleep))
    await candidate._stand_by(cast("Any", None), "worker-b")
    assert pauses == [LOOKS_EVERY_S, LOOKS_EVERY_S, 0, LOOKS_EVERY_S, LOOKS_EVERY_S, LOOKS_EVERY_S, 0]
    end = "end the connection of the old leader: worker-a holds the lock and has said nothing for 4.6 s"
    assert caplog.messages == ["stand by: worker-a leads", end] * 2
