"""`/chart R-3`: the readings of an own alert over thirty days, and when it would have fired."""

from bot.commands.own_draft import picture, tried
from bot.own.kept import rule_of
from bot.words.answer import Answer, Ask
from bot.words.own import rule_text
from bot.words.own_news import number_text
from storage.own_alerts import read_own


async def own_chart(ask: Ask, number: str) -> Answer:
    """The picture of one of the chat's rules."""
    words, id_ = ask.words, int(number[2:])
    own = read_own(ask.desk.db, ask.chat.id, id_)
    if own is None:
        return Answer(words("own.unknown_number", number=number_text(words, id_)))
    rule = rule_of(own)
    caption = words("own.chart_caption", number=number_text(words, id_), rule=rule_text(words, rule))
    return Answer(caption, photo=await picture(ask, rule, await tried(ask, rule), caption))
