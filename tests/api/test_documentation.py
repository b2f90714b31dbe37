"""The OpenAPI document: every fact type with its payload, every example true, every problem and header named."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.openapi import answer_schemas
from api.problems import PROBLEM_JSON
from api.schemas import classification_examples, examples
from api.schemas.requests import request_schemas
from tests.api.unopened import unopened_house
from tests.facts import LEAST
from workflow.domain.facts.read import read_fact
from workflow.domain.facts.types import FACT_TYPES, REGISTRATION
from workflow.protocols.library import shipped
from workflow.services.classify_case import read_case
from workflow.services.register_patient import read_registration

RECORDABLE = [fact_type for fact_type in FACT_TYPES if fact_type != REGISTRATION]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Read the document as a client does; it says the same of every house."""
    found: dict[str, Any] = TestClient(create_app(unopened_house())).get("/openapi.json").json()
    return found


def holds(document: dict[str, Any], name: str, value: object) -> bool:
    """Say whether a value is what a component describes."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return bool(jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(value))


def test_recording_a_fact_takes_exactly_one_of_all_fact_types(document: dict[str, Any]) -> None:
    fact = document["components"]["schemas"]["FactToRecord"]

    assert fact["discriminator"]["propertyName"] == "type"
    assert list(fact["discriminator"]["mapping"]) == RECORDABLE
    assert [choice["$ref"] for choice in fact["oneOf"]] == list(fact["discriminator"]["mapping"].values())


@pytest.mark.parametrize("fact_type", RECORDABLE)
def test_the_least_of_every_fact_type_is_described_and_read(document: dict[str, Any], fact_type: str) -> None:
    fact = {"type": fact_type, "occurred_on": "2025-01-06", "data": dict(LEAST[fact_type])}

    read_fact(fact)

    assert holds(document, "FactToRecord", fact)
    assert not holds(document, "FactToRecord", {**fact, "colour": "red"})
    assert not holds(document, "FactToRecord", {**fact, "occurred_on": "yesterday"})


def test_the_limits_of_a_number_are_told(document: dict[str, Any]) -> None:
    def response(percent: object) -> dict[str, object]:
        data = {"marrow_blasts_percent": percent, "final": True}
        return {"type": "response_assessed", "occurred_on": "2025-01-06", "data": data}

    taken = [holds(document, "FactToRecord", response(percent)) for percent in (-0.5, 0, 12.5, 100, 100.5, "12.5")]

    assert taken == [False, True, True, True, False, True]
    parts = list(_parts(document["components"]["schemas"]))
    assert not [part for part in parts if part.keys() & {"ge", "le", "gt", "lt"}]


def _parts(part: object) -> Iterator[dict[str, Any]]:
    """Yield every object within a part of the document."""
    if isinstance(part, dict):
        yield part
    for held in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _parts(held)


@pytest.mark.parametrize("name", examples.FACTS)
def test_every_example_of_a_fact_can_be_sent(document: dict[str, Any], name: str) -> None:
    read_fact(examples.FACTS[name])

    assert holds(document, "FactToRecord", examples.FACTS[name])


def test_the_example_of_a_registration_can_be_sent(document: dict[str, Any]) -> None:
    read_registration(examples.REGISTRATION, default_day=date(2025, 1, 1))

    assert holds(document, "PatientToRegister", examples.REGISTRATION)


@pytest.mark.parametrize("name", classification_examples.CASES)
def test_every_example_of_a_case_can_be_sent(document: dict[str, Any], name: str) -> None:
    case = classification_examples.CASES[name]

    read_case(case, shipped(), today=date(2025, 4, 1))

    assert holds(document, "CaseRequest", case)
    assert not holds(document, "CaseRequest", {**case, "colour": "red"})


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("ClassificationAnswer", classification_examples.CLASSIFIED),
        ("CourseAnswer", classification_examples.COURSE),
        ("Problem", classification_examples.IMPOSSIBLE_CASE),
        ("RecordedAnswer", examples.RECORDED),
        ("PatientAnswer", examples.SNAPSHOT),
        ("Problem", examples.TOO_EARLY),
        ("Problem", examples.INVALID),
        ("SiteRequest", examples.SITE),
    ],
)
def test_every_example_of_an_answer_is_what_is_described(
    document: dict[str, Any], name: str, example: dict[str, Any]
) -> None:
    assert holds(document, name, example)


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_has_a_name_words_and_its_problems(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")) and name != "GET /health/ready":
                assert list(answer["content"]) == [PROBLEM_JSON], (name, status)


def test_every_operation_of_the_api_asks_for_the_key(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for name, operation in operations(document):
        assert ("security" in operation) == ("/api/v1/" in name), name


def test_every_post_takes_an_idempotency_key_and_every_fact_an_if_match(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        headers = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "header"}
        assert ("Idempotency-Key" in headers) == name.startswith("POST"), name
        if "/facts" in name:
            assert "If-Match" in headers, name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for part in value.values() for found in references(part)]
        return [found for part in value for found in references(part)] if isinstance(value, list) else []

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert set(references(document)) <= known


def test_no_schema_of_an_answer_hides_one_of_a_request() -> None:
    assert not set(answer_schemas()) & set(request_schemas())
