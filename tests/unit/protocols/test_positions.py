"""Every key of a protocol's text is found on its line, however TOML lets it be written."""

import tomllib

import pytest

from workflow.protocols.files.folders import EXAMPLES_FILE, PROTOCOL_FILE
from workflow.protocols.files.positions import KeyLines, key_lines
from workflow.protocols.files.problems import KeyPath
from workflow.protocols.library import shipped_folders

# A text of TOML's awkward forms; ~~~ stands for three single quotes.
AWKWARD = '''# a comment with "quotes" and [brackets]
plain = 1
"quoted key" = "text with # and \\" and ]"
dotted.inner . deepest = true
many = """
one = 1
[not.a.table]
"""""
literal = ~~~
'single' quotes = "no key"~~~
moment = 2025-01-31 08:30:00
list = [
  1, # a comment, with a comma
  [2, 3],
  { a = "}", b = { c = [4] } },
]
[table]
"a.b" = 'it'
[[rows]]
name = "first"
  [[rows.parts]]
  size = 1
  [[rows.parts]]
  size = 2
[[rows]]
name = "second"
parts = [{ size = 3 }]
[rows.inner]
deep = 1979-05-27
'''.replace("~~~", "'" * 3)


def paths(value: object, at: KeyPath = ()) -> list[KeyPath]:
    found = [at]
    if isinstance(value, dict):
        for key, part in value.items():
            found += paths(part, (*at, key))
    if isinstance(value, list):
        for place, part in enumerate(value):
            found += paths(part, (*at, place))
    return found


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("plain",), 2),
        (("quoted key",), 3),
        (("dotted", "inner", "deepest"), 4),
        (("many",), 5),
        (("literal",), 9),
        (("moment",), 11),
        (("list",), 12),
        (("list", 0), 13),
        (("list", 1, 1), 14),
        (("list", 2, "b", "c", 0), 15),
        (("table",), 17),
        (("table", "a.b"), 18),
        (("rows", 0), 19),
        (("rows", 0, "name"), 20),
        (("rows", 0, "parts", 0), 21),
        (("rows", 0, "parts", 1, "size"), 24),
        (("rows", 1), 25),
        (("rows", 1, "parts", 0, "size"), 27),
        (("rows", 1, "inner", "deep"), 29),
    ],
)
def test_a_key_is_found_on_its_line(path: KeyPath, line: int) -> None:
    assert key_lines(AWKWARD)[path] == line


def test_nothing_is_found_that_the_text_does_not_hold_and_nothing_is_left_out() -> None:
    assert set(key_lines(AWKWARD)) == set(paths(tomllib.loads(AWKWARD)))


@pytest.mark.parametrize("name", [PROTOCOL_FILE, EXAMPLES_FILE])
@pytest.mark.parametrize("folder", shipped_folders(), ids=lambda folder: folder.name)
def test_in_the_shipped_files_every_key_stands_on_the_line_named(folder: object, name: str) -> None:
    text = next(other for other in shipped_folders() if other == folder).joinpath(name).read_text(encoding="utf-8")
    lines = text.splitlines()
    found = key_lines(text)

    assert set(found) == set(paths(tomllib.loads(text)))
    for path, line in found.items():
        if path and isinstance(path[-1], str):
            assert path[-1] in lines[line - 1]


def test_an_empty_text_has_one_place() -> None:
    assert key_lines("") == {(): 1}


def test_the_lines_of_a_text_are_the_same_when_they_are_looked_for_only_once_asked_for() -> None:
    later = KeyLines(AWKWARD)

    assert dict(later) == key_lines(AWKWARD)
    assert len(later) == len(key_lines(AWKWARD))
    assert ("no", "such", "key") not in later
