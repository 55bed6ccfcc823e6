"""Inline mode: what is offered for what is typed, and stories over HTTP in both languages."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import HEARD
from bot.commands.inline import MOST, USUAL, lines_for, offered, title_of
from bot.commands.subjects import SUBJECTS
from bot.desk import Desk
from bot.playground.entities import utf16_units
from bot.playground.inline import Offer
from bot.playground.markup import parse_html
from bot.playground.users import User
from storage import chats
from storage.alerts import raise_alert
from tests.bot.answered import Stage, stage
from tests.bot.desks import FRAGILE, HELD_SESSION, NOW, ask_of, market_of_two_days, new_desk

__all__ = ["stage"]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        yield desk


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("", list(USUAL)),
        ("  ", list(USUAL)),
        ("premium", ["premium", "status"]),
        ("prem", ["premium", "status"]),
        ("溢价", ["premium", "status"]),
        ("eth", ["eth", "status:eth", "status"]),
        ("BTC", ["status:btc", "status"]),
        ("etf", ["etf", "status"]),
        ("爆仓", ["liquidations", "status"]),
        ("oi", ["leverage", "status"]),
        ("levls", ["levels", "status"]),
        ("shock", ["shock", "status"]),
        ("is it over?", ["status"]),
        ("how is funding", ["leverage", "status"]),
        ("compare 30d", ["compare:30d", "status"]),
        ("subscribe", ["status"]),
        ("mute", ["status"]),
        ("xyzzy", ["status"]),
        ("<b>", ["status"]),
    ],
)
def test_what_is_offered_for_what_is_typed(desk: Desk, query: str, lines: list[str]):
    found = lines_for(query, ask_of(desk))
    assert found == lines


async def test_each_result_has_a_title_one_line_and_the_whole_answer(desk: Desk):
    [premium, _] = await offered(ask_of(desk), "premium", "aftershock_bot")
    assert (premium.line, premium.title) == ("premium", "US premium")
    assert premium.description == "✗ US premium: not met · since 30 Oct 20:14 UTC (4 d)"
    shown = parse_html(premium.text)
    assert shown.text.endswith("\nOpen in the bot")
    assert shown.entities[-1]["url"] == "https://t.me/aftershock_bot?start=premium"


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_result_is_a_message_that_telegram_takes(desk: Desk, language: str):
    raise_alert(desk.db, NOW, NOW, [HELD_SESSION] * 60)
    words = [
        *(subject.name for subject in SUBJECTS),
        "",
        "why",
        "why A-1",
        "history",
        "compare 1d",
        "playbook",
        "about",
    ]
    for query in words:
        results = await offered(ask_of(desk, language=language), query, "aftershock_bot")
        assert 0 < len(results) <= MOST
        assert len({result.line for result in results}) == len(results)
        for result in results:
            assert 0 < utf16_units(parse_html(result.text).text) <= 4096
            assert 0 < len(result.line.encode()) <= 64
            assert result.title
            assert "\n" not in result.description
            assert 0 < utf16_units(result.description) <= 256


@pytest.mark.parametrize(
    ("line", "language", "title"),
    [
        ("status", "en", "Verdict and conditions"),
        ("status:btc", "zh", "BTC"),
        ("why:premium", "en", "Why: US premium"),
        ("why:A-1", "en", "Why"),
        ("depth", "zh", "盘口深度"),
        ("liquidations", "zh", "爆仓"),
    ],
)
def test_titles(desk: Desk, line: str, language: str, title: str):
    assert title_of(ask_of(desk, language=language).words, line) == title


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=st.text(max_size=256))
def test_whatever_is_typed_something_is_offered_and_nothing_that_changes_a_chat(desk: Desk, query: str):
    found = lines_for(query, ask_of(desk))
    assert 0 < len(found) <= MOST
    assert not {line.partition(":")[0] for line in found} & {
        "subscribe",
        "mute",
        "language",
        "start",
        "chart",
    }


# Stories


async def offer(stage: Stage, person: User, query: str) -> tuple[str, Offer]:
    query_id = stage.server.people.ask_inline(person, query, stage.cast.night_desk)
    return query_id, await stage.server.wait_for(lambda: stage.server.people.offer(query_id))


async def test_a_result_is_posted_by_whoever_chose_it_in_their_language(stage: Stage):
    query_id, found = await offer(stage, stage.cast.xiaolin, "溢价")
    assert [result["title"] for result in found.results] == ["美国溢价", "结论与三项条件"]
    posted = stage.server.people.choose_inline(
        stage.cast.xiaolin, query_id, found.results[0]["id"], stage.cast.night_desk
    )
    assert posted.text.startswith("✗ 美国溢价：未满足")
    query_id, found = await offer(stage, stage.cast.alice, "")
    assert found.results[0]["title"] == "Verdict and conditions"
    answered = await stage.server.wait_for_call("answerInlineQuery", number=2)
    assert (answered.params["cache_time"], answered.params["is_personal"]) == (10, True)
    assert found.button == {"text": "Ask me in private", "start_parameter": "help"}


async def test_the_language_that_somebody_chose_in_private_counts(stage: Stage):
    stage.say("/language zh")
    await stage.hears("中文")
    _, found = await offer(stage, stage.cast.alice, "etf")
    assert found.results[0]["title"] == "ETF 资金流"


async def test_who_only_asks_inline_is_not_stored(stage: Stage):
    await offer(stage, stage.cast.bob, "eth")
    assert chats.read_chat(stage.desk.db, stage.cast.bob.id) is None


async def test_a_bug_offers_nothing_and_is_logged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(_: Desk) -> None:
        raise RuntimeError("no readings today")

    monkeypatch.setattr(Desk, "premium", broken)
    _, found = await offer(stage, stage.cast.alice, "premium")
    assert found.results == []
    assert "no readings today" in caplog.text


def test_telegram_is_asked_for_inline_queries():
    assert "inline_query" in HEARD
