"""A protocol as data: what its sources state, and nothing else."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from workflow.domain.switches import AS_MOST_SOURCES, Switches
from workflow.protocols.codes import family_of, number_of, plainly
from workflow.protocols.for_whom import Eligibility, InGroups
from workflow.protocols.version_order import total_order

CapScope = Literal["course", "life"]
# What stands before the first element of a remission attempt in `[[sequence]]`.
START = "START"
# Content hashes of versions that are not released, each with the parts that nobody has signed yet.
Drafts = Mapping[str, tuple[str, ...]]
NO_DRAFTS: Drafts = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One therapeutic element.

    A `numbered` one stands for as many as are given: CYCLE for CYCLE_1, CYCLE_2 and so on, where no source names each.
    While a `continuous_infusion` runs no block interval does (domain model §4).
    """

    code: str
    label: str
    source: str
    numbered: bool = False
    continuous_infusion: bool = False
    note: str | None = None

    def names(self, code: str) -> bool:
        """Whether a start with this code is one of this element."""
        return family_of(code) == self.code if self.numbered else code == self.code

    def listed_as(self, code: str) -> str | None:
        """Return the code by which a start is one of this element: CYCLE_6 for ` cycle_06`; None where it is none."""
        if self.names(code):
            return code
        written, own = plainly(code), plainly(self.code)
        if not self.numbered:
            return self.code if written == own else None
        return f"{self.code}_{number_of(written)}" if family_of(written) == own else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing a window waits for: any of these fact types.

    For MRD only at these time points, for a start only of these elements of the window's own protocol (empty: any).
    """

    facts: tuple[str, ...]
    timepoints: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The fact type that names this expectation outside."""
        return self.facts[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """One timing rule: thresholds in days or calendar months after the anchor's date; None where not stated.

    `anchor` is the fact type that opens the window; `anchor_block` restricts it to the n-th block of a reinduction
    attempt, `anchor_elements` to starts or ends of these elements, `anchor_decisions` to these consolidation decisions,
    `risk` to patients in these groups, `local_therapy_indicated` to courses in which it is.
    `hard_min_elements` names the anchor elements for which going under `hard_min_days` is a gate.
    With `pauses_with_interruption` days on which therapy is interrupted are not counted.
    A rule has either days or months for a threshold; months win (domain model §4).
    `first_interval_evidence` is quoted for the interval between the first and the second block only.
    """

    rule: str
    label: str
    anchor: str
    expects: tuple[Expectation, ...]
    source: str
    anchor_block: int | None = None
    anchor_elements: tuple[str, ...] = ()
    anchor_decisions: tuple[str, ...] = ()
    risk: InGroups | None = None
    local_therapy_indicated: bool = False
    pauses_with_interruption: bool = False
    hard_min_days: int | None = None
    hard_min_elements: tuple[str, ...] = ()
    earliest_days: int | None = None
    target_days: int | None = None
    latest_days: int | None = None
    critical_days: int | None = None
    target_months: int | None = None
    latest_months: int | None = None
    closed_by: tuple[str, ...] = ()
    boundary: str | None = None
    first_interval_evidence: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdPoint:
    """One MRD decision point; `cutoff` as a fraction of cells, at or above is positive; `printed` as in the source."""

    timepoint: str
    source: str
    method: str | None = None
    cutoff: Decimal | None = None
    printed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """What may come after an element, or at the START of an attempt; after what is not listed anything may come."""

    after: str
    then: tuple[str, ...]
    source: str
    risk: InGroups | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most so many starts of these elements under this protocol, in one course or in a life."""

    rule: str
    elements: tuple[str, ...]
    most: int
    scope: CapScope
    source: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndividualDecision:
    """For these patients a `block_decision` to continue must follow each element before the next may start."""

    rule: str
    risk: InGroups
    source: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """A dose that a source states, for display only; `days` count the start as day 1, `for_` says for whom."""

    element: str
    drug: str
    amount: Decimal
    unit: str
    source: str
    days: tuple[int, ...] = ()
    for_: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something that a source states and no clock runs for: shown, never judged by."""

    rule: str
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One version of a protocol; `body` is the exact text that `sha256` (hex) pins.

    `switches` are how its courses are classified, with `switches_source`; what it does not state is as in most sources.
    From `in_force_from` on a choice of the id alone means this version (None: on every day); `changes` say what is
    different from the version before.
    """

    id: str
    version: str
    title: str
    scope: str
    elements: tuple[Element, ...]
    windows: tuple[WindowRule, ...]
    mrd_points: tuple[MrdPoint, ...]
    without_window: Mapping[str, str]
    citations: Mapping[str, str]
    not_stated: tuple[str, ...]
    silent_after_days: int
    sha256: str
    body: str
    switches: Switches = AS_MOST_SOURCES
    switches_source: str | None = None
    in_force_from: date | None = None
    changes: tuple[str, ...] = ()
    sequence: tuple[Follows, ...] = ()
    caps: tuple[Cap, ...] = ()
    individual_decision: IndividualDecision | None = None
    eligibility: tuple[Eligibility, ...] = ()
    doses: tuple[Dose, ...] = ()
    stated: tuple[Statement, ...] = ()

    @property
    def ref(self) -> str:
        """How a course names this version, `id@version`."""
        return f"{self.id}@{self.version}"

    def element(self, code: str) -> Element | None:
        """Return the element that a start with this code is one of, or None where the protocol does not list it.

        What differs from a listed code in case, blanks or leading zeros alone is that element: nobody who writes
        `cycle_06` means another one than CYCLE_6, and no gate is passed by how it is written.
        """
        exact = (element for element in self.elements if element.names(code))
        return next(exact, None) or next((known for known in self.elements if known.listed_as(code)), None)

    def listed_as(self, code: str) -> str | None:
        """Return a start's code as the protocol lists it: CYCLE_6 also for ` cycle_06`; None where it lists none."""
        element = self.element(code)
        return element.listed_as(code) if element else None

    def kind(self, code: str) -> Element | None:
        """Return the numbered element that a code without a number names, CYCLE; None for every other code."""
        bare = (known for known in self.elements if known.numbered and plainly(known.code) == plainly(code))
        return next(bare, None)

    def is_one_of(self, code: str, names: Iterable[str]) -> bool:
        """Whether a start is of an element that is named by itself or by its kind; an unlisted code is of none."""
        element = self.element(code)
        return element is not None and not {element.listed_as(code), element.code}.isdisjoint(names)

    def window_rule(self, rule: str) -> WindowRule | None:
        """Return the timing rule with this id, or None where the protocol has none."""
        return next((window for window in self.windows if window.rule == rule), None)


class Protocols:
    """The protocol versions at hand, by content hash; the pure core's only way to a protocol.

    Courses may be pinned to `withdrawn` hashes, which are offered no more; `drafts` say which signatures each lacks.
    """

    def __init__(
        self, versions: Iterable[Protocol], *, withdrawn: Collection[str] = (), drafts: Drafts = NO_DRAFTS
    ) -> None:
        """Keep `versions` by id, and of one id in their natural order: the last is the newest."""
        self.versions = tuple(sorted(versions, key=lambda protocol: (protocol.id, *total_order(protocol.version))))
        self.withdrawn = frozenset(withdrawn)
        self.drafts = drafts
        self._by_sha = {protocol.sha256: protocol for protocol in self.versions}
        self._by_ref = {protocol.ref: protocol for protocol in self.versions}

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the versions at hand, sorted."""
        return tuple(sorted({protocol.id for protocol in self.versions}))

    def named(self, name: str, on: date | None = None) -> Protocol | None:
        """Return the protocol called `id@version`, or of an `id` the newest version in force on a day (None: on any).

        By its id alone only what is offered is meant, and a draft only where no version is released.
        """
        if name in self._by_ref:
            return self._by_ref[name]
        meant = [known for known in self.offered(name) if not (on and known.in_force_from and known.in_force_from > on)]
        released = [protocol for protocol in meant if protocol.sha256 not in self.drafts]
        return next(reversed(released or meant), None)

    def offered(self, protocol_id: str) -> list[Protocol]:
        """Return the versions of an id that are offered, drafts among them; the newest is the last."""
        of_id = (protocol for protocol in self.versions if protocol.id == protocol_id)
        return [protocol for protocol in of_id if protocol.sha256 not in self.withdrawn]

    def rule_of(self, ref: str, rule: str) -> WindowRule | None:
        """Return a timing rule of the protocol called `id@version`, or None where either is not at hand."""
        protocol = self.named(ref)
        return protocol.window_rule(rule) if protocol else None

    def pinned(self, sha256: str | None) -> Protocol | None:
        """Return the version with this content hash, or None: a course whose version is gone stays readable."""
        return self._by_sha.get(sha256) if sha256 else None
