"""The marrow by its blasts: the limits that relapse and remission share."""

from typing import Literal

from workflow.domain.facts.findings import M1_BELOW_PERCENT

MarrowClass = Literal["M1", "M2", "M3"]

# 002, Table 2 [28]: M2 reaches from 5 % to 25 %, M3 begins above it.
M3_ABOVE_PERCENT = 25


def marrow_class(percent: float, *, relapse_number: int) -> MarrowClass:
    """Return M1, M2 or M3 for marrow blasts in % (002, Table 2 [28]).

    Exactly 25 % is M2 at the first relapse, and M3 from the second on, where a relapse after a new remission is
    written with "at least 25 %" (002, Table 2 [19]; contradiction C10).
    """
    if percent < M1_BELOW_PERCENT:
        return "M1"
    above = percent >= M3_ABOVE_PERCENT if relapse_number > 1 else percent > M3_ABOVE_PERCENT
    return "M3" if above else "M2"
