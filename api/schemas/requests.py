"""What may be sent, as JSON schema: every fact type, built from the payloads that read it, so that none can differ."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from workflow.domain.facts.base import read_day, read_decimal, read_instant, read_measure
from workflow.domain.facts.read import FactRequest
from workflow.domain.facts.registration import PatientRegistered
from workflow.domain.facts.types import PAYLOADS, REGISTRATION
from workflow.services.act_on_alert import Acknowledgement, Resolution, Snooze
from workflow.services.classify_case import CaseRequest
from workflow.services.list_patients import Search
from workflow.services.protocol_release import SignatureRequest
from workflow.services.read_correction import MOST_AT_ONCE, Correction, Move
from workflow.services.sites import SiteRequest, read_hour

REF = "#/components/schemas/{model}"
# As read_decimal reads it from text.
_DECIMAL_TEXT = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$", "maxLength": 40}
_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_OF_REGISTRATION = ("occurred_on", "external_id", "certainty", "note")

Schema = dict[str, Any]


class _InputSchema(GenerateJsonSchema):
    """Knows what our own readers accept, which pydantic can only see as functions."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """Return the schema of what a reader reads."""
        reader = schema["function"]["function"]
        if reader is read_day:
            return {"type": "string", "format": "date"}
        if reader is read_hour:
            return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
        if reader is read_instant:
            return {"type": "string", "format": "date-time"}
        if reader in {read_decimal, read_measure}:
            inner: dict[str, Any] = dict(schema["schema"])
            bounds = {word: inner[name] for name, word in _BOUNDS.items() if name in inner}
            return {"anyOf": [{"type": "number", **bounds}, _DECIMAL_TEXT]}
        return super().function_before_schema(schema)


def request_schemas() -> dict[str, Schema]:
    """Return the components that request bodies refer to: FactToRecord, one envelope a type, payloads, the others."""
    models: list[type[BaseModel]] = [*dict.fromkeys(PAYLOADS.values()), FactRequest, SiteRequest, Search]
    models += [Correction, Move, Acknowledgement, Snooze, Resolution, CaseRequest, SignatureRequest]
    _, generated = models_json_schema(
        [(model, "validation") for model in models], ref_template=REF, schema_generator=_InputSchema
    )
    components: dict[str, Schema] = generated["$defs"]
    envelope = components.pop("FactRequest")["properties"]
    components |= _corrections(components.pop("Correction"), dict(envelope))
    envelope["keep_conflicts"] = {
        "type": "boolean",
        "default": False,
        "description": "Record although later facts lose their step in the chart; as a clinician.",
    }
    envelope["recorded_at"]["description"] = "When the source system recorded it; kept as source_recorded_at."
    types = [fact_type for fact_type in PAYLOADS if fact_type != REGISTRATION]
    components |= {f"fact_{fact_type}": _fact(fact_type, envelope) for fact_type in types}
    components["FactToRecord"] = {
        "title": "FactToRecord",
        "oneOf": [{"$ref": REF.format(model=f"fact_{fact_type}")} for fact_type in types],
        "discriminator": {
            "propertyName": "type",
            "mapping": {fact_type: REF.format(model=f"fact_{fact_type}") for fact_type in types},
        },
    }
    components["PatientToRegister"] = _registration(components.pop(PatientRegistered.__name__), envelope)
    components["Confirmation"] = _confirmation(envelope)
    return {name: _with_limits(component) for name, component in components.items()}


def _with_limits(part: Any) -> Any:  # noqa: ANN401 -- JSON holds anything
    """Return a part of a schema with the limits that pydantic leaves beside a reader's schema under its own names."""
    if isinstance(part, list):
        return [_with_limits(held) for held in part]
    if not isinstance(part, dict):
        return part
    return {_BOUNDS.get(key, key): _with_limits(held) for key, held in part.items()}


def _fact(fact_type: str, envelope: Schema) -> Schema:
    model = PAYLOADS[fact_type]
    data_needed = any(field.is_required() for field in model.model_fields.values())
    return {
        "title": fact_type,
        "description": (model.__doc__ or "").strip(),
        "type": "object",
        "properties": {
            **envelope,
            "type": {"type": "string", "const": fact_type},
            "data": {"$ref": REF.format(model=model.__name__)},
        },
        "required": ["type", "occurred_on", *(["data"] if data_needed else [])],
        "additionalProperties": False,
    }


def _registration(payload: Schema, envelope: Schema) -> Schema:
    """Return the payload of patient_registered with the envelope's fields beside it, as POST /patients takes it."""
    beside = {name: envelope[name] for name in _OF_REGISTRATION}
    return {**payload, "title": "PatientToRegister", "properties": {**payload["properties"], **beside}}


def _corrections(single: Schema, envelope: Schema) -> dict[str, Schema]:
    """Return the components of POST …/corrections: one correction with keep_conflicts beside it, or a batch."""
    envelope["type"] = {"type": "string", "enum": list(PAYLOADS)}
    shown = {
        **single["properties"],
        "fact": {
            "type": "object",
            "description": "How it is right, with `supersedes` only: a whole fact of the same type, as it is recorded.",
            "properties": envelope,
            "required": ["type", "occurred_on"],
            "additionalProperties": False,
        },
    }
    keep: Schema = {
        "type": "boolean",
        "default": False,
        "description": "Correct although facts lose their step in the chart; they stand as conflicts to review.",
    }
    one = {**single, "properties": shown}
    batch = {
        "title": "CorrectionBatch",
        "type": "object",
        "properties": {
            "corrections": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_AT_ONCE,
                "items": {"$ref": REF.format(model="Correction")},
            },
            "keep_conflicts": keep,
        },
        "required": ["corrections"],
        "additionalProperties": False,
    }
    return {
        "Correction": one,
        "SingleCorrection": {**one, "title": "SingleCorrection", "properties": {**shown, "keep_conflicts": keep}},
        "CorrectionBatch": batch,
        "CorrectionRequest": {
            "title": "CorrectionRequest",
            "anyOf": [{"$ref": REF.format(model=name)} for name in ("SingleCorrection", "CorrectionBatch")],
        },
    }


def _confirmation(envelope: Schema) -> Schema:
    return {
        "title": "Confirmation",
        "type": "object",
        "properties": {name: envelope[name] for name in ("occurred_on", "note", "external_id", "certainty")},
        "additionalProperties": False,
    }
