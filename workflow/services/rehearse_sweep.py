"""What a sweep would raise up to the end of a day, as if it came that evening; nothing is raised."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from workflow.domain.actor import Actor
from workflow.domain.alerts import Alert
from workflow.domain.calendar import days_between
from workflow.domain.patient import PatientState
from workflow.domain.roles import Role
from workflow.domain.site_practice import SitePractice
from workflow.identifiers import new_id
from workflow.knowledge.reminders import NOT_DELIVERED
from workflow.persistence.due_patients import due_patients
from workflow.persistence.ledger import load_alerts, load_dead_notices
from workflow.persistence.patient_reads import DEFAULT_TIME_ZONE, load_facts, read_patient
from workflow.persistence.patients import PatientRow
from workflow.persistence.sites import list_sites
from workflow.persistence.unit_of_work import UnitOfWork, reading
from workflow.rules.fold import fold
from workflow.rules.judge import judge
from workflow.rules.ledger import NO_PROOF
from workflow.rules.occasion import Occasion, Side
from workflow.rules.wording import anchor_in_words, days_after
from workflow.services.house import House, require_role
from workflow.services.sweep import end_of_day

ACTION = "rehearse_sweep"
# Nowhere does a day end later.
WESTERNMOST = "Etc/GMT+12"


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldRaise:
    """An alert that a sweep would raise, or raise anew.

    `days` says how far the day asked about is from what the window counts from (`28 days after the start of R1`); None
    where the alert is about no window. `days_late` counts from the threshold to that day: what is told on the last
    working day before its threshold is not late (0).
    """

    patient_id: str
    site_id: str
    window: str
    reminder: str
    severity: str
    threshold_on: date
    days: str | None
    days_late: int


def rehearse_sweep(house: House, actor: Actor, day: date) -> tuple[WouldRaise, ...]:
    """Return what a sweep would raise if it came when this day ends at each patient's site, by what is known now.

    Reads only: one row of the access log is all that it leaves. Of the actor's patients, the longest late first.
    """
    require_role(actor, Role.VIEWER)
    found: list[WouldRaise] = []
    with reading(house.database, actor) as unit:
        sites = {setting.id: setting.practice for setting in list_sites(unit.connection, unit.reach)}
        for patient in _due_by(house, unit, end_of_day(day, WESTERNMOST)):
            site = sites.get(patient.site_id) or SitePractice(id=patient.site_id, time_zone=DEFAULT_TIME_ZONE)
            found += _would_raise(house, unit, patient, site, day)
        unit.note(ACTION, items=len(found))
    return tuple(sorted(found, key=lambda row: (row.threshold_on, row.patient_id, row.window, row.reminder)))


def _due_by(house: House, unit: UnitOfWork, latest: datetime) -> Iterator[PatientRow]:
    after = ""
    while page := due_patients(unit.connection, now=latest, judged_by=house.judged_by, after=after):
        for patient_id in page:
            patient = read_patient(unit.connection, patient_id, unit.reach, unit.began_at)
            if patient is not None:
                yield patient
        after = page[-1]


def _would_raise(
    house: House, unit: UnitOfWork, patient: PatientRow, site: SitePractice, day: date
) -> Iterator[WouldRaise]:
    stale = patient.engine != house.engine
    state = fold(load_facts(unit.connection, patient.id), house.protocols) if stale else patient.state
    side = Side(state, site)
    occasion = Occasion(
        now=end_of_day(day, site.time_zone),
        new_id=new_id,
        prove=lambda *_: NO_PROOF,
        dead=load_dead_notices(unit.connection, patient.id),
    )
    changes = judge(side, side, load_alerts(unit.connection, patient.id), occasion)
    begun = {event.alert_id for event in changes.events if event.kind in {"raised", "reopened"}}
    for alert in changes.alerts:
        if alert.id in begun and not alert.resolved:
            yield _row(alert, patient, state, day)


def _row(alert: Alert, patient: PatientRow, state: PatientState, day: date) -> WouldRaise:
    return WouldRaise(
        patient_id=patient.id,
        site_id=patient.site_id,
        window=alert.key.window_key,
        reminder=alert.key.reminder,
        severity=alert.severity,
        threshold_on=alert.key.threshold_on,
        days=_days(alert, state, day),
        days_late=max((day - alert.key.threshold_on).days, 0),
    )


def _days(alert: Alert, state: PatientState, day: date) -> str | None:
    window = next((known for known in state.windows if known.id == alert.key.window_key), None)
    if window is None or alert.key.reminder == NOT_DELIVERED:
        return None
    counted_from = anchor_in_words(state, window.rule, window.anchor)
    return days_after(days_between(window.anchor_on, day), counted_from or str(window.anchor_on))
