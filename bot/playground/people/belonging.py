"""People come and go, get other parts in a chat, and bring the bot along or throw it out."""

from collections.abc import Iterable

from bot.playground.chats import Chat, Role
from bot.playground.members import member_json
from bot.playground.people.crowd import Crowd, DeedError
from bot.playground.users import User


class Belonging(Crowd):
    """Who plays which part where."""

    def add_bot(self, chat: Chat, by: User, role: Role = Role.MEMBER, lacking: Iterable[str] = ()) -> None:
        """`by` brings the bot into a group or channel, or gives it another part there.

        `lacking` are rights that it is not given, such as `can_pin_messages`.
        """
        self._set_role(chat, self.telegram.bot, role, by, lacking)

    def restrict_bot(self, chat: Chat, by: User, lacking: Iterable[str] = ("can_send_messages",)) -> None:
        """The bot stays, but may not do what is named here."""
        self.restrict(self.telegram.bot, chat, by, lacking)

    def remove_bot(self, chat: Chat, by: User) -> None:
        """The bot is thrown out; of what follows in the chat it hears nothing."""
        self.kick(self.telegram.bot, chat, by)

    def join(self, user: User, chat: Chat, role: Role = Role.MEMBER) -> None:
        """`user` comes into a group or channel, or gets another part there."""
        self._set_role(chat, user, role, user)

    def leave(self, user: User, chat: Chat) -> None:
        """`user` goes away."""
        self.telegram.change_role(chat, user, Role.LEFT, user)
        if chat.is_group:
            self._note(chat, user, {"left_chat_member": user.as_json()})

    def promote(self, user: User, chat: Chat, by: User, lacking: Iterable[str] = ()) -> None:
        """`user` becomes an administrator, without the rights in `lacking`."""
        _check_not_owner(user, chat)
        self._set_role(chat, user, Role.ADMINISTRATOR, by, lacking)

    def demote(self, user: User, chat: Chat, by: User) -> None:
        """`user` is a plain member again."""
        _check_not_owner(user, chat)
        self._set_role(chat, user, Role.MEMBER, by)

    def restrict(self, user: User, chat: Chat, by: User, lacking: Iterable[str]) -> None:
        """`user` stays in the group, but may not do what is named in `lacking`."""
        _check_not_owner(user, chat)
        if chat.kind != "supergroup":
            raise DeedError("only a supergroup restricts single members")
        self._set_role(chat, user, Role.RESTRICTED, by, lacking)

    def kick(self, user: User, chat: Chat, by: User) -> None:
        """`user` (or the bot) is thrown out."""
        _check_not_owner(user, chat)
        self.telegram.change_role(chat, user, Role.KICKED, by)
        if chat.is_group:
            self._note(chat, by, {"left_chat_member": user.as_json()})

    def set_anonymous(self, user: User, chat: Chat, *, is_anonymous: bool) -> None:
        """From now on an administrator writes as the group, or under their own name again."""
        if not (chat.role(user).administers and chat.has_threads):
            raise DeedError("only administrators of a supergroup write anonymously")
        before = member_json(chat, user)
        (chat.anonymous.add if is_anonymous else chat.anonymous.discard)(user.id)
        self.telegram.tell_member(chat, user, user, before)

    def block(self, user: User) -> None:
        """`user` blocks the bot, which then cannot write to them."""
        self._set_block(user, Role.MEMBER, Role.KICKED)

    def unblock(self, user: User) -> None:
        """`user` lets the bot write again."""
        self._set_block(user, Role.KICKED, Role.MEMBER)

    def deactivate(self, user: User) -> None:
        """The account is deleted; its chats stay."""
        user.is_deactivated = True

    def set_language(self, user: User, language_code: str) -> None:
        """The bot learns of it from what the user does next."""
        user.language_code = language_code
        self.telegram.changes.publish("people")

    def _set_role(self, chat: Chat, user: User, role: Role, by: User, lacking: Iterable[str] = ()) -> None:
        was_present = chat.role(user).present
        self.telegram.change_role(chat, user, role, by, frozenset(lacking))
        if chat.is_group and not was_present:
            self._note(chat, by, {"new_chat_members": [user.as_json()]})

    def _set_block(self, user: User, old: Role, new: Role) -> None:
        chat = self.telegram.private_chat(user)
        if chat.role(self.telegram.bot) is old:
            self.telegram.change_role(chat, self.telegram.bot, new, user)


def _check_not_owner(user: User, chat: Chat) -> None:
    if chat.role(user) is Role.OWNER:
        raise DeedError(f"{user.first_name} owns this chat")
