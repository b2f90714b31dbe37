"""The slow reference: all that was ever answered of a patient, folded from scratch for any pair of clocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflow.domain.facts.fact import Fact, Override
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.types import REGISTRATION, rank
from workflow.domain.patient import PatientState
from workflow.protocols.model import Protocols
from workflow.rules.fold import replay

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One version as an answer told it: what it does, to which version, and the fact as if it were the first."""

    recorded_at: datetime
    operation: str
    target: int | None
    fact: Fact


@dataclass(slots=True)
class ReferenceFile:
    """One patient's entries in the order of their recording, and how many acts were accepted."""

    patient_id: str
    protocols: Protocols
    entries: list[Entry] = field(default_factory=list)
    version: int = 0

    def learn(self, *told: Told) -> None:
        """Take the facts of one accepted answer."""
        self.entries += [self._entry(each) for each in told]
        self.version += 1

    def _entry(self, told: Told) -> Entry:
        seq = int(told["id"][1:])
        target = int(told["target"][1:]) if "target" in told else None
        first = next((entry.fact.lineage for entry in self.entries if entry.fact.seq == target), seq)
        data = read_payload(told["type"], told["data"])
        protocol = self.protocols.named(told["data"].get("protocol", ""))
        recorded_at = datetime.fromisoformat(told["recorded_at"])
        fact = Fact(
            seq=seq,
            lineage=first,
            type=told["type"],
            occurred_on=date.fromisoformat(told["occurred_on"]),
            data=data,
            recorded_at=recorded_at,
            recorded_by=told["recorded_by"],
            override=Override(**told["override"]) if "override" in told else None,
            protocol_sha=protocol.sha256 if protocol else None,
        )
        return Entry(recorded_at, told.get("operation", "record"), target, fact)

    def standing(self, *, as_of: date | None = None, known_at: datetime | None = None) -> list[Fact]:
        """Return the facts that count at a pair of clocks, in their clinical order."""
        counted: dict[int, Fact] = {}
        for entry in self.entries:
            if known_at is not None and entry.recorded_at > known_at:
                continue
            if entry.target is not None:
                del counted[entry.target]
            if entry.operation != "void":
                counted[entry.fact.seq] = entry.fact
        there = [fact for fact in counted.values() if _by(fact, as_of)]
        return sorted(there, key=lambda fact: (not _registers(fact), fact.occurred_on, rank(fact.type), fact.lineage))

    def folded(self, *, as_of: date | None = None, known_at: datetime | None = None) -> PatientState | None:
        """Return the patient at a pair of clocks; None where nothing was known yet."""
        state = None
        if facts := self.standing(as_of=as_of, known_at=known_at):
            for moment in replay(facts, self.protocols):
                state = moment.after
        return state

    @property
    def state(self) -> PatientState:
        """The patient as known now."""
        state = self.folded()
        assert state is not None
        return state

    @property
    def instants(self) -> list[datetime]:
        """The instants at which something became known, each once, in their order."""
        return sorted({entry.recorded_at for entry in self.entries})


def _registers(fact: Fact) -> bool:
    return fact.type == REGISTRATION


def _by(fact: Fact, as_of: date | None) -> bool:
    return as_of is None or _registers(fact) or fact.occurred_on <= as_of
