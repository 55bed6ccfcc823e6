"""From rules that became true, rest or are over to deliveries: one message a thread and look.

fired -> decide per chat -> compose, together -> delivery
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from bot.desk import Desk
from bot.telling.listeners import quiet_hours_of
from bot.words.answer import Buttons
from bot.words.own_news import Blind, Fired, blind_text, expired_text, fired_buttons, fired_text
from bot.words.texts import Html
from bot.words.wording import Wording, wording_for
from signals.own.rule import Rule
from signals.policy import Hearing, hush
from storage.chats import ChatRow, read_chat
from storage.outbox import Delivery
from storage.own_alerts import OwnAlert

log = logging.getLogger(__name__)

KIND = "own"
"""The kind of these deliveries."""
_MOST_LINES = 8


class Home(NamedTuple):
    """Where a rule belongs."""

    chat_id: int
    thread_id: int


_T = TypeVar("_T", Fired, Blind, tuple[int, Rule])
Told = tuple[Home, _T]


class OwnTelling:
    """Tells chats of their own rules."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def fired(self, fired: Iterable[Told[Fired]]) -> Iterator[Delivery]:
        """The news of one look; those of one thread are one message."""
        for home, news in _by_home(fired):
            if (chat := read_chat(self._desk.db, home.chat_id)) is not None:
                yield from self._written(chat, home, partial(_news, news))

    def is_hushed(self, chat_id: int) -> bool:
        """Whether a chat wants to hear nothing now: it is muted, or its quiet hours are."""
        return hush(self._hearing(chat_id), self._desk.now) is not None

    def _hearing(self, chat_id: int) -> Hearing:
        chat = read_chat(self._desk.db, chat_id)
        if chat is None:
            return Hearing({})
        zone = ZoneInfo(chat.timezone)
        return Hearing({}, chat.muted_until, quiet_hours=quiet_hours_of(chat), zone=zone)

    def blind(self, blind: Iterable[Told[Blind]]) -> Iterator[Delivery]:
        """That rules rest, without a sound."""
        for home, rules in _by_home(blind):
            yield from self._silently(home, [partial(_blind_line, each) for each in rules])

    def over(self, over: Iterable[Told[tuple[int, Rule]]]) -> Iterator[Delivery]:
        """That the time of rules is up, without a sound."""
        for home, rules in _by_home(over):
            yield from self._silently(home, [partial(_over_line, *each) for each in rules])

    def _silently(self, home: Home, lines: Sequence[Callable[[Wording], Html]]) -> Iterator[Delivery]:
        chat = read_chat(self._desk.db, home.chat_id)
        if chat is not None:
            yield from self._written(chat, home, partial(_together, lines), silent=True)

    def _written(
        self,
        chat: ChatRow,
        home: Home,
        compose: Callable[[Wording], tuple[Html, Buttons]],
        *,
        silent: bool = False,
    ) -> Iterator[Delivery]:
        now = self._desk.now
        try:
            text, buttons = compose(wording_for(chat, now))
        except Exception:
            # The last resort: a bug in the words for one chat must not silence the others.
            log.exception("Bug: own alerts cannot be put into words for chat %d", chat.id)
            return
        yield Delivery(
            chat_id=home.chat_id,
            thread_id=home.thread_id,
            kind=KIND,
            text=text,
            buttons=[[button._asdict() for button in row] for row in buttons],
            silent=silent,
            created_at=now,
        )


def home_of(own: OwnAlert) -> Home:
    """Where a rule is told."""
    return Home(own.chat_id, own.thread_id)


def _news(fired: Sequence[Fired], words: Wording) -> tuple[Html, Buttons]:
    return fired_text(words, fired), fired_buttons(words, fired)


def _blind_line(blind: Blind, words: Wording) -> Html:
    return blind_text(words, blind)


def _over_line(id_: int, rule: Rule, words: Wording) -> Html:
    return expired_text(words, id_, rule)


def _together(lines: Sequence[Callable[[Wording], Html]], words: Wording) -> tuple[Html, Buttons]:
    """As many of them as fit into one message."""
    return Html("\n".join(line(words) for line in lines[:_MOST_LINES])), ()


def _by_home(told: Iterable[Told[_T]]) -> Iterator[tuple[Home, list[_T]]]:
    """What belongs together, in order of chat and thread."""
    ordered = sorted(told, key=lambda each: each[0])
    for home, together in groupby(ordered, key=lambda each: each[0]):
        yield home, [news for _, news in together]
