"""What a change of the bot's part in a chat means: one case a line."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telegram import ChatMember

from bot.talk.comings import Move, is_there, may_post, move_of
from storage.chats import ChatRow, ChatState

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
BOT = {"id": 7, "is_bot": True, "first_name": "Aftershock"}


def row(state: ChatState = "active", *, welcomed: bool = False) -> ChatRow:
    welcomed_at = NOON - timedelta(days=1) if welcomed else None
    return ChatRow(
        -5, "supergroup", "Desk", None, "UTC", state, None, None, NOON, None, welcomed_at=welcomed_at
    )


@pytest.mark.parametrize(
    ("chat", "was", "now", "move"),
    [
        (row(), False, True, Move.NEW),
        (row(welcomed=True), True, False, Move.GONE),
        (row("blocked", welcomed=True), False, True, Move.BACK),
        (row("blocked"), False, True, Move.BACK),
        (row("blocked"), True, True, Move.BACK),
        (row("blocked"), False, False, Move.GONE),
        (row(), True, True, Move.OTHER_RIGHTS),
        (row(welcomed=True), False, True, Move.OTHER_RIGHTS),
        (row("paused", welcomed=True), True, True, Move.OTHER_RIGHTS),
    ],
    ids=[
        "added",
        "removed",
        "added again",
        "added again, never welcomed",
        "promoted, and thought away",
        "left, then banned",
        "promoted",
        "a supergroup that was a group",
        "promoted while paused",
    ],
)
def test_a_change_comes_to(chat: ChatRow, was: bool, now: bool, move: Move) -> None:  # noqa: FBT001  a table
    assert move_of(chat, was_there=was, is_there=now) is move


RIGHTS = dict.fromkeys(
    [
        "can_be_edited",
        "is_anonymous",
        "can_manage_chat",
        "can_delete_messages",
        "can_manage_video_chats",
        "can_restrict_members",
        "can_promote_members",
        "can_change_info",
        "can_invite_users",
        "can_post_stories",
        "can_edit_stories",
        "can_delete_stories",
    ],
    False,
)
PERMISSIONS = dict.fromkeys(
    [
        "can_send_audios",
        "can_send_documents",
        "can_send_photos",
        "can_send_videos",
        "can_send_video_notes",
        "can_send_voice_notes",
        "can_send_polls",
        "can_send_other_messages",
        "can_add_web_page_previews",
        "can_change_info",
        "can_invite_users",
        "can_pin_messages",
        "can_manage_topics",
        "can_edit_tag",
        "can_react_to_messages",
    ],
    False,
)


def member(status: str, **more: Any) -> ChatMember:
    extra: dict[str, Any] = {}
    if status == "administrator":
        extra = RIGHTS
    elif status == "restricted":
        extra = {**PERMISSIONS, "until_date": 0, "is_member": True, "can_send_messages": True}
    elif status == "kicked":
        extra = {"until_date": 0}
    elif status == "creator":
        extra = {"is_anonymous": False}
    return ChatMember.de_json({"status": status, "user": BOT, **extra, **more}, None)


@pytest.mark.parametrize(
    ("bot", "there", "in_group", "in_channel"),
    [
        (member("member"), True, True, False),
        (member("administrator"), True, True, False),
        (member("administrator", can_post_messages=True), True, True, True),
        (member("creator"), True, True, True),
        (member("restricted"), True, True, True),
        (member("restricted", can_send_messages=False), True, False, False),
        (member("restricted", is_member=False), False, True, True),
        (member("left"), False, False, False),
        (member("kicked"), False, False, False),
    ],
    ids=[
        "a member",
        "an administrator",
        "one who posts",
        "the owner",
        "restricted, but may write",
        "restricted",
        "restricted and gone",
        "left",
        "kicked",
    ],
)
def test_where_the_bot_is_and_may_write(
    bot: ChatMember,
    there: bool,  # noqa: FBT001  a table
    in_group: bool,  # noqa: FBT001  a table
    in_channel: bool,  # noqa: FBT001  a table
) -> None:
    assert is_there(bot) is there
    assert may_post(bot, "supergroup") is in_group
    assert may_post(bot, "channel") is in_channel
