"""Whether the worked examples of a protocol show all of it: what nobody has worked out by hand is not used."""

from collections.abc import Iterator, Sequence

from workflow.domain.facts.treatment import ProtocolChosen
from workflow.protocols.checks.coverage_of_conditions import conditions_shown
from workflow.protocols.checks.coverage_of_gates import REFUSED_BY_PROTOCOL, gates_shown
from workflow.protocols.checks.coverage_of_sequence import sequence_shown
from workflow.protocols.checks.names import first_places, repeated
from workflow.protocols.checks.told import Told, told
from workflow.protocols.codes import id_of
from workflow.protocols.files.examples import Example, ProposedFact
from workflow.protocols.files.problems import Flaw, KeyPath, did_you_mean
from workflow.protocols.files.vocabulary import ACCEPTED
from workflow.protocols.model import Protocol

NOT_MET = "eligibility_not_met"
UNKNOWN = "eligibility_unknown"


def coverage_flaws(protocol: Protocol, examples: Sequence[Example]) -> list[Flaw]:
    """Return what no worked example shows, as flaws of the protocol's file; empty where all of it is shown."""
    stories = [told(example, protocol) for example in examples]
    return [
        *_windows_shown(protocol, examples),
        *conditions_shown(protocol, examples, stories),
        *_elements_started(protocol, stories),
        *gates_shown(protocol, stories),
        *sequence_shown(protocol, stories),
        *_eligibility_shown(protocol, examples),
    ]


def _windows_shown(protocol: Protocol, examples: Sequence[Example]) -> Iterator[Flaw]:
    shown = {window.rule for example in examples for window in example.windows}
    for place, window in enumerate(protocol.windows):
        if window.rule not in shown:
            yield Flaw(
                at=("windows", place, "rule"),
                message=f"no example expects a window of {window.rule}",
                allowed="a rule that an example in examples.toml lists among its windows",
            )


def _elements_started(protocol: Protocol, stories: Sequence[Told]) -> Iterator[Flaw]:
    started = {step.code for story in stories for step in story.steps}
    for place, code in first_places(protocol):
        if not any(protocol.is_one_of(one, (code,)) for one in started):
            yield Flaw(
                at=("elements", place, "code"),
                message=f"no example starts {code}",
                allowed=f"an element that an example starts after choosing {protocol.id}, among its facts or next",
            )


def _eligibility_shown(protocol: Protocol, examples: Sequence[Example]) -> Iterator[Flaw]:
    asked = [(place, entry) for place, entry in enumerate(protocol.eligibility) if entry.conditions]
    if not asked:
        return
    chosen = [one for example in examples for one in example.next if _chooses(one, protocol)]
    not_met = [one for one in chosen if NOT_MET in (one.warnings or ())]
    if len(not_met) < len(asked):
        place, entry = asked[len(not_met)]
        yield Flaw(
            at=("eligibility", place, "asks"),
            message=f'{len(not_met)} of {len(asked)} conditions are shown unmet, so not each one; not "{entry.asks}"?',
            allowed=f'an example a condition, whose next chooses {protocol.id} with warnings = ["{NOT_MET}"]',
        )
    if all(NOT_MET in one.warnings for one in chosen if one.warnings is not None):
        yield Flaw(
            at=("eligibility", asked[0][0], "asks"),
            message="no example shows a patient for whom the conditions hold",
            allowed=f"an example whose next chooses {protocol.id} with warnings, and without {NOT_MET}",
        )


def _chooses(proposed: ProposedFact, protocol: Protocol) -> bool:
    data = proposed.fact.data
    of_this = isinstance(data, ProtocolChosen) and id_of(data.protocol) == protocol.id
    return of_this and proposed.answer == ACCEPTED


def example_flaws(protocol: Protocol, examples: Sequence[Example]) -> list[Flaw]:
    """Return what is wrong with examples before they are run: unknown rules, days after `as_of`, double names."""
    rules = [window.rule for window in protocol.windows]
    gates = [cap.rule for cap in protocol.caps]
    gates += [protocol.individual_decision.rule] if protocol.individual_decision else []
    found: list[Flaw] = list(repeated("examples", "name", [example.name for example in examples]))
    for place, example in enumerate(examples):
        at: KeyPath = ("examples", place)
        named = [
            ((*at, "windows", number, "rule"), window.rule, rules) for number, window in enumerate(example.windows)
        ]
        named += [((*at, "absent", number), rule, rules) for number, rule in enumerate(example.absent)]
        named += [
            ((*at, "no_windows", number, "rule"), none.rule, rules) for number, none in enumerate(example.no_windows)
        ]
        named += [
            ((*at, "next", number, "rule"), proposed.rule, [*rules, *gates])
            for number, proposed in enumerate(example.next)
            if proposed.rule is not None and proposed.answer in REFUSED_BY_PROTOCOL
        ]
        found += [
            Flaw(
                at=key,
                message=f"{rule} is not a rule of {protocol.ref}{did_you_mean(rule, known)}",
                allowed=", ".join(known) or "none: the protocol has no windows",
            )
            for key, rule, known in named
            if rule not in known
        ]
        found += _after_as_of(example, at)
        found += _counted_from_nothing(example, protocol, at)
    return found


def _counted_from_nothing(example: Example, protocol: Protocol, at: KeyPath) -> Iterator[Flaw]:
    """Yield days from which there is no window because nothing happened on them: that shows nothing."""
    anchors = told(example, protocol).anchors
    for number, none in enumerate(example.no_windows):
        window = protocol.window_rule(none.rule)
        days = [str(anchor.on) for anchor in anchors if window is not None and anchor.type == window.anchor]
        if window is not None and str(none.anchor_on) not in days:
            yield Flaw(
                at=(*at, "no_windows", number, "anchor_on"),
                message=f"{window.anchor} is not among the facts of {none.anchor_on}, so nothing is shown by no window",
                allowed=f"the day of such a fact: {', '.join(days) or 'there is none'}",
            )


def _after_as_of(example: Example, at: KeyPath) -> Iterator[Flaw]:
    for number, fact in enumerate(example.facts):
        if fact.occurred_on > example.as_of:
            yield Flaw(
                at=(*at, "facts", number, "occurred_on"),
                message=f"{fact.occurred_on} lies after as_of {example.as_of}, so the example does not look at it",
                allowed=f"a date up to {example.as_of}",
            )
