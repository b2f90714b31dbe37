"""Laws of the recommendations, for any relapse: always an answer, exact in its units, never beyond the data."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

from hypothesis import assume, given
from hypothesis import strategies as st

from workflow.domain.case import Case, Phenotype, PhStatus, Response
from workflow.domain.classification import Decision, Recommendation
from workflow.domain.facts.findings import RelapseSite
from workflow.domain.facts.response import MrdMeasured, MrdMethod, MrdTimepoint
from workflow.domain.facts.treatment import Strategy
from workflow.domain.switches import ShortFrontline, Switches
from workflow.knowledge.classify import classify
from workflow.knowledge.mrd import MrdPoint, read_mrd

STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
# Where each strategy looks for residual disease; None takes any, and who does not look stands not here.
LOOKS_AT: dict[Strategy, tuple[str, str] | None] = {
    "BFM_2002": ("PCR", "AFTER_INDUCTION_COURSE_2"),
    "UKALL_R3": ("PCR", "END_INDUCTION"),
    "I_BFM_FIG1": None,
    "COG_TABLE6": ("FLOW", "END_BLOCK_1"),
}
TREATMENTS = ("HSCT", "CHEMO_MAINT", "BRIDGE_HSCT", "REFRACTORY_BRANCH", "INDIVIDUAL")
DIAGNOSED_ON = date(2020, 1, 31)
# Numbers as reports write them, most of them close to the cut-offs.
MANTISSAS = st.sampled_from(["1", "9.99", "1.01", "5", "9.99999999999999999999", "1.00000000000000000001"])
FRACTIONS = st.one_of(
    st.just(Decimal(1)),
    st.builds(lambda digits, power: Decimal(digits).scaleb(-power), MANTISSAS, st.integers(1, 7)),
)
# Results may be 0, and detection limits that were stored before 0 was refused.
WITH_ZERO = st.just(Decimal(0)) | FRACTIONS
SAMPLE_DAYS = st.none() | st.integers(0, 3).map(lambda day: date(2024, 5, 1) + timedelta(days=day))
# Time points of most strategies, and one of each that only some or none takes.
AT = st.tuples(st.sampled_from(get_args(MrdMethod)), st.sampled_from(get_args(MrdTimepoint)))


def measured(at: tuple[str, str], **data: object) -> MrdMeasured:
    return MrdMeasured.model_validate({"method": at[0], "timepoint": at[1], "unit": "fraction", **data})


def amounts() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.fixed_dictionaries({"value": WITH_ZERO}, optional={"sensitivity": WITH_ZERO}),
        st.fixed_dictionaries({"below": WITH_ZERO}, optional={"sensitivity": WITH_ZERO}),
        st.fixed_dictionaries(
            {"result": st.just("positive_not_quantifiable")},
            optional={"sensitivity": WITH_ZERO, "quantitative_range": WITH_ZERO},
        ),
        st.fixed_dictionaries({"result": st.sampled_from(["not_evaluable", "no_marker"])}),
    )


@st.composite
def results(draw: st.DrawFn, at: st.SearchStrategy[tuple[str, str]] = AT) -> MrdMeasured:
    return measured(draw(at), sample_on=draw(SAMPLE_DAYS), **draw(amounts()))


def mostly_where_a_strategy_looks() -> st.SearchStrategy[MrdMeasured]:
    points = [at for at in LOOKS_AT.values() if at]
    return results(st.sampled_from(points)) | results()


@st.composite
def cases(draw: st.DrawFn, *, first: bool = False) -> Case:
    """Draw a relapse; of a first one only what its tables ask about."""
    relapse_on = DIAGNOSED_ON + timedelta(days=draw(st.integers(1, 1800)))
    end = draw(st.none() | st.integers(0, (relapse_on - DIAGNOSED_ON).days))
    return Case(
        diagnosis_on=DIAGNOSED_ON,
        relapse_on=relapse_on,
        phenotype=draw(st.sampled_from(get_args(Phenotype))),
        frontline_end_on=None if end is None else DIAGNOSED_ON + timedelta(days=end),
        frontline_ongoing=end is None and draw(st.booleans()),
        relapse_site=draw(
            st.sampled_from(get_args(RelapseSite)) if first else st.sampled_from([*get_args(RelapseSite), None])
        ),
        relapse_number=1 if first else draw(st.integers(1, 3)),
        prior_hsct=False if first else draw(st.booleans()),
        ph_status=draw(st.none() | st.sampled_from(get_args(PhStatus))),
        response=draw(st.sampled_from(["cr", "crp", "not_assessed"] if first else get_args(Response))),
        mrd=tuple(draw(st.lists(mostly_where_a_strategy_looks(), max_size=3))),
        mrd_not_available=tuple(draw(st.lists(st.sampled_from(get_args(MrdTimepoint)), max_size=2, unique=True))),
        switches=Switches(
            short_frontline=draw(st.sampled_from(get_args(ShortFrontline))),
            table_6_late_from_months=draw(st.sampled_from([18, 36])),
        ),
    )


def advice(case: Case) -> dict[Strategy, Recommendation]:
    return dict(classify(case).classification.recommendation)


@given(cases())
def test_every_strategy_has_an_answer_and_a_reason_for_every_relapse(case: Case) -> None:
    found = classify(case)

    assert tuple(found.classification.recommendation) == tuple(found.recommended_because) == STRATEGIES
    for strategy, answer in found.classification.recommendation.items():
        because = found.recommended_because[strategy]
        assert answer.decision is None or answer.decision in get_args(Decision)
        assert (answer.decision is None) == (
            found.classification.site == "needs_review"
            and case.relapse_number == 1
            and not case.prior_hsct
            and case.response != "no_cr"
        )
        assert because.text.endswith(".")
        assert because.source
        assert because.rule == (answer.rule or strategy)
    flags = found.classification.flags
    assert {f"flags.{flag}" for flag in flags} == {one.about for one in found.reasons if one.about.startswith("flags.")}


@given(cases())
def test_from_the_second_relapse_on_and_after_a_transplant_no_table_is_read(case: Case) -> None:
    assume(case.relapse_number > 1 or case.prior_hsct)

    assert {answer.decision for answer in advice(case).values()} == {"INDIVIDUAL"}


@given(cases(first=True))
def test_only_advice_for_a_remission_carries_its_condition_and_a_remission_lifts_it(case: Case) -> None:
    for strategy, answer in advice(case).items():
        for_a_remission = answer.decision in {"HSCT", "CHEMO_MAINT", "BRIDGE_HSCT"} or answer.rule == "CD-032"
        assert (answer.conditional_on == "CR2") is (for_a_remission and case.response != "cr"), strategy


@given(cases(first=True), results())
def test_no_strategy_changes_on_a_result_of_another_method_or_time_point(case: Case, more: MrdMeasured) -> None:
    before, after = advice(case), advice(replace(case, mrd=(*case.mrd, more)))

    for strategy in STRATEGIES:
        looks_at = LOOKS_AT.get(strategy, ("none", "none"))
        if looks_at is not None and looks_at != (more.method, more.timepoint):
            assert after[strategy] == before[strategy]


@given(cases(first=True))
def test_results_may_come_in_any_order(case: Case) -> None:
    assert advice(case) == advice(replace(case, mrd=case.mrd[::-1]))


@given(cases(first=True), AT, st.integers(0, 9), SAMPLE_DAYS)
def test_the_same_number_in_another_unit_gives_the_same_answer(
    case: Case, at: tuple[str, str], power: int, sample_on: date | None
) -> None:
    written = {
        "fraction": Decimal(1).scaleb(-power),
        "percent": Decimal(1).scaleb(2 - power),
        "log10": Decimal(-power),
    }
    answers = [
        advice(replace(case, mrd=(*case.mrd, measured(at, unit=unit, sample_on=sample_on, value=value))))
        for unit, value in written.items()
    ]

    assert answers[0] == answers[1] == answers[2]


@given(cases(first=True), amounts(), st.sampled_from([at for at in LOOKS_AT.values() if at]))
def test_a_percent_is_a_hundredth_whatever_kind_of_result_it_is(
    case: Case, amount: dict[str, Any], at: tuple[str, str]
) -> None:
    in_percent = {name: part.scaleb(2) if isinstance(part, Decimal) else part for name, part in amount.items()}
    as_fraction = advice(replace(case, mrd=(measured(at, **amount),)))

    assert advice(replace(case, mrd=(measured(at, **in_percent, unit="percent"),))) == as_fraction


@given(st.tuples(FRACTIONS, FRACTIONS), FRACTIONS | st.none(), st.sampled_from(["value", "below"]))
def test_more_residual_disease_never_reads_as_less(
    numbers: tuple[Decimal, Decimal], sensitivity: Decimal | None, kind: str
) -> None:
    point = MrdPoint(positive_from=Decimal("0.001"), negative_below=Decimal("0.0001"))
    less, more = (
        read_mrd([measured(("PCR", "OTHER"), **{kind: number, "sensitivity": sensitivity})], point).level
        for number in sorted(numbers)
    )
    order = {"negative": 0, None: 1, "between": 1, "positive": 2}

    assert order[less] <= order[more]


@given(cases(first=True), st.sampled_from(["value", "below"]), st.sampled_from(sorted(LOOKS_AT)))
def test_a_zero_says_no_more_than_its_sensitivity(case: Case, kind: str, strategy: Strategy) -> None:
    at = LOOKS_AT[strategy] or ("NGS", "WEEK_5")

    def found(**data: object) -> Recommendation:
        return advice(replace(case, mrd=(measured(at, **data),)))[strategy]

    for sensitivity in (Decimal("0.0001"), Decimal("0.001"), Decimal("0.01")):
        assert found(**{kind: Decimal(0), "sensitivity": sensitivity}) == found(below=sensitivity)
    assert found(**{kind: Decimal(0)}) == found(result="positive_not_quantifiable")


@given(cases(first=True), st.tuples(FRACTIONS, FRACTIONS), st.sampled_from(sorted(LOOKS_AT)))
def test_more_residual_disease_never_leads_from_more_treatment_to_less(
    case: Case, numbers: tuple[Decimal, Decimal], strategy: Strategy
) -> None:
    at = LOOKS_AT[strategy] or ("NGS", "WEEK_5")
    less, more = (
        advice(replace(case, mrd=(measured(at, value=number),)))[strategy].decision for number in sorted(numbers)
    )
    intensity = {"CHEMO_MAINT": 0, "NEED_THRESHOLD": 1, "NEED_TIMING": 1, "HSCT": 2, "BRIDGE_HSCT": 3}

    assert intensity[less or ""] <= intensity[more or ""]


@given(cases(first=True), st.data())
def test_without_the_end_of_therapy_a_treatment_is_named_only_where_every_end_leads_to_it(
    case: Case, data: st.DataObject
) -> None:
    unknown = replace(case, frontline_end_on=None, frontline_ongoing=False)
    end = data.draw(st.none() | st.integers(0, (case.relapse_on - case.diagnosis_on).days))
    known = (
        replace(unknown, frontline_ongoing=True)
        if end is None
        else replace(unknown, frontline_end_on=case.diagnosis_on + timedelta(days=end))
    )
    completed = advice(known)

    for strategy, answer in advice(unknown).items():
        if answer.decision in TREATMENTS:
            assert completed[strategy].decision == answer.decision


@given(cases(first=True), st.sampled_from(sorted(LOOKS_AT)), FRACTIONS)
def test_without_a_result_a_treatment_is_named_only_where_every_result_leads_to_it(
    case: Case, strategy: Strategy, value: Decimal
) -> None:
    unknown = replace(case, mrd=(), mrd_not_available=())
    decision = advice(unknown)[strategy].decision
    at = LOOKS_AT[strategy] or ("NGS", "WEEK_5")

    if decision in TREATMENTS:
        assert advice(replace(unknown, mrd=(measured(at, value=value),)))[strategy].decision == decision


@given(cases(first=True), st.sampled_from(sorted(LOOKS_AT)), FRACTIONS, FRACTIONS)
def test_not_detected_leads_nowhere_that_a_value_under_its_sensitivity_contradicts(
    case: Case, strategy: Strategy, below: Decimal, value: Decimal
) -> None:
    assume(value < below)
    at = LOOKS_AT[strategy] or ("NGS", "WEEK_5")
    decision = advice(replace(case, mrd=(measured(at, below=below),), mrd_not_available=()))[strategy].decision

    if decision in TREATMENTS:
        assert advice(replace(case, mrd=(measured(at, value=value),)))[strategy].decision == decision


@given(cases(first=True))
def test_that_no_result_will_come_only_turns_the_need_for_one_into_an_individual_decision(case: Case) -> None:
    everywhere = replace(case, mrd_not_available=get_args(MrdTimepoint))
    without = replace(case, mrd_not_available=())
    before, after = advice(without), advice(everywhere)

    for strategy in STRATEGIES:
        asked = before[strategy].decision == "NEED_MRD"
        if before[strategy].decision != "NEED_TIMING":
            assert after[strategy] == (replace(before[strategy], decision="INDIVIDUAL") if asked else before[strategy])
