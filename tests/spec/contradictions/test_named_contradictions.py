"""Whatever an answer says is disputed can be looked up: every contradiction that it names is told, with its source."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from re import findall
from typing import get_args

from tests.spec.contradictions.example import RELAPSES, a_relapse, found, measured, relapsed_on
from workflow.domain.case import Case, Phenotype, Response
from workflow.domain.classification import Reason
from workflow.domain.facts.findings import RelapseSite
from workflow.domain.switches import Switches
from workflow.knowledge.classify import classify
from workflow.knowledge.contradictions import CONTRADICTIONS
from workflow.knowledge.sources import SOURCES
from workflow.services.classification_answers import classification_shape

RESULTS = (
    (),
    measured("0.00001", "PRE_HSCT"),
    measured("0.005", "AFTER_INDUCTION_COURSE_2"),
    measured("0.0005", "AFTER_INDUCTION_COURSE_2"),
    measured("0.0005", "END_INDUCTION"),
    measured("0.01", "END_BLOCK_1", "FLOW"),
)
DAYS = ("2021-04-15", "2021-07-15", "2022-07-15", "2022-08-15", "2023-01-15", "2023-03-15")
CSF = (
    None,
    {"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0},
    {"wbc_per_ul": 4, "blasts": True, "rbc_per_ul": 0},
    {"wbc_per_ul": 9, "blasts": True, "rbc_per_ul": 0},
    {"wbc_per_ul": 9, "blasts": True, "rbc_per_ul": 21},
)
TESTES = (None, {"left": "normal", "right": "enlarged"}, {"left": "biopsy_positive", "right": "normal"})
# They are about remission, windows and doses, or keep something out: no class, group or decision names them.
NOT_OF_CLASSES = {"C14", "C17", "C18", "C33", "C41", "C44", "C45", "C48", "C49", "C90"}


def relapses() -> Iterator[Case]:
    """Yield relapses of every timing, site, phenotype and response, with and without a date that is missing."""
    kinds = product(RELAPSES, get_args(RelapseSite), get_args(Phenotype), get_args(Response), RESULTS)
    for timing, site, phenotype, response, mrd in kinds:
        case = a_relapse(timing, site, phenotype, response=response, mrd=mrd)
        yield case
        yield replace(case, frontline_end_on=None, frontline_ongoing=False)
        yield replace(case, relapse_number=2, prior_hsct=True, ph_status="positive")
    for day, end in product(DAYS, ("2020-07-15", "2022-01-15", None)):
        yield relapsed_on(day, treated_until=end)
    marrow = product(
        (None, 4.9, 20, 25, 60), (None, False, True), CSF, TESTES, (Switches(), Switches(second_csf_sample=True))
    )
    for percent, blood, csf, testis, switches in marrow:
        yield found(marrow_blasts_percent=percent, peripheral_blasts=blood, csf=csf, testis=testis, switches=switches)


def reasons() -> Iterator[Reason]:
    """Yield every reason of all those answers."""
    for case in relapses():
        classified = classify(case)
        yield from (*classified.reasons, *classified.recommended_because.values())


def test_every_contradiction_that_an_answer_names_is_told() -> None:
    statements = {said.text for case in relapses() for said in classify(case).statements}
    written = {name for text in statements for name in findall(r"\b(?:C\d\db?|X\d)\b", text)}
    named = written.union(*(reason.contradictions for reason in reasons()))

    assert named <= set(CONTRADICTIONS)
    decisive = {known.id for known in CONTRADICTIONS.values() if known.priority in {"S", "D"}}
    assert decisive - named == NOT_OF_CLASSES


def test_without_recommendations_no_sentence_speaks_of_a_treatment() -> None:
    of_treatment = r"(?i)transplant|\b[HS]SCT|chemotherap|irradiat|sct_considered"
    for case in relapses():
        if not case.prior_hsct:
            shape = classification_shape(classify(case), recommendations=False)
            assert not findall(of_treatment, str((shape["reasons"], shape["contradictions"], shape["flags"])))


def test_every_reason_has_a_sentence_and_names_a_source_that_is_listed() -> None:
    for reason in set(reasons()):
        assert reason.text.endswith("."), reason
        assert reason.source.startswith((*SOURCES, "operational: ")), reason
