"""Windows that can never be met, and numbers of one rule that contradict another's, are named before they are used."""

import pytest

from tests.unit.protocols.grown_texts import keys_flawed, said_by_key

RESULT = (
    'expects = [{ facts = ["mrd_reported"], timepoints = ["PRE_HSCT"] }]\ntarget_days = 7\nclosed_by = ["transplanted"]'
)
END_OF_MAINTENANCE = 'expects = [{ facts = ["maintenance_completed"] }]\ntarget_days = 7\nclosed_by = ["transplanted"]'
ON_CYCLE_1 = 'anchor_elements = ["CYCLE_1"]'
NEXT_CYCLE = 'expects = [{ facts = ["block_started"], elements = ["CYCLE"] }]\nlatest_days = 50'
FREE = 'hard_min_days = 14\nhard_min_elements = ["CYCLE"]'


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        (
            RESULT,
            END_OF_MAINTENANCE.replace("transplanted", "maintenance_started"),
            "windows[4].expects[0].facts",
            "from consolidation_decided no way leads to maintenance_completed before maintenance_started closes it",
        ),
        (
            'anchor = "consolidation_decided"\nanchor_decisions = ["hsct"]',
            'anchor = "died"',
            "windows[4].anchor",
            "no state of the chart has died while a window can be open",
        ),
        (
            'anchor = "block_completed"\nanchor_elements = ["CYCLE"]',
            'anchor = "block_completed"\nanchor_elements = ["F1"]',
            "windows[2].expects[0].elements",
            "W-3 can never be met: after F1 may come R1, and any start but CYCLE closes it",
        ),
        (
            ON_CYCLE_1,
            f"{ON_CYCLE_1}\nanchor_block = 1",
            "windows[3].anchor_block",
            "W-4 never opens: the sequence and the caps never come to its anchor",
        ),
        (
            ON_CYCLE_1,
            'anchor_elements = ["CYCLE"]',
            "windows[3].latest_days",
            "after CYCLE_3 W-4 would be late for a start that C-1 refuses; allowed: anchor_elements without CYCLE_3",
        ),
    ],
)
def test_a_window_that_can_never_be_met_is_named(old: str, new: str, key: str, said: str) -> None:
    assert said in said_by_key((old, new))[key]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (RESULT, END_OF_MAINTENANCE),
        (ON_CYCLE_1, f"{ON_CYCLE_1}\nanchor_block = 2"),
        (ON_CYCLE_1, 'anchor_elements = ["CYCLE_2"]'),
    ],
)
def test_a_window_that_some_way_leads_to_passes(old: str, new: str) -> None:
    assert keys_flawed((old, new)) == []


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        (
            [("latest_days = 50", "latest_days = 41")],
            "windows[2].hard_min_days",
            "earliest_days = 28 of W-2 and hard_min_days = 14 of W-3 after the end is late by W-4: at least 42 days",
        ),
        (
            [("latest_days = 50", "latest_days = 27"), (FREE, "target_days = 1")],
            "windows[1].earliest_days",
            "whoever keeps to earliest_days = 28 of W-2 is late by W-4: at least 28 days, at most 27",
        ),
        (
            [
                (NEXT_CYCLE, 'expects = [{ facts = ["block_started"] }]\nlatest_days = 13'),
                (ON_CYCLE_1, 'anchor_elements = ["R1"]'),
            ],
            "windows[0].hard_min_days",
            "after R1, whoever keeps to hard_min_days = 14 of W-1 is late by W-4: at least 14 days, at most 13",
        ),
        (
            [("latest_days = 50", "earliest_days = 43"), (FREE, "latest_days = 14")],
            "windows[3].earliest_days",
            "whoever keeps to earliest_days = 43 of W-4 is late by W-3: at least 43 days, at most 42",
        ),
    ],
)
def test_a_minimum_beyond_the_latest_day_of_another_rule_is_named(
    changes: list[tuple[str, str]], key: str, said: str
) -> None:
    assert said in said_by_key(*changes)[key]


@pytest.mark.parametrize(
    "changes",
    [
        [("latest_days = 50", "latest_days = 42")],  # 28 days and 14: the one day that keeps to all three
        [("latest_days = 50", "target_days = 10")],  # a target is no limit
        [("latest_days = 50", "latest_months = 2")],
        [("latest_days = 21", "latest_days = 14")],
    ],
)
def test_numbers_that_some_day_keeps_to_go_together(changes: list[tuple[str, str]]) -> None:
    assert keys_flawed(*changes) == []


def test_rules_for_patients_who_are_never_the_same_do_not_contradict_each_other() -> None:
    for_some = 'anchor_elements = ["R1"]\nrisk = { scheme = "BFM", groups = ["HR"] }'
    for_others = 'anchor_elements = ["R1"]\nrisk = { scheme = "BFM", groups = ["SR"] }'
    late = (NEXT_CYCLE, 'expects = [{ facts = ["block_started"] }]\nlatest_days = 13')
    reason = ('F1 = "no', 'R1 = "it depends on the group"\nF1 = "no')

    assert keys_flawed(late, ('anchor_elements = ["R1"]', for_some), (ON_CYCLE_1, for_others), reason) == []
    assert keys_flawed(late, ('anchor_elements = ["R1"]', for_some), (ON_CYCLE_1, for_some), reason) == [
        "windows[3].rule",
        "windows[0].hard_min_days",
    ]
