"""From the text of `protocol.toml` to a protocol, or to everything that is wrong with it."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from workflow.domain.switches import AS_MOST_SOURCES, Recovery, Switches
from workflow.protocols.files.document import (
    ClassificationTable,
    EligibilityTable,
    ExpectationTable,
    IndividualDecisionTable,
    ProtocolDocument,
    RecoveryTable,
    RiskTable,
    WindowTable,
)
from workflow.protocols.files.problems import KeyPath
from workflow.protocols.files.reading import read_document
from workflow.protocols.for_whom import Eligibility, InGroups
from workflow.protocols.model import (
    Cap,
    Dose,
    Element,
    Expectation,
    Follows,
    IndividualDecision,
    MrdPoint,
    Protocol,
    Statement,
    WindowRule,
)


def parse_protocol(text: str, file: str) -> Protocol:
    """Return the protocol written in `text`; `file` names it in errors.

    Checks the shape only, so that a body pinned long ago stays readable; `checks` asks for more before a protocol
    is loaded. Raises ProtocolError with every problem: unknown keys, wrong types, unknown names, what is missing.
    """
    return parse_with_lines(text, file)[0]


def parse_with_lines(text: str, file: str) -> tuple[Protocol, Mapping[KeyPath, int]]:
    """Return the protocol and the line of each of its keys, counted from 1; raises ProtocolError."""
    document, lines = read_document(text, file, ProtocolDocument)
    protocol = Protocol(
        id=document.id,
        version=document.version,
        title=document.title,
        scope=document.scope,
        elements=tuple(Element(**element.model_dump()) for element in document.elements),
        windows=tuple(_window(window) for window in document.windows),
        mrd_points=tuple(MrdPoint(**point.model_dump()) for point in document.mrd_points),
        without_window=document.without_window,
        citations=document.citations,
        not_stated=tuple(document.not_stated),
        silent_after_days=document.silent_after_days,
        sha256=sha256(text.encode()).hexdigest(),
        body=text,
        switches=_switches(document.classification),
        switches_source=document.classification.source if document.classification else None,
        in_force_from=document.in_force_from,
        changes=tuple(document.changes),
        sequence=tuple(
            Follows(after=row.after, then=tuple(row.then), source=row.source, risk=_groups(row.risk))
            for row in document.sequence
        ),
        caps=tuple(Cap(**_plain(cap, "elements"), elements=tuple(cap.elements)) for cap in document.caps),
        individual_decision=_individual_decision(document.individual_decision),
        eligibility=tuple(_eligibility(table) for table in document.eligibility),
        doses=tuple(Dose(**_plain(dose, "days"), days=tuple(dose.days)) for dose in document.doses),
        stated=tuple(Statement(**statement.model_dump()) for statement in document.stated),
    )
    return protocol, lines


def _window(table: WindowTable) -> WindowRule:
    lists = ("hard_min_elements", "closed_by", "anchor_elements", "anchor_decisions")
    return WindowRule(
        **_plain(table, "expects", "risk", *lists),
        hard_min_elements=tuple(table.hard_min_elements),
        closed_by=tuple(table.closed_by),
        anchor_elements=tuple(table.anchor_elements),
        anchor_decisions=tuple(table.anchor_decisions),
        expects=tuple(_expectation(expected) for expected in table.expects),
        risk=_groups(table.risk),
    )


def _plain(table: BaseModel, *apart: str) -> dict[str, Any]:
    """Return the fields of a table but those that are made apart."""
    return table.model_dump(exclude=set(apart))


def _groups(table: RiskTable | None) -> InGroups | None:
    return None if table is None else InGroups(scheme=table.scheme, groups=tuple(table.groups))


def _individual_decision(table: IndividualDecisionTable | None) -> IndividualDecision | None:
    if table is None:
        return None
    risk = InGroups(scheme=table.risk.scheme, groups=tuple(table.risk.groups))
    return IndividualDecision(**_plain(table, "risk"), risk=risk)


def _eligibility(table: EligibilityTable) -> Eligibility:
    return Eligibility(**_plain(table, "risk"), risk=_groups(table.risk))


def _expectation(table: ExpectationTable) -> Expectation:
    return Expectation(facts=tuple(table.facts), timepoints=tuple(table.timepoints), elements=tuple(table.elements))


def _switches(table: ClassificationTable | None) -> Switches:
    if table is None:
        return AS_MOST_SOURCES
    return Switches(**table.model_dump(exclude={"source", "recovery"}), recovery=_recovery(table.recovery))


def _recovery(table: RecoveryTable | None) -> Recovery | None:
    if table is None:
        return None
    counts = table.model_dump(exclude={"source"}, exclude_none=True)
    return Recovery(source=table.source, **{name: float(count) for name, count in counts.items()})
