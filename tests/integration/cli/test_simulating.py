"""`coursewatch simulate`: a cohort as a file, and the import that takes every row of it."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.integration.cli.running import coursewatch

COHORT = ("simulate", "--patients", "200", "--seed", "7", "--until", "2026-06-30")


def reported(path: Path) -> Counter[str]:
    return Counter(json.loads(line)["outcome"] for line in path.read_text(encoding="utf-8").splitlines())


def test_every_row_of_200_patients_is_imported_and_known_again(new_home: Path) -> None:
    written = coursewatch(*COHORT, "--out", "cohort.csv")
    assert written.code == 0
    assert "200 virtual patients" in written.err
    assert "no published figure" in written.err
    rows = len((new_home / "cohort.csv").read_text(encoding="ascii").splitlines()) - 1

    first = coursewatch("import", "cohort.csv", "--report", "first.ndjson")
    assert first.code == 0
    assert reported(new_home / "first.ndjson") == {"accepted": rows}
    assert "countersignature" not in first.err
    warnings = [line for line in first.err.splitlines() if line.startswith("Warning")]
    assert all("was made with time zone UTC" in line for line in warnings)
    assert len(warnings) == 2

    coursewatch("import", "cohort.csv", "--report", "second.ndjson")
    assert reported(new_home / "second.ndjson") == {"known": rows}


def test_the_other_kind_of_file_brings_in_the_same_facts(new_home: Path) -> None:
    for name in ("cohort.csv", "cohort.ndjson"):
        coursewatch("simulate", "--patients", "30", "--seed", "7", "--until", "2026-06-30", "--out", name)
    assert json.loads((new_home / "cohort.ndjson").read_text(encoding="ascii").splitlines()[0])["patient"]
    coursewatch("import", "cohort.csv")
    coursewatch("import", "cohort.ndjson", "--report", "second.ndjson")
    assert set(reported(new_home / "second.ndjson")) == {"known"}


def test_a_larger_cohort_of_the_seed_adds_patients_to_a_smaller_one(new_home: Path) -> None:
    for patients, name in ((5, "few.csv"), (9, "more.csv")):
        coursewatch("simulate", "--patients", patients, "--seed", "7", "--until", "2026-06-30", "--out", name)
    coursewatch("import", "few.csv", "--report", "few.ndjson")
    coursewatch("import", "more.csv", "--report", "more.ndjson")
    known, accepted = (reported(new_home / "more.ndjson")[outcome] for outcome in ("known", "accepted"))
    assert known == reported(new_home / "few.ndjson")["accepted"]
    assert accepted > 0


def test_without_a_file_the_cohort_goes_to_stdout(new_home: Path) -> None:
    shown = coursewatch(*COHORT)
    coursewatch(*COHORT, "--out", "cohort.csv")
    assert shown.out.encode() == (new_home / "cohort.csv").read_bytes()
    assert shown.out.startswith("patient,type,occurred_on,")


def test_the_last_day_is_today_unless_given(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWATCH_NOW", "2026-06-30T23:30:00+00:00")
    monkeypatch.setenv("COURSEWATCH_TIME_ZONE", "Europe/Berlin")
    today = coursewatch("simulate", "--patients", "3", "--seed", "7")
    assert "the last day 2026-07-01" in today.err
    assert coursewatch("simulate", "--patients", "3", "--seed", "7", "--until", "2026-07-01").out == today.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--patients", "3"), "--seed"),
        (("--patients", "0", "--seed", "1"), "--patients"),
        (("--patients", "3", "--seed", "-1"), "--seed"),
        (("--patients", "3", "--seed", "1", "--until", "30.06.2026"), "YYYY-MM-DD"),
        (("--patients", "3", "--seed", "1", "--until", "1949-12-31"), "1950-01-01"),
        (("--patients", "3", "--seed", "1", "--out", "nowhere/cohort.csv"), "cannot be written"),
    ],
    ids=["no seed", "nobody", "a seed below 0", "no date", "too early", "no folder"],
)
def test_wrong_usage_is_named(new_home: Path, arguments: tuple[str, ...], said: str) -> None:
    finished = coursewatch("simulate", *arguments)
    assert finished.code == 2
    assert said in finished.err
    assert finished.out == ""
    assert list(new_home.iterdir()) == []
