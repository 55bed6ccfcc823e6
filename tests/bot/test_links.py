"""Deep links: payloads that lead to a command, and the many that lead nowhere and do no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.links import ALONE, WITH_A_WORD, Link, payload_of, private_link, read_payload
from bot.commands.subscribe import USUAL
from bot.commands.table import BY_NAME, Changes, answer
from bot.desk import Desk
from bot.playground.markup import parse_html
from storage import chats
from storage.alerts import raise_alert
from tests.bot.desks import FRAGILE, HELD_SESSION, NOW, ask_of, market_of_two_days, new_desk


@pytest.fixture
def desk():
    with new_desk(market_of_two_days()) as desk:
        desk.standings = FRAGILE
        raise_alert(desk.db, NOW, NOW, [HELD_SESSION])
        yield desk


async def started(desk: Desk, *payload: str, language: str = "en") -> str:
    found = await answer(ask_of(desk, *payload, language=language), "start")
    return parse_html(found.text).text


@pytest.mark.parametrize(
    ("payload", "link"),
    [
        ("status", Link("status")),
        ("status_btc", Link("status", ("btc",))),
        ("status_rally_zone", Link("status", ("rally_zone",))),
        ("why_A-12", Link("why", ("A-12",))),
        ("why_premium", Link("why", ("premium",))),
        ("chart_premium_7d", Link("chart", ("premium", "7d"))),
        ("chart_rally_zone_30d", Link("chart", ("rally_zone", "30d"))),
        ("chart_eth", Link("chart", ("eth",))),
        ("subscribe_premium", Link("subscribe", ("premium",))),
        ("subscribe_etf_flow", Link("subscribe", ("etf_flow",))),
        ("compare_2025-10-10", Link("compare", ("2025-10-10",))),
        ("help", Link("help")),
        ("help_chart", Link("help", ("chart",))),
    ],
)
def test_a_payload_names_a_command_and_is_made_from_it_again(payload: str, link: Link):
    assert read_payload(payload) == link
    assert payload_of(link.name, *link.args) == payload


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "_",
        "status_",
        "_status",
        "premium_7d",
        "mute_8h",
        "unsubscribe_all",
        "language_zh",
        "levels_clear",
        "start",
        "forget",
        "x" * 65,
        "<b>",
        "why premium",
        "premium\n",
        "\u202estatus",
        "溢价",
        "../../etc",
        "status;drop",
    ],
)
async def test_any_other_word_is_an_ordinary_beginning(desk: Desk, payload: str):
    assert read_payload(payload) is None
    assert (await started(desk, payload)).startswith("After a crash I watch")
    assert chats.read_subscriptions(desk.db, 1001) == {}


@pytest.mark.parametrize(
    "payload", ["status_doge", "why_xyz", "chart_premium_9d", "subscribe_doge", "help_doge"]
)
async def test_a_word_that_means_nothing_to_its_command_is_one_too(desk: Desk, payload: str):
    assert (await started(desk, payload)).startswith("After a crash I watch")


@given(st.text(max_size=80))
def test_no_payload_is_misread(payload: str):
    link = read_payload(payload)
    assert link is None or (
        link.name in (*ALONE, *WITH_A_WORD) and payload_of(*link[:1], *link.args) == payload
    )


async def test_what_links_lead_to(desk: Desk):
    assert (await started(desk)).startswith("After a crash I watch")
    assert (await started(desk, "status_btc")).startswith("BTC 106,928")
    assert (await started(desk, "why_A-1")).startswith("Alert A-1")
    assert (await started(desk, "help", language="zh")).startswith("命令：查询")


async def test_a_link_subscribes_and_says_so(desk: Desk):
    assert (await started(desk, "subscribe_premium")).startswith("Subscribed by the link: US premium.")
    assert chats.read_subscriptions(desk.db, 1001) == {"premium": "sound"}
    assert (await started(desk, "subscribe_usual", language="zh")).startswith("已通过链接订阅")
    assert chats.read_subscriptions(desk.db, 1001) == {**USUAL, "premium": "sound"}


async def test_a_link_leaves_a_chosen_silence(desk: Desk):
    await started(desk)
    chats.subscribe(desk.db, 1001, "premium", "silent")
    await started(desk, "subscribe_premium")
    assert chats.read_subscriptions(desk.db, 1001) == {"premium": "silent"}


async def test_a_link_that_names_no_topic_changes_nothing_and_begins(desk: Desk):
    for payload in ("subscribe_premium_7d", "subscribe_off", "subscribe_btc"):
        assert (await started(desk, payload)) == (await started(desk))
    assert chats.read_subscriptions(desk.db, 1001) == {}


def test_only_to_subscribe_changes_a_chat_and_needs_an_administrator_in_groups():
    start = BY_NAME["start"]
    assert start.changes is Changes.BY_LINK
    assert start.changes_settings(("subscribe_premium",))
    harmless = ["subscribe", "status", "why_premium", "help", "mute_8h", "", *ALONE]
    assert [payload for payload in harmless if start.changes_settings((payload,))] == []
    assert [name for name in ALONE if BY_NAME[name].changes is Changes.ALWAYS] == []


def test_every_link_leads_to_a_command_that_there_is():
    assert [name for name in (*ALONE, *WITH_A_WORD) if name not in {*BY_NAME, "compare"}] == []


def test_links_as_they_are_written_down():
    assert private_link("a_bot", "why", "A-12") == "https://t.me/a_bot?start=why_A-12"
    for impossible in (("mute", "8h"), ("status", "比特币"), ("why", "x" * 64), ("status", "a", "b")):
        with pytest.raises(ValueError, match="no link"):
            private_link("a_bot", *impossible)
