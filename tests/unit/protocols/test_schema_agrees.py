"""Schema and reader agree: whatever one value of a file is exchanged for, both take it or both refuse it."""

import copy
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, ValidationError

from tests.unit.protocols.everything import EVERYTHING
from tests.unit.protocols.test_schema import AGES, EXAMPLES, PROTOCOL, with_dates_as_text
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.read import read_payload
from workflow.protocols.files.document import ProtocolDocument
from workflow.protocols.files.examples import ExamplesDocument
from workflow.protocols.files.problems import KeyPath

GONE = object()
OTHERS: tuple[object, ...] = (1, 0, -1, Decimal("0.5"), "", "x", True, [], {}, [1], ["x"], GONE)
FACTS = """
[[examples]]
name = "One"
why = "A test"
as_of = 2025-02-20
state = "reinduction.recovery"
absent = ["TR-019"]
no_windows = [{ rule = "R-1", anchor_on = 2025-01-20 }]
facts = [
  { type = "relapse_diagnosed", occurred_on = 2025-01-06, data = { relapse_site = "isolated_bm" } },
  { type = "block_started", occurred_on = 2025-01-08, data = { element = "R1", attempt = 1 } },
  { type = "block_deferred", occurred_on = 2025-01-28, data = { element = "R2", causes = [{ code = "infection" }] } },
  { type = "response_assessed", occurred_on = 2025-02-10, data = { marrow_blasts_percent = 2, final = true } },
]
windows = [{ rule = "R-1", anchor_on = 2025-01-08, status = "met", verdict = "late", days = 9, unset = ["target_on"] }]
[[examples.next]]
type = "block_started"
occurred_on = 2025-02-21
data = { element = "R2" }
answer = "too_early"
rule = "R-1"
earliest_on = 2025-02-22
warnings = ["early"]
"""
# Of two fields one is needed, which is said where facts are recorded, and by no schema.
ONE_OF_TWO = {("examples", 0, "facts", 0, "data"), ("examples", 0, "facts", 0, "data", "relapse_site")}


def edited(document: dict[str, Any]) -> Iterator[tuple[KeyPath, object, dict[str, Any]]]:
    """Yield the document with each of its values exchanged for each of the others, or gone."""
    for path in _paths(document):
        for other in OTHERS:
            copied = copy.deepcopy(document)
            around: Any = copied
            for part in path[:-1]:
                around = around[part]
            if other is GONE:
                del around[path[-1]]
            else:
                around[path[-1]] = other
            yield path, other, copied


def _paths(value: object, at: KeyPath = ()) -> Iterator[KeyPath]:
    if at:
        yield at
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, held in inside:
        yield from _paths(held, (*at, part))


def reads(model: type[BaseModel]) -> Callable[[dict[str, Any]], bool]:
    """Return what says whether the reader takes a document."""

    def taken(document: dict[str, Any]) -> bool:
        try:
            read = model.model_validate(document)
            if isinstance(read, ExamplesDocument):
                for example in read.examples:
                    for fact in (*example.facts, *example.next):
                        read_payload(fact.type, fact.data)
        except (ValidationError, InvalidInputError):
            return False
        return True

    return taken


def _as_json(value: object) -> object:
    if isinstance(value, dict):
        return {key: _as_json(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_as_json(held) for held in value]
    return float(value) if isinstance(value, Decimal) else with_dates_as_text(value)


@pytest.mark.parametrize(
    ("text", "model", "validator"),
    [(EVERYTHING + AGES, ProtocolDocument, PROTOCOL), (FACTS, ExamplesDocument, EXAMPLES)],
    ids=["protocol.toml", "examples.toml"],
)
def test_schema_and_reader_take_and_refuse_the_same(
    text: str, model: type[BaseModel], validator: jsonschema_rs.Validator
) -> None:
    taken = reads(model)
    document = tomllib.loads(text, parse_float=Decimal)
    assert taken(document)
    validator.validate(_as_json(document))

    differing = {
        (path, "gone" if other is GONE else str(other))
        for path, other, changed in edited(document)
        if taken(changed) != validator.is_valid(_as_json(changed))
    }

    assert {(path, other) for path, other in differing if path not in ONE_OF_TWO} == set()
