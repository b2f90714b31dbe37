"""Reading one patient at any pair of clocks."""

from dataclasses import dataclass
from datetime import date

from workflow.clock import today_in
from workflow.domain.actor import Actor
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.persistence.alert_lists import alerts_of
from workflow.persistence.patient_reads import load_facts, read_patient
from workflow.persistence.patients import PatientRow
from workflow.persistence.sites import SiteSetting, find_site
from workflow.persistence.unit_of_work import UnitOfWork, reading
from workflow.rules.fold import effective, fold, until
from workflow.services import alert_answers, answers
from workflow.services.clocks import Clocks, settled
from workflow.services.course_answers import courses_shape
from workflow.services.errors import NotFoundError
from workflow.services.house import Answer, House, role_for
from workflow.services.known_protocols import require_known_protocols


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One patient as read: the row of today, and the rest at the clocks asked for.

    `setting` is that of the site which treated the patient then; `as_of` the day asked for, or the calendar day there.
    `facts` are all versions that were known, where they were needed; `settled` is None unless `known_at` was asked.
    """

    row: PatientRow
    state: PatientState
    as_of: date
    setting: SiteSetting
    facts: tuple[Fact, ...] | None = None
    settled: bool | None = None


def one(house: House, actor: Actor, patient_id: str, clocks: Clocks) -> Answer:
    """Return the snapshot of contract §2 as of a day, from what was known at an instant; raises NotFoundError.

    Its `alerts` are those of the ledger at `known_at`: what was said then, whatever day is asked about.
    """
    with reading(house.database, actor) as unit:
        seen = see(house, actor, patient_id, clocks, unit)
        alerts = alerts_of(unit.connection, patient_id, now=unit.instant(), known_at=clocks.known_at)
        unit.note("read_patient", patient_id=patient_id)
    shape = answers.patient_shape(
        seen.row.id,
        seen.state,
        seen.row.version,
        seen.as_of,
        house.protocols,
        silent_after_days=seen.setting.silent_after_days,
        recommendations=house.settings.recommendations,
    )
    shape |= courses_shape(seen.state, house.protocols, recommendations=house.settings.recommendations)
    shape["alerts"] = alert_answers.open_alerts(patient_id, alerts)
    return Answer(200, answers.to_json(shape | answers.settledness(settled=seen.settled)), seen.row.version)


def see(
    house: House, actor: Actor, patient_id: str, clocks: Clocks, unit: UnitOfWork, *, with_facts: bool = False
) -> Seen:
    """Return one patient at a pair of clocks, for a read inside an open unit of work.

    Who may read is decided by the sites of today; everything else by the site of the day. Raises NotFoundError, and
    OutdatedProcessError where the patient followed a protocol that is newer than this process.
    """
    now = unit.instant()
    row = read_patient(unit.connection, patient_id, unit.reach, now)
    if row is None:
        raise NotFoundError("no such patient for this key")
    role_for(actor, row.sites)
    stored = clocks.now and row.engine == house.engine
    facts = None
    if with_facts or not stored:
        facts = _known(load_facts(unit.connection, patient_id), clocks)
    state = row.state if facts is None or stored else _folded(house, unit, facts, clocks)
    setting = setting_of(house, unit, state.registration.site)
    return Seen(
        row=row,
        state=state,
        as_of=clocks.as_of or today_in(setting.time_zone, clocks.known_at or now),
        setting=setting,
        facts=facts,
        settled=None if clocks.known_at is None else settled(house, clocks.known_at, unit.began_at),
    )


def _known(facts: tuple[Fact, ...], clocks: Clocks) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if clocks.known_at is None or fact.recorded_at <= clocks.known_at)


def _folded(house: House, unit: UnitOfWork, facts: tuple[Fact, ...], clocks: Clocks) -> PatientState:
    counted = effective(facts)
    if not counted or counted[0].type != REGISTRATION:
        raise NotFoundError("nothing of this patient was recorded by known_at")
    # Without as_of all that was known counts, though it be dated tomorrow where the day begins earlier.
    counted = counted if clocks.as_of is None else until(counted, clocks.as_of)
    require_known_protocols(house, unit.connection, counted)
    return fold(counted, house.protocols)


def setting_of(house: House, unit: UnitOfWork, site_id: str) -> SiteSetting:
    """Return a site's setting, or the default of this installation where none was ever written."""
    default = SiteSetting(id=site_id, name=site_id, time_zone=house.settings.time_zone)
    return find_site(unit.connection, site_id) or default
