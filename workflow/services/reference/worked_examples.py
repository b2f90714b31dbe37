"""Worked examples in words: what was recorded, where the patient stands on a day, what would be answered next."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from workflow.domain.facts.fact import payload_json
from workflow.protocols.files.examples import Example, ExampleFact, ExpectedWindow, ProposedFact
from workflow.protocols.files.vocabulary import ACCEPTED, NO_VERDICT
from workflow.services.reference.blocks import Block, Code, Heading, Paragraph, Table, Words
from workflow.services.reference.cells import rule

_LEAD = (
    "Worked by hand and run against the program whenever the protocol is checked: where one fails, the protocol is not "
    "used. Patients and dates are invented."
)
_VALUES: Mapping[str, str] = {
    "hard_min_on": "refused before",
    "earliest_on": "earliest",
    "target_on": "target",
    "latest_on": "latest",
    "critical_from": "critical from",
    "ended_on": "ended on",
    "days": "days",
    "days_past_latest": "days past the latest",
    "paused_on": "stands still since",
    "interrupted_days": "days of interruption",
}


def worked_examples(examples: Sequence[Example]) -> Iterator[Block]:
    """Yield a protocol's worked examples; nothing where none are at hand."""
    if not examples:
        return
    yield Heading(2, "Worked examples")
    yield Paragraph(_LEAD)
    for example in examples:
        yield from _example(example)


def _example(example: Example) -> Iterator[Block]:
    yield Heading(3, example.name)
    yield Paragraph(example.why)
    facts = (_fact(fact) for fact in example.facts)
    yield Table("Facts", ("on", "fact", "says"), tuple(facts))
    yield Paragraph(
        ("On ", example.as_of.isoformat(), " the patient is in ", Code(example.state), ".", *_none(example))
    )
    if example.windows:
        windows = (_window(window) for window in example.windows)
        yield Table("Windows on that day", ("rule", "since", "stands", "in numbers"), tuple(windows))
    if example.next:
        proposed = (_proposed(fact) for fact in example.next)
        yield Table("What would be answered next", ("on", "fact", "says", "answer"), tuple(proposed))


def _none(example: Example) -> Iterator[str]:
    if example.absent:
        yield f" No window of {', '.join(example.absent)}."
    if example.no_windows:
        yield f" No window {', '.join(f'of {none.rule} since {none.anchor_on}' for none in example.no_windows)}."


def _fact(fact: ExampleFact) -> tuple[Words, ...]:
    return (fact.occurred_on.isoformat(), Code(fact.type), said(json.loads(payload_json(fact.data))))


def said(value: object, name: str = "") -> str:
    """Return the data of a fact in one line: names with blanks, nested values after each other."""
    if isinstance(value, Mapping):
        parts = (said(inner, key) for key, inner in value.items())
        return _named(name, ", ".join(part for part in parts if part))
    if isinstance(value, list):
        return _named(name, " and ".join(said(inner) for inner in value))
    return _named(name, ("yes" if value else "no") if isinstance(value, bool) else str(value))


def _named(name: str, words: str) -> str:
    return f"{name.replace('_', ' ')} {words}".strip()


def _window(window: ExpectedWindow) -> tuple[Words, ...]:
    stands = window.status
    if window.verdict is not None:
        stands += ", no verdict yet" if window.verdict == NO_VERDICT else f", {window.verdict.replace('_', ' ')}"
    course = f" (course {window.course})" if window.course > 1 else ""
    return (rule(window.rule), f"{window.anchor_on}{course}", stands, "; ".join(_values(window)))


def _values(window: ExpectedWindow) -> Iterator[str]:
    for name, words in _VALUES.items():
        if name in window.values:
            yield f"{words} {_shown(window.values[name])}"
    if window.unset:
        yield f"no {', no '.join(_VALUES[name] for name in window.unset)}"


def _shown(value: date | int) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _proposed(proposed: ProposedFact) -> tuple[Words, ...]:
    answer = "accepted" if proposed.answer == ACCEPTED else f"refused: {proposed.answer}"
    parts = [answer]
    if proposed.rule is not None:
        parts.append(f"by {proposed.rule}")
    if proposed.earliest_on is not None:
        parts.append(f"possible from {proposed.earliest_on}")
    if proposed.warnings is not None:
        parts.append(f"warnings: {', '.join(sorted(proposed.warnings)) or 'none'}")
    return (*_fact(proposed.fact), ", ".join(parts))
