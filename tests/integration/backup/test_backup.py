"""A backup is one whole file with all that one snapshot held, or there is none."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.integration.backup.ward import Ward, program
from tests.integration.cli.running import Finished, coursewatch
from tests.integration.recorded import add
from workflow.bootstrap import build
from workflow.persistence.chain import secret_check

ON_POSTGRESQL = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
LONGEST_WAIT_SECONDS = 60.0
# So long does nobody hold what the next one waits for.
PAUSE_SECONDS = 0.002
# Begins a backup and stops for ever as soon as a part of it is written.
STOPS_HALF_WAY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from workflow.services.back_up import Making, back_up

def stop(done, all_of_it):
    print("half way", flush=True)
    sys.stdin.read()

made = Making(now=datetime(2026, 1, 1, tzinfo=UTC), release="0", pg_bin=Path(sys.argv[3]), progress=stop)
back_up(sys.argv[1], Path(sys.argv[2]), made)
"""


def test_a_backup_is_two_files_of_its_owner_alone(ward: Ward) -> None:
    file = ward.backed_up()
    assert sorted(path.name for path in ward.office.iterdir()) == [file.name, ward.told.name]
    assert {path.stat().st_mode & 0o777 for path in ward.office.iterdir()} == {0o600}
    assert ward.leftovers() == []


def test_the_manifest_says_what_is_in_the_file_and_nothing_of_a_patient(ward: Ward) -> None:
    file = ward.backed_up()
    manifest = ward.manifest()
    assert manifest["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert manifest["size_bytes"] == file.stat().st_size
    contents = manifest["contents"]
    assert contents["counts"]["patients"] == 2
    assert contents["counts"]["facts"] == 13
    assert contents["counts"]["alerts"] == ward.courses.one("SELECT count(*) FROM alert")
    assert (contents["counts"]["seals"], contents["newest_seal"]) == (1, ward.seal)
    assert contents["secret_check"] == secret_check(ward.courses.house.database.secret)
    text = ward.told.read_text(encoding="utf-8")
    secret = ward.secret_file.read_text(encoding="ascii").strip()
    assert [word for word in ("A-1", "B-1", ward.courses.a, "berlin", secret) if word in text] == []


@ON_SQLITE
def test_who_makes_a_backup_is_told_which_file_belongs_to_it_and_which_hash_to_note(ward: Ward) -> None:
    finished = coursewatch("db", "backup", ward.file)
    assert finished.err.startswith("Backing up …\n2 patients, 13 facts, ")
    assert f"{ward.secret_file} is the one that belongs to it." in finished.err
    assert finished.err.endswith(f"worth noting elsewhere: {ward.seal}\n")
    ward.secret_file.write_text("x" * 43, encoding="ascii")
    finished = coursewatch("db", "backup", ward.office / f"{ward.file.name}.2")
    assert f"WARNING: {ward.secret_file} is not the secret file of this database" in finished.err


@ON_SQLITE
def test_no_backup_is_overwritten(ward: Ward) -> None:
    for taken in (ward.file, ward.told):
        taken.write_text("the one of Monday", encoding="ascii")
        finished = coursewatch("db", "backup", ward.file)
        assert finished.code == 1
        assert f"{taken} is there already" in finished.err
        assert list(ward.office.iterdir()) == [taken]
        assert taken.read_text(encoding="ascii") == "the one of Monday"
        taken.unlink()


def test_a_database_without_our_tables_has_nothing_to_back_up(ward: Ward) -> None:
    with ward.empty() as urls:
        if ward.dialect == "sqlite":
            Path(urls.owner.removeprefix("sqlite:///")).touch()
        finished = coursewatch("db", "backup", ward.file, "--database", urls.owner)
    assert finished.code == 1
    assert "no tables of Coursewatch" in finished.err
    assert list(ward.office.iterdir()) == []


@ON_SQLITE
def test_a_folder_that_is_not_there_is_named_in_one_line(ward: Ward) -> None:
    folder = ward.office / "nowhere"
    finished = coursewatch("db", "backup", folder / "x.backup")
    assert finished == Finished(1, "", f"coursewatch: there is no folder {folder} to write the backup into\n")


@ON_POSTGRESQL
def test_the_app_role_is_told_who_makes_backups(ward: Ward) -> None:
    finished = coursewatch("db", "backup", ward.file, "--database", ward.courses.urls.app)
    assert finished.code == 1
    assert "the role coursewatch_app does not own the table" in finished.err
    assert "make the backup as the owner" in finished.err
    assert list(ward.office.iterdir()) == []


@ON_POSTGRESQL
def test_a_pg_dump_that_does_not_fit_is_named_with_the_way_out(ward: Ward) -> None:
    folder = ward.office.parent / "bin"
    folder.mkdir()
    for script, said in (
        (None, f"pg_dump is not in {folder}: install PostgreSQL's client programs"),
        ("echo 'pg_dump (PostgreSQL) 9.6.24'", "is of PostgreSQL 9.6.24 and cannot dump a server of 18"),
        ("echo 'no shared object' >&2; exit 127", "does not say which release of PostgreSQL it belongs to"),
    ):
        if script is not None:
            program(folder, "pg_dump", script)
        finished = coursewatch("db", "backup", ward.file, "--pg-bin", folder)
        assert finished.code == 1
        assert said in finished.err
        assert list(ward.office.iterdir()) == []


@ON_POSTGRESQL
def test_what_pg_dump_says_of_a_row_is_shown_to_nobody(ward: Ward) -> None:
    says = """case "$1" in --version) echo "pg_dump (PostgreSQL) 18.4"; exit;; esac
echo 'pg_dump: error: query failed: ERROR:  invalid value "A-1" of berlin' >&2
echo 'DETAIL: A-1' >&2
exit 1
"""
    finished = coursewatch("db", "backup", ward.file, "--pg-bin", program(ward.office.parent / "bin", "pg_dump", says))
    assert finished.code == 1
    assert "pg_dump failed: exit code 1; what it said is not shown" in finished.err
    assert "A-1" not in finished.err + finished.out
    assert list(ward.office.iterdir()) == []


@ON_POSTGRESQL
def test_the_password_stands_in_no_argument(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = ward.office.parent / "heard"
    tells = f"""case "$1" in --version) echo "pg_dump (PostgreSQL) 18.4"; exit;; esac
echo "$@" > {heard}; echo "$PGPASSWORD" >> {heard}; exit 1
"""
    password = ward.office.parent / "password"
    password.write_text("s3cr:t/\n", encoding="ascii")
    password.chmod(0o600)
    monkeypatch.setenv("COURSEWATCH_DATABASE_PASSWORD_FILE", str(password))
    server = ward.courses.urls.owner.partition("?host=")[2]
    url = ward.courses.urls.owner.replace("@/", "@localhost/")
    program(ward.office.parent / "bin", "pg_dump", tells)
    coursewatch("db", "backup", ward.file, "--pg-bin", ward.office.parent / "bin", "--database", url)
    arguments, given = heard.read_text(encoding="utf-8").splitlines()
    assert given == "s3cr:t/"
    assert "s3cr" not in arguments
    assert server in arguments


def test_a_full_disk_leaves_no_backup_and_no_half_of_one(ward: Ward) -> None:
    with files_of_at_most(64 * 1024):
        finished = coursewatch("db", "backup", ward.file)
    assert finished.code == 1
    assert any(why in finished.err for why in ("no space left", "disk may be full"))
    assert "A-1" not in finished.err
    assert list(ward.office.iterdir()) == []
    ward.backed_up()


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """Let no process that is started here write a file beyond this size, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_backup_that_is_killed_half_way_leaves_nothing_under_its_name(ward: Ward) -> None:
    programs = ward.server.programs if ward.server else ward.office
    command = [sys.executable, "-c", STOPS_HALF_WAY, ward.courses.urls.owner, str(ward.file), str(programs)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "half way\n"
        os.kill(killed.pid, signal.SIGKILL)
    assert [path.name for path in ward.office.iterdir() if path.name.startswith(ward.file.name)] == []
    (left,) = ward.office.iterdir()
    assert left.name.startswith(".coursewatch-unfinished-")
    assert left.stat().st_mode & 0o777 == 0o700
    ward.backed_up()


def test_a_backup_beside_four_who_record_is_one_moment_and_healthy(ward: Ward) -> None:
    house = build(ward.courses.house.settings.with_(lock_timeout_seconds=LONGEST_WAIT_SECONDS))
    patients = (ward.courses.a, ward.courses.b)
    stopped, begun = Event(), [Event() for _ in range(4)]

    def record_until_stopped(number: int) -> None:
        while not stopped.wait(PAUSE_SECONDS):
            add(house, patients[number % 2], "note_added", "2025-02-10", {"text": f"seen by {number}"})
            begun[number].set()

    threads = [Thread(target=record_until_stopped, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        assert all(event.wait(LONGEST_WAIT_SECONDS) for event in begun)
        ward.backed_up()
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
        house.close()
    facts = ward.manifest()["contents"]["counts"]["facts"]
    assert 13 + 4 <= facts <= int(str(ward.courses.one("SELECT count(*) FROM fact")))
    finished = ward.drilled()
    assert finished.code == 0, finished.out
    assert f"2 patients, {facts:,} facts" in finished.out
