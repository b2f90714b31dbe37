"""Which windows and silent patients belong on a worklist: found by index, at the price of the rows that are due."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    false,
    literal_column,
    or_,
    select,
    union,
    union_all,
)

from workflow.domain.windows import DUE_WITHIN_DAYS
from workflow.persistence.patients import PATIENT, STATE, WINDOW, treating_site
from workflow.persistence.silent_then import Patience, silent_then
from workflow.persistence.span_parts import At, spans_at
from workflow.persistence.standing import DUE, UNKNOWN, AsOf, known, matches_status
from workflow.persistence.tables.span_indexes import CRITICAL_BEFORE_LATEST

ANY_STATUS = frozenset({"upcoming", "open", DUE, "late", "critical", UNKNOWN})
# These come near the latest day or pass it, so that a range of an index holds them.
_BY_THEIR_DAYS = frozenset({DUE, "late", "critical"})
# What today finds by a range of an index, among however many patients: the rows that are due, and no others.
FOUND_BY_RANGE = _BY_THEIR_DAYS | {UNKNOWN}
_COLUMNS = [WINDOW.c.patient_id, WINDOW.c.id.label("window_id"), WINDOW.c.latest_on]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which rows: windows of these statuses, of one rule where it is named, and with `unknown` silent patients.

    Today silence is stored; `patience` tells it at past clocks.
    """

    statuses: frozenset[str]
    rule: str | None = None
    patience: Patience = field(default_factory=Patience)


def rows_sought(at: At, sought: Sought, now: datetime) -> CompoundSelect[Any]:
    """Return each row once: patient id, window id, its latest day; both None where a silent patient has no window."""
    windows = windows_sought(at, sought, now)
    if UNKNOWN not in sought.statuses:
        return union_all(*windows)
    return union(*windows, _of_silent(at, sought, now))


def windows_sought(at: At, sought: Sought, now: datetime) -> list[Select[Any]]:
    """Return the selects of the windows that stand as wanted; `now` is what today's memberships are read at."""
    as_of = AsOf(at.today, home(at, now, WINDOW.c.patient_id))
    wanted = sought.statuses - {UNKNOWN}
    standing = as_of.on_its_day(
        lambda day: or_(*(matches_status(WINDOW, name, day) for name in sorted(wanted)), false())
    )
    conditions = [standing, *_of_rule(sought)]
    ranges = _ranges(as_of) if wanted <= _BY_THEIR_DAYS else ()
    return spans_at(WINDOW, at, _COLUMNS, *conditions, ranges=ranges)


def _ranges(as_of: AsOf) -> Sequence[ColumnElement[bool]]:
    """Return two conditions without a row in common, one of which every late, critical or due window meets."""
    until = as_of.last + timedelta(days=DUE_WITHIN_DAYS)
    latest_on, critical_from = WINDOW.c.latest_on, WINDOW.c.critical_from
    critical_first: ColumnElement[bool] = literal_column(CRITICAL_BEFORE_LATEST)
    return (
        latest_on <= until,
        and_(critical_first, critical_from <= as_of.last, or_(latest_on.is_(None), latest_on > until)),
    )


def home(at: At, now: datetime, patient_id: ColumnElement[str]) -> ColumnElement[str]:
    """Return the expression for the site by whose calendar a patient is judged at these clocks."""
    if at.now:
        return treating_site(now, patient_id)
    last = and_(STATE.c.patient_id == patient_id, known(STATE, at.known_at), STATE.c.valid_to.is_(None))
    return select(STATE.c.site_id).where(last).scalar_subquery()


def silent_ids(at: At, patience: Patience, now: datetime) -> Select[Any]:
    """Return the select of the ids of patients who count as silent at these clocks."""
    if not at.now:
        return silent_then(at, patience)
    as_of = AsOf(at.today, treating_site(now))
    # The plain range is what the index serves; the day of the patient's own site is looked at for those it finds.
    silent = and_(PATIENT.c.silent_from <= as_of.last, PATIENT.c.silent_from <= as_of.day())
    return select(PATIENT.c.id.label("patient_id")).where(silent)


def _of_silent(at: At, sought: Sought, now: datetime) -> Select[Any]:
    waiting: FromClause
    silent = silent_ids(at, sought.patience, now).subquery("silent")
    if at.now:
        still = [known(WINDOW, None), WINDOW.c.valid_to.is_(None), *_of_rule(sought)]
        waiting = select(*_COLUMNS).where(*still).subquery("waiting")
    else:
        # Many are silent on a past day: all that waited then is read once, not the whole history of each of them.
        everything = union_all(*spans_at(WINDOW, at, _COLUMNS, *_of_rule(sought)))
        waiting = everything.cte("waiting").prefix_with("MATERIALIZED")
    # Asked for one rule, a patient without a window of it has no row: others may well be open.
    joined = silent.join(waiting, waiting.c.patient_id == silent.c.patient_id, isouter=sought.rule is None)
    return select(silent.c.patient_id, waiting.c.window_id, waiting.c.latest_on).select_from(joined)


def _of_rule(sought: Sought) -> list[ColumnElement[bool]]:
    return [] if sought.rule is None else [WINDOW.c.rule == sought.rule]
