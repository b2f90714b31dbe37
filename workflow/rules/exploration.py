"""All courses that a protocol's gates leave open, on the real machine: nobody may end where nothing leads on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, FactDraft
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.domain.roles import Role
from workflow.protocols.checks.groups import Groups, combinations, holds, in_words
from workflow.protocols.checks.guards import SETTLED
from workflow.protocols.model import Protocol, Protocols
from workflow.rules.effects import next_attempt
from workflow.rules.fold import fold
from workflow.rules.judgement import Accepted, Circumstances, Outcome, Stamp
from workflow.rules.machine import possible_facts
from workflow.rules.record import record
from workflow.rules.sequence import what_comes

# A cap of two behaves as one of five does: reached by one start more than it allows.
_CAP_LOOKED_AT = 2
MOST_SITUATIONS = 3_000
_RELAPSE_ON = date(2025, 1, 6)
_DAY = timedelta(days=1)
# Diagnosed so long before the relapse that it comes very early, early (frontline therapy just over), or late.
_DIAGNOSES: tuple[dict[str, object], ...] = (
    {"diagnosis_date": "2024-01-08", "frontline_ongoing": True},
    {"diagnosis_date": "2022-10-03", "frontline_end_date": "2024-10-07"},
    {"diagnosis_date": "2019-01-07", "frontline_end_date": "2021-01-11"},
)
_SITES = ("isolated_bm", "combined_bm", "isolated_em")
# What moves a course on, with what it may say; starts are made from the protocol.
_FACTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("block_completed", {"given": "as_planned"}),
    ("response_assessed", {"marrow_blasts_percent": 1, "final": True}),
    ("response_assessed", {"marrow_blasts_percent": 40, "final": True}),
    ("response_assessed", {"marrow_blasts_percent": 1, "final": False}),
    ("consolidation_decided", {"decision": "chemotherapy"}),
    ("consolidation_decided", {"decision": "hsct"}),
    ("consolidation_decided", {"decision": "bridging_then_hsct"}),
    ("reinduction_failed", {}),
    ("intensive_chemotherapy_completed", {}),
    ("maintenance_started", {}),
    ("conditioning_started", {}),
    ("transplanted", {}),
    ("block_decision", {"continue": True, "reason": "decided"}),
    ("block_decision", {"continue": False, "reason": "decided"}),
)
Key = tuple[object, ...]
Judge = Callable[[PatientState, FactDraft, Stamp, Circumstances], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A patient as the walk finds them, with the facts that led there; `refused` are the codes of refused starts."""

    state: PatientState
    on: date
    path: tuple[str, ...]
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """All situations of patients of one kind; `traps` are sentences, with the fewest facts that lead to each.

    `refusals` are the codes by which a start was refused somewhere; `complete` is False where the walk was cut off.
    """

    situations: int
    traps: tuple[str, ...]
    refusals: frozenset[str]
    complete: bool


def traps(protocol: Protocol) -> list[str]:
    """Return in one sentence each how a patient of this protocol can get where nothing leads on; empty where none can.

    Looked at for one relapse of every combination of groups for which the protocol has gates of its own; without gates
    it is as the chart is, which has a check of its own.
    """
    gated = protocol.individual_decision
    return [
        trap
        for groups, state in patients(protocol)
        if protocol.caps or (gated is not None and holds(gated.risk, groups))
        for trap in _found(walk(protocol, groups, state))
    ]


def _found(walked: Walk) -> tuple[str, ...]:
    if walked.complete:
        return walked.traps
    return (*walked.traps, f"more than {MOST_SITUATIONS} situations are open, too many to look at")


def patients(protocol: Protocol) -> Iterator[tuple[Groups, PatientState]]:
    """Yield a patient with a first relapse, and this protocol chosen, for each combination of groups there is."""
    small = _small(protocol)
    wanted = list(combinations(protocol))
    for diagnosis, phenotype, site in product(_DIAGNOSES, ("BCP", "T"), _SITES):
        if not wanted:
            return
        state = _relapsed(small, {**diagnosis, "phenotype": phenotype}, site)
        found = next((groups for groups in wanted if _is_in(state, groups, protocol)), None)
        if found is not None:
            wanted.remove(found)
            yield found, state


def walk(protocol: Protocol, groups: Groups, start: PatientState, judge: Judge = record) -> Walk:
    """Return every situation that a patient can come to, starting from `start`, asked of the machine itself.

    Situations that differ in nothing that a gate or the chart asks count as one. A refused start is tried again on the
    day that its refusal names; another protocol may be chosen where a cap is reached, and is then looked at no further.
    """
    explorer = _Explorer(_small(protocol), judge)
    first = Reached(state=start, on=_RELAPSE_ON, path=("relapse_diagnosed", "protocol_chosen"))
    reached = {explorer.key(first): first}
    onward: dict[Key, set[Key]] = {}
    settled: set[Key] = set()
    frontier = [first]
    while frontier and len(reached) < MOST_SITUATIONS:
        here = frontier.pop(0)
        found = explorer.onward(here)
        onward[explorer.key(here)] = {explorer.key(one) for one in found}
        if here.state.state in SETTLED or explorer.another_protocol(here):
            settled.add(explorer.key(here))
        for one in found:
            if explorer.key(one) not in reached:
                reached[explorer.key(one)] = one
                frontier.append(one)
    going_on = _leading_to(settled, onward)
    lost = [one for key, one in reached.items() if key not in going_on and key in onward]
    return Walk(
        situations=len(reached),
        traps=tuple(_told(one, groups, explorer) for one in lost),
        refusals=frozenset(explorer.refusals),
        complete=not frontier,
    )


class _Explorer:
    """Tries every fact in a situation, and remembers why starts were refused."""

    def __init__(self, protocol: Protocol, judge: Judge) -> None:
        self.protocol = protocol
        self.protocols = Protocols((protocol,))
        self.judge = judge
        self.refusals: set[str] = set()
        self.refused_at: dict[Key, set[str]] = {}

    def key(self, here: Reached) -> Key:
        """Return what tells a situation from every other."""
        return _key(here.state, self.protocol)

    def onward(self, here: Reached) -> list[Reached]:
        """Return the situations that one more fact leads to."""
        if here.state.state in SETTLED:
            return []
        possible = possible_facts(here.state.state)
        found = [self._after(here, kind, data) for kind, data in self._facts(here.state) if kind in possible]
        return [one for one in found if one is not None]

    def another_protocol(self, here: Reached) -> bool:
        """Whether a cap keeps a start away here, and a protocol may be chosen: its own stands for any other."""
        if "cap_reached" not in self.refused_at.get(self.key(here), ()):
            return False
        return isinstance(
            self._tried(here, "protocol_chosen", {"protocol": self.protocol.ref}, here.on + _DAY), Accepted
        )

    def _facts(self, state: PatientState) -> Iterator[tuple[str, dict[str, object]]]:
        course = state.current_course
        for element in what_comes(course, self.protocol, next_attempt(state)).elements:
            yield "block_started", {"element": element}
        yield from _FACTS
        if _for_life(self.protocol) and course.number == 1:
            yield "relapse_diagnosed", {"relapse_site": "isolated_bm"}

    def _after(self, here: Reached, kind: str, data: dict[str, object]) -> Reached | None:
        outcome, on = self._tried(here, kind, data, here.on + _DAY), here.on + _DAY
        if isinstance(outcome, Refusal) and outcome.earliest_on is not None:
            on = max(on, outcome.earliest_on)
            outcome = self._tried(here, kind, data, on)
        if isinstance(outcome, Accepted):
            said = " ".join([kind, *(str(value) for value in data.values())])
            return Reached(state=outcome.after, on=on, path=(*here.path, said))
        if kind == "block_started":
            self.refusals.add(outcome.code)
            self.refused_at.setdefault(self.key(here), set()).add(outcome.code)
        return None

    def _tried(self, here: Reached, kind: str, data: dict[str, object], on: date) -> Outcome:
        draft = FactDraft(type=kind, occurred_on=on, data=read_payload(kind, data))
        stamp = Stamp(seq=len(here.path) + 2, recorded_at=datetime.combine(on, time(), UTC), recorded_by="check")
        given = Circumstances(role=Role.ADMIN, today=on, protocols=self.protocols, recommendations=False)
        return self.judge(here.state, draft, stamp, given)


def _key(state: PatientState, protocol: Protocol) -> Key:
    """Return all of a situation that the chart or one of the protocol's gates asks about."""
    course = state.current_course
    blocks = [block for block in course.blocks if block.attempt == course.attempt]
    given = [block for known in state.courses for block in known.blocks]
    counted = (sum(protocol.is_one_of(block.element, cap.elements) for block in given) for cap in protocol.caps)
    decided = course.block_decision if protocol.individual_decision else None
    relapse = (course.number, course.had_remission) if _for_life(protocol) else None
    return (
        state.state,
        relapse,
        blocks[-1].element if blocks else None,
        tuple(min(count, cap.most) for count, cap in zip(counted, protocol.caps, strict=True)),
        decided.goes_on if decided else None,
        course.assessment_final if state.state == "mrd_check" else None,
        course.awaits,
    )


def _for_life(protocol: Protocol) -> bool:
    """Whether a cap outlasts a relapse, so that a later course can begin with it reached."""
    return any(cap.scope == "life" for cap in protocol.caps)


def _leading_to(settled: set[Key], onward: dict[Key, set[Key]]) -> set[Key]:
    leading = set(settled)
    while more := {key for key, found in onward.items() if key not in leading and found & leading}:
        leading |= more
    return leading


def _told(one: Reached, groups: Groups, explorer: _Explorer) -> str:
    refused = sorted(explorer.refused_at.get(explorer.key(one), ()))
    why = f", where a start is refused by {' and '.join(refused)}" if refused else ""
    return f"nothing leads on from {one.state.state}{in_words(groups)}{why}; a way there: {' → '.join(one.path)}"


def _small(protocol: Protocol) -> Protocol:
    """Return the protocol with caps as small as shows the same, so that all of it can be looked at."""
    return replace(protocol, caps=tuple(replace(cap, most=min(cap.most, _CAP_LOOKED_AT)) for cap in protocol.caps))


def _relapsed(protocol: Protocol, registered: dict[str, object], site: str) -> PatientState:
    facts = (
        (REGISTRATION, {"pseudonym": "CHECK", "site": "CHECK", **registered}),
        ("relapse_diagnosed", {"relapse_site": site}),
        ("protocol_chosen", {"protocol": protocol.ref}),
    )
    stored = [
        Fact(
            seq=seq,
            lineage=seq,
            type=kind,
            occurred_on=_RELAPSE_ON,
            data=read_payload(kind, data),
            recorded_at=datetime.combine(_RELAPSE_ON, time(), UTC),
            recorded_by="check",
            protocol_sha=protocol.sha256 if kind == "protocol_chosen" else None,
        )
        for seq, (kind, data) in enumerate(facts, start=1)
    ]
    return fold(stored, Protocols((protocol,)))


def _is_in(state: PatientState, groups: Groups, protocol: Protocol) -> bool:
    """Whether a patient's groups are these; None stands for every group that the protocol does not name."""
    classified = state.current_course.classification
    risk = {str(scheme): group for scheme, group in classified.risk.items()} if classified else {}
    named = {scheme: {other[scheme] for other in combinations(protocol)} for scheme in groups}
    return all(
        risk.get(scheme) == group or (group is None and risk.get(scheme) not in named[scheme])
        for scheme, group in groups.items()
    )
