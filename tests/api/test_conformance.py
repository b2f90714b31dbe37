"""Whatever is sent, right or wrong, the answer is one that the OpenAPI document describes, and never a server error."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.checks import load_all_checks
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.api.ward import as_person, opened_ward

load_all_checks()
EXAMPLES_A_ROUTE = 30
# The document says shapes; whether a date is in the future or a start too early only the house can say.
BEYOND_A_SCHEMA = [positive_data_acceptance]
WELL_FORMED_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@pytest.fixture(scope="module")
def described(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OpenApiSchema, str]]:
    """Open a ward with one patient in a course, and read its document."""
    folder = tmp_path_factory.mktemp("conformance")
    shutil.copy(sqlite_template, folder / "coursewatch.sqlite3")
    with opened_ward(f"sqlite:///{folder / 'coursewatch.sqlite3'}", folder) as ward:
        patient = ward.after_first_block()
        everything = GenerationConfig(modes=list(schemathesis.GenerationMode), database="none")
        config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=everything)))
        yield schemathesis.openapi.from_asgi("/openapi.json", ward.client.app, config=config), patient


@pytest.fixture
def document(described: tuple[OpenApiSchema, str]) -> OpenApiSchema:
    return described[0]


@pytest.fixture
def patient(described: tuple[OpenApiSchema, str]) -> str:
    return described[1]


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(max_examples=EXAMPLES_A_ROUTE, derandomize=True)
def test_every_answer_is_one_that_the_document_describes(case: schemathesis.Case, patient: str) -> None:
    asked_for = str(case.path_parameters.get("patient_id", "")) if case.path_parameters else ""
    if WELL_FORMED_ID.fullmatch(asked_for):
        case.path_parameters["patient_id"] = patient

    case.call_and_validate(headers=as_person("admin"), excluded_checks=BEYOND_A_SCHEMA)
