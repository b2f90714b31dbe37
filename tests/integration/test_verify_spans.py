"""What lists are read from is compared with the facts at every instant of knowledge, and named row by row."""

import pytest

from tests.integration.recorded import Recorded
from workflow.persistence.tables import METADATA

# A row that is known now, or was known once, of each table of spans.
NOW, ONCE = "known_to IS NULL", "known_to IS NOT NULL"
SPANS = [(table, knowledge) for table in ("state_span", "window_span") for knowledge in (NOW, ONCE)]


def a_span(courses: Recorded, table: str, knowledge: str) -> object:
    return courses.one(f"SELECT max(id) FROM {table} WHERE patient_id = :a AND {knowledge}")  # noqa: S608 -- our own names


@pytest.mark.parametrize(("table", "knowledge"), SPANS)
def test_a_span_that_was_changed_is_named_by_its_row_and_column(courses: Recorded, table: str, knowledge: str) -> None:
    row = a_span(courses, table, knowledge)
    courses.tamper(f"UPDATE {table} SET protocol = 'other', valid_to = '2030-01-01' WHERE id = {row}")  # noqa: S608 -- the same
    (line,) = courses.findings()
    assert line.startswith(f"span: patient A, {table} {row}: ")
    assert {"protocol", "valid_to"} == set(line.split(": ")[2].removesuffix(" was altered").split(", "))


@pytest.mark.parametrize(("table", "knowledge"), SPANS)
def test_when_a_span_was_known_cannot_be_changed_unnoticed(courses: Recorded, table: str, knowledge: str) -> None:
    row = a_span(courses, table, knowledge)
    courses.tamper(f"UPDATE {table} SET known_to = '2020-01-01 00:00:00.000000' WHERE id = {row}")  # noqa: S608 -- the same
    assert courses.findings() == [f"span: patient A, {table} {row}: known_to was altered"]


@pytest.mark.parametrize(("table", "knowledge"), SPANS)
def test_a_span_that_is_gone_is_named_by_the_fact_that_made_it_known(
    courses: Recorded, table: str, knowledge: str
) -> None:
    row = a_span(courses, table, knowledge)
    since = courses.one(
        f"SELECT 'f' || f.seq FROM fact f JOIN {table} s ON s.patient_id = f.patient_id "  # noqa: S608 -- the same
        f"AND s.known_from = f.recorded_at WHERE s.id = {row} AND f.patient_id = :a"
    )
    courses.tamper(f"DELETE FROM {table} WHERE id = {row}")  # noqa: S608 -- the same
    assert courses.findings() == [f"span: patient A, {table}: a row known since {since} is missing"]


@pytest.mark.parametrize("table", ["state_span", "window_span"])
def test_a_span_that_was_put_in_is_named_by_its_row(courses: Recorded, table: str) -> None:
    columns = [column.name for column in METADATA.tables[table].columns if column.name != "id"]
    copied = ", ".join("'2001-01-01'" if name == "valid_from" else name for name in columns)
    row = a_span(courses, table, ONCE)
    courses.tamper(
        f"INSERT INTO {table} (id, {', '.join(columns)}) SELECT 999, {copied} FROM {table} WHERE id = {row}"  # noqa: S608 -- the same
    )
    (line,) = courses.findings()
    # A window keeps its key with another day, so it may stand for a version that was changed.
    assert line == f"span: patient A, {table} 999: it was put in, or altered beyond recognition"
