"""Whatever SQL is sent as somebody of one hospital, the other hospital's rows are neither seen nor changed."""

import pytest
from sqlalchemy import text

from tests.integration.fence.two_hospitals import BERLIN, ROLES, TELLING, WIEN, TwoHospitals, copying, person
from workflow.domain.roles import Role
from workflow.persistence.migrations.grants import CHANGED
from workflow.persistence.migrations.site_fence import FENCES, OPEN
from workflow.persistence.tables import METADATA
from workflow.persistence.unit_of_work import reading, writing

OWN_ACTS = {"access_log", "idempotency"}
FOR_ALL_SITES = {"sealed_head"}
NURSE = person(Role.NURSE, BERLIN)
NEW = 987654
# Of each table a row about a patient, an alert or a notice of Wien, or in the name of somebody of Wien.
ADDED = {
    "patient": copying("patient", id="berlin-9", site_id=WIEN, pseudonym="new"),
    "patient_site": copying("patient_site", patient_id="wien-1", role="shared", since_at="2025-01-01"),
    "fact": copying("fact", patient_id="wien-1", seq=7, lineage=7, import_key="new"),
    "state_span": copying("state_span", id=NEW, patient_id="wien-1"),
    "window_span": copying("window_span", id=NEW, patient_id="wien-1", course=2),
    "alert": copying("alert", id="new", patient_id="wien-1", window_key="new"),
    "alert_event": copying("alert_event", id=NEW, alert_id="wien-alert", kind="resolved"),
    "notice": copying("notice", id="new", alert_id="wien-alert", step=9),
    "attempt": copying("attempt", id=NEW, notice_id="wien-notice"),
    "sealed_head": "INSERT INTO sealed_head VALUES (1, 'berlin-9', 1, 'h')",
    "access_log": copying("access_log", id=NEW, actor_id="wien-nurse"),
    "idempotency": copying("idempotency", actor_id="wien-nurse", key="new"),
}


def test_every_table_is_fenced_or_says_why_it_is_not() -> None:
    assert {*FENCES, *OPEN} == set(METADATA.tables)
    assert not {*FENCES} & {*OPEN}
    assert all(OPEN.values())
    telling = {"patient_id", "alert_id", "notice_id", "pseudonym", "body", "payload"}
    holding = {name for name, table in METADATA.tables.items() if telling & {column.name for column in table.columns}}
    assert holding - {*FENCES} == {"protocol_version"}  # whose body is the protocol's
    assert {*TELLING} == {*ADDED} == {*FENCES}


@pytest.mark.parametrize("lists", [False, True])
@pytest.mark.parametrize("role", ROLES)
def test_somebody_of_berlin_sees_berlin_and_nothing_of_wien(
    hospitals: TwoHospitals, role: Role, *, lists: bool
) -> None:
    seen = hospitals.seen(person(role, BERLIN), lists=lists)
    assert seen == {table: set() if table in FOR_ALL_SITES else {BERLIN} for table in TELLING}


@pytest.mark.parametrize("lists", [False, True])
def test_who_is_of_both_hospitals_or_of_all_sees_both(hospitals: TwoHospitals, *, lists: bool) -> None:
    both = hospitals.seen(person(Role.NURSE, BERLIN, WIEN), lists=lists)
    assert {table for table, of in both.items() if of == {BERLIN, WIEN}} == {*TELLING} - OWN_ACTS - FOR_ALL_SITES
    everywhere = hospitals.seen(person(Role.ADMIN, None), lists=lists)
    assert all({BERLIN, WIEN} <= of for of in everywhere.values())


@pytest.mark.parametrize("sites", [(), ("rome",), ("*",)])
def test_who_is_of_no_such_hospital_sees_nothing(hospitals: TwoHospitals, sites: tuple[str, ...]) -> None:
    actor = person(Role.ADMIN, *sites)
    assert hospitals.seen(actor) == hospitals.seen(actor, lists=True) == {table: set() for table in TELLING}


def test_who_was_not_introduced_sees_and_adds_nothing(hospitals: TwoHospitals) -> None:
    assert hospitals.seen(None) == hospitals.seen(None, lists=True) == {table: set() for table in TELLING}
    for table in ("patient", "access_log", "idempotency", "sealed_head"):
        refused = hospitals.refusal(
            None, f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, '{{}}')).*"
        )
        assert "row-level security" in refused


@pytest.mark.parametrize("role", ROLES)
def test_who_changes_rows_of_berlin_without_a_condition_changes_none_of_wien(
    hospitals: TwoHospitals, role: Role
) -> None:
    for table in {*CHANGED} & {*FENCES}:
        blind = f"UPDATE {table} SET {CHANGED[table][0]} = {CHANGED[table][0]}"  # noqa: S608 -- our own names
        with hospitals.as_somebody(person(role, BERLIN)) as connection:
            touched = connection.execute(text(f"{blind} RETURNING {TELLING[table]}")).scalars()
            assert {str(value).partition("-")[0] for value in touched} == {BERLIN}, table
        # Told nothing back, it needs no right to look.
        with hospitals.as_somebody(person(role, BERLIN)) as connection:
            changed = connection.execute(text(blind)).rowcount
        with hospitals.as_somebody(person(role, None)) as connection:
            assert connection.execute(text(blind)).rowcount == 2 * changed > 0, table


@pytest.mark.parametrize("role", ROLES)
def test_nobody_of_berlin_deletes_anything(hospitals: TwoHospitals, role: Role) -> None:
    for table in {*FENCES} - {"idempotency"}:
        assert f"permission denied for table {table}" in hospitals.refusal(person(role, BERLIN), f"DELETE FROM {table}")  # noqa: S608 -- our own names
    with hospitals.as_somebody(person(role, BERLIN)) as connection:
        assert connection.execute(text("DELETE FROM idempotency")).rowcount == 0


@pytest.mark.parametrize("table", FENCES)
def test_nobody_of_berlin_adds_a_row_to_wien(hospitals: TwoHospitals, table: str) -> None:
    refused = f'new row violates row-level security policy for table "{table}"'
    for role in ROLES:
        assert refused in hospitals.refusal(person(role, BERLIN), ADDED[table])
    everywhere = hospitals.refusal(person(Role.ADMIN, None), ADDED[table])
    assert (refused in everywhere) == (table in OWN_ACTS)


def test_a_new_patient_of_ones_own_hospital_may_come_with_everything_at_once(hospitals: TwoHospitals) -> None:
    parts = (
        copying("patient", id="berlin-9", pseudonym="new"),
        copying("patient_site", patient_id="berlin-9"),
        copying("fact", patient_id="berlin-9"),
        copying("alert", id="new", patient_id="berlin-9"),
        copying("alert_event", id=NEW, alert_id="new"),
        copying("notice", id="new", alert_id="new"),
    )
    named = ", ".join(f"part_{number} AS ({part})" for number, part in enumerate(parts))
    at_once = f"WITH {named} {copying('state_span', id=NEW, patient_id='berlin-9')}"
    assert hospitals.refusal(NURSE, at_once) == ""
    elsewhere = at_once.replace('"berlin-9", "pseudonym"', f'"berlin-9", "site_id": "{WIEN}", "pseudonym"')
    assert 'policy for table "patient"' in hospitals.refusal(NURSE, elsewhere)


def test_nobody_takes_a_patient_of_wien_to_berlin(hospitals: TwoHospitals) -> None:
    with hospitals.as_somebody(NURSE) as connection:
        moved = connection.execute(text("UPDATE patient SET site_id = 'berlin' WHERE id = 'wien-1'"))
        assert moved.rowcount == 0
    assert "permission denied" in hospitals.refusal(NURSE, "UPDATE patient_site SET site_id = 'berlin'")
    assert "permission denied" in hospitals.refusal(NURSE, "UPDATE patient SET id = 'wien-1'")


def test_nothing_of_who_acted_is_left_to_the_next_transaction_of_a_connection(hospitals: TwoHospitals) -> None:
    count = text("SELECT count(*) FROM patient")
    for opened, plain in ((reading, hospitals.database.read), (writing, hospitals.database.write)):
        with opened(hospitals.database, person(Role.ADMIN, None)) as unit:
            assert unit.connection.execute(count).scalar_one() == 2
            used = unit.connection.connection.dbapi_connection
        with plain() as connection:
            assert connection.connection.dbapi_connection is used
            assert connection.execute(count).scalar_one() == 0


def test_a_list_of_some_hospitals_is_read_by_one_process_and_the_next_transaction_as_before(
    hospitals: TwoHospitals,
) -> None:
    def planned(*sites: str | None, lists: bool = True) -> str:
        with reading(hospitals.database, person(Role.NURSE, *sites), lists=lists) as unit:
            for setting in ("min_parallel_table_scan_size", "parallel_setup_cost", "parallel_tuple_cost"):
                unit.connection.exec_driver_sql(f"SET LOCAL {setting} = 0")
            plan = unit.connection.exec_driver_sql("EXPLAIN SELECT count(*) FROM state_span").scalars()
            return "\n".join(plan)

    # Each worker would make the set of all that is reached once more.
    assert "Gather" not in planned(BERLIN)
    assert "Gather" in planned(None)
    assert "Gather" in planned(BERLIN, lists=False)
