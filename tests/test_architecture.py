"""Who may import whom, and which library lives where; the rules are those of README's map of the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "signals", "storage")

HOMES = {
    "telegram": ("bot/",),
    "apscheduler": ("bot/intake/clockwork.py",),
    "matplotlib": ("bot/charts/",),
    "babel": ("bot/",),
    "click": ("bot/",),
    "rich": ("bot/",),
    "pydantic": ("bot/settings/",),
    "pydantic_settings": ("bot/settings/",),
    "aiohttp": (
        "signals/feeds/",
        "bot/playground/",
        "bot/talk/request.py",
        "bot/talk/webhook.py",
        "bot/delivery/errors.py",
        "bot/vitals/",
    ),
    "ccxt": ("signals/feeds/",),
    "prometheus_client": ("bot/vitals/metrics.py",),
    "holidays": ("signals/calendar.py",),
    "sqlite3": ("storage/",),
    "sqlite_utils": ("storage/",),
    "psycopg": ("storage/engines/postgres",),
}

PURE = (
    "time",
    "socket",
    "asyncio",
    "random",
    "urllib",
    "http",
    "subprocess",
    "os",
    "pathlib",
    "io",
    "logging",
)
"""What signals outside feeds/ has no use for: it reads no clock, network or disk."""

BELOW_COMMANDS = ("words", "charts", "pictures", "delivery", "intake", "history", "own", "telling")


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def breaches(allowed, path):
    return [name for name in imports(path) if not allowed(name, place(path))]


@pytest.mark.parametrize("path", modules(), ids=place)
def test_every_library_has_one_home(path):
    def allowed(name, where):
        return where.startswith(HOMES.get(name.split(".")[0], ("",)))

    assert breaches(allowed, path) == []


@pytest.mark.parametrize("path", modules(), ids=place)
def test_data_goes_one_way(path):
    def allowed(name, where):
        package = name.split(".")[0]
        if where.startswith("signals/"):
            return package not in {"bot", "storage"}
        return not where.startswith("storage/") or package != "bot"

    assert breaches(allowed, path) == []


@pytest.mark.parametrize("folder", BELOW_COMMANDS)
def test_only_talk_and_the_verbs_know_the_commands(folder):
    above = ("bot.commands", "bot.talk", "bot.verbs", "bot.app")
    paths = [path for path in modules() if place(path).startswith(f"bot/{folder}/")]
    assert paths
    assert [place(path) for path in paths for name in imports(path) if name.startswith(above)] == []


@pytest.mark.parametrize("path", [p for p in modules() if place(p).startswith("storage/")], ids=place)
def test_storage_knows_the_vocabulary_and_no_rule(path):
    names = ("facts", "market", "gauges", "notices", "levels", "conditions", "moments", "coins")
    vocabulary = {f"signals.{name}" for name in names}
    assert breaches(lambda name, _: not name.startswith("signals") or name in vocabulary, path) == []


@pytest.mark.parametrize(
    "path",
    [p for p in modules() if place(p).startswith("signals/") and "/feeds/" not in place(p)],
    ids=place,
)
def test_the_rules_read_no_clock_network_or_disk(path):
    text = path.read_text(encoding="utf-8")
    assert breaches(lambda name, _: name.split(".")[0] not in PURE, path) == []
    assert [call for call in (".now(", ".today(", ".utcnow(", "open(") if call in text] in ([], ["open("])
    assert "feeds" not in " ".join(imports(path))


def test_the_environment_is_read_in_one_place():
    readers = [place(p) for p in modules() if "os.environ" in p.read_text(encoding="utf-8")]
    assert readers == ["bot/settings/table.py"]


def test_only_storage_speaks_sql():
    spoken = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ")
    speakers = [place(p) for p in modules() if any(word in p.read_text(encoding="utf-8") for word in spoken)]
    assert {speaker.split("/")[0] for speaker in speakers} == {"storage"}


def test_the_playground_is_only_opened_by_the_command_line():
    for path in modules():
        if not place(path).startswith("bot/playground/") and place(path) != "bot/__main__.py":
            assert [name for name in imports(path) if name.startswith("bot.playground")] == [], place(path)
