"""`/here`: in a forum, alerts come into this topic; in its General topic they come back."""

from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.wording import Wording
from storage import briefs, chats
from storage.moving import move_to_thread


async def here(ask: Ask) -> Answer:
    """Everything that the chat hears anywhere goes to the topic in which it is asked."""
    db, chat_id, thread_id = ask.desk.db, ask.chat.id, ask.thread_id
    moved = move_to_thread(db, chat_id, thread_id)
    heard = chats.read_subscriptions(db, chat_id, thread_id=thread_id)
    hears = bool(heard) or briefs.read_brief(db, chat_id) is not None
    place = "topic" if thread_id else "chat"
    if not hears:
        return Answer(ask.words(f"here.{place}_nothing"), _buttons(ask.words))
    if not moved:
        return Answer(ask.words(f"here.{place}_already"))
    names = ask.words.listed([ask.words.plain(f"name.{topic}") for topic in heard])
    return Answer(ask.words(f"here.{place}", names=names or ask.words.plain("here.brief")))


def _buttons(words: Wording) -> Buttons:
    return ((Button(words.plain("button.choose"), "here:subscribe"),),)
