"""OKX's ADL warnings: silence on a living connection is calm; what breaks it, and how it comes back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from signals.adl_states import Risk
from signals.feeds import okx_adl
from signals.feeds.failure import FailureKind, FeedError
from signals.feeds.okx_adl import OkxAdl
from tests.signals.feeds.moments import Clock, context
from tests.venues import Fault, Venues


@pytest.fixture
async def okx(clock: Clock, venues: Venues) -> AsyncIterator[OkxAdl]:
    okx = OkxAdl(context(clock, venues.base_urls(), timeout_s=0.5))
    yield okx
    await okx.close()


async def risks(okx: OkxAdl) -> dict[str, float]:
    return {state.series.subject: state.value for state in await okx.states()}


async def eventually(okx: OkxAdl, btc: Risk) -> dict[str, float]:
    """The states as soon as what was pushed has arrived."""
    while True:
        found = await risks(okx)
        if found["BTC"] == btc:
            return found
        await asyncio.sleep(0)


async def test_silence_while_the_connection_lives_is_calm(okx: OkxAdl, clock: Clock, venues: Venues):
    for _ in range(3):
        assert await risks(okx) == {"BTC": Risk.NONE, "ETH": Risk.NONE}
        clock.now += timedelta(minutes=5)
    assert len(venues["okx_stream"].requests) == 1


@pytest.mark.parametrize(("state", "risk"), [("warning", Risk.RAISED), ("adl", Risk.HIGH)])
async def test_an_event_is_over_a_minute_after_its_last_word(
    okx: OkxAdl, clock: Clock, venues: Venues, state: str, risk: Risk
):
    await risks(okx)
    await venues.adl.push("BTC-USDT", state)
    async with asyncio.timeout(5):
        assert await eventually(okx, risk) == {"BTC": risk, "ETH": Risk.NONE}
    clock.now += timedelta(seconds=59)
    assert (await risks(okx))["BTC"] == risk
    clock.now += timedelta(seconds=1)
    assert (await risks(okx))["BTC"] == Risk.NONE


async def test_the_worst_since_the_last_look_is_told_even_if_it_is_over(okx: OkxAdl, venues: Venues):
    await risks(okx)
    await venues.adl.push("BTC-USDT", "adl")
    await venues.adl.push("BTC-USDT", "normal")
    async with asyncio.timeout(5):
        await eventually(okx, Risk.HIGH)
        await eventually(okx, Risk.NONE)
    assert (await risks(okx))["BTC"] == Risk.NONE


async def test_a_state_that_is_not_known_is_not_guessed(okx: OkxAdl, venues: Venues):
    await risks(okx)
    await venues.adl.push("BTC-USDT", "panic")
    with pytest.raises(FeedError) as caught:
        async with asyncio.timeout(5):
            await eventually(okx, Risk.HIGH)
    assert caught.value.kind is FailureKind.MALFORMED


async def test_a_refused_subscription_is_permanent(okx: OkxAdl, venues: Venues):
    venues.adl.refuses = True
    with pytest.raises(FeedError) as caught:
        await okx.states()
    assert caught.value.kind is FailureKind.PERMANENT


async def test_a_broken_connection_is_told_and_opened_again_after_a_while(
    okx: OkxAdl, clock: Clock, venues: Venues
):
    await risks(okx)
    await venues.adl.push("BTC-USDT", "adl")
    async with asyncio.timeout(5):
        await eventually(okx, Risk.HIGH)
        await venues.adl.lines[0].close()
        with pytest.raises(FeedError) as caught:
            await eventually(okx, Risk.RAISED)
    assert caught.value.kind is FailureKind.TEMPORARY
    clock.now += timedelta(seconds=20)
    assert await risks(okx) == {"BTC": Risk.NONE, "ETH": Risk.NONE}
    assert len(venues["okx_stream"].requests) == 2


async def test_okx_is_pinged_when_it_is_silent_and_its_answer_keeps_the_line(
    okx: OkxAdl, venues: Venues, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(okx_adl, "_SILENT_FOR", 0.02)
    await risks(okx)
    for _ in range(4):
        await asyncio.wait_for(venues.adl.pinged.wait(), 5)
        venues.adl.pinged.clear()
    assert await risks(okx) == {"BTC": Risk.NONE, "ETH": Risk.NONE}
    assert len(venues["okx_stream"].requests) == 1


async def test_an_okx_that_does_not_answer_a_ping_is_gone(
    okx: OkxAdl, venues: Venues, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(okx_adl, "_SILENT_FOR", 0.02)
    venues.adl.is_deaf = True
    await risks(okx)
    with pytest.raises(FeedError, match="no answer to a ping"):
        async with asyncio.timeout(5):
            await eventually(okx, Risk.HIGH)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.GEO_BLOCKED, FailureKind.GEO_BLOCKED),
        (Fault.CHALLENGE, FailureKind.GEO_BLOCKED),
        (Fault.BROKEN, FailureKind.TEMPORARY),
        (Fault.HTML, FailureKind.TEMPORARY),
        (Fault.CLOSED, FailureKind.TEMPORARY),
        (Fault.SLOW, FailureKind.TEMPORARY),
    ],
)
async def test_a_connection_that_is_not_granted(okx: OkxAdl, venues: Venues, fault: Fault, kind: FailureKind):
    venues["okx_stream"].fault = fault
    with pytest.raises(FeedError) as caught:
        await okx.states()
    assert (caught.value.feed, caught.value.kind) == ("okx_stream", kind)
