"""Every number of the drug protocols, written out by hand from the sources: cycles, gaps and caps."""

from dataclasses import dataclass

import pytest

from tests.spec.protocols.drugs import DRUG_PROTOCOLS, protocol_of
from workflow.protocols.library import shipped
from workflow.protocols.model import Cap, WindowRule

# What ends treatment by cycles, whatever the drug: no cycle follows any more.
NO_CYCLE_FOLLOWS = (
    "intensive_chemotherapy_completed",
    "conditioning_started",
    "transplanted",
    "maintenance_started",
    "reinduction_failed",
)
# A running element ends by its end or by a failure; a start over it closes such a window under every protocol.
NOTHING_RUNS = ("reinduction_failed",)


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A timing rule as the sources state it; days after the anchor, None where none is stated."""

    begins: str
    elements: tuple[str, ...]
    awaited: str
    gate: int | None = None
    earliest: int | None = None
    target: int | None = None
    latest: int | None = None
    pauses: bool = False


# Both indications state the same infusion and the same interval after it.
FOUR_WEEKS = Stated(
    begins="block_started",
    elements=("CYCLE",),
    awaited="block_completed",
    earliest=28,
    target=28,
    latest=28,
    pauses=True,
)
TWO_WEEKS_FREE = Stated(
    begins="block_completed", elements=("CYCLE",), awaited="block_started", gate=14, earliest=14, target=14
)
# 4 weeks of infusion, at least 2 weeks free (003 [35,36]); 28 + 14 = 42 days (003 [37]); 21 to 28 days (003, last
# bullet); every 21 days (003 [33]); on 5 days, the first one counted (003 [32]); every 7 days (003 [34]).
TIMING: dict[tuple[str, str], Stated] = {
    ("blinatumomab-rr", "TR-040"): FOUR_WEEKS,
    ("blinatumomab-rr", "TR-041"): TWO_WEEKS_FREE,
    ("blinatumomab-rr", "TR-041-START"): Stated(
        begins="block_started", elements=("CYCLE",), awaited="block_started", gate=42, earliest=42
    ),
    ("blinatumomab-mrd", "TR-044"): Stated(
        begins="block_started", elements=("CYCLE",), awaited="block_started", gate=42, earliest=42, target=42
    ),
    ("blinatumomab-mrd", "TR-044-INFUSION"): FOUR_WEEKS,
    ("blinatumomab-mrd", "TR-044-FREE"): TWO_WEEKS_FREE,
    ("inotuzumab", "TR-048"): Stated(
        begins="block_started", elements=("CYCLE",), awaited="block_started", earliest=21, target=21, latest=28
    ),
    ("nelarabine", "TR-050"): Stated(
        begins="block_started", elements=("CYCLE",), awaited="block_started", earliest=21, target=21
    ),
    ("clofarabine", "TR-052"): Stated(
        begins="block_started", elements=("CLOFARABINE",), awaited="block_completed", earliest=4, target=4, latest=4
    ),
    ("liposomal-vincristine", "TR-051"): Stated(
        begins="block_started", elements=("DOSE",), awaited="block_started", earliest=7, target=7
    ),
}
# protocol: elements as the sources speak of them; all are numbered, since no source names each.
ELEMENTS = {
    "blinatumomab-rr": ("CYCLE",),
    "blinatumomab-mrd": ("CYCLE",),
    "inotuzumab": ("CYCLE",),
    "nelarabine": ("CYCLE",),
    "clofarabine": ("CLOFARABINE", "CEC"),
    "liposomal-vincristine": ("DOSE",),
    "bortezomib-reinduction": ("CYCLE",),
}
CONTINUOUS_INFUSIONS = {"blinatumomab-rr", "blinatumomab-mrd"}
# Up to 5 in total (003 [35,36]); 1 induction and up to 3 consolidation cycles (003 [37]). No other number is stated.
CAPS = {"blinatumomab-rr": ("TR-043", 5, "life"), "blinatumomab-mrd": ("TR-045", 4, "course")}
# What the sources do not state, in the words by which each protocol says so.
SILENT_ON = {
    "blinatumomab-rr": (
        "response is assessed",
        "first week of the first cycle",
        "dose for children",
        "premedication",
        "steps for an interruption",
        "MRD is measured within the course",
        "of one course or of a life",
    ),
    "blinatumomab-mrd": (
        "premedication",
        "steps for an interruption",
        "MRD is measured within the course",
        "of one course or of a life",
    ),
    "inotuzumab": (
        "response is assessed",
        "number of cycles",
        "after complete remission",
        "transplant follows",
        "veno-occlusive",
    ),
    "nelarabine": ("response is assessed", "dose for children", "number of cycles"),
    "clofarabine": (
        "response is assessed",
        "doses and days of the combination",
        "interval between cycles",
        "number of cycles",
    ),
    "liposomal-vincristine": ("response is assessed", "number of doses", "when to stop", "use in children"),
    "bortezomib-reinduction": ("response is assessed", "four other drugs' doses", "number of courses"),
}


def window_of(protocol: str, rule: str) -> WindowRule:
    window = protocol_of(protocol).window_rule(rule)
    assert window is not None
    return window


def test_the_drug_protocols_have_exactly_the_windows_of_the_table() -> None:
    windows = [(name, window.rule) for name in DRUG_PROTOCOLS for window in protocol_of(name).windows]

    assert sorted(windows) == sorted(TIMING)


@pytest.mark.parametrize(("protocol", "rule"), TIMING)
def test_a_window_has_the_days_that_are_stated_and_no_other_number(protocol: str, rule: str) -> None:
    window = window_of(protocol, rule)
    stated = TIMING[protocol, rule]

    days = (window.hard_min_days, window.earliest_days, window.target_days, window.latest_days)
    assert days == (stated.gate, stated.earliest, stated.target, stated.latest)
    assert (window.critical_days, window.target_months, window.latest_months) == (None, None, None)
    assert window.pauses_with_interruption is stated.pauses


@pytest.mark.parametrize(("protocol", "rule"), TIMING)
def test_a_window_runs_between_the_elements_that_it_is_stated_for(protocol: str, rule: str) -> None:
    window = window_of(protocol, rule)
    stated = TIMING[protocol, rule]

    (awaited,) = window.expects
    assert (window.anchor, window.anchor_elements, awaited.facts) == (
        stated.begins,
        stated.elements,
        (stated.awaited,),
    )
    assert awaited.elements == (stated.elements if stated.awaited == "block_started" else ())
    assert window.hard_min_elements == (stated.elements if stated.gate else ())


@pytest.mark.parametrize(("protocol", "rule"), TIMING)
def test_no_window_outlives_the_treatment_that_it_waits_for(protocol: str, rule: str) -> None:
    stated = TIMING[protocol, rule]

    ends = NO_CYCLE_FOLLOWS if stated.awaited == "block_started" else NOTHING_RUNS
    assert window_of(protocol, rule).closed_by == ends


@pytest.mark.parametrize(("protocol", "rule"), TIMING)
def test_a_window_cites_the_page_and_the_rule_that_it_comes_from(protocol: str, rule: str) -> None:
    source = window_of(protocol, rule).source

    assert source.startswith("003, ")
    assert source.endswith(f"; {rule[:6]}")


@pytest.mark.parametrize("protocol", DRUG_PROTOCOLS)
def test_the_elements_are_numbered_and_named_as_the_sources_speak_of_them(protocol: str) -> None:
    elements = protocol_of(protocol).elements

    assert tuple(element.code for element in elements) == ELEMENTS[protocol]
    assert all(element.numbered for element in elements)


def test_only_blinatumomab_runs_as_a_continuous_infusion() -> None:
    continuous = {
        protocol.id for protocol in shipped().versions for element in protocol.elements if element.continuous_infusion
    }

    assert continuous == CONTINUOUS_INFUSIONS


@pytest.mark.parametrize("protocol", DRUG_PROTOCOLS)
def test_only_where_a_largest_number_is_stated_there_is_a_cap(protocol: str) -> None:
    def row(cap: Cap) -> tuple[str, int, str]:
        assert cap.elements == ("CYCLE",)
        return cap.rule, cap.most, cap.scope

    assert [row(cap) for cap in protocol_of(protocol).caps] == ([CAPS[protocol]] if protocol in CAPS else [])


@pytest.mark.parametrize("protocol", DRUG_PROTOCOLS)
def test_what_the_sources_leave_open_is_listed(protocol: str) -> None:
    said = " | ".join(protocol_of(protocol).not_stated)

    assert [gap for gap in SILENT_ON[protocol] if gap not in said] == []


@pytest.mark.parametrize(
    ("protocol", "rule"),
    [
        ("blinatumomab-rr", "TR-042"),
        ("inotuzumab", "TR-047"),
        ("nelarabine", "TR-049"),
        ("bortezomib-reinduction", "TR-055"),
    ],
)
def test_days_that_no_fact_records_are_stated_and_start_no_clock(protocol: str, rule: str) -> None:
    assert rule in {statement.rule for statement in protocol_of(protocol).stated}
    assert protocol_of(protocol).window_rule(rule) is None


@pytest.mark.parametrize("protocol", DRUG_PROTOCOLS)
def test_no_marrow_or_mrd_is_awaited_since_no_day_is_stated(protocol: str) -> None:
    awaited = {fact for window in protocol_of(protocol).windows for entry in window.expects for fact in entry.facts}

    assert awaited <= {"block_started", "block_completed"}
    assert protocol_of(protocol).mrd_points == ()
