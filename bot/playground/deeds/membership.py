"""Deeds about who is where: block, add and remove the bot, give parts away, make and change chats."""

from bot.playground.chats import Chat, ChatKind, Role
from bot.playground.deeds.stage import Stage, number
from bot.playground.json_types import Json
from bot.playground.people import DeedError
from bot.playground.rights import USUALLY_FORBIDDEN
from bot.playground.users import User

_MAX_TITLE_UNITS = 128


def block(stage: Stage, asked: Json) -> None:
    """This person wants to hear nothing more of the bot."""
    stage.people.block(stage.user(asked))


def unblock(stage: Stage, asked: Json) -> None:
    """The bot may write to this person again."""
    stage.people.unblock(stage.user(asked))


def add_bot(stage: Stage, asked: Json) -> None:
    """Bring the bot in, or make it an administrator."""
    chat = stage.administered(asked)
    role = Role.ADMINISTRATOR if chat.is_channel or asked.get("admin") else Role.MEMBER
    stage.people.add_bot(chat, stage.user(asked), role)


def remove_bot(stage: Stage, asked: Json) -> None:
    """Throw the bot out."""
    stage.people.remove_bot(stage.administered(asked), stage.user(asked))


def set_part(stage: Stage, asked: Json) -> None:
    """Give a member, or the bot, another part; in the name of the owner, so that each can be tried."""
    chat = stage.chat(asked)
    member = stage.people.telegram.users.get(number(asked, "member"))
    if chat.user is not None or member is None:
        raise DeedError("no such member")
    part = str(asked.get("part"))
    if part not in _PARTS:
        raise DeedError("no such part")
    _give(stage, chat, member, part)


def quieten(stage: Stage, asked: Json) -> None:
    """Let members write, or administrators only."""
    extra = {"can_send_messages", "can_send_photos", "can_send_documents"} if asked.get("quiet") else set()
    stage.people.forbid(stage.chat(asked), *USUALLY_FORBIDDEN, *extra)


def new_chat(stage: Stage, asked: Json) -> Json:
    """A small group with everybody in it, or a channel of one's own; the bot is not in it yet."""
    user, title = stage.user(asked), str(asked.get("title", "")).strip()
    if not 0 < len(title) <= _MAX_TITLE_UNITS:
        raise DeedError(f"a title has 1 to {_MAX_TITLE_UNITS} characters")
    kind = ChatKind.CHANNEL if asked.get("kind") == "channel" else ChatKind.GROUP
    telegram = stage.people.telegram
    chat = telegram.create_chat(kind, title, user)
    for other in telegram.users.values():
        if kind is ChatKind.GROUP and not other.is_bot and other is not user:
            stage.people.join(other, chat)
    return {"chat": chat.id}


def migrate(stage: Stage, asked: Json) -> Json:
    """A small group becomes a supergroup."""
    return {"chat": stage.people.migrate(stage.administered(asked)).id}


def discuss(stage: Stage, asked: Json) -> None:
    """Give a channel a group in which its posts are discussed, or none."""
    group = stage.chat(asked, "group") if asked.get("group") else None
    stage.people.link(stage.administered(asked), group)


def part_of(chat: Chat, user: User) -> str:
    """The part of `user` as the page calls it."""
    role = chat.role(user)
    if user.id in chat.anonymous and role is not Role.OWNER:
        return "anonymous"
    if role is Role.ADMINISTRATOR and not chat.is_channel and not chat.may(user, "can_pin_messages"):
        return "no-pin"
    return "left" if role is Role.KICKED else role.value


# What the page calls a part, and what stands behind it: the role, and the rights that are lacking.
_PARTS: dict[str, tuple[Role, tuple[str, ...]]] = {
    "creator": (Role.OWNER, ()),
    "member": (Role.MEMBER, ()),
    "administrator": (Role.ADMINISTRATOR, ()),
    "anonymous": (Role.ADMINISTRATOR, ()),
    "no-pin": (Role.ADMINISTRATOR, ("can_pin_messages",)),
    "restricted": (Role.RESTRICTED, ("can_send_messages", "can_send_photos", "can_send_documents")),
    "left": (Role.LEFT, ()),
}


def _give(stage: Stage, chat: Chat, member: User, part: str) -> None:
    people, owner = stage.people, stage.owner(chat)
    role, lacking = _PARTS[part]
    if member is owner:
        # An owner stays one, but may hide it.
        people.set_anonymous(owner, chat, is_anonymous=part == "anonymous")
    elif role is Role.LEFT:
        people.kick(member, chat, owner)
    elif role is Role.RESTRICTED:
        people.restrict(member, chat, owner, lacking)
    elif role is Role.ADMINISTRATOR:
        people.promote(member, chat, owner, lacking)
        if part == "anonymous":
            people.set_anonymous(member, chat, is_anonymous=True)
    else:
        people.demote(member, chat, owner)
