"""Static checks of sequence, caps, conditions, doses and cut-offs: each thing wrong is found at its key, alone."""

from decimal import Decimal

import pytest

from tests.unit.protocols.grown_texts import keys_flawed, said_by_key
from workflow.knowledge.risk_tables import SCHEMES
from workflow.protocols.checks.groups import GROUPS_OF
from workflow.protocols.checks.printed_amounts import printed_amounts

RISK = '{ scheme = "ALL_REZ_BFM_95", groups = ["S3", "S4"] }'
ON_CYCLE = 'anchor = "block_started"\nanchor_elements = ["CYCLE"]'
CAP = '[[caps]]\nrule = "C-1"\nelements = ["CYCLE"]\nmost = 3'


def test_the_grown_protocol_is_sound() -> None:
    assert keys_flawed() == []


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        (
            'anchor_elements = ["R1"]',
            'anchor_elements = ["R2"]',
            "windows[0].anchor_elements[0]",
            "R2 is not an element",
        ),
        ('hard_min_elements = ["R1"]', 'hard_min_elements = ["R9"]', "windows[0].hard_min_elements[0]", "R9 is not"),
        ('elements = ["CYCLE"] }', 'elements = ["CYCEL"] }', "windows[2].expects[0].elements[0]", "mean CYCLE?"),
        (CAP, CAP.replace("CYCLE", "CYCLES"), "caps[0].elements[0]", "did you mean CYCLE?"),
        ('after = "F1"', 'after = "F2"', "sequence[3].after", "F2 is not an element"),
        ('then = ["CYCLE", "R1"]', 'then = ["CYCLE", "R2"]', "sequence[2].then[1]", "R2 is not an element"),
        ('element = "CYCLE"\ndrug', 'element = "COURSE"\ndrug', "doses[0].element", "COURSE is not an element"),
        ('"S3", "S4"', '"S3", "HR"', "sequence[1].risk.groups[1]", "HR is no group of ALL_REZ_BFM_95"),
        ('groups = ["HR"]', 'groups = ["S1"]', "windows[4].risk.groups[0]", "S1 is no group of BFM"),
        ('groups = ["S4"]', 'groups = ["SR"]', "individual_decision.risk.groups[0]", "SR is no group"),
        ('groups = ["S4"]', 'groups = ["S4", "S4"]', "individual_decision.risk.groups", "stands here twice"),
        ("age_years = [1, 18]", "age_years = [18, 1]", "eligibility[0].age_years", "nobody is 18 to 1 years old"),
        (
            "age_years = [1, 18]",
            "relapse_number_from = 3\nrelapse_number_to = 2",
            "eligibility[0].relapse_number_to",
            "no relapse number is 3 or more and 2 or less",
        ),
        (
            "age_years = [1, 18]",
            "prior_regimens_from = 3\nprior_regimens_to = 2",
            "eligibility[0].prior_regimens_to",
            "no number of regimens is 3 or more and 2 or less",
        ),
        ("days = [1, 8]", "days = [8, 1]", "doses[0].days", "no days in order"),
        ("days = [1, 8]", "days = [0, 8]", "doses[0].days", "counted as day 1"),
        ("days = [1, 8]", "days = [1, 1]", "doses[0].days", "no days in order"),
        (
            'unit = "mcg/m2/day"',
            'unit = "mg/m2/day"',
            "doses[0].unit",
            "in mg/m2/day it is the known misprint, a thousandfold (C44)",
        ),
        ("amount = 15", "amount = 15000", "doses[0].amount", "are 15 mg, the known misprint, a thousandfold (C44)"),
        ("cutoff = 0.0001", "cutoff = 0.001", "mrd_points[0].cutoff", "0.001 is not 0.01 %: 0.01 % is 0.0001 of all"),
        ("cutoff = 0.0001\n", "", "mrd_points[0].cutoff", "there is no cut-off"),
        ('printed = "0.01 %"', 'printed = "0.01"', "mrd_points[0].printed", "no amount with its unit"),
        ('printed = "0.01 %"', 'printed = "0.01 % (10-3)"', "mrd_points[0].printed", "amounts that disagree (C22)"),
        ('source = "000, page 2"', 'source = "page 2"', "sequence[0].source", "is not declared"),
        ('source = "000, page 4"', 'source = "C-1"', "caps[0].source", "is not declared"),
        ('source = "000, page 5"', 'source = "000"', "eligibility[0].source", "without a place"),
        ('source = "000, page 6"', 'source = "TR-045"', "doses[0].source", "names no citation"),
        ('source = "000, page 7"', 'source = "TR-045"', "stated[0].source", "names no citation"),
        (
            'groups = ["S4"] }\nsource = "000, page 4"',
            'groups = ["S4"] }\nsource = "TR-006"',
            "individual_decision.source",
            "names no citation",
        ),
        ('code = "F1"', 'code = "START"', "elements[1].code", "START is the beginning of an attempt"),
        ('code = "CYCLE"', 'code = "CYCLE_1"', "elements[2].code", "has a number already"),
        ('code = "F1"', 'code = "CYCLE_9"', "elements[1].code", "is one of CYCLE, which is numbered"),
        (f"{CAP}\n", f'{CAP}\nscope = "life"\nsource = "000, page 4"\n\n{CAP}\n', "caps[1].rule", "stands here twice"),
        (
            f'then = ["F1"]\nsource = "000, page 2"\nrisk = {RISK}',
            'then = ["F1"]\nsource = "000, page 2"',
            "sequence[1].after",
            "the row after START stands here twice",
        ),
        (
            'anchor = "consolidation_decided"',
            'anchor = "donor_found"',
            "windows[4].anchor_decisions",
            "decides nothing",
        ),
        (ON_CYCLE, ON_CYCLE.replace("block_started", "donor_found"), "windows[1].anchor_elements", "is no block"),
        ("continuous_infusion = true\n", "", "windows[1].pauses_with_interruption", "none runs here"),
        (
            'facts = ["block_started"], elements',
            'facts = ["block_started", "transplanted"], elements',
            "windows[2].expects[0].elements",
            "elements belong to a start only",
        ),
        ('anchor = "block_completed"', 'anchor = "donor_found"', "windows[2].hard_min_days", "block's start or end"),
        (
            'anchor_elements = ["CYCLE_1"]',
            'anchor_elements = ["CYCLE_4"]',
            "windows[3].anchor_elements[0]",
            "CYCLE_4 can never be given: C-1 allows 3 of CYCLE",
        ),
        ('F1 = "no interval is stated"', 'R1 = "no interval is stated"', "without_window.R1", "R1 has a window"),
    ],
)
def test_one_thing_wrong_is_found_at_its_key_and_said(old: str, new: str, key: str, said: str) -> None:
    assert said in said_by_key((old, new))[key]


def test_a_gate_needs_a_start_to_hold_back() -> None:
    assert "windows[1].hard_min_days" in keys_flawed(
        ("pauses_with_interruption = true", 'hard_min_days = 7\nhard_min_elements = ["CYCLE"]')
    )


def test_the_block_interval_waits_for_any_start() -> None:
    said = said_by_key(('rule = "W-4"', 'rule = "TR-001"'))

    assert "from each block's start to the next one's" in said["windows[3].rule"]


def test_an_element_that_only_some_patients_have_a_window_for_needs_a_reason() -> None:
    for_some = ('anchor_elements = ["R1"]', 'anchor_elements = ["R1"]\nrisk = { scheme = "BFM", groups = ["HR"] }')

    assert keys_flawed(for_some) == ["elements[0].code"]


def test_every_scheme_has_the_groups_of_its_published_table() -> None:
    published = {scheme.id: {group for row in scheme.grid.values() for group in row} for scheme in SCHEMES}

    assert {scheme: set(groups) for scheme, groups in GROUPS_OF.items()} == published


@pytest.mark.parametrize(
    ("printed", "share"),
    [
        ("0.01 %", "0.0001"),
        ("0.1 percent", "0.001"),
        ("1e-4", "0.0001"),
        ("10-3", "0.001"),
        ("10^-4", "0.0001"),
        ("10⁻⁴", "0.0001"),
        ("5 × 10⁻⁴", "0.0005"),
        ("1 in 10 000", "0.0001"),
        ("1/1000 cells", "0.001"),
        ("1 in 10,000", "0.0001"),
        ("0,1 %", "0.001"),
        ("at or above 0.10 %", "0.001"),
    ],
)
def test_an_amount_is_read_exactly_as_it_is_printed(printed: str, share: str) -> None:
    assert [found for _, found in printed_amounts(printed)] == [Decimal(share)]


@pytest.mark.parametrize("printed", ["0.01", "negative", "10", "block 1 in all"])
def test_a_number_without_a_unit_is_no_amount(printed: str) -> None:
    assert printed_amounts(printed) == ()
