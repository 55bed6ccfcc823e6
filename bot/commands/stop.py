"""`/stop`: the chat hears nothing until it wants to again; `/start` in private, `/stop off` anywhere."""

from bot.commands.mistakes import Misunderstood
from bot.commands.topics_said import TOPICS
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html
from bot.words.wording import Wording
from storage import chats

_REASON = "/stop"


async def stop(ask: Ask) -> Answer:
    """Everything that was chosen stays as it is; only nothing is sent by itself."""
    match tuple(word.lower() for word in ask.args):
        case ():
            chats.pause(ask.desk.db, ask.chat.id, _REASON)
            return Answer(ask.words("stop.paused"), resume_button(ask.words))
        case ("off",):
            resume(ask)
            return Answer(_resumed(ask), ((Button(ask.words.plain("button.status"), "status"),),))
        case _:
            raise Misunderstood(ask.args[0])


def resume(ask: Ask) -> None:
    """The chat hears again what it heard before, and gets what waits for it and is still worth it."""
    chats.resume(ask.desk.db, ask.chat.id)
    ask.desk.wake()


def after_a_pause(ask: Ask) -> tuple[Html, Buttons]:
    """What `/start` says first in a paused chat. In a group an administrator has to press a button."""
    if ask.chat.state != "paused":
        return Html(), ()
    if ask.chat.kind in {"group", "supergroup"}:
        return ask.words("stop.still_paused"), resume_button(ask.words)
    resume(ask)
    return _resumed(ask), ()


def _resumed(ask: Ask) -> Html:
    heard = chats.read_subscriptions(ask.desk.db, ask.chat.id, thread_id=ask.thread_id)
    # What a version that has been undone let people choose has no name any more.
    names = [ask.words.plain(f"name.{topic}") for topic in TOPICS if topic in heard]
    if not names:
        return ask.words("stop.resumed_nothing")
    return ask.words("stop.resumed", topics=ask.words.listed(names))


def resume_button(words: Wording) -> Buttons:
    """The button that ends a pause."""
    return ((Button(words.plain("button.resume"), "here:stop:off"),),)
