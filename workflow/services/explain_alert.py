"""The proof of an alert as it stood when it was raised, and whether it was right."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from workflow.domain.actor import Actor
from workflow.domain.alerts import Alert
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.persistence.patient_reads import load_facts
from workflow.persistence.sites import find_site_at
from workflow.persistence.unit_of_work import UnitOfWork, reading
from workflow.rules.was_it_right import Finding, was_it_right
from workflow.rules.wording import anchor_in_words, since_in_words
from workflow.services import answers
from workflow.services.house import Answer, House
from workflow.services.known_protocols import require_known_protocols
from workflow.services.read_alerts import SeenAlert, see_alert
from workflow.services.read_patient import setting_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedAlert:
    """One alert with its proof (None where it has none), how right it was, and the time zone it is read in.

    `since` is the day of its threshold and, where it has a proof, how far that is from the window's anchor.
    """

    seen: SeenAlert
    proof: answers.Shape | None
    finding: Finding
    since: str
    time_zone: str


def explained(house: House, actor: Actor, alert_id: str) -> ExplainedAlert:
    """Return one alert explained; raises NotFoundError where there is none within reach, OutdatedProcessError."""
    with reading(house.database, actor) as unit:
        seen = see_alert(actor, alert_id, unit)
        alert = seen.row.alert
        facts = load_facts(unit.connection, seen.row.patient_id)
        require_known_protocols(house, unit.connection, facts)
        finding = was_it_right(alert, facts, house.protocols, _practice(house, unit, alert.raised_at))
        time_zone = setting_of(house, unit, seen.row.site_id).time_zone
        unit.note("read_alert_explanation", patient_id=seen.row.patient_id)
    proof = json.loads(alert.proof) or None
    since = _since(alert, proof, seen.patient.state)
    return ExplainedAlert(seen=seen, proof=proof, finding=finding, since=since, time_zone=time_zone)


def explanation(house: House, actor: Actor, alert_id: str) -> Answer:
    """Return the explanation of an alert as JSON: its sentence, the proof as it stood, was it right."""
    told = explained(house, actor, alert_id)
    shape = {name: value for name, value in told.seen.shape.items() if name not in {"events", "notices"}}
    shape |= {"proof": told.proof, "was_it_right": finding_shape(told.finding)}
    return Answer(200, answers.to_json(shape), told.seen.patient.version)


def finding_shape(finding: Finding) -> answers.Shape:
    """Return how right an alert was: the verdict, why, and the facts that changed the answer."""
    return {
        "verdict": finding.verdict,
        "why": finding.why,
        "since": finding.since,
        "facts": [
            {
                "id": fact.id,
                "type": fact.type,
                "occurred_on": fact.occurred_on,
                "recorded_at": fact.recorded_at,
                "recorded_by": fact.recorded_by,
            }
            for fact in finding.facts
        ],
    }


def _since(alert: Alert, proof: dict[str, Any] | None, state: PatientState) -> str:
    """Return since when, from the anchor's day of the proof; the anchor's name is the one of today."""
    day = alert.key.threshold_on
    if proof is None or proof["anchor"]["on"] is None:
        return str(day)
    counted_from = anchor_in_words(state, alert.rule, int(alert.key.window_key.rpartition("f")[2]))
    return since_in_words(day, date.fromisoformat(proof["anchor"]["on"]), counted_from)


def _practice(house: House, unit: UnitOfWork, at: datetime) -> Callable[[str], SitePractice]:
    """Return what sites had set at an instant.

    A site's number of days or its holidays are decisions, which held from when they were taken. Its time zone says
    where it is: set anew it was wrong before, so the one of today counts.
    """

    @cache
    def practice(site_id: str) -> SitePractice:
        today = setting_of(house, unit, site_id)
        then = find_site_at(unit.connection, site_id, at) or today
        return replace(then, time_zone=today.time_zone).practice

    return practice
