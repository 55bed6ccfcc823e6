"""The benchmarks of sending themselves work: every peer delivers, and what goes wrong is counted."""

import pytest

from tests.bench import alertmanager, killed, latency, reply
from tests.bench.bulk import TEXT, Outcome, measure, outcome_of, peers
from tests.bench.local_telegram import Call, LocalTelegram
from tests.bench.timing import p99

needs_alertmanager = pytest.mark.skipif(not alertmanager.is_there(), reason="Alertmanager is not installed")


@pytest.mark.parametrize("peer", peers(), ids=lambda peer: peer.name)
async def test_every_peer_reaches_all_chats(peer):
    if peer.lacking:
        pytest.skip(peer.lacking)
    outcome = await measure(peer.client, 20, 0.0)
    assert (outcome.missing, outcome.repeated) == (0, 0)
    assert outcome.ideal_s == pytest.approx(20 / 30)
    assert outcome.took_s < 20


def telegram_that_saw(*calls: Call, readers: int) -> LocalTelegram:
    telegram = LocalTelegram(None, {"token": "", "base_url": ""}, readers)
    for call in calls:
        telegram.take(call)
    return telegram


def call(at_s: float, chat_id: int, status: int = 200, text: str = TEXT) -> Call:
    return Call(at_s, chat_id, status, text)


def test_what_was_refused_is_missing_or_repeated_is_counted():
    telegram = telegram_that_saw(
        call(1.0, 3000, status=429),
        call(1.5, 3001),
        call(2.0, 3000),
        call(4.0, 3001),
        call(9.0, 3002, status=429),
        readers=3,
    )
    assert outcome_of(telegram, 2.0) == Outcome(3.0, 2.0, refused=2, missing=1, repeated=1)


def test_a_question_is_matched_with_its_own_answer():
    telegram = telegram_that_saw(
        call(1.0, 3001),
        call(2.0, 3001, text="fragile"),
        call(5.0, 3001, text="fragile"),
        readers=3,
    )
    telegram.said = [(1.5, 3001), (4.0, 3001), (6.0, 3001), (6.5, 3002)]
    assert reply.waits(telegram) == [0.5, 1.0, None, None]


async def test_a_program_that_is_killed_and_started_again_loses_nothing():
    toll = await killed.toll(killed.our_round, readers=6, rounds=1)
    assert toll.lost == 0
    # Within so short a time no more can be under way.
    assert toll.repeated <= 1


@needs_alertmanager
async def test_alertmanager_is_asked_the_same():
    took_ms = await latency.posted(1)
    assert len(took_ms) == 1


def test_one_in_a_hundred_is_above():
    assert p99([*range(101)]) == 99
