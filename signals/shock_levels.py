"""Levels out of a shock, where the operator set none: the article's, as shares of the fall.

On 3 November 2025 BTC fell from 110,750 to 105,306 dollars, and the article named a support zone of
105,000-107,000, the level of 103,000 that a close below it opens, and 109,000-111,000 as the zone where a
rally is doubted. So the support zone reaches from the low up to where 30 % of the fall is regained, the
rally zone from where 70 % is regained up to the price before, and the break level lies 40 % of the fall below
the low. Levels are round numbers, as people quote them.
"""

from signals.episode import Episode
from signals.levels import Band, Levels

SUPPORT_SHARE = 0.3
RALLY_SHARE = 0.7
BREAK_SHARE = -0.4
DIGITS = 3


def levels_from_shock(episode: Episode) -> Levels | None:
    """The levels of an episode; None where the fall is so small that, rounded, they would run together.

    They are those of the low as it was at the last midnight UTC: were they of the running low, it could never
    be broken.
    """
    low_usd = episode.settled_low_usd
    fall_usd = episode.btc_usd - low_usd

    def at(share: float) -> float:
        return float(f"{low_usd + share * fall_usd:.{DIGITS}g}")

    support, rally = Band(at(0), at(SUPPORT_SHARE)), Band(at(RALLY_SHARE), at(1))
    try:
        return Levels(support, at(BREAK_SHARE), rally)
    except ValueError:
        return None
