"""A number that could be one larger or smaller without any worked example failing is told at its line by the check."""

from pathlib import Path

import pytest

from tests.own_protocols import write_own
from workflow.protocols.files.beginning import beginning
from workflow.protocols.library import examples_of, load_directory, load_folder
from workflow.rules.examples import failures
from workflow.rules.one_off import moved_by_one
from workflow.services.check_protocols import check_folder

NUMBERS = "earliest_days = 6\ntarget_days = 70\nlatest_days = 700\ncritical_days = 2100\n"
STATED = (
    "status = 'open', verdict = 'none', days = 7, earliest_on = 2025-01-12, target_on = 2025-03-17, "
    "latest_on = 2026-12-07, critical_from = 2030-10-07"
)
CAP = """
[[caps]]
rule = "LOCAL-CAP"
elements = ["BLOCK_1"]
most = 2
scope = "course"
source = "LOCAL, page 3"
"""
TWO_GIVEN = """
[[examples]]
name = "Two blocks are given, and no third"
why = "LOCAL, page 3"
as_of = 2025-02-20
state = "reinduction.recovery"
facts = [
  { type = "relapse_diagnosed", occurred_on = 2025-01-03, data = { relapse_site = "isolated_bm" } },
  { type = "protocol_chosen", occurred_on = 2025-01-03, data = { protocol = "mine" } },
  { type = "block_started", occurred_on = 2025-01-06, data = { element = "BLOCK_1" } },
  { type = "block_completed", occurred_on = 2025-01-13, data = { given = "as_planned" } },
%s]
next = [
  { type = "block_started", occurred_on = 2025-02-20, data = { element = "BLOCK_1" }, answer = "%s" },
]
"""
SECOND = """
  { type = "block_started", occurred_on = 2025-02-06, data = { element = "BLOCK_1" } },
  { type = "block_completed", occurred_on = 2025-02-13, data = { given = "as_planned" } },
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in beginning("mine", "Mine").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_numbers_that_nobody_worked_out_are_told_at_their_lines(folder: Path) -> None:
    change(folder / "protocol.toml", 'note = "PLACEHOLDER: no number of days is stated yet."\n', NUMBERS)
    change(folder / "examples.toml", 'status = "open", verdict = "none", days = 7', 'status = "open"')
    lines = (folder / "protocol.toml").read_text(encoding="utf-8").splitlines()

    assert check_folder(folder) == [
        f"{folder}/protocol.toml:{lines.index(f'{name} = {number}') + 1}: windows[0].{name}: no example notices if "
        f"{name} were {number - 1} or {number + 1} instead of {number}; allowed: a number that examples pin: show its "
        "day and the day after, or state its date among the windows"
        for name, number in (("earliest_days", 6), ("target_days", 70), ("latest_days", 700), ("critical_days", 2100))
    ]
    # A start asks for less: what was sound when it was brought stays so.
    assert load_directory(folder, failures)


def test_numbers_whose_dates_an_example_states_are_tested(folder: Path) -> None:
    change(folder / "protocol.toml", 'note = "PLACEHOLDER: no number of days is stated yet."\n', NUMBERS)
    change(folder / "examples.toml", 'status = "open", verdict = "none", days = 7', STATED)

    assert check_folder(folder) == []


def test_a_number_that_is_tested_from_one_side_is_told_with_the_other_side(folder: Path) -> None:
    change(folder / "protocol.toml", 'note = "PLACEHOLDER: no number of days is stated yet."\n', "latest_days = 7\n")

    (told,) = check_folder(folder)

    assert "no example notices if latest_days were 8 instead of 7" in told


def test_a_cap_is_moved_as_well(folder: Path) -> None:
    change(folder / "protocol.toml", "[[windows]]", f"{CAP.strip()}\n\n[[windows]]")
    with (folder / "examples.toml").open("a", encoding="utf-8") as examples:
        examples.write(TWO_GIVEN.replace("Two blocks", "One block") % ("", "accepted"))
        examples.write(TWO_GIVEN % (SECOND, 'cap_reached", rule = "LOCAL-CAP'))
    protocol = load_folder(folder)

    assert check_folder(folder) == []
    assert [moved.protocol.caps[0].most for moved in moved_by_one(protocol)] == [1, 3]
    assert all(
        any(failures(example, moved.protocol) for example in examples_of(folder)) for moved in moved_by_one(protocol)
    )


def test_no_number_is_moved_to_what_is_none(tmp_path: Path) -> None:
    write_own(tmp_path, days=0)
    protocol = load_folder(tmp_path / "home-blocks@1")

    assert [(moved.at[-1], moved.other) for moved in moved_by_one(protocol)] == [("target_days", 1), ("latest_days", 1)]
