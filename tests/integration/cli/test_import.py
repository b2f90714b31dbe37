"""`coursewatch import`: dry runs, reports, new databases, and files that cannot be read."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.files import HEADER, course, registration, row, write
from tests.integration.cli.running import coursewatch
from workflow.rules.merge import merge
from workflow.services import import_facts
from workflow.settings import Settings


def reported(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def pseudonyms() -> list[str]:
    """Return whom the database holds, from the worklist's silent and critical patients."""
    document = json.loads(coursewatch("worklist", "--as-of", "2025-06-30", "--json").out)
    return sorted({item["pseudonym"] for item in document["items"]})


def test_the_first_import_makes_the_database(new_home: Path) -> None:
    file = write(new_home / "facts.csv", *course("ALL-0001"))
    finished = coursewatch("import", file)
    assert finished.code == 0
    assert "The database is new" in finished.err
    assert "6 rows: 6 accepted, 0 known, 0 refused." in finished.err
    assert pseudonyms() == ["ALL-0001"]


def test_a_dry_run_reports_the_same_and_stores_nothing(home: Settings) -> None:
    late = row("ALL-0001", "block_started", "2031-01-01", data_element="R1")
    file = write(Path("facts.csv"), *course("ALL-0001"), late)
    dry = coursewatch("import", file, "--dry-run", "--report", "dry.ndjson")
    assert "Dry run: nothing was stored." in dry.err
    assert "Site berlin was made" in dry.err
    assert pseudonyms() == []
    assert json.loads(coursewatch("site", "list", "--json").out)["items"] == []
    assert coursewatch("import", file, "--report", "real.ndjson").code == dry.code == 0
    assert reported(Path("dry.ndjson")) == reported(Path("real.ndjson"))


def test_a_dry_run_on_the_first_day_leaves_nothing_behind(new_home: Path) -> None:
    file = write(new_home / "facts.csv", *course("ALL-0001"))
    assert "6 accepted" in coursewatch("import", file, "--dry-run").err
    assert [path.name for path in new_home.iterdir()] == ["facts.csv"]


def test_the_report_has_a_line_for_every_row_in_their_order(home: Settings) -> None:
    lines = course("ALL-0001")
    lines[3] = lines[3].replace("block_started", "blok_started")
    file = write(Path("facts.csv"), *reversed(lines), lines[1])
    finished = coursewatch("import", file, "--report", "report.ndjson")
    assert finished.code == 0
    report = reported(Path("report.ndjson"))
    assert [(line["row"], line["outcome"], line["code"]) for line in report] == [
        (2, "accepted", None),
        (3, "refused", "not_possible_in_state"),
        (4, "refused", "unknown_type"),
        (5, "accepted", None),
        (6, "accepted", None),
        (7, "accepted", None),
        (8, "known", None),
    ]
    assert {line["patient"] for line in report} == {"ALL-0001"}
    assert report[1]["because_of"] == [4]
    assert "It fails only because row 4 is refused" in report[1]["reason"]
    assert report[2]["reason"] == "type is not a known fact type; did you mean block_started?"


def test_a_new_report_is_for_its_owner_alone(home: Settings) -> None:
    coursewatch("import", write(Path("facts.csv"), *course("ALL-0001")), "--report", "report.ndjson")
    assert stat.S_IMODE(Path("report.ndjson").stat().st_mode) == 0o600


def test_the_report_may_go_to_stdout(home: Settings) -> None:
    finished = coursewatch("import", write(Path("facts.csv"), *course("ALL-0001")), "--report", "-")
    assert [json.loads(line)["outcome"] for line in finished.out.splitlines()] == ["accepted"] * 6


def test_without_a_report_refused_rows_are_told(home: Settings) -> None:
    strangers = [row(f"ALL-{number:04}", "died", "2025-03-01") for number in range(30)]
    finished = coursewatch("import", write(Path("facts.csv"), *course("ALL-9999"), *strangers))
    assert finished.code == 0
    assert "Row 8: patient is neither registered in this file nor known here" in finished.err
    assert "… and 10 more; --report FILE names them all." in finished.err
    assert "Refused: 30 unknown_patient." in finished.err


def test_an_import_of_which_nothing_is_accepted_or_known_is_refused(home: Settings) -> None:
    assert coursewatch("import", write(Path("facts.csv"), row("ALL-0001", "died", "2025-03-01"))).code == 1


def test_a_file_without_rows_is_done_at_once(home: Settings) -> None:
    finished = coursewatch("import", write(Path("facts.csv")))
    assert (finished.code, finished.out) == (0, "")
    assert "0 rows" in finished.err


def test_an_option_may_come_from_the_environment(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWATCH_IMPORT_DRY_RUN", "1")
    assert "Dry run" in coursewatch("import", write(Path("facts.csv"), *course("ALL-0001"))).err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{HEADER},data.elment\n".encode(), "column 16 is not known: 'data.elment'; did you mean data.element?"),
        (b"patient,type\nALL-0001,died\n", "wrong header: column occurred_on missing"),
        (f"{HEADER}\nM\xfcller,died\n".encode("latin-1"), "line 2: byte 2 is not UTF-8; save the file as UTF-8"),
        (b"", "the file is empty"),
        (b'patient,type,occurred_on\n"ALL-0001,died,2025-01-01\n', "the record that starts on line 2"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_one_line(home: Settings, content: bytes, said: str) -> None:
    file = Path("facts.csv")
    file.write_bytes(content)
    finished = coursewatch("import", file, "--report", "report.ndjson")
    assert finished.code == 1
    assert said in finished.err
    assert len(finished.err.splitlines()) == 1
    assert not Path("report.ndjson").exists()


def test_a_report_that_cannot_be_written_stops_before_anything_is_stored(home: Settings) -> None:
    file = write(Path("facts.csv"), *course("ALL-0001"))
    finished = coursewatch("import", file, "--report", "no-such-folder/report.ndjson")
    assert finished.code == 2
    assert "no-such-folder/report.ndjson" in finished.err
    assert pseudonyms() == []


def test_a_name_that_no_file_can_hold_is_refused_in_the_report(home: Settings) -> None:
    line = '{"patient": "P1", "type": "died", "occurred_on": "2025-01-07"'
    Path("facts.ndjson").write_text(f'{line}, "\\ud800": 1, "\\ud800": 2}}\n', encoding="ascii")
    finished = coursewatch("import", "facts.ndjson", "--report", "report.ndjson")
    assert "1 rows: 0 accepted, 0 known, 1 refused." in finished.err
    (refused,) = reported(Path("report.ndjson"))
    assert (refused["code"], "write whole characters" in refused["reason"]) == ("half_character", True)


def test_a_full_disk_under_the_report_says_what_is_stored_all_the_same(home: Settings) -> None:
    finished = coursewatch("import", write(Path("facts.csv"), *course("ALL-0001")), "--report", "/dev/full")
    assert "The report could not be written: No space left on device" in finished.err
    assert "6 rows: 6 accepted, 0 known, 0 refused." in finished.err
    assert "nothing of the broken step is stored" not in finished.err
    assert pseudonyms() == ["ALL-0001"]


def test_a_report_escapes_what_its_encoding_does_not_know(home: Settings) -> None:
    file = write(Path("facts.csv"), *course("ALL-Ω"))
    command = [sys.executable, "-m", "workflow.cli", "import", str(file), "--report", "-"]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    finished = subprocess.run(command, check=False, capture_output=True, env=environment, encoding="latin-1")
    assert {json.loads(line)["patient"] for line in finished.stdout.splitlines()} == {"ALL-Ω"}
    assert "6 rows: 6 accepted, 0 known, 0 refused." in finished.stderr


def test_the_report_never_overwrites_the_file(home: Settings) -> None:
    file = write(Path("facts.csv"), *course("ALL-0001"))
    before = file.read_bytes()
    finished = coursewatch("import", file, "--report", "./facts.csv")
    assert finished.code == 2
    assert "choose another" in finished.err
    assert file.read_bytes() == before


def test_a_fault_of_the_program_keeps_out_one_patient_and_is_told(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judged(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 -- whatever merging takes
        if len(arguments[1]) == 1:
            raise KeyError("ALL-0002 was registered")
        return merge(*arguments, **named)

    monkeypatch.setattr(import_facts, "merge", judged)
    file = write(Path("facts.csv"), *course("ALL-0001"), registration("ALL-0002"), *course("ALL-0003"))
    finished = coursewatch("import", file)
    assert finished.code == 1
    assert "13 rows: 12 accepted, 0 known, 1 refused." in finished.err
    assert "Row 8: this patient's rows met an error inside Coursewatch (KeyError)" in finished.err
    assert "ALL-0002 was registered" not in finished.err


def test_ndjson_and_csv_of_the_same_facts_are_the_same_facts(home: Settings) -> None:
    ndjson = Path("facts.ndjson")
    ndjson.write_text(
        '{"patient": "ALL-0001", "type": "block_started", "occurred_on": "2025-01-07", "data": {"element": "R1"}}\n'
        '{"patient": "ALL-0001", "type": "note_added", "occurred_on": "2025-01-08", "data": {"text": "seen"}}\n',
        encoding="utf-8",
    )
    coursewatch("import", write(Path("facts.csv"), *course("ALL-0001")))
    assert "2 rows: 1 accepted, 1 known, 0 refused." in coursewatch("import", ndjson).err


def test_one_wrong_row_in_a_registration_takes_its_patient_alone(home: Settings) -> None:
    file = write(
        Path("facts.csv"), *course("ALL-0001"), registration("ALL-0002").replace("BCP", "BCD"), *course("ALL-0002")[1:]
    )
    finished = coursewatch("import", file, "--report", "report.ndjson")
    assert "12 rows: 6 accepted, 0 known, 6 refused." in finished.err
    report = reported(Path("report.ndjson"))
    assert report[6]["code"] == "literal_error"
    assert [line["because_of"] for line in report[7:]] == [[8]] * 5
