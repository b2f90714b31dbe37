"""`coursewatch classify` with its options and on its day: recommendations off, a column of reasons, days ahead."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.cli.cases import ADDED, EARLY, HEADER, LATE, asked, table
from tests.integration.cli.running import coursewatch
from workflow.clock import today_in, utc_now


@pytest.fixture(autouse=True)
def _somewhere_else(new_home: Path) -> None:
    """Run in an empty folder: no database is needed, and none is made."""


def test_switched_off_no_strategy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    on = asked(HEADER, EARLY).out
    monkeypatch.setenv("COURSEWATCH_RECOMMENDATIONS", "off")
    off = coursewatch("classify", "cases.csv")

    (row,) = table(off.out)
    assert list(row) == [name for name in table(on)[0] if not name.startswith("recommendation.")]
    assert row["risk.BFM"] == "HR"
    assert "HSCT" not in off.out
    assert "switched off in this installation" in off.err
    assert coursewatch("classify", "cases.csv", "--recommendations", "on").out == on
    assert coursewatch("classify", "cases.csv", "--recommendations", "perhaps").code == 2


def test_switched_off_no_column_of_recommendations_is_carried_through() -> None:
    finished = asked(f"{HEADER},recommendation.BFM_2002", f"{EARLY},HSCT", options=("--recommendations", "off"))

    assert (finished.code, finished.out) == (1, "")
    assert "column recommendation.BFM_2002 is one that is added; rename or remove it" in finished.err


def test_a_day_that_lies_in_the_future_is_refused_with_its_column() -> None:
    today = today_in("UTC", utc_now())
    ahead, tomorrow = today + timedelta(days=3), today + timedelta(days=1)
    rows = table(
        asked(
            HEADER,
            f"P1,2021-09-29,2023-09-29,{ahead},BCP,isolated_bm",
            f"P2,2021-09-29,2023-09-29,{tomorrow},BCP,isolated_bm",
        ).out
    )

    assert [row["error"] for row in rows] == ["relapse_date lies in the future; check it", ""]


def test_reasons_stand_in_one_more_column_where_they_are_asked_for() -> None:
    """A code alone (G6, NEED_THRESHOLD, NEED_MRD) says nothing to somebody who does not know it."""
    header = f"{HEADER.removesuffix(',relapse_site')},findings.marrow_blasts_percent"
    bare = EARLY.removesuffix(",isolated_bm")
    open_site, refused = table(asked(header, f"{bare},62", f"{bare},62%", options=("--reasons",)).out)
    (known,) = table(asked(HEADER, LATE, options=("--reasons",)).out)
    (off,) = table(asked(HEADER, LATE, options=("--reasons", "--recommendations", "off")).out)

    assert list(known) == [*HEADER.split(","), *ADDED[:-1], "reasons", "error"]
    reasons = known["reasons"].split(" | ")
    assert any(one.startswith("risk.BFM: ") and one.endswith("[002, Table 5 [42]]") for one in reasons)
    assert any(one.startswith("recommendation.BFM_2002: ") and "missing: a result by PCR" in one for one in reasons)
    assert any("Screening outside the marrow is incomplete" in one for one in open_site["reasons"].split(" | "))
    assert (refused["reasons"], refused["error"]) == (
        "",
        "findings.marrow_blasts_percent must be a number, like 12.5, without a unit or percent sign",
    )
    assert "recommendation.BFM_2002" not in off["reasons"]
    assert "switched off in this installation" in off["reasons"]


def test_a_column_of_ones_own_may_be_called_reasons_where_none_is_added() -> None:
    (row,) = table(asked(f"{HEADER},reasons", f"{EARLY},mine").out)

    assert (row["reasons"], row["risk.BFM"]) == ("mine", "HR")
    assert "column reasons is one that is added" in asked(f"{HEADER},reasons", options=("--reasons",)).err
