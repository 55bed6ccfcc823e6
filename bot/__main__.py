"""The command line: `python -m bot`, with a verb or without one."""

import asyncio
import contextlib
import json
import sys
from datetime import datetime
from pathlib import Path

import click

from bot.logs import set_up_logging
from bot.release import release
from bot.settings import SettingsError, load_settings
from bot.verbs.days import SINCE, UNTIL, Day, check_span
from bot.verbs.ending import EXIT_FAILED, EXIT_WRONG_USE, ending_at, ending_well
from bot.verbs.importing import import_group
from bot.verbs.program import Program
from signals.levels import Levels


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(release(), prog_name="aftershock")
@click.pass_context
def cli(context: click.Context) -> None:
    """Aftershock says whether a crashed crypto market is still fragile, or whether that reading was broken.

    Without a verb it runs on Telegram where TELEGRAM_BOT_TOKEN is set, else it opens the playground.
    """
    settings = load_settings()
    complaints = set_up_logging(settings.log_level, settings.secrets(), settings.log_format)
    context.obj = Program(settings, complaints)
    if context.invoked_subcommand is None:
        context.invoke(run if settings.telegram_bot_token else playground)


@cli.command()
@click.option("--webhook", is_flag=True, help="Let Telegram bring the updates, to AFTERSHOCK_WEBHOOK_URL.")
@click.option("--worker", is_flag=True, help="Watch and send; with AFTERSHOCK_WEBHOOK_URL others hear.")
@click.pass_obj
def run(program: Program, *, webhook: bool = False, worker: bool = False) -> None:
    """Run on Telegram and the live markets.

    On an SQLite file one process does everything. On a PostgreSQL there may be any number: with --webhook
    each receives and answers, the others stand by, and one of them watches and sends.
    """
    if webhook and worker:
        raise click.UsageError("--webhook and --worker are two processes.")
    if program.settings.telegram_bot_token is None:
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN: is not set. Get a token from @BotFather and put it there, "
            "or try everything without one: `python -m bot playground`."
        )
    from bot.online import TelegramRefusedError
    from bot.talk.webhook import WebhookRefusedError
    from bot.verbs.running import part_of

    part = part_of(program.settings, program.complaints, webhook=webhook, worker=worker)
    with ending_at(TelegramRefusedError, WebhookRefusedError, exit_status=EXIT_WRONG_USE):
        asyncio.run(part)


@cli.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8088, show_default=True, help="Port of the page."
)
@click.option(
    "--speed",
    type=click.FloatRange(0, 86_400),
    default=3600.0,
    show_default=True,
    help="Virtual seconds in a real one.",
)
@SINCE
@UNTIL
@click.pass_obj
def playground(
    program: Program, port: int, speed: float, since: datetime | None, until: datetime | None
) -> None:
    """Open everything in the browser, with no token and no internet.

    Plays the built-in scenario "November 2025"; with --since and --until what you have imported.
    """
    from bot.playground import play

    if (since is None) != (until is None):
        raise click.UsageError("--since and --until go together.")
    with ending_at(play.NothingToPlayError):
        if since is None or until is None:
            what = play.built_in()
        else:
            check_span(since, until)
            what = play.imported(program.settings.database, since, until)
    try:
        asyncio.run(play.play(program.settings, what, port, speed, _announce, complaints=program.complaints))
    except OSError as error:
        raise click.ClickException(f"port {port} cannot be used: {error.strerror}. Try --port 0.") from error


def _announce(address: str) -> None:
    click.echo(f"Aftershock plays at {address} (Ctrl+C ends it)")


@cli.command()
@click.option("--since", type=Day(), required=True, help="First moment to report, such as 2025-10-01 (UTC).")
@click.option("--until", type=Day(), required=True, help="Last moment to report, such as 2025-11-15 (UTC).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option(
    "--chart", type=click.Path(path_type=Path, dir_okay=False), help="Draw the verdict into this PNG."
)
@click.option(
    "--levels",
    metavar="TEXT",
    help='Levels of BTC that count all along: "support 105000-107000 break 103000 rally 109000-111000".',
)
@click.pass_obj
def replay(
    program: Program,
    since: datetime,
    until: datetime,
    chart: Path | None,
    levels: str | None,
    *,
    as_json: bool,
) -> None:
    """Print each change that the rules would have made over the stored history, warmed up before --since."""
    from bot.verbs.replaying import as_line, chart_of, replay_stored

    check_span(since, until)
    chosen = _levels(levels) if levels is not None else None
    with contextlib.closing(program.open_database()) as db:
        replayed = replay_stored(db, program.settings, since, until, chosen)
    for missing in replayed.left_out:
        click.echo(f"left out, nothing is stored: {missing}", err=True)
    for change in replayed.replay.changes:
        click.echo(json.dumps(change.as_json()) if as_json else as_line(change))
    if chart is not None:
        picture = chart_of(replayed, dark=program.settings.chart_theme == "dark")
        try:
            chart.write_bytes(picture)
        except OSError as error:
            raise click.ClickException(f"{chart}: the picture cannot be written: {error.strerror}") from error


def _levels(line: str) -> Levels:
    from bot.commands.levels_line import parse_levels
    from bot.commands.mistakes import Misunderstood

    try:
        return parse_levels(line.split())
    except (Misunderstood, ValueError) as error:
        raise click.BadParameter(
            f"{error}. For example: support 105000-107000 break 103000 rally 109000-111000",
            param_hint="--levels",
        ) from error


@cli.command()
@click.option("--days", type=click.IntRange(1, 365), required=True, help="How many days back.")
@click.pass_obj
def backfill(program: Program, days: int) -> None:
    """Fetch history from the venues into the database."""
    from bot.verbs.filling import backfill_days

    with contextlib.closing(program.open_database()) as db:
        ended = asyncio.run(backfill_days(db, program.settings, days))
    for subject in ended:
        click.echo(subject.as_line())
    if all(subject.error for subject in ended):
        raise click.ClickException("nothing could be fetched; `python -m bot check` says what is reachable.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def check(program: Program, *, as_json: bool) -> None:
    """Say what is configured, reachable and missing."""
    from bot.verbs.checking import check_all

    findings = asyncio.run(check_all(program.settings))
    for finding in findings:
        click.echo(json.dumps(finding.as_json()) if as_json else finding.as_line())
    if any(finding.is_trouble for finding in findings):
        sys.exit(EXIT_FAILED)


@cli.command()
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def backup(program: Program, target: Path) -> None:
    """Copy the database into FILE, while the bot runs, and check the copy."""
    from storage.backup import back_up

    size = back_up(program.settings.database, target)
    click.echo(f"{click.format_filename(target)}: {size / 1e6:,.1f} MB, checked")


@cli.command()
@click.option(
    "--to",
    "target",
    metavar="DATABASE",
    required=True,
    help="An empty database: a file, or postgresql://user:password@host/name.",
)
@click.pass_obj
def move(program: Program, target: str) -> None:
    """Copy everything into another database and compare both; the bot has to be stopped.

    Cut off, it begins anew the next time, and no bot starts on what is there until then.
    """
    from bot.verbs.moving import move_all

    click.echo(move_all(program.settings.database, target))


@cli.command()
@click.argument("command", nargs=-1, required=True)
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.pass_obj
def say(program: Program, command: tuple[str, ...], language: str) -> None:
    """Answer one command here, such as "/status", from what is stored."""
    from bot.app import open_desk
    from bot.verbs.say import say as answer

    desk = open_desk(program.settings)
    with contextlib.closing(desk.db):
        click.echo(asyncio.run(answer(desk, " ".join(command), language)))


cli.add_command(import_group)


def main() -> None:
    """The entry point."""
    with ending_well():
        cli.main(prog_name="aftershock", standalone_mode=False)


if __name__ == "__main__":
    main()
