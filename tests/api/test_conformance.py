"""Whatever is sent, right or wrong, the answer is one that the OpenAPI document describes, and never a server error."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from tests.api.ward import as_person, opened_ward
from workflow.services.house import House

EXAMPLES_A_ROUTE = 30
# The document says shapes; whether a date lies in the future or a start comes too early, only the house can say.
BEYOND_A_SCHEMA = [positive_data_acceptance]
WELL_FORMED_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Switch:
    """An application that is there while tests are collected, and gets a house when they run."""

    def __init__(self) -> None:
        self.target: ASGIApp = create_app(cast("House", None))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the application of the moment."""
        await self.target(scope, receive, send)


APP = Switch()
RIGHT_AND_WRONG = GenerationConfig(modes=list(schemathesis.GenerationMode), database="none")
CONFIG = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=RIGHT_AND_WRONG)))
schema = schemathesis.openapi.from_asgi("/openapi.json", APP, config=CONFIG)


@pytest.fixture(scope="module")
def patient(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Open a ward for all routes together; yield the id of a patient in a course."""
    folder = tmp_path_factory.mktemp("conformance")
    shutil.copy(sqlite_template, folder / "coursewatch.sqlite3")
    with opened_ward(f"sqlite:///{folder / 'coursewatch.sqlite3'}", folder) as ward:
        APP.target = ward.client.app
        yield ward.after_first_block()


@schema.parametrize()
@settings(max_examples=EXAMPLES_A_ROUTE, derandomize=True)
def test_every_answer_is_one_that_the_document_describes(case: schemathesis.Case, patient: str) -> None:
    parameters = case.path_parameters or {}
    if WELL_FORMED_ID.fullmatch(str(parameters.get("patient_id"))):
        parameters["patient_id"] = patient

    case.call_and_validate(headers=as_person("admin"), excluded_checks=BEYOND_A_SCHEMA)
