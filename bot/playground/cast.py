"""The people and places that a newcomer finds in the playground."""

from dataclasses import dataclass

from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.people import People
from bot.playground.users import User

ALICE_ID = 1001
"""She runs the bot: in the playground she is its operator."""


@dataclass(frozen=True)
class Cast:
    """Who is who, for those who direct them."""

    alice: User
    xiaolin: User
    night_desk: Chat
    channel: Chat


def gather_cast(people: People) -> Cast:
    """Alice (English) and 小林 (Chinese), a group of both, and Alice's channel, with the bot in each.

    The bot hears that it was added, as it would at Telegram; nobody has spoken to it yet.
    """
    telegram = people.telegram
    alice = telegram.add_user(User(ALICE_ID, "Alice", "alice", "en"))
    xiaolin = telegram.add_user(User(1002, "小林", "xiaolin", "zh-hans"))
    night_desk = telegram.create_chat(ChatKind.SUPERGROUP, "Night desk", alice)
    people.join(xiaolin, night_desk)
    people.add_bot(night_desk, alice)
    channel = telegram.create_chat(ChatKind.CHANNEL, "Aftershock alerts", alice)
    people.join(xiaolin, channel)
    people.add_bot(channel, alice, Role.ADMINISTRATOR)
    return Cast(alice, xiaolin, night_desk, channel)
