"""Which start is of which element: numbered ones by their number, and a bare code is none of them."""

import pytest

from tests.unit.protocols.texts import broken
from workflow.protocols.files.parse import parse_protocol

NUMBERED = parse_protocol(
    broken('code = "R1"', 'code = "CYCLE"\nnumbered = true').replace('["R1"]', '["CYCLE"]'), "protocol.toml"
)


@pytest.mark.parametrize(
    ("code", "names", "is_one"),
    [
        ("CYCLE_1", ("CYCLE",), True),
        ("CYCLE_3", ("CYCLE_3",), True),
        ("CYCLE_3", ("CYCLE_2", "CYCLE_4"), False),
        ("CYCLE", ("CYCLE",), False),
        ("CYCLE_X", ("CYCLE_X",), False),
        ("R1", ("R1",), False),
    ],
)
def test_a_start_is_one_of_those_named_only_where_the_protocol_lists_it(
    code: str, names: tuple[str, ...], *, is_one: bool
) -> None:
    assert NUMBERED.is_one_of(code, names) is is_one
