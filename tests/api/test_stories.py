"""The stories that a ward tells about the block interval, through the API, on both databases."""

from tests.api.ward import Ward

BLASTS_RISE = {"code": "rapid_progression", "reason": "blasts rising on day 12"}
AS_ORDERED = {"code": "given_as_ordered", "ordered_by": "treating_doctor"}
SECOND_BLOCK = {"element": "R2"}


def test_a_block_13_days_after_the_last_start_is_refused_with_its_arithmetic(ward: Ward) -> None:
    patient = ward.after_first_block()

    refused = ward.record(patient, "block_started", "2025-01-21", SECOND_BLOCK)

    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["code"] == "too_early"
    assert problem["rule"] == "TR-001"
    assert problem["arithmetic"] == "2025-01-21 − 2025-01-08 = 13 d < 14 d"
    assert problem["earliest_on"] == "2025-01-22"
    assert "2 to 3 weeks" in problem["source"]
    assert problem["override"]["or"] == {"code": "given_as_ordered", "with": "ordered_by", "needs_role": "nurse"}
    assert ward.state(patient) == "reinduction.recovery"


def test_a_clinician_overrides_with_a_coded_reason_that_stays_visible(ward: Ward) -> None:
    patient = ward.after_first_block()

    answer = ward.recorded(patient, "block_started", "2025-01-21", SECOND_BLOCK, override=BLASTS_RISE)

    assert answer["fact"]["override"] == BLASTS_RISE
    assert answer["patient"]["state"] == "reinduction.block"
    assert [(found["verdict"], found["days"]) for found in answer["deviations"]] == [("early", 13)]
    assert answer["patient"]["unconfirmed"] == []


def test_a_nurse_may_not_override_as_a_clinician_does(ward: Ward) -> None:
    patient = ward.after_first_block()

    refused = ward.record(patient, "block_started", "2025-01-21", SECOND_BLOCK, override=BLASTS_RISE, who="ward_nurse")

    assert refused.status_code == 403
    assert refused.json()["code"] == "override_needs_role"


def test_what_a_nurse_records_as_ordered_counts_at_once_and_waits_for_a_countersignature(ward: Ward) -> None:
    patient = ward.after_first_block()

    given = ward.recorded(patient, "block_started", "2025-01-21", SECOND_BLOCK, override=AS_ORDERED, who="ward_nurse")

    fact = given["fact"]
    assert fact["unconfirmed"] is True
    assert fact["override"] == AS_ORDERED
    assert given["patient"]["state"] == "reinduction.block"
    assert given["patient"]["unconfirmed"] == [fact["id"]]

    path = f"/patients/{patient}/facts/{fact['id']}/confirmation"
    assert ward.post(path, {}, "ward_nurse").status_code == 403
    signed = ward.post(path, {"note": "checked against the order"})

    assert signed.status_code == 201
    assert signed.json()["fact"]["type"] == "confirmed"
    assert signed.json()["fact"]["recorded_by"] == "treating_doctor"
    assert signed.json()["patient"]["unconfirmed"] == []
    assert ward.post(path, {}).json()["code"] == "nothing_to_confirm"


def test_a_countersignature_needs_no_body(ward: Ward) -> None:
    patient = ward.after_first_block()
    given = ward.recorded(patient, "block_started", "2025-01-21", SECOND_BLOCK, override=AS_ORDERED, who="ward_nurse")

    signed = ward.client.post(
        f"/api/v1/patients/{patient}/facts/{given['fact']['id']}/confirmation",
        headers={"Authorization": ward.header("treating_doctor")},
    )

    assert signed.status_code == 201


def test_22_days_after_the_last_start_is_accepted_and_late(ward: Ward) -> None:
    patient = ward.after_first_block()

    answer = ward.recorded(patient, "block_started", "2025-01-30", SECOND_BLOCK)

    (deviation,) = answer["deviations"]
    assert (deviation["verdict"], deviation["days"], deviation["days_past_latest"]) == ("late", 22, 1)
    assert deviation["explained"] is False


def test_26_days_after_the_last_start_is_accepted_and_critical(ward: Ward) -> None:
    patient = ward.after_first_block()

    answer = ward.recorded(patient, "block_started", "2025-02-03", SECOND_BLOCK)

    (deviation,) = answer["deviations"]
    assert (deviation["verdict"], deviation["days"], deviation["days_past_latest"]) == ("critical", 26, 5)


def test_a_start_while_a_block_still_runs_is_accepted_and_leaves_the_completion_to_mend(ward: Ward) -> None:
    patient = ward.in_first_block()

    answer = ward.recorded(patient, "block_started", "2025-01-29", SECOND_BLOCK)

    assert answer["patient"]["state"] == "reinduction.block"
    assert "completion_not_recorded" in [found["verdict"] for found in answer["deviations"]]
    assert "completion_not_recorded" in [warning["code"] for warning in answer["warnings"]]

    mended = ward.recorded(patient, "block_completed", "2025-01-13", {"given": "as_planned"})

    assert mended["patient"]["state"] == "reinduction.block"
    assert "completion_not_recorded" not in [found["verdict"] for found in mended["patient"]["deviations"]]


def test_a_deferral_closes_nothing_and_keeps_every_threshold(ward: Ward) -> None:
    patient = ward.after_first_block()
    before = ward.open_window(patient, "TR-001")

    ward.recorded(
        patient,
        "block_deferred",
        "2025-01-28",
        {"element": "R2", "causes": [{"code": "infection", "primary": True}], "review_on": "2025-02-01"},
    )

    after = ward.open_window(patient, "TR-001")
    thresholds = ("hard_min_on", "earliest_on", "target_on", "latest_on", "critical_from")
    assert {name: after[name] for name in thresholds} == {name: before[name] for name in thresholds}
    assert after["status"] == "critical"
    assert after["review_on"] == "2025-02-01"


def test_a_start_entered_a_week_late_rejudges_what_followed(ward: Ward) -> None:
    patient = ward.after_first_block()
    third = ward.recorded(patient, "block_started", "2025-02-19", {"element": "R1"})
    assert [(found["verdict"], found["days"]) for found in third["deviations"]] == [("critical", 42)]

    entered_late = ward.recorded(patient, "block_started", "2025-01-29", SECOND_BLOCK)

    assert entered_late["fact"]["occurred_on"] == "2025-01-29"
    verdicts = {
        window["met_on"]: (window["verdict"], window["days"])
        for window in ward.get(f"/patients/{patient}/windows").json()["items"]
        if window["rule"] == "TR-001" and window["status"] == "met"
    }
    assert verdicts == {"2025-01-29": ("on_time", 21), "2025-02-19": ("on_time", 21)}
    assert "critical" not in [found["verdict"] for found in entered_late["patient"]["deviations"]]


def test_a_preview_answers_as_the_act_would_and_stores_nothing(ward: Ward) -> None:
    patient = ward.after_first_block()
    before = ward.get(f"/patients/{patient}").json()
    fact = {"type": "block_started", "occurred_on": "2025-01-29", "data": SECOND_BLOCK}

    preview = ward.post(f"/patients/{patient}/facts?preview=true", fact)

    assert preview.status_code == 200
    assert preview.json()["stored"] is False
    assert preview.json()["patient"]["state"] == "reinduction.block"
    assert ward.get(f"/patients/{patient}").json() == before
