"""`/here`: in a forum, alerts come into this topic; in its General topic they come back."""

from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.wording import Wording
from storage import briefs, chats
from storage.moving import move_to_thread


async def here(ask: Ask) -> Answer:
    """Everything that the chat hears anywhere goes to the topic in which it is asked."""
    moved = move_to_thread(ask.desk.db, ask.chat.id, ask.thread_id)
    place, names = "topic" if ask.thread_id else "chat", _heard(ask)
    if not names:
        return Answer(ask.words(f"here.{place}_nothing"), _buttons(ask.words))
    if not moved:
        return Answer(ask.words(f"here.{place}_already"))
    return Answer(ask.words(f"here.{place}", names=ask.words.listed(names)))


def _heard(ask: Ask) -> list[str]:
    """What goes to the topic by now, by name."""
    db, words = ask.desk.db, ask.words
    topics = chats.read_subscriptions(db, ask.chat.id, thread_id=ask.thread_id)
    names = [words.plain(f"name.{topic}") for topic in topics]
    return names if briefs.read_brief(db, ask.chat.id) is None else [*names, words.plain("here.brief")]


def _buttons(words: Wording) -> Buttons:
    return ((Button(words.plain("button.choose"), "here:subscribe"),),)
