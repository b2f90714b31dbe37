"""A signal ends a backup, a restore and a drill in good order, wherever in the process it arrives; none is lost."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.integration.backup.ward import Ward
from tests.integration.cli.running import Finished, coursewatch
from workflow.cli import backups
from workflow.cli.ending import ENDED_BY, ENDING, Ended, ended_in_good_order
from workflow.domain.actor import Actor
from workflow.persistence.backup import files, sqlite
from workflow.persistence.backup.manifest import Contents, read_manifest, require_whole
from workflow.services import drill as drilling
from workflow.services.drill import Step
from workflow.services.house import House
from workflow.services.verify_database import Hearing, Verified, verify_database

ON_SQLITE = pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)


class Finalized:
    """Something whose finalizer a signal interrupts: what is raised there is dropped by Python."""

    def __init__(self, by: signal.Signals) -> None:
        self._by = by

    def __del__(self) -> None:
        """Be interrupted."""
        signal.raise_signal(self._by)


def lost(by: signal.Signals) -> None:
    """Let a signal arrive where what it raises is dropped."""
    Finalized(by)


@pytest.fixture(autouse=True)
def dropped(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[type[BaseException]]]:
    """Hear what Python drops; let the signals do what they do to a process that nobody has told to ignore them."""
    heard: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: heard.append(unraisable.exc_type))
    before = {one: signal.signal(one, signal.SIG_DFL) for one in ENDING}
    yield heard
    for one, handler in before.items():
        signal.signal(one, handler)


def after_step(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], None]) -> None:
    """Let something happen while a step is told."""
    tell = backups._put_step  # noqa: SLF001 -- heard between two steps, as whoever sits before a drill

    def told(step: Step) -> None:
        tell(step)
        if step.name == name:
            act()

    monkeypatch.setattr(backups, "_put_step", told)


def steps_of(finished: Finished) -> list[str]:
    return [line.split()[0] for line in finished.out.splitlines()]


@ON_SQLITE
@pytest.mark.parametrize("by", ENDING, ids=lambda number: number.name)
def test_a_signal_that_a_finalizer_swallows_ends_the_drill_at_its_next_step(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, dropped: list[type[BaseException]], by: signal.Signals
) -> None:
    ward.backed_up()
    after_step(monkeypatch, "restore", lambda: lost(by))
    finished = ward.drilled()
    assert dropped == [Ended]
    assert finished.code == ENDED_BY + by
    # What was begun when it arrived is the last that is done.
    assert steps_of(finished)[-2:] == ["restore", "remove"]
    assert ward.leftovers() == []


@ON_SQLITE
def test_a_swallowed_signal_ends_a_long_step_before_its_end(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    ward.backed_up()
    patients = []

    def verify_and_lose(house: House, actor: Actor, hearing: Hearing, *, expect_seal: str | None) -> Verified:
        def advance() -> None:
            patients.append(1)
            lost(signal.SIGTERM)
            hearing.advance()

        return verify_database(house, actor, Hearing(found=hearing.found, advance=advance), expect_seal=expect_seal)

    monkeypatch.setattr(drilling, "verify_database", verify_and_lose)
    finished = ward.drilled()
    assert (finished.code, patients) == (ENDED_BY + signal.SIGTERM, [1])
    assert steps_of(finished)[-2:] == ["upgrade", "remove"]
    assert ward.leftovers() == []


@ON_SQLITE
def test_an_ending_that_a_driver_has_made_a_fault_of_is_an_ending_and_no_failed_step(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except SystemExit:
            raise ValueError from None

    ward.backed_up()
    monkeypatch.setattr(drilling, "verify_database", broken)
    finished = ward.drilled()
    assert finished.code == ENDED_BY + signal.SIGINT
    assert "FAILED" not in finished.out
    assert steps_of(finished)[-2:] == ["upgrade", "remove"]


@ON_SQLITE
def test_a_backup_whose_signal_was_swallowed_is_ended_by_it_before_its_file_appears(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = sqlite.copy_online

    def written(url: URL, target: Path, progress: sqlite.Progress) -> Contents:
        lost(signal.SIGHUP)
        return write(url, target, progress)

    monkeypatch.setattr(sqlite, "copy_online", written)
    ended = coursewatch("db", "backup", ward.file)
    assert (ended.code, ended.out) == (ENDED_BY + signal.SIGHUP, "")
    assert list(ward.office.iterdir()) == []


def test_each_signal_is_heard_until_one_is_on_its_way_out_and_none_while_it_removes() -> None:
    removed = []

    def asked_often() -> None:
        with ended_in_good_order() as heed:
            heed()
            lost(signal.SIGINT)
            with pytest.raises(Ended):
                heed()
            try:
                signal.raise_signal(signal.SIGTERM)
                removed.append("nothing: the second is heard as the first was")
            finally:
                for number in ENDING:
                    signal.raise_signal(number)
                    removed.append("one thing")
                try:
                    raise OSError
                except OSError:
                    signal.raise_signal(signal.SIGTERM)
                removed.append("the last")

    with pytest.raises(Ended) as ended:
        asked_often()
    assert removed == ["one thing", "one thing", "one thing", "the last"]
    # By the first of them.
    assert ended.value.exit_code == ENDED_BY + signal.SIGINT
    assert {signal.getsignal(number) for number in ENDING} == {signal.SIG_DFL}


def test_a_command_that_nohup_has_started_outlives_its_connection() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with ended_in_good_order() as heed:
        signal.raise_signal(signal.SIGHUP)
        heed()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def cannot_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a disk keep the folders in which files are written before they get their name."""
    remove = shutil.rmtree

    def refused(folder: Path) -> None:
        if files.UNFINISHED in str(folder):
            raise PermissionError(13, "Permission denied")
        remove(folder)

    monkeypatch.setattr(shutil, "rmtree", refused)


@ON_SQLITE
def test_a_workplace_that_cannot_be_removed_is_told_and_what_was_made_counts(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        cannot_be_removed(patched)
        made = coursewatch("db", "backup", ward.file)
    assert (made.code, made.out) == (0, f"{ward.file}\n")
    (left,) = ward.leftovers()
    told = f"{ward.office / left} may hold patients' data and could not be removed; remove it: Permission denied\n"
    assert told in made.err
    require_whole(ward.file, read_manifest(ward.file))

    with ward.empty() as urls:
        cannot_be_removed(monkeypatch)
        finished = ward.drilled("--into", urls.owner)
    assert finished.code == 0, finished.out
    *_, removed, _ = finished.out.splitlines()
    assert removed.endswith(" the file is gone")
    (beside,) = ward.office.parent.glob(f"{files.UNFINISHED}*")
    assert f"{beside} may hold patients' data and could not be removed" in finished.out
    assert list(ward.office.parent.glob("restored*")) == []


def test_a_signal_while_a_workplace_is_removed_leaves_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove, asked = shutil.rmtree, []

    def interrupted(folder: Path) -> None:
        asked.append(folder)
        signal.raise_signal(signal.SIGTERM)
        remove(folder)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(Ended), ended_in_good_order(), files.workplace(tmp_path / "file", print) as folder:
        (folder / "half").write_text("a patient", encoding="ascii")
    assert asked == [folder, folder]
    assert list(tmp_path.iterdir()) == []
