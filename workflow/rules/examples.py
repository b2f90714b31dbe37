"""Running a protocol's worked examples, so that no protocol is used whose windows do not fall where its author says."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, FactDraft
from workflow.domain.facts.registration import PatientRegistered
from workflow.domain.facts.treatment import ProtocolChosen
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.domain.roles import Role
from workflow.domain.windows import Window
from workflow.protocols.files.examples import Example, ExampleFact, ExpectedWindow, ProposedFact
from workflow.protocols.files.vocabulary import ACCEPTED, NO_VERDICT, PROTOCOL_WARNINGS
from workflow.protocols.model import Protocol, Protocols
from workflow.rules.fold import effective, fold, until
from workflow.rules.judgement import Circumstances, Outcome, Stamp
from workflow.rules.record import record

# An example says nothing about its patient; any diagnosis long enough before its first fact would do.
_DIAGNOSED_DAYS_BEFORE = 1000
_RECORDED_BY = "example"


def failures(example: Example, protocol: Protocol) -> list[str]:
    """Return in what an example does not hold, one sentence each; empty where it holds.

    A patient is registered where the example's facts do not do it. Whatever names this protocol's id pins `protocol`.
    """
    protocols = Protocols((protocol,))
    facts = until(effective(facts_of(example, protocols)), example.as_of)
    state = fold(facts, protocols)
    return [
        *_conflicts(state),
        *_state(example, state),
        *(failure for window in example.windows for failure in _window(window, state, example.as_of)),
        *_absent(example, state),
        *(failure for proposed in example.next for failure in _next(proposed, state, protocols, len(facts) + 1)),
    ]


def facts_of(example: Example, protocols: Protocols) -> list[Fact]:
    """Return an example's facts as recorded ones, with a registration where it has none."""
    given = list(example.facts)
    if all(fact.type != REGISTRATION for fact in given):
        given.insert(0, _registration(min(fact.occurred_on for fact in given)))
    return [
        Fact(
            seq=seq,
            lineage=seq,
            type=fact.type,
            occurred_on=fact.occurred_on,
            data=fact.data,
            recorded_at=datetime.combine(example.as_of, time(), UTC),
            recorded_by=_RECORDED_BY,
            protocol_sha=_pinned(fact, protocols),
        )
        for seq, fact in enumerate(given, start=1)
    ]


def _registration(first_on: date) -> ExampleFact:
    diagnosed_on = first_on - timedelta(days=_DIAGNOSED_DAYS_BEFORE)
    data = PatientRegistered(pseudonym="EXAMPLE", site="EXAMPLE", diagnosis_date=diagnosed_on, phenotype="BCP")
    return ExampleFact(type=REGISTRATION, occurred_on=first_on, data=data)


def _pinned(fact: ExampleFact, protocols: Protocols) -> str | None:
    protocol = protocols.named(fact.data.protocol, fact.occurred_on) if isinstance(fact.data, ProtocolChosen) else None
    return protocol.sha256 if protocol else None


def _conflicts(state: PatientState) -> Iterator[str]:
    for conflict in state.conflicts:
        yield f"{conflict.type} on {conflict.occurred_on} is not possible in {conflict.state}"


def _state(example: Example, state: PatientState) -> Iterator[str]:
    if state.state != example.state:
        yield f"state is {state.state} on {example.as_of}, expected {example.state}"


def _window(expected: ExpectedWindow, state: PatientState, as_of: date) -> Iterator[str]:
    name = f"{expected.course}:{expected.rule} from {expected.anchor_on}"
    window = _found(expected, state)
    if window is None:
        there = ", ".join(f"{known.course}:{known.rule} from {known.anchor_on}" for known in state.windows)
        yield f"there is no window {name}; there are: {there or 'none'}"
        return
    stands: dict[str, object] = {
        "status": window.status(as_of),
        "days": window.days(as_of),
        "days_past_latest": window.days_past_latest(as_of),
    }
    stated: dict[str, object] = {"status": expected.status, **expected.values, **dict.fromkeys(expected.unset)}
    if expected.verdict is not None:
        stands["verdict"] = window.verdict(as_of) or NO_VERDICT
        stated["verdict"] = expected.verdict
    for key, value in stated.items():
        actual = stands[key] if key in stands else getattr(window, key)
        if actual != value:
            yield f"{name}: {key} is {actual}, expected {value}"


def _found(expected: ExpectedWindow, state: PatientState) -> Window | None:
    wanted = (expected.course, expected.rule, expected.anchor_on)
    return next((known for known in state.windows if (known.course, known.rule, known.anchor_on) == wanted), None)


def _absent(example: Example, state: PatientState) -> Iterator[str]:
    for window in state.windows:
        if example.has_no_window(window.rule, window.anchor_on):
            yield f"there is a window {window.course}:{window.rule} from {window.anchor_on}, expected none"


def _next(proposed: ProposedFact, state: PatientState, protocols: Protocols, seq: int) -> Iterator[str]:
    fact = proposed.fact
    draft = FactDraft(type=fact.type, occurred_on=fact.occurred_on, data=fact.data)
    stamp = Stamp(seq=seq, recorded_at=datetime.combine(fact.occurred_on, time(), UTC), recorded_by=_RECORDED_BY)
    given = Circumstances(role=Role.CLINICIAN, today=fact.occurred_on, protocols=protocols)
    outcome = record(state, draft, stamp, given)
    refusal = outcome if isinstance(outcome, Refusal) else None
    name = f"{fact.type} on {fact.occurred_on}"
    answer = refusal.code if refusal else ACCEPTED
    if answer != proposed.answer:
        yield f"{name}: the answer is {answer}, expected {proposed.answer}"
    earliest_on = refusal.earliest_on if refusal else None
    if proposed.earliest_on is not None and earliest_on != proposed.earliest_on:
        yield f"{name}: earliest_on is {earliest_on}, expected {proposed.earliest_on}"
    rule = refusal.rule if refusal else None
    if proposed.rule is not None and rule != proposed.rule:
        yield f"{name}: the rule is {rule or 'none'}, expected {proposed.rule}"
    warnings = _warnings(outcome)
    if proposed.warnings is not None and warnings != proposed.warnings:
        yield f"{name}: the warnings are {_listed(warnings)}, expected {_listed(proposed.warnings)}"


def _warnings(outcome: Outcome) -> frozenset[str]:
    """Return the codes of the warnings that come from the protocol; what is refused has none."""
    if isinstance(outcome, Refusal):
        return frozenset()
    return frozenset(warning.code for warning in outcome.warnings) & frozenset(PROTOCOL_WARNINGS)


def _listed(codes: frozenset[str]) -> str:
    return ", ".join(sorted(codes)) or "none"
