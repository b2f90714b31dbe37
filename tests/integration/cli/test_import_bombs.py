"""Files that were built to break an import: each row is refused on its own, and the rows beside it come in."""

import json
from pathlib import Path

from tests.integration.cli.running import coursewatch
from workflow.settings import Settings

REGISTRATION = {
    "patient": "P-1",
    "type": "patient_registered",
    "occurred_on": "2025-01-06",
    "data": {"pseudonym": "P-1", "site": "berlin", "diagnosis_date": "2022-03-01", "phenotype": "BCP"},
}
NOTE = '{"patient": "P-1", "type": "note_added", "occurred_on": "2025-01-10", "data": %s}'
BOMBS = {
    "100,000 levels": NOTE % ("[" * 100_000 + "]" * 100_000),
    "900 levels": NOTE % ('{"a":' * 900 + "1" + "}" * 900),
    "900 levels of a text": NOTE % ('{"text":' * 900 + "1" + "}" * 900),
    "an exponent beyond all": NOTE % '{"text": 1.0e99999999999999999999}',
    "an integer of 5,000 digits": NOTE % f'{{"text": {"9" * 5_000}}}',
    "a text of a megabyte": NOTE % f'{{"text": "{"a" * 1_000_000}"}}',
    "20,000 names": NOTE % json.dumps({str(number): 1 for number in range(20_000)}),
    "20,000 names and one twice": NOTE
    % ("{" + ",".join(f'"{number}": 1' for number in (*range(20_000), 19_999)) + "}"),
    "NUL": NOTE % '{"text": "a\\u0000b"}',
    "half a surrogate pair": NOTE % '{"text": "\\ud800"}',
    "NaN": NOTE % '{"text": NaN}',
    "a list": "[]",
    "a number": "1",
    "nothing but blanks and a brace": "   {",
    "fields of the house": NOTE.replace('"data"', '"recorded_by": "admin", "id": "f1", "data"') % '{"text": "a"}',
}


def test_each_bomb_is_a_refused_row_and_stops_no_other(home: Settings, tmp_path: Path) -> None:
    lines = [json.dumps(REGISTRATION), *BOMBS.values(), NOTE % '{"text": "seen"}']
    (tmp_path / "bombs.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")

    finished = coursewatch("import", "bombs.ndjson", "--report", "report.ndjson")

    told = [json.loads(line) for line in (tmp_path / "report.ndjson").read_text(encoding="utf-8").splitlines()]
    outcomes = {row["row"]: row["outcome"] for row in told}
    accepted = [row for row, outcome in outcomes.items() if outcome == "accepted"]
    assert finished.code == 0
    assert "Traceback" not in finished.err
    assert accepted == [1, len(lines)]
    assert sorted(outcomes) == list(range(1, len(lines) + 1))


def test_a_csv_with_a_cell_beyond_all_says_where_and_brings_nothing_in(home: Settings, tmp_path: Path) -> None:
    header = "patient,site,type,occurred_on,data.text\n"
    (tmp_path / "bomb.csv").write_text(
        f'{header}P-1,berlin,note_added,2025-01-10,"{"a" * 5_000_000}"\n', encoding="utf-8"
    )

    finished = coursewatch("import", "bomb.csv")

    assert finished.code == 1
    assert "Traceback" not in finished.err
