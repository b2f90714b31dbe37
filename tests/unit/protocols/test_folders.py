"""Folders are read with care: links in circles, what Kubernetes mounts, pipes, and what nobody may read."""

import os
from pathlib import Path

import pytest

from tests.own_protocols import write_own
from workflow.protocols.files import folders
from workflow.protocols.files.folders import LARGEST_FILE_BYTES, protocol_folders
from workflow.protocols.library import UnsoundDirectoryError, load_directory
from workflow.services.check_protocols import check_folder


def loaded(directory: Path) -> list[str]:
    """Return the names of the versions that a start would load from a directory."""
    return [protocol.ref for protocol in load_directory(directory, lambda _example, _protocol: [])]


def refused(directory: Path) -> list[str]:
    """Return what is wrong with a directory: the same for a start as for the check."""
    with pytest.raises(UnsoundDirectoryError) as unsound:
        load_directory(directory, lambda _example, _protocol: [])
    assert check_folder(directory) == list(unsound.value.problems)
    return list(unsound.value.problems)


def test_a_mounted_config_map_holds_each_protocol_once(tmp_path: Path) -> None:
    write_own(tmp_path / "..2025_11_21")
    (tmp_path / "..data").symlink_to("..2025_11_21")
    (tmp_path / "home-blocks@1").symlink_to("..data/home-blocks@1")

    assert loaded(tmp_path) == ["home-blocks@1"]
    assert check_folder(tmp_path) == []


def test_a_folder_of_files_that_are_links_is_read(tmp_path: Path) -> None:
    write_own(tmp_path / "..data")
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("protocol.toml", "examples.toml"):
        (folder / name).symlink_to(f"../..data/home-blocks@1/{name}")

    assert loaded(tmp_path) == ["home-blocks@1"]


def test_links_that_lead_back_are_followed_once(tmp_path: Path) -> None:
    write_own(tmp_path / "inside")
    for name in ("a", "b", "inside/c"):
        (tmp_path / name).symlink_to(tmp_path)
    (tmp_path / "z").symlink_to(tmp_path / "inside" / "home-blocks@1")
    (tmp_path / "itself").symlink_to("itself")

    assert [folder.name for folder in protocol_folders(tmp_path)] == ["home-blocks@1"]
    assert loaded(tmp_path) == ["home-blocks@1"]


def test_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    write_own(tmp_path / ".git")
    write_own(tmp_path, "2")

    assert loaded(tmp_path) == ["home-blocks@2"]


@pytest.mark.parametrize("name", ["protocol.toml", "examples.toml"])
def test_only_files_are_opened(tmp_path: Path, name: str) -> None:
    write_own(tmp_path)
    file = tmp_path / "home-blocks@1" / name
    file.unlink()
    os.mkfifo(file)

    told = f"{file}:1: the whole file: is no file that holds a text; allowed: a folder with protocol.toml and "
    assert told in "\n".join(refused(tmp_path))


def test_a_link_that_leads_nowhere_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    write_own(tmp_path)
    file = tmp_path / "home-blocks@1" / "protocol.toml"
    file.unlink()
    file.symlink_to("gone.toml")

    assert f"{file}:1: the whole file: cannot be read: No such file or directory" in refused(tmp_path)[0]


def test_what_is_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_own(tmp_path)
    file = tmp_path / "home-blocks@1" / "examples.toml"
    with file.open("ab") as opened:
        opened.truncate(50 * LARGEST_FILE_BYTES)
    monkeypatch.setattr(Path, "open", _never(file, Path.open))

    assert f"{file}:1: the whole file: has {50 * LARGEST_FILE_BYTES} bytes" in refused(tmp_path)[0]


@pytest.mark.parametrize("method", ["iterdir", "is_dir"])
def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    write_own(tmp_path)
    locked = tmp_path / "lost+found"
    locked.mkdir()
    monkeypatch.setattr(Path, method, _never(locked, getattr(Path, method)))

    assert refused(tmp_path) == [
        f"{locked}:1: the whole folder: cannot be read: Permission denied; allowed: {folders.READABLE}"
    ]


def _never(place: Path, as_ever: object) -> object:
    """Return a method of paths that one place does not let anybody use; tests may run as who may do everything."""

    def asked(self: Path, *how: object) -> object:
        if self == place:
            raise PermissionError(13, "Permission denied")
        return as_ever(self, *how)  # type: ignore[operator]

    return asked
