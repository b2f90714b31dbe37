"""The fence moves with the memberships: shared care, hand-over, and what ends at an instant; the same as in our SQL."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from tests.integration.fence.two_hospitals import BERLIN, TELLING, WIEN, TwoHospitals, copying, person
from tests.introduced import introduce
from workflow.domain.roles import Role
from workflow.persistence.patients import PATIENT, member_of

SITES = ("a", "b", "c")
MIDNIGHT = datetime(2025, 1, 1, tzinfo=UTC)
ENDS = st.none() | st.integers(0, 3).map(lambda days: MIDNIGHT + timedelta(days=days))
MEMBERSHIPS = st.dictionaries(st.tuples(st.sampled_from(("p1", "p2", "p3")), st.sampled_from(SITES)), ENDS, max_size=7)
_ADD_MEMBERSHIP = text("INSERT INTO patient_site VALUES (:id, :site, '2024-01-01', 'shared', :until)")
_LATER = {"patient", "patient_site", "fact", "state_span", "window_span", "alert", "alert_event", "notice", "attempt"}


def sees_wiens(connection: Connection, site: str, now: str = "") -> set[str]:
    """Return the tables in which somebody of a site sees the rows of Wien's patient, at an instant or now."""
    introduce(connection, "somebody", f"{site}\n")
    connection.execute(text("SELECT set_config('app.now', :now, true)"), {"now": now})
    found = {
        table
        for table, column in TELLING.items()
        if connection.execute(text(f"SELECT 1 FROM {table} WHERE {column} LIKE 'wien-%' LIMIT 1")).first()  # noqa: S608 -- our own names
    }
    introduce(connection)
    return found


def test_both_hospitals_see_a_shared_patient_until_the_care_ends(hospitals: TwoHospitals) -> None:
    with hospitals.as_somebody(person(Role.ADMIN, None)) as connection:
        assert sees_wiens(connection, BERLIN) == set()
        connection.execute(_ADD_MEMBERSHIP, {"id": "wien-1", "site": BERLIN, "until": MIDNIGHT})
        before, after = (MIDNIGHT + timedelta(seconds=seconds) for seconds in (-1, 1))
        assert sees_wiens(connection, BERLIN, before.isoformat()) == _LATER
        assert sees_wiens(connection, BERLIN, after.isoformat()) == set()
        # Without another clock it is the database's, of today.
        assert sees_wiens(connection, BERLIN) == set()
        assert sees_wiens(connection, WIEN) == _LATER


def test_after_a_hand_over_the_former_hospital_sees_nothing_but_its_own_transaction_ends_well(
    hospitals: TwoHospitals,
) -> None:
    with hospitals.as_somebody(person(Role.CLINICIAN, WIEN)) as connection:
        # As the write path does it: the membership ends, and then all the rest is written.
        connection.execute(text("UPDATE patient_site SET until_at = clock_timestamp() WHERE patient_id = 'wien-1'"))
        connection.execute(text("INSERT INTO patient_site VALUES ('wien-1', 'berlin', now(), 'treating', NULL)"))
        written = connection.execute(text("UPDATE patient SET site_id = 'berlin' WHERE id = 'wien-1'"))
        assert written.rowcount == 1
        connection.execute(
            text("INSERT INTO alert_event (alert_id, at, kind, episode) VALUES ('wien-alert', now(), 'resolved', 1)")
        )
        later = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        introduce(connection)
        assert sees_wiens(connection, WIEN, later.isoformat()) == set()
        assert sees_wiens(connection, BERLIN, later.isoformat()) == _LATER


@settings(max_examples=25)
@given(
    memberships=MEMBERSHIPS,
    mine=st.sets(st.sampled_from(SITES)),
    now=st.integers(-1, 3).map(lambda days: MIDNIGHT + timedelta(days=days, hours=12)),
)
def test_the_fence_shows_those_whom_our_own_condition_finds(
    hospitals: TwoHospitals,
    memberships: dict[tuple[str, str], datetime | None],
    mine: set[str],
    now: datetime,
) -> None:
    with hospitals.as_somebody(person(Role.ADMIN, None)) as connection:
        for patient_id in {patient for patient, _ in memberships}:
            connection.exec_driver_sql(copying("patient", id=patient_id, pseudonym=patient_id))
        for (patient_id, site), until in memberships.items():
            connection.execute(_ADD_MEMBERSHIP, {"id": patient_id, "site": site, "until": until})
        expected = set(connection.execute(select(PATIENT.c.id).where(member_of(tuple(mine), now))).scalars())
        introduce(connection, "somebody", "".join(f"{site}\n" for site in mine))
        for lists in ("", "on"):
            told = {"now": now.isoformat(), "lists": lists}
            connection.execute(
                text("SELECT set_config('app.now', :now, true), set_config('app.lists', :lists, true)"), told
            )
            assert set(connection.execute(select(PATIENT.c.id)).scalars()) == expected
            every = connection.execute(text("SELECT DISTINCT patient_id FROM patient_site")).scalars()
            assert set(every) == expected
