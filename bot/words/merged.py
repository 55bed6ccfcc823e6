"""Several alerts in one message: whole where they fit, else each but the first by its news and its number."""

from collections.abc import Callable, Sequence

from bot.delivery.split import fits
from bot.words.texts import Html

_GAP = "\n\n"


def merged(texts: Sequence[Html]) -> Html:
    """The texts below one another, in as many words as fit into one message of Telegram's.

    The first and the last line of an alert are its news and its number.
    """
    shortened: tuple[Callable[[Html], Html], ...] = (_whole, _news_and_number, _number)
    first, *others = texts
    candidates = (_joined([first, *map(shorten, others)]) for shorten in shortened)
    return next(filter(fits, candidates), first)


def _whole(text: Html) -> Html:
    return text


def _news_and_number(text: Html) -> Html:
    lines = text.split("\n")
    return Html("\n".join(dict.fromkeys((lines[0], lines[-1]))))


def _number(text: Html) -> Html:
    return Html(text.split("\n")[-1])


def _joined(texts: Sequence[Html]) -> Html:
    return Html(_GAP.join(texts))
