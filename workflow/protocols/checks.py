"""What a protocol must satisfy beyond its shape before it is loaded: every check in the order of its reports."""

from collections.abc import Callable, Iterator

from workflow.protocols import (
    checks_across_windows,
    checks_of_amounts,
    checks_of_meeting,
    checks_of_names,
    checks_of_sequence,
    checks_of_sources,
    checks_of_windows,
)
from workflow.protocols.model import Protocol
from workflow.protocols.problems import Flaw

Check = Callable[[Protocol], Iterator[Flaw]]

CHECKS: tuple[Check, ...] = (
    checks_of_windows.numbers,
    checks_of_sources.sources,
    checks_of_amounts.recovered_counts,
    checks_of_amounts.doses,
    checks_of_amounts.mrd_cut_offs,
    checks_of_amounts.ages,
    checks_of_names.names_once,
    checks_of_names.element_codes,
    checks_of_names.elements_named,
    checks_of_names.risk_groups,
    checks_of_windows.gated_elements,
    checks_of_windows.elements_covered,
    checks_of_windows.anchors,
    checks_of_windows.expectations,
    checks_of_windows.block_interval,
    checks_of_sequence.ways_through,
    checks_of_sequence.numbers_within_caps,
    checks_of_meeting.windows_can_be_met,
    checks_of_meeting.starts_can_follow,
    checks_of_meeting.caps_leave_nobody_late,
    checks_across_windows.numbers_go_together,
)


def structure_flaws(protocol: Protocol) -> list[Flaw]:
    """Return everything wrong with a protocol by itself; empty where it may be loaded."""
    return [flaw for check in CHECKS for flaw in check(protocol)]
