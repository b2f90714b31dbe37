"""Worked examples of a protocol: facts and a day in, windows and state out; where they fail, it is not used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import Field

from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.base import Payload
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.types import PAYLOADS
from workflow.protocols.files.document import NAME, WORDS, Table
from workflow.protocols.files.problems import Flaw, KeyPath, ProtocolError, located
from workflow.protocols.files.reading import read_document
from workflow.protocols.files.vocabulary import (
    AnyFact,
    ChartState,
    ProtocolWarning,
    RuleId,
    Threshold,
    Version,
    WindowStatus,
    WindowVerdict,
    Words,
)

DATE = "a date without quotes, as in 2025-01-31"
ACCEPTED = "accepted"


class FactTable(Table):
    """One entry of an example's `facts`."""

    type: AnyFact = Field(description="a fact type")
    occurred_on: date = Field(description=DATE)
    data: dict[str, object] = Field(default={}, description="a table: the data of the fact type")


class NextTable(FactTable):
    """One entry of an example's `next`: a fact proposed after the example's own."""

    answer: Version = Field(description=f'"{ACCEPTED}", or the code of the refusal, as in "too_early"')
    earliest_on: date | None = Field(default=None, description=DATE)
    rule: RuleId | None = Field(default=None, description="the rule that the refusal names, as in TR-001")
    warnings: list[ProtocolWarning] | None = Field(
        default=None, description="a list of the protocol's warnings that come with the fact; [] where none does"
    )


class ExpectedTable(Table):
    """One entry of an example's `windows`."""

    rule: RuleId = Field(description=NAME)
    anchor_on: date = Field(description=DATE)
    status: WindowStatus = Field(description="a status of a window")
    verdict: WindowVerdict | None = Field(default=None, description="a verdict")
    course: int = Field(default=1, ge=1, le=99, description="a whole number: the relapse number, 1 to 99")
    days: int | None = Field(default=None, description="a whole number of days")
    days_past_latest: int | None = Field(default=None, description="a whole number of days")
    hard_min_on: date | None = Field(default=None, description=DATE)
    earliest_on: date | None = Field(default=None, description=DATE)
    target_on: date | None = Field(default=None, description=DATE)
    latest_on: date | None = Field(default=None, description=DATE)
    critical_from: date | None = Field(default=None, description=DATE)
    ended_on: date | None = Field(default=None, description=DATE)
    paused_on: date | None = Field(default=None, description=DATE)
    interrupted_days: int | None = Field(default=None, ge=0, description="a whole number of days")
    unset: list[Threshold] = Field(default=[], description="a list of thresholds that have no date")


class ExampleTable(Table):
    """One `[[examples]]`."""

    name: Words = Field(description=WORDS)
    why: Words = Field(description=WORDS)
    as_of: date = Field(description=DATE)
    facts: list[FactTable] = Field(min_length=1, description="a list of one fact or more")
    state: ChartState = Field(description="a state of the chart")
    windows: list[ExpectedTable] = Field(default=[], description="a list of expected windows")
    absent: list[RuleId] = Field(default=[], description="a list of rules that have no window in this example")
    next: list[NextTable] = Field(default=[], description="a list of proposed facts with their answers")


class ExamplesDocument(Table):
    """The whole of `examples.toml`."""

    examples: list[ExampleTable] = Field(min_length=1, description="one [[examples]] table or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFact:
    """One fact of an example, its payload read as strictly as any other."""

    type: str
    occurred_on: date
    data: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedFact:
    """A fact proposed after the example's own: `answer` is `accepted` or the code of the refusal, by `rule`.

    `warnings` are all codes out of PROTOCOL_WARNINGS that come with it; None where the example does not look at them.
    """

    fact: ExampleFact
    answer: str
    earliest_on: date | None
    rule: str | None = None
    warnings: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedWindow:
    """How one window must stand; `values` holds only what the example states, by the window's field names.

    `verdict` is None where the example does not state it, `none` where there must be none yet.
    """

    rule: str
    anchor_on: date
    course: int
    status: str
    verdict: str | None
    values: Mapping[str, date | int]
    unset: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One worked example; windows it does not name are not looked at, rules in `absent` must have none."""

    name: str
    why: str
    as_of: date
    facts: tuple[ExampleFact, ...]
    state: str
    windows: tuple[ExpectedWindow, ...]
    absent: tuple[str, ...]
    next: tuple[ProposedFact, ...]


def parse_examples(text: str, file: str) -> tuple[Example, ...]:
    """Return the worked examples written in `text`; `file` names it in errors; raises ProtocolError."""
    return parse_examples_with_lines(text, file)[0]


def parse_examples_with_lines(text: str, file: str) -> tuple[tuple[Example, ...], Mapping[KeyPath, int]]:
    """Return the examples and the line of each key, counted from 1; raises ProtocolError with every problem."""
    document, lines = read_document(text, file, ExamplesDocument)
    flaws = list(_unreadable_facts(document))
    if flaws:
        raise ProtocolError(located(flaws, lines, file))
    return tuple(_example(table) for table in document.examples), lines


def _unreadable_facts(document: ExamplesDocument) -> Iterator[Flaw]:
    for place, example in enumerate(document.examples):
        lists: Mapping[str, Sequence[FactTable]] = {"facts": example.facts, "next": example.next}
        for name, facts in lists.items():
            for number, fact in enumerate(facts):
                yield from _unreadable_data(fact, ("examples", place, name, number))


def _unreadable_data(fact: FactTable, at: KeyPath) -> Iterator[Flaw]:
    try:
        read_payload(fact.type, fact.data)
    except InvalidInputError as invalid:
        for problem in invalid.problems:
            inside = (int(part) if part.isdigit() else part for part in problem.field.split("."))
            yield Flaw(at=(*at, *inside), message=problem.message, allowed=_fields_of(fact.type))


def _fields_of(fact_type: str) -> str:
    fields = [field.alias or name for name, field in PAYLOADS[fact_type].model_fields.items()]
    return f"the data of {fact_type}: {', '.join(fields) or 'none'}"


def _example(table: ExampleTable) -> Example:
    return Example(
        name=table.name,
        why=table.why,
        as_of=table.as_of,
        facts=tuple(_fact(fact) for fact in table.facts),
        state=table.state,
        windows=tuple(_expected(window) for window in table.windows),
        absent=tuple(table.absent),
        next=tuple(_proposed(proposed) for proposed in table.next),
    )


def _proposed(table: NextTable) -> ProposedFact:
    return ProposedFact(
        fact=_fact(table),
        answer=table.answer,
        earliest_on=table.earliest_on,
        rule=table.rule,
        warnings=None if table.warnings is None else frozenset(table.warnings),
    )


def _fact(table: FactTable) -> ExampleFact:
    return ExampleFact(type=table.type, occurred_on=table.occurred_on, data=read_payload(table.type, table.data))


def _expected(table: ExpectedTable) -> ExpectedWindow:
    stated = table.model_dump(exclude={"rule", "anchor_on", "course", "status", "verdict", "unset"}, exclude_none=True)
    return ExpectedWindow(
        rule=table.rule,
        anchor_on=table.anchor_on,
        course=table.course,
        status=table.status,
        verdict=table.verdict,
        values=stated,
        unset=tuple(table.unset),
    )
