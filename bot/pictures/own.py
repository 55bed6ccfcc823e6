"""The picture of a rule: a panel for each reading that it is about, with its threshold and the firings."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from bot import charts
from bot.charts.own_picture import OwnPicture, OwnWords
from bot.charts.panels import Panel, PanelWords
from bot.words.own import comparison_text, digits_of, price_digits, reading_name
from bot.words.texts import DEFAULT_LANGUAGE, every_language
from bot.words.wording import Wording
from signals.conditions import State, Verdict
from signals.own.backtest import Preview
from signals.own.readings import OWN_READINGS
from signals.own.rule import Rule, Term
from signals.own.units import Unit

SPAN = timedelta(days=30)

_BN = 1e9
_DIGITS: Mapping[Unit, int] = {
    Unit.MUSD: 0,
    Unit.PCT: 2,
    Unit.PCT_8H: 3,
    Unit.RATIO: 4,
    Unit.HOURS: 0,
    Unit.SESSIONS: 0,
}


def picture_of_rule(words: Wording, rule: Rule, preview: Preview, *, dark: bool) -> OwnPicture:
    """All that drawing it needs, in the reader's language, and in English for want of a font."""
    english = Wording(every_language()[DEFAULT_LANGUAGE], words.zone, words.now)
    return OwnPicture(
        panels=tuple(_panel(term, preview) for term in rule.terms),
        fired_ms=preview.firings,
        now=words.now,
        span=SPAN,
        words=_said(words, rule, preview),
        english=_said(english, rule, preview),
        dark=dark,
    )


def _panel(term: Term, preview: Preview) -> Panel:
    values = preview.series[term.ref]
    scale = 1 / _BN if _is_in_billions(term, preview) else 1.0
    return Panel(
        known_ms=values.known_ms,
        value=values.value,
        threshold=term.threshold,
        scale=scale,
        digits=_digits(term, preview, scale),
    )


def _is_in_billions(term: Term, preview: Preview) -> bool:
    return OWN_READINGS[term.ref.reading].unit is Unit.USD and _largest(term, preview) >= _BN


def _largest(term: Term, preview: Preview) -> float:
    value = preview.series[term.ref].value
    known = value[np.isfinite(value)]
    return float(np.abs(known).max()) if len(known) else 0.0


def _digits(term: Term, preview: Preview, scale: float) -> int:
    unit = OWN_READINGS[term.ref.reading].unit
    if unit is Unit.USD:
        return 2 if scale != 1 else price_digits(_largest(term, preview))
    return max(_DIGITS[unit], min(digits_of(term.threshold or 0.0), 4))


def _said(words: Wording, rule: Rule, preview: Preview) -> OwnWords:
    units = [words.plain(f"own.unit.{_unit(term, preview)}") for term in rule.terms]
    names = [reading_name(words, term.ref) for term in rule.terms]
    is_one = len(rule.terms) == 1
    chart = charts.Words(
        title=names[0] if is_one else words.plain("own.chart_title_together"),
        unit=units[0] if is_one else "",
        source=words.plain("own.chart_source"),
        no_data=words.plain("chart.no_data"),
        states={state: words.plain(f"state.{state}") for state in (*State, *Verdict)},
        language=words.language,
        timezone=words.zone,
        day=words.day,
        moment=words.moment,
    )
    panels = tuple(
        PanelWords(words.plain("own.chart_panel", name=name, unit=unit), comparison_text(words, term))
        for name, unit, term in zip(names, units, rule.terms, strict=True)
    )
    return OwnWords(chart, panels, words.plain("own.chart_fired", n=len(preview.firings)))


def _unit(term: Term, preview: Preview) -> str:
    return "bn" if _is_in_billions(term, preview) else str(OWN_READINGS[term.ref.reading].unit)
