"""`/alerts`: the rules that a chat made for itself, and everything that can be done to them.

/alerts · on 3 · off 3 · edit 3 · delete 3 · once 3 · repeat 3 · expires 3 7d · up 3 · down 3 · page 2
"""

from collections.abc import Awaitable, Callable, Mapping

from bot.commands import own_change as change
from bot.commands.mistakes import Misunderstood
from bot.commands.own_list import listed
from bot.words.answer import Answer, Ask
from bot.words.own_news import number_text
from storage.own_alerts import OwnAlert, read_own

Verb = Callable[[Ask, OwnAlert, tuple[str, ...]], Awaitable[Answer]]

_VERBS: Mapping[str, tuple[Verb, int]] = {
    "save": (change.save, 0),
    "cancel": (change.cancel, 0),
    "change": (change.edit, 0),
    "edit": (change.edit, 0),
    "once": (change.once, 0),
    "repeat": (change.repeat, 0),
    "expires": (change.expires, 1),
    "up": (change.up, 0),
    "down": (change.down, 0),
    # After "list" the answer is the list, in the place of which the button was pressed.
    "on": (change.arm, 1),
    "off": (change.pause, 1),
    "delete": (change.delete, 1),
}
"""What can be done to a rule, and how many words may follow its number."""

_PAGE = "page"
SHOWING = frozenset({_PAGE})
"""First words with which nothing is changed."""


async def alerts(ask: Ask) -> Answer:
    """Without a word after it: the list. Raises Misunderstood."""
    match ask.args:
        case ():
            return listed(ask)
        case (page, number) if page.lower() == _PAGE and number.isdecimal():
            return listed(ask, page=int(number[:6]))
        case (word, number, *rest) if word.lower() in _VERBS:
            verb, takes = _VERBS[word.lower()]
            if len(rest) > takes:
                raise Misunderstood(rest[takes])
            return await _done(ask, verb, number, tuple(rest))
        case (word, *_):
            raise Misunderstood(word)
        case _:
            raise AssertionError(ask.args)


async def _done(ask: Ask, verb: Verb, number: str, rest: tuple[str, ...]) -> Answer:
    id_ = number_of(number)
    own = read_own(ask.desk.db, ask.chat.id, id_)
    if own is None:
        return Answer(ask.words("own.unknown_number", number=number_text(ask.words, id_)))
    return await verb(ask, own, rest)


def number_of(word: str) -> int:
    """The number of a rule that is written as R-3 or 3. Raises Misunderstood."""
    digits = word.lower().removeprefix("r-")
    # Longer ones are no number of ours, and SQLite would refuse them.
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 12:  # noqa: PLR2004
        raise Misunderstood(word)
    return int(digits)
