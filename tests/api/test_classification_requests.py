"""What a request for a classification may say: what cannot be is named with its field, the rule and the way out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.relapses import MRD, RELAPSE, refused
from tests.api.ward import BASE, Ward, as_person


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"diagnosis_date": None}, "diagnosis_date", "must be a date written YYYY-MM-DD"),
        ({"relapse_date": "2021-09-29"}, "relapse_date", "must lie after diagnosis_date; correct one of them"),
        ({"relapse_date": "2021-01-05"}, "relapse_date", "must lie after diagnosis_date"),
        ({"relapse_date": "05.01.2024"}, "relapse_date", "must be a date written YYYY-MM-DD"),
        ({"frontline_ongoing": True}, "frontline_ongoing", "is true, which excludes frontline_end_date; send one"),
        ({"frontline_end_date": "2021-09-28"}, "frontline_end_date", "lies before diagnosis_date; correct one"),
        ({"frontline_end_date": "2024-01-06"}, "frontline_end_date", "lies after relapse_date; correct one of"),
        ({"phenotype": "B"}, "phenotype", "'BCP' or 'T'"),
        ({"phenotype": None}, "phenotype", "'BCP' or 'T'"),
        ({"relapse_site": None}, "findings", "or relapse_site is required"),
        ({"relapse_site": None, "findings": {}}, "findings", "or relapse_site is required"),
        ({"relapse_number": 0}, "relapse_number", "greater than or equal to 1"),
        ({"relapse_number": "1"}, "relapse_number", "valid integer"),
        ({"prior_hsct": "no"}, "prior_hsct", "true or false"),
        ({"findings": {"marrow_blasts_percent": 101}}, "findings.marrow_blasts_percent", "less than or equal to 100"),
        ({"mrd": [{**MRD, "unit": None}]}, "mrd.0.unit", "an MRD without unit is refused: send fraction, percent or"),
        ({"mrd": [MRD, {**MRD, "value": 2}]}, "mrd.1.value", "between 0 and 1"),
        ({"mrd": [{**MRD, "below": "0.1"}]}, "mrd.0.value", "or below is required, not both"),
        ({"mrd": [{**MRD, "method": "pcr"}]}, "mrd.0.method", "'FLOW', 'PCR' or 'NGS'"),
        ({"mrd": [{**MRD, "sample_on": "2024-01-04"}]}, "mrd.0.sample_on", "lies before relapse_date"),
        ({"mrd": [{**MRD, "value": "<0.0001"}]}, "mrd.0.value", "sent as below: 0.0001, without value"),
        ({"mrd": [{**MRD, "value": "negative"}]}, "mrd.0.value", "sent as below: 0.0001, without value"),
        ({"findings": {"marrow_blasts_percent": "62%"}}, "findings.marrow_blasts_percent", "without a unit or percent"),
        ({"findings": {"csf": {"wbc_per_ul": "5/µl"}}}, "findings.csf.wbc_per_ul", "must be a number, like 12.5, with"),
        ({"mrd": [MRD, {**MRD, "value": None, "below": 0}]}, "mrd.1.below", "0 fraction must be above 0"),
        ({"mrd": [{**MRD, "sensitivity": "0"}]}, "mrd.0.sensitivity", "0 fraction must be above 0"),
        ({"mrd": [{**MRD, "quantitative_range": "1e-13"}]}, "mrd.0.quantitative_range", "in a million million: check"),
        ({"mrd": [{**MRD, "value": -13, "unit": "log10"}]}, "mrd.0.value", "-13 log10 is less than one cell in a"),
        ({"mrd": "x"}, "mrd", "must be a list"),
        ({"findings": {"other_em": "skin"}}, "findings.other_em", "must be a list"),
        ({"mrd_not_available": ["WEEK_6"]}, "mrd_not_available.0", "'WEEK_5'"),
        ({"protocol": "all-rez-bfm-2003"}, "protocol", "known: all-rez-bfm-2002, all-rez-bfm-90, all-rez-bfm-95,"),
        ({"protocol": "all-rez-bfm-90@7"}, "protocol", "is not a protocol here"),
        ({"relapse_dte": "2024-01-05"}, "relapse_dte", "is not a field here; did you mean relapse_date?"),
        ({"respons": "cr"}, "respons", "did you mean response?"),
        ({"findings": {"marow_blasts_percent": 3}}, "findings.marow_blasts_percent", "mean marrow_blasts_percent?"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_field_the_rule_and_the_way_out(
    edge: Ward, changes: dict[str, Any], field: str, words: str
) -> None:
    told = refused(edge, **changes)

    assert list(told) == [field]
    assert told[field].startswith(field)
    assert words in told[field]


def test_every_problem_is_named_at_once(edge: Ward) -> None:
    by_order = refused(
        edge, frontline_end_date="2021-01-01", relapse_date="2020-01-01", protocol="x", relapse_site=None
    )
    by_shape = refused(edge, phenotype="X", relapse_date="soon", mrd=[{}])

    assert list(by_order) == ["protocol", "findings", "relapse_date", "frontline_end_date"]
    assert set(by_shape) == {"phenotype", "relapse_date", "mrd.0.timepoint", "mrd.0.method"}


@pytest.mark.parametrize("missing", ["diagnosis_date", "relapse_date", "phenotype"])
def test_what_every_case_needs_is_asked_for(edge: Ward, missing: str) -> None:
    answer = edge.post("/classifications", {name: RELAPSE[name] for name in RELAPSE if name != missing}, "viewer")

    assert [problem["message"] for problem in answer.json()["errors"]] == [f"{missing} is required"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"frontline_end_date": "2024-01-05"}, {"frontline_end_date": "2021-09-29"}),
        ({"mrd": [{**MRD, "sample_on": "2024-01-05"}]}, {"relapse_date": "2021-09-30", "frontline_end_date": None}),
    ],
)
def test_days_on_a_boundary_are_possible(edge: Ward, first: dict[str, Any], second: dict[str, Any]) -> None:
    for changes in (first, second):
        assert edge.post("/classifications", {**RELAPSE, **changes}, "viewer").status_code == 200


def test_what_lies_in_the_future_is_refused_from_the_second_day_ahead_on(edge: Ward) -> None:
    today = edge.clock.now.date()
    tomorrow, ahead = (str(today + timedelta(days=days)) for days in (1, 2))
    open_end = {**RELAPSE, "frontline_end_date": None}

    assert edge.post("/classifications", {**open_end, "relapse_date": tomorrow}, "viewer").status_code == 200
    assert refused(edge, relapse_date=ahead) == {"relapse_date": "relapse_date lies in the future; check it"}
    assert list(refused(edge, diagnosis_date=ahead, relapse_date="2199-12-31", frontline_end_date=None)) == [
        "diagnosis_date",
        "relapse_date",
    ]


@pytest.mark.parametrize(("time_zone", "status"), [("UTC", 422), ("Pacific/Kiritimati", 200)])
def test_today_is_the_day_of_the_installation_s_time_zone(edge: Ward, time_zone: str, status: int) -> None:
    """At 23:00 in UTC it is the next day on Kiritimati, so that what is the second day ahead here is tomorrow there."""
    settings = edge.house.settings.with_(time_zone=time_zone)
    house = replace(edge.house, settings=settings, clock=lambda: datetime(2025, 3, 1, 23, tzinfo=UTC))
    client = TestClient(create_app(house), base_url="http://localhost")
    request = {**RELAPSE, "relapse_date": str(date(2025, 3, 3))}

    assert client.post(f"{BASE}/classifications", json=request, headers=as_person("viewer")).status_code == status
