"""Two engines, one meaning: the same story gets the same answers, and leaves no function out."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import storage
from storage.database import Database, open_database
from tests.storage.postgres_server import PostgresServer
from tests.storage.story import tell

Answer = tuple[str, Any]


def functions_that_ask_the_database() -> set[str]:
    """Every public function of storage/ whose first argument is the database."""
    modules = [
        import_module(f"storage.{module.name}")
        for module in pkgutil.iter_modules(storage.__path__)
        if not module.ispkg
    ]
    return {
        name_of(function)
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and next(iter(inspect.get_annotations(function).values()), None) is Database
    }


def name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def plain(value: Any) -> Any:
    """An answer as it can be compared: arrays and what holds them do not compare as wholes."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, *(plain(getattr(value, field.name)) for field in fields(value)))
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | Iterator):
        return [plain(each) for each in value]
    return value


def answers(db: Database) -> list[Answer]:
    """What each call of the story answered on an engine, with its function's name."""
    told: list[Answer] = []

    def do(
        function: Callable[..., Any],
        *args: Any,
        answer: Callable[[Any], Any] = lambda given: given,
        **more: Any,
    ) -> Any:
        given = function(db, *args, **more)
        told.append((name_of(function), plain(answer(given))))
        return given

    tell(do)
    return told


@pytest.fixture(scope="module")
def told() -> list[Answer]:
    with closing(open_database(":memory:")) as db:
        return answers(db)


def test_the_story_leaves_no_function_out(told: list[Answer]) -> None:
    assert functions_that_ask_the_database() - {name for name, _ in told} == set()


def test_both_engines_answer_the_same(told: list[Answer], postgres: PostgresServer) -> None:
    with closing(open_database(postgres.shared_database())) as db:
        for number, (ours, theirs) in enumerate(zip(told, answers(db), strict=True)):
            assert theirs == ours, f"call {number}"
