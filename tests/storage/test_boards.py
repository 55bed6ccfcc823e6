from datetime import UTC, datetime, timedelta

import pytest

from storage import boards, chats
from storage.boards import BoardRow
from storage.database import Database
from storage.moving import migrate_chat

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
GROUP, SUPERGROUP = -100, -1_000_000_000_100


@pytest.fixture
def group(db: Database) -> int:
    chats.ensure_chat(db, GROUP, "group", "Desk", NOON)
    return GROUP


def read(db: Database, chat_id: int, thread_id: int = 0) -> BoardRow:
    board = boards.read_board(db, chat_id, thread_id)
    assert board
    return board


def sent(db: Database, chat_id: int) -> BoardRow:
    boards.want(db, chat_id, 0)
    boards.note_sent(db, chat_id, 0, message_id=7, text_hash="a", at=NOON)
    boards.note_pin(db, chat_id, 0, "done")
    return read(db, chat_id)


def test_a_board_is_wanted_once_and_each_topic_has_its_own(db: Database, group: int) -> None:
    assert [boards.want(db, group, thread) for thread in (0, 0, 5)] == [True, False, True]
    assert [board.thread_id for board, _ in boards.read_boards(db)] == [0, 5]


def test_what_is_noted_is_read_by_another_process(db: Database, other: Database, group: int) -> None:
    sent(db, group)
    expected = BoardRow(
        chat_id=group, message_id=7, sent_in=0, pin="done", text_hash="a", sent_at=NOON, edited_at=NOON
    )
    assert read(other, group) == expected


def test_asked_for_again_it_is_looked_at_and_pinned_again(db: Database, group: int) -> None:
    sent(db, group)
    boards.note_lost(db, group, 0)
    boards.note_sent(db, group, 0, message_id=8, text_hash="a", at=NOON)
    assert read(db, group).losses == 1
    boards.hold(db, group, 0, NOON, "too fast")
    boards.want(db, group, 0)
    board = read(db, group)
    assert (board.message_id, board.pin, board.text_hash, board.losses) == (8, "wanted", None, 0)
    assert (board.not_before, board.edited_at) == (None, None)


def test_an_ended_board_is_forgotten_unless_it_was_wanted_again(db: Database, group: int) -> None:
    sent(db, group)
    assert boards.end(db, group, 0)
    boards.want(db, group, 0)
    boards.leave(db, group, 0)
    assert (read(db, group).state, read(db, group).message_id) == ("kept", None)
    boards.end(db, group, 0)
    boards.leave(db, group, 0)
    assert boards.read_board(db, group, 0) is None
    assert not boards.end(db, group, 0)


def test_only_chats_that_can_be_written_to_have_boards_to_keep(db: Database, group: int) -> None:
    sent(db, group)
    chats.block(db, group, "kicked")
    assert boards.read_boards(db) == []
    chats.unblock(db, group)
    assert len(boards.read_boards(db)) == 1


def test_a_group_that_moves_takes_its_board_along_but_not_its_message(db: Database, group: int) -> None:
    sent(db, group)
    migrate_chat(db, group, SUPERGROUP)
    board = read(db, SUPERGROUP)
    assert (board.message_id, board.sent_at) == (None, NOON)
    assert boards.read_board(db, GROUP, 0) is None


def test_the_board_that_was_touched_last_comes_last(db: Database, group: int) -> None:
    for thread in (1, 2):
        boards.want(db, group, thread)
        at = NOON + timedelta(minutes=9 - thread)
        boards.note_sent(db, group, thread, message_id=thread, text_hash="a", at=at)
    assert [board.thread_id for board, _ in boards.read_boards(db)] == [2, 1]
