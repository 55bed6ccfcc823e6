"""How one chat is spoken to at one moment: its texts, its numbers, its time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_name

from bot.words.numbers import MINUS, decimal, money, whole_percent
from bot.words.texts import Html, Texts, every_language, pick_language
from storage.chats import ChatRow

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_WHOLE_DOLLARS_FROM = 1_000
_RATIO_DIGITS = 4
_HOURS_UNTIL_DAYS = 7
_SAME_YEAR = timedelta(days=300)


@dataclass(frozen=True, eq=False)
class Wording:
    """A language, a time zone and the moment of speaking (aware), which lengths of time are counted to."""

    texts: Texts
    zone: tzinfo
    now: datetime

    def __call__(self, key: str, /, **values: object) -> Html:
        """A text as markup; see `Texts`."""
        return self.texts(key, **values)

    def plain(self, key: str, /, **values: object) -> str:
        """A text without markup; see `Texts.plain`."""
        return self.texts.plain(key, **values)

    @property
    def language(self) -> str:
        """The language's code."""
        return self.texts.language

    def joined(self, parts: list[Html]) -> Html:
        """Statements side by side on one line; empty ones are left out."""
        return Html(" · ".join(filter(None, parts)))

    def listed(self, names: list[str]) -> str:
        """Names in a row: a, b, c."""
        return self.plain("list.separator").join(names)

    # Numbers

    def percent(self, value_pct: float, digits: int = 3) -> str:
        """A signed percentage, such as the premium."""
        shown = decimal(value_pct, digits, self.language, signed=True)
        return self.plain("number.percent", value=shown)

    def share(self, fraction: float) -> str:
        """A fraction of one in whole percent, never rounded up."""
        return self.plain("number.percent", value=decimal(whole_percent(fraction), 0, self.language))

    def usd(self, value_usd: float) -> str:
        """An amount of dollars with its sign."""
        return money(value_usd, self.language, signed=True)

    def amount(self, value_usd: float) -> str:
        """An amount of dollars."""
        return money(value_usd, self.language)

    def price(self, value_usd: float) -> str:
        """A price in dollars, cents only where they count."""
        digits = 0 if abs(value_usd) >= _WHOLE_DOLLARS_FROM else 2
        return decimal(value_usd, digits, self.language)

    def ratio(self, value: float) -> str:
        """What an ETH costs in BTC."""
        return decimal(value, _RATIO_DIGITS, self.language)

    def number(self, value: float, digits: int) -> str:
        """A bare number."""
        return decimal(value, digits, self.language)

    # Time

    def duration(self, length: timedelta) -> str:
        """A length of time in its two largest units: 40 s, 6 h 30 min, 4 d."""
        seconds = max(int(length.total_seconds()), 0)
        if seconds < _MINUTE:
            return self.plain("duration.s", n=seconds)
        if seconds < _HOUR:
            return self.plain("duration.min", n=seconds // _MINUTE)
        if seconds < _DAY:
            hours, rest = divmod(seconds, _HOUR)
            return self._two("duration.h", hours, "duration.min", rest // _MINUTE)
        days, rest = divmod(seconds, _DAY)
        return self._two("duration.d", days, "duration.h", rest // _HOUR if days < _HOURS_UNTIL_DAYS else 0)

    def _two(self, large: str, count: int, small: str, rest: int) -> str:
        shown = self.plain(large, n=count)
        return f"{shown} {self.plain(small, n=rest)}" if rest else shown

    def age(self, at: datetime) -> str:
        """How long ago a moment was."""
        return self.duration(self.now - at)

    def clock(self, at: datetime) -> str:
        """The time of day, with the name of the zone: 20:14 UTC."""
        local = at.astimezone(self.zone)
        return f"{local:%H:%M} {self._zone_name(local)}"

    def moment(self, at: datetime) -> str:
        """A moment: 30 Oct 20:00 UTC."""
        day = self.day(at.astimezone(self.zone).date())
        return self.plain("date.moment", day=day, clock=self.clock(at))

    def since(self, at: datetime) -> Html:
        """Since when, as a moment and a length: since 30 Oct 20:00 UTC (4 d)."""
        return self("date.since", moment=self.moment(at), length=self.age(at))

    def day(self, day: date) -> str:
        """A date: 30 Oct, with its year where that is not plain."""
        near = abs(self.now.astimezone(self.zone).date() - day) < _SAME_YEAR
        return self._date("date.day" if near else "date.day_of_year", day)

    def weekday(self, day: date) -> str:
        """A date with its day of the week: Fri 28 Nov."""
        near = abs(self.now.astimezone(self.zone).date() - day) < _SAME_YEAR
        return self._date("date.weekday" if near else "date.weekday_of_year", day)

    def _date(self, pattern: str, day: date) -> str:
        return format_date(day, self.plain(pattern), locale=self.language)

    def _zone_name(self, local: datetime) -> str:
        """The zone's name in this language, or else its distance from UTC: CST is said of three."""
        name = get_timezone_name(local, "short", locale=self.language)
        if name.isalpha():
            return name
        minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
        hours, rest = divmod(abs(minutes), 60)
        return f"UTC{MINUS if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def wording_for(chat: ChatRow, now: datetime, told: str | None = None) -> Wording:
    """How a chat is spoken to: in the language that it chose, else in that of its people's app.

    `told` is what the app of the person who asks right now says.
    """
    language = spoken_in(chat.language, told or chat.app_language)
    return Wording(every_language()[language], ZoneInfo(chat.timezone), now)


def spoken_in(language: str | None, app_language: str | None) -> str:
    """The language to speak in a chat that chose `language`, and whose people's app says `app_language`."""
    # A language that was chosen may be one that an older version spoke.
    return language if language and language in every_language() else pick_language(app_language)
