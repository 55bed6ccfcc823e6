"""What a chat is told, what is held back from it, and the one message in which it comes afterwards."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.telling.briefs import make_due_briefs
from bot.words.subjects import SHORT
from signals.conditions import Kind
from storage import briefs, chats, outbox
from storage.held import count_held
from storage.retention import Retention, prune
from storage.sent_alerts import message_of_alert
from tests.bot.hearers import ANN, EVENING, HOUR, KINDS, MINUTE, Stage

NIGHT = (time(23), time(7))
HUGE = {"session": "2025-11-28", "venues": ["<b>&"] * 300, "source": "<b>" * 200, "zone_low_usd": 1e15}
TOPIC = 17
GROUP = -100


@pytest.fixture
def stage():
    stage = Stage()
    stage.chat(ANN, *KINDS)
    yield stage
    stage.db.close()


def test_alerts_of_one_look_are_one_message_with_the_most_urgent_first_and_every_number(stage: Stage):
    first, second, third = stage.look(
        stage.change("support", "off", "on"),
        stage.change("premium", "unmet", "holding"),
        [stage.change("etf_flow", "holding", "met"), stage.change("verdict", "fragile", "broken")],
    )
    [message] = stage.sent()
    assert message.alerts == (first, second, third)
    assert message.text.startswith("🟢 ")
    assert [f"A-{number}" in message.text for number in (first, second, third)] == [True] * 3
    assert (
        message.text.index(f"A-{third}")
        < message.text.index(f"A-{second}")
        < message.text.index(f"A-{first}")
    )


def test_the_message_of_each_alert_in_it_is_known(stage: Stage):
    numbers = stage.look(stage.change("support", "off", "on"), stage.change("premium", "unmet", "met"))
    [delivery] = outbox.claim(stage.db, stage.now, 9)
    outbox.mark_sent(stage.db, delivery.id, 55, stage.now)
    assert [message_of_alert(stage.db, ANN, number) for number in numbers] == [55, 55]
    assert message_of_alert(stage.db, ANN, 99) is None


def test_of_a_subject_that_changed_twice_in_one_look_only_the_last_is_told(stage: Stage):
    first, second = stage.look(
        stage.change("premium", "unmet", "holding"), stage.change("premium", "holding", "met")
    )
    [message] = stage.sent()
    assert message.alerts == (second,)
    assert stage.outcomes() == [(first, "superseded")]


def test_what_went_to_and_fro_within_one_look_is_not_told_but_recorded(stage: Stage):
    numbers = stage.look(stage.change("support", "off", "on"), stage.change("support", "on", "off"))
    assert stage.sent() == []
    assert stage.outcomes() == [(number, "flapped") for number in numbers]


def test_many_alerts_at_once_still_fit_into_one_message(stage: Stage):
    words = "🩸&lt;b&gt;" * 60
    stage.compose = lambda _chat, news: (f"<b>{words}</b>\n{words * 5}\nA-{news.alert_id} · 3 Nov", ())
    stage.look(*(stage.change(subject, "off", "on") for subject in KINDS))
    [message] = stage.sent()
    assert len(message.alerts) == len(KINDS)
    assert len(message.text.encode("utf-16-le")) // 2 <= 4096
    assert all(f"A-{number} " in message.text for number in message.alerts)


def test_a_topic_of_a_forum_is_told_and_held_for_itself(stage: Stage):
    stage.chat(GROUP, "support", thread_id=TOPIC)
    stage.chat(GROUP, "premium")
    stage.look(stage.change("support", "off", "on"), stage.change("premium", "unmet", "met"))
    assert [(each.thread_id, each.alerts) for each in stage.sent(GROUP)] == [(0, (2,)), (TOPIC, (1,))]


def test_the_second_change_within_the_cooldown_waits_and_what_it_came_to_is_told(stage: Stage):
    stage.turns("premium", "unmet", "holding")
    stage.passes(10 * MINUTE)
    held = [stage.turns("premium", "holding", "unmet"), stage.turns("premium", "unmet", "met")]
    stage.passes(19 * MINUTE)
    assert len(stage.sent()) == 1
    stage.passes(MINUTE)
    [_, late] = stage.sent()
    assert (late.kind, late.alerts, late.at) == ("alert", tuple(held), EVENING + 30 * MINUTE)
    assert late.text.startswith("✓ US premium")
    assert stage.outcomes() == [(number, "told") for number in held]
    assert stage.woken == 1


def test_what_is_back_where_the_chat_was_told_last_when_the_cooldown_ends_is_not_told(stage: Stage):
    stage.turns("support", "off", "on")
    stage.passes(5 * MINUTE)
    held = [stage.turns("support", "on", "off"), stage.turns("support", "off", "on")]
    stage.passes(HOUR)
    assert len(stage.sent()) == 1
    assert stage.outcomes() == [(number, "flapped") for number in held]


def test_a_flap_rings_once_however_long_it_goes_on(stage: Stage):
    for _ in range(20):
        stage.turns("support", "off", "on")
        stage.passes(2 * MINUTE)
        stage.turns("support", "on", "off")
        stage.passes(MINUTE)
    stage.passes(HOUR)
    loud = [each for each in stage.sent() if not each.silent]
    assert len(loud) == 1
    assert stage.sent()[-1].text.startswith("○ BTC above the support zone")


def test_the_verdict_and_what_gets_worse_wait_for_no_cooldown_and_outdo_what_is_held(stage: Stage):
    stage.turns("verdict", "fragile", "broken")
    held = stage.turns("verdict", "broken", "unknown")
    stage.turns("verdict", "unknown", "broken")
    assert len(stage.sent()) == 1
    stage.turns("verdict", "broken", "fragile")
    assert [each.text[0] for each in stage.sent()] == ["🟢", "🔴"]
    stage.turns("support", "off", "on")
    stage.turns("support", "on", "on")
    stage.passes(HOUR)
    assert len(stage.sent()) == 4
    assert stage.outcomes() == [(held, "superseded"), (held + 1, "superseded")]


def test_what_is_held_of_another_subject_is_not_outdone_by_an_alert_that_breaks_through(stage: Stage):
    stage.chooses(lambda db: chats.set_verdict_always(db, ANN, True))
    stage.chooses(lambda db: chats.mute(db, ANN, EVENING + HOUR))
    stage.look([stage.change("etf_flow", "unmet", "holding"), stage.change("premium", "unmet", "no_data")])
    stage.look([stage.change("etf_flow", "holding", "unmet"), stage.change("verdict", "fragile", "unknown")])
    stage.passes(HOUR)
    _, digest = stage.sent()
    assert "US premium" in digest.text
    assert "ETF flows" not in digest.text


def test_quiet_hours_hold_everything_and_end_with_one_message(stage: Stage):
    stage.chooses(lambda db: chats.set_quiet_hours(db, ANN, NIGHT))
    stage.passes(3 * HOUR)
    numbers = [
        stage.turns("support", "off", "on"),
        stage.turns("premium", "unmet", "met"),
        stage.turns("thin_book", "off", "on"),
        stage.turns("thin_book", "on", "off"),
    ]
    stage.passes(8 * HOUR - MINUTE)
    assert stage.sent() == []
    stage.passes(MINUTE)
    [digest] = stage.sent()
    title, *lines = digest.text.splitlines()
    assert (digest.kind, digest.silent, set(digest.alerts)) == ("digest", False, set(numbers))
    assert title == "Missed in quiet hours: 4 alerts · now 🔴 fragile"
    assert [line[0] for line in lines[:3]] == ["✓", "⚠", "○"]
    assert lines[2].endswith("as before · A-3, A-4")
    stage.passes(24 * HOUR)
    assert len(stage.sent()) == 1


def test_a_night_in_which_nothing_was_missed_brings_no_message(stage: Stage):
    stage.chooses(lambda db: chats.set_quiet_hours(db, ANN, NIGHT))
    stage.passes(24 * HOUR)
    assert stage.sent() == []


def test_a_digest_of_what_only_ended_or_is_heard_silently_makes_no_sound(stage: Stage):
    stage.chat(ANN, "premium", mode="silent")
    stage.chooses(lambda db: chats.mute(db, ANN, EVENING + HOUR))
    stage.turns("support", "on", "off")
    stage.turns("premium", "unmet", "met")
    stage.passes(HOUR)
    [digest] = stage.sent()
    assert digest.silent
    assert digest.text.startswith("Missed while muted: 2 alerts")


def test_unmuting_early_tells_at_once_unless_quiet_hours_go_on(stage: Stage):
    stage.chooses(lambda db: chats.mute(db, ANN, EVENING + 9 * HOUR))
    stage.turns("support", "off", "on")
    stage.chooses(lambda db: chats.mute(db, ANN, None))
    assert [each.kind for each in stage.sent()] == ["digest"]
    stage.chooses(lambda db: chats.mute(db, ANN, EVENING + 9 * HOUR))
    stage.chooses(lambda db: chats.set_quiet_hours(db, ANN, (time(20), time(22))))
    stage.turns("premium", "unmet", "met")
    stage.chooses(lambda db: chats.mute(db, ANN, None))
    assert len(stage.sent()) == 1
    stage.chooses(lambda db: chats.set_quiet_hours(db, ANN, None))
    assert len(stage.sent()) == 2
    assert count_held(stage.db, ANN) == 0


def test_another_time_zone_ends_the_night_where_it_is_day_there(stage: Stage):
    stage.chooses(lambda db: chats.set_quiet_hours(db, ANN, NIGHT))
    stage.passes(4 * HOUR)
    stage.turns("support", "off", "on")
    stage.chooses(lambda db: chats.set_timezone(db, ANN, "Asia/Shanghai"))
    assert len(stage.sent()) == 1


def test_the_verdict_may_break_through(stage: Stage):
    stage.chooses(lambda db: chats.set_verdict_always(db, ANN, True))
    stage.chooses(lambda db: chats.mute(db, ANN, EVENING + HOUR))
    stage.turns("premium", "unmet", "holding")
    stage.look([stage.change("premium", "holding", "met"), stage.change("verdict", "fragile", "broken")])
    assert [each.kind for each in stage.sent()] == ["alert"]
    stage.passes(2 * HOUR)
    # The alert that broke through told all there was to tell.
    assert len(stage.sent()) == 1
    assert stage.outcomes() == [(1, "superseded")]


def test_the_cap_says_once_that_it_is_reached_and_the_rest_comes_the_next_day(stage: Stage):
    stage.chooses(lambda db: chats.set_daily_cap(db, ANN, 2))
    stage.turns("support", "off", "on")
    stage.turns("premium", "unmet", "met")
    held = [stage.turns("thin_book", "off", "on"), stage.turns("verdict", "fragile", "broken")]
    assert [("daily cap of 2 alerts" in each.text) for each in stage.sent()] == [False, True]
    stage.passes(4 * HOUR - MINUTE)
    assert len(stage.sent()) == 2
    stage.passes(MINUTE)
    *_, digest = stage.sent()
    assert (digest.kind, set(digest.alerts)) == ("digest", set(held))
    assert digest.text.startswith("Held back by the daily cap: 2 alerts · now 🟢 broken")
    stage.turns("etf_flow", "unmet", "met")
    assert len(stage.sent()) == 4


def test_a_higher_cap_tells_at_once_and_the_settings_cap_holds_for_whoever_chose_none():
    stage = Stage(options={"daily_cap": 1})
    stage.chat(ANN, *KINDS)
    stage.turns("support", "off", "on")
    stage.turns("premium", "unmet", "met")
    assert len(stage.sent()) == 1
    stage.chooses(lambda db: chats.set_daily_cap(db, ANN, 0))
    assert [each.kind for each in stage.sent()] == ["alert", "digest"]
    stage.db.close()


def test_who_unsubscribed_meanwhile_is_not_told(stage: Stage):
    stage.chooses(lambda db: chats.mute(db, ANN, EVENING + HOUR))
    stage.turns("support", "off", "on")
    chats.unsubscribe(stage.db, ANN, "support")
    stage.passes(2 * HOUR)
    assert stage.sent() == []
    assert stage.outcomes() == [(1, "not_subscribed")]


def test_a_chat_that_is_blocked_hears_the_digest_when_it_is_back(stage: Stage):
    stage.chooses(lambda db: chats.mute(db, ANN, EVENING + HOUR))
    stage.turns("support", "off", "on")
    chats.block(stage.db, ANN, "gone")
    stage.passes(2 * HOUR)
    assert stage.sent() == []
    chats.unblock(stage.db, ANN)
    stage.passes(MINUTE)
    assert len(stage.sent()) == 1


def test_one_chat_without_words_keeps_no_other_from_its_digest(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    stage.chat(8, "support")
    for chat_id in (ANN, 8):
        chats.mute(stage.db, chat_id, EVENING + HOUR)
    stage.turns("support", "off", "on")
    with monkeypatch.context() as patch:
        patch.setattr(
            "bot.telling.digests.digest_text", lambda words, *_: (_ for _ in ()).throw(KeyError(words))
        )
        stage.passes(HOUR)
    assert "cannot be told; it is tried again" in caplog.text
    stage.passes(HOUR)
    assert [len(stage.sent(chat_id)) for chat_id in (ANN, 8)] == [1, 1]


def test_what_was_held_is_forgotten_with_what_was_sent(stage: Stage):
    stage.chooses(lambda db: chats.mute(db, ANN, EVENING + 60 * 24 * HOUR))
    stage.turns("support", "off", "on")
    keep = timedelta(days=30)
    prune(stage.db, Retention(keep, keep, keep, keep, keep), EVENING + 40 * 24 * HOUR)
    assert count_held(stage.db, ANN) == 1
    stage.now = EVENING + 40 * 24 * HOUR
    stage.chooses(lambda db: chats.mute(db, ANN, None))
    outbox.expire(stage.db, EVENING + 100 * 24 * HOUR)
    prune(stage.db, Retention(keep, keep, keep, keep, keep), EVENING + 100 * 24 * HOUR)
    assert [stage.db.rows(f"SELECT count(*) FROM {table}") for table in ("held", "told", "alerts")] == [
        [(0,)]
    ] * 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_digest_of_everything_there_is_fits_into_one_message(stage: Stage, language: str):
    chats.set_language(stage.db, ANN, language)
    stage.chat(ANN, *SHORT)
    stage.chooses(lambda db: chats.mute(db, ANN, EVENING + 24 * HOUR))
    for _ in range(times := 12):
        for subject in SHORT:
            told = stage.change("support", "off", "on")
            stage.look(replace(told, id=subject, kind=KINDS.get(subject, Kind.WARNING), evidence=HUGE))
    stage.passes(24 * HOUR, step=HOUR)
    [digest] = stage.sent()
    assert len(digest.alerts) == times * len(SHORT) > 99
    assert len(digest.text.encode("utf-16-le")) // 2 <= 4096
    assert digest.text.count("A-") == 4 * len(SHORT)


async def test_a_brief_in_quiet_hours_and_one_that_is_to_be_silent_make_no_sound(stage: Stage):
    stage.chat(8)
    stage.chat(9)
    for chat_id, silent in ((ANN, False), (8, False), (9, True)):
        briefs.choose(stage.db, chat_id, time(20), silent=silent)
    chats.set_quiet_hours(stage.db, ANN, (time(19), time(21)))
    await make_due_briefs(stage.desk, lambda: None)
    assert [[each.silent for each in stage.sent(chat_id)] for chat_id in (ANN, 8, 9)] == [
        [True],
        [False],
        [True],
    ]
