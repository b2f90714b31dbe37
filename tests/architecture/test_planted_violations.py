"""Plants one violation of each kind in a copy of the tree and sees the checker that `make test` runs name it."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.architecture.packaging import foreign_packages
from tests.architecture.tidy import untidiness
from tests.architecture.tree import ROOT, copy_tree

BIN = Path(sys.executable).parent
PURPOSE = '"""Planted."""\n\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_tree(tmp_path / "tree")


def checked_by(command: str, *arguments: str, tree: Path) -> tuple[bool, str]:
    """Run a tool of `make test` on the copy; return whether it passed and all that it said."""
    ran = subprocess.run(
        [BIN / command, *arguments],
        cwd=tree,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode == 0, ran.stdout + ran.stderr


def plant(tree: Path, name: str, text: str) -> None:
    assert not (tree / name).exists()
    (tree / name).write_text(PURPOSE + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("planted", "text", "named"),
    [
        ("workflow/rules/planted.py", "import sqlmodel  # noqa: F401\n", "workflow.rules.planted -> sqlmodel (l.3)"),
        ("api/planted.py", "import scheduler  # noqa: F401\n", "api.planted -> scheduler (l.3)"),
        (
            "api/planted.py",
            "from workflow.persistence.tables import FactTable  # noqa: F401\n",
            "api.planted -> workflow.persistence.tables (l.3)",
        ),
    ],
    ids=["a pure room that knows the database", "an API that knows the scheduler", "an API that knows the tables"],
)
def test_a_forbidden_import_breaks_a_contract(tree: Path, planted: str, text: str, named: str) -> None:
    passed, said = checked_by("lint-imports", "--no-cache", tree=tree)
    assert passed, said

    plant(tree, planted, text)

    passed, said = checked_by("lint-imports", "--no-cache", tree=tree)
    assert not passed
    assert named in said


def test_a_rule_that_asks_for_today_breaks_the_lint(tree: Path) -> None:
    passed, said = checked_by("ruff", "check", "--no-cache", ".", tree=tree)
    assert passed, said

    plant(tree, "workflow/rules/planted.py", "from datetime import date\n\nTODAY = date.today()\n")

    passed, said = checked_by("ruff", "check", "--no-cache", "--output-format=concise", ".", tree=tree)
    assert not passed
    assert "workflow/rules/planted.py:5:9: TID251 `datetime.date.today` is banned" in said


def test_a_file_of_400_lines_breaks_the_budget(tree: Path) -> None:
    assert untidiness(tree) == []

    plant(tree, "workflow/rules/planted.py", "X = 1\n" * 398)

    (line,) = untidiness(tree)
    assert line.startswith("workflow/rules/planted.py: 400 lines, at most 300")


def test_a_package_of_our_name_from_the_index_is_noticed(tree: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    (site_packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    # What an editable installation writes.
    (site_packages / "_coursewatch.pth").write_text(f"{tree}\n", encoding="utf-8")
    assert foreign_packages(tree, python) == []

    (site_packages / "workflow").mkdir()
    (site_packages / "workflow" / "__init__.py").touch()

    (line,) = foreign_packages(tree, python)
    assert line.startswith(f"workflow is imported from {site_packages / 'workflow' / '__init__.py'}, not from {tree}")


def test_these_checkers_are_the_ones_that_make_test_runs() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert "test: lint types contracts audit pytest" in makefile
    assert "$(BIN)/ruff check .\n" in makefile
    assert "$(BIN)/lint-imports\n" in makefile
    assert "$(BIN)/python -m pytest --numprocesses" in makefile
