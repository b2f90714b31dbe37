"""Identifiers are well-formed, sort by their time and do not repeat; secrets have their full length."""

import time
from uuid import RFC_4122, UUID

import pytest

from workflow.identifiers import new_id, new_key_id, new_process_id, new_secret, new_session_id, random_fraction

ONE_MILLISECOND = 1_000_000


def test_a_patient_id_is_a_uuid_of_version_7_in_its_usual_writing() -> None:
    written = new_id()

    assert str(UUID(written)) == written
    assert UUID(written).version == 7
    assert UUID(written).variant == RFC_4122


def test_a_patient_id_begins_with_the_milliseconds_it_was_made_in(monkeypatch: pytest.MonkeyPatch) -> None:
    # The example of RFC 9562, appendix A.6.
    monkeypatch.setattr(time, "time_ns", lambda: 0x017F22E279B0 * ONE_MILLISECOND + 999_999)

    assert new_id().startswith("017f22e2-79b0-7")


def test_a_later_millisecond_sorts_later(monkeypatch: pytest.MonkeyPatch) -> None:
    instants = iter(range(10**18, 10**18 + 100 * ONE_MILLISECOND, ONE_MILLISECOND))
    monkeypatch.setattr(time, "time_ns", lambda: next(instants))
    made = [new_id() for _ in range(100)]

    assert made == sorted(made)


def test_ids_of_one_millisecond_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)

    assert len({new_id() for _ in range(1000)}) == 1000


def test_a_secret_has_256_bits_and_fits_into_a_header() -> None:
    secret = new_secret()

    assert len(secret) == 43
    assert secret.replace("-", "").replace("_", "").isalnum()
    assert secret != new_secret()


def test_a_key_id_carries_nothing_that_parts_a_presented_key() -> None:
    key_id = new_key_id()

    assert len(key_id) == 12
    assert "_" not in key_id
    assert key_id != new_key_id()


def test_a_session_id_carries_nothing_that_parts_a_cookie() -> None:
    session_id = new_session_id()

    assert len(session_id) == 16
    assert session_id.isalnum()
    assert session_id != new_session_id()


def test_a_random_fraction_lies_from_0_up_to_1_on_either_side_of_the_middle() -> None:
    drawn = [random_fraction() for _ in range(1000)]

    assert 0 <= min(drawn) < 0.5 <= max(drawn) < 1


def test_a_process_id_is_short_and_new_with_each_process() -> None:
    process_id = new_process_id()

    assert len(process_id) == 8
    assert process_id != new_process_id()
