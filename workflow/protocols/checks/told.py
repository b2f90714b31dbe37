"""What a worked example tells of a protocol: which start came after which, what opens windows, what is asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from workflow.domain.facts.treatment import (
    BlockDecision,
    BlockEndedWithoutCompletion,
    BlockStarted,
    ConsolidationDecided,
    ProtocolChosen,
)
from workflow.protocols.codes import id_of, number_of
from workflow.protocols.files.examples import Example, ExampleFact, ProposedFact
from workflow.protocols.files.vocabulary import ACCEPTED
from workflow.protocols.model import START, Cap, Protocol

# After these the next start has no decision to go on that belongs to it.
_ENDS_A_DECISION = frozenset({"block_started", "block_completed", "block_ended"})


@dataclass(frozen=True, slots=True)
class Step:
    """A start of `code` right after `after` (START where it is an attempt's first)."""

    after: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A fact under the protocol from which a window can be counted; of what is no block or decision both are None."""

    type: str
    on: date
    element: str | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A start that an example proposes, with its answer."""

    step: Step
    proposed: ProposedFact

    @property
    def accepted(self) -> bool:
        """Whether it passes every gate."""
        return self.proposed.answer == ACCEPTED

    @property
    def warned(self) -> bool | None:
        """Whether it is said to be out of sequence; None where the example does not look at warnings."""
        warnings = self.proposed.warnings
        return None if warnings is None else "out_of_sequence" in warnings


@dataclass(slots=True)
class Told:
    """One example as it touches a protocol's elements.

    `last` is the last start of the attempt; once that has `failed` the next start begins another, unless it is decided
    what follows. `in_course` and `in_life` are the codes that were started under the protocol; `running` is the block
    that has not ended yet, `decided` whether it was decided to go on since the last block.
    """

    under: bool = False
    last: str = START
    failed: bool = False
    given: list[Step] = field(default_factory=list)
    in_course: list[str] = field(default_factory=list)
    in_life: list[str] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    running: str | None = None
    decided: bool = False
    asked: tuple[Asked, ...] = ()

    @property
    def after(self) -> str:
        """What the next start comes right after."""
        return START if self.failed else self.last

    @property
    def steps(self) -> Iterator[Step]:
        """Each start that was given, or that may be."""
        yield from self.given
        yield from (one.step for one in self.asked if one.accepted)

    def counted(self, cap: Cap, protocol: Protocol) -> int:
        """Return how many starts on file a cap counts."""
        started = self.in_life if cap.scope == "life" else self.in_course
        return sum(protocol.is_one_of(code, cap.elements) for code in started)

    def would_be(self, cap: Cap, one: Asked, protocol: Protocol) -> int:
        """Return which of the capped ones a proposed start would be, by what is on file or by its own number."""
        return max(self.counted(cap, protocol) + 1, number_of(one.step.code) or 0)


def told(example: Example, protocol: Protocol) -> Told:
    """Return what an example tells of a protocol, read from its facts without running it."""
    story = Told()
    attempt = 1
    for fact in example.facts:
        if isinstance(fact.data, ProtocolChosen):
            story.under = id_of(fact.data.protocol) == protocol.id
        elif fact.type == "relapse_diagnosed":
            story.under, story.last, story.in_course, attempt = False, START, [], 1
            story.decided, story.failed, story.running = False, False, None
        elif fact.type == "reinduction_failed":
            story.failed, story.running = True, None
        elif isinstance(fact.data, BlockStarted) and story.under:
            if fact.data.attempt not in {None, attempt}:
                story.last, attempt = START, fact.data.attempt or attempt
            _start(story, fact.data.element)
        if story.under:
            story.anchors.append(_anchor(story, fact))
        _decide(story, fact)
    story.asked = tuple(_asked(story, example))
    return story


def _decide(story: Told, fact: ExampleFact) -> None:
    if isinstance(fact.data, ConsolidationDecided):
        story.failed = False
    if isinstance(fact.data, BlockDecision):
        story.decided = fact.data.continue_
    elif fact.type in _ENDS_A_DECISION:
        story.decided = False


def _anchor(story: Told, fact: ExampleFact) -> Anchor:
    """Return what a fact is counted as: a running block that ceases has ended like a completed one."""
    if isinstance(fact.data, BlockStarted):
        story.running = fact.data.element
        return Anchor(type=fact.type, on=fact.occurred_on, element=story.running)
    if story.running and (fact.type == "block_completed" or isinstance(fact.data, BlockEndedWithoutCompletion)):
        ended, story.running = story.running, None
        return Anchor(type="block_completed", on=fact.occurred_on, element=ended)
    decision = fact.data.decision if isinstance(fact.data, ConsolidationDecided) else None
    return Anchor(type=fact.type, on=fact.occurred_on, decision=decision)


def _start(story: Told, code: str) -> None:
    story.given.append(Step(story.after, code))
    story.in_course.append(code)
    story.in_life.append(code)
    story.last, story.failed = code, False


def _asked(story: Told, example: Example) -> Iterator[Asked]:
    for proposed in example.next:
        data = proposed.fact.data
        if isinstance(data, BlockStarted) and story.under:
            yield Asked(step=Step(story.after, data.element), proposed=proposed)
