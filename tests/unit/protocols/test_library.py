"""Protocols come from folders; what cannot be read is said with its file, and one protocol has one hash everywhere."""

from pathlib import Path

import pytest

from tests.unit.protocols.test_checks import EXAMPLE
from tests.unit.protocols.texts import SOUND
from workflow.protocols.files.examples import Example
from workflow.protocols.files.folders import LARGEST_FILE_BYTES, protocol_folders
from workflow.protocols.files.problems import ProtocolError, ProtocolProblem
from workflow.protocols.library import (
    check_folder,
    examples_of,
    load_folder,
    shipped,
    shipped_folders,
)
from workflow.protocols.model import Protocol


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "protocol.toml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "examples.toml").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


def problems_of(folder: Path) -> tuple[ProtocolProblem, ...]:
    with pytest.raises(ProtocolError) as refused:
        load_folder(folder)
    return refused.value.problems


def test_the_shipped_protocols_are_read_once() -> None:
    assert shipped() is shipped()
    assert shipped().ids == (
        "all-rez-bfm-2002",
        "all-rez-bfm-90",
        "all-rez-bfm-95",
        "blinatumomab-mrd",
        "blinatumomab-rr",
        "bortezomib-reinduction",
        "clofarabine",
        "cog-aall01p2",
        "inotuzumab",
        "liposomal-vincristine",
        "nelarabine",
        "ukall-r3",
    )


def test_every_shipped_folder_bears_its_protocols_id_and_a_superseded_one_its_version_too() -> None:
    for folder in shipped_folders():
        protocol = load_folder(folder)
        newest = shipped().named(protocol.id)
        assert newest is not None
        assert folder.name == (protocol.id if protocol.ref == newest.ref else protocol.ref)


@pytest.mark.parametrize(
    ("ref", "sha256"),
    [
        ("all-rez-bfm-90@1", "d37a30d40b6a562035d0769db83006fa9149e6905154b015c28e5c72f6b716b5"),
        ("all-rez-bfm-2002@1", "73304fb05fb8ecace6a7021efc1314c03ae13d47e27bbc9a6ff7bb5e3e914a6a"),
    ],
)
def test_a_superseded_version_keeps_its_hash(ref: str, sha256: str) -> None:
    superseded = shipped().named(ref)

    assert superseded is not None
    assert superseded.sha256 == sha256


def test_folders_are_found_at_any_depth_and_none_inside_that_of_a_protocol(tmp_path: Path) -> None:
    for place in ("first", "group/second", "group/deep/third", "first/inside", "empty"):
        (tmp_path / place).mkdir(parents=True)
        if place != "empty":
            (tmp_path / place / "protocol.toml").touch()

    assert {folder.name for folder in protocol_folders(tmp_path)} == {"first", "second", "third"}


def test_a_shipped_protocol_is_found_by_id_by_version_and_by_hash() -> None:
    newest = shipped().named("all-rez-bfm-90")

    assert newest is not None
    assert shipped().named("all-rez-bfm-90@2") is newest
    assert shipped().pinned(newest.sha256) is newest
    assert shipped().named("all-rez-bfm-90@1") is not newest
    assert shipped().named("all-rez-bfm-90@3") is None


def test_a_sound_folder_is_loaded_with_its_examples(folder: Path) -> None:
    assert load_folder(folder).ref == "small@1"
    assert [example.name for example in examples_of(folder)] == ["One"]


def test_line_ends_do_not_change_the_hash(folder: Path) -> None:
    before = load_folder(folder).sha256
    (folder / "protocol.toml").write_bytes(SOUND.replace("\n", "\r\n").encode())

    assert load_folder(folder).sha256 == before


def test_a_byte_order_mark_is_no_part_of_the_text(folder: Path) -> None:
    before = load_folder(folder).sha256
    for name in ("protocol.toml", "examples.toml"):
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())

    assert load_folder(folder).sha256 == before


def test_another_word_changes_the_hash(folder: Path) -> None:
    before = load_folder(folder).sha256
    (folder / "protocol.toml").write_text(SOUND.replace("Small", "Smaller"), encoding="utf-8")

    assert load_folder(folder).sha256 != before


@pytest.mark.parametrize("name", ["protocol.toml", "examples.toml"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()

    (problem,) = problems_of(folder)

    assert problem.file == str(folder / name)
    assert problem.message == "cannot be read: No such file or directory"
    assert problem.allowed.startswith("a folder with protocol.toml and examples.toml")


def test_a_folder_that_is_not_there_is_said_for_both_files(tmp_path: Path) -> None:
    assert [problem.file for problem in problems_of(tmp_path / "none")] == [
        str(tmp_path / "none" / "protocol.toml"),
        str(tmp_path / "none" / "examples.toml"),
    ]


def test_bytes_that_are_no_utf_8_are_named_with_their_line(folder: Path) -> None:
    (folder / "protocol.toml").write_bytes(b'id = "a"\ntitle = "\xff"\n')

    (problem,) = problems_of(folder)

    assert (problem.line, problem.message) == (2, "byte 18 is not UTF-8")


def test_a_file_too_large_to_be_a_protocol_is_not_parsed(folder: Path) -> None:
    (folder / "examples.toml").write_bytes(b"#" * (LARGEST_FILE_BYTES + 1))

    (problem,) = problems_of(folder)

    assert problem.message == f"has {LARGEST_FILE_BYTES + 1} bytes"


def test_problems_of_one_file_do_not_hide_those_of_the_other(folder: Path) -> None:
    (folder / "protocol.toml").write_text(SOUND.replace("= 26", "= 20"), encoding="utf-8")
    (folder / "examples.toml").write_text(EXAMPLE.replace("as_of", "asof"), encoding="utf-8")

    assert [problem.key for problem in problems_of(folder)] == [
        "examples[0].as_of",
        "examples[0].asof",
        "windows[0].critical_days",
    ]


def test_examples_are_run_on_a_sound_folder_only(folder: Path) -> None:
    ran: list[str] = []

    def run(example: Example, protocol: Protocol) -> list[str]:
        ran.append(f"{protocol.ref} {example.name}")
        return ["failed"]

    assert check_folder(folder, run) == [f"{folder / 'examples.toml'}:2: examples[0] One: failed"]
    assert ran == ["small@1 One"]

    (folder / "protocol.toml").write_text(SOUND.replace("= 26", "= 20"), encoding="utf-8")
    assert "windows[0].critical_days" in check_folder(folder, run)[0]
    assert ran == ["small@1 One"]
