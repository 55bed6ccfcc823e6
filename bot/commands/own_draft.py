"""A rule on its way to be saved: what it would have done, shown with a picture and buttons."""

import asyncio
import logging
from datetime import timedelta

from bot.charts.workshop import NotDrawnError
from bot.coins import CoinNotAskedError, NoSuchCoinError, NoVenueError, TooManyCoinsError
from bot.delivery.split import plain, utf16_units
from bot.pictures.own import picture_of_rule
from bot.words.answer import Answer, Ask, Button, Buttons
from bot.words.own_preview import preview_text
from bot.words.texts import Html
from signals.market import Market
from signals.own.backtest import Preview, would_have_fired
from signals.own.canonical import canonical
from signals.own.rule import Rule
from storage import own_alerts

log = logging.getLogger(__name__)

DRAFTS_LAST = timedelta(days=2)
"""A preview whose button was not pressed for so long is forgotten."""
_CAPTION_UNITS = 1024


async def drafted(ask: Ask, rule: Rule) -> Answer:
    """Keep a rule as a draft, and show it; or say which coin of it has no price here."""
    desk = ask.desk
    try:
        await desk.coins.settle(rule.refs, desk.market)
    except NoSuchCoinError as error:
        return Answer(no_coin_text(ask, error))
    own_alerts.forget_drafts(desk.db, desk.now - DRAFTS_LAST)
    made_by = ask.asker.id if ask.asker else None
    id_ = own_alerts.draft(
        desk.db,
        ask.chat.id,
        ask.thread_id,
        canonical(rule),
        rule.expires_at,
        made_by=made_by,
        now=desk.now,
    )
    return await shown(ask, rule, draft_buttons(ask, id_))


async def shown(ask: Ask, rule: Rule, buttons: Buttons) -> Answer:
    """What was understood and what it would have done, with a picture where one can be drawn."""
    preview = await tried(ask, rule)
    text = preview_text(ask.words, rule, preview)
    return Answer(text, buttons, photo=await picture(ask, rule, preview, text))


async def tried(ask: Ask, rule: Rule) -> Preview:
    """What a rule would have done over the last thirty days. Beside the event loop, for it takes a while."""
    desk = ask.desk
    past = await desk.coins.past(rule.refs, desk.now)
    return await asyncio.to_thread(_tried, rule, desk.trusted.add(past) if past else desk.trusted, ask)


def _tried(rule: Rule, market: Market, ask: Ask) -> Preview:
    return would_have_fired(rule, market, ask.desk.now, find=ask.desk.coins.instrument)


async def picture(ask: Ask, rule: Rule, preview: Preview, caption: Html) -> bytes | None:
    """The chart; None where it cannot be drawn, or the text has no room under it."""
    if utf16_units(plain(caption)) > _CAPTION_UNITS:
        return None
    dark = ask.desk.settings.chart_theme == "dark"
    try:
        return await ask.desk.draw(picture_of_rule(ask.words, rule, preview, dark=dark))
    except NotDrawnError as error:
        log.warning("the picture of a rule was not drawn: %s", error)
        return None


def draft_buttons(ask: Ask, id_: int) -> Buttons:
    """What can be done with a preview."""
    words = ask.words
    return (
        (
            Button(words.plain("button.own_save"), f"here:alerts:save:{id_}"),
            Button(words.plain("button.own_change"), f"here:alerts:change:{id_}"),
            Button(words.plain("button.own_cancel"), f"here:alerts:cancel:{id_}"),
        ),
    )


def no_coin_text(ask: Ask, error: NoSuchCoinError) -> Html:
    """Why a coin cannot be used."""
    words = ask.words
    match error:
        case NoVenueError():
            return words("own.no_coin_here", name=error.name)
        case TooManyCoinsError():
            return words("own.many_coins", n=len(ask.desk.coins.polled))
        case CoinNotAskedError():
            return words("own.coin_not_asked", name=error.name)
        case _ if error.near:
            near = words.listed(list(error.near))
            return words("own.no_coin_near", name=error.name, near=near)
        case _:
            return words("own.no_coin", name=error.name)
