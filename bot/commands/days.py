"""Days as people write them: 2025-10-10, 10 Oct, Oct 10, 10月10日; without a year the last such day."""

import re
from contextlib import suppress
from datetime import date

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?P<{{}}>{'|'.join(_MONTHS)})[a-z]*\.?"
_NUMBER = r"(?<!\d)(?P<{}>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"

_WAYS = (
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)",
    r"(?:(?P<y>\d{4}) ?年 ?)?(?P<m>\d{1,2}) ?月 ?(?P<d>\d{1,2}) ?[日号]",
    rf"{_NUMBER.format('d')} (?:of )?{_MONTH.format('named')}(?:,? (?P<y>\d{{4}}))?",
    rf"{_MONTH.format('named')} {_NUMBER.format('d')}(?:,? (?P<y>\d{{4}}))?",
)
_PATTERNS = tuple(re.compile(way, re.IGNORECASE) for way in _WAYS)
_FIRST_YEAR = 2009
"""Of Bitcoin."""


def find_day(text: str, today: date) -> tuple[date, str] | None:
    """The first day that a text names, and the words for it; None where it names none."""
    for pattern in _PATTERNS:
        if (found := pattern.search(text)) and (day := _day(found.groupdict(), today)):
            return day, found.group()
    return None


def read_day(word: str, today: date) -> date | None:
    """The day that a word is."""
    found = find_day(word, today)
    return found[0] if found and found[1] == word else None


def _day(parts: dict[str, str | None], today: date) -> date | None:
    named = parts.get("named")
    month = _MONTHS.index(named.lower()) + 1 if named else int(parts["m"] or 0)
    with suppress(ValueError):
        if parts["y"]:
            day = date(int(parts["y"]), month, int(parts["d"] or 0))
            return day if day.year >= _FIRST_YEAR else None
        day = date(today.year, month, int(parts["d"] or 0))
        return day if day <= today else day.replace(year=today.year - 1)
    return None
