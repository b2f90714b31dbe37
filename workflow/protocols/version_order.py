"""The order of a protocol's versions, so that everybody means the same by the newest one."""

import re


def natural_order(version: str) -> tuple[tuple[int, str], ...]:
    """Return what sorts versions as people count, numbers by their value: 2 before 10, and 1 before 1-a."""
    parts = re.findall(r"\d+|\D+", version)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def total_order(version: str) -> tuple[tuple[tuple[int, str], ...], str]:
    """Return what sorts versions as `natural_order`, and those that count alike by how they are written.

    Where two of them meet in one folder they are refused; one may have been kept from long ago.
    """
    return natural_order(version), version
