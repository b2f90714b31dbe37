"""Conditions of a write: a repeated request gives its first answer, a stale one 412, and lists come in pages."""

import pytest

from tests.api.ward import BASE, REGISTRATION, Ward, as_person

NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "seen"}}
ONCE = {"Idempotency-Key": "2f1c0b1e-7a44-4f0f-9a1c-3b8f0d3a5a11"}


def test_a_repeated_fact_gives_the_first_answer_again_and_is_stored_once(ward: Ward) -> None:
    patient = ward.relapsed()

    first = ward.post(f"/patients/{patient}/facts", NOTE, headers=ONCE)
    again = ward.post(f"/patients/{patient}/facts", NOTE, headers=ONCE)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    history = ward.get(f"/patients/{patient}/history").json()["items"]
    assert [entry["type"] for entry in history].count("note_added") == 1


def test_a_retry_after_success_gets_201_although_its_if_match_is_stale_by_now(ward: Ward) -> None:
    patient = ward.relapsed()
    headers = {**ONCE, "If-Match": ward.get(f"/patients/{patient}").headers["etag"]}

    first = ward.post(f"/patients/{patient}/facts", NOTE, headers=headers)
    again = ward.post(f"/patients/{patient}/facts", NOTE, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content


def test_a_repeated_registration_gives_the_first_answer_again(ward: Ward) -> None:
    first = ward.post("/patients", REGISTRATION, "admin", ONCE)
    again = ward.post("/patients", REGISTRATION, "admin", ONCE)

    assert (again.status_code, again.content) == (201, first.content)
    assert len(ward.get("/patients").json()["items"]) == 1


def test_a_reused_idempotency_key_is_422(ward: Ward) -> None:
    patient = ward.relapsed()
    ward.post(f"/patients/{patient}/facts", NOTE, headers=ONCE)

    other_body = ward.post(f"/patients/{patient}/facts", {**NOTE, "note": "again"}, headers=ONCE)
    other_query = ward.post(f"/patients/{patient}/facts?preview=false", NOTE, headers=ONCE)

    for answer in (other_body, other_query):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert "send a new key" in answer.json()["detail"]


def test_the_same_key_of_two_people_is_two_keys(ward: Ward) -> None:
    patient = ward.relapsed()

    assert ward.post(f"/patients/{patient}/facts", NOTE, "treating_doctor", ONCE).status_code == 201
    assert ward.post(f"/patients/{patient}/facts", {**NOTE, "note": "b"}, "ward_nurse", ONCE).status_code == 201


def test_a_refused_request_may_be_sent_again_under_its_key(ward: Ward) -> None:
    patient = ward.after_first_block()
    early = {"type": "block_started", "occurred_on": "2025-01-21", "data": {"element": "R2"}}
    refused = ward.post(f"/patients/{patient}/facts", early, headers=ONCE)

    again = ward.post(f"/patients/{patient}/facts", {**early, "occurred_on": "2025-01-22"}, headers=ONCE)

    assert (refused.status_code, again.status_code) == (409, 201)


@pytest.mark.parametrize("key", ["", " ", "k" * 201, "caf\xe9", "tab\tbed"])
def test_an_idempotency_key_is_printable_ascii_of_a_length(edge: Ward, key: str) -> None:
    headers = [(b"idempotency-key", key.encode("latin-1")), (b"authorization", edge.header("admin").encode())]

    answer = edge.client.post(f"{BASE}/patients", json=dict(REGISTRATION), headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert "printable ASCII" in answer.json()["errors"][0]["message"]


def test_a_key_of_200_characters_is_fine(edge: Ward) -> None:
    assert edge.post("/patients", REGISTRATION, "admin", {"Idempotency-Key": "k" * 200}).status_code == 201


def test_the_etag_is_the_version_and_grows_with_each_fact(ward: Ward) -> None:
    registered = ward.post("/patients", REGISTRATION, "admin")
    patient = registered.json()["id"]
    recorded = ward.post(f"/patients/{patient}/facts", NOTE)

    assert (registered.headers["etag"], recorded.headers["etag"]) == ('"1"', '"2"')
    for path in ("", "/history", "/windows", "/next-steps"):
        assert ward.get(f"/patients/{patient}{path}").headers["etag"] == '"2"'


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', "*"])
def test_a_write_goes_through_where_the_version_is_the_one_read(edge: Ward, tag: str) -> None:
    patient = edge.register()

    assert edge.post(f"/patients/{patient}/facts", NOTE, headers={"If-Match": tag}).status_code == 201


def test_a_stale_version_is_412_and_says_what_to_do(ward: Ward) -> None:
    patient = ward.register()
    ward.recorded(patient, "note_added", "2025-01-10", {"text": "meanwhile"})

    answer = ward.post(f"/patients/{patient}/facts", NOTE, headers={"If-Match": '"1"'})

    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
    assert "read it again" in answer.json()["detail"]
    assert len(ward.get(f"/patients/{patient}/history").json()["items"]) == 2


@pytest.mark.parametrize("tag", ["1", '"one"', '"1", "2"', '""', '"99999999999999999999"', "W/1", "yes"])
def test_an_if_match_that_names_no_version_is_422(edge: Ward, tag: str) -> None:
    answer = edge.post(f"/patients/{edge.register()}/facts", NOTE, headers={"If-Match": tag})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "If-Match"


def test_pages_follow_each_other_without_gap_or_double(ward: Ward) -> None:
    patients = {ward.register(pseudonym=f"ALL-{number:04}") for number in range(7)}

    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        more = {} if cursor is None else {"cursor": cursor}
        page = ward.get("/patients", limit=2, **more).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert cursor is None
    assert len(seen) == 7
    assert set(seen) == patients


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\u2028", "x" * 100_000, "'; DROP TABLE patient; --", "é"])
def test_a_search_for_any_text_is_answered(ward: Ward, text: str) -> None:
    for sent in ({"pseudonym": text}, {"pseudonym": "ALL-0007", "site": text}):
        assert ward.post("/patients/search", sent).status_code in {200, 422}


def test_no_pseudonym_is_ever_part_of_a_url(edge: Ward) -> None:
    edge.register()

    found = edge.client.post(
        f"{BASE}/patients/search", json={"pseudonym": "ALL-0007"}, headers=as_person("viewer")
    ).json()["items"]

    assert [patient["pseudonym"] for patient in found] == ["ALL-0007"]
    assert edge.get("/patients?pseudonym=ALL-0007").status_code == 422
    assert edge.post("/patients/search", {"pseudonym": "ALL-0007", "site": "south"}).json()["items"] == []
