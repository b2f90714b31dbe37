"""An import says of every row that waits for a clinician why it waits, and whether it counts until then."""

import json
from collections.abc import Sequence

from tests.facts import FIRST_INSTANT, REGISTERED, RELAPSED_ON, TODAY, a_draft, after_relapse
from tests.spec.classified_courses import ISOLATED_MARROW, result
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.roles import Role
from workflow.protocols.library import shipped
from workflow.rules.candidates import candidate
from workflow.rules.judgement import Circumstances, Stamp
from workflow.rules.merge import merge
from workflow.services.import_report import ImportResult, results_of
from workflow.services.import_rows import Row


def imported(drafts: Sequence[FactDraft]) -> ImportResult:
    rows = [Row(line=line, patient="ALL-0007", draft=draft) for line, draft in enumerate(drafts, start=2)]
    given = Circumstances(role=Role.COORDINATOR, today=TODAY, protocols=shipped(), importing=True)
    stamp = Stamp(seq=1, recorded_at=FIRST_INSTANT, recorded_by="data_manager")
    answer = merge((), [candidate(row.line, row.draft) for row in rows if row.draft], (), given=given, stamp=stamp)
    return ImportResult(rows=tuple(results_of(rows, answer)))


def a_course(*more: FactDraft) -> list[FactDraft]:
    return [
        a_draft(REGISTRATION, RELAPSED_ON, **REGISTERED),
        a_draft("relapse_diagnosed", RELAPSED_ON, **ISOLATED_MARROW),
        a_draft("protocol_chosen", RELAPSED_ON, protocol="all-rez-bfm-2002", strategy="BFM_2002"),
        a_draft("block_started", after_relapse(3), element="R1"),
        a_draft("block_completed", after_relapse(8)),
        *more,
    ]


def test_a_course_without_remarks_waits_for_nobody() -> None:
    report = imported(a_course())
    assert report.unconfirmed == 0
    assert [row.reason for row in report.rows] == [None] * 5


def test_a_result_in_doubt_waits_and_is_used_for_nothing() -> None:
    report = imported(a_course(a_draft("mrd_reported", after_relapse(20), **result(9))))
    row = report.rows[-1]
    assert (report.unconfirmed, row.outcome, row.unconfirmed) == (1, "accepted", True)
    assert row.reason == (
        "timepoint_in_doubt: no attempt of course 1 has a second block on file; "
        "it is used for nothing until a clinician confirms it"
    )
    assert json.loads(row.to_json())["unconfirmed"] is True


def test_a_decision_without_its_mrd_waits_and_counts() -> None:
    response = a_draft("response_assessed", after_relapse(10))
    report = imported(a_course(response, a_draft("consolidation_decided", after_relapse(12), decision="hsct")))
    assert report.unconfirmed == 1
    assert report.rows[-1].reason == "mrd_needed: it counts and waits for a clinician's countersignature"
