"""Reads one strategy's table for every timing class that the dates allow, and says what follows and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from workflow.domain.case import Case
from workflow.domain.classification import Decision, Group, Reason, Recommendation, least_sure
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.decision_table import Question, Row, StrategyTable
from workflow.knowledge.mrd import MrdReading, read_mrd
from workflow.knowledge.timing_cuts import COG_EARLY
from workflow.knowledge.timing_reasons import in_words

# Advised to a patient in remission; until a remission is on file it is advised on that condition.
_IN_REMISSION = ("HSCT", "CHEMO_MAINT", "BRIDGE_HSCT", "INDIVIDUAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one strategy answers; `rows` are the rows that decided, none where no row speaks."""

    recommendation: Recommendation
    because: Reason
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Branch:
    """What a strategy says for one timing class that the dates allow."""

    timing: str
    group: Group | None
    row: Row
    decision: Decision


def by_table(strategy: Strategy, table: StrategyTable, question: Question) -> Answer:
    """Return the decision to which every timing class that the dates allow leads, or that a date is needed."""
    if table.system == "BFM_AND_COG" and not _systems_agree(question):
        return _ambiguous(strategy, table, question)
    reading = read_mrd(question.case.mrd, table.point) if table.point else None
    branches = tuple(_branch(table, question, timing, reading) for timing in _timings(table, question))
    if len({branch.decision for branch in branches}) > 1:
        return _need_timing(strategy, table, branches, reading)
    return _decided(strategy, table, question, (branches, reading))


def no_row(
    strategy: Strategy, decision: Decision | None, text: str, *, source: str, touched_by: tuple[str, ...] = ()
) -> Answer:
    """Return an answer to which no row of the table leads; `touched_by` are contradictions between the sources."""
    return Answer(
        recommendation=Recommendation(decision=decision),
        because=Reason(
            about=f"recommendation.{strategy}",
            rule=strategy,
            text=text,
            source=source,
            status="not_stated",
            contradictions=touched_by,
        ),
    )


def by_row(strategy: Strategy, row: Row) -> Answer:
    """Return the answer of a single row, in its own words."""
    return Answer(
        recommendation=Recommendation(decision=row.decision, rule=row.id),
        because=Reason(
            about=f"recommendation.{strategy}",
            rule=row.id,
            text=row.text,
            source=row.source,
            status=row.status,
            contradictions=row.contradictions,
        ),
        rows=(row,),
    )


def _systems_agree(question: Question) -> bool:
    """Return whether BFM says one class, and COG the same of early and late."""
    timing = question.timing
    return timing is not None and timing.bfm is not None and (timing.bfm == "late") == (timing.cog == "late")


def _timings(table: StrategyTable, question: Question) -> tuple[str, ...]:
    timing = question.timing
    assert timing is not None, "a first relapse has its timing"
    if table.system == "BFM":
        return timing.bfm_possible
    if table.system == "PDQ":
        return timing.pdq_possible
    if table.system == "COG":
        limit = replace(COG_EARLY, months=question.case.switches.table_6_late_from_months)
        return ("early" if limit.is_before(question.case.relapse_on, question.case.diagnosis_on) else "late",)
    return (timing.cog,)


def _branch(table: StrategyTable, question: Question, timing: str, reading: MrdReading | None) -> _Branch:
    groups = question.possible[table.scheme].items() if table.scheme else ()
    group = next((group for bfm, group in groups if bfm == timing), None)
    level = (reading.level if reading else None) or "unknown"
    row = next(row for row in table.rows if row.mrd in {"any", level} and row.speaks_for(question, timing, group))
    decision: Decision = row.decision
    if decision == "NEED_MRD" and _no_result_will_come(table, question.case):
        decision = "INDIVIDUAL"
    return _Branch(timing=timing, group=group, row=row, decision=decision)


def _no_result_will_come(table: StrategyTable, case: Case) -> bool:
    """Return whether the result that the table asks for is recorded as not available.

    Where any time point would do, one that stays without a result is enough: it was recorded to say so.
    """
    if table.point is None or not case.mrd_not_available:
        return False
    return table.point.timepoints is None or any(point in case.mrd_not_available for point in table.point.timepoints)


def _need_timing(
    strategy: Strategy, table: StrategyTable, branches: tuple[_Branch, ...], reading: MrdReading | None
) -> Answer:
    differ = "; ".join(f"{_class(table, branch)} leads to {branch.decision} ({branch.row.id})" for branch in branches)
    text = f"The end of frontline therapy is not known, and it decides: {differ}."
    if reading and any(branch.row.mrd != "any" for branch in branches):
        text = f"{text} MRD: {reading.text}."
    rows = tuple(branch.row for branch in branches)
    return no_row(
        strategy,
        "NEED_TIMING",
        text,
        source="; ".join(dict.fromkeys(row.source for row in rows)),
        touched_by=_known(rows),
    )


def _ambiguous(strategy: Strategy, table: StrategyTable, question: Question) -> Answer:
    assert question.timing is not None, "a first relapse has its timing"
    text = (
        "The source says early and late without a definition (its list is lost), so it is read only where BFM and COG "
        f"agree: BFM says {in_words(question.timing.bfm_possible)}, COG {question.timing.cog}."
    )
    return no_row(strategy, "AMBIGUOUS_TIMING", text, source=table.rows[0].source, touched_by=("C07", "C92"))


def _decided(
    strategy: Strategy,
    table: StrategyTable,
    question: Question,
    found: tuple[tuple[_Branch, ...], MrdReading | None],
) -> Answer:
    branches, reading = found
    rows = tuple(dict.fromkeys(branch.row for branch in branches))
    row, decision = rows[0], branches[0].decision
    conditional = row.decision in _IN_REMISSION and question.case.response != "cr"
    text = " ".join(
        chain(
            _when(table, question, branches),
            (one.text for one in rows),
            _about_mrd(rows, decision, reading),
            _about_remission(question.case) if conditional else (),
        )
    )
    return Answer(
        recommendation=Recommendation(decision=decision, rule=row.id, conditional_on="CR2" if conditional else None),
        because=Reason(
            about=f"recommendation.{strategy}",
            rule=row.id,
            text=text,
            source="; ".join(dict.fromkeys(one.source for one in rows)),
            status=least_sure(one.status for one in rows),
            contradictions=_known(rows),
        ),
        rows=rows,
    )


def _known(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Return the contradictions between the sources that touch any of these rows."""
    return tuple(dict.fromkeys(chain.from_iterable(row.contradictions for row in rows)))


def _class(table: StrategyTable, branch: _Branch) -> str:
    system = "BFM and COG" if table.system == "BFM_AND_COG" else table.system
    said = f"{system} {in_words((branch.timing,))}"
    return f"{said}, group {branch.group}," if branch.group else said


def _when(table: StrategyTable, question: Question, branches: tuple[_Branch, ...]) -> Iterator[str]:
    """Say which timing classes were read, and what a reader must know of them."""
    yield f"{' or '.join(_class(table, branch) for branch in branches).rstrip(',')}."
    case, timing = question.case, question.timing
    if table.system == "COG":
        limit = replace(COG_EARLY, months=case.switches.table_6_late_from_months)
        yield f"Table 6 prints no months for early and late; read as {limit.told(case.relapse_on, case.diagnosis_on)}."
    if len(branches) > 1:
        yield "The end of frontline therapy is not known, and makes no difference here."
    if timing is not None and timing.bfm_alternative and table.system in {"BFM", "BFM_AND_COG"}:
        alternative = in_words((timing.bfm_alternative,))
        yield f"By the other rule of BFM it would be {alternative}: a clinician must confirm the class first."


def _about_mrd(rows: tuple[Row, ...], decision: Decision, reading: MrdReading | None) -> Iterator[str]:
    if reading is None or all(row.mrd == "any" for row in rows):
        return
    if decision == "INDIVIDUAL":
        yield "It is recorded that no result will come, so it is an individual decision."
    yield f"MRD: {reading.text}."


def _about_remission(case: Case) -> Iterator[str]:
    if case.response == "crp":
        yield "CRp (without recovered platelets) is counted as a remission by some (C19): the condition CR2 stands."
    else:
        yield "On the condition of a second remission, which is not on file."
