"""The shapes of a protocol's two files as JSON Schema, for editors that complete and check while one writes."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from workflow.domain.facts.base import LONGEST_DECIMAL, read_amount, read_day, read_decimal, read_measure
from workflow.domain.facts.types import PAYLOADS
from workflow.protocols.files.document import ProtocolDocument
from workflow.protocols.files.examples import ExamplesDocument
from workflow.protocols.files.hints import HINTS

PROTOCOL_SCHEMA = "protocol.schema.json"
EXAMPLES_SCHEMA = "examples.schema.json"
_PROTOCOL = ("protocol.toml of Coursewatch", ProtocolDocument)
_EXAMPLES = ("examples.toml of Coursewatch", ExamplesDocument)
# JSON has no dates: editors take a date of TOML, written without quotes, for a string of this format.
_DATE = {"type": "string", "format": "date"}
# Numbers of facts may also be written as text, as read_decimal reads it.
_DECIMAL_TEXT = {
    "type": "string",
    "pattern": r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$",
    "maxLength": LONGEST_DECIMAL,
}
_LIMITS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_REF = "#/$defs/{model}"


def schemas() -> dict[str, str]:
    """Return each schema's file name and text, JSON Schema draft 2020-12 with a line feed at the end.

    What only a check can say no schema does: names that must exist, numbers in order, examples that hold.
    """
    protocol, examples = _schema(*_PROTOCOL), _schema(*_EXAMPLES)
    _tell_data_of_facts(examples["$defs"])
    return {PROTOCOL_SCHEMA: _text(protocol), EXAMPLES_SCHEMA: _text(examples)}


class _TomlSchema(GenerateJsonSchema):
    """Leaves out what TOML does not know: null, text for numbers, titles that repeat the key."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Return the schema of the value: a key without one is left out."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return the schema with its default, but where the default is that the key is absent."""
        found = super().default_schema(schema)
        return {name: value for name, value in found.items() if name != "default" or value is not None}

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Return a number with its limits: decimals are written without quotes."""
        return _number(schema)

    def date_schema(self, _schema: core_schema.DateSchema) -> JsonSchemaValue:
        """Return how a date of TOML is seen."""
        return dict(_DATE)

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """Return what a reader reads, where pydantic sees only a function."""
        reader = schema["function"]["function"]
        if reader is read_day:
            return dict(_DATE)
        if reader in {read_decimal, read_amount, read_measure}:
            return {"anyOf": [_number(schema["schema"]), _DECIMAL_TEXT]}
        return super().function_before_schema(schema)

    def tuple_schema(self, schema: core_schema.TupleSchema) -> JsonSchemaValue:
        """Return a list of one kind of items, which drafts before 2020-12 understand as well."""
        found = super().tuple_schema(schema)
        kinds = found.pop("prefixItems", [])
        return {**found, "items": kinds[0]} if kinds else found

    def field_title_should_be_set(self, _schema: object) -> bool:
        """Return that no field has a title: it would only be the key once more."""
        return False


def _number(schema: core_schema.CoreSchema) -> JsonSchemaValue:
    stated: dict[str, Any] = dict(schema)
    return {"type": "number", **{word: float(stated[name]) for name, word in _LIMITS.items() if name in stated}}


def _schema(title: str, model: type[BaseModel]) -> dict[str, Any]:
    found = model.model_json_schema(schema_generator=_TomlSchema, ref_template=_REF)
    tables = {model.__name__: found, **found["$defs"]}
    for table, hints in HINTS.items():
        for key, told in tables.get(table, {}).get("properties", {}).items():
            told["description"] = f"{hints[key]}: {told['description']}"
    return {"$schema": GenerateJsonSchema.schema_dialect, **found, "title": title}


def _tell_data_of_facts(tables: dict[str, Any]) -> None:
    """Let `data` be what the payload of the fact's type takes, as the reader of facts asks for it."""
    for fact_type, payload in PAYLOADS.items():
        shape = payload.model_json_schema(schema_generator=_TomlSchema, ref_template=_REF)
        tables |= shape.pop("$defs", {})
        tables[payload.__name__] = shape
        needed = ["data"] if shape.get("required") else []
        told = {
            "if": {"properties": {"type": {"const": fact_type}}, "required": ["type"]},
            "then": {"properties": {"data": {"$ref": _REF.format(model=payload.__name__)}}, "required": needed},
        }
        for table in ("FactTable", "NextTable"):
            tables[table].setdefault("allOf", []).append(told)


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(_with_limits(schema), indent=2, ensure_ascii=False) + "\n"


def _with_limits(part: Any) -> Any:  # noqa: ANN401 -- JSON holds anything
    """Return a part of a schema with the limits that pydantic leaves there under its own names."""
    if isinstance(part, list):
        return [_with_limits(held) for held in part]
    if not isinstance(part, dict):
        return part
    return {_LIMITS.get(key, key): _with_limits(held) for key, held in part.items()}
