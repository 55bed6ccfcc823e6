"""`/admin`: the operator's view of the running bot, page by page, and what an operator does besides."""

from collections.abc import Callable, Iterable

from bot.commands.admin_note import note
from bot.commands.admin_outbox import outbox_lines
from bot.commands.admin_people import chat_lines
from bot.commands.admin_program import database_lines, error_lines, overview_lines
from bot.commands.admin_sources import feed_lines, job_lines
from bot.commands.broadcast_panel import manage
from bot.commands.mistakes import Misunderstood
from bot.delivery.split import plain, utf16_units
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.texts import Html
from bot.words.wording import Wording

Lines = Callable[[Ask], Iterable[Html]]

PAGES: dict[str, Lines] = {
    "overview": overview_lines,
    "feeds": feed_lines,
    "jobs": job_lines,
    "outbox": outbox_lines,
    "chats": chat_lines,
    "errors": error_lines,
    "database": database_lines,
}
"""In the order of the buttons."""

_BUTTONS_A_ROW = 4
_MOST_UNITS = 3_500
"""Of a message, in UTF-16 units: less than Telegram takes, and more than anybody reads at once."""


async def admin(ask: Ask) -> Answer:
    """The overview, or one of the pages; `note` and `broadcast` do something."""
    first, *rest = ask.args or ("overview",)
    match first.lower():
        case "note":
            return note(ask.with_args(tuple(rest)))
        case "broadcast":
            return manage(ask.with_args(tuple(rest)))
        case name if name in PAGES:
            return _page(ask, name, _number(rest))
        case _:
            raise Misunderstood(first)


def _number(rest: list[str]) -> int:
    if len(rest) > 1:
        raise Misunderstood(rest[1])
    if rest and not (rest[0].isdecimal() and 0 < len(rest[0]) <= 3):  # noqa: PLR2004  # digits
        raise Misunderstood(rest[0])
    return int(rest[0]) if rest else 1


def _page(ask: Ask, name: str, number: int) -> Answer:
    parts = in_parts(PAGES[name](ask), _MOST_UNITS)
    # Since it was shown there may have come to be fewer.
    number = min(max(number, 1), len(parts))
    return Answer(parts[number - 1], _buttons(ask.words, name, number, len(parts)))


def in_parts(lines: Iterable[Html], most_units: int) -> list[Html]:
    """Lines in parts of at most so many UTF-16 units, each line whole; at least one part."""
    parts: list[list[Html]] = [[]]
    left = most_units
    for line in lines:
        units = utf16_units(plain(line)) + 1
        if units > left and parts[-1]:
            parts.append([])
            left = most_units
        parts[-1].append(line)
        left -= units
    return [Html("\n".join(part)) for part in parts]


def _buttons(words: Wording, name: str, number: int, parts: int) -> Buttons:
    pages = [Button(_label(words, page, name), f"here:admin:{page}") for page in PAGES]
    rows = [tuple(pages[n : n + _BUTTONS_A_ROW]) for n in range(0, len(pages), _BUTTONS_A_ROW)]
    turning = [Button(words.plain("button.refresh"), f"here:admin:{name}:{number}")]
    if number > 1:
        turning.insert(0, Button(f"‹ {number - 1}", f"here:admin:{name}:{number - 1}"))
    if number < parts:
        turning.append(Button(f"{number + 1} ›", f"here:admin:{name}:{number + 1}"))
    return (*rows, tuple(turning))


def _label(words: Wording, page: str, shown: str) -> str:
    label = words.plain(f"button.admin_{page}")
    return words.plain("button.chosen", name=label) if page == shown else label
