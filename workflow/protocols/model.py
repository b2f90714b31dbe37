"""A protocol as data: what its sources state, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from workflow.domain.switches import AS_MOST_SOURCES, Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One therapeutic element; lengths in days, start and last day both counted."""

    code: str
    label: str
    source: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing a window waits for: any of these fact types, for MRD only at these time points (empty: any)."""

    facts: tuple[str, ...]
    timepoints: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The fact type that names this expectation outside."""
        return self.facts[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """One timing rule: thresholds in days or calendar months after the anchor's date; None where not stated.

    `anchor` is the fact type that opens the window; `anchor_block` restricts it to the n-th block of a reinduction
    attempt. `hard_min_elements` names the anchor elements for which going under `hard_min_days` is a gate.
    A rule has either days or months for a threshold; months win (domain model §4).
    `first_interval_evidence` is quoted for the interval between the first and the second block only.
    """

    rule: str
    label: str
    anchor: str
    expects: tuple[Expectation, ...]
    source: str
    anchor_block: int | None = None
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
    """One MRD decision point; `cutoff` as a fraction of cells, at or above is positive."""

    timepoint: str
    source: str
    method: str | None = None
    cutoff: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One version of a protocol; `body` is the exact text that `sha256` (hex) pins.

    `switches` are how its courses are classified, with `switches_source`; what it does not state is as in most sources.
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

    @property
    def ref(self) -> str:
        """How a course names this version, `id@version`."""
        return f"{self.id}@{self.version}"

    def element(self, code: str) -> Element | None:
        """Return the element with this code, or None where the protocol does not list it."""
        return next((element for element in self.elements if element.code == code), None)

    def window_rule(self, rule: str) -> WindowRule | None:
        """Return the timing rule with this id, or None where the protocol has none."""
        return next((window for window in self.windows if window.rule == rule), None)


class Protocols:
    """The protocol versions at hand, by content hash; the pure core's only way to a protocol."""

    def __init__(self, versions: tuple[Protocol, ...]) -> None:
        """Keep `versions` in the order in which they are offered: of one id the last is the newest."""
        self.versions = versions
        self._by_sha = {protocol.sha256: protocol for protocol in versions}
        self._by_name = {protocol.id: protocol for protocol in versions} | {p.ref: p for p in versions}

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids offered, sorted."""
        return tuple(sorted({protocol.id for protocol in self.versions}))

    def named(self, name: str) -> Protocol | None:
        """Return the protocol called `id@version`, or the newest version of `id`."""
        return self._by_name.get(name)

    def pinned(self, sha256: str | None) -> Protocol | None:
        """Return the version with this content hash, or None: a course whose version is gone stays readable."""
        return self._by_sha.get(sha256) if sha256 else None
