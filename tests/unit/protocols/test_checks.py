"""Static checks: a well-formed protocol whose numbers, names or sources do not go together is not loaded."""

import pytest

from tests.unit.protocols.texts import SOUND, broken, examples_in, flawed_keys, flaws_of
from workflow.protocols.checks.coverage import coverage_flaws, example_flaws
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import key_text
from workflow.protocols.sources import citation_keys

EXAMPLE = """
[[examples]]
name = "One"
why = "It shows both rules."
as_of = 2025-03-01
facts = [
  { type = "relapse_diagnosed", occurred_on = 2025-01-06, data = { relapse_site = "isolated_bm" } },
  { type = "protocol_chosen", occurred_on = 2025-01-06, data = { protocol = "small" } },
  { type = "block_started", occurred_on = 2025-01-08, data = { element = "R1" } },
]
state = "reinduction.block"
windows = [
  { rule = "TR-001", anchor_on = 2025-01-08, status = "open" },
  { rule = "W-2", anchor_on = 2025-01-08, status = "open" },
]
next = [
  { type = "block_started", occurred_on = 2025-01-21, data = { element = "R1" }, answer = "too_early", \
earliest_on = 2025-01-22 },
  { type = "block_started", occurred_on = 2025-01-22, data = { element = "R1" }, answer = "accepted" },
]
"""


def test_a_sound_protocol_has_no_flaw() -> None:
    assert flaws_of(SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("hard_min_days = 14", "hard_min_days = 15", "windows[0].earliest_days"),
        ("earliest_days = 14", "earliest_days = 22", "windows[0].target_days"),
        ("target_days = 21", "target_days = 22", "windows[0].latest_days"),
        ("latest_days = 21", "latest_days = 26", "windows[0].critical_days"),
        ("critical_days = 26", "critical_days = 21", "windows[0].critical_days"),
        ("target_days = 21\nlatest_days = 21", "latest_days = 13", "windows[0].latest_days"),
        ("latest_months = 3", "latest_months = 1", "windows[1].latest_months"),
        ("target_months = 2\nlatest_months = 3", "target_days = 93\nlatest_months = 3", "windows[1].latest_months"),
        ("target_months = 2\nlatest_months = 3", "target_months = 3\nlatest_days = 91", "windows[1].latest_days"),
        ("latest_months = 3", "latest_months = 3\nlatest_days = 91", "windows[1].latest_days"),
        ("target_months = 2\nlatest_months = 3\n", "", "windows[1]"),
        ('hard_min_elements = ["R1"]\n', "", "windows[0].hard_min_days"),
        ("hard_min_days = 14\n", "", "windows[0].hard_min_elements"),
        ('["R1"]', '["R1", "F1"]', "windows[0].hard_min_elements[1]"),
        ("target_months = 2", 'hard_min_days = 3\nhard_min_elements = ["R1"]', "windows[1].hard_min_days"),
        ('source = "000, page 1"', 'source = "001, page 1"', "elements[0].source"),
        ('source = "000, page 2; TR-001"', 'source = "TR-001"', "windows[0].source"),
        ('source = "000, page 2; TR-001"', 'source = "000; TR-001"', "windows[0].source"),
        ('source = "000, page 3"', 'source = "000, page 3; 002, page 1"', "windows[1].source"),
        ('source = "000, page 4"', 'source = "page 4"', "mrd_points[0].source"),
        ('rule = "W-2"', 'rule = "TR-001"', "windows[1].rule"),
        ('anchor = "block_completed"', 'anchor = "maintenance_started"', "windows[1].anchor_block"),
        ('["mrd_reported"]', '["mrd_reported", "response_assessed"]', "windows[1].expects[0].timepoints"),
        ('"transplanted"]', '"transplanted", "block_started"]', "windows[0].closed_by[5]"),
        (
            "target_months = 2",
            'target_months = 2\nfirst_interval_evidence = "40 %"',
            "windows[1].first_interval_evidence",
        ),
        ("[[elements]]", '[without_window]\nR9 = "why"\n\n[[elements]]', "without_window.R9"),
        ("[[elements]]", '[without_window]\nR1 = "why"\n\n[[elements]]', "without_window.R1"),
    ],
)
def test_one_thing_wrong_is_found_at_its_key(old: str, new: str, key: str) -> None:
    assert key in flawed_keys(broken(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("target_months = 2\nlatest_months = 3", "target_days = 89\nlatest_months = 3"),  # 89 to 92 days
        ("target_months = 2\nlatest_months = 3", "target_months = 3\nlatest_days = 92"),
        ("target_months = 2\nlatest_months = 3\n", 'note = "the source states no day"\n'),
        ("target_days = 21\nlatest_days = 21\n", ""),
        ('source = "000, page 3"', 'source = "000, page 3; 000, page 9; TR-013"'),
    ],
)
def test_what_only_looks_wrong_passes(old: str, new: str) -> None:
    assert flaws_of(broken(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [('"block_started"', '"block_completed"'), ('["block_started"]', '["block_completed"]')],
)
def test_the_block_interval_runs_from_start_to_start(old: str, new: str) -> None:
    (flaw,) = [flaw for flaw in flaws_of(broken(old, new)) if key_text(flaw.at) == "windows[0].rule"]

    assert "from each block's start to the next one's" in flaw.message
    assert 'anchor = "block_started"' in flaw.allowed


def test_elements_without_any_window_need_a_reason_each() -> None:
    text = SOUND[: SOUND.index("[[windows]]")]
    text += '[[elements]]\ncode = "R2"\nlabel = "R2"\nsource = "000, page 1"\n'

    assert flawed_keys(text) == ["elements[0].code", "elements[1].code"]
    assert flawed_keys(text + '[without_window]\nR1 = "no interval is stated"\n') == ["elements[1].code"]


def test_a_window_on_one_block_only_covers_no_element() -> None:
    text = SOUND[: SOUND.index("[[windows]]")] + SOUND[SOUND.rindex("[[windows]]") :]

    assert flawed_keys(text) == ["elements[0].code"]


def test_an_element_or_an_mrd_point_stands_once() -> None:
    again = SOUND + '[[elements]]\ncode = "R1"\nlabel = "again"\nsource = "000, page 1"\n'
    again += '[[mrd_points]]\ntimepoint = "WEEK_5"\nmethod = "PCR"\nsource = "000, page 4"\n'
    again += '[[mrd_points]]\ntimepoint = "WEEK_5"\nmethod = "FLOW"\nsource = "000, page 4"\n'

    assert flawed_keys(again) == ["elements[1].code", "mrd_points[1].timepoint"]


def test_a_flaw_says_which_numbers_would_do() -> None:
    (late,) = flaws_of(broken("critical_days = 26", "critical_days = 21"))

    assert late.message == "21 days must come after latest_days = 21"
    assert late.allowed == "22 or more: hard_min <= earliest <= target <= latest < critical"


def test_citation_keys_are_read_without_the_rule() -> None:
    assert citation_keys("000, introduction; 002, MRD [31]; TR-013") == ("000", "002")


def test_a_rule_that_no_example_shows_is_a_flaw() -> None:
    protocol = parse_protocol(SOUND, "protocol.toml")
    shown = examples_in(EXAMPLE)
    half = examples_in(EXAMPLE.replace('rule = "W-2"', 'rule = "TR-001"'))

    assert coverage_flaws(protocol, shown) == []
    assert [key_text(flaw.at) for flaw in coverage_flaws(protocol, half)] == ["windows[1].rule"]
    assert [key_text(flaw.at) for flaw in coverage_flaws(protocol, ())][:2] == ["windows[0].rule", "windows[1].rule"]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('rule = "W-2"', 'rule = "W-3"', "examples[0].windows[1].rule"),
        ('state = "reind', 'absent = ["TR-9"]\nstate = "reind', "examples[0].absent[0]"),
        ('answer = "too_early"', 'answer = "too_early", rule = "TR-9"', "examples[0].next[0].rule"),
        ("as_of = 2025-03-01", "as_of = 2025-01-07", "examples[0].facts[2].occurred_on"),
    ],
)
def test_an_example_that_cannot_be_is_found_before_it_is_run(old: str, new: str, key: str) -> None:
    protocol = parse_protocol(SOUND, "protocol.toml")
    examples = examples_in(EXAMPLE.replace(old, new))

    assert example_flaws(protocol, examples_in(EXAMPLE)) == []
    assert [key_text(flaw.at) for flaw in example_flaws(protocol, examples)] == [key]


@pytest.mark.parametrize(
    ("row", "key", "message", "allowed"),
    [
        (
            'after = "Start"\nthen = ["R1"]',
            "sequence[0].after",
            "not an element of this protocol, did you mean START?",
            "START, R1",
        ),
        ('after = "R9"\nthen = ["R1"]', "sequence[0].after", "R9 is not an element", "START, R1"),
        ('after = "R1"\nthen = ["START"]', "sequence[0].then[0]", "START begins an attempt and cannot follow", "R1"),
    ],
)
def test_start_is_an_allowed_beginning_and_never_what_follows(row: str, key: str, message: str, allowed: str) -> None:
    (flaw,) = flaws_of(f'{SOUND}\n[[sequence]]\n{row}\nsource = "000, page 5"\n')

    assert (key_text(flaw.at), flaw.allowed) == (key, allowed)
    assert message in flaw.message


@pytest.mark.parametrize("line", ['in_force_from = "2026-01-01"', 'silent_after_days = "7"'])
def test_a_key_of_the_file_that_reads_like_a_citation_is_told_where_it_belongs(line: str) -> None:
    (flaw,) = flaws_of(broken('000 = "A source"', f'000 = "A source"\n{line}'))

    assert key_text(flaw.at) == f"citations.{line.partition(' ')[0]}"
    assert flaw.message == "stands under [citations]; move it above the first [table]"


def test_two_examples_of_one_name_are_a_flaw() -> None:
    protocol = parse_protocol(SOUND, "protocol.toml")
    examples = examples_in(EXAMPLE * 2)

    assert [key_text(flaw.at) for flaw in example_flaws(protocol, examples)] == ["examples[1].name"]
