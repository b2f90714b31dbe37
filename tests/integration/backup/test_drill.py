"""The drill succeeds with a good backup, and every step of it fails with a bad one; it leaves nothing behind."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.integration.backup.ward import Ward, cut_short, flip_a_byte
from tests.integration.persistence.contents import contents
from tests.integration.recorded import owner
from workflow.clock import monotonic
from workflow.persistence.backup.scratch import LeftBehindError, NewFolder
from workflow.persistence.migrations import downgrade, newest_revision
from workflow.services.drill import Ground, Listening, Step, drill
from workflow.services.house import House
from workflow.services.restore_backup import Restoring

ON_POSTGRESQL = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
STEPS = {
    "sqlite": ["manifest", "file", "secret", "scratch", "restore", "counts", "upgrade", "verify", "worklist", "remove"],
    "postgresql": [
        *("manifest", "file", "secret", "scratch", "restore", "counts", "upgrade", "rights", "verify", "worklist"),
        "remove",
    ],
}


def steps_of(told: str) -> list[str]:
    """Name the steps of a drill in their order."""
    return [line.split()[0] for line in told.splitlines()]


def test_a_good_backup_passes_every_step_and_nothing_is_left_behind(ward: Ward) -> None:
    ward.backed_up()
    before = contents(ward.courses.house.database)
    finished = ward.drilled()
    assert (finished.code, finished.err) == (0, ""), finished.out
    assert steps_of(finished.out) == [*STEPS[ward.dialect], "the"]
    assert "patients: 2, all healthy; the manifest's seal is there\n" in finished.out
    assert f"at revision {newest_revision()} already\n" in finished.out
    assert finished.out.splitlines()[-1].startswith("the drill has succeeded in ")
    assert ward.leftovers() == []
    assert contents(ward.courses.house.database) == before


def test_an_older_backup_is_upgraded_in_the_drill(ward: Ward) -> None:
    downgrade(ward.courses.urls.owner, revision="0005")
    ward.backed_up()
    finished = ward.drilled()
    assert finished.code == 0, finished.out
    assert f"from revision 0005 to {newest_revision()}\n" in finished.out


def test_a_chosen_database_is_empty_again_afterwards_and_can_take_the_next_drill(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.backed_up()
    with ward.empty() as urls:
        first = ward.drilled("--into", urls.owner)
        assert first.code == 0, first.out
        monkeypatch.setenv("COURSEWATCH_DRILL_INTO", urls.owner)
        second = ward.drilled()
        assert second.code == 0, second.out
        assert "coursewatch_drill_" not in second.out
    assert ward.leftovers() == []
    assert list(ward.office.parent.glob("restored*")) == []


def test_a_chosen_database_that_holds_something_is_left_as_it_is(ward: Ward) -> None:
    ward.backed_up()
    before = contents(ward.courses.house.database)
    finished = ward.drilled("--into", ward.courses.urls.owner)
    assert finished.code == 1
    assert "scratch " in finished.out.splitlines()[-2]
    assert "FAILED: " in finished.out.splitlines()[-2]
    assert "one is running there (wait for it), or was killed there and left patient data" in finished.out
    assert contents(ward.courses.house.database) == before


def no_manifest(ward: Ward) -> None:
    ward.told.unlink()


def flipped(ward: Ward) -> None:
    flip_a_byte(ward.file)


def cut(ward: Ward) -> None:
    cut_short(ward.file)


def no_secret(ward: Ward) -> None:
    ward.secret_file.unlink()


def other_secret(ward: Ward) -> None:
    ward.secret_file.write_text("y" * 43, encoding="ascii")


def fewer_facts(ward: Ward) -> None:
    ward.retell(contents__counts__facts=12)


def other_seal(ward: Ward) -> None:
    ward.retell(contents__newest_seal="0" * 64)


def test_a_backup_that_went_bad_fails_at_its_step_and_leaves_nothing(ward: Ward) -> None:
    ward.backed_up()
    for harm, step, said in (
        (no_manifest, "manifest", "is missing"),
        (flipped, "file", "its SHA-256 is another one"),
        (cut, "file", "it is not whole"),
        (no_secret, "secret", "cannot be read: No such file"),
        (other_secret, "secret", "is not the one that this database's chain was made with"),
        (fewer_facts, "counts", "another counts than the manifest: 2 patients, 13 facts"),
        (other_seal, "counts", "another newest seal"),
    ):
        with ward.as_it_was_afterwards():
            harm(ward)
            assert_failed(ward, step, said)
            assert ward.secret_file.exists() is (harm is not no_secret)
    assert ward.drilled().code == 0


def assert_failed(ward: Ward, step: str, said: str) -> list[str]:
    """Do the drill, which fails at this step and takes no later one but the removal; return its lines."""
    finished = ward.drilled()
    lines = finished.out.splitlines()
    assert (finished.code, lines[-1]) == (1, "the drill has failed")
    (failure,) = (line for line in lines if "FAILED: " in line)
    assert failure.split()[0] == step
    assert said in failure
    steps = STEPS[ward.dialect]
    taken = steps[: steps.index(step) + 1]
    made = ["remove"] if "scratch" in taken else []
    assert [name for name in steps_of(finished.out) if name in {*steps, "the"}] == [*taken, *made, "the"]
    assert ward.leftovers() == []
    return lines


def test_a_damaged_file_is_found_though_its_manifest_says_otherwise(ward: Ward) -> None:
    cut_short(ward.backed_up())
    ward.retell_as_whole()
    assert_failed(ward, *{"sqlite": ("counts", "not available"), "postgresql": ("restore", "damaged")}[ward.dialect])


def test_a_row_that_was_tampered_with_before_the_backup_is_found(ward: Ward) -> None:
    ward.courses.tamper("UPDATE fact SET occurred_on = '2025-01-08' WHERE patient_id = :a AND seq = 4")
    ward.backed_up()
    lines = assert_failed(ward, "verify", "findings: 1.")
    assert f"chain: patient {ward.courses.a}, f4: the row was altered or put in" in lines


@ON_SQLITE
def test_a_worklist_that_cannot_be_read_is_found_and_not_quoted(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object) -> None:
        raise ValueError(ward.courses.a)

    monkeypatch.setattr("workflow.services.drill.rows", unreadable)
    ward.backed_up()
    lines = assert_failed(ward, "worklist", "an error inside Coursewatch (ValueError at ")
    assert ward.courses.a not in "".join(lines)


@ON_SQLITE
def test_an_upgrade_that_fails_is_found(ward: Ward) -> None:
    with owner(ward.courses.urls) as database, database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    ward.backed_up()
    assert_failed(ward, "upgrade", "")


@ON_POSTGRESQL
def test_who_may_make_no_database_is_told_the_other_way(ward: Ward) -> None:
    ward.backed_up()
    finished = ward.drilled("--database", ward.courses.urls.app)
    assert finished.code == 1
    assert "FAILED: this role may make no database for the drill: ALTER ROLE … CREATEDB" in finished.out


@ON_POSTGRESQL
def test_a_backup_of_postgresql_is_not_tried_on_sqlite(ward: Ward) -> None:
    ward.backed_up()
    finished = ward.drilled("--database", "sqlite:///ward.sqlite3")
    assert finished.code == 1
    assert "FAILED: the backup is of a database of another kind: name one of its kind with --into" in finished.out


@dataclass(slots=True)
class Stubborn(NewFolder):
    """A folder that cannot be removed."""

    asked: list[str] = field(default_factory=list)

    def remove(self) -> str:
        """Refuse once, and go."""
        self.asked.append("remove")
        NewFolder.remove(self)
        raise LeftBehindError("it holds patient data")


def ground(ward: Ward, scratch: NewFolder) -> Ground:
    """Return what a drill of the ward needs, with a scratch database of the test's."""

    @contextmanager
    def the_wards_own(_url: str) -> Iterator[House]:
        yield ward.courses.house

    return Ground(
        scratch=lambda _: scratch,
        restoring=Restoring(app_role="nobody"),
        secret=lambda: ward.secret_file.read_bytes().strip(),
        upgrade=lambda _: "none",
        open_house=the_wards_own,
    )


@ON_SQLITE
def test_what_could_not_be_removed_fails_the_drill(ward: Ward) -> None:
    heard: list[Step] = []
    listening = Listening(step=heard.append, finding=lambda _: None, stopwatch=monotonic)
    assert not drill(ward.backed_up(), ground(ward, Stubborn()), listening)
    assert [step.name for step in heard if step.failed] == ["remove"]


@ON_SQLITE
def test_a_drill_that_is_ended_from_outside_removes_what_it_restored(ward: Ward) -> None:
    def end(step: Step) -> None:
        if step.name == "restore":
            sys.exit(143)

    listening = Listening(step=end, finding=lambda _: None, stopwatch=monotonic)
    with pytest.raises(SystemExit):
        drill(ward.backed_up(), ground(ward, NewFolder()), listening)
    assert ward.leftovers() == []


@ON_SQLITE
def test_a_drill_says_how_long_each_step_took(ward: Ward) -> None:
    heard: list[Step] = []
    seconds = iter(range(100))
    listening = Listening(step=heard.append, finding=lambda _: None, stopwatch=lambda: float(next(seconds)))
    assert drill(Path(ward.backed_up()), ground(ward, NewFolder()), listening)
    assert {step.seconds for step in heard} == {1.0}
