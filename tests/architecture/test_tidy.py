"""Keeps files and functions small and named, and proves that the checker sees what it should."""

from pathlib import Path

import pytest

from tests.architecture.tidy import untidiness
from tests.architecture.tree import CODE, ROOT, python_files

PURPOSE = '"""Why this file exists."""\n'
MANY_LINES = "".join(f"    x = {number}\n" for number in range(50))


def test_every_file_keeps_the_budgets_of_the_house() -> None:
    assert untidiness(ROOT) == []


def test_the_budgets_are_measured_on_every_root_folder() -> None:
    seen = {file.relative_to(ROOT).parts[0] for file in python_files(ROOT)}

    assert seen == set(CODE)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("long.py", PURPOSE + "x = 1\n" * 300, "301 lines, at most 300"),
        ("long_function.py", PURPOSE + "def f():\n" + MANY_LINES, "f has 51 lines, at most 50"),
        ("crowded.py", PURPOSE + "def f(a, b, c, d, e, f): ...\n", "f takes 6 arguments by position"),
        ("crowded_method.py", PURPOSE + "class C:\n    def m(self, a, b, c, d, e, f): ...\n", "m takes 6 arguments"),
        ("silent.py", "x = 1\n", "no docstring"),
        ("chatty.py", '"""Why.\n\nAnd much more.\n"""\n', "longer than a paragraph"),
        ("helpers.py", PURPOSE, "helpers names nothing"),
        ("alert_manager.py", PURPOSE, "manager names nothing"),
    ],
)
def test_a_breach_is_named_with_its_file_and_its_budget(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow" / name).write_text(text, encoding="utf-8")

    (line,) = untidiness(tmp_path)

    assert line.startswith(f"workflow/{name}:")
    assert complaint in line


def test_what_is_just_within_the_budgets_passes(tmp_path: Path) -> None:
    full = PURPOSE + "class C:\n    def m(self, a, b, c, d, e, *, f): ...\n" + "x = 1\n" * 297
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "full.py").write_text(full, encoding="utf-8")

    assert untidiness(tmp_path) == []
