"""What a board needs at a moment: a pure decision, so these tests have no Telegram and no clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.errors import Failure, Trouble
from bot.delivery.spare import RESERVE
from bot.upkeep.decide import Act, After, Chat, Decision, Why, after_failure, decide, needed, wait_anew
from storage.boards import BoardRow

NOW = datetime(2025, 11, 3, 20, 14, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

NEW = BoardRow(chat_id=-1)
KEPT = BoardRow(
    chat_id=-1, message_id=7, sent_in=0, pin="done", text_hash="a", sent_at=NOW - HOUR, edited_at=NOW - HOUR
)
FREE = Chat(not_before=None, room=20, has_open=False)
IN_30_S = NOW + 30 * SECOND

CASES = {
    "a new one is sent": (NEW, FREE, Act.SEND, Why.FIRST, None),
    "one that is sent is pinned": (replace(KEPT, pin="wanted"), FREE, Act.PIN, Why.UNPINNED_YET, None),
    "what could not be pinned is left so": (
        replace(KEPT, pin="refused"),
        FREE,
        Act.NOTHING,
        Why.UNCHANGED,
        None,
    ),
    "unchanged text is not sent": (KEPT, FREE, Act.NOTHING, Why.UNCHANGED, None),
    "changed text is": (replace(KEPT, text_hash="b"), FREE, Act.EDIT, Why.CHANGED, None),
    "at most once a minute": (
        replace(KEPT, text_hash="b", edited_at=NOW - 30 * SECOND),
        FREE,
        Act.NOTHING,
        Why.TOO_SOON,
        IN_30_S,
    ),
    "what is not known is looked at at once": (
        replace(KEPT, text_hash=None, edited_at=NOW),
        FREE,
        Act.EDIT,
        Why.UNCERTAIN,
        None,
    ),
    "a lost one is sent anew": (replace(KEPT, message_id=None, losses=1), FREE, Act.SEND, Why.LOST, None),
    "but not at once": (
        replace(KEPT, message_id=None, losses=1, sent_at=NOW - 30 * SECOND),
        FREE,
        Act.NOTHING,
        Why.TOO_SOON,
        IN_30_S,
    ),
    "what failed waits": (
        replace(KEPT, text_hash="b", not_before=IN_30_S),
        FREE,
        Act.NOTHING,
        Why.HELD,
        IN_30_S,
    ),
    "a chat that has to wait": (
        replace(KEPT, text_hash="b"),
        FREE._replace(not_before=IN_30_S),
        Act.NOTHING,
        Why.HELD,
        IN_30_S,
    ),
    "alerts go first": (
        replace(KEPT, text_hash="b"),
        FREE._replace(has_open=True),
        Act.NOTHING,
        Why.OUTBOX_FIRST,
        None,
    ),
    "the reserve is not touched": (
        replace(KEPT, text_hash="b"),
        FREE._replace(room=RESERVE),
        Act.NOTHING,
        Why.NO_ROOM,
        NOW + 5 * SECOND,
    ),
    "the last one above the reserve is": (
        replace(KEPT, text_hash="b"),
        FREE._replace(room=RESERVE + 1),
        Act.EDIT,
        Why.CHANGED,
        None,
    ),
    "an ended one is unpinned": (replace(KEPT, state="ending"), FREE, Act.UNPIN, Why.ENDED, None),
    "one that belongs elsewhere is unpinned": (replace(KEPT, sent_in=5), FREE, Act.UNPIN, Why.MOVED, None),
    "or left where it never was pinned": (
        replace(KEPT, state="ending", pin="refused"),
        FREE,
        Act.LEAVE,
        Why.ENDED,
        None,
    ),
}


@pytest.mark.parametrize(("board", "chat", "act", "why", "again_at"), CASES.values(), ids=CASES)
def test_what_a_board_needs(
    board: BoardRow, chat: Chat, act: Act, why: Why, again_at: datetime | None
) -> None:
    assert decide(board, "a", chat, NOW) == Decision(act, why, again_at)


moments = st.none() | st.integers(-7200, 7200).map(lambda seconds: NOW + seconds * SECOND)
rows = st.builds(
    BoardRow,
    chat_id=st.just(-1),
    state=st.sampled_from(["kept", "ending"]),
    message_id=st.none() | st.just(7),
    sent_in=st.sampled_from([0, 5]),
    pin=st.sampled_from(["wanted", "done", "refused"]),
    text_hash=st.none() | st.sampled_from(["a", "b"]),
    sent_at=moments,
    edited_at=moments,
    not_before=moments,
    losses=st.integers(0, 50),
)
situations = st.builds(Chat, moments, st.integers(0, 20), st.booleans())


@given(rows, situations)
def test_nothing_is_asked_of_telegram_that_alerts_could_need(board: BoardRow, chat: Chat) -> None:
    decision = decide(board, "a", chat, NOW)
    if decision.act not in {Act.NOTHING, Act.LEAVE}:
        assert not chat.has_open
        assert chat.room > RESERVE
        assert chat.not_before is None or chat.not_before <= NOW


@given(rows, situations)
def test_who_waits_knows_until_when_or_for_what(board: BoardRow, chat: Chat) -> None:
    decision = decide(board, "a", chat, NOW)
    if decision.act is Act.NOTHING and decision.why not in {Why.UNCHANGED, Why.OUTBOX_FIRST}:
        assert decision.again_at is not None
        assert decision.again_at > NOW
        if decision.why is not Why.NO_ROOM:
            later = decide(board, "a", chat._replace(room=20, has_open=False), NOW + 30 * 24 * HOUR)
            assert later == needed(board, "a")


def test_who_deletes_the_board_again_and_again_is_left_in_peace_ever_longer() -> None:
    waits = [wait_anew(losses) for losses in range(12)]
    assert waits[:4] == [MINUTE, MINUTE, 4 * MINUTE, 16 * MINUTE]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)


FAILURES = {
    "nothing to change": (Act.EDIT, Trouble.UNCHANGED, After.DONE, NOW),
    "deleted": (Act.EDIT, Trouble.MESSAGE_GONE, After.LOST, NOW),
    "deleted before it was pinned": (Act.PIN, Trouble.MESSAGE_GONE, After.LOST, NOW),
    "no right to pin": (Act.PIN, Trouble.NO_RIGHTS, After.NO_PIN, NOW),
    "no right to write": (Act.SEND, Trouble.NO_RIGHTS, After.WAIT, NOW + HOUR),
    "the topic is gone": (Act.SEND, Trouble.NO_THREAD, After.FORGET, NOW),
    "too fast": (Act.EDIT, Trouble.WAIT, After.WAIT, NOW),
    "blocked": (Act.EDIT, Trouble.CHAT_GONE, After.WAIT, NOW),
    "a restart at Telegram": (Act.EDIT, Trouble.TEMPORARY, After.WAIT, NOW + MINUTE),
    "no answer": (Act.SEND, Trouble.UNSURE, After.WAIT, NOW + MINUTE),
    "unpinned already": (Act.UNPIN, Trouble.MESSAGE_GONE, After.LEFT, NOW),
    "no right to unpin": (Act.UNPIN, Trouble.NO_RIGHTS, After.LEFT, NOW),
    "an end that does not reach Telegram": (Act.UNPIN, Trouble.TEMPORARY, After.WAIT, NOW + MINUTE),
}


@pytest.mark.parametrize(("act", "trouble", "after", "again_at"), FAILURES.values(), ids=FAILURES)
def test_what_a_failure_makes_of_a_board(
    act: Act, trouble: Trouble, after: After, again_at: datetime
) -> None:
    assert after_failure(act, Failure(trouble, "so it is"), NOW) == (after, again_at)


@pytest.mark.parametrize("act", [Act.SEND, Act.PIN, Act.EDIT, Act.UNPIN])
@pytest.mark.parametrize("trouble", list(Trouble))
def test_every_failure_means_something(act: Act, trouble: Trouble) -> None:
    after, again_at = after_failure(act, Failure(trouble, "so it is"), NOW)
    assert after in After
    assert again_at >= NOW
