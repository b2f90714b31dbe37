"""A place that somebody chose for a drill is emptied of what the drill has restored there, and of nothing else."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.databases import Urls
from tests.integration.backup.ward import Ward
from tests.integration.cli.running import coursewatch
from workflow.cli import backups
from workflow.cli.ending import ENDED_BY, ENDING
from workflow.persistence.backup import postgresql, sqlite
from workflow.persistence.engine import parse_url
from workflow.services.drill import Step

ON_POSTGRESQL = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
THEIRS = "what somebody else keeps"
# By what one program of PostgreSQL, and one name on a disk, let a backup be there.
COMMITS = {"sqlite": (sqlite, "publish"), "postgresql": (postgresql, "run_tool")}
# Each is all that there is in a database.
KINDS = (
    "CREATE FUNCTION theirs() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE PROCEDURE theirs() LANGUAGE sql AS 'SELECT 1'",
    "CREATE AGGREGATE theirs(integer) (sfunc = int4pl, stype = integer)",
    "CREATE TYPE theirs AS ENUM ('one')",
    "CREATE TYPE theirs AS (one integer)",
    "CREATE DOMAIN theirs AS integer",
    'CREATE COLLATION theirs FROM "C"',
    "CREATE SEQUENCE theirs",
    "CREATE VIEW theirs AS SELECT 1 AS one",
    "CREATE MATERIALIZED VIEW theirs AS SELECT 1 AS one",
    "CREATE TABLE theirs (one integer) PARTITION BY RANGE (one)",
)


def file_of(urls: Urls) -> Path:
    return Path(str(parse_url(urls.owner).database))


def put_theirs(urls: Urls) -> None:
    """Let somebody else use the place."""
    if urls.owner.startswith("sqlite"):
        file_of(urls).write_text(THEIRS, encoding="ascii")
        return
    with psycopg.connect(urls.owner) as connection:
        connection.execute(f"CREATE TABLE theirs AS SELECT '{THEIRS}' AS kept")


def kept(urls: Urls) -> list[str]:
    """Return what stands in the place: the names of a database's objects, or what is in a file."""
    if urls.owner.startswith("sqlite"):
        folder, name = file_of(urls).parent, file_of(urls).name
        return [file.read_text(encoding="ascii") for file in folder.glob(f"{name}*")]
    with psycopg.connect(urls.owner) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION ALL "
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
        if names == [("theirs",)]:
            names = connection.execute("SELECT kept FROM theirs").fetchall()
    return [str(name) for (name,) in names]


def ending(ward: Ward, monkeypatch: pytest.MonkeyPatch, *, done: bool, with_: Callable[[], None]) -> None:
    """Let something happen in a restore where the backup comes to be there: just after that, or in its stead."""
    module, name = COMMITS[ward.dialect]
    commit = getattr(module, name)

    def replaced(*arguments: object) -> None:
        if done:
            commit(*arguments)
        with_()

    monkeypatch.setattr(module, name, replaced)


def test_what_appears_between_the_first_look_and_the_restore_stays_as_it_is(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.backed_up()
    with ward.empty() as urls:
        tell = backups._put_step  # noqa: SLF001 -- heard between two steps, as whoever sits before a drill

        def plant(step: Step) -> None:
            tell(step)
            if step.name == "scratch":
                put_theirs(urls)

        monkeypatch.setattr(backups, "_put_step", plant)
        finished = ward.drilled("--into", urls.owner)
        assert kept(urls) == [THEIRS]
    assert finished.code == 1
    *_, restored, removed, _ = finished.out.splitlines()
    assert restored.startswith("restore ")
    assert "FAILED: " in restored
    assert removed.startswith("remove ")
    assert "left as it is" in removed or "none is removed" in removed


@pytest.mark.parametrize("ended_by", ENDING, ids=lambda number: number.name)
def test_a_drill_that_is_ended_just_after_its_commit_leaves_nothing_and_is_not_hurried(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, ended_by: signal.Signals
) -> None:
    ward.backed_up()
    # Whoever started the tests may have let them ignore some.
    before = signal.signal(ended_by, signal.SIG_DFL)
    times: list[int] = []

    def end() -> None:
        times.append(ended_by)
        os.kill(os.getpid(), ended_by)

    ending(ward, monkeypatch, done=True, with_=end)
    # Whoever asks once more, while it removes, is not heard.
    module, name = {"sqlite": (sqlite, "remove_file"), "postgresql": (postgresql, "drop_all")}[ward.dialect]
    remove = getattr(module, name)

    def remove_slowly(*arguments: object) -> None:
        end()
        remove(*arguments)

    monkeypatch.setattr(module, name, remove_slowly)
    with ward.empty() as urls:
        finished = ward.drilled("--into", urls.owner)
        assert kept(urls) == []
    assert finished.code == ENDED_BY + ended_by
    assert times == [ended_by] * 2
    assert [line.split()[0] for line in finished.out.splitlines()][-2:] == ["scratch", "remove"]
    assert ward.leftovers() == []
    assert signal.signal(ended_by, before) is signal.SIG_DFL


def test_a_drill_that_is_ended_before_its_commit_leaves_what_is_anothers(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.backed_up()
    with ward.empty() as urls:

        def end() -> None:
            put_theirs(urls)
            os.kill(os.getpid(), signal.SIGTERM)

        ending(ward, monkeypatch, done=False, with_=end)
        assert ward.drilled("--into", urls.owner).code == ENDED_BY + signal.SIGTERM
        assert kept(urls) == [THEIRS]


@ON_SQLITE
def test_a_drill_is_ended_while_it_removes_and_removes_all_the_same(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.backed_up()
    remove, asked = sqlite.remove_file, []

    def remove_and_end(*arguments: object) -> None:
        asked.append(arguments)
        if len(asked) == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        remove(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite, "remove_file", remove_and_end)
    with ward.empty() as urls:
        assert ward.drilled("--into", urls.owner).code == ENDED_BY + signal.SIGTERM
        assert kept(urls) == []
    assert len(asked) == 2


@ON_SQLITE
def test_a_log_that_appears_while_a_file_is_restored_stops_the_restore_and_stays(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.backed_up()
    copy = sqlite._copy_bytes  # noqa: SLF001 -- the longest part of a restore, in which anything may happen
    with ward.empty() as urls:
        left = file_of(urls).with_name(file_of(urls).name + "-wal")

        def copy_meanwhile(*arguments: object) -> None:
            copy(*arguments)  # type: ignore[arg-type]
            left.write_text(THEIRS, encoding="ascii")

        monkeypatch.setattr(sqlite, "_copy_bytes", copy_meanwhile)
        finished = ward.drilled("--into", urls.owner)
        assert kept(urls) == [THEIRS]
    assert f"FAILED: {left}: there is a database already, or what is left of one" in finished.out


@ON_POSTGRESQL
def test_a_database_with_anything_in_it_is_not_empty_and_stays_so(ward: Ward) -> None:
    ward.backed_up()
    for statement in KINDS:
        with ward.empty() as urls:
            with psycopg.connect(urls.owner) as connection:
                connection.execute(statement)
            finished = ward.drilled("--into", urls.owner)
            assert "FAILED: the database is not empty" in finished.out, statement
            still = coursewatch("db", "restore", ward.file, "--database", urls.owner)
            assert (still.code, "the database is not empty" in still.err) == (1, True), statement


@ON_POSTGRESQL
def test_what_belongs_to_an_extension_is_nobodys_and_stays(ward: Ward) -> None:
    assert ward.server is not None
    ward.backed_up()
    with ward.empty() as urls:
        ward.server.command(urls, "CREATE FUNCTION theirs() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
        ward.server.command(urls, "ALTER EXTENSION plpgsql ADD FUNCTION theirs()")
        finished = ward.drilled("--into", urls.owner)
        assert finished.code == 0, finished.out
        with psycopg.connect(urls.owner) as connection:
            assert connection.execute("SELECT theirs()").fetchone() == (1,)
