"""What the sources leave to a protocol when a relapse is classified and a remission judged."""

from dataclasses import dataclass
from typing import Literal

ShortFrontline = Literal["very_early", "late"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """From which counts on marrow counts as recovered: wbc and platelets in 10⁹/l, anc per µl.

    `…_above` is a strict limit, `…_at_least` includes its number, as printed (002, Table 2 note 4).
    """

    source: str
    wbc_above: float | None = None
    anc_at_least: float | None = None
    platelets_above: float | None = None
    platelets_at_least: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The readings that one study takes and another does not; the defaults are what most sources say.

    `second_csf_sample`: blasts count only in two consecutive CSF samples at least 24 hours apart (002, Table 2 note 1
    [38,40]). `testis_by_enlargement`: painless enlargement proves a testicular relapse without a biopsy (002, Table 2
    note 2 [22,33]). `short_frontline`: which BFM class stands where a relapse is both under 18 months from diagnosis
    and more than 6 months after the end of frontline therapy; the other is its alternative. `table_6_late_from_months`:
    from how many months after diagnosis on COG Table 6 reads "late"; the table itself does not say.
    """

    second_csf_sample: bool = False
    testis_by_enlargement: bool = False
    short_frontline: ShortFrontline = "very_early"
    table_6_late_from_months: int = 36
    recovery: Recovery | None = None


AS_MOST_SOURCES = Switches()
