"""Asks each strategy what follows remission, and says why: nothing is guessed over what is not known."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.domain.case import Case
from workflow.domain.classification import (
    BfmTiming,
    Group,
    Reason,
    Recommendation,
    SchemeId,
    Statement,
    Timing,
)
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.advice_flags import flag_reasons
from workflow.knowledge.by_table import Answer, by_row, by_table, no_row
from workflow.knowledge.decision_table import Question
from workflow.knowledge.sites import SiteReading
from workflow.knowledge.statements import AFTER_TRANSPLANT, SECOND_RELAPSE, statements_for
from workflow.knowledge.strategies import STRATEGIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the strategies and the statements beside them say of one relapse, and the proof of each."""

    recommendation: Mapping[Strategy, Recommendation]
    because: Mapping[Strategy, Reason]
    statements: tuple[Statement, ...]
    flags: tuple[str, ...]
    reasons: tuple[Reason, ...]


def recommended(
    case: Case,
    timing: Timing | None,
    site: SiteReading,
    possible: Mapping[SchemeId, Mapping[BfmTiming, Group]],
) -> Advice:
    """Return what each of the six strategies recommends, with the statements beside them.

    `possible` are the groups of each scheme by the BFM classes that the dates allow; empty where there are none.
    """
    question = Question(case=case, timing=timing, site=site.site, possible=possible, gaps=site.gaps)
    answers = {strategy: _answer(strategy, question) for strategy in STRATEGIES}
    raised = {row.flag for answer in answers.values() for row in answer.rows if row.flag}
    flagged = flag_reasons(question, raised)
    return Advice(
        recommendation={strategy: answer.recommendation for strategy, answer in answers.items()},
        because={strategy: answer.because for strategy, answer in answers.items()},
        statements=statements_for(question),
        flags=tuple(flagged),
        reasons=tuple(flagged.values()),
    )


def _answer(strategy: Strategy, question: Question) -> Answer:
    """Return a strategy's answer: what stands above its table first, then the table."""
    case, table = question.case, STRATEGIES[strategy]
    if case.relapse_number > 1 or case.prior_hsct:
        return _individual(strategy, case)
    if case.response == "no_cr":
        if table.after_failure is not None:
            return by_row(strategy, table.after_failure)
        text = "There is no remission after reinduction, and the source of this strategy does not say what follows."
        return no_row(strategy, "NOT_STATED", text, source=table.rows[0].source)
    if question.site == "needs_review":
        text = f"The site of the relapse needs review ({', '.join(question.gaps)}), so no table can be read."
        return no_row(strategy, None, text, source="002, Table 2")
    return by_table(strategy, table, question)


def _individual(strategy: Strategy, case: Case) -> Answer:
    """Return the answer from the second relapse on and after a transplant: the tables are made for neither."""
    applies = ((SECOND_RELAPSE, case.relapse_number > 1), (AFTER_TRANSPLANT, case.prior_hsct))
    rows = [row for row, stands in applies if stands]
    return Answer(
        recommendation=Recommendation(decision="INDIVIDUAL", rule=rows[0].id),
        because=Reason(
            about=f"recommendation.{strategy}",
            rule=rows[0].id,
            text=" ".join((*(row.text for row in rows), "The tables are made for a first relapse without transplant.")),
            source="; ".join(row.source for row in rows),
        ),
    )
