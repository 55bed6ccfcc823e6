"""`/board`: one pinned message that always shows how things stand, in this chat or this topic of it."""

from bot.commands.mistakes import Misunderstood
from bot.commands.stop import resume_button
from bot.words.answer import Answer, Ask, Button
from storage import boards


async def board(ask: Ask) -> Answer:
    """With `off` it ends; asked for again it is pinned again, and sent anew where somebody deleted it."""
    place = ask.desk.db, ask.chat.id, ask.thread_id
    if not ask.args:
        is_new = boards.want(*place)
        if ask.chat.state == "paused":
            return Answer(ask.words("board.waits"), resume_button(ask.words))
        ask.desk.leave_work()
        ending = Button(ask.words.plain("button.end_board"), "here:board:off")
        comes = "board.comes_there" if ask.afar else "board.comes"
        return Answer(ask.words(comes if is_new else "board.again"), ((ending,),))
    if ask.args[0].lower() != "off":
        raise Misunderstood(ask.args[0])
    is_over = boards.end(*place)
    ask.desk.leave_work()
    return Answer(ask.words("board.ended" if is_over else "board.none"))
