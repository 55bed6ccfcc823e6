"""`/mute premium 8h`: keep quiet about one topic, for a while, until a time of day, or for good."""

from contextlib import suppress
from datetime import datetime

from bot.commands.back import back_to_topics
from bot.commands.mistakes import Misunderstood
from bot.commands.mute import OFFERED, end_of, length_of, mute
from bot.commands.subjects import MOST_WORDS, subject_of
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.subjects import SHORT
from bot.words.texts import Html
from signals.moments import from_ms, to_ms
from storage import chats, topic_mutes


async def mute_all_or_one(ask: Ask) -> Answer:
    """Without a word, or with one that is no topic, the whole chat is meant."""
    subject, said = _named(ask.args)
    if subject is None:
        return await mute(ask)
    if said:
        _change(ask, subject, said)
        return _answer(ask, subject)
    return _answer(ask, subject, note=ask.words.plain("note.how_long"))


def _named(args: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The topic that words begin with, by the longest of its names, and the words after it."""
    for taken in range(min(MOST_WORDS, len(args)), 0, -1):
        with suppress(Misunderstood):
            return subject_of(" ".join(args[:taken])), args[taken:]
    return None, args


def _change(ask: Ask, subject: str, said: tuple[str, ...]) -> None:
    """Raises Misunderstood."""
    db, place = ask.desk.db, (ask.chat.id, ask.thread_id)
    with db.transaction():
        match tuple(map(str.lower, said)):
            case ("silent" | "sound" as how,):
                chats.subscribe(db, ask.chat.id, subject, how, thread_id=ask.thread_id)
                topic_mutes.mute_topic(db, place, subject, None)
            case ("never",):
                chats.unsubscribe(db, ask.chat.id, subject, thread_id=ask.thread_id)
                topic_mutes.mute_topic(db, place, subject, None)
            case ("off",):
                topic_mutes.mute_topic(db, place, subject, None)
            case _:
                end = end_of(said, _whole(ask.words.now), ask.words.zone)
                topic_mutes.mute_topic(db, place, subject, end)


def _whole(now: datetime) -> datetime:
    """What is stored is whole milliseconds: 8 hours shall not be read as 7 h 59 min."""
    return from_ms(to_ms(now) + 1)


def _answer(ask: Ask, subject: str, note: str = "") -> Answer:
    words, place = ask.words, (ask.chat.id, ask.thread_id)
    name = words(f"name.{subject}")
    until = topic_mutes.muted_topics(ask.desk.db, place, words.now).get(subject)
    mode = chats.read_subscriptions(ask.desk.db, ask.chat.id, thread_id=ask.thread_id).get(subject)
    if mode is None:
        text = words("topic_mute.never", name=name)
    elif until is not None:
        length = words.duration(until - words.now)
        text = words("topic_mute.muted", name=name, moment=words.moment(until), length=length)
    else:
        text = words(f"topic_mute.{mode}", name=name)
    return Answer(Html(text), _buttons(ask, subject, mode, is_muted=until is not None), note=note)


def _buttons(ask: Ask, subject: str, mode: chats.Mode | None, *, is_muted: bool) -> Buttons:
    """For how long, how, and what is about everything."""
    words, data = ask.words, f"here:mute:{SHORT[subject]}"
    lengths = tuple(Button(words.duration(length_of([each])), f"{data}:{each}") for each in OFFERED)
    silent = Button(words.plain("button.mute_silent"), f"{data}:silent")
    sound = Button(words.plain("button.mute_sound"), f"{data}:sound")
    never = Button(words.plain("button.never"), f"{data}:never")
    ways = {"sound": (silent, never), "silent": (sound, never), None: (sound, silent)}[mode]
    if mode is None:
        return (ways, back_to_topics(words))
    unmute = ((Button(words.plain("button.unmute"), f"{data}:off"),),) if is_muted else ()
    everything = Button(words.plain("button.mute_all"), "mute")
    return (lengths, *unmute, (*ways, everything), back_to_topics(words))
