"""What an assessment after reinduction amounts to: complete remission and its parts, each read by its own rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from workflow.domain.classification import Reason, Status
from workflow.domain.facts.findings import M1_BELOW_PERCENT, Csf, Testis, TestisState
from workflow.domain.facts.response import ResponseAssessed
from workflow.domain.switches import Recovery, Switches
from workflow.knowledge.csf import CSF_ERYTHROCYTES_PER_UL, CSF_LEUCOCYTES_PER_UL, sample_text, state_of_sample
from workflow.knowledge.marrow import MarrowClass, marrow_class
from workflow.knowledge.wording import written

Outcome = Literal["cr", "crp", "no_count_recovery", "no_cr", "incomplete"]
LocalRemission = Literal["in_remission", "not_in_remission", "not_assessed"]
Criterion = Literal["blood", "elsewhere", "cns", "testis", "recovery"]

_CR = "002, Table 2 [19,22,25,28,30,38]"
# A testis that was biopsied or not examined may have any size.
_TESTIS: dict[TestisState, LocalRemission] = {
    "normal": "in_remission",
    "removed": "in_remission",
    "enlarged": "not_in_remission",
    "biopsy_positive": "not_in_remission",
    "biopsy_negative": "not_assessed",
    "not_examined": "not_assessed",
}
# Whether a criterion is met, of what was found; None where nothing is on record.
_ABSENT: dict[bool | None, bool | None] = {True: False, False: True, None: None}
_ABOUT_REMISSION: dict[LocalRemission, bool | None] = {
    "in_remission": True,
    "not_in_remission": False,
    "not_assessed": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseReading:
    """The response at one assessment; `cns` and `testis` are None where nothing is known of disease there.

    `crp`: remission without recovery of platelets. `no_count_recovery`: remission without recovery of the other
    counts. `incomplete`: nothing speaks against remission, and something that it needs is not on record: `missing`
    names it, and is empty for every other outcome.
    """

    marrow: MarrowClass
    outcome: Outcome
    cns: LocalRemission | None
    testis: LocalRemission | None
    missing: tuple[Criterion, ...]
    reasons: tuple[Reason, ...]


def read_response(
    assessed: ResponseAssessed, involved: tuple[str, ...], switches: Switches, *, relapse_number: int = 1
) -> ResponseReading:
    """Return what an assessment amounts to, where `involved` (`cns`, `testis`, `other`) were proven at the relapse.

    Complete remission is marrow under 5 %, no blood blasts, no extramedullary disease, remission of CNS and testes
    where they were involved, and recovered counts (002, Table 2; contradiction C72). No date turns an assessment into
    a failure: the sources state no day by which reinduction has failed (C90), so failure is recorded by people, and
    "refractory" (alive after it) is a state of the chart.
    """
    marrow = marrow_class(assessed.marrow_blasts_percent, relapse_number=relapse_number)
    cns = _cns(assessed.csf, involved="cns" in involved)
    testis = _testis(assessed.testis, involved="testis" in involved)
    elsewhere = assessed.em_disease if assessed.em_disease is not None or "other" in involved else False
    needed: dict[Criterion, bool | None] = {
        "blood": _ABSENT[assessed.peripheral_blasts],
        "elsewhere": _ABSENT[elsewhere],
        "cns": True if cns is None else _ABOUT_REMISSION[cns],
        "testis": True if testis is None else _ABOUT_REMISSION[testis],
    }
    outcome: Outcome
    missing: tuple[Criterion, ...] = ()
    of_counts: tuple[Reason, ...] = ()
    if marrow != "M1" or False in needed.values():
        outcome = "no_cr"
    else:
        outcome, of_counts = _recovered(assessed, switches.recovery)
        missing = tuple(criterion for criterion, met in needed.items() if met is None)
        missing += ("recovery",) if outcome == "incomplete" else ()
        outcome = "incomplete" if missing else outcome
    reasons = (
        *_of_parts(assessed, involved, marrow, cns, testis),
        *of_counts,
        _of_outcome(outcome, final=assessed.final),
    )
    return ResponseReading(marrow=marrow, outcome=outcome, cns=cns, testis=testis, missing=missing, reasons=reasons)


def _cns(csf: Csf | None, *, involved: bool) -> LocalRemission | None:
    """Return the remission of an involved CNS: under 5 leucocytes/µl, whatever the cytology (002, Table 2 [36]; C17).

    A CNS that was not involved is read by the rule of involvement. Blood in the sample may bring cells (C15), never
    take them away.
    """
    if not involved:
        return "not_in_remission" if csf is not None and state_of_sample(csf) == "positive" else None
    if csf is None or csf.wbc_per_ul is None:
        return "not_assessed"
    if csf.wbc_per_ul < CSF_LEUCOCYTES_PER_UL:
        return "in_remission"
    contaminated = csf.rbc_per_ul is not None and csf.rbc_per_ul > CSF_ERYTHROCYTES_PER_UL
    return "not_assessed" if contaminated else "not_in_remission"


def _testis(testis: Testis | None, *, involved: bool) -> LocalRemission | None:
    """Return the remission of involved testes: normal size, by examination (002, Table 2 [36]; C20)."""
    sides = (testis.left, testis.right) if testis else ()
    if not involved:
        if "biopsy_positive" in sides:
            return "not_in_remission"
        return "not_assessed" if "enlarged" in sides else None
    found = {_TESTIS[side] for side in sides}
    if "not_in_remission" in found:
        return "not_in_remission"
    return "in_remission" if found == {"in_remission"} else "not_assessed"


def _recovered(assessed: ResponseAssessed, recovery: Recovery | None) -> tuple[Outcome, tuple[Reason, ...]]:
    """Return the remission by its counts; each protocol has its own limits (C18), platelets count apart (C19)."""
    if recovery is None:
        unsaid = "The protocol states no recovery of blood counts, so remission is not judged by them."
        return "incomplete", (
            _reason("recovery", "recovery", unsaid, _CR, status="not_stated", contradictions=("C18",)),
        )
    cells = (
        *_limits("WBC", assessed.wbc, "× 10⁹/l", above=recovery.wbc_above),
        *_limits("ANC", assessed.anc, "per µl", at_least=recovery.anc_at_least),
    )
    platelets = tuple(
        _limits(
            "platelets",
            assessed.platelets,
            "× 10⁹/l",
            above=recovery.platelets_above,
            at_least=recovery.platelets_at_least,
        )
    )
    text = "; ".join(said for _reached, said in (*cells, *platelets))
    because = (_reason("recovery", "recovery", f"{text}.", recovery.source, contradictions=("C18", "C19")),)
    of_cells, of_platelets = ([reached for reached, _said in limits] for limits in (cells, platelets))
    if False in of_cells:
        return "no_count_recovery", because
    if None in of_cells or None in of_platelets:
        return "incomplete", because
    return ("crp" if False in of_platelets else "cr"), because


def _limits(
    name: str, count: float | None, unit: str, *, above: float | None = None, at_least: float | None = None
) -> Iterator[tuple[bool | None, str]]:
    for limit, strict in ((above, True), (at_least, False)):
        if limit is None:
            continue
        if count is None:
            yield None, f"{name} not recorded (needed: {'>' if strict else '≥'} {written(limit)} {unit})"
            continue
        reached = count > limit if strict else count >= limit
        relation = (">" if reached else "≤") if strict else ("≥" if reached else "<")
        yield reached, f"{name} {written(count)} {relation} {written(limit)} {unit}"


def _of_parts(
    assessed: ResponseAssessed,
    involved: tuple[str, ...],
    marrow: MarrowClass,
    cns: LocalRemission | None,
    testis: LocalRemission | None,
) -> Iterator[Reason]:
    relation = "<" if marrow == "M1" else "≥"
    measured = f"{written(assessed.marrow_blasts_percent)} {relation} {M1_BELOW_PERCENT} % marrow blasts: {marrow}."
    yield _reason("marrow", marrow, measured, "002, Table 2 [28]", contradictions=("C10",))
    blood = {True: "Blasts in the blood.", False: "No blasts in the blood.", None: "Blood blasts are not recorded."}
    yield _reason("blood", "CR", blood[assessed.peripheral_blasts], _CR)
    if cns is not None:
        sample = sample_text(assessed.csf) if assessed.csf else "no CSF on record"
        text = f"CNS {_in_words(cns)}: {sample}; remission is under 5 cells/µl, whatever the cytology."
        yield _reason("cns", "CNS remission", text, "002, Table 2 [36]", contradictions=("C14", "C15", "C17"))
    if testis is not None:
        sides = f"left {assessed.testis.left}, right {assessed.testis.right}" if assessed.testis else "not on record"
        text = f"Testes {_in_words(testis)}: {sides.replace('_', ' ')}; remission is normal size by examination."
        yield _reason("testis", "testicular remission", text, "002, Table 2 [36]", contradictions=("C20",))
    if assessed.em_disease is not None or "other" in involved:
        found = {
            True: "Extramedullary disease is recorded.",
            False: "No extramedullary disease.",
            None: "A site outside marrow, CNS and testes was involved, and em_disease is not recorded.",
        }
        yield _reason("elsewhere", "CR", found[assessed.em_disease], _CR, contradictions=("C72",))


def _in_words(remission: LocalRemission) -> str:
    return remission.replace("_", " ")


def _of_outcome(outcome: Outcome, *, final: bool) -> Reason:
    text = {
        "cr": "Complete remission: every criterion is met.",
        "crp": "Complete remission without recovery of platelets (CRp), which only some count as remission.",
        "no_count_recovery": "Remission by morphology, without recovery of WBC or ANC: the sources do not name this.",
        "no_cr": "No complete remission.",
        "incomplete": "Nothing speaks against remission, but a criterion is not on record or not stated.",
    }[outcome]
    if outcome == "no_cr" and final:
        text += " Where reinduction has failed, record reinduction_failed; no date decides that."
    contradictions = {"crp": ("C19",), "no_cr": ("C90",), "cr": ("C72",)}.get(outcome, ())
    status: Status = "not_stated" if outcome == "no_count_recovery" else "explicit"
    source = "002, Table 2 note 4 [19,28,43]" if outcome == "crp" else _CR
    return _reason("outcome", outcome, text, source, status=status, contradictions=contradictions)


def _reason(
    part: str,
    rule: str,
    text: str,
    source: str,
    *,
    status: Status = "explicit",
    contradictions: tuple[str, ...] = (),
) -> Reason:
    return Reason(
        about=f"response.{part}", rule=rule, text=text, source=source, status=status, contradictions=contradictions
    )
