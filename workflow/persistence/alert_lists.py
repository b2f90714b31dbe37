"""Reading the ledger of alerts within reach: as it stands, or folded from its events as it stood at an instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    union_all,
)

from workflow.domain.alerts import SEVERITIES, Alert, AlertStatus, Resolution
from workflow.persistence.alert_history import EVENT, THEN
from workflow.persistence.faults import translated
from workflow.persistence.ledger import ALERT, alert_of
from workflow.persistence.pages import BadCursorError, Listing, Page, cursor_of
from workflow.persistence.patients import PATIENT, STATE, member_of, treating_site
from workflow.persistence.reach import Reach
from workflow.persistence.span_parts import At, dialect_of, spans_at
from workflow.persistence.standing import SiteDays, known, valid
from workflow.persistence.tables import FactTable
from workflow.persistence.tables.base import table_of

FACT = table_of(FactTable)
UNRESOLVED: frozenset[str] = frozenset(get_args(AlertStatus)) - {"resolved"}
_NEWEST: tuple[ColumnElement[Any], ...] = (ALERT.c.raised_at, ALERT.c.id)
_ASKS = ("raised", "reopened", "woken")
_UNRESOLVED = ALERT.alias("unresolved")
# A severity's place among them, the mildest first.
_GRAVITY = case({name: place for place, name in enumerate(SEVERITIES)}, value=ALERT.c.severity, else_=-1)
_FOUND = select(_UNRESOLVED.c.id).where(_UNRESOLVED.c.status != text("'resolved'"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Which alerts are wanted; None means any. `site` is a site of the patient today, at past clocks the treating."""

    statuses: frozenset[str] = UNRESOLVED
    severities: frozenset[str] | None = None
    site: str | None = None
    rule: str | None = None
    reminder: str | None = None
    patient_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """A past instant of a list, and the calendar date of each site at it."""

    known_at: datetime
    days: SiteDays


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert and whose it is; `pseudonym` is that of today, `site_id` the treating site at the clocks asked for."""

    alert: Alert
    patient_id: str
    pseudonym: str = field(repr=False)
    site_id: str


def list_alerts(
    connection: Connection,
    reach: Reach,
    wanted: AlertFilter,
    *,
    now: datetime,
    page: Page,
    then: Then | None = None,
    gravest_first: bool = False,
) -> Listing[AlertRow]:
    """Return a page of alerts: as they stand, or as they stood at a past instant; the newest first, or the gravest.

    Access follows the memberships at `now`. A snooze that is over shows as open, though no sweep has ended it yet.
    """
    statement = _past(then, now) if then else _standing(now)
    statement = statement.where(_stands(wanted.statuses, then, now), *_narrowed(wanted))
    if reach.sites is not None:
        statement = statement.where(member_of(reach.sites, now, ALERT.c.patient_id))
    if wanted.site is not None:
        statement = statement.where(_at_site(connection, wanted.site, then, now))
    order = (_GRAVITY, *_NEWEST) if gravest_first else _NEWEST
    with translated():
        after = page.after(str)
        if after is not None:
            within = None if reach.sites is None else member_of(reach.sites, now, ALERT.c.patient_id)
            statement = statement.where(_behind(connection, order, str(after[0]), within))
        statement = statement.order_by(*(column.desc() for column in order)).limit(page.limit + 1)
        rows = connection.execute(statement).mappings().all()
    items = tuple(_row(row, then, now) for row in rows[: page.limit])
    return Listing(items, cursor_of(items[-1].alert.id) if len(rows) > page.limit else None)


def alerts_of(
    connection: Connection, patient_id: str, *, now: datetime, known_at: datetime | None = None
) -> tuple[Alert, ...]:
    """Return the alerts of one patient that are not resolved, or were not at an instant, in the order of raising."""
    at = None if known_at is None else Then(known_at=known_at, days=SiteDays({}, known_at.date()))
    statement = (_past(at, now, with_site=False) if at else _standing(now)).where(
        ALERT.c.patient_id == patient_id, _stands(UNRESOLVED, at, now)
    )
    with translated():
        rows = connection.execute(statement.order_by(ALERT.c.raised_at, ALERT.c.id)).mappings().all()
    return tuple(_row(row, at, now).alert for row in rows)


def patient_of_alert(connection: Connection, alert_id: str) -> str | None:
    """Return whose alert this is; who may know of it is asked of the patient."""
    with translated():
        found: str | None = connection.execute(select(ALERT.c.patient_id).where(ALERT.c.id == alert_id)).scalar()
    return found


def find_alert(connection: Connection, alert_id: str, reach: Reach, now: datetime) -> AlertRow | None:
    """Return one alert as it stands, None where there is none within reach at `now`."""
    statement = _standing(now).where(ALERT.c.id == alert_id)
    if reach.sites is not None:
        statement = statement.where(member_of(reach.sites, now, ALERT.c.patient_id))
    with translated():
        row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else _row(row, None, now)


def _standing(now: datetime) -> Select[Any]:
    return select(ALERT, PATIENT.c.pseudonym, treating_site(now, ALERT.c.patient_id).label("site_id")).join(
        PATIENT, PATIENT.c.id == ALERT.c.patient_id
    )


def _past(then: Then, now: datetime, *, with_site: bool = True) -> Select[Any]:
    """Return every alert that was raised by an instant, beside the last thing that had happened to it by then."""
    last = (
        select(func.max(EVENT.c.id))
        .where(EVENT.c.alert_id == ALERT.c.id, EVENT.c.at <= then.known_at)
        .correlate(ALERT)
        .scalar_subquery()
    )
    joined = ALERT.join(PATIENT, PATIENT.c.id == ALERT.c.patient_id).join(
        EVENT, and_(EVENT.c.alert_id == ALERT.c.id, EVENT.c.id == last)
    )
    corrected = (
        select(FACT.c.op)
        .where(FACT.c.patient_id == ALERT.c.patient_id, FACT.c.seq == EVENT.c.fact_seq)
        .correlate(ALERT, EVENT)
        .scalar_subquery()
    )
    site = treating_site(now, ALERT.c.patient_id).label("site_id")
    if with_site:
        stood = and_(STATE.c.patient_id == ALERT.c.patient_id, known(STATE, then.known_at), valid(STATE, then.days))
        joined, site = joined.outerjoin(STATE, stood), STATE.c.site_id.label("site_id")
    events = (EVENT.c[name].label(f"then_{name}") for name in THEN)
    return select(ALERT, PATIENT.c.pseudonym, site, *events, corrected.label("then_op")).select_from(joined)


def _stands(statuses: frozenset[str], then: Then | None, now: datetime) -> ColumnElement[bool]:
    """Whether an alert stands, or stood, in one of these ways; in plain columns, for which databases keep statistics.

    Of a ledger that has grown for years few alerts are not resolved: they are found by their index, or SQLite would
    walk through all in the order of raising. What was not resolved then is not resolved now, or was so only later.
    """
    if then is None:
        ways = _ways(ALERT.c.status, ("open",), ALERT.c.snoozed_until, now)
        stands = or_(*(ways[name] for name in statuses))
        return stands if "resolved" in statuses else and_(ALERT.c.id.in_(_FOUND), stands)
    ways = _ways(EVENT.c.kind, _ASKS, EVENT.c.until, then.known_at)
    stood = or_(*(ways[name] for name in statuses))
    if "resolved" in statuses:
        return stood
    return and_(or_(ALERT.c.status != "resolved", ALERT.c.resolved_at > then.known_at), stood)


def _ways(
    kind: ColumnElement[str], asks: tuple[str, ...], until: ColumnElement[datetime], at: datetime
) -> dict[str, ColumnElement[bool]]:
    """Return the condition of each status, where a snooze that is over counts as open."""
    return {
        "open": or_(kind.in_(asks), and_(kind == "snoozed", until <= at)),
        "acknowledged": kind == "acknowledged",
        "snoozed": and_(kind == "snoozed", until > at),
        "resolved": kind == "resolved",
    }


def _narrowed(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    named = (("rule", wanted.rule), ("reminder", wanted.reminder), ("patient_id", wanted.patient_id))
    conditions = [ALERT.c[name] == value for name, value in named if value is not None]
    return conditions if wanted.severities is None else [*conditions, ALERT.c.severity.in_(wanted.severities)]


def _at_site(connection: Connection, site: str, then: Then | None, now: datetime) -> ColumnElement[bool]:
    if then is None:
        return member_of((site,), now, ALERT.c.patient_id)
    at = At(today=then.days, known_at=then.known_at, dialect=dialect_of(connection))
    return ALERT.c.patient_id.in_(union_all(*spans_at(STATE, at, [STATE.c.patient_id], STATE.c.site_id == site)))


def _behind(
    connection: Connection,
    order: Sequence[ColumnElement[Any]],
    alert_id: str,
    within: ColumnElement[bool] | None,
) -> ColumnElement[bool]:
    """Return the condition for what comes behind an alert; its place is looked up, so no URL says when it was raised.

    None of what is ordered by ever changes in an alert. Raises BadCursorError where there is none within reach.
    """
    sought = select(*order).where(ALERT.c.id == alert_id)
    place = connection.execute(sought if within is None else sought.where(within)).one_or_none()
    if place is None:
        raise BadCursorError
    return tuple_(*order) < tuple_(*(literal(value, column.type) for column, value in zip(order, place, strict=True)))


def _row(row: Mapping[Any, Any], then: Then | None, now: datetime) -> AlertRow:
    alert = alert_of(row) if then is None else _stood(alert_of(row), row)
    instant = now if then is None else then.known_at
    if alert.status == "snoozed" and alert.snoozed_until is not None and alert.snoozed_until <= instant:
        alert = replace(alert, status="open", snoozed_until=None)
    return AlertRow(alert=alert, patient_id=row["patient_id"], pseudonym=row["pseudonym"], site_id=row["site_id"] or "")


def _stood(alert: Alert, row: Mapping[Any, Any]) -> Alert:
    """Return an alert as the last event of that time left it."""
    kind = row["then_kind"]
    status: AlertStatus = "open" if kind in _ASKS else kind
    resolution: Resolution | None = None
    if kind == "resolved":
        by_fact: Resolution = "by_fact" if row["then_op"] == "record" else "by_correction"
        without_fact: Resolution = "by_hand" if row["then_actor_id"] else "by_setting"
        resolution = without_fact if row["then_fact_seq"] is None else by_fact
    return replace(
        alert,
        status=status,
        episode=row["then_episode"],
        snoozed_until=row["then_until"],
        acknowledged_by=(row["then_on_behalf_of"] or row["then_actor_id"]) if kind == "acknowledged" else None,
        reason=row["then_reason"],
        resolution=resolution,
        resolved_at=row["then_at"] if kind == "resolved" else None,
        resolved_by_seq=row["then_fact_seq"] if kind == "resolved" else None,
    )
