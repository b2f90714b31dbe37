"""Puts the OpenAPI document together: what FastAPI finds, and the schemas of what the house reads and answers."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.schemas import alerts, answers, classification, corrections, protocols, surroundings
from api.schemas.requests import REF, request_schemas
from workflow.domain.messages import INTENDED_USE

DESCRIPTION = f"""\
Documents the course of relapsed childhood acute lymphoblastic leukaemia: people record dated facts; Coursewatch answers
with the state, the timing windows, what is late or critical and why, each with its arithmetic and its published source.

**Intended use.** {INTENDED_USE}

* Send your key as `Authorization: Bearer KEY`.
* Send an `Idempotency-Key` of your choice with every POST: repeating the request then gives the first answer again.
* Send the `ETag` you read as `If-Match` with a write, to learn (412) whether somebody was there before you.
* Errors are `application/problem+json` with a stable `code`. Dates are the site's calendar dates, `YYYY-MM-DD`.
"""
NEEDS_KEY = "/api/v1/"
KEY = "key"
SECURITY = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key made with `coursewatch key create`, sent as `Authorization: Bearer KEY`.",
}
TAGS = [
    {"name": "patients", "description": "Who is followed, by pseudonym."},
    {"name": "facts", "description": "What happened: the only thing that is written."},
    {"name": "corrections", "description": "What was written wrong: superseded, voided, moved; nothing is lost."},
    {"name": "courses", "description": "What follows from it: history, windows, proofs, next steps."},
    {"name": "worklist", "description": "Who is late, critical, due or silent."},
    {"name": "alerts", "description": "What has passed a threshold, who was told, and what was done about it."},
    {"name": "classifications", "description": "What the published tables say of a relapse, and why."},
    {"name": "cohort", "description": "How many patients stand where."},
    {"name": "sites", "description": "Hospitals, their calendar and contacts."},
    {"name": "protocols", "description": "Timing rules as data."},
    {"name": "health", "description": "For machines."},
]


def document(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Return what answers `app.openapi()`: built once, on first use."""
    built: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not built:
            built.update(_built(app))
        return built

    return openapi


def _built(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=DESCRIPTION,
        tags=TAGS,
        routes=app.routes,
    )
    components = found.setdefault("components", {})
    components["schemas"] = {**components.get("schemas", {}), **answer_schemas(), **request_schemas()}
    components["securitySchemes"] = {KEY: SECURITY}
    for path, operations in found["paths"].items():
        for operation in operations.values():
            if path.startswith(NEEDS_KEY):
                operation["security"] = [{KEY: []}]
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _without_null(parameter["schema"])
    return found


def answer_schemas() -> dict[str, Any]:
    """Return the components that answers refer to."""
    models = [
        model
        for module in (answers, alerts, classification, corrections, protocols, surroundings)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
    ]
    _, generated = models_json_schema([(model, "serialization") for model in models], ref_template=REF)
    schemas: dict[str, Any] = generated["$defs"]
    return schemas


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter's schema without null: in a URL or a header it can be left out, but it cannot be null."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**choices[0], **{name: value for name, value in schema.items() if name != "anyOf"}}
