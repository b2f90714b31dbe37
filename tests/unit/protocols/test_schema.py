"""The JSON schemas say what the reader of protocols says, as far as a schema can, with a hint at every key."""

import json
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.unit.protocols.mutations import MUTATIONS, Mutation
from tests.unit.protocols.texts import broken, examples_in
from workflow.domain.facts.types import FACT_TYPES
from workflow.protocols.files import vocabulary
from workflow.protocols.files.document import ProtocolDocument, Table
from workflow.protocols.files.examples import ExamplesDocument, parse_examples_with_lines
from workflow.protocols.files.folders import EXAMPLES_FILE, PROTOCOL_FILE
from workflow.protocols.files.hints import HINTS
from workflow.protocols.files.parse import parse_protocol, parse_with_lines
from workflow.protocols.files.problems import ProtocolError
from workflow.protocols.files.schema import EXAMPLES_SCHEMA, PROTOCOL_SCHEMA, schemas
from workflow.protocols.library import shipped_folders

SCHEMAS = {name: json.loads(text) for name, text in schemas().items()}
PROTOCOL = jsonschema_rs.validator_for(SCHEMAS[PROTOCOL_SCHEMA], validate_formats=True)
EXAMPLES = jsonschema_rs.validator_for(SCHEMAS[EXAMPLES_SCHEMA], validate_formats=True)
WRONG = Path(__file__).parents[2] / "data" / "protocols"
CAP = """\
[[caps]]
rule = "C"
elements = ["R1"]
most = 5
scope = "life"
source = "000, page 5"

"""
AGES = """\
[[eligibility]]
asks = "Who"
source = "000, page 6"
age_years = [1, 21]

"""
DOSE = """\
[[doses]]
element = "R1"
drug = "D"
amount = 28
unit = "mcg/day"
source = "000, page 7"
for = "45 kg and above"

"""
EXAMPLE = """
[[examples]]
name = "One"
why = "A test"
as_of = 2025-01-20
state = "reinduction.block"
facts = [
  { type = "relapse_diagnosed", occurred_on = 2025-01-06, data = { relapse_site = "isolated_bm" } },
  { type = "block_started", occurred_on = 2025-01-08, data = { element = "R1" } },
]
next = [{ type = "block_started", occurred_on = 2025-01-21, data = { element = "R1" }, answer = "too_early" }]
"""


def seen_by_an_editor(toml: str) -> Any:  # noqa: ANN401 -- JSON holds anything
    """Return a TOML text as an editor hands it to a schema: dates as text."""
    return with_dates_as_text(tomllib.loads(toml))


def with_dates_as_text(value: object) -> object:
    """Return a value with every date in it as text."""
    if isinstance(value, dict):
        return {key: with_dates_as_text(held) for key, held in value.items()}
    if isinstance(value, list):
        return [with_dates_as_text(held) for held in value]
    return value.isoformat() if isinstance(value, date) else value


def tables_of(model: type[Table]) -> dict[str, Any]:
    """Return the schema of every table of a file by its name, but those of facts' data."""
    root = SCHEMAS[PROTOCOL_SCHEMA if model is ProtocolDocument else EXAMPLES_SCHEMA]
    ours = {table.__name__ for table in (*Table.__subclasses__(), *_below(Table))}
    return {model.__name__: root} | {name: table for name, table in root["$defs"].items() if name in ours}


def _below(table: type[Table]) -> Iterator[type[Table]]:
    for below in table.__subclasses__():
        yield from below.__subclasses__()


@pytest.mark.parametrize("folder", shipped_folders(), ids=lambda folder: folder.name)
def test_every_shipped_protocol_is_valid(folder: Path) -> None:
    PROTOCOL.validate(seen_by_an_editor(folder.joinpath(PROTOCOL_FILE).read_text(encoding="utf-8")))
    EXAMPLES.validate(seen_by_an_editor(folder.joinpath(EXAMPLES_FILE).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "small"', 'id = "Small One"'),
        ('version = "1"', "version = 1"),
        ('title = "Small"', 'title = "  "'),
        ('scope = "Tests"', 'colour = "red"\nscope = "Tests"'),
        ('scope = "Tests"\n', ""),
        ('scope = "Tests"', 'in_force_from = "soon"\nscope = "Tests"'),
        ('scope = "Tests"', "silent_after_days = 0\nscope = 'Tests'"),
        ("latest_days", "latest_day"),
        ("= 26", '= "26"'),
        ("= 26", "= true"),
        ("= 26", "= -1"),
        ("= 26", "= 3651"),
        ("= 26", "= 26.5"),
        ('"block_started"', '"block_strated"'),
        ('"block_started"', '"note_added"'),
        ('["block_started"]', "[]"),
        ('[{ facts = ["block_started"] }]', "[]"),
        ('"transplanted"]', '"transplant"]'),
        ('["WEEK_5"]', '["WEEK_6"]'),
        ('method = "PCR"', 'method = "pcr"'),
        ("= 0.001", "= 10"),
        ("= 0.001", '= "0.001"'),
        ("anchor_block = 2", "anchor_block = 0"),
        ('rule = "W-2"', 'rule = "1:2"'),
        ('000 = "A source"', "000 = 1"),
        ('[citations]\n000 = "A source"', "citations = {}"),
        ("anchor_block = 2", 'risk = { scheme = "BFM", groups = [] }'),
        ("anchor_block = 2", 'risk = { groups = ["S4"] }'),
        ("[[mrd_points]]", f"{CAP.replace('most = 5', 'most = 0')}[[mrd_points]]"),
        ("[[mrd_points]]", f"{CAP.replace('life', 'lives')}[[mrd_points]]"),
        ("[[mrd_points]]", f"{AGES.replace('[1, 21]', '[1]')}[[mrd_points]]"),
        ("[[mrd_points]]", f"{DOSE.replace('mcg/day', 'mg/day')}[[mrd_points]]"),
    ],
)
def test_what_the_reader_refuses_for_its_shape_the_schema_refuses(old: str, new: str) -> None:
    text = broken(old, new)

    with pytest.raises(ProtocolError):
        parse_protocol(text, "protocol.toml")
    assert not PROTOCOL.is_valid(seen_by_an_editor(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("= 0.001", "= 1e-3"),
        ('scope = "Tests"', "in_force_from = 2025-01-31\nscope = 'Tests'"),
        ("[[mrd_points]]", f"{CAP}[[mrd_points]]"),
        ("[[mrd_points]]", f"{AGES}[[mrd_points]]"),
        ("[[mrd_points]]", f"{DOSE}[[mrd_points]]"),
    ],
    ids=["as it is", "exponent", "date", "cap", "ages", "whole amount"],
)
def test_what_the_reader_reads_the_schema_takes(old: str, new: str) -> None:
    text = broken(old, new)

    assert parse_protocol(text, "protocol.toml").id == "small"
    PROTOCOL.validate(seen_by_an_editor(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2025-01-20", '"some day"'),
        ("reinduction.block", "reinduction.blocks"),
        ('"relapse_diagnosed"', '"relapse"'),
        ("element", "elements"),
        (', data = { element = "R1" }', ""),
        ('relapse_site = "isolated_bm"', 'relapse_site = "marrow"'),
        ('answer = "too_early"', 'warnings = ["no_remission"], answer = "accepted"'),
        (', answer = "too_early"', ""),
    ],
)
def test_an_example_of_the_wrong_shape_is_refused_by_both(old: str, new: str) -> None:
    assert old in EXAMPLE
    text = EXAMPLE.replace(old, new, 1)

    with pytest.raises(ProtocolError):
        examples_in(text)
    assert not EXAMPLES.is_valid(seen_by_an_editor(text))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_of_the_mistakes_that_people_make_the_schema_sees_those_of_shape(mutation: Mutation) -> None:
    (folder,) = (folder for folder in shipped_folders() if folder.name == mutation.of)
    text = folder.joinpath(mutation.file).read_text(encoding="utf-8").replace(mutation.old, mutation.new)
    parse, schema = (
        (parse_with_lines, PROTOCOL) if mutation.file == PROTOCOL_FILE else (parse_examples_with_lines, EXAMPLES)
    )
    try:
        parse(text, mutation.file)
    except ProtocolError:
        of_shape = True
    else:
        of_shape = False

    assert schema.is_valid(seen_by_an_editor(text)) is not of_shape


def test_an_example_of_the_right_shape_is_taken_by_both() -> None:
    assert examples_in(EXAMPLE)
    EXAMPLES.validate(seen_by_an_editor(EXAMPLE))


@pytest.mark.parametrize("model", [ProtocolDocument, ExamplesDocument])
def test_every_key_of_every_table_has_its_hint_and_refuses_unknown_keys(model: type[Table]) -> None:
    for name, table in tables_of(model).items():
        assert set(HINTS[name]) == set(table["properties"]), name
        assert table["additionalProperties"] is False, name
        for key, told in table["properties"].items():
            assert told["description"].startswith(f"{HINTS[name][key]}: "), (name, key)


def test_there_is_no_hint_for_what_no_file_has() -> None:
    assert set(HINTS) == {*tables_of(ProtocolDocument), *tables_of(ExamplesDocument)}


@pytest.mark.parametrize(
    ("table", "key", "names"),
    [
        ("WindowTable", "anchor", vocabulary.CLINICAL_FACTS),
        ("MrdPointTable", "timepoint", vocabulary.MRD_TIMEPOINTS),
        ("MrdPointTable", "method", vocabulary.MRD_METHODS),
        ("DoseTable", "unit", vocabulary.DOSE_UNITS),
        ("CapTable", "scope", ("course", "life")),
    ],
)
def test_closed_lists_are_offered_in_full(table: str, key: str, names: tuple[str, ...]) -> None:
    assert tables_of(ProtocolDocument)[table]["properties"][key]["enum"] == list(names)


def test_the_data_of_every_fact_type_is_told() -> None:
    for table in ("FactTable", "NextTable"):
        told = [case["if"]["properties"]["type"]["const"] for case in tables_of(ExamplesDocument)[table]["allOf"]]
        assert sorted(told) == sorted(FACT_TYPES)


@pytest.mark.parametrize("name", [PROTOCOL_SCHEMA, EXAMPLES_SCHEMA])
def test_a_schema_is_one_of_draft_2020_12_without_null(name: str) -> None:
    jsonschema_rs.meta.validate(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert '"null"' not in schemas()[name]


def test_the_names_that_a_wrong_protocol_uses_are_seen_in_an_editor() -> None:
    text = (WRONG / "wrong_names" / PROTOCOL_FILE).read_text(encoding="utf-8")
    found = {"/".join(map(str, error.instance_path)) for error in PROTOCOL.iter_errors(seen_by_an_editor(text))}

    assert {"id", "version", "windows/0/anchor", "windows/0/expects/0/facts/0", "mrd_points/0/timepoint"} <= found
