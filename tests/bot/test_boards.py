"""Boards and alerts in one group under Telegram's limits; time passes only while nothing is under way."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.desk import Desk
from bot.playground.chats import Chat, ChatKind
from bot.playground.forum import make_forum, open_topic
from bot.playground.journal import CallRecord
from bot.playground.limits import Bucket
from bot.playground.refusals import RefusedError
from bot.settings import Settings
from bot.upkeep.alerts import TakenAlerts
from bot.upkeep.boards import Boards
from storage import acknowledgements, boards, outbox
from storage.acknowledgements import Taken
from storage.alerts import raise_alert
from tests.bot.desks import FRAGILE, HELD_SESSION, market_of_two_days
from tests.bot.post_office import START, PostOffice, minutes, open_post_office, seconds
from tests.playground.stage import picture

EDIT, SEND = "editMessageText", "sendMessage"


@pytest.fixture
async def office(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostOffice]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with open_post_office() as office:
        yield office


class Keeper(Boards):
    """Boards whose market can be told to have changed."""

    def __init__(self, office: PostOffice) -> None:
        settings = Settings(_env_file=None)  # type: ignore[call-arg]  # pydantic's own
        self.desk = Desk(office.db, settings, office.time, market_of_two_days(START), dict(FRAGILE))
        super().__init__(self.desk)
        office.spare = (TakenAlerts(self.desk), self)

    def changes(self, turn: int) -> None:
        """Something that every board shows is another."""
        verdict = FRAGILE["verdict"]
        self.desk.standings = {**FRAGILE, "verdict": verdict.__class__(verdict.state, since_ms=turn * 60_000)}
        self.look()


def calls(office: PostOffice, chat: Chat, *methods: str) -> list[CallRecord]:
    return [
        call for call in office.server.calls if call.method in methods and call.params["chat_id"] == chat.id
    ]


async def test_alerts_that_fill_a_groups_minute_are_never_late_for_its_board(office: PostOffice) -> None:
    keeper, group = Keeper(office), office.place(ChatKind.SUPERGROUP)
    office.limit(model=Bucket)
    boards.want(office.db, group.id, 0)
    await office.send_all()
    assert [call.method for call in calls(office, group, SEND, "pinChatMessage")] == [SEND, "pinChatMessage"]

    office.time.set(START + minutes(5))
    for turn in range(1, 8):
        keeper.changes(turn)
        office.queue(group, *(f"A-{turn}-{number}" for number in range(16)))
        began = office.time()
        await office.send_all()
        sent = [call.at for call in calls(office, group, SEND) if call.at >= began]
        # Sixteen messages at one a second and a little; a board's edit before them cost them one gap at most.
        assert len(sent) == 16
        assert sent[-1] - began < seconds(20)
        office.time.set(began + minutes(1.2))
    assert office.refusals() == []
    assert 1 <= len(calls(office, group, EDIT)) <= 8


async def test_a_board_waits_for_the_outbox_of_its_chat_and_leaves_the_reserve(office: PostOffice) -> None:
    keeper, group = Keeper(office), office.place(ChatKind.SUPERGROUP)
    boards.want(office.db, group.id, 0)
    await office.send_all()
    office.time.set(START + minutes(5))
    office.queue(group, *(f"A-{number}" for number in range(15)))
    keeper.changes(1)
    await office.send_all()
    *_, last_alert = calls(office, group, SEND)
    [edit] = calls(office, group, EDIT)
    # Fifteen of twenty are gone: the edit comes when the first ones no longer count.
    assert edit.at > last_alert.at
    assert edit.at >= START + minutes(5) + timedelta(seconds=60)


async def test_a_restart_does_not_forget_what_a_group_was_sent(office: PostOffice) -> None:
    keeper, group = Keeper(office), office.place(ChatKind.SUPERGROUP)
    office.limit()
    boards.want(office.db, group.id, 0)
    await office.send_all()
    office.time.set(START + minutes(5))
    office.queue(group, *(f"A-{number}" for number in range(17)))
    await office.send_all()
    keeper.changes(1)
    Keeper(office).changes(1)
    # Another sender, which knows only what is stored.
    await office.send_all()
    [edit] = calls(office, group, EDIT)
    assert edit.at >= START + minutes(5) + timedelta(seconds=60)
    assert office.refusals() == []


async def test_boards_change_once_a_minute_each_however_often_the_market_does(office: PostOffice) -> None:
    keeper, chats_ = Keeper(office), [office.private_chat(f"Reader {number}") for number in range(3)]
    for chat in chats_:
        boards.want(office.db, chat.id, 0)
    await office.send_all()
    for turn in range(1, 7):
        keeper.changes(turn)
        # Time goes on by itself to the moment at which the boards may be edited.
        await office.send_all()
    for chat in chats_:
        edits = [call.at for call in calls(office, chat, EDIT)]
        assert len(edits) == 6
        assert all(later - sooner >= minutes(1) for sooner, later in pairwise(edits))


async def test_a_crash_before_a_board_is_noted_makes_one_more_and_no_third(
    office: PostOffice,
) -> None:
    Keeper(office)
    group = office.place(ChatKind.SUPERGROUP)
    boards.want(office.db, group.id, 0)
    await office.send_all()
    # As after kill -9 before the answer was stored.
    office.db.execute("UPDATE boards SET message_id = NULL, sent_at = NULL")
    office.time.set(START + minutes(5))
    Keeper(office)
    await office.send_all()
    await office.send_all()
    first, second = (message for message in office.server.sent(group) if message.text)
    assert group.pinned == [first.id, second.id]
    row = boards.read_board(office.db, group.id, 0)
    assert row is not None
    assert (row.message_id, row.pin) == (second.id, "done")


async def test_a_board_that_moves_to_another_topic_is_unpinned_and_sent_there(office: PostOffice) -> None:
    keeper, group = Keeper(office), office.place(ChatKind.SUPERGROUP)
    make_forum(office.server.telegram, group)
    topic = open_topic(office.server.telegram, group, "Alerts", office.user("Owner"))
    boards.want(office.db, group.id, 0)
    await office.send_all()
    [old_id] = group.pinned
    office.db.execute("UPDATE boards SET thread_id = ?", (topic.id,))
    keeper.look()
    await office.send_all()
    [new_id] = group.pinned
    assert (new_id != old_id, group.messages[new_id].thread_id) == (True, topic.id)


async def test_a_group_without_the_right_to_write_is_asked_again_after_an_hour(office: PostOffice) -> None:
    Keeper(office)
    group = office.place(ChatKind.SUPERGROUP)
    refusal = RefusedError(400, "Bad Request: not enough rights to send text messages to the chat")
    office.server.faults.add(refusal, method=SEND)
    boards.want(office.db, group.id, 0)
    await office.send_all()
    refused, sent = calls(office, group, SEND)
    assert sent.at - refused.at == timedelta(hours=1)


async def test_an_alert_that_is_still_queued_is_answered_by_the_one_behind_it(office: PostOffice) -> None:
    ann = office.private_chat()
    on, off = (raise_alert(office.db, START, START, [HELD_SESSION]) for _ in range(2))
    office.queue(ann, "A-1", alert_id=on)
    office.queue(ann, "A-2 " + "x" * 5000, alert_id=off, answers_alert=on)
    await office.send_all()
    first, second, rest = office.server.sent(ann)
    assert (second.reply_to, rest.reply_to) == (first, None)


async def test_an_alert_whose_first_expired_comes_alone(office: PostOffice) -> None:
    ann = office.private_chat()
    on, off = (raise_alert(office.db, START, START, [HELD_SESSION]) for _ in range(2))
    office.queue(ann, "A-1", alert_id=on, expires_at=START)
    office.queue(ann, "A-2", alert_id=off, answers_alert=on)
    await office.send_all()
    [second] = office.server.sent(ann)
    assert second.reply_to is None


async def test_an_alert_with_a_picture_keeps_it_when_somebody_takes_it(office: PostOffice) -> None:
    Keeper(office)
    group = office.place(ChatKind.SUPERGROUP)

    async def draw(_: object) -> bytes:
        return picture(4, 4)

    office.draw = draw
    alert = raise_alert(office.db, START, START, [HELD_SESSION])
    office.queue(
        group,
        "<b>US premium</b> held",
        alert_id=alert,
        chart="premium",
        buttons=[[{"text": "Why", "data": "why:A-1"}, {"text": "I take it", "data": "ack:A-1"}]],
    )
    await office.send_all()
    acknowledgements.take(office.db, group.id, alert, Taken(1, "Ann", START))
    await office.send_all()
    [message] = office.server.sent(group)
    assert message.media
    assert message.text == "US premium held\n✋ Taken by \u2068Ann\u2069, 18:00 UTC"
    assert [button["text"] for button in message.buttons] == ["Why", "Give it back"]


async def test_an_alert_that_was_deleted_is_taken_all_the_same(office: PostOffice) -> None:
    Keeper(office)
    group = office.place(ChatKind.SUPERGROUP)
    alert = raise_alert(office.db, START, START, [HELD_SESSION])
    office.queue(group, "A-1", alert_id=alert)
    await office.send_all()
    [message] = office.server.sent(group)
    office.server.telegram.erase(group, message)
    acknowledgements.take(office.db, group.id, alert, Taken(1, "Ann", START))
    await office.send_all()
    assert acknowledgements.read_to_show(office.db) == []
    assert outbox.count_by_state(office.db) == {"sent": 1}


async def test_two_alerts_of_one_message_are_taken_each_for_itself(office: PostOffice) -> None:
    Keeper(office)
    group = office.place(ChatKind.SUPERGROUP)
    first, second = (raise_alert(office.db, START, START, [HELD_SESSION]) for _ in range(2))
    office.queue(
        group,
        "both",
        alert_id=first,
        more_alerts=(second,),
        buttons=[[{"text": "I take it", "data": f"ack:A-{first}"}]],
    )
    await office.send_all()
    acknowledgements.take(office.db, group.id, first, Taken(1, "Ann", START))
    acknowledgements.take(office.db, group.id, second, Taken(2, "Bob", START))
    await office.send_all()
    [message] = office.server.sent(group)
    assert message.text.split("\n") == [
        "both",
        f"✋ A-{first} taken by \u2068Ann\u2069, 18:00 UTC",
        f"✋ A-{second} taken by \u2068Bob\u2069, 18:00 UTC",
    ]
    assert [button["text"] for button in message.buttons] == ["Give it back"]
