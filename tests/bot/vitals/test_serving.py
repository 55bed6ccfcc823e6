"""/healthz and /metrics as a monitor sees them, on a real port."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.desk import Desk
from bot.health import Hearing, Sending
from bot.settings import SettingsError
from bot.vitals.serving import serving
from signals.disputes import series_of
from signals.engine import first_standings
from signals.gauges import Gauge
from signals.moments import to_ms
from signals.verdict import VERDICT
from storage import boards, inbox, outbox
from storage.chats import ensure_chat
from storage.database import StorageError
from storage.feed_runs import record_failure, record_job_missed, record_job_started, record_success
from storage.inbox import Received
from storage.outbox import Delivery
from tests.bot.desks import FRAGILE, NOW, market_of_two_days, new_desk
from tests.ports import free_port


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as desk:
        looked_ms = to_ms(NOW - timedelta(seconds=4))
        desk.standings = {**FRAGILE, VERDICT: replace(FRAGILE[VERDICT], judged_ms=looked_ms)}
        desk.health.started_at = NOW - timedelta(hours=1)
        desk.health.hearing = lambda: Hearing("polling", NOW - timedelta(seconds=20), None)
        yield desk


@asynccontextmanager
async def asked(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    async with (
        serving(desk, "127.0.0.1", port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        yield http


async def numbers(desk: Desk) -> dict[tuple[str, ...], float]:
    """Every sample of /metrics by its name and the values of its labels (sorted by their names)."""
    async with asked(desk) as http:
        answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_a_bot_that_is_well_says_so(desk: Desk) -> None:
    async with asked(desk) as http:
        answer = await http.get("/healthz")
        assert (await http.head("/healthz")).status_code == 200
        assert (await http.get("/")).status_code == 404
        assert (await http.post("/healthz")).status_code == 405
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "well",
        "at": "2025-11-03T20:14:00+00:00",
        "started_at": "2025-11-03T19:14:00+00:00",
        "watches": True,
        "verdict": "fragile",
        "readings": dict.fromkeys(("premium", "etf_flow", "eth_btc", "price_btc", "price_eth"), "missing"),
        "ailments": [],
    }


async def test_what_is_disputed_is_told_and_no_reason_to_start_anew(desk: Desk) -> None:
    dispute = Gauge(series_of("BTC"), NOW - timedelta(minutes=3), 1.0, NOW - timedelta(minutes=3))
    desk.market = market_of_two_days().add([dispute])
    async with asked(desk) as http:
        answer = await http.get("/healthz")
    assert answer.status_code == 200
    readings = answer.json()["readings"]
    assert {name for name, quality in readings.items() if quality == "disputed"} == {
        "premium",
        "eth_btc",
        "price_btc",
    }
    found = await numbers(desk)
    assert found["aftershock_quality", "disputed", "premium"] == 1
    assert found["aftershock_quality", "ok", "premium"] == 0


async def test_what_is_ailing_is_503_with_the_reason(desk: Desk) -> None:
    desk.health.hearing = lambda: Hearing("polling", NOW - timedelta(minutes=9), "timed out")
    async with asked(desk) as http:
        answer = await http.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["ailments"] == [
        {
            "part": "telegram",
            "reason": "polling has not heard from Telegram since 2025-11-03 20:05:00 UTC: timed out",
        }
    ]


async def test_a_database_that_does_not_answer_is_told_and_the_rest_as_well(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise StorageError("bot.db: the disk cannot be read or written")

    monkeypatch.setattr("bot.vitals.snapshot.read_feeds", broken)
    async with asked(desk) as http:
        answer = await http.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["ailments"][0]["part"] == "database"
    told = await numbers(desk)
    assert told["aftershock_ailing", "database"] == 1
    assert told["aftershock_state", "fragile", "verdict"] == 1


async def test_metrics_tell_what_is_stored(desk: Desk) -> None:
    db = desk.db
    record_success(db, "binance quotes", NOW - timedelta(seconds=7))
    record_failure(db, "kraken quotes", NOW, "HTTP 500")
    record_job_started(db, "quotes", NOW, timedelta(seconds=1.5))
    record_job_missed(db, "quotes", 2)
    inbox.receive(db, [Received(1, "{}"), Received(2, "{}"), Received(3, "{}")], NOW)
    inbox.set_aside(db, 2, "unreadable")
    ensure_chat(db, 7, "private", "Ann", NOW)
    boards.want(db, 7, 0)
    waits = [
        Delivery(chat_id=7, kind=kind, text="x", created_at=NOW - timedelta(seconds=age))
        for kind, age in (("alert", 90), ("alert", 60), ("brief", 30), ("alert", 10))
    ]
    outbox.enqueue(db, waits)
    [first] = outbox.claim(db, NOW, 1)
    outbox.mark_sent(db, first.id, 1, NOW)
    told = await numbers(desk)
    expected = {
        ("aftershock_feed_age_seconds", "binance quotes"): 7.0,
        ("aftershock_feed_failures_in_a_row", "kraken quotes"): 1.0,
        ("aftershock_job_late_seconds", "quotes"): 1.5,
        ("aftershock_job_runs_total", "quotes", "missed"): 2.0,
        ("aftershock_job_runs_total", "quotes", "started"): 1.0,
        ("aftershock_outbox_waiting", "alert"): 2.0,
        ("aftershock_outbox_age_seconds", "alert"): 60.0,
        ("aftershock_outbox_waiting", "brief"): 1.0,
        ("aftershock_inbox", "waiting"): 2.0,
        ("aftershock_inbox", "set_aside"): 1.0,
        ("aftershock_chats", "private", "active"): 1.0,
        ("aftershock_kept", "boards"): 1.0,
        ("aftershock_kept", "held_alerts"): 0.0,
        ("aftershock_kept", "own_alerts"): 0.0,
    }
    assert {name: told.get(name) for name in expected} == expected
    # What never answered well has no age.
    assert ("aftershock_feed_age_seconds", "kraken quotes") not in told


async def test_metrics_tell_what_is_in_memory(desk: Desk) -> None:
    sends = {("alert", "sent"): 12, ("alert", "limited"): 1}
    desk.health.sending = lambda: Sending(3, NOW - timedelta(seconds=2), None, 4, sends)  # type: ignore[arg-type]
    told = await numbers(desk)
    expected = {
        ("aftershock_healthy",): 1.0,
        ("aftershock_ailing", "watch"): 0.0,
        ("aftershock_watch_age_seconds",): 4.0,
        ("aftershock_telegram_heard_age_seconds", "polling"): 20.0,
        ("aftershock_in_flight",): 3.0,
        ("aftershock_send_slowness",): 4.0,
        ("aftershock_last_sent_age_seconds",): 2.0,
        ("aftershock_sends_total", "alert", "sent"): 12.0,
        ("aftershock_sends_total", "alert", "limited"): 1.0,
    }
    assert {name: told.get(name) for name in expected} == expected
    assert told["process_resident_memory_bytes",] > 1e6


async def test_everything_that_stands_somewhere_is_in_exactly_one_of_its_states(desk: Desk) -> None:
    told = await numbers(desk)
    states = {name[1:]: value for name, value in told.items() if name[0] == "aftershock_state"}
    for subject in first_standings():
        assert [state for (state, of), value in states.items() if of == subject and value] == [
            desk.standings[subject].state
        ]
    assert states["holding", "eth_btc"] == 1
    assert states["broken", "verdict"] == 0


async def test_a_port_that_is_taken_is_a_sentence_that_names_the_setting(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match=r"AFTERSHOCK_METRICS_PORT: .* cannot be listened on"):
            async with serving(desk, "127.0.0.1", taken.getsockname()[1]):
                pass
