"""Which letters can be drawn here: DejaVu comes with matplotlib, Chinese needs a font of the system."""

from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

BASE = "DejaVu Sans"

_CJK = (
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "Droid Sans Fallback",
)
"""Fonts with simplified Chinese, the best looking beside DejaVu first."""


@cache
def cjk_font() -> str | None:
    """The name of a font with Chinese letters, or None where the system has none."""
    _learn_new_fonts()
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _CJK if name in known), None)


def families() -> list[str]:
    """The fonts to draw with; a letter that the first lacks is taken from the next."""
    cjk = cjk_font()
    return [BASE, cjk] if cjk else [BASE]


def can_draw(text: str) -> bool:
    """Whether there is a font for every letter of a text."""
    letters = {ord(letter) for letter in text if not letter.isspace()}
    return all(any(font.get_char_index(letter) for font in _fonts()) for letter in letters)


@cache
def _fonts() -> tuple[FT2Font, ...]:
    return tuple(FT2Font(_path(name)) for name in families())


def _path(name: str) -> str:
    return font_manager.findfont(font_manager.FontProperties(family=[name]))


def _learn_new_fonts() -> None:
    # matplotlib lists the system's fonts once and keeps the list for good: a font installed later, as the
    # README may have advised, would never be seen.
    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known and _may_be_cjk(path):
            font_manager.fontManager.addfont(path)


def _may_be_cjk(path: str) -> bool:
    stem = Path(path).stem.lower()
    return any(hint in stem for hint in ("wqy", "cjk", "notosanssc", "sourcehan", "pingfang", "heiti", "hei"))
