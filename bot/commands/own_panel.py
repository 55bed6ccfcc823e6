"""The small panel that changes a rule: how often, how long, a step up or down, and a line to copy."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from bot.own.kept import rule_of
from bot.words.answer import Ask, Button, Buttons
from bot.words.own import how_text, rule_text, threshold_text
from bot.words.own_news import number_text
from bot.words.texts import Html
from signals.own.canonical import canonical
from signals.own.grammar import full_minute
from signals.own.readings import OWN_READINGS
from signals.own.rule import EXPIRES_AFTER, LARGEST, Rule, Term
from signals.own.units import Unit
from storage.own_alerts import OwnAlert

_LIVES = ("1d", "7d", "30d", "90d")


def panel_text(ask: Ask, own: OwnAlert) -> Html:
    """The rule as it stands, and the line that makes it, to copy and edit."""
    words, rule = ask.words, rule_of(own)
    number = number_text(words, own.id)
    text = words(
        "own.panel", number=number, rule=rule_text(words, rule), how=how_text(words, rule), text=line_of(own)
    )
    if own.state == "draft":
        return text
    return Html(f"{text}\n{words('own.panel_new', number=number)}")


def line_of(own: OwnAlert) -> str:
    """A rule as people would write it: when it is over only where that is not the usual time."""
    rule = rule_of(own)
    is_usual = rule.expires_at == full_minute(own.created_at + EXPIRES_AFTER)
    return canonical(rule, with_expiry=not is_usual)


def panel_buttons(ask: Ask, own: OwnAlert) -> Buttons:
    """One row a choice; a draft can be saved from here."""
    return tuple(filter(None, map(tuple, _rows(ask, own, rule_of(own)))))


def _rows(ask: Ask, own: OwnAlert, rule: Rule) -> Iterator[tuple[Button, ...]]:
    words = ask.words
    yield (
        _choice(ask, "button.own_once", f"here:alerts:once:{own.id}", chosen=not rule.repeats),
        _choice(ask, "button.own_repeat", f"here:alerts:repeat:{own.id}", chosen=rule.repeats),
    )
    yield (
        *(
            Button(words.plain("duration.d", n=int(life[:-1])), f"here:alerts:expires:{own.id}:{life}")
            for life in _LIVES
        ),
        _choice(
            ask, "button.own_never", f"here:alerts:expires:{own.id}:never", chosen=rule.expires_at is None
        ),
    )
    yield tuple(_steps(ask, own, rule))
    if own.state == "draft":
        yield (
            Button(words.plain("button.own_save"), f"here:alerts:save:{own.id}"),
            Button(words.plain("button.own_cancel"), f"here:alerts:cancel:{own.id}"),
        )
    else:
        to_list = Button(words.plain("button.own_list"), "here:alerts")
        again = Button(words.plain("button.own_again"), f"here:alerts:on:{own.id}")
        yield (to_list,) if own.state == "armed" else (again, to_list)


def _choice(ask: Ask, key: str, data: str, *, chosen: bool) -> Button:
    name = ask.words.plain(key)
    return Button(ask.words.plain("button.chosen", name=name) if chosen else name, data)


def _steps(ask: Ask, own: OwnAlert, rule: Rule) -> Iterator[Button]:
    """What the threshold would be a step lower or higher."""
    for way, key, steps in (("down", "button.own_down", -1), ("up", "button.own_up", 1)):
        term = _first_threshold(stepped(rule, steps))
        if term is not None and term.threshold is not None:
            value = threshold_text(ask.words, term.ref, term.threshold)
            yield Button(ask.words.plain(key, value=value), f"here:alerts:{way}:{own.id}")


def stepped(rule: Rule, steps: int) -> Rule:
    """The rule with its first threshold some steps away; one without any stays as it is."""
    term = _first_threshold(rule)
    if term is None or term.threshold is None:
        return rule
    moved = Decimal(repr(term.threshold)) + steps * step_of(term)
    if abs(moved) > LARGEST:
        return rule
    place = rule.terms.index(term)
    terms = (*rule.terms[:place], term._replace(threshold=float(moved) + 0.0), *rule.terms[place + 1 :])
    return replace(rule, terms=terms)


def step_of(term: Term) -> Decimal:
    """A round number near a hundredth of a threshold, of percentages a tenth; at zero the margin."""
    reading = OWN_READINGS[term.ref.reading]
    threshold = Decimal(repr(term.threshold or 0.0))
    if not threshold:
        return Decimal(repr(reading.margin.amount or 1.0))
    if reading.unit in {Unit.HOURS, Unit.SESSIONS}:
        return Decimal(1)
    return Decimal(1).scaleb(threshold.adjusted() - (1 if reading.unit.is_percent else 2))


def _first_threshold(rule: Rule) -> Term | None:
    return next((term for term in rule.terms if term.threshold is not None), None)
