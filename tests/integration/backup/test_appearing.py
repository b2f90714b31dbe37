"""Files appear whole under their name or not at all, whatever ends a command; what a kill leaves is removed later."""

import os
import signal
from pathlib import Path

import pytest

from tests.integration.backup.ward import Ward
from tests.integration.cli.running import Finished, coursewatch
from workflow.cli.ending import ENDED_BY
from workflow.persistence.backup.files import ABANDONED_AFTER_SECONDS, is_published, publish, workplace
from workflow.persistence.backup.manifest import read_manifest, require_whole
from workflow.services import back_up

ON_SQLITE = pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)


def ended_after(ward: Ward, monkeypatch: pytest.MonkeyPatch, published: int) -> Finished:
    """Make a backup that SIGTERM ends as soon as so many of its two files stand under their names."""
    left = [published]

    def publish_and_end(file: Path, name: Path) -> None:
        publish(file, name)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr(back_up, "publish", publish_and_end)
        return coursewatch("db", "backup", ward.file)


@ON_SQLITE
def test_a_backup_that_is_ended_when_half_of_it_stands_leaves_nothing(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = ended_after(ward, monkeypatch, 1)
    assert (ended.code, ended.out) == (ENDED_BY + signal.SIGTERM, "")
    assert list(ward.office.iterdir()) == []
    ward.backed_up()


@ON_SQLITE
def test_a_backup_that_is_ended_when_it_stands_stays_whole(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended_after(ward, monkeypatch, 2).code == ENDED_BY + signal.SIGTERM
    require_whole(ward.file, read_manifest(ward.file))
    assert ward.leftovers() == []


@ON_SQLITE
def test_what_somebody_else_puts_under_the_name_meanwhile_stays_and_our_manifest_goes(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    for taken, left in ((ward.told, [ward.told]), (ward.file, [ward.file])):
        with monkeypatch.context() as patched:

            def publish_late(file: Path, name: Path, taken: Path = taken) -> None:
                if name == taken:
                    name.write_text("theirs", encoding="ascii")
                publish(file, name)

            patched.setattr(back_up, "publish", publish_late)
            refused = coursewatch("db", "backup", ward.file)
        assert "has appeared meanwhile; it was left as it is" in refused.err
        assert list(ward.office.iterdir()) == left
        assert taken.read_text(encoding="ascii") == "theirs"
        taken.unlink()


def no_second_name(_file: object, _name: object) -> None:
    raise PermissionError


def test_a_folder_that_knows_no_second_name_for_a_file_keeps_the_same_promises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_second_name)
    file, name = tmp_path / "file", tmp_path / "name"
    file.write_text("ours", encoding="ascii")
    name.write_text("theirs", encoding="ascii")
    with pytest.raises(FileExistsError):
        publish(file, name)
    assert (file.read_text(encoding="ascii"), name.read_text(encoding="ascii")) == ("ours", "theirs")
    assert not is_published(file, name)

    name.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", no_second_name)
        with pytest.raises(PermissionError):
            publish(file, name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]

    publish(file, name)
    assert name.read_text(encoding="ascii") == "ours"
    assert is_published(file, name)


@ON_SQLITE
def test_what_a_killed_backup_has_left_is_removed_by_the_next_one_and_told(ward: Ward) -> None:
    with workplace(ward.file, lambda _: None) as running, workplace(ward.file, lambda _: None) as killed:
        (killed / "half").write_text("a patient", encoding="ascii")
        long_ago = running.stat().st_mtime - ABANDONED_AFTER_SECONDS - 1
        for path in (killed / "half", killed):
            os.utime(path, (long_ago, long_ago))
        # It began long ago, and writes still.
        (running / "half").write_text("a patient", encoding="ascii")
        os.utime(running, (long_ago, long_ago))
        made = coursewatch("db", "backup", ward.file)
        assert made.code == 0
        assert f"{killed}, left by a command that was killed, is removed.\n" in made.err
        assert (killed.exists(), running.exists()) == (False, True)
        assert str(running) not in made.err
        killed.mkdir()


@ON_SQLITE
def test_what_cannot_be_removed_is_told_and_keeps_nobody_from_a_backup(ward: Ward) -> None:
    elsewhere, left = ward.office.parent / "elsewhere", ward.office / ".coursewatch-unfinished-x"
    elsewhere.mkdir()
    os.utime(elsewhere, (0, 0))
    left.symlink_to(elsewhere)
    made = coursewatch("db", "backup", ward.file)
    assert made.code == 0
    assert f"{left} may hold patients' data, left by a command that was killed; remove it: " in made.err
    assert elsewhere.is_dir()
