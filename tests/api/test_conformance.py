"""Whatever is sent, right or wrong, the answer is one that the OpenAPI document describes, and never a server error."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from tests.api.unopened import unopened_house
from tests.api.ward import as_person, opened_ward
from workflow.services.run_sweep import run_sweep

EXAMPLES_A_ROUTE = 20
# The document says shapes; whether a date lies in the future or a start comes too early, only the house can say.
BEYOND_A_SCHEMA: list[Any] = [positive_data_acceptance]
# An id that is made up but well formed is exchanged for one that is there, so that not every answer is 404.
WELL_FORMED = {
    "patient_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE),
    "alert_id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE),
    "fact_id": re.compile(r"f[1-9]\d{0,8}"),
    "window_id": re.compile(r"\d{1,3}:[A-Z]{2}-\d{3}:f\d{1,9}", re.ASCII),
    "protocol_id": re.compile(r"[a-z0-9-]{1,80}(@[A-Za-z0-9._-]{1,80})?"),
}


class Switch:
    """An application that is there while tests are collected, and gets a house when they run."""

    def __init__(self) -> None:
        self.target: ASGIApp = create_app(unopened_house())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the application of the moment."""
        await self.target(scope, receive, send)


APP = Switch()
RIGHT_AND_WRONG = GenerationConfig(modes=list(schemathesis.GenerationMode), database="none")
CONFIG = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=RIGHT_AND_WRONG)))
schema = schemathesis.openapi.from_asgi("/openapi.json", APP, config=CONFIG)


@pytest.fixture(scope="module")
def on_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Open a ward for all routes together; yield the ids of what is there."""
    folder = tmp_path_factory.mktemp("conformance")
    shutil.copy(sqlite_template, folder / "coursewatch.sqlite3")
    with opened_ward(f"sqlite:///{folder / 'coursewatch.sqlite3'}", folder) as ward:
        APP.target = ward.client.app
        patient = ward.after_first_block()
        ids = {"fact_id": "f4", "window_id": "1:TR-001:f4", "protocol_id": "all-rez-bfm-2002"}
        alert = ward.get(f"/patients/{patient}").json()["alerts"][0]["id"]
        # Where nobody sweeps, readiness says so by 503.
        run_sweep(ward.house, "0a1b2c3d")
        yield {"patient_id": patient, "alert_id": alert, **ids}


@schema.parametrize()
@settings(max_examples=EXAMPLES_A_ROUTE, derandomize=True)
def test_every_answer_is_one_that_the_document_describes(case: schemathesis.Case[Any], on_file: dict[str, str]) -> None:
    for name, made_up in (case.path_parameters or {}).items():
        if name in WELL_FORMED and WELL_FORMED[name].fullmatch(str(made_up)):
            case.path_parameters[name] = on_file[name]

    case.call_and_validate(headers=as_person("admin"), excluded_checks=BEYOND_A_SCHEMA)
