"""The pictures are drawn from the data: every state and every moving fact is in the chart's, every number in words."""

import re
from dataclasses import replace

import pytest

from tests.unit.protocols.texts import SOUND
from workflow.domain.chart import STATES, TRANSITIONS
from workflow.protocols.drawing.diagram import chart_mermaid, protocol_mermaid
from workflow.protocols.drawing.wording import condition_words, threshold_words
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocol

ARROW = re.compile(r"^    (\S+) --> (\S+?)(?:: (.+))?$", re.MULTILINE)
PROTOCOLS = shipped().versions


def test_every_state_is_drawn_once_under_its_own_name() -> None:
    chart = chart_mermaid()

    for state in STATES:
        outer, _, inner = state.partition(".")
        node = state.replace(".", "_")
        assert chart.count(f'state "{inner or outer}" as {node}\n') == 1


def test_every_fact_that_moves_a_patient_is_drawn() -> None:
    labels = " ".join(label for _source, _dest, label in ARROW.findall(chart_mermaid()))

    for fact in {arrow.fact for arrow in TRANSITIONS if arrow.source != arrow.dest}:
        assert fact in labels


def test_two_nodes_are_joined_by_one_arrow_in_a_direction() -> None:
    pairs = [(source, dest) for source, dest, _label in ARROW.findall(chart_mermaid())]

    assert len(pairs) == len(set(pairs))
    assert len(pairs) < len(TRANSITIONS) / 5


def test_no_label_holds_what_would_end_it() -> None:
    for _source, _dest, label in ARROW.findall(chart_mermaid()):
        assert not set(label) & set(":;#{}")


@pytest.mark.parametrize(
    "line",
    [
        "    [*] --> registered",
        "    registered --> relapse_diagnosed: relapse_diagnosed",
        "    relapse_diagnosed --> reinduction_block: block_started",
        "    reinduction_recovery --> mrd_check: response_assessed",
        "    mrd_check --> reinduction_block: block_started (assessment not final)",
        "    mrd_check --> consolidation_block: block_started (otherwise)",
        "    hsct_conditioning --> hsct_transplanted: transplanted",
        "    maintenance --> follow_up: maintenance_completed",
        "    lost_to_follow_up --> state_before: care_resumed",
        "    palliative --> state_before: treatment_intent_changed (decides intent curative)",
        "    deceased --> [*]",
    ],
)
def test_the_way_of_a_patient_can_be_followed(line: str) -> None:
    assert line in chart_mermaid().splitlines()


def test_what_every_state_shares_is_one_arrow() -> None:
    chart = chart_mermaid()
    crowd = re.search(r'state "every living state" as (\S+)', chart)

    assert crowd is not None
    assert f"    {crowd[1]} --> deceased: died" in chart.splitlines()
    assert chart.count("died") == 1


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.ref)
def test_every_window_of_a_protocol_is_drawn_with_its_numbers(protocol: Protocol) -> None:
    text = protocol_mermaid(protocol)

    assert text.startswith("flowchart LR\n")
    assert text.count("subgraph ") == text.count("    end\n") == len(protocol.windows) + 1  # the elements are one more
    for window in protocol.windows:
        assert f'["{window.rule} {window.label}"]' in text
        said = (*(threshold_words(window) or ("no day stated",)), *condition_words(window))
        assert f'|"{"<br/>".join(said)}"|' in text


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.ref)
def test_every_element_of_a_protocol_is_drawn_once(protocol: Protocol) -> None:
    lines = [line.strip() for line in protocol_mermaid(protocol).splitlines()]

    for place, element in enumerate(protocol.elements):
        (drawn,) = (line for line in lines if line.startswith(f's{place}["'))
        assert drawn.startswith(f's{place}["{element.code}')


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    protocol = parse_protocol(SOUND, "protocol.toml")
    hostile = replace(protocol.windows[0], label='"]; <script>#')

    text = protocol_mermaid(replace(protocol, windows=(hostile,)))

    assert 'subgraph w0["TR-001 #quot;]; #lt;script#gt;#35;"]' in text
