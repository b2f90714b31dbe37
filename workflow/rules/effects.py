"""What each fact leaves in the course besides the state it leads to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from workflow.domain.chart import AFTER_CANCELLED_HSCT, BLOCK_STATES, DECIDED, SUSPENDED, Transition
from workflow.domain.facts import registration, response, treatment
from workflow.domain.facts.fact import Fact, FactDraft, payload_of
from workflow.domain.facts.findings import Csf, Findings
from workflow.domain.patient import Block, BlockDecided, Course, PatientState
from workflow.domain.switches import AS_MOST_SOURCES
from workflow.knowledge.sites import proven_sites
from workflow.protocols.model import Protocols
from workflow.rules import mrd_filing
from workflow.rules.agreement import decision_of
from workflow.rules.classification import switches_of

Effect = Callable[[PatientState, Fact, Transition, Protocols], PatientState]
# A block that was running goes on after these: the patient comes back to it, or nobody knows yet that it stopped.
_PAUSES = (*SUSPENDED, "palliative")


def apply(state: PatientState, fact: Fact, arrow: Transition, protocols: Protocols) -> PatientState:
    """Return the patient after a fact's effects; `state` still carries the chart state before the step."""
    after = _end_running(state, fact, arrow)
    effect = EFFECTS.get(fact.type)
    after = effect(after, fact, arrow, protocols) if effect else after
    return mrd_filing.judged_anew(state, after)


def _end_running(state: PatientState, fact: Fact, arrow: Transition) -> PatientState:
    course = state.course
    running = course.running if course else None
    starts_over = fact.type == "block_started"
    if course is None or running is None or not (starts_over or arrow.dest not in (*BLOCK_STATES, *_PAUSES)):
        return state
    ended = {"block_completed": "completed", "block_ended": "ceased", "block_started": "completion_not_recorded"}
    how = ended.get(fact.type, fact.type)
    block = replace(running, ended_on=fact.occurred_on, ended=how, ended_by=fact.lineage)
    return state.with_course(blocks=(*course.blocks[:-1], block), awaits=None, block_decision=None)


def _relapse(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    data = payload_of(fact, treatment.RelapseDiagnosed)
    sites = proven_sites(data.findings, AS_MOST_SOURCES) if data.findings else ()
    if data.relapse_site in {"combined_bm", "isolated_em"} and not sites:
        sites = ("other",)
    number = state.course.number + 1 if state.course else data.relapse_number or 1
    course = Course(
        number=number,
        relapse_on=fact.occurred_on,
        relapse_site=data.relapse_site,
        findings=data.findings,
        extramedullary=sites,
    )
    return replace(state, course=course, ended_courses=state.courses, before=())


def _findings(state: PatientState, fact: Fact, _arrow: Transition, protocols: Protocols) -> PatientState:
    if state.course is None or not isinstance(fact.data, Findings):
        return state
    course = state.course
    switches, earlier_csf = switches_of(course, protocols), _earlier_csf(course, fact.data.csf)
    if found_under_treatment(course, fact):
        # What the treatment has changed classifies no relapse; a site that it shows is to be treated all the same.
        proven = proven_sites(fact.data, switches, earlier_csf)
        return state.with_course(extramedullary=_joined(course, proven))
    findings = (course.findings or Findings()).merged_with(fact.data)
    proven = proven_sites(findings, switches, earlier_csf)
    return state.with_course(findings=findings, earlier_csf=earlier_csf, extramedullary=_joined(course, proven))


def found_under_treatment(course: Course, found: Fact | FactDraft) -> bool:
    """Whether findings are of a day after the first start; on its day they are taken to come before it."""
    return course.treated_from is not None and found.occurred_on > course.treated_from


def _joined(course: Course, sites: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*course.extramedullary, *sites)))


def _earlier_csf(course: Course, newer: Csf | None) -> tuple[Csf, ...]:
    """Return the samples before the newer one; without both instants nobody knows that they are two samples."""
    last = course.findings.csf if course.findings else None
    if last is None or newer is None or None in {last.sampled_at, newer.sampled_at}:
        return course.earlier_csf
    return tuple(csf for csf in (*course.earlier_csf, last) if csf.sampled_at != newer.sampled_at)


def _protocol(state: PatientState, fact: Fact, _arrow: Transition, protocols: Protocols) -> PatientState:
    data = payload_of(fact, treatment.ProtocolChosen)
    protocol = protocols.pinned(fact.protocol_sha)
    course = state.current_course
    # What findings prove may depend on the protocol, and that is chosen after the relapse.
    switches = protocol.switches if protocol else AS_MOST_SOURCES
    proven = proven_sites(course.findings or Findings(), switches, course.earlier_csf)
    return state.with_course(
        extramedullary=_joined(course, proven),
        protocol=protocol.ref if protocol else data.protocol,
        protocol_sha=fact.protocol_sha,
        strategy=data.strategy or course.strategy,
        acknowledged_flags=tuple(dict.fromkeys((*course.acknowledged_flags, *data.acknowledged_flags))),
    )


def attempt_of(state: PatientState, data: treatment.BlockStarted) -> int:
    """Return the remission attempt that a start belongs to: as given, one more after a failure, else the same."""
    return data.attempt or next_attempt(state)


def next_attempt(state: PatientState) -> int:
    """Return the remission attempt that the next start belongs to where it says nothing else."""
    course = state.course
    if course is None:
        return 1
    after_failure = state.state == "refractory" and bool(course.blocks)
    return course.attempt + (1 if after_failure else 0)


def attempt_of_gates(state: PatientState, attempt: int) -> int:
    """Return the attempt in which a start meets the gates: the current one until somebody has said that it failed."""
    course = state.current_course
    return attempt if course.attempt_failed else course.attempt


def _block_started(state: PatientState, fact: Fact, arrow: Transition, _protocols: Protocols) -> PatientState:
    data = payload_of(fact, treatment.BlockStarted)
    attempt = attempt_of(state, data)
    course = state.current_course
    block = Block(
        fact=fact.lineage,
        element=data.element,
        attempt=attempt,
        started_on=fact.occurred_on,
        phase=arrow.dest.partition(".")[0],
        protocol=course.protocol,
    )
    changes: dict[str, object] = {"blocks": (*course.blocks, block), "attempt": attempt}
    # What starts goes on, whoever did not record that it was resumed.
    changes |= {"block_decision": None, "interrupted_on": None, "interrupted_again_on": None, "attempt_failed": False}
    if attempt != course.attempt:
        changes |= {"assessment_final": None, "mrd_not_available": ()}
    if arrow.dest == "consolidation.block":
        changes["intensive_completed"] = False
    return state.with_course(**changes)


def _block_decision(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    data = payload_of(fact, treatment.BlockDecision)
    return state.with_course(
        block_decision=BlockDecided(fact=fact.lineage, on=fact.occurred_on, goes_on=data.continue_)
    )


def _interrupted(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    since, on = state.current_course.interrupted_on, fact.occurred_on
    # Interrupted once more before it went on: it has stood still since the first day.
    return state.with_course(interrupted_on=since or on, interrupted_again_on=on if since and since < on else None)


def _resumed(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    again = stands_still_again(state.current_course, fact.occurred_on)
    return state.with_course(interrupted_on=fact.occurred_on if again else None, interrupted_again_on=None)


def stands_still_again(course: Course | None, resumed_on: date) -> bool:
    """Whether therapy that is resumed on a day was interrupted anew on it, so that it went on and stopped again.

    Of one day the interruption comes first: where therapy stood still before, both can only mean this.
    """
    return course is not None and course.interrupted_again_on == resumed_on


def _assessed(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    data = payload_of(fact, response.ResponseAssessed)
    course = state.current_course
    return state.with_course(
        response=data,
        in_remission=data.remission,
        had_remission=data.remission or course.had_remission,
        was_in_remission=data.remission or course.was_in_remission,
        reinduction_failed=course.reinduction_failed and not data.remission,
        assessment_final=data.final,
    )


def _mrd(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    return mrd_filing.filed(state, fact)


def _decided(state: PatientState, fact: Fact, arrow: Transition, _protocols: Protocols) -> PatientState:
    data = payload_of(fact, treatment.ConsolidationDecided)
    awaits = DECIDED[data.decision] if arrow.dest in BLOCK_STATES else None
    decided = decision_of(state.current_course, fact, data.decision)
    return state.with_course(
        decision=data.decision,
        decided=decided,
        decided_before=state.current_course.decisions,
        had_remission=True,
        awaits=awaits,
    )


def _hsct_cancelled(state: PatientState, fact: Fact, arrow: Transition, _protocols: Protocols) -> PatientState:
    data = payload_of(fact, treatment.HsctCancelled)
    decision = "chemotherapy" if data.next_ == "chemotherapy" else None
    awaits = AFTER_CANCELLED_HSCT[data.next_] if arrow.dest in BLOCK_STATES else None
    decided = decision_of(state.current_course, fact, decision) if decision else None
    before = state.current_course.decisions
    return state.with_course(decision=decision, decided=decided, decided_before=before, awaits=awaits)


def _failed(state: PatientState, _fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    return state.with_course(in_remission=False, reinduction_failed=True, attempt_failed=True)


def _transplanted(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    return state.with_course(transplanted_on=fact.occurred_on, had_remission=True)


def _intensive_completed(state: PatientState, _f: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    return state.with_course(intensive_completed=True)


def _local_therapy(state: PatientState, _fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    return state.with_course(local_therapy_settled=True) if state.course else state


def hand_over(state: PatientState, fact: Fact) -> PatientState:
    """Return the patient at the site that a transfer leads to; other facts change nothing."""
    if not isinstance(fact.data, registration.SiteChanged) or fact.data.role != "transfer":
        return state
    return replace(state, registration=state.registration.model_copy(update={"site": fact.data.to}))


def _site_changed(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    return hand_over(state, fact)


def _intent(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    data = payload_of(fact, treatment.TreatmentIntentChanged)
    comes_back_palliative = state.state in SUSPENDED and state.before[-1:] == ("palliative",)
    if data.intent == "curative" and comes_back_palliative:
        return replace(state, before=state.before[:-1])
    return state


def _owner(state: PatientState, fact: Fact, _arrow: Transition, _protocols: Protocols) -> PatientState:
    data = payload_of(fact, registration.OwnerChanged)
    return replace(state, owner=data.actor, deputy=data.deputy)


EFFECTS: dict[str, Effect] = {
    "relapse_diagnosed": _relapse,
    "findings_recorded": _findings,
    "protocol_chosen": _protocol,
    "block_started": _block_started,
    "block_decision": _block_decision,
    "therapy_interrupted": _interrupted,
    "therapy_resumed": _resumed,
    "response_assessed": _assessed,
    "mrd_reported": _mrd,
    "mrd_not_available": _mrd,
    "consolidation_decided": _decided,
    "hsct_cancelled": _hsct_cancelled,
    "reinduction_failed": _failed,
    "transplanted": _transplanted,
    "intensive_chemotherapy_completed": _intensive_completed,
    "local_therapy_given": _local_therapy,
    "local_therapy_postponed": _local_therapy,
    "treatment_intent_changed": _intent,
    "site_changed": _site_changed,
    "owner_changed": _owner,
}
