"""Nothing is lost between what is thought with and what is stored."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from hypothesis import given
from pydantic import BaseModel
from sqlalchemy import RowMapping

from tests.unit.persistence.snapshots import facts, snapshots, windows
from workflow.domain.facts.fact import Fact, payload_digest, payload_json
from workflow.domain.patient import PatientState
from workflow.domain.windows import Window
from workflow.persistence.mapping import (
    fact_to_row,
    read_snapshot,
    remarks_digest,
    row_to_fact,
    row_to_window,
    state_from_json,
    state_to_json,
    window_to_row,
)


def as_row(columns: Mapping[str, Any]) -> RowMapping:
    return cast("RowMapping", columns)


def set_fields(value: object) -> object:
    """Return what was said in a payload and what was left out, part by part: equality alone does not tell."""
    if isinstance(value, BaseModel):
        return {name: set_fields(getattr(value, name)) for name in sorted(value.model_fields_set)}
    return value


@given(snapshots)
def test_a_snapshot_comes_back_as_it_was(state: PatientState) -> None:
    text = state_to_json(state)
    back = read_snapshot(text)
    assert back == state
    assert state_to_json(back) == text
    assert set_fields(back.registration) == set_fields(state.registration)
    if state.course is not None and back.course is not None:
        assert set_fields(back.course.findings) == set_fields(state.course.findings)


SINCE_CLASSIFICATION = (
    *("relapse_site", "earlier_csf", "acknowledged_flags", "response", "reinduction_failed", "decided"),
    *("mrd", "mrd_not_available", "classification"),
)


@given(snapshots)
def test_a_snapshot_from_before_relapses_were_classified_can_be_read(state: PatientState) -> None:
    stored = json.loads(state_to_json(state))
    courses = [course for course in (stored["course"], *stored["ended_courses"]) if course is not None]
    for course in courses:
        for name in SINCE_CLASSIFICATION:
            del course[name]
        course["mrd_results"] = [["PRE_HSCT", "2025-01-06"]]
    back = read_snapshot(json.dumps(stored))
    assert [course.mrd for course in back.courses] == [()] * len(courses)
    assert [course.classification for course in back.courses] == [None] * len(courses)


@given(facts())
def test_a_fact_comes_back_as_it_was(fact: Fact) -> None:
    row = fact_to_row("p1", fact, "key")
    back = row_to_fact(as_row(row))
    assert payload_json(back.data) == payload_json(fact.data)
    assert replace(back, data=fact.data) == fact
    assert type(back.data) is type(fact.data)
    assert row["payload_sha256"] == payload_digest(payload_json(fact.data))


@given(windows)
def test_a_window_comes_back_as_it_was(window: Window) -> None:
    assert row_to_window(as_row(window_to_row(window))) == window


def test_the_same_snapshot_is_parsed_once() -> None:
    text = state_to_json(state_from_json(MINIMAL))
    assert state_from_json(text) is state_from_json(text)


MINIMAL = (
    '{"registration":{"pseudonym":"ALL-1","site":"berlin","diagnosis_date":"2020-01-01","phenotype":"BCP"},'
    '"trail":[],"windows":[]}'
)


def test_remarks_stand_in_the_chain_by_a_digest_of_their_own() -> None:
    assert remarks_digest(None, None, None) is None
    told = [("a", None, None), (None, "a", None), (None, None, "a"), ("a", "a", None), ("a", "a", "a")]
    assert len({remarks_digest(*each) for each in told}) == 5
