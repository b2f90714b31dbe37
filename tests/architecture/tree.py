"""Which files the checks of this folder look at, in this checkout or in a copy of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("workflow", "api", "scheduler")
CODE = (*PACKAGES, "tests", "benchmarks", "docs")
CONFIGURATION = ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "requirements.lock", "requirements-dev.lock")


def python_files(tree: Path, folders: tuple[str, ...] = CODE) -> Iterator[Path]:
    """Yield every Python file of these folders of the tree, in a stable order."""
    for folder in folders:
        yield from sorted((tree / folder).rglob("*.py"))


def copy_tree(target: Path) -> Path:
    """Copy code and configuration of this checkout to `target`, without what tools left behind, and return it."""
    target.mkdir()
    for folder in CODE:
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__", ".*", "data"))
    for name in CONFIGURATION:
        shutil.copy(ROOT / name, target / name)
    return target
