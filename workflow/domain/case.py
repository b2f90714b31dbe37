"""One relapse as a question to the published tables: everything that they ask about, and nothing else."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from workflow.domain.facts.findings import Csf, Findings, RelapseSite
from workflow.domain.facts.response import MrdMeasured
from workflow.domain.switches import AS_MOST_SOURCES, Switches

Phenotype = Literal["BCP", "T"]
PhStatus = Literal["positive", "negative", "unknown"]
Sex = Literal["female", "male", "other"]
Response = Literal["cr", "crp", "no_cr", "not_assessed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One relapse; what is None or empty was not recorded, never normal.

    `frontline_end_on` is the end of all antileukaemic frontline therapy, None also where it is `frontline_ongoing`.
    `relapse_site` is what somebody stated, `findings` what it is read from; `earlier_csf` are the samples before that
    of the findings. `mrd` are the results that may be used, `mrd_not_available` the time points that stay without one.
    """

    diagnosis_on: date
    relapse_on: date
    phenotype: Phenotype
    relapse_number: int = 1
    frontline_end_on: date | None = None
    frontline_ongoing: bool = False
    findings: Findings | None = None
    earlier_csf: tuple[Csf, ...] = ()
    relapse_site: RelapseSite | None = None
    sex: Sex | None = None
    ph_status: PhStatus | None = None
    prior_hsct: bool = False
    response: Response = "not_assessed"
    mrd: tuple[MrdMeasured, ...] = ()
    mrd_not_available: tuple[str, ...] = ()
    switches: Switches = AS_MOST_SOURCES

    @property
    def digits(self) -> str:
        """The results as they were written: 0.001 and 0.0010 are equal, but a proof shows the digits of its own."""
        return str(self.mrd) if self.mrd else ""
