"""Two roles: the app role owns nothing and takes no fence down; whom the fence does not hold is told at the start."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from tests.databases import APP, OWNER, PostgresqlServer, Urls
from tests.integration.fence.two_hospitals import BERLIN, TwoHospitals, person
from tests.integration.recorded import recorded, settings_of
from workflow.bootstrap import build
from workflow.domain.roles import Role
from workflow.persistence.engine import parse_url
from workflow.persistence.fence_check import broken_fences, holds_us, unheld_app_role
from workflow.persistence.migrations import upgrade
from workflow.persistence.migrations.site_fence import FENCES, FUNCTIONS, SEARCH_PATH
from workflow.persistence.tables import METADATA
from workflow.persistence.ways_around import rights_too_many, ways_around

NURSE = person(Role.NURSE, BERLIN)
FORBIDDEN = (
    "ALTER TABLE patient DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE patient NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY patient_select_within_reach ON patient",
    "ALTER POLICY patient_select_within_reach ON patient USING (true)",
    "CREATE POLICY everybody ON patient USING (true)",
    "CREATE OR REPLACE FUNCTION reaches_patient(wanted text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "ALTER FUNCTION reaches_patient SECURITY INVOKER",
    "SET ROLE coursewatch_owner",
    "SET SESSION AUTHORIZATION coursewatch_owner",
    "ALTER ROLE coursewatch_app BYPASSRLS",
    "GRANT coursewatch_owner TO coursewatch_app",
    "CREATE TABLE patient_site (patient_id text)",
    "CREATE TABLE mine (patient_id text)",
    "CREATE TEMPORARY TABLE patient_site (patient_id text)",
    "CREATE FUNCTION mine() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "CREATE VIEW mine AS SELECT * FROM patient",
    "CREATE SCHEMA mine",
)
# What a superuser, or the owner by mistake, may have done; each is named by `db verify`.
TAMPERED = {
    "ALTER TABLE fact DISABLE ROW LEVEL SECURITY": "row-level security of the table fact",
    "DROP POLICY alert_select_within_reach ON alert": "the policy alert_select_within_reach of the table alert",
    "ALTER POLICY fact_insert_within_reach ON fact WITH CHECK (true)": (
        "the policy fact_insert_within_reach of the table fact"
    ),
    "CREATE POLICY everybody ON notice FOR SELECT USING (true)": "the policy everybody of the table notice",
    "ALTER POLICY patient_update_within_reach ON patient TO coursewatch_app": (
        "the policy patient_update_within_reach of the table patient"
    ),
    "CREATE OR REPLACE FUNCTION reaches_patient(wanted text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER "
    "SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN true; END'": "the function reaches_patient",
    "ALTER FUNCTION reached_patients RESET search_path": "the function reached_patients",
    "ALTER FUNCTION may_add_to_alert SECURITY INVOKER": "the function may_add_to_alert",
    "GRANT EXECUTE ON FUNCTION reached_patients TO PUBLIC": "the function reached_patients",
}
_DEFINER = "RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM public.patient'"
# What somebody may have made for a report or to watch; each may show or change more than the fence or a guard lets.
WAYS_AROUND = {
    "CREATE VIEW everybody AS SELECT * FROM patient; GRANT SELECT ON everybody TO coursewatch_app": (
        "the view everybody"
    ),
    "CREATE VIEW ours AS SELECT * FROM patient; CREATE VIEW everybody AS SELECT * FROM ours; "
    "GRANT SELECT ON everybody TO PUBLIC": "the view everybody",
    "CREATE VIEW everybody AS SELECT * FROM fact; GRANT SELECT (payload) ON everybody TO coursewatch_app": (
        "the view everybody"
    ),
    "CREATE SCHEMA report; GRANT USAGE ON SCHEMA report TO PUBLIC; CREATE MATERIALIZED VIEW report.all AS "
    "SELECT * FROM alert; GRANT SELECT ON report.all TO coursewatch_app": 'the view report."all"',
    f"CREATE FUNCTION everybody() {_DEFINER}": "the function everybody()",
    f"CREATE FUNCTION reaches_patient(wanted integer) {_DEFINER}": "the function reaches_patient(integer)",
    "CREATE SCHEMA report; GRANT USAGE ON SCHEMA report TO PUBLIC; "
    f"CREATE FUNCTION report.reached_patients() {_DEFINER}": "the function report.reached_patients()",
    "CREATE ROLE datadog; CREATE SCHEMA datadog; GRANT USAGE ON SCHEMA datadog TO datadog; CREATE FUNCTION "
    "datadog.explain_statement(l_query text, OUT explain json) RETURNS SETOF json LANGUAGE plpgsql SECURITY DEFINER "
    "AS 'BEGIN RETURN; END'": "the function datadog.explain_statement(text)",
    "CREATE ROLE pgbouncer; CREATE FUNCTION user_lookup() RETURNS text LANGUAGE sql SECURITY DEFINER "
    "AS 'SELECT max(passwd) FROM pg_shadow'; REVOKE ALL ON FUNCTION user_lookup FROM PUBLIC; "
    "GRANT EXECUTE ON FUNCTION user_lookup TO pgbouncer": "the function user_lookup()",
    "CREATE ROLE reporter BYPASSRLS; GRANT SELECT ON patient TO reporter; CREATE VIEW counted AS "
    "SELECT count(*) FROM patient; ALTER VIEW counted OWNER TO reporter; GRANT SELECT ON counted TO PUBLIC": (
        "the view counted"
    ),
    "CREATE ROLE dba; GRANT TRUNCATE, TRIGGER ON patient, fact, seal TO dba": (
        "the right of dba to TRIGGER, TRUNCATE fact, patient, seal"
    ),
    "CREATE ROLE dba; GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO dba": (
        f"the right of dba to TRUNCATE access_log, actor, actor_grant, alert and {len(METADATA.tables) - 4} more"
    ),
}
# Rights of ours that were changed; an upgrade takes them back.
RIGHTS_TOO_MANY = {
    "GRANT TRUNCATE ON fact TO coursewatch_app": "the right of coursewatch_app to TRUNCATE fact",
    "GRANT DELETE ON patient TO coursewatch_app": "the right of coursewatch_app to DELETE patient",
    "GRANT UPDATE ON alert_event TO coursewatch_app": "the right of coursewatch_app to UPDATE alert_event",
    "GRANT UPDATE (payload) ON fact TO coursewatch_app": "the right of coursewatch_app to UPDATE fact.payload",
    "GRANT SELECT ON api_key TO PUBLIC": "the right of everybody to SELECT api_key",
}
HARMLESS = (
    "CREATE VIEW mine AS SELECT * FROM patient",
    "CREATE SCHEMA mine; CREATE VIEW mine.all AS SELECT * FROM patient; GRANT SELECT ON mine.all TO PUBLIC",
    (
        "CREATE ROLE reporter; GRANT SELECT ON patient TO reporter; CREATE VIEW mine AS SELECT * FROM patient; "
        "ALTER VIEW mine OWNER TO reporter; GRANT SELECT ON mine TO PUBLIC"
    ),
    f"CREATE ROLE reporter; CREATE FUNCTION everybody() {_DEFINER}; ALTER FUNCTION everybody OWNER TO reporter",
    "CREATE ROLE dba SUPERUSER; GRANT ALL ON ALL TABLES IN SCHEMA public TO dba",
    "CREATE ROLE dba; GRANT coursewatch_owner TO dba; GRANT ALL ON patient TO dba",
    "CREATE VIEW asking WITH (security_invoker = on) AS SELECT * FROM patient; GRANT SELECT ON asking TO PUBLIC",
    "CREATE VIEW sites AS SELECT site_id FROM site_setting; GRANT SELECT ON sites TO PUBLIC",
    f"CREATE FUNCTION asking() {_DEFINER.replace('SECURITY DEFINER', '')}",
    f"CREATE FUNCTION mine() {_DEFINER}; REVOKE ALL ON FUNCTION mine FROM PUBLIC",
    "GRANT SELECT ON patient TO pg_monitor",
)
# What only a superuser may have given the app role, or the owner of the tables to another role of that name.
UNHELD = {
    "GRANT coursewatch_owner TO coursewatch_app": ["the role coursewatch_app, which may become coursewatch_owner"],
    "CREATE ROLE dba; GRANT coursewatch_owner TO dba; GRANT dba TO coursewatch_app": [
        "the role coursewatch_app, which may become coursewatch_owner"
    ],
    "CREATE ROLE dba BYPASSRLS; GRANT dba TO coursewatch_app": ["the role coursewatch_app, which may become dba"],
    "ALTER ROLE coursewatch_app BYPASSRLS": ["the role coursewatch_app"],
    "ALTER ROLE coursewatch_app SUPERUSER": ["the role coursewatch_app"],
    "ALTER TABLE fact OWNER TO coursewatch_app": ["the role coursewatch_app"],
    "GRANT coursewatch_app TO coursewatch_owner": [],
}


@pytest.fixture
def owner(hospitals: TwoHospitals) -> Iterator[Connection]:
    """Open a transaction of the owner that is undone."""
    engine = create_engine(parse_url(hospitals.urls.owner))
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
    engine.dispose()


@pytest.fixture
def superuser(hospitals: TwoHospitals, postgresql_server: PostgresqlServer) -> Iterator[Connection]:
    """Open a transaction of the superuser that is undone."""
    engine = create_engine(parse_url(postgresql_server.superuser_url(hospitals.urls)))
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
    engine.dispose()


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_app_role_cannot_take_the_fence_down(hospitals: TwoHospitals, statement: str) -> None:
    assert any(word in hospitals.refusal(NURSE, statement) for word in ("must be owner", "permission denied"))


def test_who_switches_row_security_off_is_refused_instead_of_shown_everything(hospitals: TwoHospitals) -> None:
    for table in FENCES:
        refused = hospitals.refusal(NURSE, "SET LOCAL row_security = off", f"SELECT * FROM {table}")  # noqa: S608 -- our own names
        assert f'query would be affected by row-level security policy for table "{table}"' in refused


def test_the_app_role_owns_nothing_and_has_no_power_of_its_own(hospitals: TwoHospitals) -> None:
    with hospitals.as_somebody(NURSE) as connection:
        for catalogue, column in (("pg_class", "relowner"), ("pg_proc", "proowner"), ("pg_namespace", "nspowner")):
            owned = f"SELECT count(*) FROM {catalogue} WHERE {column} = current_user::regrole"  # noqa: S608 -- our own names
            assert connection.execute(text(owned)).scalar_one() == 0
        powers = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(text(powers)).scalar_one() is False
        members = "SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole"
        assert connection.execute(text(members)).scalar_one() == 0


def test_the_functions_of_the_fence_are_the_owners_with_a_fixed_search_path_and_nobody_elses(
    owner: Connection,
) -> None:
    found = owner.execute(
        text(
            "SELECT proname, proowner::regrole::text, prosecdef, proconfig, "
            "has_function_privilege('coursewatch_app', oid, 'EXECUTE'), "
            "has_function_privilege('public', oid, 'EXECUTE') "
            "FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
    ).all()
    told = {name: tuple(rest) for name, *rest in found}
    fixed = ("coursewatch_owner", True, [f"search_path={SEARCH_PATH}"], True, False)
    assert told == {
        **dict.fromkeys(FUNCTIONS, fixed),
        "refuse_change": ("coursewatch_owner", False, None, False, False),
    }


def test_a_fence_that_stands_is_found_whole_by_both_roles(hospitals: TwoHospitals, owner: Connection) -> None:
    assert list(broken_fences(owner)) == []
    assert not holds_us(owner)
    with hospitals.as_somebody(None) as connection:
        assert list(broken_fences(connection)) == []
        assert holds_us(connection)


@pytest.mark.parametrize(("statement", "named"), TAMPERED.items())
def test_each_broken_part_of_the_fence_is_named(owner: Connection, statement: str, named: str) -> None:
    owner.exec_driver_sql(statement)
    assert list(broken_fences(owner)) == [named]


@pytest.mark.parametrize(("statements", "named"), WAYS_AROUND.items())
def test_each_way_around_the_fence_is_named(
    hospitals: TwoHospitals, superuser: Connection, statements: str, named: str
) -> None:
    with hospitals.as_somebody(None) as connection:
        assert list(ways_around(connection, APP)) == []
    superuser.exec_driver_sql(statements)
    assert list(ways_around(superuser, APP)) == [named]
    assert list(rights_too_many(superuser, APP)) == []


@pytest.mark.parametrize(("statement", "named"), RIGHTS_TOO_MANY.items())
def test_each_right_beyond_those_of_the_release_is_named(owner: Connection, statement: str, named: str) -> None:
    assert list(rights_too_many(owner, APP)) == []
    owner.exec_driver_sql(statement)
    assert list(rights_too_many(owner, APP)) == [named]
    assert list(ways_around(owner, APP)) == []


@pytest.mark.parametrize("statements", HARMLESS)
def test_what_leads_nowhere_is_not_named(superuser: Connection, statements: str) -> None:
    superuser.exec_driver_sql(statements)
    assert list(ways_around(superuser, APP)) == []
    assert list(rights_too_many(superuser, APP)) == []


def test_whatever_a_dba_is_granted_on_all_tables_is_told_in_a_line_or_two(superuser: Connection) -> None:
    superuser.exec_driver_sql("CREATE ROLE dba; GRANT ALL ON ALL TABLES IN SCHEMA public TO dba")
    assert len(list(ways_around(superuser, APP))) == 2


@pytest.mark.parametrize(("statements", "named"), UNHELD.items())
def test_an_app_role_that_the_fence_does_not_hold_is_named(
    superuser: Connection, statements: str, named: list[str]
) -> None:
    assert list(unheld_app_role(superuser, APP)) == []
    superuser.exec_driver_sql(statements)
    assert list(unheld_app_role(superuser, APP)) == named


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_an_upgrade_takes_back_what_everybody_and_the_app_role_were_given(database_urls: Urls) -> None:
    engine = create_engine(parse_url(database_urls.owner))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "GRANT ALL ON fact TO PUBLIC; GRANT TRUNCATE, UPDATE (hash) ON fact TO coursewatch_app"
        )
        assert list(rights_too_many(connection, APP))
    upgrade(database_urls.owner, app_role=APP)
    with engine.connect() as connection:
        assert list(rights_too_many(connection, APP)) == []
    engine.dispose()


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_verify_tells_of_a_broken_fence_and_a_start_as_one_whom_it_does_not_hold_is_logged(
    database_urls: Urls, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with recorded(database_urls, tmp_path) as courses:
        assert courses.findings() == []
        assert "running_as_owner" not in caplog.text
        courses.tamper("ALTER TABLE fact DISABLE ROW LEVEL SECURITY")
        (finding,) = courses.findings()
        assert finding.startswith("fence: row-level security of the table fact: is missing or changed")
        courses.tamper("ALTER TABLE fact ENABLE ROW LEVEL SECURITY")
        courses.tamper("GRANT TRUNCATE ON fact TO coursewatch_app")
        (finding,) = courses.findings()
        assert finding.startswith("fence: the right of coursewatch_app to TRUNCATE fact: was given by no release")
        courses.tamper("REVOKE TRUNCATE ON fact FROM coursewatch_app")
        # Whoever signs in to verify may be whom the fence does not hold; whom the processes sign in as may not.
        owners = replace(courses.house.settings, app_role=OWNER)
        (finding,) = replace(courses, house=replace(courses.house, settings=owners)).findings()
        assert finding == f"fence: the role {OWNER}: is not held by row-level security"
    build(settings_of(replace(database_urls, app=database_urls.owner), tmp_path)).close()
    assert "running_as_owner: row-level security does not hold this database role" in caplog.text
