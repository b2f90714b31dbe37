"""Worked examples of a protocol: facts and a day in, windows and state out; where they fail, it is not used."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import Field

from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.base import Payload
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.types import PAYLOADS
from workflow.protocols.files.document import DATE, LINE, NAME, WORDS, Table
from workflow.protocols.files.problems import Flaw, KeyPath, ProtocolError, located
from workflow.protocols.files.reading import read_document
from workflow.protocols.files.vocabulary import (
    ACCEPTED,
    Answer,
    AnyFact,
    ChartState,
    Day,
    Line,
    ProtocolWarning,
    RuleId,
    Threshold,
    WindowStatus,
    WindowVerdict,
    Words,
)


class FactTable(Table):
    """One entry of an example's `facts`."""

    type: AnyFact = Field(description="a fact type")
    occurred_on: Day = Field(description=DATE)
    data: dict[str, object] = Field(default={}, description="a table: the data of the fact type")


class NextTable(FactTable):
    """One entry of an example's `next`: a fact proposed after the example's own."""

    answer: Answer = Field(description=f'"{ACCEPTED}", or the code of the refusal, as in "too_early"')
    earliest_on: Day | None = Field(default=None, description=DATE)
    rule: RuleId | None = Field(default=None, description="the rule that the refusal names, as in TR-001")
    warnings: list[ProtocolWarning] | None = Field(
        default=None, description="a list of the protocol's warnings that come with the fact; [] where none does"
    )


class ExpectedTable(Table):
    """One entry of an example's `windows`."""

    rule: RuleId = Field(description=NAME)
    anchor_on: Day = Field(description=DATE)
    status: WindowStatus = Field(description="a status of a window")
    verdict: WindowVerdict | None = Field(default=None, description="a verdict")
    course: int = Field(default=1, ge=1, le=99, description="a whole number: the relapse number, 1 to 99")
    days: int | None = Field(default=None, description="a whole number of days")
    days_past_latest: int | None = Field(default=None, description="a whole number of days")
    hard_min_on: Day | None = Field(default=None, description=DATE)
    earliest_on: Day | None = Field(default=None, description=DATE)
    target_on: Day | None = Field(default=None, description=DATE)
    latest_on: Day | None = Field(default=None, description=DATE)
    critical_from: Day | None = Field(default=None, description=DATE)
    ended_on: Day | None = Field(default=None, description=DATE)
    paused_on: Day | None = Field(default=None, description=DATE)
    interrupted_days: int | None = Field(default=None, ge=0, description="a whole number of days")
    unset: list[Threshold] = Field(default=[], description="a list of thresholds that have no date")


class NoWindowTable(Table):
    """One entry of an example's `no_windows`."""

    rule: RuleId = Field(description=NAME)
    anchor_on: Day = Field(description=DATE)


class ExampleTable(Table):
    """One `[[examples]]`."""

    name: Line = Field(description=LINE)
    why: Words = Field(description=WORDS)
    as_of: Day = Field(description=DATE)
    facts: list[FactTable] = Field(min_length=1, description="a list of one fact or more")
    state: ChartState = Field(description="a state of the chart")
    windows: list[ExpectedTable] = Field(default=[], description="a list of expected windows")
    absent: list[RuleId] = Field(default=[], description="a list of rules that have no window in this example")
    no_windows: list[NoWindowTable] = Field(
        default=[], description='a list of tables, as in [{ rule = "TR-001", anchor_on = 2025-01-31 }]'
    )
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
class NoWindow:
    """A rule that counts no window from a day."""

    rule: str
    anchor_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One worked example; windows it does not name are not looked at.

    Rules in `absent` must have none at all, those in `no_windows` none that is counted from that day.
    """

    name: str
    why: str
    as_of: date
    facts: tuple[ExampleFact, ...]
    state: str
    windows: tuple[ExpectedWindow, ...]
    absent: tuple[str, ...]
    next: tuple[ProposedFact, ...]
    no_windows: tuple[NoWindow, ...] = ()

    def has_no_window(self, rule: str, anchor_on: date) -> bool:
        """Whether the example says that this rule counts no window from this day."""
        return rule in self.absent or NoWindow(rule=rule, anchor_on=anchor_on) in self.no_windows


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
            inside = tuple(int(part) if part.isdigit() else part for part in problem.field.split("."))
            said = problem.message.removeprefix(f"{problem.field} ")
            message, allowed = _told_apart(said, _written(fact.data, inside[1:]), fact.type)
            yield Flaw(at=(*at, *inside), message=message, allowed=allowed)


def _told_apart(said: str, written: str | None, fact_type: str) -> tuple[str, str]:
    """Return what is wrong with a value, and what may stand there, out of the sentence that says both."""
    rule = re.match(r"(?:should|must) be (.+)", said)
    if rule is None or written is None:
        return said, _fields_of(fact_type)
    return f"{written} cannot stand here", rule[1].replace("'", '"')


def _written(data: Mapping[str, object], inside: KeyPath) -> str | None:
    """Return the text or the number at a place of an example's data; None where neither is there."""
    found: object = data
    for part in inside:
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and isinstance(part, int) and part < len(found):
            found = found[part]
        else:
            return None
    return f'"{found}"' if isinstance(found, str) else None if isinstance(found, dict | list | None) else str(found)


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
        no_windows=tuple(NoWindow(rule=none.rule, anchor_on=none.anchor_on) for none in table.no_windows),
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
