"""Whatever was found, the site of a relapse is one class or a list of gaps, explained, and never a guess."""

from itertools import product

import pytest

from tests.spec.relapse_cases import (
    BLOODY,
    BY_ENLARGEMENT,
    CLEAR,
    ENLARGED,
    FEW_CELLS,
    NORMAL,
    POSITIVE,
    TWO_SAMPLES,
    UNCOUNTED,
    case,
    findings,
)
from workflow.domain.switches import AS_MOST_SOURCES
from workflow.knowledge.sites import site_of
from workflow.knowledge.sources import SOURCES

BLOOD = (False, True, None)
MARROWS = (None, 0, 4.9, 5, 25, 25.1, 80)
CSFS = (None, CLEAR, POSITIVE, FEW_CELLS, BLOODY, UNCOUNTED)
TESTES = (None, NORMAL, ENLARGED, {"left": "biopsy_positive", "right": "normal"})


@pytest.mark.parametrize("marrow", MARROWS)
def test_for_any_findings_there_is_one_class_or_its_gaps_and_all_is_explained(marrow: float | None) -> None:
    for blood, csf, signs, testis, switches in product(
        BLOOD, CSFS, (True, None), TESTES, (AS_MOST_SOURCES, TWO_SAMPLES, BY_ENLARGEMENT)
    ):
        found = findings(marrow, blood, csf=csf, cns_signs=signs, testis=testis)
        reading = site_of(case(found, switches=switches))

        assert (reading.site == "needs_review") is bool(reading.gaps)
        explained = {reason.about for reason in reading.reasons}
        assert explained == {"relapse_site", *(f"flags.{flag}" for flag in reading.flags)}
        assert [r.rule for r in reading.reasons if r.about == "relapse_site"] == list(reading.gaps or (reading.site,))
        for reason in reading.reasons:
            assert "{" not in reason.text
            assert reason.source.partition(",")[0] in SOURCES


def test_no_class_is_given_that_recording_what_is_missing_would_change() -> None:
    given = 0
    for marrow, csf, signs, testis in product(MARROWS, CSFS, (True, None), TESTES):
        found = findings(marrow, blood=None, csf=csf, cns_signs=signs, testis=testis)
        site = site_of(case(found)).site
        if site == "needs_review":
            continue
        given += 1
        for blood, later_csf, later_testis in product((True, False), (CLEAR, POSITIVE), TESTES[1:]):
            completed = {
                **found,
                "peripheral_blasts": blood,
                "csf": later_csf if csf in (None, UNCOUNTED, BLOODY) else csf,
                "testis": later_testis if testis is None else testis,
            }
            assert site_of(case(completed)).site in {site, "needs_review"}
    assert given > 20
