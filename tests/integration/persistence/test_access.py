"""Who acts is known to every transaction, may see only their sites, and leaves a row of the access log."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text

from tests.integration.persistence.contents import contents
from tests.integration.persistence.people import (
    BERLIN,
    PARIS,
    admin,
    enrol,
    lock,
    other_hospital,
    treating_doctor,
    ward_nurse,
)
from tests.introduced import changing, seeing
from workflow.domain.actor import Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.access_log import read_access
from workflow.persistence.actors import (
    actor_of_key,
    actor_of_session,
    add_grants,
    end_session,
    find_actor,
    issue_key,
    list_keys,
    make_actor,
    present_key,
    read_actor,
    revoke_key,
)
from workflow.persistence.engine import Database
from workflow.persistence.errors import DatabaseUnavailableError, NameTakenError
from workflow.persistence.pages import Page
from workflow.persistence.patient_reads import lock_patient
from workflow.persistence.reach import Reach
from workflow.persistence.unit_of_work import reading, writing

AT = datetime(2024, 1, 1, tzinfo=UTC)
SECRET_TEXT = "letters-and_underscores-of-256-random-bits"


def log(database: Database, patient_id: str | None = None) -> list[tuple[str, str, str | None, int | None]]:
    with seeing(database) as connection:
        rows = read_access(connection, patient_id=patient_id, page=Page()).items
    return [(row.actor_id, row.action, row.patient_id, row.items) for row in reversed(rows)]


def test_a_write_is_logged_in_its_own_transaction(database: Database) -> None:
    enrol(database)
    with writing(database, ward_nurse) as unit:
        lock(database, unit.connection)
        unit.note("acknowledge_alert", patient_id="p1")
    assert log(database)[1:] == [("a-nurse", "acknowledge_alert", "p1", None)]


def test_a_write_that_fails_leaves_neither_rows_nor_log(database: Database) -> None:
    enrol(database)
    before = contents(database)
    with pytest.raises(ZeroDivisionError), writing(database, ward_nurse) as unit:
        fail_after_noting(unit.note)
    assert contents(database) == before


def fail_after_noting(note: object) -> None:
    assert callable(note)
    note("acknowledge_alert", patient_id="p1")
    raise ZeroDivisionError


def test_a_read_is_logged_a_list_with_one_row(database: Database) -> None:
    enrol(database)
    with reading(database, ward_nurse) as unit:
        unit.note("read_patient", patient_id="p1")
    with reading(database, ward_nurse) as unit:
        unit.note("list_patients", items=17)
    assert log(database)[1:] == [("a-nurse", "read_patient", "p1", None), ("a-nurse", "list_patients", None, 17)]
    assert [action for _, action, _, _ in log(database, "p1")] == ["register_patient", "read_patient"]


def test_the_log_is_paged_from_the_newest_on(database: Database) -> None:
    for number in range(5):
        with writing(database, admin) as unit:
            unit.note("act", items=number)
    seen: list[int | None] = []
    cursor = None
    for _ in range(3):
        with seeing(database) as connection:
            listing = read_access(connection, page=Page(limit=2, cursor=cursor))
        seen += [row.items for row in listing.items]
        cursor = listing.next_cursor
    assert (seen, cursor) == ([4, 3, 2, 1, 0], None)


def test_a_read_that_cannot_be_logged_gives_no_answer(database: Database) -> None:
    def read() -> str:
        with reading(database, ward_nurse) as unit:
            unit.note("read_patient", patient_id="p1")
            database.writer.dispose()
            object.__setattr__(database, "writer", Broken())
        return "answer"

    with pytest.raises(DatabaseUnavailableError):
        read()


class Broken:
    """A way to write that leads nowhere."""

    dialect = None

    def begin(self) -> None:
        """Refuse."""
        raise DatabaseUnavailableError("the disk is full")

    def dispose(self) -> None:
        """Hold nothing."""


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("actor", "sites"),
    [
        (treating_doctor, f"{BERLIN}\n"),
        (admin, "*"),
        (Actor("x", "x", (Grant(Role.NURSE, "*"),)), "*\n"),
        (Actor("x", "x", (Grant(Role.NURSE, "b"), Grant(Role.NURSE, "a"))), "a\nb\n"),
    ],
)
def test_postgresql_knows_who_acts_and_forgets_it_with_the_transaction(
    database: Database, actor: Actor, sites: str
) -> None:
    settings = text("SELECT current_setting('app.actor', true), current_setting('app.sites', true)")
    for opened in (reading, writing):
        with opened(database, actor) as unit:
            assert tuple(unit.connection.execute(settings).one()) == (actor.id, sites)
    for plain in (database.read, database.write):
        with plain() as connection:
            assert tuple(connection.execute(settings).one()) in {("", ""), (None, None)}


def test_an_actor_reaches_the_patients_of_their_sites_only(database: Database) -> None:
    enrol(database)
    for actor, reached in (
        (treating_doctor, True),
        (admin, True),
        (other_hospital, False),
        (Actor("x", "x", ()), False),
    ):
        with writing(database, actor) as unit:
            assert (lock_patient(database, unit.connection, "p1", unit.reach) is not None) == reached
    assert Reach.of(admin).all_sites
    assert Reach.of(treating_doctor).within((PARIS, BERLIN)) == (BERLIN,)


def key_of(database: Database, actor: Actor, key_id: str = "k1") -> str:
    with changing(database, treating_doctor.id) as connection:
        make_actor(connection, actor, at=AT)
        issue_key(connection, actor.id, key_id=key_id, secret=SECRET_TEXT, at=AT)
    return present_key(key_id, SECRET_TEXT)


def test_a_key_stands_for_its_actor_with_the_grants_of_today(database: Database) -> None:
    both = Actor("a1", "dr.a", (Grant(Role.CLINICIAN, BERLIN), Grant(Role.VIEWER)))
    key = key_of(database, both)
    assert actor_of_key(database, key) == both
    assert actor_of_session(database, "k1", "a cookie") == both
    with changing(database, treating_doctor.id) as connection:
        connection.execute(text("UPDATE actor_grant SET revoked_at = granted_at WHERE role = 'viewer'"))
        add_grants(connection, "a1", [Grant(Role.NURSE, PARIS), Grant(Role.CLINICIAN, BERLIN)], at=AT)
    now = actor_of_key(database, key)
    assert now is not None
    assert set(now.grants) == {Grant(Role.CLINICIAN, BERLIN), Grant(Role.NURSE, PARIS)}
    with changing(database, treating_doctor.id) as connection:
        add_grants(connection, "a1", [Grant(Role.VIEWER)], at=AT)
        assert find_actor(connection, "dr.a") == read_actor(connection, "a1")


def test_an_actor_without_grants_is_known_and_may_nothing(database: Database) -> None:
    nobody = Actor("a1", "dr.a", ())
    assert actor_of_key(database, key_of(database, nobody)) == nobody


def test_wrong_malformed_and_revoked_keys_stand_for_nobody(database: Database) -> None:
    key = key_of(database, treating_doctor)
    for wrong in (
        "",
        "cw",
        "cw_",
        "cw_k1",
        "cw_k1_",
        f"{key}x",
        key[:-1],
        f"xx{key}",
        key.replace("k1", "k2"),
        f"{key}\x00",
    ):
        assert actor_of_key(database, wrong) is None
    assert actor_of_session(database, "k2", "a cookie") is None
    with changing(database, treating_doctor.id) as connection:
        assert revoke_key(connection, "k1", at=AT + timedelta(days=1))
        assert not revoke_key(connection, "k1", at=AT + timedelta(days=2))
        assert not revoke_key(connection, "k2", at=AT)
    assert actor_of_key(database, key) is None
    assert actor_of_session(database, "k1", "a cookie") is None
    with seeing(database) as connection:
        assert [(known.id, known.actor, known.revoked_at) for known in list_keys(connection)] == [
            ("k1", treating_doctor, AT + timedelta(days=1))
        ]


def test_a_session_that_was_ended_stands_for_nobody_and_is_forgotten_when_its_time_is_over(database: Database) -> None:
    key_of(database, treating_doctor)
    for minutes, session in enumerate(("first", "second", "second")):
        with changing(database) as connection:
            end_session(connection, session, AT + timedelta(hours=12), AT + timedelta(minutes=minutes))
    assert [actor_of_session(database, "k1", session) for session in ("first", "second")] == [None, None]
    assert actor_of_session(database, "k1", "third") == treating_doctor
    much_later = AT + timedelta(days=2)
    with changing(database) as connection:
        end_session(connection, "third", much_later + timedelta(hours=12), much_later)
    with seeing(database) as connection:
        stored = connection.execute(text("SELECT sha256 FROM ended_session")).scalars().all()
    assert stored == [sha256(b"third").hexdigest()]


def test_no_secret_of_a_key_is_stored(database: Database) -> None:
    key_of(database, treating_doctor)
    assert SECRET_TEXT not in str(contents(database))


def test_a_name_is_taken_once(database: Database) -> None:
    key_of(database, treating_doctor)
    with pytest.raises(NameTakenError, match="actor of this name"):
        key_of(database, Actor("a2", treating_doctor.name, ()), "k2")
