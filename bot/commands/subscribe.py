"""`/subscribe` and `/unsubscribe`: what a chat wants to hear, with a sound, silently or not at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.commands.back import back_to_settings, back_to_topics
from bot.commands.mistakes import Misunderstood
from bot.commands.topics_said import TOPICS, read_said, says_how
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.subjects import SHORT, WARNING_IDS
from bot.words.texts import Html
from bot.words.wording import Wording
from storage import briefs, chats, topic_mutes
from storage.chats import Mode

_LOUD = ("verdict", "shock")
USUAL: Mapping[str, Mode] = {topic: "sound" if topic in _LOUD else "silent" for topic in TOPICS}
"""What a newcomer is best served with: what turns the market rings, the evidence for it can be read later."""

_FIRST_PAGE = tuple(dict.fromkeys(t for t in ("verdict", "shock", *TOPICS) if t not in WARNING_IDS))
"""The topics that have a row on the first page; warnings have a page of their own."""

_WARNINGS, _USUAL = "warnings", "usual"
_CALLED_USUAL = {_USUAL, "推荐"}


class _Hearing(NamedTuple):
    """What a place hears and how, and which topics it muted until when."""

    heard: Mapping[str, Mode]
    muted: Mapping[str, datetime]


async def subscribe(ask: Ask) -> Answer:
    """Without a word after it: what the chat hears, and buttons to change it. `off` is to hear less."""
    if not ask.args:
        return topics_page(ask)
    chosen = _chosen(ask.args)
    _choose(ask, chosen)
    return _page_of(ask, chosen)


async def unsubscribe(ask: Ask) -> Answer:
    """Without a word after it: the same buttons."""
    if not ask.args:
        return topics_page(ask)
    topics, how = read_said(ask.args)
    if how not in {None, "off"}:
        raise Misunderstood(next(filter(says_how, ask.args)))
    if not topics and how is None:
        raise Misunderstood(ask.args[0])
    _choose(ask, dict.fromkeys(topics or TOPICS))
    return _page_of(ask, topics or TOPICS)


def subscribe_by_link(ask: Ask, word: str) -> Answer:
    """What follows a link such as `t.me/<bot>?start=subscribe_premium`: done, and said with what undoes it.

    A topic that the chat hears already is heard as before: a link does not make loud what was made silent.

    Raises:
        Misunderstood: the link names no topic, so nothing was changed.
    """
    chosen, heard, words = _chosen([word]), _hearing(ask).heard, ask.words
    if None in chosen.values():
        raise Misunderstood(word)
    _choose(ask, {topic: mode for topic, mode in chosen.items() if topic not in heard})
    name = words(f"name.{next(iter(chosen))}") if len(chosen) == 1 else words("subscribe.several")
    page = _page_of(ask, chosen)
    return Answer(Html(f"{words('subscribe.by_link', name=name)}\n\n{page.text}"), page.buttons)


def topics_page(ask: Ask) -> Answer:
    """What the chat hears: a row a topic, one for all warnings, one for the brief."""
    words, hearing = ask.words, _hearing(ask)
    heard, muted = hearing
    lines = [_line(words, topic, hearing) for topic in _FIRST_PAGE if topic in heard]
    if some := [heard[warning] for warning in WARNING_IDS if warning in heard]:
        loud, silent = some.count("sound"), some.count("silent")
        lines.append(words("subscribe.warnings", n=len(some), all=len(WARNING_IDS), loud=loud, silent=silent))
    # Else the first page would say that the chat hears of them.
    lines += [_line(words, each, hearing) for each in WARNING_IDS if each in heard and each in muted]
    return Answer(_text(words, heard, lines), _first_buttons(ask, hearing))


def warnings_page(ask: Ask) -> Answer:
    """Which warnings the chat hears: a row each."""
    words, hearing = ask.words, _hearing(ask)
    lines = [_line(words, topic, hearing) for topic in WARNING_IDS if topic in hearing.heard]
    every = (
        Button(words.plain("button.every_sound"), f"here:subscribe:{_WARNINGS}"),
        Button(words.plain("button.every_silent"), f"here:subscribe:{_WARNINGS}:silent"),
        Button(words.plain("button.nothing"), f"here:unsubscribe:{_WARNINGS}"),
    )
    rows = (_row(words, topic, hearing) for topic in WARNING_IDS)
    return Answer(_text(words, hearing.heard, lines), (*rows, every, back_to_topics(words)))


def mode_word(words: Wording, mode: Mode | None, name: str) -> str:
    """A name with how it is heard: mark and word."""
    return words.plain(f"hear.{mode or 'off'}", name=name)


def _chosen(said: Sequence[str]) -> Mapping[str, Mode | None]:
    """How each topic that is named is to be heard, None for not at all. Raises Misunderstood."""
    first, *rest = said
    if first.lower() in _CALLED_USUAL:
        if rest:
            raise Misunderstood(rest[0])
        return USUAL
    topics, how = read_said(said)
    if not topics and how != "off":
        raise Misunderstood(first)
    return dict.fromkeys(topics or TOPICS, None if how == "off" else how or "sound")


def _choose(ask: Ask, chosen: Mapping[str, Mode | None]) -> None:
    db, chat_id, thread_id = ask.desk.db, ask.chat.id, ask.thread_id
    with db.transaction():
        for topic, mode in chosen.items():
            if mode is None:
                chats.unsubscribe(db, chat_id, topic, thread_id=thread_id)
            else:
                chats.subscribe(db, chat_id, topic, mode, thread_id=thread_id)


def _hearing(ask: Ask) -> _Hearing:
    db, place = ask.desk.db, (ask.chat.id, ask.thread_id)
    heard = chats.read_subscriptions(db, ask.chat.id, thread_id=ask.thread_id)
    return _Hearing(heard, topic_mutes.muted_topics(db, place, ask.words.now))


def _page_of(ask: Ask, topics: Iterable[str]) -> Answer:
    """The page on which what was just changed can be seen."""
    return warnings_page(ask) if set(topics) <= set(WARNING_IDS) else topics_page(ask)


def _text(words: Wording, heard: Mapping[str, Mode], lines: list[Html]) -> Html:
    return Html("\n".join((words("subscribe.title" if heard else "subscribe.nothing"), *lines)))


def _line(words: Wording, topic: str, hearing: _Hearing) -> Html:
    name = words(f"topic.{topic}")
    if (until := hearing.muted.get(topic)) is not None:
        return words("subscribe.muted", name=name, moment=words.moment(until))
    return words(f"subscribe.{hearing.heard[topic]}", name=name)


def _first_buttons(ask: Ask, hearing: _Hearing) -> Buttons:
    words = ask.words
    rows = [_row(words, topic, hearing) for topic in _FIRST_PAGE]
    return (*rows, *_pages(ask, hearing.heard), _sets(words), back_to_settings(words))


def _pages(ask: Ask, heard: Mapping[str, Mode]) -> Iterator[tuple[Button, ...]]:
    """The rows that open a page: the warnings, and the brief."""
    words, brief = ask.words, briefs.read_brief(ask.desk.db, ask.chat.id)
    count = sum(warning in heard for warning in WARNING_IDS)
    yield (
        Button(words.plain("button.warnings", n=count, all=len(WARNING_IDS)), f"here:settings:{_WARNINGS}"),
    )
    mode: Mode | None = None if brief is None else "silent" if brief.silent else "sound"
    name = words.plain("button.brief", clock=f" {brief.at:%H:%M}" if brief else "")
    yield (Button(mode_word(words, mode, name), "here:settings:brief"),)


def _sets(words: Wording) -> tuple[Button, ...]:
    return (
        Button(words.plain("button.usual"), f"here:subscribe:{_USUAL}"),
        Button(words.plain("button.all"), "here:subscribe:all"),
        Button(words.plain("button.nothing"), "here:unsubscribe:all"),
    )


def _row(words: Wording, topic: str, hearing: _Hearing) -> tuple[Button, ...]:
    """A topic and how it is heard; pressing goes on to the next way: sound, silent, off.

    One that is muted leads to its mute: pressed by mistake, nothing is lost.
    """
    word, mode, name = SHORT[topic], hearing.heard.get(topic), words.plain(f"name.{topic}")
    if mode is not None and topic in hearing.muted:
        return (Button(words.plain("hear.muted", name=name), f"here:mute:{word}"),)
    following = {
        None: f"here:subscribe:{word}",
        "sound": f"here:subscribe:{word}:silent",
        "silent": f"here:unsubscribe:{word}",
    }
    return (Button(mode_word(words, mode, name), following[mode]),)
