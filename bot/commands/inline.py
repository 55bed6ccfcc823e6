"""Inline mode: what `@bot premium` offers in any chat, each with a title, one line, and the whole answer."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from bot.commands.links import private_link
from bot.commands.mistakes import Misunderstood
from bot.commands.sentences import understand
from bot.commands.subjects import BY_WORD, SUBJECTS, Subject, tidied
from bot.commands.table import BY_NAME, perform
from bot.delivery.split import cut, plain, utf16_units
from bot.words.answer import Ask
from bot.words.texts import Html
from bot.words.wording import Wording

USUAL = ("status", "premium", "etf", "eth", "status:btc", "leverage", "liquidations", "playbook")
"""What is offered before a word is typed."""

_TELLS = frozenset(
    (
        *(subject.command.partition(":")[0] for subject in SUBJECTS),
        "playbook",
        "why",
        "history",
        "scorecard",
        "compare",
        "about",
    )
)
"""Commands whose answers are text, and the same in every chat."""

MOST = 8
_ROOM = 4096 - 64
"""What an answer may take of a message: a link follows."""
_MOST_DESCRIBED = 200


class Offered(NamedTuple):
    """One result: `line` is its command line and its id."""

    line: str
    title: str
    description: str
    text: Html


async def offered(ask: Ask, query: str, bot: str) -> list[Offered]:
    """The results for what was typed, the best first; `bot` is its user name, for links."""
    results = []
    for line in lines_for(query, ask):
        name, *args = line.split(":")
        try:
            said = await perform(ask.with_args(tuple(args)), BY_NAME[name])
        except Misunderstood:
            continue
        results.append(_result(ask.words, line, said.text, bot))
    return results


def lines_for(query: str, ask: Ask) -> list[str]:
    """The command lines for what was typed, at least the verdict's."""
    if not query.strip():
        return list(USUAL)
    found = [line for line in _found(query, ask) if _tells(line)] or list(filter(_tells, _near(query)))
    return list(dict.fromkeys((*found, "status")))[:MOST]


def _tells(line: str) -> bool:
    return line.partition(":")[0] in _TELLS


def _found(query: str, ask: Ask) -> Iterator[str]:
    """By whole words, by how words begin, and by what the sentence asks for."""
    word = tidied(query)
    if word in BY_WORD:
        yield from _lines_about(BY_WORD[word])
    if word in BY_NAME:
        yield word
    for known, subject in BY_WORD.items():
        if known.startswith(word):
            yield from _lines_about(subject)
    yield from (name for name in BY_NAME if name.startswith(word))
    yield from understand(query, ask.desk.now.date()).lines


def _near(query: str) -> Iterator[str]:
    for near in get_close_matches(tidied(query), [*BY_WORD, *BY_NAME], n=3):
        yield BY_WORD[near].command if near in BY_WORD else near


def _lines_about(subject: Subject) -> Iterator[str]:
    yield subject.command
    if subject.is_coin:
        yield f"status:{subject.name}"


def _result(words: Wording, line: str, said: Html, bot: str) -> Offered:
    text, _ = cut(said, _ROOM)
    first_line = plain(text).partition("\n")[0]
    link = words("inline.open", url=_link(bot, line))
    return Offered(line, title_of(words, line), shortened(first_line), Html(f"{text.rstrip()}\n{link}"))


def title_of(words: Wording, line: str) -> str:
    """What a result is about, in a word or two."""
    name, *args = line.split(":")
    subject = BY_WORD.get(tidied(args[0] if args else name))
    if subject and subject.is_coin and name != "why":
        return subject.name.upper()
    about = words.plain(f"name.{subject.topic}") if subject and subject.topic else name
    if f"inline.{name}" not in words.texts.forms:
        return about
    title = words.plain(f"inline.{name}")
    return words.plain("inline.of", title=title, about=about) if name == "why" and subject else title


def _link(bot: str, line: str) -> str:
    """To the same question in private; to the private chat where no link can say it."""
    name, *args = line.split(":")
    try:
        return private_link(bot, name, *args)
    except ValueError:
        return f"https://t.me/{bot}"


def shortened(line: str) -> str:
    """A description as Telegram shows it: one line, not longer than it would."""
    shown = "".join(letter for letter in line if letter.isprintable())
    if utf16_units(shown) <= _MOST_DESCRIBED:
        return shown
    return shown[: _MOST_DESCRIBED // 2].rstrip() + "…"
