"""Sizes: pages, bodies, batches, depths and addresses have bounds, and what lies beyond them is named, not served."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from api.admission import LONGEST_PATH_BYTES, LONGEST_QUERY_BYTES, MOST_PARAMETERS
from api.bodies import DEEPEST
from api.schemas.requests import request_schemas
from tests.api.attacks.harmless import harmless
from tests.api.ward import BASE, Ward, as_person
from workflow.domain.facts import read

JSON = {"Content-Type": "application/json"}


def test_a_page_has_1_to_500_rows(edge: Ward) -> None:
    for limit in ("0", "-1", "501", "1000000000", "9" * 400, "\u0661\u0662", "5e1", "1.0", "0x10", "", "NaN", "1 "):
        for path in ("/patients", "/worklist", "/alerts"):
            answer = edge.client.get(f"{BASE}{path}", params={"limit": limit}, headers=as_person("viewer"))

            harmless(answer, *([200] if limit in {"1.0", "1 "} else [422]))


def test_a_page_of_a_browser_has_no_more(edge: Ward) -> None:
    edge.client.post("/sign-in", data={"key": as_person("viewer")["Authorization"].removeprefix("Bearer ")})

    for path in ("/worklist", "/alerts"):
        harmless(edge.client.get(path, params={"limit": "501"}, headers={"Accept": "text/html"}), 422)
        harmless(edge.client.get(path, params={"limit": "500"}), 200)


def test_a_batch_has_500_corrections(edge: Ward) -> None:
    patient = edge.in_first_block()
    batch = {"corrections": [{"voids": f"f{number}", "reason": "x"} for number in range(1, 502)]}

    refused = edge.post(f"/patients/{patient}/corrections", batch)

    harmless(refused, 422)
    assert "too many" in refused.json()["detail"]


CASE = {"diagnosis_date": "2022-03-01", "relapse_date": "2025-01-06", "phenotype": "BCP", "relapse_site": "isolated_bm"}
MANY: list[object] = [{}] * 200_000


@pytest.mark.parametrize(
    ("asked", "body", "field", "most"),
    [
        ("POST /classifications", {**CASE, "mrd": MANY}, "mrd", 100),
        ("POST /classifications", {**CASE, "earlier_csf": MANY}, "earlier_csf", 100),
        ("POST /classifications", {**CASE, "mrd_not_available": MANY}, "mrd_not_available", 100),
        ("POST /classifications", {**CASE, "findings": {"other_em": MANY}}, "findings.other_em", 20),
        ("PUT /sites/north", {"name": "North", "holidays": MANY}, "holidays", 400),
        ("PUT /sites/north", {"name": "North", "contacts": MANY}, "contacts", 50),
    ],
)
def test_a_list_is_counted_before_its_entries_are_read(
    edge: Ward, asked: str, body: object, field: str, most: int
) -> None:
    """Each entry that is wrong would cost an error of its own, and a megabyte holds 200,000 of them."""
    method, _, path = asked.partition(" ")

    refused = edge.client.request(method, BASE + path, json=body, headers=as_person("admin"))

    harmless(refused, 422)
    message = f"{field} has too many entries; send {most} at most"
    assert refused.json()["errors"] == [{"field": field, "code": "too_long", "message": message}]


def test_every_list_that_may_be_sent_has_an_end() -> None:
    lists = [part for schema in request_schemas().values() for part in parts_of(schema) if part.get("type") == "array"]

    assert len(lists) > 10
    assert [each for each in lists if "maxItems" not in each] == []


def parts_of(schema: object) -> Iterator[dict[str, Any]]:
    """Yield every object within a schema."""
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts_of(inner)


def bodies(patient: str) -> Iterator[tuple[str, bytes]]:
    fact = b'{"type": "note_added", "occurred_on": "2025-01-10", "data": %s}'
    yield "100,000 levels of lists", fact % (b"[" * 100_000 + b"]" * 100_000)
    yield "100,000 levels of objects", fact % (b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    yield "100,000 levels that never end", fact % (b"[" * 100_000)
    yield "just too deep", fact % (b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST)
    yield "deep with half a surrogate pair", fact % (b"[" * 900 + b'"\\ud800"' + b"]" * 900)
    yield "as deep as can be read", fact % (b'{"a":' * (DEEPEST - 2) + b"1" + b"}" * (DEEPEST - 2))
    yield "100,000 names", fact % (b"{" + b",".join(b'"%d":1' % number for number in range(80_000)) + b"}")
    yield "a name of a megabyte", fact % (b'{"' + b"a" * 1_000_000 + b'": 1}')
    yield "an integer of 5,000 digits", fact % (b'{"text": ' + b"9" * 5_000 + b"}")
    yield "a fraction of a million digits", fact % (b'{"text": 1.' + b"9" * 1_000_000 + b"}")
    yield "NUL", fact % b'{"text": "a\\u0000b"}'
    yield "NUL in a name", fact % b'{"te\\u0000xt": "a"}'
    yield "UTF-16", (fact % b'{"text": "a"}').decode().encode("utf-16")
    yield "UTF-7", (fact % b'{"text": "+ADw-"}').decode().encode("utf-7") + b"\xff"
    yield "two marks of byte order", b"\xef\xbb\xbf\xef\xbb\xbf" + fact % b'{"text": "a"}'
    for number in ("1e999999999", "-1e999999999", "1e-999999999", "99999999999999999999", "1E+400", "0e999999"):
        counts = (
            b'{"type": "counts_recorded", "occurred_on": "2025-01-10", "data": {"sampled_on": "2025-01-10", "anc": %s}}'
        )
        yield f"counts {number}", counts % number.encode()
        marrow = b'{"type": "findings_recorded", "occurred_on": "2025-01-10", "data": {"marrow_blasts_percent": %s}}'
        yield f"marrow {number}", marrow % number.encode()
        mrd = (
            b'{"type": "mrd_reported", "occurred_on": "2025-01-10", "data": {"timepoint": "END_INDUCTION", '
            b'"method": "PCR", "sample_on": "2025-01-10", "unit": "log10", "value": %s}}'
        )
        yield f"MRD {number}", mrd % number.encode()


def test_bodies_that_were_built_to_break_the_reader_are_refused(ward: Ward) -> None:
    patient = ward.in_first_block()
    before = len(ward.get(f"/patients/{patient}/history").json()["items"])

    for name, body in bodies(patient):
        answer = ward.client.post(
            f"{BASE}/patients/{patient}/facts", content=body, headers={**as_person("treating_doctor"), **JSON}
        )

        harmless(answer)
        assert answer.status_code == 422, (name, answer.text[:500])

    harmless(ward.get(f"/patients/{patient}"), 200)
    harmless(ward.get(f"/patients/{patient}/history"), 200)
    assert len(ward.get(f"/patients/{patient}/history").json()["items"]) == before


def test_names_by_the_thousand_are_not_all_looked_up(edge: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a mistyped name may have meant is asked for a few of them: it costs more than all the rest."""
    patient = edge.in_first_block()
    asked: list[str] = []
    look_up = difflib.get_close_matches

    def counted(name: str, known: Sequence[str], n: int) -> list[str]:
        asked.append(name)
        return look_up(name, known, n=n)

    monkeypatch.setattr(read, "get_close_matches", counted)
    names = {f"name{number}": 1 for number in range(5_000)}
    for path, body in (
        (f"/patients/{patient}/facts", {"type": "note_added", "occurred_on": "2025-01-10", "data": names}),
        ("/patients/search", names),
        ("/classifications", names),
        ("/patients", {**names, "x" * 500_000: 1}),
        (f"/patients/{patient}/corrections", names),
    ):
        harmless(edge.post(path, body, "admin"), 422)

        assert len(asked) <= read.MOST_GUESSES * 2, path
        asked.clear()


def test_an_address_has_an_end(edge: Ward) -> None:
    who = as_person("viewer")
    for path in (
        "/" + "a" * LONGEST_PATH_BYTES,
        f"{BASE}/patients?cursor=" + "a" * LONGEST_QUERY_BYTES,
        f"{BASE}/patients?" + "&".join(["a=b"] * (MOST_PARAMETERS + 1)),
    ):
        refused = edge.client.get(path, headers=who)

        harmless(refused, 414)
        assert refused.json()["code"] == "address_too_long"
    harmless(
        edge.client.get(f"{BASE}/patients?" + "&".join(f"a{n}=b" for n in range(MOST_PARAMETERS)), headers=who), 422
    )


def test_no_body_is_unpacked(edge: Ward) -> None:
    for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip", "x"):
        headers = {**as_person("admin"), **JSON, "Content-Encoding": coding}

        refused = edge.client.post(f"{BASE}/patients", content=b"\x1f\x8b" + b"\x00" * 1000, headers=headers)

        harmless(refused, 415)
        assert refused.json()["code"] == "body_encoded"


def test_json_that_is_declared_as_something_else_is_not_read(edge: Ward) -> None:
    """A browser sends such types across origins without asking first."""
    for content_type in (
        *("text/plain", "text/plain; charset=application/json", "multipart/form-data; boundary=x", "text/html"),
        *("application/x-www-form-urlencoded", "application/jsonp", "application/json/../xml", "json"),
    ):
        headers = {**as_person("admin"), "Content-Type": content_type}

        harmless(edge.client.post(f"{BASE}/patients/search", content=b'{"pseudonym": "x"}', headers=headers), 415)
