"""What is stored of a fact reads back as the same fact, and is known again when the same file is imported."""

import json
from datetime import date

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.payloads import data_of
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.base import Payload
from workflow.domain.facts.fact import natural_identity, payload_json
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.types import PAYLOADS

ON = date(2025, 3, 1)
FACTS = st.sampled_from(sorted(set(PAYLOADS) - {"patient_registered"}))


def a_payload(fact_type: str, data: st.DataObject) -> Payload:
    try:
        return read_payload(fact_type, data.draw(data_of(fact_type, ON)))
    except InvalidInputError:
        assume(condition=False)
        raise


@settings(max_examples=300)
@given(FACTS, st.data())
def test_a_stored_payload_reads_back_as_it_was_recorded(fact_type: str, data: st.DataObject) -> None:
    payload = a_payload(fact_type, data)
    text = payload_json(payload)
    again = read_payload(fact_type, json.loads(text))

    assert again == payload
    assert again.model_fields_set == payload.model_fields_set
    assert payload_json(again) == text


@settings(max_examples=100)
@given(FACTS, st.data())
def test_the_natural_identity_tells_apart_type_day_and_data_alone(fact_type: str, data: st.DataObject) -> None:
    text = payload_json(a_payload(fact_type, data))
    known = natural_identity(fact_type, ON, text)

    assert known == natural_identity(fact_type, ON, text)
    others = [
        natural_identity("another_type", ON, text),
        natural_identity(fact_type, date(2025, 3, 2), text),
        natural_identity(fact_type, ON, text + " "),
    ]
    assert known not in others
