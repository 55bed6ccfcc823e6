"""The people and places that a newcomer finds in the playground."""

from dataclasses import dataclass

from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.people import People
from bot.playground.topics import Topic
from bot.playground.users import User

ALICE_ID = 1001
"""She runs the bot: in the playground she is its operator."""


@dataclass(frozen=True)
class Cast:
    """Who is who, for those who direct them."""

    alice: User
    xiaolin: User
    bob: User
    night_desk: Chat
    channel: Chat
    trading_floor: Chat
    alerts: Topic
    chatter: Topic


def gather_cast(people: People) -> Cast:
    """Alice and Bob (English), 小林 (Chinese), their two groups, and Alice's channel, with the bot in each.

    Night desk is a plain supergroup, Trading floor a forum with topics. The bot hears that it was
    added, as it would at Telegram; nobody has spoken to it yet.
    """
    telegram = people.telegram
    alice = telegram.add_user(User(ALICE_ID, "Alice", "alice", "en"))
    xiaolin = telegram.add_user(User(1002, "小林", "xiaolin", "zh-hans"))
    bob = telegram.add_user(User(1003, "Bob", "bob", "en"))
    night_desk = telegram.create_chat(ChatKind.SUPERGROUP, "Night desk", alice)
    for person in (xiaolin, bob):
        people.join(person, night_desk)
    people.add_bot(night_desk, alice)
    channel = telegram.create_chat(ChatKind.CHANNEL, "Aftershock alerts", alice)
    people.join(xiaolin, channel)
    people.add_bot(channel, alice, Role.ADMINISTRATOR)
    floor = people.make_forum(telegram.create_chat(ChatKind.SUPERGROUP, "Trading floor", alice))
    for person in (xiaolin, bob):
        people.join(person, floor)
    alerts, chatter = (people.create_topic(alice, floor, name) for name in ("Alerts", "Chat"))
    people.add_bot(floor, alice)
    return Cast(alice, xiaolin, bob, night_desk, channel, floor, alerts, chatter)
