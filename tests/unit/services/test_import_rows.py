"""Files of facts are read row by row; what cannot be read names its line, its field and the way out."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from workflow.domain.facts.fact import payload_json
from workflow.domain.facts.response import MrdReported
from workflow.services.csv_records import UnreadableFileError
from workflow.services.import_rows import Row, read_rows, rows_of

HEADER = "patient,type,occurred_on,data.element"
START = "ALL-0001,block_started,2025-02-03,R1"


def csv_rows(*lines: str, end: str = "\n") -> list[Row]:
    return list(rows_of(end.join(lines).encode(), "facts.csv"))


def ndjson_rows(*lines: str) -> list[Row]:
    return list(rows_of("\n".join(lines).encode(), "facts.ndjson"))


def problem_of(row: Row) -> tuple[str, str]:
    assert row.draft is None
    return row.problems[0].field, row.problems[0].code


def refusal_of(content: bytes, name: str = "facts.csv") -> str:
    with pytest.raises(UnreadableFileError) as refused:
        list(rows_of(content, name))
    return str(refused.value)


def test_a_row_is_the_fact_that_its_filled_cells_say() -> None:
    (row,) = csv_rows(HEADER, START)
    assert row.draft is not None
    assert (row.line, row.patient, row.draft.type, row.draft.occurred_on) == (
        2,
        "ALL-0001",
        "block_started",
        date(2025, 2, 3),
    )
    assert payload_json(row.draft.data) == '{"element":"R1"}'


def test_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = csv_rows(HEADER, START)
    assert list(rows_of(b"\xef\xbb\xbf" + f"{HEADER}\r\n{START}\r\n".encode(), "facts.csv")) == plain


def test_a_row_is_numbered_by_the_line_on_which_it_starts() -> None:
    rows = csv_rows(
        "patient,type,occurred_on,data.text",
        'ALL-0001,note_added,2025-02-03,"first',
        'second line"',
        "",
        "ALL-0001,note_added,2025-02-04,later",
    )
    assert [row.line for row in rows] == [2, 5]
    assert rows[0].draft is not None
    assert payload_json(rows[0].draft.data) == '{"text":"first\\nsecond line"}'


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("data.final", "TRUE", '"final":true'),
        ("data.anc", "1200", '"anc":1200.0'),
        ("data.csf.blasts", "false", '"csf":{"blasts":false}'),
        ("data.csf.sampled_at", "2025-02-03T08:00:00+01:00", '"csf":{"sampled_at":"2025-02-03T07:00:00Z"}'),
    ],
)
def test_a_cell_is_read_by_the_type_of_its_field(column: str, cell: str, said: str) -> None:
    header = ["patient", "type", "occurred_on", "data.marrow_blasts_percent", "data.final", column]
    cells = ["ALL-0001", "response_assessed", "2025-02-03", "2", "true", cell]
    named = dict(zip(header, cells, strict=True))
    (row,) = csv_rows(",".join(named), ",".join(named.values()))
    assert row.draft is not None
    assert said in payload_json(row.draft.data)


def test_an_mrd_value_keeps_its_digits_in_both_formats() -> None:
    (from_csv,) = csv_rows(
        "patient,type,occurred_on,data.timepoint,data.method,data.sample_on,data.unit,data.value",
        "ALL-0001,mrd_reported,2025-02-03,END_BLOCK_1,PCR,2025-02-01,fraction,0.00010",
    )
    (from_json,) = ndjson_rows(
        '{"patient": "ALL-0001", "type": "mrd_reported", "occurred_on": "2025-02-03", "data": {"timepoint": '
        '"END_BLOCK_1", "method": "PCR", "sample_on": "2025-02-01", "unit": "fraction", "value": 0.00010}}'
    )
    assert from_csv.draft is not None
    assert from_json.draft is not None
    assert from_csv.draft == from_json.draft
    assert isinstance(from_csv.draft.data, MrdReported)
    assert str(from_csv.draft.data.value) == str(Decimal("0.00010"))


def test_an_mrd_that_a_report_prints_in_two_units_has_a_column_for_each() -> None:
    header = "patient,type,occurred_on,data.timepoint,data.method,data.sample_on,data.unit,data.value"
    agree, disagree, alone = csv_rows(
        f"{header},data.also.value,data.also.unit",
        "ALL-0001,mrd_reported,2025-02-03,END_BLOCK_1,PCR,2025-02-01,percent,0.01,0.00010,fraction",
        "ALL-0001,mrd_reported,2025-02-03,END_BLOCK_1,PCR,2025-02-01,percent,0.01,0.001,fraction",
        "ALL-0001,mrd_reported,2025-02-03,END_BLOCK_1,PCR,2025-02-01,percent,0.01,,",
    )
    assert agree.draft is not None
    assert '"also":{"unit":"fraction","value":"0.00010"}' in payload_json(agree.draft.data)
    assert problem_of(disagree) == ("data.also.value", "mrd_contradiction")
    assert alone.draft is not None
    assert "also" not in payload_json(alone.draft.data)


def test_a_list_is_json_text_and_an_empty_one_is_absent() -> None:
    header = "patient,type,occurred_on,data.causes"
    filled, empty, absent = csv_rows(
        header,
        'ALL-0001,block_deferred,2025-02-03,"[{""code"": ""infection""}]"',
        "ALL-0001,block_deferred,2025-02-03,[]",
        "ALL-0001,block_deferred,2025-02-03,",
    )
    assert filled.draft is not None
    assert payload_json(filled.draft.data) == '{"causes":[{"code":"infection"}]}'
    assert empty.draft == absent.draft


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("ALL-0001,blok_started,2025-02-03,R1,,", ("type", "unknown_type")),
        ("ALL-0001,block_started,2025-02-30,R1,,", ("occurred_on", "no_such_date")),
        ("ALL-0001,block_started,03.02.2025,R1,,", ("occurred_on", "date_format")),
        ("ALL-0001,block_started,2025-02-03,,,", ("data.element", "missing")),
        ("ALL-0001,block_started,2025-02-03,R1,true,", ("data.final", "extra_forbidden")),
        ("ALL-0001,block_started,2025-02-03,R1,,two", ("data.attempt", "cell_format")),
        (",block_started,2025-02-03,R1,,", ("patient", "missing")),
        ("ALL-0001,,2025-02-03,R1,,", ("type", "missing")),
        ("ALL-0001,block_started,2025-02-03,R1", ("row", "cell_count")),
        ("ALL-0001,block_started,2025-02-03,R1,,,,", ("row", "cell_count")),
        ("ALL-0001,response_assessed,2025-02-03,,perhaps,", ("data.final", "cell_format")),
        ("ALL-0001,block_deferred,2025-02-03,R1,,1.5", ("data.attempt", "extra_forbidden")),
    ],
)
def test_a_row_that_is_no_fact_names_its_field(line: str, problem: tuple[str, str]) -> None:
    (row,) = csv_rows("patient,type,occurred_on,data.element,data.final,data.attempt", line)
    assert problem_of(row) == problem


@pytest.mark.parametrize(("cell", "patient"), [(" P1 ", "P1"), ("", None), ("A\0B", None), ("P" * 81, None)])
def test_a_row_of_the_wrong_length_names_its_patient_as_other_rows_do(cell: str, patient: str | None) -> None:
    (row,) = csv_rows(HEADER, f"{cell},died,2025-02-03")
    assert problem_of(row) == ("row", "cell_count")
    assert row.patient == patient


def test_a_cell_of_the_wrong_kind_is_said_once_and_with_the_way_out() -> None:
    (row,) = csv_rows("patient,type,occurred_on,data.element,data.attempt", f"{START},two")
    assert [problem.message for problem in row.problems] == ["data.attempt must be a whole number"]


def test_a_registration_must_agree_with_the_columns_beside_it() -> None:
    header = "patient,site,type,occurred_on,data.pseudonym,data.site,data.diagnosis_date,data.phenotype"
    rows = csv_rows(
        header,
        "P1,A,patient_registered,2025-01-01,P1,A,2024-01-01,BCP",
        "P1,A,patient_registered,2025-01-01,P2,A,2024-01-01,BCP",
        "P1,B,patient_registered,2025-01-01,P1,A,2024-01-01,BCP",
    )
    assert rows[0].draft is not None
    assert [problem_of(row)[0] for row in rows[1:]] == ["data.pseudonym", "data.site"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("patient,type,occurred_on,data.elment", "did you mean data.element?"),
        ("Patient,type,occurred_on", "did you mean patient?"),
        ("type,data.element", "columns patient, occurred_on missing"),
        ("patient,type,occurred_on,type", "column type stands there twice"),
        ("patient,type,occurred_on,", "column 4 has no name"),
        ("patient;type;occurred_on", "not separated by commas"),
        ("patient\ttype\toccurred_on", "not separated by commas"),
        ("patient,type,occurred_on,zzzz", "column 4 is not known: 'zzzz'; remove it"),
    ],
)
def test_a_wrong_header_names_the_column_and_the_way_out(header: str, said: str) -> None:
    message = refusal_of(f"{header}\n{START}\n".encode())
    assert message.startswith("facts.csv, line 1: wrong header")
    assert said in message


def test_invalid_utf8_names_the_line() -> None:
    content = f"{HEADER}\n{START}\n".encode() + "Müller,block_started,2025-02-03,R1\n".encode("latin-1")
    assert "line 3: byte 2 is not UTF-8" in refusal_of(content)
    assert "line 1: byte 1 is not UTF-8" in refusal_of('{"patient": "é"}'.encode("utf-16"), "facts.ndjson")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "facts.csv", "the file is empty"),
        (b" \n\n", "facts.csv", "the file is empty"),
        (b'[{"patient": "ALL-0001"}]', "facts.json", "one fact a line"),
        (f'{HEADER}\nALL-0001,note_added,2025-01-01,"open'.encode(), "facts.csv", "starts on line 2"),
        (f'{HEADER}\nALL-0001,note"x",2025-01-01,"a"b\n'.encode(), "facts.csv", "starts on line 2"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, name: str, said: str) -> None:
    assert said in refusal_of(content, name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"none\.csv: cannot be read: No such file"):
        read_rows(tmp_path / "none.csv")


NOTE = '"type": "note_added", "occurred_on": "2025-01-01", "data"'


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("not json", ("row", "not_json")),
        ("[1, 2]", ("row", "not_json")),
        (f'{{"patient": "P", {NOTE}: {{"text": NaN}}}}', ("row", "not_json")),
        ('{"patient": "P", "patient": "Q"}', ("patient", "repeated_field")),
        ('{"patient": "P", "\\ud800": 1}', ("row", "half_character")),
        ('{"patient": "P", "\\ud800": 1, "\\ud800": 2}', ("row", "half_character")),
        (f'{{"patient": "P", {NOTE}: {{"\\ud800": 1}}}}', ("row", "half_character")),
        (f'{{{NOTE}: {{"text": "x"}}}}', ("patient", "missing")),
        (f'{{"patient": 7, {NOTE}: {{"text": "x"}}}}', ("patient", "string_type")),
        (f'{{"patient": "\\ud800", {NOTE}: {{"text": "x"}}}}', ("patient", "string_type")),
        (f'{{"patient": "P", {NOTE}: {{"text": 1.5}}}}', ("data.text", "string_type")),
        ('{"patient": "P", "type": "died", "occurred_on": "2025-01-01", "elment": 1}', ("elment", "extra_forbidden")),
    ],
)
def test_a_line_of_ndjson_that_is_no_fact_names_its_field(line: str, problem: tuple[str, str]) -> None:
    good = '{"patient": "P", "type": "died", "occurred_on": "2025-01-01"}'
    bad, after = ndjson_rows(line, good)
    assert problem_of(bad) == problem
    assert after.draft is not None
    assert after.line == 2


def test_ndjson_is_known_by_its_first_letter_whatever_the_file_is_called() -> None:
    (row,) = rows_of(b'{"patient": "P", "type": "died", "occurred_on": "2025-01-01"}\r\n\r\n', "facts.txt")
    assert row.draft is not None


def test_the_time_of_recording_elsewhere_is_kept_apart() -> None:
    (row,) = csv_rows("patient,type,occurred_on,recorded_at", "P,died,2025-01-01,2025-01-02T10:00:00+01:00")
    assert row.draft is not None
    assert str(row.draft.source_recorded_at) == "2025-01-02 09:00:00+00:00"
