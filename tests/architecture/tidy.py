"""Measures files and functions against the house's budgets, as a checker that can be run on any tree."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.architecture.tree import python_files

LINES_A_FILE = 300
LINES_A_FUNCTION = 50
POSITIONAL_ARGUMENTS = 5
BANNED_WORDS = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"})

Function = ast.FunctionDef | ast.AsyncFunctionDef
Check = Callable[[Path, str, ast.Module], Iterator[str]]


def functions_of(module: ast.Module) -> Iterator[Function]:
    """Yield every function and method of a module, nested ones too."""
    return (node for node in ast.walk(module) if isinstance(node, Function))


def long_files(path: Path, text: str, _: ast.Module) -> Iterator[str]:
    """Yield a line for a file over its budget."""
    lines = len(text.splitlines())
    if lines > LINES_A_FILE:
        yield f"{path}: {lines} lines, at most {LINES_A_FILE}; split it by what changes together"


def long_functions(path: Path, _: str, module: ast.Module) -> Iterator[str]:
    """Yield a line for each function over its budget, counted from `def` to its last line."""
    for function in functions_of(module):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > LINES_A_FUNCTION:
            yield f"{path}:{function.lineno}: {function.name} has {lines} lines, at most {LINES_A_FUNCTION}"


def crowded_functions(path: Path, _: str, module: ast.Module) -> Iterator[str]:
    """Yield a line for each function that takes too many arguments by position; `self` and `cls` do not count."""
    for function in functions_of(module):
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        count = len(names) - (names[:1] in (["self"], ["cls"]))
        if count > POSITIONAL_ARGUMENTS:
            yield (
                f"{path}:{function.lineno}: {function.name} takes {count} arguments by position, "
                f"at most {POSITIONAL_ARGUMENTS}; put `*` before the others"
            )


def missing_purposes(path: Path, _: str, module: ast.Module) -> Iterator[str]:
    """Yield a line for a module that does not say in one paragraph why it exists."""
    purpose = ast.get_docstring(module)
    if not purpose:
        yield f"{path}:1: no docstring; say in one sentence why this file exists"
    elif "\n\n" in purpose:
        yield f"{path}:1: the docstring is longer than a paragraph; say in one sentence why this file exists"


def empty_names(path: Path, _: str, __: ast.Module) -> Iterator[str]:
    """Yield a line for each part of the path that could be the name of anything."""
    for part in path.with_suffix("").parts:
        banned = BANNED_WORDS.intersection(part.lower().split("_"))
        if banned:
            yield f"{path}: {', '.join(sorted(banned))} names nothing; name it after what it does"


CHECKS: tuple[Check, ...] = (long_files, long_functions, crowded_functions, missing_purposes, empty_names)


def untidiness(tree: Path) -> list[str]:
    """Return one line for each breach of a budget in the code of this tree; paths are relative to it."""
    found: list[str] = []
    for file in python_files(tree):
        text = file.read_text(encoding="utf-8")
        module = ast.parse(text)
        for check in CHECKS:
            found += check(file.relative_to(tree), text, module)
    return found
