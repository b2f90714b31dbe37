"""The night's script and the page that an administrator reads are in step with the commands."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from tests.architecture.tree import ROOT
from tests.integration.backup.ward import program
from tests.integration.cli.running import coursewatch

PAGE = (ROOT / "docs" / "operations" / "backup.md").read_text(encoding="utf-8")
SCRIPT = ROOT / "docker" / "drill.sh"
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line.removeprefix("coursewatch ") for block in BLOCKS for line in block.splitlines()]


# Stands for the program: a backup is a file, and a drill goes as the test wants it.
STAND_IN = """echo "$@" >> {told}
case "$2" in backup) echo whole > "$3";; drill) echo "the drill has ended"; exit $DRILL_CODE;; esac
"""


def night(folder: Path, drill_code: int) -> subprocess.CompletedProcess[str]:
    """Run the night's script on a folder with a program that stands in for ours; keeps 30 days."""
    programs = program(folder.parent / "bin", "coursewatch", STAND_IN.format(told=folder.parent / "told"))
    given = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "DRILL_CODE": str(drill_code)}
    return subprocess.run([str(SCRIPT), str(folder), "30"], env=given, capture_output=True, text=True, check=False)


def test_old_backups_go_only_after_a_night_in_which_the_new_one_passed_its_drill(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old, told = folder / "coursewatch-2020-01-01T000000Z.backup", folder / "coursewatch-2020-01-01T000000Z.backup.json"
    others = folder / "others.backup"
    for file in (old, told, others):
        file.touch()
        os.utime(file, (0, 0))

    bad = night(folder, 1)
    assert (bad.returncode, bad.stdout) == (1, "the drill has ended\n")
    assert "cannot be relied on" in bad.stderr
    assert {old, told} <= set(folder.iterdir())

    good = night(folder, 0)
    assert (good.returncode, good.stdout, good.stderr) == (0, "the drill has ended\n", "")
    made = sorted(path.name for path in folder.iterdir())
    assert others.name in made
    assert {old.name, told.name}.isdisjoint(made)
    *_, backup, drilled = (tmp_path / "told").read_text(encoding="utf-8").splitlines()
    assert drilled == backup.replace("db backup", "db drill")


def test_the_script_runs_the_program_of_the_release_in_which_it_stands(tmp_path: Path) -> None:
    release, folder = tmp_path / "releases" / "1.0", tmp_path / "backups"
    (release / "docker").mkdir(parents=True)
    folder.mkdir()
    (tmp_path / "current").symlink_to(release)
    shutil.copy(SCRIPT, release / "docker")
    program(release / "bin", "coursewatch", STAND_IN.format(told=tmp_path / "told"))
    night = [str(tmp_path / "current" / "docker" / SCRIPT.name), str(folder)]
    ran = subprocess.run(night, env={"PATH": os.environ["PATH"], "DRILL_CODE": "0"}, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "told").read_text(encoding="utf-8").startswith(f"db backup {folder}/")


def test_every_command_of_the_page_is_one_that_the_program_takes() -> None:
    for line in COMMANDS:
        group, command, *words = shlex.split(line)
        told = coursewatch(group, command, "--help")
        assert told.code == 0, line
        options = {word for word in words if word.startswith("--")}
        assert {option for option in options if option not in told.out} == set(), line
        assert ("FILE" in told.out) is (not words[0].startswith("--")), line


def test_the_page_shows_each_of_the_commands() -> None:
    assert {line.split()[1] for line in COMMANDS} >= {"backup", "restore", "drill", "verify", "upgrade"}
