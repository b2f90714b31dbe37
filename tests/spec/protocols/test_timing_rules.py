"""Every number of the block protocols, written out by hand from the table of timing rules (TR-001 to TR-023)."""

from dataclasses import fields
from decimal import Decimal

import pytest

from workflow.protocols.for_whom import InGroups
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
    "TR-006": (None, None, 0, None, None, None, None),  # at the end of each element
    "TR-009": (None, None, 0, None, None, None, None),  # at the end of block 1, the day not stated
    "TR-010-BLOCK_2": (None, None, 0, None, None, None, None),  # at the end of the block
    "TR-010-BLOCK_3": (None, None, 0, None, None, None, None),
    "TR-013": (None, None, 0, None, None, None, None),  # at the end of course 2, the day not stated
    "TR-014": (None, None, None, None, None, None, None),  # at the end of induction, the day not stated
    "TR-015": (None, None, 0, None, None, None, None),  # after 3 blocks
    "TR-016": (None, None, None, None, None, None, None),  # before the transplant, the day not stated
    "TR-019": (None, None, None, None, None, None, None),  # several months
    "TR-021": (None, None, None, None, None, None, 24),  # calendar months win over days
    "TR-023": (None, None, 0, None, None, None, None),  # at the end of intensive chemotherapy
}
ASSESSED = Expectation(facts=("response_assessed",))


def mrd_of(timepoint: str) -> Expectation:
    return Expectation(facts=("mrd_reported", "mrd_not_available"), timepoints=(timepoint,))


# rule: anchor, its block, what is awaited, what closes the window without it
COURSES: dict[str, tuple[str, int | None, tuple[Expectation, ...], tuple[str, ...]]] = {
    "TR-001": ("block_started", None, (Expectation(facts=("block_started",)),), ENDS_OF_CHEMOTHERAPY),
    "TR-004": ("block_started", None, (Expectation(facts=("block_completed",)),), ("reinduction_failed",)),
    "TR-006": (
        "block_completed",
        None,
        (Expectation(facts=("block_decision",)),),
        ("block_started", *ENDS_OF_CHEMOTHERAPY),
    ),
    "TR-007": ("block_started", 1, (ASSESSED,), ENDS_OF_ASSESSMENT),
    "TR-009": ("block_completed", None, (ASSESSED, mrd_of("END_BLOCK_1")), ENDS_OF_ASSESSMENT),
    "TR-010-BLOCK_2": ("block_completed", None, (ASSESSED, mrd_of("END_BLOCK_2")), ENDS_OF_ASSESSMENT),
    "TR-010-BLOCK_3": ("block_completed", None, (ASSESSED, mrd_of("END_BLOCK_3")), ENDS_OF_ASSESSMENT),
    "TR-013": ("block_completed", 2, (ASSESSED, mrd_of("AFTER_INDUCTION_COURSE_2")), ENDS_OF_ASSESSMENT),
    "TR-014": ("block_started", 1, (ASSESSED, mrd_of("END_INDUCTION")), ENDS_OF_ASSESSMENT),
    # RM-18 is ended by the decision alone: a fourth block does not end it.
    "TR-015": (
        "block_completed",
        None,
        (Expectation(facts=("consolidation_decided",)),),
        ENDS_OF_CHEMOTHERAPY,
    ),
    "TR-016": (
        "consolidation_decided",
        None,
        (mrd_of("PRE_HSCT"),),
        ("consolidation_decided", "hsct_cancelled", "conditioning_started", "transplanted"),
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
    "TR-023": (
        "intensive_chemotherapy_completed",
        None,
        (Expectation(facts=("local_therapy_given",)),),
        ("local_therapy_postponed", "block_started", "consolidation_decided"),
    ),
}
# Where the marrow has a window of its own, that after the second block waits for MRD alone.
MRD_ALONE = ("all-rez-bfm-95", "TR-013")
S4 = InGroups(scheme="ALL_REZ_BFM_95", groups=("S4",))
IR = InGroups(scheme="BFM", groups=("IR",))
# protocol, rule: for whom or after what alone the window opens
CONDITIONS: dict[tuple[str, str], dict[str, object]] = {
    ("all-rez-bfm-95", "TR-006"): {"risk": S4},
    MRD_ALONE: {"risk": IR},
    ("ukall-r3", "TR-015"): {"anchor_elements": ("BLOCK_3",)},
    ("cog-aall01p2", "TR-009"): {"anchor_elements": ("BLOCK_1",)},
    ("cog-aall01p2", "TR-010-BLOCK_2"): {"anchor_elements": ("BLOCK_2",)},
    ("cog-aall01p2", "TR-010-BLOCK_3"): {"anchor_elements": ("BLOCK_3",)},
}
BY_RULE: dict[str, dict[str, object]] = {
    "TR-016": {"anchor_decisions": ("hsct", "bridging_then_hsct")},
    "TR-023": {"local_therapy_indicated": True},
}
NO_CONDITION: dict[str, object] = {
    "anchor_elements": (),
    "anchor_decisions": (),
    "risk": None,
    "local_therapy_indicated": False,
    "pauses_with_interruption": False,
}
RULES = {
    "all-rez-bfm-90": ("TR-001", "TR-004", "TR-007", "TR-016", "TR-019", "TR-021", "TR-023"),
    "all-rez-bfm-95": ("TR-001", "TR-004", "TR-006", "TR-007", "TR-013", "TR-016", "TR-019", "TR-021", "TR-023"),
    "all-rez-bfm-2002": ("TR-001", "TR-004", "TR-013", "TR-016", "TR-019", "TR-021", "TR-023"),
    "ukall-r3": ("TR-014", "TR-015", "TR-016", "TR-019"),
    "cog-aall01p2": ("TR-009", "TR-010-BLOCK_2", "TR-010-BLOCK_3", "TR-016", "TR-019"),
}
BFM = ("all-rez-bfm-90", "all-rez-bfm-95", "all-rez-bfm-2002")
# The source of each rule, by the citation that the table of timing rules names.
CITED = dict.fromkeys(TIMING_RULES, "002") | {"TR-001": "000", "TR-006": "000", "TR-007": "003"}
ELEMENTS = {
    "all-rez-bfm-90": ("R1", "R2", "R3"),
    "all-rez-bfm-95": ("R1", "R2", "R3", "F1", "F2"),
    "all-rez-bfm-2002": ("R1", "R2", "F1", "F2"),
    "ukall-r3": ("BLOCK",),
    "cog-aall01p2": ("BLOCK_1", "BLOCK_2", "BLOCK_3"),
}
GATED = {
    "all-rez-bfm-90": ("R1", "R2", "R3"),
    "all-rez-bfm-95": ("R1", "R2", "R3"),
    "all-rez-bfm-2002": ("R1", "R2"),
}
# protocol: time point, method, cut-off as a fraction of cells, as printed
MRD_POINTS: dict[str, tuple[tuple[str, str | None, Decimal, str | None], ...]] = {
    "all-rez-bfm-90": (),
    "all-rez-bfm-95": (
        ("AFTER_INDUCTION_COURSE_2", "PCR", Decimal("0.001"), "10-3"),
        ("PRE_HSCT", None, Decimal("0.0001"), "10-4"),
    ),
    "all-rez-bfm-2002": (
        ("AFTER_INDUCTION_COURSE_2", "PCR", Decimal("0.001"), "10-3"),
        ("PRE_HSCT", None, Decimal("0.0001"), "10-4"),
    ),
    "ukall-r3": (("END_INDUCTION", "PCR", Decimal("0.0001"), "10-4"),),
    "cog-aall01p2": (
        ("END_BLOCK_1", "FLOW", Decimal("0.0001"), "0.01 %"),
        ("END_BLOCK_2", "FLOW", Decimal("0.0001"), "0.01 %"),
        ("END_BLOCK_3", "FLOW", Decimal("0.0001"), "0.01 %"),
    ),
}
WINDOWS = [(protocol, rule) for protocol, rules in RULES.items() for rule in rules]


def protocol_of(name: str) -> Protocol:
    protocol = shipped().named(name)
    assert protocol is not None
    return protocol


def window_of(protocol: str, rule: str) -> WindowRule:
    window = protocol_of(protocol).window_rule(rule)
    assert window is not None
    return window


def test_the_block_protocols_stand_in_the_versions_that_are_checked_here() -> None:
    assert [protocol_of(name).ref for name in RULES] == [
        "all-rez-bfm-90@2",
        "all-rez-bfm-95@1",
        "all-rez-bfm-2002@2",
        "ukall-r3@1",
        "cog-aall01p2@1",
    ]


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

    anchor, block, awaited, closers = COURSES[rule]
    awaited = awaited[1:] if (protocol, rule) == MRD_ALONE else awaited
    assert (window.anchor, window.anchor_block, window.expects, window.closed_by) == (anchor, block, awaited, closers)


@pytest.mark.parametrize(("protocol", "rule"), WINDOWS)
def test_a_window_opens_for_those_alone_for_whom_its_source_speaks(protocol: str, rule: str) -> None:
    window = window_of(protocol, rule)

    stated = NO_CONDITION | BY_RULE.get(rule, {}) | CONDITIONS.get((protocol, rule), {})
    assert {name: getattr(window, name) for name in NO_CONDITION} == stated


@pytest.mark.parametrize(("protocol", "rule"), WINDOWS)
def test_every_window_names_its_citation_and_its_rule(protocol: str, rule: str) -> None:
    source = window_of(protocol, rule).source

    assert source.startswith(f"{CITED[rule]}, ")
    assert source.endswith(f"; {rule[: len('TR-000')]}")


@pytest.mark.parametrize("protocol", ELEMENTS)
def test_the_elements_are_those_the_sources_name(protocol: str) -> None:
    assert tuple(element.code for element in protocol_of(protocol).elements) == ELEMENTS[protocol]


@pytest.mark.parametrize("protocol", GATED)
def test_only_after_r_elements_is_an_early_block_refused(protocol: str) -> None:
    assert window_of(protocol, "TR-001").hard_min_elements == GATED[protocol]


@pytest.mark.parametrize("protocol", BFM)
def test_the_survival_contrast_is_quoted_as_published_and_nowhere_else(protocol: str) -> None:
    quoted = window_of(protocol, "TR-001").first_interval_evidence

    assert quoted == (
        "In ALL-REZ BFM 90 a longer break between the first and the second block was associated with worse survival: "
        "40 % under 21 days (n = 66), 20 % over 25 days (n = 65). Observational, measured between the first and the "
        "second block only; 21 days and 22 to 25 days are in neither group (000, ALL-REZ BFM 90 paragraph; TR-002)."
    )
    assert protocol_of(protocol).body.count("survival") == 1


@pytest.mark.parametrize("protocol", MRD_POINTS)
def test_every_mrd_point_has_the_method_and_the_cut_off_of_its_source(protocol: str) -> None:
    points = protocol_of(protocol).mrd_points

    assert (
        tuple((point.timepoint, point.method, point.cutoff, point.printed) for point in points)
        == (MRD_POINTS[protocol])
    )


@pytest.mark.parametrize("protocol", ["ukall-r3", "cog-aall01p2"])
def test_no_block_interval_is_borrowed_where_none_is_stated(protocol: str) -> None:
    assert protocol_of(protocol).window_rule("TR-001") is None
    assert any("interval between blocks" in gap for gap in protocol_of(protocol).not_stated)


@pytest.mark.parametrize("protocol", RULES)
def test_a_patient_is_silent_after_7_days(protocol: str) -> None:
    assert protocol_of(protocol).silent_after_days == 7


@pytest.mark.parametrize("protocol", RULES)
def test_what_the_sources_leave_open_is_listed(protocol: str) -> None:
    said = " | ".join(protocol_of(protocol).not_stated)

    for gap in ("doses", "count criteria", "maintenance", "donor search", "irradiation", "(TR-016)", "(TR-017)"):
        assert gap in said


@pytest.mark.parametrize("protocol", BFM)
def test_what_the_sources_leave_open_of_block_therapy_is_listed(protocol: str) -> None:
    said = " | ".join(protocol_of(protocol).not_stated)

    for gap in ("order of the elements", "(TR-003)", "drugs of maintenance"):
        assert gap in said
