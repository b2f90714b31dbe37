"""Examples of where a relapse is, and of what a remission is."""

from typing import Any

from tests.spec.contradictions.example import Example, found, raised, site_and_gaps
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.response import ResponseAssessed
from workflow.domain.switches import AS_MOST_SOURCES, Recovery, Switches
from workflow.knowledge.response import read_response

BY_WBC = Recovery(source="002, Table 2 note 4 [38]", wbc_above=2.0, platelets_above=50)
BY_ANC = Recovery(source="002, Table 2 note 4 [19,28,29]", anc_at_least=750, platelets_at_least=75)
TWO_SAMPLES = Switches(second_csf_sample=True)
BY_ENLARGEMENT = Switches(testis_by_enlargement=True)
POSITIVE_CSF = {"wbc_per_ul": 30, "blasts": True, "rbc_per_ul": 2, "sampled_at": "2023-06-01T08:00:00Z"}
ENLARGED = {"left": "enlarged", "right": "normal"}
# A remission by any variant, and one that only neutrophils from 750 and platelets from 75 on call one.
RECOVERED: dict[str, Any] = {"wbc": 3.1, "anc": 1500, "platelets": 180}
BARELY: dict[str, Any] = {"wbc": 1.9, "anc": 800, "platelets": 80}


def read(*involved: str, recovery: Recovery | None = BY_WBC, **written: object) -> tuple[str | None, ...]:
    """Return outcome, CNS and testis of a final assessment with an empty marrow."""
    data = {"marrow_blasts_percent": 2, "peripheral_blasts": False, "em_disease": False, "final": True, **written}
    assessed = read_payload("response_assessed", data)
    assert isinstance(assessed, ResponseAssessed)
    reading = read_response(assessed, involved, Switches(recovery=recovery))
    return reading.outcome, reading.cns, reading.testis


def marrow(percent: float, relapse_number: int = 1) -> tuple[str, ...]:
    """Return how a relapse with these blasts in the marrow and nowhere else is read."""
    return site_and_gaps(found(marrow_blasts_percent=percent, relapse_number=relapse_number))


def enlarged_testis(switches: Switches = AS_MOST_SOURCES) -> tuple[str, ...]:
    """Return how a marrow relapse with an enlarged testis without biopsy is read."""
    return site_and_gaps(found(testis=ENLARGED, switches=switches))


SITES = (
    Example(
        of="C10",
        says="25 % needs review at the first relapse, and is a marrow relapse at the second",
        shown=lambda: (marrow(25), marrow(25, relapse_number=2)),
        expected=(("needs_review", "G2"), ("isolated_bm",)),
        otherwise=(("isolated_bm",), ("needs_review", "G2")),
    ),
    Example(
        of="C10",
        says="25.1 % is a marrow relapse at any relapse, and 24.9 % at none",
        shown=lambda: (marrow(25.1), marrow(24.9, relapse_number=2)),
        expected=(("isolated_bm",), ("needs_review", "G1")),
        otherwise=(("needs_review", "G1"), ("isolated_bm",)),
    ),
    Example(
        of="C11",
        says="from 5 % on, without blood blasts or disease elsewhere, there is no class",
        shown=lambda: (marrow(5), marrow(20)),
        expected=(("needs_review", "G1"), ("needs_review", "G1")),
        otherwise=(("isolated_bm",), ("isolated_bm",)),
    ),
    Example(
        of="C12",
        says="proven CNS disease with blood blasts and 4.9 % in the marrow needs review",
        shown=lambda: site_and_gaps(found(marrow_blasts_percent=4.9, peripheral_blasts=True, csf=POSITIVE_CSF)),
        expected=("needs_review", "G3"),
        otherwise=("isolated_em",),
    ),
    Example(
        of="C15",
        says="CSF with blasts and 21 erythrocytes is neither positive nor negative, with 20 it is positive",
        shown=lambda: tuple(site_and_gaps(found(csf=POSITIVE_CSF | {"rbc_per_ul": count})) for count in (20, 21)),
        expected=(("combined_bm",), ("needs_review", "csf_not_evaluable")),
        otherwise=(("combined_bm",), ("isolated_bm",)),
    ),
    Example(
        of="C15",
        says="the answer asks for another sample",
        shown=lambda: raised(found(csf=POSITIVE_CSF | {"rbc_per_ul": 21}), "csf_not_evaluable"),
        expected=("csf_not_evaluable",),
        otherwise=(),
    ),
    Example(
        of="C16",
        says="one sample with blasts is enough, unless the protocol asks for two",
        shown=lambda: (
            site_and_gaps(found(csf=POSITIVE_CSF)),
            site_and_gaps(found(csf=POSITIVE_CSF, switches=TWO_SAMPLES)),
        ),
        expected=(("combined_bm",), ("needs_review", "second_csf_sample")),
        otherwise=(("needs_review", "second_csf_sample"), ("combined_bm",)),
    ),
    Example(
        of="C17",
        says="4 cells with blasts are a CNS remission, and no remission from 5 cells on",
        shown=lambda: tuple(
            read("cns", **RECOVERED, csf={"wbc_per_ul": cells, "blasts": True, "rbc_per_ul": 0})[:2] for cells in (4, 5)
        ),
        expected=(("cr", "in_remission"), ("no_cr", "not_in_remission")),
        otherwise=(("no_cr", "not_in_remission"), ("no_cr", "not_in_remission")),
    ),
    Example(
        of="C17",
        says="at a relapse the same 4 cells with blasts need review",
        shown=lambda: site_and_gaps(found(csf={"wbc_per_ul": 4, "blasts": True, "rbc_per_ul": 0})),
        expected=("needs_review", "G4"),
        otherwise=("isolated_bm",),
    ),
    Example(
        of="C18",
        says="the same counts are a remission by one protocol and not by another",
        shown=lambda: (read(**BARELY, recovery=BY_ANC)[0], read(**BARELY, recovery=BY_WBC)[0]),
        expected=("cr", "no_count_recovery"),
        otherwise=("cr", "cr"),
    ),
    Example(
        of="C18",
        says="over 2.0 and over 50 leave the limit itself out, from 750 and from 75 on takes it in",
        shown=lambda: (
            read(wbc=2.0, platelets=51, recovery=BY_WBC)[0],
            read(wbc=2.1, platelets=50, recovery=BY_WBC)[0],
            read(anc=750, platelets=75, recovery=BY_ANC)[0],
        ),
        expected=("no_count_recovery", "crp", "cr"),
        otherwise=("cr", "cr", "no_count_recovery"),
    ),
    Example(
        of="C18",
        says="where the protocol states no recovery, none is judged",
        shown=lambda: read(**RECOVERED, recovery=None)[0],
        expected="incomplete",
        otherwise="cr",
    ),
    Example(
        of="C20",
        says="an enlarged testis without a biopsy needs review, unless the protocol takes enlargement as proof",
        shown=lambda: (enlarged_testis(), enlarged_testis(BY_ENLARGEMENT)),
        expected=(("needs_review", "G7"), ("combined_bm",)),
        otherwise=(("combined_bm",), ("needs_review", "G7")),
    ),
    Example(
        of="C20",
        says="remission of the testis is its normal size, whatever was proven there",
        shown=lambda: tuple(
            read("testis", **RECOVERED, testis={"left": left, "right": "normal"})[2] for left in ("normal", "enlarged")
        ),
        expected=("in_remission", "not_in_remission"),
        otherwise=("not_assessed", "not_assessed"),
    ),
)
