"""`/admin`: the overview; `/admin errors` and `/admin database`: the last complaints, and what is stored."""

from collections.abc import Iterator

from bot.commands.admin_fanout import fanout_lines
from bot.commands.admin_lines import ago, counted, short
from bot.commands.admin_note import note_line
from bot.commands.admin_outbox import sending_lines
from bot.commands.status import verdict_line
from bot.release import release
from bot.words.answer import Ask
from bot.words.behind import clock_line
from bot.words.board import read_board
from bot.words.marks import WARNING
from bot.words.texts import Html
from bot.words.wording import Wording
from signals.moments import from_ms
from signals.verdict import VERDICT
from storage.census import count_chats, measure, oldest_queued
from storage.feed_runs import read_feeds, read_jobs
from storage.lease import read_lease
from storage.outbox import count_by_state
from storage.processes import read_processes

_MEGABYTE = 1_000_000


def overview_lines(ask: Ask) -> Iterator[Html]:
    """Whether all is well, in ten lines."""
    words, db, health = ask.words, ask.desk.db, ask.desk.health
    yield words("admin.program", version=release(), since=words.since(health.started_at))
    yield verdict_line(words, read_board(ask.desk))
    judged_ms = ask.desk.standings[VERDICT].judged_ms
    last_look = words("admin.last_look", when=ago(words, from_ms(judged_ms) if judged_ms else None))
    yield clock_line(words, ask.desk.standings) or last_look
    yield from _processes(ask)
    feeds, jobs = read_feeds(db).values(), read_jobs(db).values()
    yield _well(words, "admin.feeds", [not feed.failures_in_a_row for feed in feeds])
    yield _well(words, "admin.jobs", [job.last_error is None for job in jobs])
    yield from sending_lines(ask)
    yield from fanout_lines(ask)
    yield _waiting(ask)
    active = sum(each.chats for each in count_chats(db) if each.state == "active")
    yield words("admin.active", n=active, count=words.number(active, 0))
    yield _complained(ask)
    yield from filter(None, [note_line(words, db)])


def _processes(ask: Ask) -> Iterator[Html]:
    """Who leads, and how many others there are; nothing where one process does everything."""
    parts = [each.part for each in read_processes(ask.desk.db)]
    lease = read_lease(ask.desk.db)
    if parts and lease is not None:
        counts = {"workers": parts.count("worker"), "webs": parts.count("web")}
        yield ask.words("admin.processes", leader=lease.holder, **counts)


def _well(words: Wording, key: str, well: list[bool]) -> Html:
    line = words(key, well=sum(well), all=len(well))
    return line if all(well) else Html(f"{WARNING} {line}")


def _waiting(ask: Ask) -> Html:
    words, waits = ask.words, oldest_queued(ask.desk.db)
    queued = count_by_state(ask.desk.db).get("queued", 0)
    line = words("admin.outbox_queued", count=words.number(queued, 0))
    return words.joined([line, words("admin.oldest", length=words.age(waits)) if waits else Html()])


def _complained(ask: Ask) -> Html:
    complaints = ask.desk.health.complaints()
    if not complaints:
        return ask.words("admin.no_errors")
    last = ago(ask.words, complaints[0].at)
    return ask.words.joined(
        [counted(ask.words, "admin.errors", len(complaints)), ask.words("admin.last", when=last)]
    )


def error_lines(ask: Ask) -> Iterator[Html]:
    """The last warnings and errors since the start, newest first."""
    words, complaints = ask.words, ask.desk.health.complaints()
    yield counted(words, "admin.errors", len(complaints)) or words("admin.no_errors")
    for each in complaints:
        yield words(
            "admin.complaint",
            moment=words.moment(each.at),
            level=each.level,
            logger=each.logger,
            line=short(each.line),
        )


def database_lines(ask: Ask) -> Iterator[Html]:
    """The size of the database, and the rows of every table that has any."""
    words, size = ask.words, measure(ask.desk.db)
    yield words("admin.database", size=words.number(size.bytes / _MEGABYTE, 1))
    for table, rows in size.rows.items():
        if rows:
            yield words("admin.rows", table=table, rows=words.number(rows, 0))
