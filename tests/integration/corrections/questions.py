"""Questions about a patient at any pair of clocks, and what the slow reference answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.integration.alerts.reading import Learnt, episodes, moments
from tests.integration.corrections.hospitals import TIME_ZONES
from tests.integration.corrections.reference import ReferenceFile
from tests.introduced import seeing
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.persistence.patient_reads import load_facts
from workflow.rules.fold import replay
from workflow.services import answers, read_history, read_patient, read_windows
from workflow.services.clocks import Clocks
from workflow.services.course_answers import courses_shape
from workflow.services.errors import NotFoundError
from workflow.services.house import House

KINDS = ("snapshot", "windows", "history", "all_versions")
NOTHING_KNOWN = "nothing known"
PRACTICES = {site: SitePractice(id=site, time_zone=time_zone) for site, time_zone in TIME_ZONES.items()}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one patient: the kind of answer, and the two clocks."""

    kind: str
    patient_id: str
    as_of: date | None
    known_at: datetime | None


def asked(house: House, question: Question) -> str:
    """Return the answer's text, byte for byte."""
    clocks = Clocks(as_of=question.as_of, known_at=question.known_at)
    patient_id = question.patient_id
    try:
        if question.kind == "snapshot":
            return read_patient.one(house, LOCAL_ADMIN, patient_id, clocks).body
        if question.kind == "windows":
            return read_windows.windows(house, LOCAL_ADMIN, patient_id, clocks).body
        every = question.kind == "all_versions"
        return read_history.history(house, LOCAL_ADMIN, patient_id, clocks, include_superseded=every).body
    except NotFoundError:
        return NOTHING_KNOWN


def lasting(body: str) -> str:
    """Return the text of an answer without what it says of today: the patient's version, and whether it is settled."""
    if body == NOTHING_KNOWN:
        return body
    told = json.loads(body)
    return json.dumps({name: value for name, value in told.items() if name not in {"version", "settled"}})


def require_as_reference(house: House, question: Question, body: str, file: ReferenceFile, now: datetime) -> None:
    """Fail unless an answer is what the reference, folded from scratch, says."""
    state = file.folded(as_of=question.as_of, known_at=question.known_at)
    if state is None:
        assert body == NOTHING_KNOWN
        return
    told = json.loads(body)
    assert ("settled" in told) == (question.known_at is not None)
    if question.kind in {"snapshot", "windows"}:
        zone = ZoneInfo(TIME_ZONES[state.registration.site])
        day = question.as_of or (question.known_at or now).astimezone(zone).date()
        told.pop("settled", None)
        if question.kind == "snapshot":
            _require_alerts(told.pop("alerts"), house, question)
        assert told == json.loads(answers.to_json(_shape(house, question, state, file.version, day)))
    else:
        _require_history(told["items"], question, file)


def _shape(house: House, question: Question, state: PatientState, version: int, day: date) -> answers.Shape:
    if question.kind == "snapshot":
        shape = answers.patient_shape(question.patient_id, state, version, day, house.protocols)
        return shape | courses_shape(state, house.protocols, recommendations=True)
    return answers.page(answers.windows_shapes(state, state.windows, day, house.protocols, None))


def _require_alerts(told: list[Mapping[str, Any]], house: House, question: Question) -> None:
    """Fail unless the alerts told are those that the slow reading has open by `known_at`; only acts judge here."""
    with seeing(house.database) as connection:
        stored = load_facts(connection, question.patient_id)
    known = [fact for fact in stored if question.known_at is None or fact.recorded_at <= question.known_at]
    acts = {fact.recorded_at: Learnt(fact.seq) for fact in known}
    runs = episodes(list(moments(known, acts.values(), house.protocols, PRACTICES)))
    expected = {key: (len(run), "open") for key, run in runs.items() if run[-1].ended_as is None}
    found = [(alert["window"], alert["reminder"], date.fromisoformat(alert["threshold_on"])) for alert in told]
    assert len(found) == len(set(found))
    standing = [(alert["episode"], alert["status"]) for alert in told]
    assert dict(zip(found, standing, strict=True)) == expected


def _require_history(items: list[Mapping[str, Any]], question: Question, file: ReferenceFile) -> None:
    moments = list(replay(file.standing(as_of=question.as_of, known_at=question.known_at), file.protocols))
    expected = [(moment.fact.id, moment.before.state, moment.after.state) for moment in moments]
    counted = items[: len(moments)]
    assert [(item["id"], item.get("state_before"), item.get("state_after")) for item in counted] == expected
    assert [item.get("conflict") for item in counted] == [
        len(moment.after.conflicts) > len(moment.before.conflicts) for moment in moments
    ]
    replaced = _replaced(question, file) if question.kind == "all_versions" else []
    assert [(item["id"], item.get("superseded_by")) for item in items[len(moments) :]] == replaced


def _replaced(question: Question, file: ReferenceFile) -> list[tuple[str, str | None]]:
    known = [entry for entry in file.entries if question.known_at is None or entry.recorded_at <= question.known_at]
    by = {entry.target: entry.fact.id for entry in known if entry.target is not None}
    return [
        (entry.fact.id, by.get(entry.fact.seq))
        for entry in known
        if (entry.fact.seq in by or entry.operation == "void")
        and (
            question.as_of is None
            or entry.fact.type == "patient_registered"
            or entry.fact.occurred_on <= question.as_of
        )
    ]
