"""Checks one patient: the chain of their facts, and everything stored beside the facts against the facts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.domain.facts.fact import Fact, fact_id
from workflow.persistence.chain_check import broken
from workflow.persistence.evidence import UNREADABLE, StoredPatient, UnreadablePatient
from workflow.persistence.mapping import read_snapshot, row_to_fact, state_to_json
from workflow.persistence.patient_reads import DEFAULT_TIME_ZONE
from workflow.rules.memberships import Care, SharedCare, care_of, end_of
from workflow.services.known_rows import KnownRows, Rules, known_rows

Row = Mapping[Any, Any]
STATE_KEY = ("patient_id", "valid_from", "known_from")
WINDOW_KEY = ("patient_id", "course", "rule", "anchor", "known_from")
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
OTHER_RULES = (
    "was folded by other rules, so only the chain was checked: run `coursewatch db upgrade`, then verify again"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was recorded; names ids, rows and columns, never what stands in them."""

    kind: str
    what: str
    patient_id: str | None = None
    where: str | None = None

    @property
    def line(self) -> str:
        """The finding as one line of text."""
        patient = None if self.patient_id is None else f"patient {self._patient}"
        place = ", ".join(part for part in (patient, self.where) if part)
        return f"{self.kind}: {place}: {self.what}"

    @property
    def _patient(self) -> str:
        """The patient's id, where it is one that the program gives: another may say anything, on lines of its own."""
        return str(self.patient_id) if _ID.fullmatch(str(self.patient_id)) else "with an id that was altered"


@dataclass(frozen=True, slots=True)
class Present:
    """By what a patient is checked: the chain's secret, the rules of today, and the instant of the check."""

    secret: bytes
    rules: Rules
    now: datetime


def check_patient(stored: StoredPatient | UnreadablePatient, present: Present) -> Iterator[Finding]:
    """Yield what is wrong with one patient.

    Where the chain does not hold, nothing else is compared: the fold of forged facts is no measure. Neither is
    today's fold a measure for a patient whom other rules folded; that is said instead.
    """
    if isinstance(stored, UnreadablePatient):
        yield Finding("patient", "a row cannot be read: it was altered", stored.id)
        return
    patient_id = stored.row["id"]
    try:
        links = list(broken(present.secret, stored.row, stored.facts))
        yield from (
            Finding("chain", link.why, patient_id, "the patient's row" if link.seq is None else fact_id(link.seq))
            for link in links
        )
        if links:
            return
        if stored.row["engine"] != present.rules.engine:
            yield Finding("engine", OTHER_RULES, patient_id)
            return
        facts = [row_to_fact(row) for row in stored.facts]
        known = known_rows(patient_id, facts, present.rules)
    except UNREADABLE as fault:
        yield Finding("chain", f"the facts cannot be folded ({type(fault).__name__})", patient_id)
        return
    yield from _check_row(stored.row, facts, known)
    yield from _check_spans("state_span", STATE_KEY, stored.states, known.states, facts)
    yield from _check_spans("window_span", WINDOW_KEY, stored.windows, known.windows, facts)
    yield from _check_care(stored, care_of(facts, known.state), present)


def _check_row(row: Row, facts: Sequence[Fact], known: KnownRows) -> Iterator[Finding]:
    expected = known.patient | {
        "version": known.instants,
        "registered_at": facts[0].recorded_at,
        "changed_at": facts[-1].recorded_at,
    }
    for name, value in expected.items():
        if row[name] != value:
            yield Finding("patient", f"{name} was altered", row["id"], "the patient's row")
    if row["state_json"] == state_to_json(known.state):
        return
    try:
        same = read_snapshot(row["state_json"]) == known.state
    except UNREADABLE:
        same = False
    if not same:
        yield Finding("snapshot", "it is not the fold of the facts: it was altered", row["id"])


def _check_spans(
    table: str, key: tuple[str, ...], stored: Sequence[Row], expected: Sequence[Row], facts: Sequence[Fact]
) -> Iterator[Finding]:
    """Compare row by row; of what is left over, rows of the same key are one row that was changed."""
    columns = tuple(expected[0]) if expected else ()
    missing: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in expected:
        missing[tuple(row[name] for name in columns)].append(row)
    strange = []
    for row in stored:
        same = missing.get(tuple(row[name] for name in columns))
        if same:
            same.pop()
        else:
            strange.append(row)
    lost = [row for rows in missing.values() for row in rows]
    for row in strange:
        was = next((each for each in lost if all(each[name] == row[name] for name in key)), None)
        if was is None:
            what = "it was put in, or altered beyond recognition"
        else:
            lost.remove(was)
            what = f"{', '.join(name for name in columns if was[name] != row[name])} was altered"
        yield Finding("span", what, row["patient_id"], f"{table} {row['id']}")
    for row in lost:
        since = _recorded_at(facts, row["known_from"])
        yield Finding("span", f"a row known since {since} is missing", row["patient_id"], table)


def _recorded_at(facts: Iterable[Fact], at: datetime) -> str:
    found = [fact.id for fact in facts if fact.recorded_at == at]
    return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"


def _check_care(stored: StoredPatient, care: Care, present: Present) -> Iterator[Finding]:
    """Compare who reads and writes today with the facts; a shared care that ended leaves nothing to compare."""
    allowed = {("treating", care.treating): {None}} | {
        ("shared", shared.site): _ends(shared, present.rules) for shared in care.shared if shared.site != care.treating
    }
    current = [row for row in stored.members if row["until_at"] is None or row["until_at"] > present.now]
    for row in current:
        if row["until_at"] not in allowed.get((row["role"], row["site_id"]), ()):
            where = f"patient_site {row['role']}"
            yield Finding("membership", "it follows from no fact: it was put in or altered", stored.row["id"], where)
    there = {(row["role"], row["site_id"]) for row in current}
    for (role, site), ends in allowed.items():
        if (role, site) not in there and all(end is None or end > present.now for end in ends):
            yield Finding("membership", "it is missing", stored.row["id"], f"patient_site {role}")


def _ends(shared: SharedCare, rules: Rules) -> set[datetime | None]:
    """Return when a shared care may end: its last day is over by a time zone that its site had, then or later."""
    if shared.until is None:
        return {None}
    site = rules.sites.get(shared.agreed_with)
    zones = site.time_zones if site else (DEFAULT_TIME_ZONE,)
    return {end_of(shared.until, zone) for zone in zones}
