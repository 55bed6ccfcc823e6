"""Which episode warnings see, moment by moment."""

from dataclasses import replace

import pytest

from signals.conditions import Change, Kind, Standing
from signals.episode import Episode, ShockState, Trough
from signals.moments import HOUR_MS
from signals.warnings import Episodes

FIRST = Episode(
    opened_ms=10 * HOUR_MS,
    reference_ms=8 * HOUR_MS,
    btc_usd=110_000.0,
    eth_usd=4_000.0,
    low=Trough(104_000.0, 10 * HOUR_MS),
    volume_change=1.0,
    known=("price", "volume"),
    fell_ms=10 * HOUR_MS,
    told_low_usd=104_000.0,
    settled_low_usd=104_000.0,
    settled_ms=10 * HOUR_MS,
)
SECOND = replace(FIRST, opened_ms=50 * HOUR_MS, number=2)


def change(hour: float, state: ShockState, episode: Episode) -> Change:
    at_ms = int(hour * HOUR_MS)
    return Change(at_ms, Kind.SHOCK, "shock", "", state, "", episode.as_evidence())


OPENED, AFTERSHOCK = change(10, ShockState.OPEN, FIRST), change(50, ShockState.OPEN, SECOND)
CLOSED = change(90, ShockState.CALM, SECOND)
STANDS_OPEN = Standing(ShockState.OPEN, evidence=FIRST.as_evidence(), judged_ms=40 * HOUR_MS)


@pytest.mark.parametrize(
    ("standing", "changes", "hour", "opened_hour"),
    [
        (Standing(ShockState.CALM), [], 5, None),
        (Standing(ShockState.CALM), [OPENED], 9.9, None),
        (Standing(ShockState.CALM), [OPENED], 10, 10),
        (Standing(ShockState.CALM), [OPENED, AFTERSHOCK], 60, 50),
        (Standing(ShockState.CALM), [OPENED, AFTERSHOCK, CLOSED], 90, None),
        (STANDS_OPEN, [], 41, 10),
        (STANDS_OPEN, [], 39, 10),
        (replace(STANDS_OPEN, state=ShockState.CALM), [], 41, None),
        (Standing(ShockState.CALM, judged_ms=10 * HOUR_MS + 3), [OPENED], 10.5, 10),
    ],
    ids=[
        "calm",
        "before it opens",
        "as it opens",
        "an aftershock takes its place",
        "closed",
        "open since before",
        "and at any moment before",
        "a closed one leaves evidence behind",
        "a bar that came late opened it before what was judged",
    ],
)
def test_the_open_episode(standing, changes, hour, opened_hour):
    seen = Episodes.along(standing, changes).at(int(hour * HOUR_MS))
    assert (seen and seen.opened_ms / HOUR_MS) == opened_hour
