"""What is said with an accepted fact: the guards of the chart that warn instead of refusing."""

from collections.abc import Callable, Iterator

from workflow.domain.chart import Transition
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.treatment import BlockEndedWithoutCompletion, RelapseDiagnosed
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.protocols.model import Protocols
from workflow.rules.cautions_of_classification import mrd_filed, open_site, timing_to_confirm
from workflow.rules.cautions_of_clocks import clock_runs_on, interrupted_days, interruptions, minimum_left
from workflow.rules.cautions_of_decisions import other_timepoint_awaited
from workflow.rules.cautions_of_findings import findings_after_start, findings_replaced
from workflow.rules.cautions_of_protocols import conditioning_without_mrd, eligibility, start_under_protocol
from workflow.rules.choosing import of_the_version
from workflow.rules.fold import Moment
from workflow.rules.judgement import Caution, Circumstances

Look = Callable[[PatientState, FactDraft, Protocols], Iterator[Caution]]
LookAtMoment = Callable[[Moment, Protocols], Iterator[Caution]]

_OF_ARROWS = {
    "decision_pending": "A consolidation decision is still pending after the final assessment; record it.",
    "intensive_reopened": "Intensive chemotherapy was recorded as completed; this block reopens it.",
    "completion_not_recorded": "The running block was closed without its completion; record block_completed for it.",
    "conditioning_not_recorded": "No conditioning is on file before this transplant; record conditioning_started.",
}


def cautions(moment: Moment, draft: FactDraft, arrow: Transition, given: Circumstances) -> tuple[Caution, ...]:
    """Return the warnings of recording `draft`, which takes `arrow`, at its moment of the course.

    Where nothing is recommended, nothing is said of what a strategy waits for.
    """
    of_arrow = () if arrow.warning is None else (Caution(arrow.warning, _OF_ARROWS[arrow.warning]),)
    looks_after = (*LOOKS_AFTER, *LOOKS_OF_STRATEGIES) if given.recommendations else LOOKS_AFTER
    before = (caution for look in LOOKS for caution in look(moment.before, draft, given.protocols))
    after = (caution for look in looks_after for caution in look(moment.after, draft, given.protocols))
    of_clocks = (caution for look in LOOKS_AT_CLOCKS for caution in look(moment, given.protocols))
    return (*of_arrow, *of_the_version(draft, given), *before, *after, *of_clocks)


def _relapse(before: PatientState, draft: FactDraft, _protocols: Protocols) -> Iterator[Caution]:
    if not isinstance(draft.data, RelapseDiagnosed):
        return
    end = before.registration.frontline_end_date
    if before.course is None and end is not None and end > draft.occurred_on:
        yield Caution(
            "frontline_end_after_relapse", "The registered frontline_end_date lies after this relapse; check it."
        )


def _decision(before: PatientState, draft: FactDraft, _protocols: Protocols) -> Iterator[Caution]:
    if draft.type != "consolidation_decided" or before.course is None:
        return
    if not before.course.in_remission:
        yield Caution("no_remission", "No remission is on file for this decision; record response_assessed.")
    elif before.state == "mrd_check" and before.course.assessment_final is not True:
        yield Caution("assessment_not_final", "The last assessment is not final.")


def _ended(before: PatientState, draft: FactDraft, _protocols: Protocols) -> Iterator[Caution]:
    running = before.course is not None and before.course.running is not None
    if isinstance(draft.data, BlockEndedWithoutCompletion) and draft.data.end == "ceased" and not running:
        yield Caution(
            "ceased_before_start",
            "No block is running: this ends the awaited element, and the interval clock with it. "
            "Where a block is still to come, correct this fact.",
        )


def _transplant(before: PatientState, draft: FactDraft, _protocols: Protocols) -> Iterator[Caution]:
    if draft.type == "transplanted" and before.course is not None and not before.course.in_remission:
        yield Caution("transplanted_not_in_cr", "No complete remission is on file before this transplant.")


def _maintenance(before: PatientState, draft: FactDraft, _protocols: Protocols) -> Iterator[Caution]:
    course = before.course
    if draft.type != "maintenance_started" or course is None:
        return
    if not course.intensive_completed:
        yield Caution("intensive_not_completed", "intensive_chemotherapy_completed is not on file.")
    if course.extramedullary and not course.local_therapy_settled:
        yield Caution("local_therapy_open", "Local therapy is indicated and neither given nor postponed on file.")


def site_cautions(draft: FactDraft, site: SitePractice) -> tuple[Caution, ...]:
    """Return what is to be said of a fact where it is recorded: what the site has not set, so that nothing follows."""
    if draft.type == "mrd_sampled" and site.mrd_result_days is None:
        message = f"Nothing will remind of a missing result: set mrd_result_days for the site {site.id}."
        return (Caution("no_result_days", message),)
    return ()


LOOKS: tuple[Look, ...] = (
    start_under_protocol,
    _relapse,
    findings_after_start,
    findings_replaced,
    _decision,
    _ended,
    conditioning_without_mrd,
    _transplant,
    _maintenance,
)
LOOKS_AT_CLOCKS: tuple[LookAtMoment, ...] = (minimum_left, clock_runs_on, interruptions, interrupted_days)
LOOKS_AFTER: tuple[Look, ...] = (eligibility, open_site, timing_to_confirm, mrd_filed)
LOOKS_OF_STRATEGIES: tuple[Look, ...] = (other_timepoint_awaited,)
