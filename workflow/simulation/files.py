"""A cohort as the text of a file to import: CSV with a column a field, or NDJSON with a fact a line."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO

from workflow.simulation.story import VirtualFact

_ENVELOPE = ("patient", "type", "occurred_on")


def as_ndjson(facts: Iterable[VirtualFact]) -> str:
    """Return a line of JSON for each fact (contract §4)."""
    return "".join(json.dumps(_envelope(fact) | {"data": fact.data}, ensure_ascii=False) + "\n" for fact in facts)


def as_csv(facts: Iterable[VirtualFact]) -> str:
    """Return a header and a record for each fact; a list is JSON text, what a fact does not carry stays empty."""
    records = [_envelope(fact) | dict(_cells(fact.data, "data")) for fact in facts]
    columns = sorted({name for record in records for name in record} - set(_ENVELOPE))
    text = StringIO()
    writer = csv.DictWriter(text, (*_ENVELOPE, *columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _envelope(fact: VirtualFact) -> dict[str, object]:
    return {"patient": fact.patient, "type": fact.type, "occurred_on": fact.occurred_on.isoformat()}


def _cells(data: Mapping[str, object], at: str) -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        path = f"{at}.{name}"
        if isinstance(value, Mapping):
            yield from _cells(value, path)
        elif isinstance(value, str):
            yield path, value
        else:
            # JSON writes true, 12 and lists as cells hold them.
            yield path, json.dumps(value)
