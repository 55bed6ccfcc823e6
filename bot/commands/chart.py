"""`/chart`: a picture of the premium, the ETF flows, ETH/BTC, the price of BTC, or what stands beside it."""

import re
from contextlib import suppress
from datetime import timedelta

from bot.charts import Subject
from bot.commands.mistakes import Misunderstood
from bot.commands.own_chart import own_chart
from bot.commands.subjects import find_subject
from bot.pictures.chart import picture_of
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.wording import Wording

SPANS = {f"{days}d": timedelta(days=days) for days in (1, 7, 14, 30)}
"""How far back a chart can go, by the word for it."""
_USUAL_SUBJECT: Subject = "btc"
_OFFERED = ("1d", "7d", "30d")
_OFFERED_OF_FLOWS = ("14d", "30d")
"""There is one flow a day: a picture of less than two weeks would show next to nothing."""
_USUAL = {"etf": "30d"}
_USUAL_OF_OTHERS = "7d"

_OWN = re.compile(r"r-\d{1,12}", re.IGNORECASE | re.ASCII)


async def chart(ask: Ask) -> Answer:
    """The picture of a subject over a span, with buttons for other spans; or that of an own alert."""
    if len(ask.args) == 1 and _OWN.fullmatch(ask.args[0]):
        return await own_chart(ask, ask.args[0])
    subject, span = _understood(ask.args)
    picture = await ask.desk.draw(picture_of(ask.words, ask.desk, subject, SPANS[span]))
    caption = ask.words(f"chart.caption_{subject}", span=ask.words.duration(SPANS[span]))
    return Answer(caption, _buttons(ask.words, subject, span), photo=picture)


def _understood(args: tuple[str, ...]) -> tuple[Subject, str]:
    """The subject and the span that are asked for, in either order. Raises Misunderstood."""
    spans = [word.lower() for word in args if word.lower() in SPANS]
    named = [word for word in args if word.lower() not in SPANS]
    subject = _subject(named) if named else _USUAL_SUBJECT
    span = spans[-1] if spans else _USUAL.get(subject, _USUAL_OF_OTHERS)
    return subject, max(span, _offered(subject)[0], key=SPANS.__getitem__)


def _subject(words: list[str]) -> Subject:
    """What words together stand for, or else the last of them."""
    with suppress(Misunderstood):
        return find_subject(" ".join(words)).chart
    return [find_subject(word).chart for word in words][-1]


def _offered(subject: Subject) -> tuple[str, ...]:
    return _OFFERED_OF_FLOWS if subject == "etf" else _OFFERED


def _buttons(words: Wording, subject: Subject, span: str) -> Buttons:
    return (
        tuple(
            Button(
                words.plain("button.chosen", name=words.duration(SPANS[each]))
                if each == span
                else words.duration(SPANS[each]),
                f"here:chart:{subject}:{each}",
            )
            for each in _offered(subject)
        ),
    )
