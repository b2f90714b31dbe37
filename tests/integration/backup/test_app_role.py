"""A drill on PostgreSQL looks whether the ward's processes could work, and works as their role where it may take it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.databases import APP, OWNER
from tests.integration.backup.ward import Ward
from workflow.persistence.engine import parse_url
from workflow.services import drill
from workflow.services.house import House
from workflow.services.read_worklist import rows

pytestmark = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)


@contextmanager
def between(ward: Ward, first: str, afterwards: str) -> Iterator[None]:
    """Let the superuser do something, and take it back: roles are the whole server's."""
    assert ward.server is not None
    ward.server.command(ward.courses.urls, first)
    try:
        yield
    finally:
        ward.server.command(ward.courses.urls, afterwards)


def readers(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return who reads the worklist of a drill, once it is read."""
    found: list[object] = []

    def noted(house: House, *arguments: object) -> object:
        with house.database.read() as connection:
            found.append(connection.exec_driver_sql("SELECT current_user").scalar_one())
        return rows(house, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(drill, "rows", noted)
    return found


def test_a_drill_works_as_the_app_role_where_it_may(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    ward.backed_up()
    worked_as = readers(monkeypatch)
    with between(ward, f"GRANT {APP} TO {OWNER}", f"REVOKE {APP} FROM {OWNER}"):
        finished = ward.drilled()
    assert (finished.code, finished.err) == (0, ""), finished.out
    assert f"{APP} has its rights, and the next steps are done as that role\n" in finished.out
    assert worked_as == [APP]
    assert ward.leftovers() == []


def test_what_was_not_tried_as_the_app_role_is_told_with_the_way_to_it(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.backed_up()
    worked_as = readers(monkeypatch)
    finished = ward.drilled()
    assert (finished.code, worked_as) == (0, [OWNER])
    assert f"the next steps are not done as that role: {OWNER} may not take it (GRANT {APP} TO {OWNER})" in finished.out


def assert_no_rights(ward: Ward, said: str, *arguments: object) -> None:
    """Do the drill, which fails at the app role's rights and removes what it has restored."""
    finished = ward.drilled(*arguments)
    assert finished.code == 1
    (failure,) = (line for line in finished.out.splitlines() if "FAILED: " in line)
    assert failure.startswith("rights ")
    assert said in failure
    assert ward.leftovers() == []


def test_a_drill_fails_where_no_process_of_the_ward_could_sign_in(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    ward.backed_up()
    monkeypatch.setenv("COURSEWATCH_APP_ROLE", "mute_app")
    assert_no_rights(ward, "the role mute_app does not exist on this server, so no process of the ward could work here")
    with between(ward, "CREATE ROLE mute_app", "DROP ROLE mute_app"):
        assert_no_rights(ward, "the role mute_app may not sign in, so no process of the ward could: ALTER ROLE")


def test_a_drill_fails_where_the_app_role_has_no_way_to_the_tables(ward: Ward) -> None:
    assert ward.server is not None
    ward.backed_up()
    with ward.empty() as urls:
        name = str(parse_url(urls.owner).database)
        ward.server.command(urls, f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
        assert_no_rights(
            ward, f"may not reach this database: GRANT CONNECT ON DATABASE {name} TO", "--into", urls.owner
        )
        ward.server.command(urls, f"GRANT CONNECT ON DATABASE {name} TO {APP}")
        # What the owner of the tables grants here is no more than a warning to PostgreSQL.
        ward.server.command(urls, "ALTER SCHEMA public OWNER TO postgres")
        ward.server.command(urls, f"GRANT ALL ON SCHEMA public TO {OWNER}")
        ward.server.command(urls, f"REVOKE USAGE ON SCHEMA public FROM PUBLIC, {APP}")
        assert_no_rights(ward, f"the role {APP} may not work with the schema public", "--into", urls.owner)
