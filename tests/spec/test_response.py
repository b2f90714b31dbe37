"""What an assessment amounts to: every criterion of complete remission, every limit (002, Table 2)."""

from collections.abc import Mapping

import pytest

from workflow.domain.facts.response import ResponseAssessed
from workflow.domain.switches import AS_MOST_SOURCES, Recovery, Switches
from workflow.knowledge.marrow import marrow_class
from workflow.knowledge.response import ResponseReading, read_response
from workflow.knowledge.sources import SOURCES

REMISSION: dict[str, object] = {
    "marrow_blasts_percent": 4.9,
    "peripheral_blasts": False,
    "wbc": 2.1,
    "platelets": 50.1,
    "final": True,
}
# The recoveries that 002, Table 2 note 4 prints: one, and the two ends of a range.
DCOG_98 = Recovery(source="002, Table 2 note 4 [38]", wbc_above=2, platelets_above=50)
COG_TACL_LOWER = Recovery(source="002, Table 2 note 4 [19,28,29]", anc_at_least=750, platelets_at_least=75)
COG_TACL_UPPER = Recovery(source="002, Table 2 note 4 [19,28,29]", anc_at_least=1000, platelets_at_least=100)
DCOG = Switches(recovery=DCOG_98)
SOME_CELLS = {"wbc_per_ul": 4.9, "blasts": True, "rbc_per_ul": 0}
NORMAL = {"left": "normal", "right": "normal"}


def read_with(
    assessed: Mapping[str, object], *involved: str, switches: Switches = DCOG, relapse_number: int = 1
) -> ResponseReading:
    """Read an assessment that is a complete remission apart from what is said otherwise."""
    assessment = ResponseAssessed.model_validate({**REMISSION, **assessed})
    return read_response(assessment, involved, switches, relapse_number=relapse_number)


def read(*involved: str, switches: Switches = DCOG, relapse_number: int = 1, **assessed: object) -> ResponseReading:
    return read_with(assessed, *involved, switches=switches, relapse_number=relapse_number)


def text(reading: ResponseReading, about: str) -> str:
    return next(reason.text for reason in reading.reasons if reason.about == about)


@pytest.mark.parametrize(
    ("percent", "at_first_relapse", "at_second_relapse"),
    [
        (0, "M1", "M1"),
        (4.9, "M1", "M1"),
        (5, "M2", "M2"),
        (24.9, "M2", "M2"),
        (25, "M2", "M3"),
        (25.1, "M3", "M3"),
        (100, "M3", "M3"),
    ],
)
def test_marrow_is_m1_below_5_percent_and_m3_above_25_or_from_25_on_after_a_new_remission(
    percent: float, at_first_relapse: str, at_second_relapse: str
) -> None:
    assert marrow_class(percent, relapse_number=1) == at_first_relapse
    assert marrow_class(percent, relapse_number=2) == at_second_relapse
    assert read(marrow_blasts_percent=percent).marrow == at_first_relapse
    assert read(marrow_blasts_percent=percent, relapse_number=3).marrow == at_second_relapse


@pytest.mark.parametrize(
    ("involved", "assessed", "outcome"),
    [
        ((), {}, "cr"),
        ((), {"marrow_blasts_percent": 5}, "no_cr"),
        ((), {"marrow_blasts_percent": 30}, "no_cr"),
        ((), {"peripheral_blasts": True}, "no_cr"),
        ((), {"peripheral_blasts": None}, "incomplete"),
        ((), {"em_disease": True}, "no_cr"),
        ((), {"em_disease": False}, "cr"),
        (("other",), {}, "incomplete"),
        (("other",), {"em_disease": False}, "cr"),
        (("other",), {"em_disease": True}, "no_cr"),
        (("cns",), {}, "incomplete"),
        (("cns",), {"em_disease": False}, "incomplete"),
        (("cns",), {"csf": SOME_CELLS}, "cr"),
        (("cns",), {"csf": {**SOME_CELLS, "wbc_per_ul": 5}}, "no_cr"),
        (("testis",), {}, "incomplete"),
        (("testis",), {"testis": NORMAL}, "cr"),
        (("testis",), {"testis": {"left": "normal", "right": "enlarged"}}, "no_cr"),
        (("cns", "testis"), {"csf": SOME_CELLS}, "incomplete"),
        (("cns", "testis"), {"csf": SOME_CELLS, "testis": NORMAL}, "cr"),
        # Disease that is new outside the marrow is no remission either.
        ((), {"csf": {"wbc_per_ul": 5, "blasts": True, "rbc_per_ul": 20}}, "no_cr"),
        ((), {"csf": SOME_CELLS}, "cr"),
        ((), {"testis": {"left": "biopsy_positive", "right": "normal"}}, "no_cr"),
        ((), {"testis": {"left": "enlarged", "right": "normal"}}, "incomplete"),
        # What speaks against remission does not wait for what is missing.
        (("cns",), {"marrow_blasts_percent": 5}, "no_cr"),
        (("cns",), {"peripheral_blasts": None, "testis": {"left": "biopsy_positive", "right": "normal"}}, "no_cr"),
    ],
)
def test_complete_remission_is_of_marrow_blood_and_every_site_that_was_involved(
    involved: tuple[str, ...], assessed: dict[str, object], outcome: str
) -> None:
    assert read_with(assessed, *involved).outcome == outcome


@pytest.mark.parametrize(
    ("cells", "blasts", "erythrocytes", "remission"),
    [
        (4.9, False, 0, "in_remission"),
        (4.9, True, 0, "in_remission"),
        (0, None, None, "in_remission"),
        (4.9, True, 300, "in_remission"),
        (5, True, 0, "not_in_remission"),
        (5, False, 20, "not_in_remission"),
        (5, None, None, "not_in_remission"),
        (5, True, 21, "not_assessed"),
        (None, False, 0, "not_assessed"),
    ],
)
def test_the_cns_is_in_remission_below_5_cells_whatever_the_cytology(
    cells: float | None, blasts: bool | None, erythrocytes: float | None, remission: str
) -> None:
    csf = {"wbc_per_ul": cells, "blasts": blasts, "rbc_per_ul": erythrocytes}

    assert read("cns", csf=csf).cns == remission


def test_blasts_among_few_cells_are_shown_beside_the_remission_that_they_do_not_prevent() -> None:
    reading = read("cns", csf=SOME_CELLS)

    assert reading.outcome == "cr"
    assert "4.9 < 5 cells/µl, blasts seen" in text(reading, "response.cns")
    assert "C17" in next(reason for reason in reading.reasons if reason.about == "response.cns").contradictions


@pytest.mark.parametrize(
    ("left", "right", "remission"),
    [
        ("normal", "normal", "in_remission"),
        ("removed", "normal", "in_remission"),
        ("removed", "removed", "in_remission"),
        ("enlarged", "normal", "not_in_remission"),
        ("biopsy_positive", "normal", "not_in_remission"),
        ("biopsy_negative", "normal", "not_assessed"),
        ("normal", "not_examined", "not_assessed"),
        ("biopsy_negative", "enlarged", "not_in_remission"),
    ],
)
def test_testes_are_in_remission_at_normal_size_of_which_a_biopsy_says_nothing(
    left: str, right: str, remission: str
) -> None:
    assert read("testis", testis={"left": left, "right": right}).testis == remission


def test_sites_that_were_never_involved_have_no_remission_of_their_own() -> None:
    reading = read()

    assert (reading.cns, reading.testis) == (None, None)
    assert {reason.about for reason in reading.reasons} == {
        "response.marrow",
        "response.blood",
        "response.recovery",
        "response.outcome",
    }


@pytest.mark.parametrize(
    ("recovery", "counts", "outcome"),
    [
        # DCOG Relapse ALL 98: strictly above 2.0 and 50.
        (DCOG_98, {"wbc": 2.1, "platelets": 50.1}, "cr"),
        (DCOG_98, {"wbc": 2.0, "platelets": 50.1}, "no_count_recovery"),
        (DCOG_98, {"wbc": 2.1, "platelets": 50}, "crp"),
        (DCOG_98, {"wbc": 2.0, "platelets": 50}, "no_count_recovery"),
        (DCOG_98, {"wbc": None, "platelets": 50.1}, "incomplete"),
        (DCOG_98, {"wbc": None, "platelets": 50}, "incomplete"),
        (DCOG_98, {"wbc": 2.1, "platelets": None}, "incomplete"),
        (DCOG_98, {"wbc": 2.0, "platelets": None}, "no_count_recovery"),
        # COG and TACL: a range over studies, its ends included.
        (COG_TACL_LOWER, {"anc": 750, "platelets": 75}, "cr"),
        (COG_TACL_LOWER, {"anc": 749, "platelets": 75}, "no_count_recovery"),
        (COG_TACL_LOWER, {"anc": 750, "platelets": 74.9}, "crp"),
        (COG_TACL_LOWER, {"anc": None, "platelets": 75}, "incomplete"),
        (COG_TACL_UPPER, {"anc": 1000, "platelets": 100}, "cr"),
        (COG_TACL_UPPER, {"anc": 999, "platelets": 100}, "no_count_recovery"),
        (COG_TACL_UPPER, {"anc": 1000, "platelets": 99.9}, "crp"),
        (COG_TACL_UPPER, {"anc": 750, "platelets": 75}, "no_count_recovery"),
        # A recovery of cells alone asks for no platelets.
        (Recovery(source="002, Table 2 note 4", anc_at_least=500), {"anc": 500, "platelets": None}, "cr"),
    ],
)
def test_counts_recover_as_the_protocol_says_and_platelets_count_apart(
    recovery: Recovery, counts: dict[str, object], outcome: str
) -> None:
    assert read_with(counts, switches=Switches(recovery=recovery)).outcome == outcome


@pytest.mark.parametrize(
    ("involved", "assessed", "missing"),
    [
        ((), {}, ()),
        ((), {"marrow_blasts_percent": 5, "peripheral_blasts": None, "wbc": None}, ()),
        ((), {"wbc": 2, "platelets": None}, ()),
        ((), {"wbc": None}, ("recovery",)),
        ((), {"platelets": None}, ("recovery",)),
        ((), {"peripheral_blasts": None}, ("blood",)),
        ((), {"peripheral_blasts": None, "wbc": None}, ("blood", "recovery")),
        # Counts that have not recovered are known: they are not what is missing.
        ((), {"peripheral_blasts": None, "wbc": 2}, ("blood",)),
        ((), {"testis": {"left": "enlarged", "right": "normal"}}, ("testis",)),
        (("cns",), {"csf": {"wbc_per_ul": 5, "blasts": True, "rbc_per_ul": 21}}, ("cns",)),
        (("cns", "testis", "other"), {"wbc": None}, ("elsewhere", "cns", "testis", "recovery")),
        (("cns", "testis", "other"), {"csf": SOME_CELLS, "testis": NORMAL, "em_disease": False}, ()),
    ],
)
def test_an_incomplete_reading_names_every_criterion_that_it_lacks(
    involved: tuple[str, ...], assessed: dict[str, object], missing: tuple[str, ...]
) -> None:
    reading = read_with(assessed, *involved)

    assert reading.missing == missing
    assert (reading.outcome == "incomplete") is bool(missing)


def test_a_recovery_that_no_protocol_states_is_the_only_thing_missing_where_all_else_is_met() -> None:
    assert read(switches=AS_MOST_SOURCES).missing == ("recovery",)


def test_the_reason_for_recovery_shows_each_count_beside_its_limit() -> None:
    reading = read(wbc=2, platelets=None)

    assert text(reading, "response.recovery") == "WBC 2 ≤ 2 × 10⁹/l; platelets not recorded (needed: > 50 × 10⁹/l)."
    sources = {reason.about: reason.source for reason in reading.reasons}
    assert sources["response.recovery"] == "002, Table 2 note 4 [38]"


def test_without_a_stated_recovery_no_remission_is_judged_complete() -> None:
    reading = read(switches=AS_MOST_SOURCES)

    assert reading.outcome == "incomplete"
    assert "The protocol states no recovery" in text(reading, "response.recovery")
    assert read(switches=AS_MOST_SOURCES, marrow_blasts_percent=5).outcome == "no_cr"


@pytest.mark.parametrize("final", [True, False])
def test_a_missing_remission_is_no_failure_by_itself_and_the_last_assessment_asks_for_the_record(final: bool) -> None:
    reading = read(marrow_blasts_percent=40, final=final)

    assert reading.outcome == "no_cr"
    assert ("record reinduction_failed" in text(reading, "response.outcome")) is final


def test_every_reason_names_a_source_that_is_known() -> None:
    readings = [
        read("cns", "testis", "other", csf=SOME_CELLS, testis=NORMAL, em_disease=False),
        read(wbc=1),
        read(platelets=1),
        read(switches=AS_MOST_SOURCES),
        read("other"),
    ]
    for reason in (reason for reading in readings for reason in reading.reasons):
        assert reason.source.partition(",")[0] in SOURCES
