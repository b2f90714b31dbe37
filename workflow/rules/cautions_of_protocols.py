"""What is said with an accepted fact about its protocol: whom it is for, what comes next, what it asks for before."""

from collections.abc import Iterator

from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.response import UNMEASURED
from workflow.domain.facts.treatment import BlockStarted, ProtocolChosen
from workflow.domain.patient import Course, PatientState
from workflow.protocols.for_whom import Eligibility
from workflow.protocols.model import Protocol, Protocols
from workflow.rules.effects import attempt_of, attempt_of_gates
from workflow.rules.eligibility import findings, holds
from workflow.rules.gates_of_blocks import decision_missing
from workflow.rules.judgement import Caution
from workflow.rules.minima import awaited
from workflow.rules.mrd_filing import results_that_count
from workflow.rules.risk_groups import is_in
from workflow.rules.sequence import WhatComes, what_comes
from workflow.rules.unlisted import in_words as unlisted_in_words

_PRE_HSCT = "PRE_HSCT"


def eligibility(after: PatientState, draft: FactDraft, protocols: Protocols) -> Iterator[Caution]:
    """Yield for whom the protocol is that was chosen, where that does not hold of this patient, or nobody knows."""
    if not isinstance(draft.data, ProtocolChosen) or after.course is None:
        return
    protocol = protocols.pinned(after.course.protocol_sha)
    for asked in protocol.eligibility if protocol else ():
        found = findings(asked, after, draft.occurred_on)
        answer = holds(found)
        if answer is not True:
            code = "eligibility_unknown" if answer is None else "eligibility_not_met"
            yield Caution(code, _eligibility_in_words(asked, [words for _, words in found], answer=answer))


def _eligibility_in_words(asked: Eligibility, on_file: list[str], *, answer: bool | None) -> str:
    if not on_file:
        told = "Nothing on file answers this; check it"
    else:
        told = f"On file: {'; '.join(on_file)}"
        told += ", which does not settle it" if answer is None else ", which does not fit"
    return f"{asked.asks.rstrip('.')} ({asked.source}). {told}."


def start_under_protocol(before: PatientState, draft: FactDraft, protocols: Protocols) -> Iterator[Caution]:
    """Yield what of a start is not as its protocol has it: unlisted, out of sequence, early, perhaps not decided."""
    course = before.course
    if not isinstance(draft.data, BlockStarted) or course is None:
        return
    protocol = protocols.pinned(course.protocol_sha)
    attempt = attempt_of(before, draft.data)
    if course.protocol is None:
        yield Caution("no_protocol", "No protocol is chosen, so no timing rule applies; record protocol_chosen.")
    elif protocol is None:
        yield Caution("protocol_not_loaded", "The pinned protocol is not loaded here, so no timing rule applies.")
    else:
        unlisted = unlisted_in_words(draft.data.element, protocol, protocols, draft.occurred_on)
        if unlisted is not None:
            yield Caution("element_not_listed", unlisted)
        element = protocol.listed_as(draft.data.element)
        if element is not None:
            yield from _out_of_sequence(element, what_comes(course, protocol, attempt), protocol)
    if attempt_of_gates(before, attempt) == course.attempt:
        yield from _early(before, draft, draft.data.element, protocols)
    if protocol is not None:
        yield from _perhaps_to_be_decided(before, course, protocol, attempt)


def _out_of_sequence(element: str, comes: WhatComes, protocol: Protocol) -> Iterator[Caution]:
    if element in comes.elements:
        return
    after = f"After {comes.after.element} of {comes.after.started_on}" if comes.after else "At the start of an attempt"
    source = f" ({'; '.join(comes.sources)})" if comes.sources else ""
    next_ones = " or ".join(comes.elements)
    yield Caution(
        "out_of_sequence",
        f"{after} {next_ones} comes next under {protocol.ref}{source}. If {element} was given, nothing is to be done; "
        "if the element is wrong, correct it.",
    )


def _early(before: PatientState, draft: FactDraft, element: str, protocols: Protocols) -> Iterator[Caution]:
    soft = (window for window in awaited(before, element, protocols) if window.hard_min_on is None)
    earliest = max((window.earliest_on for window in soft if window.earliest_on is not None), default=None)
    if earliest is not None and draft.occurred_on < earliest:
        yield Caution("early", f"Earlier than {earliest}; no minimum is stated for the element before: intended?")


def _perhaps_to_be_decided(before: PatientState, course: Course, protocol: Protocol, attempt: int) -> Iterator[Caution]:
    stated = protocol.individual_decision
    if stated is None or is_in(course, stated.risk) is not None:
        return
    missing = decision_missing(before, stated, attempt)
    if missing is not None:
        yield Caution(
            "individual_decision_if_in_group",
            f"The group of {stated.risk.scheme} is not known. If the patient is in it: {missing} ({stated.source})",
        )


def conditioning_without_mrd(before: PatientState, draft: FactDraft, protocols: Protocols) -> Iterator[Caution]:
    """Yield that no MRD result from before the transplant is on file, where the protocol looks at one (TR-016)."""
    course = before.course
    if draft.type != "conditioning_started" or course is None or _PRE_HSCT in course.mrd_not_available:
        return
    protocol = protocols.pinned(course.protocol_sha)
    if protocol is None or not _looks_before_transplant(protocol):
        return
    usable = (known for known in results_that_count(course) if known.result not in UNMEASURED)
    if all(known.timepoint != _PRE_HSCT for known in usable):
        yield Caution(
            "pre_hsct_mrd_missing",
            f"No usable MRD result of {_PRE_HSCT} is on file before conditioning; {protocol.ref} looks at one. Record "
            "mrd_reported, or mrd_not_available if none will come. This is a proposal: no source makes it a condition.",
        )


def _looks_before_transplant(protocol: Protocol) -> bool:
    expected = (timepoint for rule in protocol.windows for awaited in rule.expects for timepoint in awaited.timepoints)
    return _PRE_HSCT in {*(point.timepoint for point in protocol.mrd_points), *expected}
