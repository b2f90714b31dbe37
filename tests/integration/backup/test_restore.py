"""A restore is all of a backup in an empty database, or nothing at all."""

import shlex
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect

from tests.databases import Urls
from tests.integration.backup.ward import Ward, cut_short, flip_a_byte, program
from tests.integration.cli.running import Finished, coursewatch
from tests.integration.persistence.contents import contents
from workflow.persistence.engine import name_of, open_database, parse_url
from workflow.persistence.migrations import current_revision, downgrade, newest_revision

ON_POSTGRESQL = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
# Who may do what with every table, view, sequence, column, function and the schema itself.
RIGHTS = """
SELECT 'relation', relname::text, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(relacl) a) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')
UNION ALL SELECT 'column', attrelid::regclass || '.' || attname,
(SELECT array_agg(a::text ORDER BY a::text) FROM unnest(attacl) a) FROM pg_attribute
WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL SELECT 'function', proname::text, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(proacl) a)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'schema', nspname::text, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(nspacl) a)
FROM pg_namespace WHERE nspname = 'public' ORDER BY 1, 2
"""


def restored(ward: Ward, urls: Urls, *arguments: object) -> Finished:
    """Restore the ward's backup into a database, as its owner."""
    return coursewatch("db", "restore", ward.file, "--database", urls.owner, *arguments)


def tables_of(urls: Urls) -> list[str]:
    """Name the tables of a database; a SQLite file that is not there has none, and is not made."""
    url = parse_url(urls.owner)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return []
    engine = create_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def test_what_was_backed_up_is_there_again_and_works_for_the_app(ward: Ward) -> None:
    ward.backed_up()
    before = contents(ward.courses.house.database)
    with ward.empty() as urls:
        finished = restored(ward, urls)
        assert (finished.code, finished.out) == (0, "")
        assert finished.err.splitlines()[-3:] == [
            f"Restored: 2 patients, 13 facts, {len(before['alert'])} alerts, 1 seal, {made_at(ward)}. Next:",
            f"- {ward.secret_file} is the one that belongs to it.",
            f"- coursewatch db verify --database {shlex.quote(urls.owner)} --expect-seal {ward.seal}",
        ]
        assert ward.leftovers() == []
        database = open_database(urls.owner, secret=b"")
        assert contents(database) == before
        database.dispose()
        # What is told next is what is done next: it is the restored database that is verified then.
        verified = coursewatch(*shlex.split(finished.err.splitlines()[-1])[2:])
        assert (verified.code, verified.out) == (0, ""), verified.err
        assert verified.err.startswith(f"Verifying {name_of(urls.owner)}.\n")


def test_what_is_next_names_no_database_that_the_environment_names(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    ward.backed_up()
    with ward.empty() as urls:
        monkeypatch.setenv("COURSEWATCH_DATABASE", urls.owner)
        finished = coursewatch("db", "restore", ward.file)
    assert finished.err.splitlines()[-1] == f"- coursewatch db verify --expect-seal {ward.seal}"


def made_at(ward: Ward) -> str:
    instant = ward.manifest()["made_at"]
    return f"made at {instant[:10]} {instant[11:16]} UTC by release {ward.manifest()['origin']['release']}"


@ON_POSTGRESQL
def test_every_right_is_what_it_was(ward: Ward) -> None:
    ward.backed_up()
    with ward.empty() as urls:
        assert restored(ward, urls).code == 0
        with psycopg.connect(ward.courses.urls.owner) as one, psycopg.connect(urls.owner) as other:
            before, after = (connection.execute(RIGHTS).fetchall() for connection in (one, other))
    assert after == before
    assert len(after) > 50


@ON_SQLITE
def test_the_restored_file_is_its_owners_alone(ward: Ward) -> None:
    ward.backed_up()
    target = ward.office.parent / "new" / "coursewatch.sqlite3"
    assert restored(ward, Urls(owner=f"sqlite:///{target}", app="")).code == 0
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert (target.stat().st_mode & 0o777, target.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_nothing_is_restored_over_what_is_there(ward: Ward) -> None:
    ward.backed_up()
    before = contents(ward.courses.house.database)
    finished = restored(ward, ward.courses.urls)
    assert finished.code == 1
    assert "there is a database already" in finished.err or "the database is not empty" in finished.err
    assert contents(ward.courses.house.database) == before


@ON_SQLITE
def test_a_log_that_another_database_has_left_is_never_applied_to_the_restored_one(ward: Ward) -> None:
    ward.backed_up()
    target = ward.office.parent / "restored.sqlite3"
    for ending in ("", "-wal", "-shm", "-journal"):
        left = target.with_name(target.name + ending)
        left.touch()
        finished = restored(ward, Urls(owner=f"sqlite:///{target}", app=""))
        assert finished.code == 1
        assert f"{left}: there is a database already, or what is left of one" in finished.err
        assert list(target.parent.glob("restored.sqlite3*")) == [left]
        left.unlink()


def flipped(ward: Ward) -> None:
    flip_a_byte(ward.file)


def cut(ward: Ward) -> None:
    cut_short(ward.file)


def without_manifest(ward: Ward) -> None:
    ward.told.unlink()


def manifest_of_another(ward: Ward) -> None:
    ward.retell(sha256="0" * 64)


def unreadable_manifest(ward: Ward) -> None:
    ward.told.write_text('{"format": 2}', encoding="ascii")


def file_gone(ward: Ward) -> None:
    ward.file.unlink()


def later_revision(ward: Ward) -> None:
    ward.retell(contents__revision="9999", contents__usable_from="9998")


def other_kind(ward: Ward) -> None:
    ward.retell(origin__dialect="sqlite" if ward.dialect == "postgresql" else "postgresql")


def test_what_is_not_whole_or_does_not_fit_is_refused_and_nothing_is_made(ward: Ward) -> None:
    ward.backed_up()
    with ward.empty() as urls:
        for harm, said in (
            (flipped, "its SHA-256 is another one"),
            (cut, "it is not whole"),
            (without_manifest, "ward.backup.json is missing"),
            (manifest_of_another, "its SHA-256 is another one"),
            (unreadable_manifest, "is not one that this release reads (format)"),
            (file_gone, "cannot be read: No such file"),
            (later_revision, "at revision 9999, made by release"),
            (other_kind, "cannot be restored into"),
        ):
            with ward.as_it_was_afterwards():
                harm(ward)
                finished = restored(ward, urls)
            assert finished.code == 1
            assert said in finished.err
            assert tables_of(urls) == []
            assert ward.leftovers() == []
        assert restored(ward, urls).code == 0


@ON_POSTGRESQL
def test_a_restore_that_fails_in_the_middle_leaves_the_database_empty(ward: Ward) -> None:
    cut_short(ward.backed_up())
    ward.retell_as_whole()
    with ward.empty() as urls:
        finished = restored(ward, urls)
        assert finished.code == 1
        assert "pg_restore failed: the file is damaged" in finished.err
        assert tables_of(urls) == []


@ON_POSTGRESQL
def test_a_pg_restore_or_a_server_that_is_too_old_is_named(ward: Ward) -> None:
    ward.backed_up()
    folder = ward.office.parent / "bin"
    with ward.empty() as urls:
        program(folder, "pg_restore", "echo 'pg_restore (PostgreSQL) 17.2'")
        finished = restored(ward, urls, "--pg-bin", folder)
        assert "the backup was made by pg_dump 18, which " in finished.err
        assert "a pg_restore of 18 in COURSEWATCH_PG_BIN" in finished.err
        ward.retell(origin__server_major=99)
        finished = restored(ward, urls)
        assert "the backup is of PostgreSQL 99, this server is 18." in finished.err
        assert tables_of(urls) == []


@ON_POSTGRESQL
def test_who_may_make_no_tables_is_told_who_restores(ward: Ward) -> None:
    ward.backed_up()
    with ward.empty() as urls:
        finished = coursewatch("db", "restore", ward.file, "--database", urls.app)
    assert finished.code == 1
    assert "restore as the role that is to own them" in finished.err


@ON_POSTGRESQL
def test_an_older_backup_is_restored_as_it_was_and_the_upgrade_is_named(ward: Ward) -> None:
    downgrade(ward.courses.urls.owner, revision="0005")
    ward.backed_up()
    with ward.empty() as urls:
        finished = restored(ward, urls)
        assert finished.code == 0
        assert f"- coursewatch db upgrade --database {shlex.quote(urls.owner)}\n" in finished.err
        assert current_revision(urls.owner) == "0005"
        assert coursewatch("db", "upgrade", "--database", urls.owner).code == 0
        assert current_revision(urls.owner) == newest_revision()
        verified = coursewatch("db", "verify", "--expect-seal", ward.seal, "--database", urls.app)
        assert (verified.code, verified.out) == (0, ""), verified.err


@ON_SQLITE
def test_a_missing_secret_file_is_named_and_none_is_made(ward: Ward) -> None:
    ward.backed_up()
    ward.secret_file.unlink()
    with ward.empty() as urls:
        finished = restored(ward, urls)
        assert finished.code == 0
        assert f"{ward.secret_file} cannot be read: there belongs the secret file of this database" in finished.err
    assert not ward.secret_file.exists()


@ON_POSTGRESQL
def test_a_missing_app_role_is_named_with_what_makes_up_for_it(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWATCH_APP_ROLE", "somebody")
    ward.backed_up()
    with ward.empty() as urls:
        finished = restored(ward, urls)
    assert finished.code == 0
    assert "- The role somebody does not exist: CREATE ROLE somebody LOGIN.\n- coursewatch db upgrade" in finished.err
