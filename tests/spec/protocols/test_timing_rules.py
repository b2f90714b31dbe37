"""Every number of the shipped protocols, written out by hand from the table of timing rules (TR-001 to TR-021)."""

from dataclasses import fields
from decimal import Decimal

import pytest

from workflow.protocols.library import shipped
from workflow.protocols.model import Expectation, Protocol, WindowRule

ENDS_OF_CHEMOTHERAPY = (
    "intensive_chemotherapy_completed",
    "conditioning_started",
    "transplanted",
    "maintenance_started",
    "reinduction_failed",
)
ENDS_OF_ASSESSMENT = (
    "consolidation_decided",
    "reinduction_failed",
    "conditioning_started",
    "transplanted",
    "intensive_chemotherapy_completed",
    "maintenance_started",
)
NUMBERS = (
    "hard_min_days",
    "earliest_days",
    "target_days",
    "latest_days",
    "critical_days",
    "target_months",
    "latest_months",
)
# rule: hard_min, earliest, target, latest, critical in days, then target and latest in months; None: not stated.
TIMING_RULES: dict[str, tuple[int | None, ...]] = {
    "TR-001": (14, 14, 21, 21, 26, None, None),
    "TR-004": (None, 4, None, 6, None, None, None),  # 5 to 7 days, both ends counted
    "TR-007": (None, None, 28, None, None, None, None),  # a remark on prognosis, not a deadline
    "TR-013": (None, None, 0, None, None, None, None),  # at the end of course 2, the day not stated
    "TR-019": (None, None, None, None, None, None, None),  # several months
    "TR-021": (None, None, None, None, None, None, 24),  # calendar months win over days
}
# rule: anchor, its block, what is awaited, what closes the window without it
COURSES: dict[str, tuple[str, int | None, tuple[Expectation, ...], tuple[str, ...]]] = {
    "TR-001": ("block_started", None, (Expectation(facts=("block_started",)),), ENDS_OF_CHEMOTHERAPY),
    "TR-004": ("block_started", None, (Expectation(facts=("block_completed",)),), ("reinduction_failed",)),
    "TR-007": ("block_started", 1, (Expectation(facts=("response_assessed",)),), ENDS_OF_ASSESSMENT),
    "TR-013": (
        "block_completed",
        2,
        (
            Expectation(facts=("response_assessed",)),
            Expectation(facts=("mrd_reported", "mrd_not_available"), timepoints=("AFTER_INDUCTION_COURSE_2",)),
        ),
        ENDS_OF_ASSESSMENT,
    ),
    "TR-019": (
        "donor_search_started",
        None,
        (Expectation(facts=("donor_found",)),),
        ("donor_search_failed", "hsct_cancelled", "transplanted"),
    ),
    "TR-021": (
        "maintenance_started",
        None,
        (Expectation(facts=("maintenance_completed",)),),
        ("consolidation_decided",),
    ),
}
RULES = {
    "all-rez-bfm-90": ("TR-001", "TR-004", "TR-007", "TR-019", "TR-021"),
    "all-rez-bfm-2002": ("TR-001", "TR-004", "TR-013", "TR-019", "TR-021"),
}
# The source of each rule, by the citation that the table of timing rules names.
CITED = {"TR-001": "000", "TR-004": "002", "TR-007": "003", "TR-013": "002", "TR-019": "002", "TR-021": "002"}
ELEMENTS = {"all-rez-bfm-90": ("R1", "R2", "R3"), "all-rez-bfm-2002": ("R1", "R2", "F1", "F2")}
GATED = {"all-rez-bfm-90": ("R1", "R2", "R3"), "all-rez-bfm-2002": ("R1", "R2")}
WINDOWS = [(protocol, rule) for protocol, rules in RULES.items() for rule in rules]


def protocol_of(name: str) -> Protocol:
    protocol = shipped().named(name)
    assert protocol is not None
    return protocol


def window_of(protocol: str, rule: str) -> WindowRule:
    window = protocol_of(protocol).window_rule(rule)
    assert window is not None
    return window


def test_the_two_protocols_are_shipped_in_version_1() -> None:
    assert [protocol.ref for protocol in shipped().versions] == ["all-rez-bfm-2002@1", "all-rez-bfm-90@1"]


@pytest.mark.parametrize("protocol", RULES)
def test_a_protocol_has_exactly_the_rules_of_its_table(protocol: str) -> None:
    assert tuple(window.rule for window in protocol_of(protocol).windows) == RULES[protocol]


@pytest.mark.parametrize(("protocol", "rule"), WINDOWS)
def test_every_threshold_is_the_number_of_the_timing_rule(protocol: str, rule: str) -> None:
    window = window_of(protocol, rule)

    assert tuple(getattr(window, name) for name in NUMBERS) == TIMING_RULES[rule]


def test_the_table_leaves_out_no_number_of_a_window() -> None:
    numbers = {field.name for field in fields(WindowRule) if field.name.endswith(("_days", "_months"))}

    assert numbers == set(NUMBERS)


@pytest.mark.parametrize(("protocol", "rule"), WINDOWS)
def test_every_window_opens_waits_and_closes_as_the_timing_rule_says(protocol: str, rule: str) -> None:
    window = window_of(protocol, rule)

    assert (window.anchor, window.anchor_block, window.expects, window.closed_by) == COURSES[rule]


@pytest.mark.parametrize(("protocol", "rule"), WINDOWS)
def test_every_window_names_its_citation_and_its_rule(protocol: str, rule: str) -> None:
    source = window_of(protocol, rule).source

    assert source.startswith(f"{CITED[rule]}, ")
    assert source.endswith(f"; {rule}")


@pytest.mark.parametrize("protocol", ELEMENTS)
def test_the_elements_are_those_the_sources_name(protocol: str) -> None:
    assert tuple(element.code for element in protocol_of(protocol).elements) == ELEMENTS[protocol]


@pytest.mark.parametrize("protocol", GATED)
def test_only_after_r_elements_is_an_early_block_refused(protocol: str) -> None:
    assert window_of(protocol, "TR-001").hard_min_elements == GATED[protocol]


@pytest.mark.parametrize("protocol", RULES)
def test_the_survival_contrast_is_quoted_as_published_and_nowhere_else(protocol: str) -> None:
    quoted = window_of(protocol, "TR-001").first_interval_evidence

    assert quoted == (
        "In ALL-REZ BFM 90 a longer break between the first and the second block was associated with worse survival: "
        "40 % under 21 days (n = 66), 20 % over 25 days (n = 65). Observational, measured between the first and the "
        "second block only; 21 days and 22 to 25 days are in neither group (000, ALL-REZ BFM 90 paragraph; TR-002)."
    )
    assert protocol_of(protocol).body.count("survival") == 1


def test_mrd_after_the_second_course_by_pcr_is_positive_from_one_in_a_thousand() -> None:
    (point,) = protocol_of("all-rez-bfm-2002").mrd_points

    assert (point.timepoint, point.method, point.cutoff) == ("AFTER_INDUCTION_COURSE_2", "PCR", Decimal("0.001"))
    assert point.source == "002, MRD [31]; 002, Post-remission [31]; TR-013"


def test_the_older_protocol_has_no_mrd_point_because_none_is_stated() -> None:
    assert protocol_of("all-rez-bfm-90").mrd_points == ()


@pytest.mark.parametrize("protocol", RULES)
def test_a_patient_is_silent_after_7_days(protocol: str) -> None:
    assert protocol_of(protocol).silent_after_days == 7


@pytest.mark.parametrize("protocol", RULES)
def test_what_the_sources_leave_open_is_listed(protocol: str) -> None:
    said = " | ".join(protocol_of(protocol).not_stated)

    for gap in ("order of the elements", "doses", "count criteria", "(TR-003)", "drugs of maintenance", "donor search"):
        assert gap in said
