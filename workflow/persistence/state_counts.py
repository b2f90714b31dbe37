"""How many patients stood in which state, where, by which protocol, at a pair of clocks."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func

from workflow.persistence.faults import translated
from workflow.persistence.patients import STATE, member_of
from workflow.persistence.reach import Reach
from workflow.persistence.span_parts import At, dialect_of, spans_at
from workflow.persistence.standing import Today


@dataclass(frozen=True, slots=True)
class StateCount:
    """So many patients were in `state`, treated at `site_id`, their course on `protocol` (id@version, None: none)."""

    state: str
    site_id: str | None
    protocol: str | None
    patients: int


def count_states(
    connection: Connection,
    reach: Reach,
    *,
    today: Today,
    known_at: datetime | None,
    now: datetime,
    site: str | None = None,
    protocols: tuple[str, ...] | None = None,
) -> list[StateCount]:
    """Return the patients within reach at `now` by state, site and protocol, in that order.

    They are counted as of a day, or as they stood last, in what was known at an instant. `protocols` are the versions
    wanted, each as id@version.
    """
    at = At(today=today, known_at=known_at, dialect=dialect_of(connection))
    conditions: list[ColumnElement[bool]] = []
    if reach.sites is not None:
        conditions.append(member_of(reach.sites, now, STATE.c.patient_id))
    if site is not None:
        conditions.append(STATE.c.site_id == site)
    if protocols is not None:
        conditions.append(STATE.c.protocol.in_(protocols))
    group = (STATE.c.state, STATE.c.site_id, STATE.c.protocol)
    counts: Counter[tuple[str, str | None, str | None]] = Counter()
    with translated():
        # Part by part: of what still stands an index holds the groups together, so that nothing is sorted.
        for part in spans_at(STATE, at, [*group, func.count().label("patients")], *conditions):
            for row in connection.execute(part.group_by(*group)):
                counts[row.state, row.site_id, row.protocol] += row.patients
    ordered = sorted(counts.items(), key=lambda counted: tuple(part or "" for part in counted[0]))
    return [StateCount(*group_of, patients) for group_of, patients in ordered]
