"""Reading the ledger of alerts: a list as it stands or stood, and one alert with everything that happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workflow.domain.actor import Actor
from workflow.domain.roles import Role
from workflow.knowledge.reminders import BY_ID, CATALOGUE
from workflow.persistence.alert_history import ToldNotice, events_of, notices_of
from workflow.persistence.alert_lists import AlertFilter, AlertRow, Then, find_alert, list_alerts
from workflow.persistence.pages import Page
from workflow.persistence.patient_reads import read_patient
from workflow.persistence.patients import PatientRow
from workflow.persistence.unit_of_work import UnitOfWork, reading
from workflow.rules.glance import glance
from workflow.services import alert_answers, answers
from workflow.services.clocks import Clocks
from workflow.services.errors import NotFoundError
from workflow.services.house import Answer, House, require_role
from workflow.services.list_clocks import ListClocks, require_known

NO_ALERT = "no such alert for this key"


@dataclass(frozen=True, slots=True)
class Ledger:
    """A page of alerts with their notices, by alert; `settled` is None unless `known_at` was asked.

    `time_zones` has today's IANA name for every site of the rows, within the reader's reach or not.
    """

    rows: tuple[AlertRow, ...]
    notices: dict[str, list[ToldNotice]]
    time_zones: dict[str, str]
    next_cursor: str | None
    settled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAlert:
    """One alert as read, with its patient of today, its notices, and what happened to it."""

    row: AlertRow
    patient: PatientRow
    notices: list[ToldNotice]
    shape: answers.Shape


def rows(
    house: House,
    actor: Actor,
    wanted: AlertFilter,
    page: Page,
    *,
    known_at: datetime | None = None,
    gravest_first: bool = False,
) -> Ledger:
    """Return alerts, the newest first or the gravest, of the sites that the actor may see.

    Raises InvalidInputError for a filter that names what is not there, NotFoundError for a patient out of reach.
    """
    require_role(actor, Role.VIEWER)
    with reading(house.database, actor, lists=True) as unit:
        clocks = ListClocks.of(house, unit, Clocks(known_at=known_at))
        clocks.require_site(wanted.site)
        require_known("reminder", wanted.reminder, BY_ID)
        require_known("rule", wanted.rule, {row.rule for row in CATALOGUE})
        if wanted.patient_id is not None:
            _patient(unit, wanted.patient_id, clocks.now)
        then = None if known_at is None else Then(known_at=known_at, days=clocks.days)
        listing = list_alerts(
            unit.connection, unit.reach, wanted, now=clocks.now, page=page, then=then, gravest_first=gravest_first
        )
        found = listing.items if then is None else _named_then(clocks, listing.items)
        told = notices_of(unit.connection, [row.alert.id for row in found], known_at=known_at)
        unit.note("list_alerts", patient_id=wanted.patient_id, items=len(found))
    time_zones = {row.site_id: clocks.time_zone_of(row.site_id) for row in found}
    return Ledger(found, told, time_zones, listing.next_cursor, clocks.settled)


def listed(house: House, actor: Actor, wanted: AlertFilter, page: Page, *, known_at: datetime | None) -> Answer:
    """Return the ledger of contract §2 as JSON; to whom notices went is told with one alert only."""
    ledger = rows(house, actor, wanted, page, known_at=known_at)
    items = [alert_answers.line_shape(row, ledger.notices[row.alert.id]) for row in ledger.rows]
    return Answer(200, answers.to_json(answers.page(items, ledger.next_cursor, settled=ledger.settled)))


def one(house: House, actor: Actor, alert_id: str) -> Answer:
    """Return one alert with its notices and events; raises NotFoundError where there is none within reach."""
    with reading(house.database, actor) as unit:
        seen = see_alert(actor, alert_id, unit)
        unit.note("read_alert", patient_id=seen.row.patient_id)
    return Answer(200, answers.to_json(seen.shape), seen.patient.version)


def see_alert(actor: Actor, alert_id: str, unit: UnitOfWork) -> SeenAlert:
    """Return one alert for a read inside an open unit of work; who coordinates reads the recipients as well."""
    now = unit.instant()
    row = find_alert(unit.connection, alert_id, unit.reach, now)
    if row is None:
        raise NotFoundError(NO_ALERT)
    patient = _patient(unit, row.patient_id, now)
    role = actor.role_at(frozenset(patient.sites))
    coordinates = role is not None and role >= Role.COORDINATOR
    notices = notices_of(unit.connection, [alert_id])[alert_id]
    shape = alert_answers.line_shape(row, notices, with_recipients=coordinates) | {
        "events": [alert_answers.event_shape(event) for event in events_of(unit.connection, alert_id)]
    }
    return SeenAlert(row=row, patient=patient, notices=notices, shape=shape)


def _patient(unit: UnitOfWork, patient_id: str, now: datetime) -> PatientRow:
    found = read_patient(unit.connection, patient_id, unit.reach, now)
    if found is None:
        raise NotFoundError("no such patient for this key")
    return found


def _named_then(clocks: ListClocks, found: Sequence[AlertRow]) -> tuple[AlertRow, ...]:
    """Return the rows with the pseudonyms that the patients had in what was known then."""
    facts = clocks.facts_of(row.patient_id for row in found)
    return tuple(replace(row, pseudonym=glance(facts[row.patient_id].then).pseudonym) for row in found)
