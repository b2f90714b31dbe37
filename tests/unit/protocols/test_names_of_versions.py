"""A version has one name, which is its own and which can be written where a choice names it."""

from pathlib import Path

import pytest

from tests.own_protocols import write_own
from tests.unit.protocols.texts import SOUND, broken, flaws_of
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.read import read_payload
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.files.problems import key_text
from workflow.protocols.library import UnsoundDirectoryError, load_directory
from workflow.protocols.model import Protocols
from workflow.services.check_protocols import check_folder


def test_versions_that_count_alike_are_refused_where_the_second_one_says_so(tmp_path: Path) -> None:
    for version in ("1", "01", "1.0"):
        write_own(tmp_path, version)
    told = (
        f"{tmp_path}/home-blocks@1/protocol.toml:2: version: home-blocks@1 counts as home-blocks@01, which stands in "
        f"{tmp_path}/home-blocks@01 already; allowed: a version that no other folder has"
    )

    with pytest.raises(UnsoundDirectoryError) as refused:
        load_directory(tmp_path, lambda _example, _protocol: [])

    assert refused.value.problems == (told,)
    assert check_folder(tmp_path) == [told]


def test_the_newest_of_versions_that_count_alike_does_not_hang_on_the_order_of_folders() -> None:
    one, other = (parse_protocol(broken('version = "1"', f'version = "{name}"'), name) for name in ("1", "01"))

    assert Protocols([one, other]).named("small") is Protocols([other, one]).named("small")


@pytest.mark.parametrize(("version", "flawed"), [("9" * 74, []), ("9" * 75, ["version"])])
def test_a_name_is_as_long_as_a_choice_may_write_it(version: str, flawed: list[str]) -> None:
    text = broken('version = "1"', f'version = "{version}"')
    ref = parse_protocol(text, "protocol.toml").ref

    assert [key_text(flaw.at) for flaw in flaws_of(text)] == flawed
    if flawed:
        with pytest.raises(InvalidInputError):
            read_payload("protocol_chosen", {"protocol": ref})
    else:
        assert read_payload("protocol_chosen", {"protocol": ref}).model_dump()["protocol"] == ref


def test_the_id_of_daily_work_is_taken() -> None:
    (flaw,) = flaws_of(broken('id = "small"', 'id = "operations"'))

    assert (flaw.at, flaw.allowed) == (("id",), "an id of your own")
    assert "operations is what daily work goes by" in flaw.message


@pytest.mark.parametrize("rule", ["OP-001", "OP-002", "op-9", "CW-01"])
def test_the_names_of_the_houses_own_rules_are_taken(rule: str) -> None:
    cap = f'\n[[caps]]\nrule = "{rule}"\nelements = ["R1"]\nmost = 3\nscope = "course"\nsource = "000, page 4"\n'

    (of_window,) = flaws_of(broken('rule = "W-2"', f'rule = "{rule}"'))
    (of_cap,) = flaws_of(SOUND + cap)

    assert (of_window.at, of_cap.at) == (("windows", 1, "rule"), ("caps", 0, "rule"))
    assert f"{rule} is a name of the house's own rules, OP-001, OP-002" in of_window.message
