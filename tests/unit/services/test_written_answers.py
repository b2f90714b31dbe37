"""An answer may hold parts that are JSON text already: they stand in it as they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.services.answers import Written, to_json

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


def test_parts_stand_where_they_belong_with_every_digit() -> None:
    shape = {"a": Written('{"x":0.10}'), "b": [1, Written("[]"), "\\u0000", '"'], "c": None}

    assert to_json(shape) == '{"a":{"x":0.10},"b":[1,[],"\\\\u0000","\\""],"c":null}'


@given(st.dictionaries(TEXTS, TEXTS), st.dictionaries(TEXTS, TEXTS))
def test_an_answer_reads_the_same_whether_a_part_was_written_before(
    around: dict[str, str], part: dict[str, str]
) -> None:
    plain = {"around": around, "part": part, "again": [part, around]}
    written = {"around": around, "part": Written(to_json(part)), "again": [Written(to_json(part)), around]}

    assert to_json(written) == to_json(plain)
    assert json.loads(to_json(written)) == plain


def test_a_text_that_no_answer_holds_is_never_taken_for_a_part() -> None:
    with pytest.raises(ValueError, match="zip"):
        to_json({"a": Written("1"), "b": "\x00"})
