"""An editor fetches the schemas of a protocol's files without a key."""

import pytest

from tests.api.ward import Ward
from workflow.protocols.files.schema import EXAMPLES_SCHEMA, PROTOCOL_SCHEMA, schemas


@pytest.mark.parametrize("name", [PROTOCOL_SCHEMA, EXAMPLES_SCHEMA])
def test_a_schema_is_served_to_everybody_as_it_is_written(edge: Ward, name: str) -> None:
    answer = edge.client.get(f"/reference/{name}")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.text == schemas()[name]


def test_a_schema_takes_no_parameters(edge: Ward) -> None:
    answer = edge.client.get(f"/reference/{PROTOCOL_SCHEMA}?version=1", headers={"Accept": "text/html"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
