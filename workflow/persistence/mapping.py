"""Between what is stored and what is thought with: facts and snapshots to rows and back, without loss."""

import json
from collections import OrderedDict
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from threading import Lock
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import RowMapping

from workflow.domain.facts.fact import Fact, Moved, Override, payload_digest, payload_json
from workflow.domain.facts.types import PAYLOADS
from workflow.domain.patient import PatientState
from workflow.domain.windows import Window
from workflow.persistence.errors import UnknownFactError

Columns = dict[str, Any]
_STATE = TypeAdapter(PatientState)
# Enough for the patients a ward works with at one time; a snapshot is a few kilobytes.
_PARSED_SNAPSHOTS = 512


class _Snapshots:
    """Snapshots by their text; they are immutable, so the same text may share one. Bounded, safe for many threads."""

    def __init__(self) -> None:
        self._by_text: OrderedDict[str, PatientState] = OrderedDict()
        self._lock = Lock()

    def find(self, text: str) -> PatientState | None:
        with self._lock:
            return self._by_text.get(text)

    def keep(self, text: str, state: PatientState) -> None:
        with self._lock:
            self._by_text[text] = state
            if len(self._by_text) > _PARSED_SNAPSHOTS:
                self._by_text.popitem(last=False)


_SNAPSHOTS = _Snapshots()


def state_to_json(state: PatientState) -> str:
    """Return the snapshot as JSON text; fields that nobody set stay out, so that merging findings stays right."""
    text = _STATE.dump_json(state, exclude_unset=True).decode()
    # Whoever records the next fact reads this text: a ward records several facts of a patient in a row.
    _SNAPSHOTS.keep(text, state)
    return text


def state_from_json(text: str) -> PatientState:
    """Return the snapshot that `state_to_json` wrote."""
    state = _SNAPSHOTS.find(text)
    if state is None:
        state = read_snapshot(text)
        _SNAPSHOTS.keep(text, state)
    return state


def read_snapshot(text: str) -> PatientState:
    """Read a snapshot from its text, whoever may have read it before."""
    return _STATE.validate_json(text)


def fact_to_row(patient_id: str, fact: Fact, import_key: str | None = None) -> Columns:
    """Return the columns of a fact, without its place in the hash chain."""
    payload = payload_json(fact.data)
    override = _compact(_carried(fact.override)) if fact.override else None
    return {
        "patient_id": patient_id,
        "seq": fact.seq,
        "lineage": fact.lineage,
        "op": fact.operation,
        "target_seq": fact.target_seq,
        "type": fact.type,
        "occurred_on": fact.occurred_on,
        "certainty": fact.certainty,
        "payload": payload,
        "payload_sha256": payload_digest(payload),
        "note": fact.note,
        "override": override,
        "remarks_sha256": remarks_digest(fact.note, override, fact.reason),
        "actor_id": fact.recorded_by,
        "on_behalf_of": fact.on_behalf_of,
        "recorded_at": fact.recorded_at,
        "source_recorded_at": fact.source_recorded_at,
        "external_id": fact.external_id,
        "import_key": import_key,
        "protocol_sha": fact.protocol_sha,
        "reason": fact.reason,
        "moved_patient_id": fact.moved.patient_id if fact.moved else None,
        "moved_seq": fact.moved.seq if fact.moved else None,
    }


def row_to_fact(row: RowMapping) -> Fact:
    """Return the fact of a stored row; raises UnknownFactError."""
    override = row["override"]
    try:
        data = PAYLOADS[row["type"]].model_validate_json(row["payload"])
    except (KeyError, ValidationError):
        raise UnknownFactError(str(UnknownFactError.__doc__)) from None
    return Fact(
        seq=row["seq"],
        lineage=row["lineage"],
        type=row["type"],
        occurred_on=row["occurred_on"],
        data=data,
        recorded_at=row["recorded_at"],
        recorded_by=row["actor_id"],
        operation=row["op"],
        target_seq=row["target_seq"],
        certainty=row["certainty"],
        note=row["note"],
        override=Override(**json.loads(override)) if override else None,
        on_behalf_of=row["on_behalf_of"],
        external_id=row["external_id"],
        source_recorded_at=row["source_recorded_at"],
        protocol_sha=row["protocol_sha"],
        reason=row["reason"],
        moved=Moved(patient_id=row["moved_patient_id"], seq=row["moved_seq"]) if row["moved_patient_id"] else None,
    )


def remarks_digest(note: str | None, override: str | None, reason: str | None) -> str | None:
    """Return the SHA-256 that stands in the chain for note, override and reason, in hex; None where there are none.

    A fact without a reason has the digest that it had before corrections carried one.
    """
    if note is None and override is None and reason is None:
        return None
    remarks = [note, override] if reason is None else [note, override, reason]
    return sha256(_compact(remarks).encode()).hexdigest()


def window_to_row(window: Window) -> Columns:
    """Return the columns of a window: valid from its anchor, or from when its thresholds moved, to its end."""
    return {
        "course": window.course,
        "rule": window.rule,
        "anchor": window.anchor,
        "label": window.label,
        "protocol": window.protocol,
        "expects": _compact(window.expects),
        "anchor_on": window.anchor_on,
        "valid_from": window.stood_from,
        "valid_to": window.ended_on,
        "hard_min_on": window.hard_min_on,
        "earliest_on": window.earliest_on,
        "target_on": window.target_on,
        "latest_on": window.latest_on,
        "critical_from": window.critical_from,
        "review_on": window.review_on,
        "paused_on": window.paused_on,
        "interrupted_days": window.interrupted_days,
        "ended_as": window.end,
        "ended_by": window.ended_by,
        "ended_because": window.ended_because,
    }


def row_to_window(row: RowMapping) -> Window:
    """Return the window of a stored row; one that an earlier release stored knows nothing of interruptions."""
    anchor_on = row["anchor_on"] or row["valid_from"]
    return Window(
        rule=row["rule"],
        course=row["course"],
        label=row["label"],
        anchor=row["anchor"],
        anchor_on=anchor_on,
        protocol=row["protocol"],
        expects=tuple(json.loads(row["expects"])),
        hard_min_on=row["hard_min_on"],
        earliest_on=row["earliest_on"],
        target_on=row["target_on"],
        latest_on=row["latest_on"],
        critical_from=row["critical_from"],
        review_on=row["review_on"],
        paused_on=row["paused_on"],
        interrupted_days=row["interrupted_days"] or 0,
        changed_on=row["valid_from"] if row["valid_from"] != anchor_on else None,
        end=row["ended_as"],
        ended_on=row["valid_to"],
        ended_by=row["ended_by"],
        ended_because=row["ended_because"],
    )


def days_to_json(days: tuple[date, ...]) -> str:
    """Return calendar dates as JSON text."""
    return _compact([day.isoformat() for day in days])


def days_from_json(text: str) -> tuple[date, ...]:
    """Return the calendar dates that `days_to_json` wrote."""
    return tuple(date.fromisoformat(day) for day in json.loads(text))


def _carried(override: Override) -> Columns:
    return {name: value for name, value in asdict(override).items() if value is not None}


def _compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
