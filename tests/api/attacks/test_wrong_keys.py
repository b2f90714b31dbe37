"""Wrong keys: none opens anything, too many of them are not even looked up, and nobody is locked out by a stranger."""

import io
import json
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from api.attempts import MOST_BY_ONE, MOST_FROM_ADDRESS, OPENED_AT_MOST, REMEMBERED_AT_MOST, WITHIN, WrongKeys
from api.logs import configure_logs
from tests.api.attacks.harmless import harmless
from tests.api.people import key_of
from tests.api.ward import BASE, HandClock, Ward
from tests.introduced import changing
from workflow.persistence.actors import revoke_key
from workflow.services import authenticate as looked_up
from workflow.services.key_memory import REMEMBERED_FOR

WRONG = "cw_viewer_wrong"
HERE = "10.1.2.3"


def asked(client: TestClient, key: str) -> int:
    answer = client.get(f"{BASE}/sites", headers={"Authorization": f"Bearer {key}"})
    harmless(answer, 200, 401, 429)
    return answer.status_code


def test_after_ten_wrong_keys_of_one_id_the_database_is_not_asked(edge: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = [asked(edge.client, WRONG) for _ in range(MOST_BY_ONE)]
    monkeypatch.delattr(looked_up, "actor_of_key")

    answer = edge.client.get(f"{BASE}/sites", headers={"Authorization": f"Bearer {WRONG}"})

    assert tries == [401] * MOST_BY_ONE
    harmless(answer, 429)
    told = answer.json()
    assert told["code"] == "too_many_wrong_keys"
    assert 1 <= int(answer.headers["retry-after"]) <= WITHIN.total_seconds()
    # Who reads it may hold the right key, which another one's wrong ones keep back: it is not that key that is wrong.
    assert f"where yours is right, try it again in {answer.headers['retry-after']} s" in told["detail"]


def test_a_minute_later_the_right_key_opens(edge: Ward) -> None:
    for _ in range(MOST_BY_ONE):
        asked(edge.client, WRONG)
    assert asked(edge.client, key_of("viewer")) == 429

    edge.clock.now += WITHIN

    assert asked(edge.client, key_of("viewer")) == 200


def test_nobody_is_locked_out_from_another_address_or_under_another_id(edge: Ward) -> None:
    for _ in range(MOST_BY_ONE + 1):
        asked(edge.client, WRONG)
    elsewhere = TestClient(edge.client.app, base_url="http://localhost", client=("10.1.2.3", 1))

    assert asked(elsewhere, key_of("viewer")) == 200
    assert asked(edge.client, key_of("ward_nurse")) == 200


def test_a_key_that_was_in_use_a_moment_ago_goes_on(edge: Ward) -> None:
    assert asked(edge.client, key_of("viewer")) == 200
    for _ in range(MOST_BY_ONE):
        asked(edge.client, WRONG)

    assert asked(edge.client, key_of("viewer")) == 200


def test_many_ids_from_one_address_are_too_many_as_well(edge: Ward) -> None:
    for number in range(MOST_FROM_ADDRESS):
        assert asked(edge.client, f"cw_id{number}_wrong") == 401

    assert asked(edge.client, "cw_new_wrong") == 429


def too_many_from_here(edge: Ward) -> None:
    """Send so many wrong keys that no unknown one is looked up any more, and let what was seen a moment ago go by."""
    for number in range(MOST_FROM_ADDRESS):
        assert asked(edge.client, f"cw_id{number}_wrong") == 401
    for _ in range(MOST_BY_ONE):
        asked(edge.client, WRONG)
    edge.clock.now += REMEMBERED_FOR


def test_keys_that_opened_before_open_whatever_others_behind_their_address_send(edge: Ward) -> None:
    assert asked(edge.client, key_of("viewer")) == 200

    too_many_from_here(edge)

    assert asked(edge.client, key_of("viewer")) == 200
    assert asked(edge.client, key_of("ward_nurse")) == 429


def test_a_key_that_was_revoked_meanwhile_is_wrong_at_once_and_then_not_looked_up_any_more(
    edge: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(edge.client, key_of("viewer")) == 200
    too_many_from_here(edge)
    with changing(edge.house.database) as connection:
        assert revoke_key(connection, "viewer", at=edge.clock())

    assert asked(edge.client, key_of("viewer")) == 401
    monkeypatch.delattr(looked_up, "actor_of_key")
    assert asked(edge.client, key_of("viewer")) == 429


def test_the_sign_in_page_counts_too_and_says_so(edge: Ward, logging_restored: None) -> None:
    stream = io.StringIO()
    configure_logs(stream)
    statuses = [
        edge.client.post("/sign-in", data={"key": WRONG}, headers={"Accept": "text/html"}).status_code
        for _ in range(MOST_BY_ONE + 2)
    ]

    assert statuses == [401] * MOST_BY_ONE + [429] * 2
    told = [line for line in map(json.loads, stream.getvalue().splitlines()) if line["event"] == "too many wrong keys"]
    assert [line["peer"] for line in told] == ["testclient"]
    assert "cw_" not in stream.getvalue()


def test_what_has_not_the_shape_of_a_key_is_neither_looked_up_nor_counted(
    edge: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(looked_up, "actor_of_key")

    for key in ("x", "cw__", "cw_a_b\xe9", "cw_" + "a" * 65 + "_b", "Bearer", "' OR 1=1 --"):
        for _ in range(MOST_BY_ONE + 1):
            answer = edge.client.get(f"{BASE}/sites", headers=[(b"authorization", f"Bearer {key}".encode("latin-1"))])
            harmless(answer, 401)


def test_the_counts_have_an_end() -> None:
    wrong = WrongKeys(HandClock())

    for number in range(2 * REMEMBERED_AT_MOST):
        wrong.note_wrong(f"10.0.{number // 256}.{number % 256}", "viewer", WRONG)
    for number in range(OPENED_AT_MOST + 1):
        wrong.note_opened(f"cw_viewer_{number}")

    assert len(wrong.counts) <= REMEMBERED_AT_MOST
    assert len(wrong.opened) == OPENED_AT_MOST


@pytest.mark.parametrize(
    ("tried_from", "asking", "kept_waiting"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:10.1.2.3", HERE, True),
        (HERE, "10.1.2.4", False),
        ("::ffff:10.1.2.3", "::ffff:10.1.2.4", False),
        ("", "", True),
    ],
)
def test_who_takes_another_address_of_the_same_ipv6_network_is_the_same(
    tried_from: str, asking: str, *, kept_waiting: bool
) -> None:
    wrong = WrongKeys(HandClock())
    for _ in range(MOST_BY_ONE):
        wrong.note_wrong(tried_from, "viewer", WRONG)

    assert (wrong.wait_seconds(asking, "viewer", WRONG) is not None) is kept_waiting


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    clock = HandClock()
    wrong = WrongKeys(clock)
    for _ in range(MOST_BY_ONE):
        wrong.note_wrong(HERE, "viewer", WRONG)
    assert wrong.wait_seconds(HERE, "viewer", WRONG) is not None

    clock.now -= timedelta(hours=1)

    assert wrong.wait_seconds(HERE, "viewer", WRONG) is None
