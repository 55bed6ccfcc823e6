"""Boards, kept current in the sender's lane of edits. What it does next is decided anew from what is stored.

a look at the market -> words, once a language and zone -> decide, board by board -> one call -> noted
"""

import logging
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from bot.delivery.errors import Failure, Trouble
from bot.delivery.spare import Errand, Room
from bot.desk import Desk
from bot.upkeep.calls import Call, edit_text, pin, send_silently, unpin
from bot.upkeep.decide import Act, After, Chat, Decision, Why, after_failure, decide, needed
from bot.words.board import Board, read_board
from bot.words.pinned import as_of, pinned_buttons, pinned_text
from bot.words.texts import Html
from bot.words.wording import wording_for
from storage import boards, keepers, outbox, traffic
from storage.boards import BoardRow
from storage.chats import ChatRow, read_chat
from storage.held import Place
from storage.letters import Buttons
from storage.outbox import Delivery

_log = logging.getLogger(__name__)

_MOST_BEHIND = 25
"""So many boards whose chats have alerts waiting are looked at again each time."""
_OUR_FAULT = {Trouble.BAD_MARKUP, Trouble.TOO_LONG}


class Shown(NamedTuple):
    """What a board should show: its text with the moment below, its buttons, and the hash of what counts."""

    text: str
    buttons: Buttons
    text_hash: str


class Boards:
    """Gives the sender one errand after the other until every board shows what it should."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._board: Board | None = None
        self._shown: dict[tuple[str | None, ...], Shown] = {}
        self._busy: set[Place] = set()
        self._is_stale = True
        self._round: deque[Place] = deque()
        self._behind: deque[Place] = deque()
        self._again_at: datetime | None = None

    def look(self) -> None:
        """Something may have changed: the market, a chat's words, or which boards there are."""
        self._board = None
        self._shown.clear()
        self._is_stale = True

    def claim(self, now: datetime, room: Room) -> Errand | None:
        """The next thing that some board needs."""
        self._go_round(now)
        while self._round:
            place = self._round.popleft()
            found = self._look_at(place, now, room)
            if isinstance(found, Errand):
                return found
            if found.why is Why.OUTBOX_FIRST:
                self._behind.append(place)
            if found.again_at is not None:
                self._again_at = min(found.again_at, self._again_at or found.again_at)
        return None

    def next_due(self, now: datetime) -> datetime | None:
        """When some board may be touched again, as things stand."""
        return None if self._again_at is None else max(self._again_at, now + timedelta(seconds=1))

    def _go_round(self, now: datetime) -> None:
        """Which boards to look at: all that need something, or only those that were behind their outbox.

        The sender asks whenever a message has arrived, so the end of an outbox is not missed.
        """
        if self._is_stale or (self._again_at is not None and self._again_at <= now):
            self._is_stale, self._again_at = False, None
            self._behind.clear()
            self._round = deque(self._in_need(now))
        for _ in range(min(len(self._behind), _MOST_BEHIND)):
            self._round.append(self._behind.popleft())

    def _in_need(self, now: datetime) -> Iterator[Place]:
        for board, chat in boards.read_boards(self._desk.db):
            if needed(board, self._shown_in(chat, now).text_hash).act is not Act.NOTHING:
                yield board.chat_id, board.thread_id

    def _look_at(self, place: Place, now: datetime, room: Room) -> Errand | Decision:
        db = self._desk.db
        board, chat = boards.read_board(db, *place), read_chat(db, place[0])
        if board is None or chat is None or chat.state != "active" or place in self._busy:
            return Decision(Act.NOTHING, Why.UNCHANGED)
        shown = self._shown_in(chat, now)
        situation = Chat(chat.not_before, room(chat.id), traffic.has_open(db, chat.id))
        decision = decide(board, shown.text_hash, situation, now)
        if decision.act is Act.NOTHING:
            return decision
        if decision.act is Act.LEAVE:
            boards.leave(db, *place)
            return decision._replace(again_at=now)
        return self._errand(board, decision, shown)

    def _shown_in(self, chat: ChatRow, now: datetime) -> Shown:
        voice = chat.language, chat.app_language, chat.timezone
        if voice not in self._shown:
            self._board = self._board or read_board(self._desk)
            words = wording_for(chat, now)
            text = pinned_text(words, self._board, self._desk.rules.eth_btc)
            buttons = [[button._asdict() for button in row] for row in pinned_buttons(words)]
            digest = blake2b(text.encode(), digest_size=12).hexdigest()
            self._shown[voice] = Shown(Html(f"{text}\n{as_of(words)}"), buttons, digest)
        return self._shown[voice]

    def _errand(self, board: BoardRow, decision: Decision, shown: Shown) -> Errand:
        place = board.chat_id, board.thread_id
        self._busy.add(place)
        _log.debug("board of chat %d: %s, for it is %s", board.chat_id, decision.act, decision.why)

        def settle(outcome: int | Failure | None, now: datetime) -> None:
            self._settle(board, decision.act, shown, outcome, now)
            self._busy.discard(place)
            # What comes next, such as the pin after the message, is decided at once.
            self._round.append(place)
            if isinstance(outcome, Failure) and outcome.trouble is Trouble.CHAT_MIGRATED:
                self._is_stale = True

        return Errand(f"{decision.act} of a board", board.chat_id, _call(board, decision.act, shown), settle)

    def _settle(
        self, board: BoardRow, act: Act, shown: Shown, outcome: int | Failure | None, now: datetime
    ) -> None:
        db, chat_id, thread_id = self._desk.db, board.chat_id, board.thread_id
        after, again_at = (After.DONE, now)
        if isinstance(outcome, Failure):
            after, again_at = after_failure(act, outcome, now)
            if outcome.trouble in _OUR_FAULT:
                _log.error("Bug in the text of the board of chat %d: %s", chat_id, outcome.reason)
        match after:
            case After.DONE:
                self._note_done(board, act, shown, outcome, now)
            case After.LOST:
                boards.note_lost(db, chat_id, thread_id)
            case After.LEFT:
                boards.leave(db, chat_id, thread_id)
            case After.FORGET:
                boards.forget(db, chat_id, thread_id)
            case After.NO_PIN:
                boards.note_pin(db, chat_id, thread_id, "refused")
                self._tell_that_it_stays_unpinned(board, now)
            case After.WAIT:
                assert isinstance(outcome, Failure)
                boards.hold(db, chat_id, thread_id, again_at, outcome.reason)

    def _note_done(
        self, board: BoardRow, act: Act, shown: Shown, outcome: int | Failure | None, now: datetime
    ) -> None:
        place = self._desk.db, board.chat_id, board.thread_id
        match act:
            case Act.SEND:
                assert isinstance(outcome, int)
                boards.note_sent(*place, message_id=outcome, text_hash=shown.text_hash, at=now)
            case Act.EDIT:
                boards.note_edited(*place, text_hash=shown.text_hash, at=now)
            case Act.PIN:
                boards.note_pin(*place, "done")
            case _:
                boards.leave(*place)

    def _tell_that_it_stays_unpinned(self, board: BoardRow, now: datetime) -> None:
        """In the chat itself; of a channel those who set it up are told, and not all who read it."""
        db, chat = self._desk.db, read_chat(self._desk.db, board.chat_id)
        assert chat is not None
        is_channel = chat.kind == "channel"
        key = "board.not_pinned_there" if is_channel else "board.not_pinned"
        notices = [
            Delivery(
                chat_id=reader.id,
                thread_id=0 if is_channel else board.thread_id,
                kind="notice",
                text=wording_for(reader, now)(key, title=chat.title),
                silent=True,
                created_at=now,
            )
            for reader in (keepers.keepers_of(db, chat.id) if is_channel else [chat])
        ]
        outbox.enqueue(db, notices)


def _call(board: BoardRow, act: Act, shown: Shown) -> Call:
    if board.message_id is None:
        assert act is Act.SEND
        return send_silently(board.chat_id, board.thread_id, shown.text, shown.buttons)
    match act:
        case Act.EDIT:
            return edit_text(board.chat_id, board.message_id, shown.text, shown.buttons)
        case Act.PIN:
            return pin(board.chat_id, board.message_id)
        case _:
            return unpin(board.chat_id, board.message_id)
