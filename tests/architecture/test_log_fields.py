"""Every field of every line that our code logs stands in the one list of those that may."""

import ast
from collections.abc import Iterator

from api.log_fields import FIELDS
from tests.architecture.tree import PACKAGES, ROOT, python_files

LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})


def test_every_field_that_is_logged_is_named_in_the_list() -> None:
    used = dict(fields_logged())
    assert len(used) > 10
    assert {name: place for name, place in used.items() if name not in FIELDS} == {}


def test_nothing_logs_the_text_of_an_exception() -> None:
    assert [place for name, place in fields_logged() if name == "exc_info"] == []


def fields_logged() -> Iterator[tuple[str, str]]:
    """Yield the name of each keyword that is handed to a logger of structlog, and where."""
    for file in python_files(ROOT, PACKAGES):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _logs(node.func):
                for keyword in node.keywords:
                    if keyword.arg is not None:
                        yield keyword.arg, f"{file.relative_to(ROOT)}:{node.lineno}"


def _logs(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "tell"  # delivery chooses the level by what came of an attempt
    return isinstance(function, ast.Attribute) and function.attr in LEVELS and "log" in ast.unparse(function.value)
