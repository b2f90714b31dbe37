"""Laws of the answers about relapses: whole, proved, the same from a file, and silent where they are switched off."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from api.schemas.classification import ClassificationAnswer
from workflow.domain.classification import SchemeId
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.response import MrdMethod, MrdTimepoint
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.classify import classify
from workflow.protocols.library import shipped
from workflow.services.answers import to_json
from workflow.services.classification_answers import classification_shape
from workflow.services.classify_case import read_case
from workflow.services.classify_cases import CasesAsked, classify_cases

FIRST_DAY = date(2020, 1, 31)
TODAY = date(2025, 1, 31)
# C22, C50b, X3: as sentences call a contradiction between the sources.
CONTRADICTION = re.compile(r"\b[CX]\d+b?\b")
DAYS = st.integers(-5, 1600).map(lambda days: (FIRST_DAY + timedelta(days=days)).isoformat())
BOOLEANS = st.booleans()
# PRE_HSCT is the name of a time point, as somebody sent it.
TREATMENT = re.compile(
    r"(?<!PRE_)HSCT|(?<!H)SCT|transplant|chemotherapy|recommend(?!ations are switched off)", re.IGNORECASE
)
TESTES = st.sampled_from(["normal", "enlarged", "biopsy_positive", "biopsy_negative", "removed", "not_examined"])
FINDINGS = st.fixed_dictionaries(
    {},
    optional={
        "marrow_blasts_percent": st.sampled_from([0, 4.9, 5, 12, 25, 25.1, 80]),
        "peripheral_blasts": BOOLEANS,
        "csf": st.fixed_dictionaries(
            {
                "wbc_per_ul": st.sampled_from([0, 4, 5, 300]),
                "blasts": BOOLEANS,
                "rbc_per_ul": st.sampled_from([0, 20, 21]),
            }
        ),
        "cns_signs": BOOLEANS,
        "cns_mass": BOOLEANS,
        "testis": st.fixed_dictionaries({"left": TESTES, "right": TESTES}),
        "other_em": st.lists(
            st.fixed_dictionaries({"site": st.just("skin"), "biopsy": st.sampled_from(["positive", "not_done"])}),
            min_size=1,
            max_size=2,
        ),
    },
)
RESULTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(get_args(MrdMethod)),
        "timepoint": st.sampled_from(get_args(MrdTimepoint)),
        "unit": st.sampled_from(["fraction", "percent"]),
        "value": st.sampled_from(["0", "0.0001", "0.00010", "0.0005", "0.001", "0.1"]),
    }
)
REQUESTS = st.fixed_dictionaries(
    {"diagnosis_date": DAYS, "relapse_date": DAYS, "phenotype": st.sampled_from(["BCP", "T"])},
    optional={
        "frontline_end_date": DAYS,
        "frontline_ongoing": BOOLEANS,
        "relapse_number": st.integers(1, 3),
        "relapse_site": st.sampled_from(["isolated_bm", "combined_bm", "isolated_em"]),
        "findings": FINDINGS,
        "sex": st.sampled_from(["female", "male", "other"]),
        "ph_status": st.sampled_from(["positive", "negative", "unknown"]),
        "prior_hsct": BOOLEANS,
        "response": st.sampled_from(["cr", "crp", "no_cr", "not_assessed"]),
        "mrd": st.lists(RESULTS, min_size=1, max_size=3),
        "mrd_not_available": st.lists(st.sampled_from(get_args(MrdTimepoint)), min_size=1, max_size=2),
    },
)


def answered(request: dict[str, Any], *, recommendations: bool = True) -> dict[str, Any] | str:
    """Return the answer to a request, or why it is refused."""
    try:
        found = classify(read_case(request, shipped(), today=TODAY))
    except InvalidInputError as invalid:
        return "; ".join(problem.message for problem in invalid.problems)
    body: dict[str, Any] = json.loads(to_json(classification_shape(found, recommendations=recommendations)))
    return body


def cells(request: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield a request as columns and cells."""
    for name, value in request.items():
        if isinstance(value, dict):
            yield from cells(value, f"{above}{name}.")
        else:
            yield above + name, value if isinstance(value, str) else json.dumps(value)


def from_a_file(request: dict[str, Any]) -> dict[str, str]:
    """Return what comes back of a request that stands in a file, by its column."""
    columns = {"relapse_site": "", **dict(cells(request))}
    written = io.StringIO()
    csv.writer(written).writerows([columns, columns.values()])
    asked = CasesAsked(protocols=shipped(), today=TODAY, reasons=True)
    cases = classify_cases(written.getvalue().encode().splitlines(keepends=True), "cases.csv", asked)
    (row,) = cases.rows
    return dict(zip(cases.header, row.cells, strict=True))


@given(REQUESTS)
def test_an_answer_has_every_field_and_a_reason_for_every_value(asked: dict[str, Any]) -> None:
    body = answered(asked)
    if isinstance(body, str):
        return
    read = ClassificationAnswer.model_validate(body)

    values = {f"timing.{system}" for system, name in body["timing"].items() if name} or {"timing"}
    values |= {f"risk.{scheme}" for scheme in get_args(SchemeId)} | {"relapse_site"}
    values |= {f"flags.{flag}" for flag in read.flags}
    assert {reason.about for reason in read.reasons} == values
    assert all(reason.text and reason.source and reason.rule for reason in read.reasons)
    assert list(read.recommendation or {}) == list(get_args(Strategy))
    assert all("recommend" in said.why.lower() for said in (read.recommendation or {}).values())
    assert set(read.to_confirm) <= set(read.flags)


@given(REQUESTS)
def test_every_contradiction_that_an_answer_names_is_told_in_it(asked: dict[str, Any]) -> None:
    for recommendations in (True, False):
        body = answered(asked, recommendations=recommendations)
        if isinstance(body, str):
            return
        told = body.pop("contradictions")

        assert set(CONTRADICTION.findall(json.dumps(body))) == set(told)
        assert all("Read here: " in sentence for sentence in told.values())


@given(REQUESTS)
def test_a_file_and_a_request_are_answered_alike(asked: dict[str, Any]) -> None:
    body, row = answered(asked), from_a_file(asked)
    if isinstance(body, str):
        assert row["error"] == body
        assert row["risk.BFM"] == ""
        return

    assert row["error"] == ""
    assert (row["class.relapse_site"], row["class.site_gaps"]) == (body["relapse_site"], ";".join(body["site_gaps"]))
    assert row["flags"] == ";".join(body["flags"])
    for system, name in body["timing"].items():
        assert row[f"timing.{system}"] == (name or "")
    for scheme, group in body["risk"].items():
        assert row[f"risk.{scheme}"] == (group or "")
    for strategy, said in body["recommendation"].items():
        assert row[f"recommendation.{strategy}"] == (said["decision"] or "")
        assert row[f"recommendation.{strategy}.conditional_on"] == said.get("conditional_on", "")
    said_why = [f"{reason['about']}: {reason['text']} [{reason['source']}]" for reason in body["reasons"]]
    assert row["reasons"].startswith(" | ".join(said_why))


@given(REQUESTS)
def test_switched_off_an_answer_keeps_its_classes_and_speaks_of_no_treatment(asked: dict[str, Any]) -> None:
    on, off = answered(asked), answered(asked, recommendations=False)
    if isinstance(on, str) or isinstance(off, str):
        assert on == off
        return

    kept = ("timing", "timing_possible", "timing_alternative", "relapse_site", "site_gaps", "risk", "to_confirm")
    assert {name: on[name] for name in kept} == {name: off[name] for name in kept}
    assert (off["recommendation"], off["statements"]) == (None, [])
    ClassificationAnswer.model_validate(off)
    # A cell of a risk scheme may name a treatment, where its source does so to say how sure the group is; that there
    # was a transplant before is known of the patient.
    told = [reason["text"] for reason in off["reasons"] if not reason["about"].startswith(("risk.", "flags.prior_"))]
    assert not [text for text in told if TREATMENT.search(text)]
    assert not [text for text in off["contradictions"].values() if TREATMENT.search(text)]
