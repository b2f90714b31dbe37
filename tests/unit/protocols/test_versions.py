"""Which version a name means: the one that is named, or of an id the newest that is offered, released and in force."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.own_protocols import write_own
from tests.unit.protocols.texts import SOUND
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.library import UnsoundDirectoryError, load_directory
from workflow.protocols.model import Protocol, Protocols
from workflow.protocols.version_order import natural_order

BOTH = ("author", "approver")
JANUARY, MARCH, MAY = date(2025, 1, 1), date(2025, 3, 1), date(2025, 5, 1)


def version(name: str, in_force_from: date | None = None, of: str = "small") -> Protocol:
    text = SOUND.replace('version = "1"', f'version = "{name}"').replace('id = "small"', f'id = "{of}"')
    in_force = f"in_force_from = {in_force_from}\n" if in_force_from else ""
    return parse_protocol(in_force + text, name)


def meant(protocols: Protocols, name: str, on: date | None = None) -> str | None:
    found = protocols.named(name, on)
    return found.ref if found else None


@pytest.mark.parametrize(
    ("versions", "in_order"),
    [
        (("10", "2", "1"), ["1", "2", "10"]),
        (("1.10", "1.9", "1"), ["1", "1.9", "1.10"]),
        (("2-local", "2", "10-local", "3"), ["2", "2-local", "3", "10-local"]),
        (("2025b", "2025a", "2024c"), ["2024c", "2025a", "2025b"]),
    ],
)
def test_versions_are_ordered_as_people_count(versions: Sequence[str], in_order: list[str]) -> None:
    assert sorted(versions, key=natural_order) == in_order
    assert [known.version for known in Protocols(version(name) for name in versions).versions] == in_order


def test_an_id_means_its_newest_version_and_a_version_itself() -> None:
    protocols = Protocols([version("10"), version("9"), version("99", of="other")])

    assert meant(protocols, "small") == "small@10"
    assert meant(protocols, "small@9") == "small@9"
    assert meant(protocols, "small@11") is None
    assert meant(protocols, "tiny") is None


@pytest.mark.parametrize(
    ("on", "ref"),
    [
        (date(2024, 12, 31), None),
        (JANUARY, "small@1"),
        (date(2025, 2, 28), "small@1"),
        (MARCH, "small@2"),
        (MAY, "small@2"),
        (None, "small@2"),
    ],
)
def test_an_id_means_on_a_day_what_was_in_force_on_it(on: date | None, ref: str | None) -> None:
    protocols = Protocols([version("2", MARCH), version("1", JANUARY)])

    assert meant(protocols, "small", on) == ref
    assert meant(protocols, "small@2", on) == "small@2"


def test_a_version_without_a_first_day_is_in_force_on_every_day() -> None:
    protocols = Protocols([version("1"), version("2", MARCH)])

    assert meant(protocols, "small", date(1990, 1, 1)) == "small@1"
    assert meant(protocols, "small", MARCH) == "small@2"


def test_an_id_means_no_draft_while_a_version_is_released() -> None:
    released, draft = version("1"), version("2")

    assert meant(Protocols([released, draft], drafts={draft.sha256: BOTH}), "small") == "small@1"
    assert meant(Protocols([draft], drafts={draft.sha256: BOTH}), "small") == "small@2"


def test_an_id_means_nothing_that_is_offered_no_more_and_its_courses_find_it() -> None:
    kept, taken_away = version("1"), version("2")
    protocols = Protocols([kept, taken_away], withdrawn=[taken_away.sha256])

    assert meant(protocols, "small") == "small@1"
    assert meant(protocols, "small@2") == "small@2"
    assert protocols.pinned(taken_away.sha256) is taken_away
    assert protocols.offered("small") == [kept]
    assert meant(Protocols([kept], withdrawn=[kept.sha256]), "small") is None


def test_a_directory_gives_every_version_below_it(tmp_path: Path) -> None:
    write_own(tmp_path / "ward" / "old", "1")
    write_own(tmp_path, "2")

    assert {own.ref for own in load_directory(tmp_path, lambda _example, _protocol: [])} == {
        "home-blocks@1",
        "home-blocks@2",
    }
    assert [own.ref for own in load_directory(tmp_path / "home-blocks@2", lambda _example, _protocol: [])] == [
        "home-blocks@2"
    ]


def test_everything_wrong_in_a_directory_is_told_at_once(tmp_path: Path) -> None:
    write_own(tmp_path / "a", "1")
    write_own(tmp_path / "b", "1", days=30)
    write_own(tmp_path / "c", "3")
    broken = tmp_path / "c" / "home-blocks@3" / "protocol.toml"
    broken.write_text(broken.read_text(encoding="utf-8").replace("latest_days", "last_days"), encoding="utf-8")

    with pytest.raises(UnsoundDirectoryError) as refused:
        load_directory(tmp_path, lambda _example, protocol: ["does not hold"] if protocol.version == "1" else [])

    told = "\n".join(refused.value.problems)
    assert f"{broken}:" in told
    assert "windows[0].last_days" in told
    assert told.count("does not hold") == 2
    assert f"home-blocks@1 stands in {tmp_path / 'a' / 'home-blocks@1'} already" in told


def test_a_directory_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnsoundDirectoryError, match="nowhere: is no folder that can be read"):
        load_directory(tmp_path / "nowhere", lambda _example, _protocol: [])
