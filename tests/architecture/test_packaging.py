"""Keeps what is installed honest: our packages from this tree, pinned dependencies, data files in the wheel."""

import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.packaging import PLACES, foreign_packages, read_lock
from tests.architecture.tree import PACKAGES, ROOT, copy_tree

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME_LOCK = ROOT / "requirements.lock"
DEVELOPMENT_LOCK = ROOT / "requirements-dev.lock"
LOCKS = pytest.mark.parametrize("lock", [RUNTIME_LOCK, DEVELOPMENT_LOCK], ids=lambda lock: lock.name)
MAY_BE_IMPORTED_ANYWHERE = {"pydantic", "tzdata", "transitions"}


def requirements_of(group: str) -> list[Requirement]:
    lines = PROJECT["project"]["dependencies"] if group == "runtime" else PROJECT["dependency-groups"][group]
    return [Requirement(line) for line in lines]


def test_each_package_is_imported_from_this_tree() -> None:
    assert foreign_packages(ROOT, Path(sys.executable)) == []


def test_the_distribution_cannot_be_uploaded() -> None:
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]


@LOCKS
def test_a_lock_names_no_host_and_no_folder(lock: Path) -> None:
    assert [found.group() for found in PLACES.finditer(lock.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--find-links /opt/wheels",
        "-e .",
        "-r other.lock",
        "coursewatch @ file:///home/somebody/coursewatch",
        "six @ git+ssh://git.example/six",
        "    # via -r /home/somebody/requirements.in",
        "    # via ~/requirements.in",
    ],
)
def test_a_line_that_names_a_place_would_be_seen_in_a_lock(line: str) -> None:
    assert PLACES.search(f"six==1.17.0 \\\n    --hash=sha256:4721\n{line}\n")


@LOCKS
def test_every_pin_has_a_hash(lock: Path) -> None:
    assert [pin.requirement.name for pin in read_lock(lock) if not pin.hashes] == []


@pytest.mark.parametrize(
    ("lock", "group"),
    [
        (RUNTIME_LOCK, "runtime"),
        (RUNTIME_LOCK, "build"),
        (DEVELOPMENT_LOCK, "runtime"),
        (DEVELOPMENT_LOCK, "build"),
        (DEVELOPMENT_LOCK, "dev"),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_a_lock_pins_what_pyproject_asks_for_and_nothing_it_no_longer_asks_for(lock: Path, group: str) -> None:
    wanted = {canonicalize_name(wish.name): wish for wish in requirements_of(group)}
    pinned = {pin.requirement.name: pin.version for pin in read_lock(lock) if group in pin.asked_for_by}

    assert pinned.keys() == wanted.keys(), "run `make lock`"
    assert [str(wish) for name, wish in wanted.items() if not wish.specifier.contains(pinned[name])] == []


def test_development_runs_on_the_versions_that_are_shipped() -> None:
    shipped = {str(pin.requirement) for pin in read_lock(RUNTIME_LOCK)}
    developed_on = {str(pin.requirement) for pin in read_lock(DEVELOPMENT_LOCK)}

    assert shipped - developed_on == set(), "run `make lock`"


def test_no_dependency_is_missing_from_what_pure_rooms_may_not_import() -> None:
    contracts = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
    forbidden = set(contracts["pure-rooms"]["forbidden_modules"])
    names = {wish.name.replace("-", "_") for wish in requirements_of("runtime")}
    # Its distributions share one package.
    modules = {"opentelemetry" if name.startswith("opentelemetry_") else name for name in names}

    assert modules - MAY_BE_IMPORTED_ANYWHERE - forbidden == set()


def test_the_wheel_carries_every_file_of_the_packages(tmp_path: Path) -> None:
    tree = copy_tree(tmp_path / "tree")
    (tree / "workflow" / "protocols" / "somewhere").mkdir()
    (tree / "workflow" / "protocols" / "somewhere" / "protocol.toml").write_text("", encoding="utf-8")
    there = {
        str(file.relative_to(tree)) for folder in PACKAGES for file in (tree / folder).rglob("*") if file.is_file()
    }

    (wheel,) = WheelBuilder(str(tree)).build(directory=str(tmp_path / "dist"), versions=["standard"])

    with zipfile.ZipFile(wheel) as opened:
        carried = {name for name in opened.namelist() if not name.startswith("coursewatch-")}
    assert "workflow/protocols/somewhere/protocol.toml" in carried
    assert carried == there
