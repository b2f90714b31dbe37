"""What a protocol must satisfy beyond its shape before it is loaded: every check in the order of its reports."""

from collections.abc import Callable, Iterator

from workflow.protocols.checks import (
    across_windows,
    alike,
    amounts,
    house_names,
    meeting,
    names,
    sequence,
    sources,
    stranding,
    windows,
)
from workflow.protocols.files.problems import Flaw
from workflow.protocols.model import Protocol

Check = Callable[[Protocol], Iterator[Flaw]]

CHECKS: tuple[Check, ...] = (
    windows.numbers,
    sources.sources,
    amounts.recovered_counts,
    amounts.doses,
    amounts.mrd_cut_offs,
    amounts.ages,
    amounts.numbers_of_patients,
    names.keys_of_the_file,
    house_names.names_of_the_house,
    house_names.short_enough,
    names.names_once,
    names.element_codes,
    names.elements_named,
    names.risk_groups,
    windows.gated_elements,
    windows.elements_covered,
    windows.anchors,
    windows.expectations,
    windows.block_interval,
    alike.rules_alike,
    stranding.block_interval_ends,
    sequence.ways_through,
    sequence.numbers_within_caps,
    meeting.windows_can_be_met,
    stranding.windows_left_waiting,
    meeting.starts_can_follow,
    meeting.caps_leave_nobody_late,
    across_windows.numbers_go_together,
)


def structure_flaws(protocol: Protocol) -> list[Flaw]:
    """Return everything wrong with a protocol by itself; empty where it may be loaded."""
    return [flaw for check in CHECKS for flaw in check(protocol)]
