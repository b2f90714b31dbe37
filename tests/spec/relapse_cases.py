"""Relapses as cases, by what was found: healthy outside the marrow, apart from what a test says otherwise."""

from collections.abc import Mapping
from datetime import date

from workflow.domain.case import Case, Sex
from workflow.domain.facts.findings import Csf, Findings, RelapseSite
from workflow.domain.switches import AS_MOST_SOURCES, Switches
from workflow.knowledge.sites import SiteReading

CLEAR = {"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0}
POSITIVE = {"wbc_per_ul": 5, "blasts": True, "rbc_per_ul": 20}
FEW_CELLS = {"wbc_per_ul": 4, "blasts": True, "rbc_per_ul": 0}
BLOODY = {"wbc_per_ul": 50, "blasts": True, "rbc_per_ul": 21}
UNCOUNTED = {"wbc_per_ul": 1}
NORMAL = {"left": "normal", "right": "normal"}
ENLARGED = {"left": "enlarged", "right": "normal"}
TWO_SAMPLES = Switches(second_csf_sample=True)
BY_ENLARGEMENT = Switches(testis_by_enlargement=True)


def findings(marrow: float | None, blood: bool | None, **found: object) -> dict[str, object]:
    """Return findings with a clear CSF and normal testes, apart from what is said otherwise."""
    recorded: dict[str, object] = {
        "marrow_blasts_percent": marrow,
        "peripheral_blasts": blood,
        "csf": CLEAR,
        "testis": NORMAL,
    }
    return {**recorded, **found}


def case(
    found: Mapping[str, object] | None,
    *,
    sex: Sex | None = "male",
    relapse_number: int = 1,
    switches: Switches = AS_MOST_SOURCES,
    earlier: tuple[Csf, ...] = (),
    stated: RelapseSite | None = None,
) -> Case:
    return Case(
        diagnosis_on=date(2021, 9, 29),
        relapse_on=date(2024, 1, 5),
        phenotype="BCP",
        relapse_number=relapse_number,
        findings=None if found is None else Findings.model_validate(found),
        earlier_csf=earlier,
        relapse_site=stated,
        sex=sex,
        switches=switches,
    )


def outcome(reading: SiteReading) -> str:
    """Return the class, or what is missing for one."""
    return reading.site if reading.site != "needs_review" else " + ".join(reading.gaps)
