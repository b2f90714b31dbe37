"""What a body may be: UTF-8, JSON without ambiguity, of a size; and the digits of a number arrive as written."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from api.bodies import LARGEST_BODY_BYTES, read_object
from api.problems import EdgeError
from tests.api.ward import BASE, REGISTRATION, Ward, as_person

MEGABYTE = 1_000_000
# Bytes, the code, and words that the answer must hold.
UNREADABLE: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "invalid_json", "no JSON"),
    "broken off": (b'{"type": "note_added"', "invalid_json", "line 1, column"),
    "a trailing comma": (b'{"type": "x",}', "invalid_json", "line 1, column"),
    "a list": (b"[]", "invalid_json", "one JSON object"),
    "a text": (b'"x"', "invalid_json", "one JSON object"),
    "null": (b"null", "invalid_json", "one JSON object"),
    "latin-1": ('{"text": "é"}'.encode("latin-1"), "invalid_utf8", "byte 10"),
    "a UTF-8 sequence cut short": (b'{"text": "\xe2\x82"}', "invalid_utf8", "byte 10"),
    "an encoded surrogate": (b'{"text": "\xed\xa0\x80"}', "invalid_utf8", "byte 10"),
    "UTF-16": ('{"text": "x"}'.encode("utf-16"), "invalid_utf8", "byte 0"),
    "NaN": (b'{"value": NaN}', "invalid_json", "NaN is no JSON number"),
    "Infinity": (b'{"value": -Infinity}', "invalid_json", "-Infinity is no JSON number"),
    "a name twice": (b'{"type": "a", "type": "b"}', "invalid_json", '"type" stands twice'),
    "a name twice, deep": (b'{"data": {"csf": {"blasts": true, "blasts": false}}}', "invalid_json", '"blasts"'),
    "half a surrogate pair": (b'{"text": "\\ud800"}', "invalid_json", "surrogate"),
    "half a surrogate pair in a list": (b'{"a": [{"text": "\\uDFFF"}]}', "invalid_json", "surrogate"),
    "half a surrogate pair as a name": (b'{"\\ud800": 1}', "invalid_json", "surrogate"),
    "nested beyond reason": (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "invalid_json", "too deeply"),
    "an integer of 5000 digits": (b'{"a": ' + b"1" * 5000 + b"}", "invalid_json", "too many digits"),
    "an exponent beyond reason": (b'{"a": 1e' + b"9" * 30 + b".5}", "invalid_json", ""),
    "an exponent that no decimal has": (b'{"a": 1.0e' + b"9" * 30 + b"}", "invalid_json", "exponent"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_cannot_be_read_says_where_and_why(name: str) -> None:
    body, code, words = UNREADABLE[name]

    with pytest.raises(EdgeError) as refused:
        read_object(body)

    assert refused.value.details.status == 422
    assert refused.value.details.code == code
    assert words in refused.value.details.detail


def test_digits_arrive_as_written() -> None:
    read = read_object(b'{"value": 0.00050, "big": 12345678901234567890, "e": 5E-4, "whole": 7}')

    assert {name: str(number) for name, number in read.items()} == {
        "value": "0.00050",
        "big": "12345678901234567890",
        "e": "0.0005",
        "whole": "7",
    }
    assert isinstance(read["value"], Decimal)


def test_a_byte_order_mark_and_a_whole_surrogate_pair_are_fine() -> None:
    assert read_object(b'\xef\xbb\xbf{"text": "\\ud83d\\ude00"}') == {"text": "😀"}


def test_an_mrd_value_is_kept_as_it_was_written(ward: Ward) -> None:
    patient = ward.relapsed()
    mrd = '{"timepoint":"END_INDUCTION","method":"PCR","sample_on":"2025-01-20","unit":"fraction","value":%s}'
    sent = '{"type":"mrd_reported","occurred_on":"2025-01-21","data":' + mrd + "}"

    for written in ("0.00050", '"0.000500"'):
        answer = ward.client.post(
            f"{BASE}/patients/{patient}/facts",
            content=(sent % written).encode(),
            headers={**as_person("treating_doctor"), "Content-Type": "application/json"},
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["fact"]["data"]["value"] == written.strip('"')


def parts(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes):
        yield b" " * MEGABYTE


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_of_20_megabytes_is_413_whether_announced_or_not(edge: Ward, announced: bool) -> None:
    content = b" " * (20 * MEGABYTE) if announced else parts(20)

    answer = edge.client.post(
        f"{BASE}/patients",
        content=content,
        headers={**as_person("admin"), "Content-Type": "application/json"},
    )

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "body_too_large"
    assert "coursewatch import" in answer.json()["detail"]


def test_a_body_just_within_the_limit_is_read(edge: Ward) -> None:
    body = json.dumps(REGISTRATION).encode()

    answer = edge.client.post(
        f"{BASE}/patients", content=body + b" " * (LARGEST_BODY_BYTES - len(body)), headers=as_person("admin")
    )

    assert answer.status_code == 201


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_declared_as_something_else_is_415(edge: Ward, content_type: str) -> None:
    answer = edge.client.post(
        f"{BASE}/patients",
        content=json.dumps(REGISTRATION),
        headers={**as_person("admin"), "Content-Type": content_type},
    )

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert "Content-Type: application/json" in answer.json()["detail"]


def test_invalid_utf8_is_422_and_stores_nothing(edge: Ward) -> None:
    answer = edge.client.post(
        f"{BASE}/patients", content=json.dumps(REGISTRATION).encode() + b"\xff", headers=as_person("admin")
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_utf8")
    assert edge.get("/patients").json()["items"] == []
