"""Rows of the table of timing rules that no protocol carries, each with what it says and why it stands nowhere."""

from collections.abc import Mapping
from types import MappingProxyType

_FRONTLINE = "Of frontline therapy alone, and not to be applied to a relapse"
_OUTCOME = "A figure of outcome: no clock follows from it"

RULES_OF_NO_PROTOCOL: Mapping[str, str] = MappingProxyType(
    {
        "TR-002": (
            "Survival by the interval between the first and the second block: quoted with TR-001 as its evidence, "
            "measured there alone, and nowhere else (000, ALL-REZ BFM 90 paragraph)."
        ),
        "TR-033": (
            "A second sample of cerebrospinal fluid at least 24 hours after the first: a switch of a protocol "
            "(second_csf_sample). Some studies asked for it; no source names one of these (002, Table 2 note 1 "
            "[38,40])."
        ),
        "TR-039": (
            "24 months of frontline therapy are assumed for most patients: an assumption. Here its end is asked for "
            "(002, Basic concepts)."
        ),
        "TR-046": (
            "Blinatumomab is printed in milligrams for micrograms: contradicted by 003, a thousandfold, and never "
            "loaded (002, New perspectives [79]; C44)."
        ),
        "TR-056": (
            "Pegylated asparaginase weekly or every 2 weeks: two arms of a study of which there is no protocol here, "
            "with neither doses nor their number (002, Reinduction [66])."
        ),
        "TR-059": f"{_OUTCOME}: survival after a failed reinduction, 255 days in the median (002, Reinduction [67]).",
        "TR-060": (
            f"{_OUTCOME}: most relapses come during treatment or within 2 years after it, 1 % after 10 years (002, "
            "Length of first CR [2,18,32])."
        ),
        "TR-062": f"{_OUTCOME}: in adults a first remission of more than 1 year is favourable (003, LALA-94 [30]).",
        "TR-063": f"{_FRONTLINE}: blasts after one week of prednisone (002, Table 1).",
        "TR-064": f"{_FRONTLINE}: failure of induction after 4 to 6 weeks (002, Table 1 note 3; C90).",
        "TR-065": f"{_FRONTLINE}: MRD on days 33 and 78 (002, Table 1).",
        "TR-066": f"{_FRONTLINE}: blasts on day 8 and MRD on day 36 of AALL00P2 (002, New perspectives [83]).",
        "TR-067": (
            "The cut between early and late lies often 3 to 6 months after treatment: a remark, where the definitions "
            "say 6 (002, Basic concepts; C06)."
        ),
        "TR-068": (
            "Very early up to 6 months from diagnosis, early up to 18, late after that: contradicted by everything "
            "else, its own list among it (000, first paragraph; C01)."
        ),
    }
)
