"""Each of the mistakes that people make in a protocol is caught in a shipped one, at its line, in words that help."""

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

from tests.unit.protocols.mutations import EXAMPLES, MUTATIONS, PROTOCOL, Mutation
from workflow.protocols.library import shipped, shipped_folders
from workflow.services import check_protocols
from workflow.services.check_protocols import check_folder


def texts_of(protocol_id: str) -> dict[str, str]:
    """Return both files of the newest shipped version of a protocol."""
    (folder,) = (folder for folder in _folders() if folder.name == protocol_id)
    return {name: folder.joinpath(name).read_text(encoding="utf-8") for name in (PROTOCOL, EXAMPLES)}


def _folders() -> Iterator[Traversable | Path]:
    yield from shipped_folders()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mistake_is_caught_at_its_line(mutation: Mutation, tmp_path: Path) -> None:
    texts = texts_of(mutation.of)
    assert mutation.old in texts[mutation.file], "the shipped protocol has changed: choose another place"
    texts[mutation.file] = texts[mutation.file].replace(mutation.old, mutation.new)
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    problems = check_folder(tmp_path)

    found = [problem for problem in problems if f": {mutation.key}: " in problem and mutation.said in problem]
    assert len(found) == 1, problems
    file, line, *_ = found[0].split(":")
    assert file == str(tmp_path / PROTOCOL)
    assert mutation.line in texts[PROTOCOL].splitlines()[int(line) - 1]
    assert "; allowed: " in found[0]


def test_the_mistakes_are_of_different_kinds_and_of_protocols_that_are_shipped() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
    assert {mutation.of for mutation in MUTATIONS} <= set(shipped().ids)


def test_a_folder_of_protocols_is_checked_as_a_whole(tmp_path: Path) -> None:
    for place in ("one", "two/below"):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        for name, text in texts_of("nelarabine").items():
            (folder / name).write_text(text, encoding="utf-8")

    assert check_folder(tmp_path / "one") == []
    (told,) = check_folder(tmp_path)
    assert told.startswith(
        f"{tmp_path}/two/below/protocol.toml:3: version: nelarabine@1 stands in {tmp_path}/one already; allowed: "
    )


def test_a_folder_without_a_protocol_says_what_it_should_hold(tmp_path: Path) -> None:
    missing, also_missing = check_folder(tmp_path)

    assert "a folder with protocol.toml and examples.toml" in missing
    assert also_missing.startswith(f"{tmp_path}/examples.toml:1: the whole file: cannot be read")


def test_a_trap_on_the_machine_is_told_at_the_first_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = texts_of("blinatumomab-mrd")
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(check_protocols, "traps", lambda protocol: [f"nothing leads on for {protocol.id}"])

    line = texts[PROTOCOL].splitlines().index("most = 4") + 1

    place = f"{tmp_path}/protocol.toml:{line}: caps[0].most: "
    assert check_folder(tmp_path) == [
        f"{place}nothing leads on for blinatumomab-mrd; allowed: a gate that some fact opens, or another way on"
    ]
