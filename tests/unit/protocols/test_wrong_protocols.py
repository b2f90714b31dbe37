"""Protocols written wrong on purpose are refused, each error naming file, line, key and what may stand there."""

import re
from pathlib import Path

import pytest

from workflow.protocols.files.problems import ProtocolError
from workflow.protocols.library import load_folder
from workflow.services.check_protocols import check_folder

WRONG = Path("tests/data/protocols")
ROOT = Path(__file__).parents[3]
LINE = re.compile(
    r"(?P<file>\S+\.toml):(?P<line>\d+): (?P<key>\S+|the whole file): (?P<message>.+); allowed: (?P<allowed>.+)"
)

# file, line, key, part of the message, part of what is allowed
WRONG_NAMES = [
    ("protocol.toml", 2, "id", '"Wrong Names" cannot stand here', "small letters, digits and hyphens"),
    ("protocol.toml", 3, "version", "1 cannot stand here", "text of letters"),
    ("protocol.toml", 6, "colour", "is not a key here", "silent_after_days"),
    ("protocol.toml", 11, "elements[0].source", "is required", "the key of a citation"),
    ("protocol.toml", 19, "windows[0].anchor", '"block_begun" is not a fact type', "block_started"),
    ("protocol.toml", 20, "windows[0].expects[0].facts[0]", "did you mean block_started?", "block_completed"),
    ("protocol.toml", 20, "windows[0].expects[0].timepoints[0]", '"END_BLOCK_4" is not an MRD', "END_BLOCK_3"),
    ("protocol.toml", 21, "windows[0].latest_day", "did you mean latest_days?", "latest_months"),
    ("protocol.toml", 22, "windows[0].critical_days", '"26" cannot stand here', "0 to 3650"),
    ("protocol.toml", 25, "windows[0].closed_by[1]", "did you mean transplanted?", "withdrawn"),
    ("protocol.toml", 29, "mrd_points[0].timepoint", "did you mean AFTER_INDUCTION_COURSE_2?", "PRE_HSCT"),
    ("protocol.toml", 30, "mrd_points[0].method", "did you mean PCR?", "FLOW, PCR, NGS"),
    ("protocol.toml", 31, "mrd_points[0].cutoff", "1.5 cannot stand here", "between 0 and 1"),
    ("examples.toml", 4, "examples[0].as_of", "cannot stand here", "2025-01-31"),
    ("examples.toml", 6, "examples[0].facts[0].type", "did you mean block_started?", "note_added"),
    ("examples.toml", 8, "examples[0].state", "did you mean reinduction.", "hsct.transplanted"),
]
WRONG_NUMBERS = [
    ("protocol.toml", 11, "without_window.R9", "R9 is not an element", "R1"),
    ("protocol.toml", 14, "elements[0].code", "R1 has neither a window nor a reason", "under [without_window]"),
    ("protocol.toml", 14, "elements[0].code", "no example starts R1", "after choosing wrong-numbers"),
    ("protocol.toml", 19, "elements[1].code", "R1 stands here twice", "used once"),
    ("protocol.toml", 21, "elements[1].source", '"001" is not declared', "000"),
    ("protocol.toml", 24, "windows[0].rule", "no example expects a window of W-1", "examples.toml"),
    ("protocol.toml", 26, "windows[0].source", "names no citation", "KEY, place"),
    ("protocol.toml", 28, "windows[0].expects[0].timepoints", "MRD facts only", "mrd_reported"),
    ("protocol.toml", 29, "windows[0].anchor_block", "maintenance_started is no block", "block_completed"),
    ("protocol.toml", 30, "windows[0].hard_min_days", "belong together", "both or neither"),
    ("protocol.toml", 30, "windows[0].hard_min_days", "from a block's start or end", "block_completed"),
    ("protocol.toml", 30, "windows[0].hard_min_days", "waits for none", "expects names block_started"),
    ("protocol.toml", 30, "windows[0].hard_min_days", "no example shows the last day before", 'rule = "W-1"'),
    ("protocol.toml", 31, "windows[0].earliest_days", "14 days lies before hard_min_days = 30", "30 or more"),
    ("protocol.toml", 32, "windows[0].target_days", "in days and in months", "one of the two"),
    ("protocol.toml", 33, "windows[0].latest_days", "21 days lies before target_months = 1", "length of the months"),
    ("protocol.toml", 34, "windows[0].critical_days", "must come after latest_days = 21", "22 or more"),
    ("protocol.toml", 36, "windows[0].closed_by", "transplanted leads to", "with a fact before it"),
    ("protocol.toml", 36, "windows[0].closed_by[1]", "maintenance_completed is expected", "does not name"),
    ("protocol.toml", 37, "windows[0].first_interval_evidence", "first and the second block", "TR-001"),
    ("protocol.toml", 39, "windows[1]", "has no threshold, and no note", "a threshold, or a note"),
    ("protocol.toml", 39, "windows[1].closed_by", "TR-001 would run on after", "reinduction_failed"),
    ("protocol.toml", 40, "windows[1].rule", "TR-001 is the block interval", "block_started"),
    ("protocol.toml", 40, "windows[1].rule", "no example expects a window of TR-001", "examples.toml"),
    ("protocol.toml", 42, "windows[1].source", '"000" stands without a place', "KEY, place"),
    ("protocol.toml", 45, "windows[1].hard_min_elements", "belong together", "both or neither"),
    ("protocol.toml", 45, "windows[1].hard_min_elements[0]", "R2 is not an element", "R1"),
    ("examples.toml", 9, "examples[0].windows[0].rule", "TR-002 is not a rule of wrong-numbers@1", "W-1, TR-001"),
]
WRONG_EXAMPLES = [
    ("examples.toml", 6, "examples[0].facts[0].data.relapse_site", '"marrow" cannot stand here', '"isolated_bm", '),
    ("examples.toml", 7, "examples[0].facts[1].data.element", "is required", "element, attempt"),
    ("examples.toml", 17, "examples[1].facts[1].data.unit", "unit", "timepoint, method"),
]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("wrong_names", WRONG_NAMES), ("wrong_numbers", WRONG_NUMBERS), ("wrong_examples", WRONG_EXAMPLES)],
)
def test_every_problem_of_a_wrong_protocol_is_named_in_full(
    folder: str, expected: list[tuple[str, int, str, str, str]]
) -> None:
    lines = check_folder(WRONG / folder)
    said = [LINE.fullmatch(line) for line in lines]

    assert [line for line, match in zip(lines, said, strict=True) if match is None] == []
    found = sorted((match["file"], int(match["line"]), match["key"]) for match in said if match)
    assert found == sorted((str(WRONG / folder / file), line, key) for file, line, key, _, _ in expected)
    for file, number, key, message, allowed in expected:
        place = f"{WRONG / folder / file}:{number}: {key}: "
        assert any(line.startswith(place) and message in line and allowed in line for line in lines), (place, message)


@pytest.mark.parametrize("folder", ["wrong_names", "wrong_numbers", "wrong_examples"])
def test_a_wrong_protocol_cannot_be_loaded(folder: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        load_folder(WRONG / folder)

    assert str(refused.value).splitlines() == check_folder(WRONG / folder)


def test_examples_that_do_not_hold_are_named_with_what_came_out() -> None:
    place = "tests/data/protocols/wrong_expectations/examples.toml:1: examples[0] Late a day too soon: "

    assert check_folder(WRONG / "wrong_expectations") == [
        place + "state is reinduction.block on 2025-01-29, expected reinduction.recovery",
        place + "1:TR-001 from 2025-01-08: status is open, expected late",
    ]
