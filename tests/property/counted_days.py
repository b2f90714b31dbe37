"""Courses under several protocols, and their windows read day by day by the words of the domain model alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from hypothesis import strategies as st

from tests.facts import RELAPSED_ON, a_fact, a_registration
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.read import read_payload
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.model import Protocol

ONE_DAY = timedelta(days=1)
CYCLES = ("CYCLE_1", "CYCLE_2")
RULES = ("TR-001", "NEXT-CYCLE", "INFUSION")


@dataclass(frozen=True)
class Numbers:
    """How many days a rule asks for at least and at most; where `pauses`, an interruption is not counted."""

    least: int
    most: int
    pauses: bool


@dataclass(frozen=True)
class Version:
    """A version of a protocol: TR-001 after every block, the others after cycles; a rule may be left out."""

    id: str
    number: int
    infusion: bool
    rules: dict[str, Numbers]

    @property
    def ref(self) -> str:
        return f"{self.id}@{self.number}"

    def opens(self, rule: str, element: str) -> bool:
        if rule not in self.rules:
            return False
        cycle = element in CYCLES
        return not (cycle and self.infusion) if rule == "TR-001" else cycle

    def protocol(self) -> Protocol:
        """Return it as the program reads it."""
        text = f'id = "{self.id}"\nversion = "{self.number}"\ntitle = "T"\nscope = "S"\n[citations]\n000 = "A"\n'
        for code, more in (("R1", ""), ("CYCLE", f"numbered = true\ncontinuous_infusion = {_truth(self.infusion)}")):
            text += f'[[elements]]\ncode = "{code}"\nlabel = "{code}"\nsource = "000"\n{more}\n'
        return parse_protocol(text + "".join(_rule(name, of) for name, of in self.rules.items()), "protocol.toml")


def _truth(value: bool) -> str:
    return str(value).lower()


def _rule(name: str, numbers: Numbers) -> str:
    awaited = {
        "TR-001": 'facts = ["block_started"]',
        "NEXT-CYCLE": 'facts = ["block_started"], elements = ["CYCLE"]',
        "INFUSION": 'facts = ["block_completed"]',
    }
    of_cycles = "" if name == "TR-001" else 'anchor_elements = ["CYCLE"]\n'
    return (
        f'[[windows]]\nrule = "{name}"\nlabel = "{name}"\nsource = "000"\nanchor = "block_started"\n{of_cycles}'
        f"expects = [{{ {awaited[name]} }}]\nearliest_days = {numbers.least}\nlatest_days = {numbers.most}\n"
        f"pauses_with_interruption = {_truth(numbers.pauses)}\n"
    )


Kind = Literal["choose", "start", "complete", "interrupt", "resume"]
TYPES: dict[Kind, str] = {
    "choose": "protocol_chosen",
    "start": "block_started",
    "complete": "block_completed",
    "interrupt": "therapy_interrupted",
    "resume": "therapy_resumed",
}


@dataclass(frozen=True)
class Event:
    """One thing that happens on a day of its own; `what` is the version that is chosen or the element that starts."""

    on: date
    kind: Kind
    what: str = ""


@dataclass
class Seen:
    """A window as the calendar shows it: by which version it is judged, how it ended, on which days it was late."""

    rule: str
    anchor_on: date
    element: str
    version: Version
    end: str | None = None
    ended_on: date | None = None
    verdict: str | None = None
    counted: int = 0
    late_on: list[date] = field(default_factory=list)

    @property
    def numbers(self) -> Numbers:
        return self.version.rules[self.rule]

    def judged(self) -> str:
        if self.counted < self.numbers.least:
            return "early"
        return "late" if self.counted > self.numbers.most else "on_time"


def read_off(events: Sequence[Event], versions: dict[str, Version], until: date) -> list[Seen]:
    """Return every window of a course, read one day after the other until `until`."""
    by_day = {event.on: event for event in events}
    seen: list[Seen] = []
    pinned, interrupted, day = versions[events[0].what], False, events[0].on
    while day <= until:
        for window in (known for known in seen if known.end is None):
            stands_still = interrupted and window.numbers.pauses
            window.counted += 0 if stands_still else 1
        event = by_day.get(day)
        if event is not None:
            for window in (known for known in seen if known.end is None):
                happens(window, event, pinned, versions)
            interrupted = event.kind == "interrupt" or (interrupted and event.kind not in {"resume", "start"})
            pinned = versions[event.what] if event.kind == "choose" else pinned
            if event.kind == "start":
                seen += [Seen(rule, day, event.what, pinned) for rule in RULES if pinned.opens(rule, event.what)]
        for window in (known for known in seen if known.end is None):
            stands_still = interrupted and window.numbers.pauses
            if not stands_still and window.counted > window.numbers.most:
                window.late_on.append(day)
        day += ONE_DAY
    return seen


def happens(window: Seen, event: Event, pinned: Version, versions: dict[str, Version]) -> None:
    """Let an event end an open window, or move it to another version; `pinned` is the version of the day before."""
    met = closed = False
    if event.kind == "start":
        own = pinned.id == window.version.id and event.what in CYCLES
        met = window.rule == "TR-001" or (window.rule == "NEXT-CYCLE" and own)
        closed = not met
    elif event.kind == "complete":
        met = window.rule == "INFUSION"
    elif event.kind == "choose" and versions[event.what].id == window.version.id:
        closed = not versions[event.what].opens(window.rule, window.element)
        window.version = window.version if closed else versions[event.what]
    if met or closed:
        window.end, window.ended_on = ("met" if met else "closed"), event.on
        window.verdict = window.judged() if met else "not_applicable"


def numbers() -> st.SearchStrategy[tuple[int, int]]:
    """Return the fewest and the most days of a rule."""
    return st.tuples(st.integers(0, 15), st.integers(0, 15)).map(lambda drawn: (min(drawn), max(drawn)))


@st.composite
def two_protocols(draw: st.DrawFn) -> dict[str, Version]:
    """Return two versions of one protocol and one of another, by their names; what pauses does so in each version."""
    pauses = {rule: draw(st.integers(0, 2)) > 0 for rule in RULES}
    versions = []
    for protocol_id, number in (("own", 1), ("own", 2), ("other", 1)):
        stated = [rule for rule in RULES if draw(st.integers(0, 7))]
        rules = {rule: Numbers(*draw(numbers()), pauses=pauses[rule]) for rule in stated}
        versions.append(Version(protocol_id, number, draw(st.booleans()), rules))
    return {version.ref: version for version in versions}


@st.composite
def courses(draw: st.DrawFn, versions: dict[str, Version]) -> list[Event]:
    """Return what happens in a course, each thing where the chart has a step for it."""
    day = RELAPSED_ON + ONE_DAY
    events = [Event(day, "choose", draw(st.sampled_from(sorted(versions))))]
    running = False
    for _ in range(draw(st.integers(4, 14))):
        day += timedelta(days=draw(st.integers(1, 9)))
        possible: list[Kind] = ["complete", "complete", "start"] if running else ["start", "choose", "choose"]
        kind = draw(st.sampled_from((*possible, "interrupt", "resume")))
        names = {"choose": sorted(versions), "start": ["R1", *CYCLES]}.get(kind, [""])
        events.append(Event(day, kind, draw(st.sampled_from(names))))
        running = kind == "start" or (running and kind != "complete")
    return events


def as_facts(events: Sequence[Event], protocols: dict[str, Protocol]) -> list[Fact]:
    """Return the facts that record the events of a first relapse."""
    facts = [a_registration(), a_fact("relapse_diagnosed", RELAPSED_ON, seq=2)]
    for seq, event in enumerate(events, start=3):
        kind = TYPES[event.kind]
        data = {"choose": {"protocol": event.what}, "start": {"element": event.what}}.get(event.kind)
        fact = a_fact(kind, event.on, read_payload(kind, data) if data else None, seq=seq)
        pinned = protocols[event.what].sha256 if event.kind == "choose" else None
        facts.append(replace(fact, protocol_sha=pinned))
    return facts
