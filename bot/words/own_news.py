"""What a chat is told by its own rules: that they became true, cannot be judged, or are over."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.words.answer import Button, Buttons
from bot.words.own import how_text, reading_name, rule_text, value_text
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.own.rule import Ref, Rule

_NOW = timedelta(minutes=5)
"""A value is of now for so long."""
_IN_FULL = 6
"""So many rules that fired together are told in full: more would not fit into a message."""


class Fired(NamedTuple):
    """A rule that became true: its number, when, with which values of its terms, and how often so far."""

    id: int
    rule: Rule
    at: datetime
    values: tuple[float, ...]
    times: int


class Blind(NamedTuple):
    """A rule that cannot be judged: since when, and for want of which readings."""

    id: int
    rule: Rule
    since: datetime
    refs: tuple[Ref, ...]


def number_text(words: Wording, id_: int) -> str:
    """The number that people see."""
    return words.plain("own.number", number=id_)


def fired_text(words: Wording, fired: Sequence[Fired]) -> Html:
    """The news of one look, the first line by itself."""
    told = [Html("\n".join(_fired_lines(words, each))) for each in fired[:_IN_FULL]]
    rest = [number_text(words, each.id) for each in fired[_IN_FULL:]]
    if rest:
        told.append(words("own.news_also", numbers=words.listed(rest[:_MOST_NUMBERS])))
    return Html("\n\n".join(told))


_MOST_NUMBERS = 50


def fired_buttons(words: Wording, fired: Sequence[Fired]) -> Buttons:
    """What can be done about it: to one rule here, to several in their list."""
    if len(fired) > 1:
        return ((Button(words.plain("button.own_list"), "alerts"),),)
    [one] = fired
    again = (
        Button(words.plain("button.own_pause"), f"alerts:off:{one.id}")
        if one.rule.repeats
        else Button(words.plain("button.own_again"), f"alerts:on:{one.id}")
    )
    return (
        (
            Button(words.plain("button.chart"), f"chart:R-{one.id}"),
            again,
            Button(words.plain("button.own_delete"), f"alerts:delete:{one.id}"),
        ),
    )


def _fired_lines(words: Wording, fired: Fired) -> Iterator[Html]:
    shown = zip(fired.rule.terms, fired.values, strict=True)
    values = words.listed([value_text(words, term.ref, value) for term, value in shown])
    rule = rule_text(words, fired.rule)
    if words.now - fired.at <= _NOW:
        yield words("own.news", rule=rule, values=values)
    else:
        yield words("own.news_at", rule=rule, values=values, clock=words.moment(fired.at))
    began = fired.at - fired.rule.hold
    number = words("own.news_id", number=number_text(words, fired.id), n=fired.times)
    since = words("own.news_since", since=words.since(began))
    yield words.joined([how_text(words, fired.rule), since, number])


def blind_text(words: Wording, blind: Blind) -> Html:
    """That a rule rests for want of data."""
    return words(
        "own.blind",
        number=number_text(words, blind.id),
        moment=words.moment(blind.since),
        names=words.listed([reading_name(words, ref) for ref in blind.refs]),
        rule=rule_text(words, blind.rule),
    )


def expired_text(words: Wording, id_: int, rule: Rule) -> Html:
    """That a rule's time is up."""
    return words("own.expired", number=number_text(words, id_), rule=rule_text(words, rule))
