"""What storage holds of a few patients, and whether it is what the slow reference says."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tests.integration.corrections.reference import ReferenceFile
from tests.introduced import seeing
from workflow.domain.facts.fact import payload_json
from workflow.domain.patient import PatientState
from workflow.domain.spans import StateSpan
from workflow.persistence.engine import Database
from workflow.persistence.mapping import read_snapshot, row_to_window
from workflow.persistence.tables import METADATA
from workflow.rules.spans import state_spans, window_spans

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
KEYS = {
    "patient": "id",
    "patient_site": "patient_id",
    "fact": "patient_id",
    "state_span": "patient_id",
    "window_span": "patient_id",
}


def rows_of(database: Database, patient_ids: Iterable[str]) -> Rows:
    """Return every row about these patients, table by table, in a stable order."""
    ids = list(patient_ids)
    told: dict[str, list[Mapping[str, Any]]] = {}
    with seeing(database) as connection:
        for name, key in KEYS.items():
            table = METADATA.tables[name]
            statement = select(table).where(table.c[key].in_(ids)).order_by(*table.primary_key.columns)
            told[name] = [dict(row) for row in connection.execute(statement).mappings()]
    return told


def require_as_reference(rows: Rows, file: ReferenceFile, instants: Iterable[datetime]) -> None:
    """Fail unless facts, snapshot, and the spans known now and at these instants are the reference's."""
    state = file.state
    (patient,) = (row for row in rows["patient"] if row["id"] == file.patient_id)
    assert read_snapshot(patient["state_json"]) == state
    assert patient["version"] == file.version
    assert patient["last_seq"] == len(file.entries)
    assert (patient["pseudonym"], patient["site_id"]) == (state.registration.pseudonym, state.registration.site)
    _require_facts(_own(rows["fact"], file), file)
    for known_at in instants:
        then = file.folded(known_at=known_at)
        assert then is not None
        _require_spans(rows, file, then, known_at)
    _require_spans(rows, file, state, None)


def _require_facts(facts: Sequence[Mapping[str, Any]], file: ReferenceFile) -> None:
    assert [row["seq"] for row in facts] == list(range(1, len(facts) + 1))
    assert len(facts) == len(file.entries)
    corrected = [row["target_seq"] for row in facts if row["target_seq"] is not None]
    assert len(corrected) == len(set(corrected)), "a version was corrected twice"
    for row, entry in zip(facts, file.entries, strict=True):
        fact = entry.fact
        assert (row["op"], row["target_seq"], row["lineage"]) == (entry.operation, entry.target, fact.lineage)
        assert (row["type"], row["occurred_on"], row["payload"]) == (
            fact.type,
            fact.occurred_on,
            payload_json(fact.data),
        )
        assert row["recorded_at"] == entry.recorded_at


def _require_spans(rows: Rows, file: ReferenceFile, state: PatientState, known_at: datetime | None) -> None:
    states = [_span(row) for row in _own(rows["state_span"], file) if _known(row, known_at)]
    windows = [row_to_window(row) for row in _own(rows["window_span"], file) if _known(row, known_at)]  # type: ignore[arg-type]
    assert Counter(states) == Counter(state_spans(state))
    assert Counter(windows) == Counter(window_spans(state))


def _known(row: Mapping[str, Any], known_at: datetime | None) -> bool:
    if known_at is None:
        return row["known_to"] is None
    return bool(row["known_from"] <= known_at and (row["known_to"] is None or known_at < row["known_to"]))


def _span(row: Mapping[str, Any]) -> StateSpan:
    names = ("course", "state", "site_id", "protocol", "valid_from", "valid_to")
    return StateSpan(**{name: row[name] for name in names})


def _own(rows: Sequence[Mapping[str, Any]], file: ReferenceFile) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["patient_id"] == file.patient_id]
