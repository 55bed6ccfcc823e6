"""`/subscribe` and `/unsubscribe`: what a chat wants to hear, with a sound, silently or not at all."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from bot.commands.back import back_to_settings, back_to_topics
from bot.commands.mistakes import Misunderstood
from bot.commands.subjects import subject_of
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.subjects import SHORT, WARNING_IDS
from bot.words.texts import Html
from bot.words.wording import Wording
from storage import briefs, chats, topic_mutes
from storage.chats import Mode

TOPICS = tuple(SHORT)
"""One topic a subject."""

_LOUD = ("verdict", "shock")
USUAL: Mapping[str, Mode] = {topic: "sound" if topic in _LOUD else "silent" for topic in TOPICS}
"""What a newcomer is best served with: what turns the market rings, the evidence for it can be read later."""

_FIRST_PAGE = tuple(dict.fromkeys(t for t in ("verdict", "shock", *TOPICS) if t not in WARNING_IDS))
"""The topics that have a row on the first page; warnings have a page of their own."""

_WARNINGS, _USUAL = "warnings", "usual"
_GROUPS = {"all": TOPICS, _WARNINGS: WARNING_IDS}
"""Words that stand for more than one topic."""


async def subscribe(ask: Ask) -> Answer:
    """Without a word after it: what the chat hears, and buttons to change it."""
    if not ask.args:
        return topics_page(ask)
    word, *rest = ask.args
    chosen = _chosen(word, rest)
    _choose(ask, chosen)
    return _page_of(ask, chosen)


async def unsubscribe(ask: Ask) -> Answer:
    """Without a word after it: the same buttons."""
    if not ask.args:
        return topics_page(ask)
    topics = _topics(ask.args[0])
    with ask.desk.db.transaction():
        for topic in topics:
            chats.unsubscribe(ask.desk.db, ask.chat.id, topic, thread_id=ask.thread_id)
    return _page_of(ask, topics)


def subscribe_by_link(ask: Ask, word: str) -> Answer:
    """What follows a link such as `t.me/<bot>?start=subscribe_premium`: done, and said with what undoes it.

    A topic that the chat hears already is heard as before: a link does not make loud what was made silent.

    Raises:
        Misunderstood: the link names no topic, so nothing was changed.
    """
    chosen, heard, words = _chosen(word, []), _heard(ask), ask.words
    _choose(ask, {topic: mode for topic, mode in chosen.items() if topic not in heard})
    name = words(f"name.{next(iter(chosen))}") if len(chosen) == 1 else words("subscribe.several")
    page = _page_of(ask, chosen)
    return Answer(Html(f"{words('subscribe.by_link', name=name)}\n\n{page.text}"), page.buttons)


def topics_page(ask: Ask) -> Answer:
    """What the chat hears: a row a topic, one for all warnings, one for the brief."""
    words, heard = ask.words, _heard(ask)
    lines = [_line(ask, topic, heard[topic]) for topic in _FIRST_PAGE if topic in heard]
    if some := [heard[warning] for warning in WARNING_IDS if warning in heard]:
        loud, silent = some.count("sound"), some.count("silent")
        lines.append(words("subscribe.warnings", n=len(some), all=len(WARNING_IDS), loud=loud, silent=silent))
    # Else the first page would say that the chat hears of them.
    lines += [_line(ask, each, heard[each]) for each in WARNING_IDS if each in heard and _rest(ask, each)]
    return Answer(_text(words, heard, lines), _first_buttons(ask, heard))


def warnings_page(ask: Ask) -> Answer:
    """Which warnings the chat hears: a row each."""
    words, heard = ask.words, _heard(ask)
    lines = [_line(ask, topic, heard[topic]) for topic in WARNING_IDS if topic in heard]
    every = (
        Button(words.plain("button.every_sound"), f"here:subscribe:{_WARNINGS}"),
        Button(words.plain("button.every_silent"), f"here:subscribe:{_WARNINGS}:silent"),
        Button(words.plain("button.nothing"), f"here:unsubscribe:{_WARNINGS}"),
    )
    rows = (_row(words, topic, heard.get(topic)) for topic in WARNING_IDS)
    return Answer(_text(words, heard, lines), (*rows, every, back_to_topics(words)))


def mode_word(words: Wording, mode: Mode | None, name: str) -> str:
    """A name with how it is heard: mark and word."""
    return words.plain(f"hear.{mode or 'off'}", name=name)


def _chosen(word: str, rest: list[str]) -> Mapping[str, Mode]:
    """What a word for topics and what follows it ask for. Raises Misunderstood."""
    return _usual(rest) if word.lower() == _USUAL else dict.fromkeys(_topics(word), _mode(rest))


def _topics(word: str) -> tuple[str, ...]:
    return _GROUPS.get(word.lower()) or (subject_of(word),)


def _usual(rest: list[str]) -> Mapping[str, Mode]:
    if rest:
        raise Misunderstood(rest[0])
    return USUAL


def _mode(rest: list[str]) -> Mode:
    if rest and rest[0].lower() != "silent":
        raise Misunderstood(rest[0])
    return "silent" if rest else "sound"


def _choose(ask: Ask, chosen: Mapping[str, Mode]) -> None:
    with ask.desk.db.transaction():
        for topic, mode in chosen.items():
            chats.subscribe(ask.desk.db, ask.chat.id, topic, mode, thread_id=ask.thread_id)


def _heard(ask: Ask) -> Mapping[str, Mode]:
    return chats.read_subscriptions(ask.desk.db, ask.chat.id, thread_id=ask.thread_id)


def _page_of(ask: Ask, topics: Iterable[str]) -> Answer:
    """The page on which what was just changed can be seen."""
    return warnings_page(ask) if set(topics) <= set(WARNING_IDS) else topics_page(ask)


def _text(words: Wording, heard: Mapping[str, Mode], lines: list[Html]) -> Html:
    return Html("\n".join((words("subscribe.title" if heard else "subscribe.nothing"), *lines)))


def _line(ask: Ask, topic: str, mode: Mode) -> Html:
    words, name = ask.words, ask.words(f"topic.{topic}")
    if (until := _rest(ask, topic)) is not None:
        return words("subscribe.muted", name=name, moment=words.moment(until))
    return words(f"subscribe.{mode}", name=name)


def _rest(ask: Ask, topic: str) -> datetime | None:
    """Until when a topic is muted; None where it is not."""
    until = topic_mutes.muted_until(ask.desk.db, (ask.chat.id, ask.thread_id), topic)
    return until if until is not None and until > ask.words.now else None


def _first_buttons(ask: Ask, heard: Mapping[str, Mode]) -> Buttons:
    words = ask.words
    rows = [_row(words, topic, heard.get(topic)) for topic in _FIRST_PAGE]
    return (*rows, *_pages(ask, heard), _sets(words), back_to_settings(words))


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


def _row(words: Wording, topic: str, mode: Mode | None) -> tuple[Button, ...]:
    """A topic and how it is heard; pressing goes on to the next way: sound, silent, off."""
    word = SHORT[topic]
    following = {
        None: f"here:subscribe:{word}",
        "sound": f"here:subscribe:{word}:silent",
        "silent": f"here:unsubscribe:{word}",
    }
    return (Button(mode_word(words, mode, words.plain(f"name.{topic}")), following[mode]),)
