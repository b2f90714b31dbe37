"""Cursors are text that anybody can write: a forged one is refused, or answers only what its sender may see."""

import json
from base64 import urlsafe_b64encode

import pytest

from tests.api.attacks.harmless import harmless, with_other_hospital
from tests.api.ward import Parameter, Ward

LISTS = ("/patients", "/worklist", "/alerts")


def sealed(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def forged(*parts: object) -> str:
    return sealed(json.dumps(parts).encode())


CURSORS: dict[str, str] = {
    "nothing": "A",
    "no base64": "!!!!",
    "binary": sealed(bytes(range(128, 256))),
    "no list": sealed(b'{"a": 1}'),
    "an empty list": forged(),
    "null": forged(None),
    "two nulls": forged(None, None),
    "lists": forged([], []),
    "true": forged("a", True),
    "deep": sealed(b"[" * 700),
    "too long": "W" * 1001,
    "an injected site": forged("south"),
    "SQL": forged("' OR 1=1 --"),
    "half a surrogate pair": sealed(b'["\\ud800"]'),
    "half a surrogate pair and a number": sealed(b'["\\ud800", 1]'),
    "NUL": forged("\x00"),
    "NUL and a number": forged("\x00", 1),
    "a number beyond the database": sealed(b'["a", ' + b"9" * 40 + b"]"),
    "a number beyond Python": sealed(b'["a", ' + b"9" * 600 + b"]"),
    "a fraction": forged("a", 1.5),
    "NaN": sealed(b'["a", NaN]'),
}


@pytest.mark.parametrize("path", LISTS)
def test_a_forged_cursor_breaks_nothing_and_opens_nothing(ward: Ward, path: str) -> None:
    with_other_hospital(ward)
    ward.in_first_block()

    for name, cursor in CURSORS.items():
        answer = ward.get(path, cursor=cursor)

        harmless(answer, 200, 422)
        assert answer.status_code == 422 or name in {"an injected site", "SQL"}, name


def pages(ward: Ward, path: str, who: str, **more: Parameter) -> list[str]:
    """Return the cursors behind every row of a list."""
    cursors: list[str] = []
    while True:
        last: dict[str, Parameter] = {"cursor": cursors[-1]} if cursors else {}
        answer = ward.get(path, who, limit=1, **last, **more).json()
        if answer["next_cursor"] is None:
            return cursors
        cursors.append(answer["next_cursor"])


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_another_list_or_cut_short_opens_nothing(ward: Ward, path: str) -> None:
    with_other_hospital(ward)
    for number in range(2):
        ward.in_first_block(pseudonym=f"ALL-{number}")
    others = [cursor for other in LISTS if other != path for cursor in pages(ward, other, "admin", status=[])]
    own = pages(ward, path, "admin")
    assert others
    assert own

    for cursor in (*others, *(own[0][:length] for length in range(1, len(own[0]), 5))):
        harmless(ward.get(path, cursor=cursor), 200, 422)


def accepted(ward: Ward, patient: str, who: str) -> set[int]:
    """Return the windows that somebody's worklist takes as places of this patient's rows."""
    answers = {number: ward.get("/worklist", who, cursor=forged(patient, number)) for number in range(1, 16)}
    assert {answer.status_code for answer in answers.values()} <= {200, 422}
    return {number for number, answer in answers.items() if answer.status_code == 200}


def test_a_worklist_cursor_does_not_compare_with_another_hospitals_window(ward: Ward) -> None:
    """Otherwise rows before and behind it would tell the day of a window that nobody here may see."""
    theirs = with_other_hospital(ward).patient
    ours = ward.in_first_block()

    known_there = accepted(ward, theirs, "admin")
    known_here = accepted(ward, ours, "treating_doctor")

    assert known_there
    assert known_here
    assert not known_here & known_there
    assert accepted(ward, theirs, "treating_doctor") == set()


def test_an_alert_of_another_hospital_is_no_place_in_a_list(ward: Ward) -> None:
    other = with_other_hospital(ward)
    ward.in_first_block()

    unknown = ward.get("/alerts", cursor=forged("0197f3a2-5c1e-7d43-9b60-2f8a41c7e905"))
    foreign = ward.get("/alerts", cursor=forged(other.alert))

    harmless(foreign, 422)
    assert foreign.json() == unknown.json()
