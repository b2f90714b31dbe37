"""Lists of patients, one page at a time, within reach."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, SelectBase, select, union_all

from workflow.persistence.due_rows import Sought, silent_ids, windows_sought
from workflow.persistence.faults import translated
from workflow.persistence.pages import Listing, Page, cursor_of
from workflow.persistence.patients import PATIENT, STATE, PatientRow, member_of, patient_rows, row_to_patient
from workflow.persistence.reach import Reach
from workflow.persistence.silent_then import Patience
from workflow.persistence.span_parts import At, dialect_of, spans_at
from workflow.persistence.standing import UNKNOWN, Today


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFilter:
    """Which patients are wanted; None means any. `status` is a window's, or `due`, or `unknown`."""

    state: str | None = None
    relapse_number: int | None = None
    status: str | None = None
    site: str | None = None


def list_patients(
    connection: Connection,
    reach: Reach,
    wanted: PatientFilter,
    *,
    today: Today,
    page: Page,
    now: datetime,
    known_at: datetime | None = None,
    patience: Patience | None = None,
) -> Listing[PatientRow]:
    """Return a page of patients, in the order of their ids, whom the filter fits at a pair of clocks.

    `today` is a calendar date, or the date of each site; then what stood last counts. Of whom nothing was known at
    `known_at` is left out. Access follows the memberships at `now`, and so does `site` today; at past clocks that is
    the site that treated the patient then. The rows are those of now.
    """
    at = At(today=today, known_at=known_at, dialect=dialect_of(connection))
    sets = _wanted_ids(at, wanted, patience or Patience(), now)
    ids = select(PATIENT.c.id)
    if sets:
        # Found first, then put in order: PostgreSQL thinks rare states common, and would walk through everybody.
        found = select(sets[0].subquery("wanted").c.patient_id).distinct()
        ids = select(found.cte("found").prefix_with("MATERIALIZED").c.patient_id)
    patient_id = ids.selected_columns[0]
    if not sets and known_at is not None:
        ids = ids.where(PATIENT.c.registered_at <= known_at)
    ids = ids.where(*(patient_id.in_(others) for others in sets[1:]))
    if reach.sites is not None:
        ids = ids.where(member_of(reach.sites, now, patient_id))
    if wanted.site is not None and at.now:
        ids = ids.where(member_of((wanted.site,), now, patient_id))
    after = page.after(str)
    if after is not None:
        ids = ids.where(patient_id > after[0])
    chosen = ids.order_by(patient_id).limit(page.limit + 1).subquery("chosen")
    statement = patient_rows(Reach.everywhere(), now).where(PATIENT.c.id.in_(select(chosen)))
    with translated():
        rows = connection.execute(statement.order_by(PATIENT.c.id)).mappings().all()
    items = tuple(row_to_patient(row) for row in rows[: page.limit])
    return Listing(items, cursor_of(items[-1].id) if len(rows) > page.limit else None)


def _wanted_ids(at: At, wanted: PatientFilter, patience: Patience, now: datetime) -> list[SelectBase]:
    """Return selects of the ids of patients, all of which must hold one who is wanted; none where all are wanted."""
    stood: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        stood.append(STATE.c.state == wanted.state)
    if wanted.relapse_number is not None:
        stood.append(STATE.c.course == wanted.relapse_number)
    if wanted.site is not None and not at.now:
        stood.append(STATE.c.site_id == wanted.site)
    sets: list[SelectBase] = [union_all(*spans_at(STATE, at, [STATE.c.patient_id], *stood))] if stood else []
    if wanted.status == UNKNOWN:
        sets.append(silent_ids(at, patience, now))
    elif wanted.status is not None:
        windows = windows_sought(at, Sought(statuses=frozenset({wanted.status})), now)
        sets.append(select(union_all(*windows).subquery("windows").c.patient_id))
    return sets
