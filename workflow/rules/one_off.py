"""Which numbers of a protocol its worked examples test: each is moved by one, and an example must notice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from workflow.protocols.files.examples import Example
from workflow.protocols.files.problems import Flaw, KeyPath
from workflow.protocols.model import Protocol, WindowRule
from workflow.rules.examples import failures

Item = TypeVar("Item")
_DAYS = tuple(field.name for field in fields(WindowRule) if field.name.endswith("_days"))
_MONTHS = tuple(field.name for field in fields(WindowRule) if field.name.endswith("_months"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A protocol of which one number is one larger or one smaller: `other` than the `number` at a key of its file."""

    protocol: Protocol
    at: KeyPath
    rule: str
    number: int
    other: int


def unnoticed(protocol: Protocol, examples: Sequence[Example]) -> list[Flaw]:
    """Return each number that could be one larger or one smaller without any example failing: nobody has tested it."""
    others: dict[tuple[KeyPath, int], list[str]] = {}
    for moved in moved_by_one(protocol):
        if not noticed(moved, examples):
            others.setdefault((moved.at, moved.number), []).append(str(moved.other))
    return [
        Flaw(
            at=at,
            message=f"no example notices if {at[-1]} were {' or '.join(other)} instead of {number}",
            allowed="a number that examples pin: show its day and the day after, or state its date among the windows",
        )
        for (at, number), other in others.items()
    ]


def moved_by_one(protocol: Protocol) -> Iterator[Moved]:
    """Yield the protocol with each threshold and each cap one larger and one smaller, where that is a number at all."""
    for place, window in enumerate(protocol.windows):
        for name in (*_DAYS, *_MONTHS):
            number: int | None = getattr(window, name)
            for other in _beside(number, least=0 if name in _DAYS else 1):
                windows = _with(protocol.windows, place, replace(window, **{name: other}))  # type: ignore[arg-type]
                yield Moved(
                    protocol=replace(protocol, windows=windows),
                    at=("windows", place, name),
                    rule=window.rule,
                    number=number or 0,
                    other=other,
                )
    for place, cap in enumerate(protocol.caps):
        for other in _beside(cap.most, least=1):
            caps = _with(protocol.caps, place, replace(cap, most=other))
            altered = replace(protocol, caps=caps)
            yield Moved(protocol=altered, at=("caps", place, "most"), rule=cap.rule, number=cap.most, other=other)


def noticed(moved: Moved, examples: Sequence[Example]) -> bool:
    """Whether an example fails by a number that was moved; those that name its rule are asked first."""
    first = sorted(examples, key=lambda example: not _names(example, moved.rule))
    return any(failures(example, moved.protocol) for example in first)


def _beside(number: int | None, *, least: int) -> Iterator[int]:
    if number is not None:
        yield from (other for other in (number - 1, number + 1) if other >= least)


def _with(items: Sequence[Item], place: int, other: Item) -> tuple[Item, ...]:
    return (*items[:place], other, *items[place + 1 :])


def _names(example: Example, rule: str) -> bool:
    return any(window.rule == rule for window in example.windows) or any(one.rule == rule for one in example.next)
