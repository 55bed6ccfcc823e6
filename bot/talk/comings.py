"""Coming and going: the bot is added, removed, blocked, let back in, promoted or restricted.

added -> a welcome, once | away -> the chat is blocked | back -> one line, with what it had; paused if it was
other rights -> what waited for them is tried anew
"""

import logging
from datetime import timedelta
from enum import StrEnum

from telegram import Bot, ChatMember, ChatMemberAdministrator, ChatMemberRestricted, ChatMemberUpdated
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.commands.afar import at
from bot.commands.stop import resume_button
from bot.delivery.errors import classify
from bot.desk import Desk
from bot.talk.admission import Admissions, leave
from bot.talk.replies import Replies, Sender
from bot.talk.roles import Roles
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html
from bot.words.wording import Wording, wording_for
from storage import chats, keepers, returns
from storage.chats import ChatRow, is_group, read_chat
from storage.database import Database
from storage.outbox import Delivery, enqueue

_log = logging.getLogger(__name__)

_AWAY = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}
_AT_ONCE_ELSEWHERE = timedelta(seconds=10)
_AT_ONCE = 10
"""A link that adds the bot also says /start there, within so many updates; two greetings are one too many."""


class Move(StrEnum):
    """What a change of the bot's part in a chat comes to."""

    GONE = "gone"
    NEW = "new"
    BACK = "back"
    OTHER_RIGHTS = "other rights"


def move_of(row: ChatRow, *, was_there: bool, is_there: bool) -> Move:
    """What a change comes to, for a chat as it is known."""
    if not is_there:
        return Move.GONE
    if row.state == "blocked":
        return Move.BACK
    # A supergroup that was a group a moment ago is told of as if the bot had just come.
    return Move.OTHER_RIGHTS if was_there or row.welcomed_at is not None else Move.NEW


def is_there(member: ChatMember) -> bool:
    """Whether such a member is in the chat."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in _AWAY


def may_post(member: ChatMember, kind: str) -> bool:
    """Whether such a member may write in a chat of this kind."""
    if isinstance(member, ChatMemberRestricted):
        return member.can_send_messages
    if kind != ChatType.CHANNEL:
        return is_there(member)
    if isinstance(member, ChatMemberAdministrator):
        return bool(member.can_post_messages)
    return member.status == ChatMemberStatus.OWNER


class Comings:
    """What is done and said when the bot's part in a chat changes."""

    def __init__(
        self, desk: Desk, sender: Sender, replies: Replies, roles: Roles, admissions: Admissions
    ) -> None:
        self._desk = desk
        self._sender = sender
        self._replies = replies
        self._roles = roles
        self._admissions = admissions
        self._welcomed: dict[int, int | None] = {}

    async def hear(self, moved: ChatMemberUpdated, ask: Ask, update_id: int) -> None:
        """The bot's part in a chat has changed."""
        chat = ask.chat
        self._roles.forget(chat.id)
        was, now = moved.old_chat_member, moved.new_chat_member
        move = move_of(chat, was_there=is_there(was), is_there=is_there(now))
        if move is Move.GONE:
            since = returns.unheard_since(self._desk.db, chat.id, self._desk.now)
            chats.block(self._desk.db, chat.id, f"the bot's status is {now.status}", since)
            return
        if chat.kind != "private" and ask.asker is not None and not moved.from_user.is_bot:
            keepers.keep(self._desk.db, chat.id, ask.asker.id)
        if may_post(now, chat.kind) and returns.release(self._desk.db, chat.id):
            self._sender.wake()
        if move is Move.BACK:
            self.resume(chat)
            await self._say_that_it_stays_paused(moved.get_bot(), chat)
        if admission := self._admissions.awaits(chat):
            await self._wait_outside(moved.get_bot(), ask, refused=admission.state == "refused")
        elif move is Move.NEW:
            self._welcomed[moved.chat.id] = update_id
            can_post = may_post(now, chat.kind)
            await self._introduce(
                moved.get_bot(), chat, is_forum=bool(moved.chat.is_forum), can_post=can_post
            )

    async def decided(self, bot: Bot, chat: ChatRow) -> None:
        """An operator has decided whether the bot may be in a chat."""
        if self._admissions.awaits(chat) is not None:
            await leave(bot, chat.id)
        elif chat.state != "blocked":
            await self._introduce(bot, chat, is_forum=await _is_forum(bot, chat.id), can_post=True)

    def resume(self, chat: ChatRow) -> None:
        """A chat can be written to again: it goes on with what it had, and what it missed is one line."""
        db = self._desk.db
        with db.transaction():
            missed = returns.missed_alerts(db, chat.id, chat.blocked_at) if chat.blocked_at else 0
            returns.drop_queued(db, chat.id)
            chats.unblock(db, chat.id)
            if self._admissions.awaits(chat) is None:
                enqueue(db, [self._line(reader, chat, missed) for reader in self._readers(chat)])
        # Its board stood still meanwhile.
        self._desk.leave_work()
        self._sender.wake()

    async def _say_that_it_stays_paused(self, bot: Bot, chat: ChatRow) -> None:
        """A group that had said /stop reads that it holds, for nothing else would tell it so."""
        row = read_chat(self._desk.db, chat.id)
        if row is None or row.state != "paused" or not is_group(row) or self._admissions.awaits(row):
            return
        words = wording_for(row, self._desk.now)
        text = words("sentences.two", first=words("back.here"), second=words("back.still_paused"))
        await self._replies.tell(bot, row, Answer(text, resume_button(words)))

    def _readers(self, chat: ChatRow) -> list[ChatRow]:
        """Who hears that the bot is back: not a whole channel, nor a person who chose to hear nothing."""
        if chat.kind == "channel":
            return keepers.keepers_of(self._desk.db, chat.id)
        if _is_paused(self._desk.db, chat):
            return []
        if chat.kind == "private" and not returns.hears_anything(self._desk.db, chat.id):
            return []
        return [chat]

    def _line(self, reader: ChatRow, chat: ChatRow, missed: int) -> Delivery:
        words, now = wording_for(reader, self._desk.now), self._desk.now
        text = words("back.channel", title=chat.title) if reader is not chat else words("back.here")
        if _is_paused(self._desk.db, chat):
            meanwhile = words("back.channel_paused")
        else:
            meanwhile = words("back.missed", n=missed) if missed else words("back.nothing_missed")
        return Delivery(
            chat_id=reader.id,
            kind="back",
            text=words("sentences.two", first=text, second=meanwhile),
            silent=True,
            created_at=now,
        )

    async def _introduce(self, bot: Bot, chat: ChatRow, *, is_forum: bool, can_post: bool) -> None:
        """Say hello: in a group to all of it, in a channel only to those who added the bot."""
        if chat.kind == "channel":
            self._tell_keepers(chat, "channel.added" if can_post else "channel.added_mute")
        elif chat.kind != "private" and returns.claim_welcome(self._desk.db, chat.id, self._desk.now):
            # Read anew: the language of whoever added the bot was noted with this very update.
            words = wording_for(read_chat(self._desk.db, chat.id) or chat, self._desk.now)
            await self._replies.tell(bot, chat, welcome(words, is_forum=is_forum))

    def was_just_welcomed(self, chat_id: int, update_id: int) -> bool:
        """Whether a chat has been welcomed within the last few updates, perhaps by another process."""
        if chat_id in self._welcomed:
            welcomed, self._welcomed[chat_id] = self._welcomed[chat_id], None
            return welcomed is not None and update_id - welcomed <= _AT_ONCE
        chat, now = read_chat(self._desk.db, chat_id), self._desk.now
        at = chat.welcomed_at if chat else None
        return at is not None and timedelta(0) <= now - at < _AT_ONCE_ELSEWHERE

    def _tell_keepers(self, chat: ChatRow, key: str, *, can_set: bool = True) -> None:
        """Nobody can be written to who never wrote to the bot: they find the channel with /channel later."""
        for keeper in keepers.keepers_of(self._desk.db, chat.id):
            words = wording_for(keeper, self._desk.now)
            settings = Button(words.plain("button.of_chat"), at(chat.id, "channel"))
            letter = Delivery(
                chat_id=keeper.id,
                kind="channel",
                text=words(key, title=chat.title),
                buttons=[[settings._asdict()]] if can_set else [],
                created_at=self._desk.now,
            )
            enqueue(self._desk.db, [letter])
            self._sender.wake()

    async def _wait_outside(self, bot: Bot, ask: Ask, *, refused: bool) -> None:
        if refused:
            await leave(bot, ask.chat.id)
        elif (sentence := self._admissions.sentence(ask)) is None:
            return
        elif ask.chat.kind == "channel":
            self._tell_keepers(ask.chat, "admission.channel_waits", can_set=False)
        else:
            await self._replies.tell(bot, ask.chat, sentence)


def _is_paused(db: Database, chat: ChatRow) -> bool:
    row = read_chat(db, chat.id)
    return row is not None and row.state == "paused"


async def _is_forum(bot: Bot, chat_id: int) -> bool:
    try:
        return bool((await bot.get_chat(chat_id)).is_forum)
    except TelegramError as error:
        _log.info("Chat %d tells nothing of itself: %s", chat_id, classify(error).reason)
        return False


def welcome(words: Wording, *, is_forum: bool) -> Answer:
    """What a group reads first: what everybody can ask, and what administrators do first."""
    place = [words("group.forum")] if is_forum else []
    lines = (words("group.greeting"), words("group.everybody"), *place, words("group.administrators"))
    return Answer(Html("\n".join(lines)), _first_steps(words))


def _first_steps(words: Wording) -> Buttons:
    return (
        (Button(words.plain("button.status"), "status"),),
        (
            Button(words.plain("button.usual"), "subscribe:usual"),
            Button(words.plain("button.choose"), "subscribe"),
        ),
        (
            Button(words.plain("button.its_language"), "language"),
            Button(words.plain("button.its_timezone"), "timezone"),
        ),
    )
