"""People follow t.me links that start the bot: in private, in a group, in a channel."""

from bot.playground.chats import Chat, Role
from bot.playground.deeplinks import Kind, parse_link
from bot.playground.messages import Message
from bot.playground.people.crowd import DeedError, check_right
from bot.playground.people.talking import Talking
from bot.playground.rights import withheld
from bot.playground.users import User


class Links(Talking):
    """`chat` is the group or channel that the user picks when the app asks for one."""

    def follow(self, user: User, url: str, chat: Chat | None = None) -> Message | None:
        """`user` opens a link to the bot; the message that the app sends for them, if it sends one.

        Raises: DeedError, for what is no such link, or where a chat has to be picked first.
        """
        link = parse_link(url, self.telegram.bot.username)
        if link is None:
            raise DeedError(f"this is no link to @{self.telegram.bot.username}")
        if link.kind is Kind.START:
            return self.say(user, self.telegram.bot, f"/start {link.payload}".strip())
        if chat is None:
            raise DeedError("pick a chat for the bot first")
        _check_kind(link.kind, chat)
        as_administrator = link.rights is not None or chat.is_channel
        role = Role.ADMINISTRATOR if as_administrator else Role.MEMBER
        lacking = withheld(link.rights) if link.rights else frozenset()
        check_right(user, chat, "can_invite_users", "add bots")
        if as_administrator:
            check_right(user, chat, "can_promote_members", "appoint administrators")
        if not chat.role(self.telegram.bot).present or as_administrator:
            self.add_bot(chat, user, role, lacking)
        if link.kind is Kind.CHANNEL or not link.payload:
            return None
        return self.say(user, chat, f"/start@{self.telegram.bot.username} {link.payload}")


def _check_kind(kind: Kind, chat: Chat) -> None:
    if kind is Kind.GROUP and not chat.is_group:
        raise DeedError("this link is for a group")
    if kind is Kind.CHANNEL and not chat.is_channel:
        raise DeedError("this link is for a channel")
