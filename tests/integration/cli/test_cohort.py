"""The cohort, written by nobody who knows this code, comes in whole and stands where it was followed by hand."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from tests.conftest import DIALECTS
from tests.databases import PostgresqlServer, Urls
from tests.integration.cli.running import COHORT, Finished, at_home, coursewatch
from tests.introduced import seeing
from workflow import bootstrap
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.spans import StateSpan
from workflow.persistence.patient_reads import load_facts, load_spans
from workflow.persistence.patient_reads import read_patient as read_row
from workflow.persistence.unit_of_work import reading
from workflow.rules.fold import fold
from workflow.rules.spans import state_spans, window_spans
from workflow.services import read_history, read_patient, read_windows
from workflow.services.clocks import Clocks
from workflow.services.house import House

TEN_PATIENTS = COHORT.parent / "ten_patients"
LAST_DAY = date(2026, 6, 30)
# Found in the file by a reader that shares nothing with this program, by eye for the ten patients.
REFUSED = {
    107: "mrd_out_of_range",
    420: "less_than_equal",
    461: "mrd_out_of_range",
    547: "mrd_unit_missing",
    628: "in_the_future",
    990: "less_than_equal",
    1142: "less_than_equal",
    1226: "mrd_unit_missing",
    1482: "in_the_future",
    2069: "mrd_unit_missing",
    2302: "less_than_equal",
    2954: "mrd_unit_missing",
    3235: "mrd_unit_missing",
    3330: "unknown_type",
    3363: "unknown_type",
    3710: "mrd_unit_missing",
    3840: "less_than_equal",
}
CRITICAL = {
    "ALL-0064": 43,
    "ALL-0160": 42,
    "ALL-0096": 38,
    "ALL-0192": 35,
    "ALL-0240": 35,
    "ALL-0048": 33,
    "ALL-0224": 33,
    "ALL-0176": 30,
    "ALL-0128": 29,
    "ALL-0080": 26,
}
LATE = {"ALL-0032": 25, "ALL-0016": 24}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The imported cohort: what the command said, and the house it is in."""

    finished: Finished
    report: tuple[dict[str, Any], ...]
    house: House
    ids: dict[str, str]


@pytest.fixture(scope="module", params=DIALECTS)
def cohort(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cohort]:
    """Import the cohort once into a database of each kind."""
    folder = tmp_path_factory.mktemp("cohort")
    urls: Urls | None = None
    server: PostgresqlServer | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        urls = server.migrated()
    with pytest.MonkeyPatch.context() as patch:
        settings = at_home(folder, urls, patch)
        finished = coursewatch("import", COHORT, "--report", "report.ndjson")
        house = bootstrap.build(settings)
        yield Cohort(finished=finished, report=read_report(folder / "report.ndjson"), house=house, ids=ids_in(house))
        house.close()
    if server is not None and urls is not None:
        server.drop(urls)


def read_report(path: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def ids_in(house: House) -> dict[str, str]:
    with reading(house.database, LOCAL_ADMIN) as unit:
        rows = unit.connection.execute(text("SELECT pseudonym, id FROM patient"))
        return {row.pseudonym: str(row.id) for row in rows}


def by_hand(name: str) -> list[dict[str, str]]:
    lines = (TEN_PATIENTS / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def every_row(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that is stored, table by table, but for the log of who looked."""
    with seeing(house.database) as connection:
        tables = set(inspect(connection).get_table_names()) - {"access_log"}
        # S608: the names come from the database itself.
        rows = {table: connection.execute(text(f"SELECT * FROM {table}")).all() for table in sorted(tables)}  # noqa: S608
    return {table: sorted(map(tuple, found), key=repr) for table, found in rows.items()}


def test_every_row_is_accepted_known_or_refused_in_the_order_of_the_file(cohort: Cohort) -> None:
    assert cohort.finished.code == 0
    assert [line["row"] for line in cohort.report] == list(range(2, 4939))
    assert Counter(line["outcome"] for line in cohort.report) == {"accepted": 4897, "known": 23, "refused": 17}
    assert sum(line.get("unconfirmed", False) for line in cohort.report) == 19
    assert (
        "4937 rows: 4897 accepted (19 of them wait for a countersignature), 23 known, 17 refused."
        in cohort.finished.err
    )
    assert cohort.finished.out == ""


def test_the_refused_rows_are_those_found_by_hand(cohort: Cohort) -> None:
    refused = {line["row"]: line["code"] for line in cohort.report if line["outcome"] == "refused"}
    assert refused == REFUSED
    assert all(line["reason"] for line in cohort.report if line["outcome"] == "refused")
    outcomes = {line["row"]: line["outcome"] for line in cohort.report}
    assert {int(row["row"]): outcomes[int(row["row"])] for row in by_hand("refused.csv")} == {
        int(row["row"]): row["outcome"] for row in by_hand("refused.csv")
    }


def test_the_known_rows_are_the_later_ones_of_equal_lines(cohort: Cohort) -> None:
    lines = defaultdict(list)
    for number, line in enumerate(COHORT.read_text(encoding="utf-8").splitlines(), start=1):
        lines[line].append(number)
    repeated = {number for numbers in lines.values() for number in numbers[1:]}
    assert {line["row"] for line in cohort.report if line["outcome"] == "known"} == repeated


def test_the_stored_facts_are_the_accepted_rows_and_the_snapshots_their_fold(cohort: Cohort) -> None:
    stored = every_row(cohort.house)
    assert len(stored["fact"]) == 4897
    assert len(cohort.ids) == 240
    with reading(cohort.house.database, LOCAL_ADMIN) as unit:
        for patient_id in cohort.ids.values():
            row = read_row(unit.connection, patient_id, unit.reach, unit.instant())
            assert row is not None
            assert row.state == fold(load_facts(unit.connection, patient_id), cohort.house.protocols)
            stored_spans = load_spans(unit.connection, patient_id)
            assert [span_of(span) for span in stored_spans.states] == [span_of(span) for span in state_spans(row.state)]
            assert sorted(map(repr, stored_spans.windows)) == sorted(map(repr, window_spans(row.state)))


def span_of(span: StateSpan) -> tuple[int | None, str, date, date | None]:
    return (span.course, span.state, span.valid_from, span.valid_to)


def test_the_worklist_shows_two_late_and_ten_critical(cohort: Cohort) -> None:
    finished = coursewatch("worklist", "--as-of", LAST_DAY, "--rule", "TR-001", "--json")
    document = json.loads(finished.out)
    days: dict[str, dict[str, int]] = defaultdict(dict)
    for item in document["items"]:
        days[item["status"]][item["pseudonym"]] = item["days"]
    assert (days["critical"], days["late"]) == (CRITICAL, LATE)
    assert [item["pseudonym"] for item in document["items"][:12]] == [*CRITICAL, *LATE]
    assert document["summary"]["TR-001"]["critical"] == 10


def test_the_ten_patients_stand_where_they_were_followed_by_hand(cohort: Cohort) -> None:
    for expected in by_hand("states.csv"):
        clocks = Clocks(as_of=date.fromisoformat(expected["as_of"]))
        patient = json.loads(read_patient.one(cohort.house, LOCAL_ADMIN, cohort.ids[expected["patient"]], clocks).body)
        found = (patient["state"], str(patient["relapse_number"]))
        assert found == (expected["state"], expected["relapse_number"]), (expected["patient"], expected["as_of"])


def test_every_block_interval_of_the_ten_patients_is_the_one_derived_by_hand(cohort: Cohort) -> None:
    patients = {row["patient"] for row in by_hand("intervals.csv")}
    found = [interval for patient in patients for interval in intervals(cohort, patient)]
    expected = [tuple(row.values()) for row in by_hand("intervals.csv")]
    assert sorted(found) == sorted(expected)


def intervals(cohort: Cohort, patient: str) -> Iterator[tuple[str, ...]]:
    """Yield a patient's block intervals in the columns of the table made by hand."""
    patient_id = cohort.ids[patient]
    history = json.loads(read_history.history(cohort.house, LOCAL_ADMIN, patient_id, Clocks()).body)["items"]
    facts = {fact["id"]: fact for fact in history}
    windows = json.loads(read_windows.windows(cohort.house, LOCAL_ADMIN, patient_id, Clocks(as_of=LAST_DAY)).body)
    for window in windows["items"]:
        if window["rule"] != "TR-001":
            continue
        ended_by = facts.get(window["met_by"] or window["closed_by"])
        yield (
            patient,
            str(window["course"]),
            facts[window["anchor"]["fact"]]["data"]["element"],
            window["anchor"]["on"],
            ended_by["type"] if ended_by else "",
            window["met_on"] or window["closed_on"] or "",
            str(window["days"]),
            # Of a window that waits within its days nothing is said yet; by hand it stands as on time so far.
            window["verdict"] or "on_time",
            window["status"],
            gate(window["verdict"], ended_by),
        )


def gate(verdict: str | None, start: dict[str, Any] | None) -> str:
    if verdict != "early" or start is None:
        return ""
    return "none" if start["unconfirmed"] else "override"


def test_a_second_import_changes_nothing(cohort: Cohort) -> None:
    before = every_row(cohort.house)
    finished = coursewatch("import", COHORT, "--report", "again.ndjson")
    assert finished.code == 0
    assert "0 accepted, 4920 known, 17 refused" in finished.err
    assert every_row(cohort.house) == before
    again = read_report(Path("again.ndjson"))
    refused = [line for line in cohort.report if line["outcome"] == "refused"]
    assert [line for line in again if line["outcome"] == "refused"] == refused
