"""The words of a digest: what a chat missed, one line a subject, the newest state first in every sense."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping

from bot.delivery.split import fits
from bot.words.answer import Button, Buttons
from bot.words.evidence import news, statements
from bot.words.marks import MARKS
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.conditions import Change, Kind, Standing
from signals.moments import from_ms
from signals.policy import Reason
from signals.summing import Course, Sum
from signals.verdict import VERDICT

log = logging.getLogger(__name__)

_STATEMENTS = 2
_NUMBERS = 4
"""So many alerts are named of one subject: a warning may have come and gone all night."""

_Headline = Callable[[Wording, Change], Html]


def digest_text(
    words: Wording, total: Sum, reasons: Collection[Reason], standings: Mapping[str, Standing]
) -> Html:
    """What was held back, in one message.

    Args:
        words: how the chat is spoken to.
        total: what the alerts come to.
        reasons: why they were held; of a mere cooldown nothing is said, it is an alert that comes late.
        standings: where everything stands now.
    """
    if set(reasons) == {Reason.COOLDOWN}:
        return _fitting(lambda headline: _lines(words, total.news, headline))
    return _fitting(lambda headline: _digest_lines(words, total, reasons, standings, headline))


def digest_buttons(words: Wording, alert_id: int) -> Buttons:
    """Why the most urgent of it happened, how all stands now, and what the chat hears."""
    return (
        (
            Button(words.plain("button.why"), f"why:A-{alert_id}"),
            Button(words.plain("button.status"), "status"),
            Button(words.plain("button.settings"), "settings"),
        ),
    )


def _fitting(lines: Callable[[_Headline], Iterator[Html]]) -> Html:
    """With evidence, or without it where that is too long."""
    text = Html("\n".join(filter(None, lines(_headline))))
    if fits(text):
        return text
    return Html("\n".join(filter(None, lines(_bare_headline))))


def _digest_lines(
    words: Wording,
    total: Sum,
    reasons: Collection[Reason],
    standings: Mapping[str, Standing],
    headline: _Headline,
) -> Iterator[Html]:
    verdict = standings[VERDICT].state
    why = next(iter(reasons)) if len(reasons) == 1 else "several"
    yield words.joined(
        [
            words(f"digest.{why}", n=len(total.alert_ids)),
            words("digest.verdict", mark=MARKS[verdict], state=words(f"state.{verdict}")),
        ]
    )
    yield from _lines(words, total.news, headline)
    for course in total.back:
        yield _went_back(words, course)
    told_verdict = any(course.last.kind is Kind.VERDICT for course in total.news)
    yield words.joined([words("digest.more"), words("status.disclaimer") if told_verdict else Html()])


def _lines(words: Wording, courses: Collection[Course], headline: _Headline) -> Iterator[Html]:
    for course in courses:
        yield words.joined(
            [
                headline(words, course.last),
                Html(words.moment(from_ms(course.last.at_ms))),
                _numbers(words, course),
            ]
        )


def _headline(words: Wording, change: Change) -> Html:
    """What became of a subject, with the most telling evidence."""
    try:
        said = statements(words, change)
    except Exception:
        # The last resort: evidence of another version keeps nobody from hearing of the rest.
        log.exception("Bug: the evidence of a change of %s cannot be put into words", change.id)
        said = []
    if not said:
        return _bare_headline(words, change)
    evidence = words.joined(said[:_STATEMENTS])
    return words("alert.condition", mark=MARKS[change.to_state], news=news(words, change), evidence=evidence)


def _bare_headline(words: Wording, change: Change) -> Html:
    return words("why.news", mark=MARKS[change.to_state], news=news(words, change))


def _went_back(words: Wording, course: Course) -> Html:
    """A subject that went to and fro, and stands where it stood."""
    back = words(
        "digest.back",
        mark=MARKS[course.last.to_state],
        name=words(f"name.{course.last.id}"),
        state=words(f"state.{course.last.to_state}"),
    )
    return words.joined([back, _numbers(words, course)])


def _numbers(words: Wording, course: Course) -> Html:
    """The alerts that it was, the last ones where there are many."""
    shown = [words.plain("alert.number", number=number) for number in course.alert_ids[-_NUMBERS:]]
    left = len(course.alert_ids) - len(shown)
    text = words.listed(shown)
    return words("digest.numbers", numbers=text, n=left) if left else Html(text)
