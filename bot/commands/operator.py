"""Who runs the bot: the operators, whose commands do not exist for anybody else."""

from bot.words.answer import Ask


def is_operator(ask: Ask) -> bool:
    """Whether an operator asks, in private: a private chat's id is that of its person."""
    return ask.chat.kind == "private" and ask.chat.id in ask.desk.settings.owner_ids
