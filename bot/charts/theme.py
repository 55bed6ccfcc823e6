"""Colours and sizes. States differ by hatch and mark as well: nobody depends on telling colours apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.words.marks import MARKS
from signals.conditions import State, Verdict

WIDTH_PX, HEIGHT_PX = 1000, 625
"""Read on a phone at 400 px wide: a letter of 18 px comes out at seven."""
DPI = 100

TITLE_PX = 29
LABEL_PX = 20
SMALL_PX = 17


def points(pixels: float) -> float:
    """A size in pixels as the points that matplotlib wants."""
    return pixels * 72 / DPI


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. `up` and `down` are teal and orange: told apart by the colour-blind, and no market's red."""

    ground: str
    text: str
    muted: str
    grid: str
    session: str
    session_mark: str
    """The colour of a session in a key, where a small square has to stand out."""
    line: str
    second: str
    up: str
    down: str
    holding: str
    zone: str
    on_colour: str


DARK = Theme(
    ground="#0f161d",
    text="#e8eef4",
    muted="#93a4b3",
    grid="#22303b",
    session="#1b2833",
    session_mark="#3a5163",
    line="#74bdf7",
    second="#b79df2",
    up="#3fcfae",
    down="#f79a5b",
    holding="#f2c94c",
    zone="#8fa8c7",
    on_colour="#0f161d",
)

LIGHT = Theme(
    ground="#ffffff",
    text="#16212b",
    muted="#5c6c7a",
    grid="#e3e9ee",
    session="#eef3f7",
    session_mark="#c3d2de",
    line="#1668b0",
    second="#7a55c7",
    up="#0f8a70",
    down="#c9570c",
    holding="#d99a00",
    zone="#5b7698",
    on_colour="#ffffff",
)


class StripStyle(NamedTuple):
    """How a state is drawn: its mark, which of the theme's colours, how solid, and its hatch."""

    mark: str
    colour: str
    solid: float
    hatch: str


STRIP_STYLES: Mapping[str, StripStyle] = {
    State.MET: StripStyle(MARKS[State.MET], "up", 1.0, ""),
    State.HOLDING: StripStyle(MARKS[State.HOLDING], "holding", 0.28, "////"),
    State.UNMET: StripStyle(MARKS[State.UNMET], "down", 0.2, ""),
    State.NO_DATA: StripStyle(MARKS[State.NO_DATA], "muted", 0.0, "...."),
    Verdict.BROKEN: StripStyle(MARKS[State.MET], "up", 1.0, ""),
    Verdict.FRAGILE: StripStyle(MARKS[State.UNMET], "down", 0.2, ""),
    Verdict.UNKNOWN: StripStyle(MARKS[State.NO_DATA], "muted", 0.0, "...."),
}
"""By the value of the state. The verdict's own marks are coloured emoji, which no font of ours can draw."""
