"""A protocol is said in the same words on pages, in pictures and on a terminal; no condition of a rule stays unsaid."""

import re
from typing import Any

import pytest

from tests.unit.protocols.everything import everything
from tests.unit.protocols.texts import SOUND
from workflow.protocols.drawing.diagram import protocol_mermaid
from workflow.protocols.drawing.gates import gates
from workflow.protocols.drawing.mermaid import sequence_mermaid
from workflow.protocols.drawing.sentences import (
    cap_words,
    dose_words,
    element_words,
    eligibility_words,
    follows_words,
    individual_words,
    mrd_words,
)
from workflow.protocols.drawing.timeline import timeline_svg
from workflow.protocols.drawing.wording import anchor_words, condition_words, expects_words, threshold_words
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.for_whom import Eligibility

PROTOCOL = everything()
BEFORE = "before (frontline therapy and each attempt with a block)"
FREE_INTERVAL, LOCAL_THERAPY = PROTOCOL.windows


def test_a_window_says_which_elements_and_decisions_open_it() -> None:
    assert anchor_words(FREE_INTERVAL) == "block_completed (CYCLE)"
    assert anchor_words(LOCAL_THERAPY) == "consolidation_decided (chemotherapy)"


def test_a_window_says_which_elements_it_waits_for() -> None:
    assert expects_words(FREE_INTERVAL) == "block_started (CYCLE)"


def test_a_window_says_for_whom_it_is_and_which_days_count() -> None:
    assert condition_words(FREE_INTERVAL) == ("only for S4 (ALL_REZ_BFM_95)", "days of interruption not counted")
    assert condition_words(LOCAL_THERAPY) == ("only where local therapy is indicated",)
    assert threshold_words(FREE_INTERVAL) == ("14 d: refused before (after CYCLE), earliest",)


def test_conditions_are_said_under_both_pictures() -> None:
    svg, mermaid = timeline_svg(PROTOCOL), protocol_mermaid(PROTOCOL)

    for window in PROTOCOL.windows:
        for words in condition_words(window):
            assert words in svg.partition("</desc>")[0]
            assert words in " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
            assert words in mermaid


def test_an_element_says_what_is_special_about_it() -> None:
    block, cycle = PROTOCOL.elements

    assert element_words(block) == ""
    assert element_words(cycle) == (
        "CYCLE_1, CYCLE_2 … as many as are given; continuous infusion: while it runs no block interval does"
    )


def test_the_sequence_is_said_with_its_beginning_and_its_groups() -> None:
    assert [follows_words(row) for row in PROTOCOL.sequence] == [
        "At the beginning of an attempt comes R1 or CYCLE_1.",
        "After R1 comes CYCLE, for S3 or S4 (ALL_REZ_BFM_95).",
    ]


def test_gates_are_said_as_sentences() -> None:
    assert cap_words(PROTOCOL.caps[0]) == "At most 5 starts of CYCLE in a life, all courses together."
    assert PROTOCOL.individual_decision is not None
    assert individual_words(PROTOCOL.individual_decision).startswith("For S4 (ALL_REZ_BFM_95) a decision to continue")


def test_a_hard_minimum_is_a_gate_like_the_others() -> None:
    every_start = parse_protocol(SOUND, "protocol.toml")

    assert [gate.rule for gate in gates(PROTOCOL)] == ["TR-041", "TR-043", "TR-006"]
    assert next(gates(PROTOCOL)).words.startswith("No start of CYCLE under 14 d after the end of CYCLE; only for S4")
    assert [gate.words for gate in gates(every_start)] == ["No next start under 14 d after the start of R1."]


def test_an_amount_is_said_as_it_is_written() -> None:
    assert dose_words(PROTOCOL.doses[0]) == "0.80 mg/m2, days 1, 8, 15 (the start is day 1)"


def test_a_cut_off_is_said_with_what_is_positive() -> None:
    assert mrd_words(PROTOCOL.mrd_points[0]) == "0.0001 of the cells; at or above is positive"


def test_eligibility_says_what_answers_it_and_where_people_must() -> None:
    by_facts, by_people = PROTOCOL.eligibility

    assert eligibility_words(by_facts) == "phenotype BCP or relapse number 2 or later"
    assert eligibility_words(by_people) == "nothing on file answers it: people do"


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"relapse_number_to": 1}, "relapse number 1"),
        ({"relapse_number_to": 2}, "relapse number 1 to 2"),
        ({"relapse_number_from": 2, "relapse_number_to": 3}, "relapse number 2 to 3"),
        ({"prior_regimens_from": 2}, f"at least 2 regimens {BEFORE}"),
        ({"prior_regimens_to": 3}, f"at most 3 regimens {BEFORE}"),
        ({"prior_regimens_from": 2, "prior_regimens_to": 3}, f"2 to 3 regimens {BEFORE}"),
        ({"prior_regimens_from": 2, "prior_regimens_to": 2}, f"2 regimens {BEFORE}"),
        ({"age_years": (1, 21)}, "1 to 21 years old"),
    ],
)
def test_eligibility_says_from_which_number_to_which(stated: dict[str, Any], words: str) -> None:
    assert eligibility_words(Eligibility(asks="Who", source="000, page 1", **stated)) == words


def test_the_sequence_is_drawn_with_an_arrow_for_each_way() -> None:
    lines = [line.strip() for line in sequence_mermaid(PROTOCOL).splitlines()]

    assert lines[0] == "flowchart LR"
    assert 's0["R1"]' in lines
    assert "start --> s0" in lines
    assert "start --> s1" in lines  # CYCLE_1 is one of CYCLE
    assert 's0 -->|"S3 or S4 (ALL_REZ_BFM_95)"| s1' in lines
    assert any(line.startswith("limit0[/") and "At most 5 starts of CYCLE" in line for line in lines)
    assert any(line.startswith("limit1[/") and "a decision to continue" in line for line in lines)
