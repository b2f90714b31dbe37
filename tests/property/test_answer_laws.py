"""What the core tells of itself is true: next steps agree with recording, and proofs can be checked by hand."""

import re
from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.facts import PatientFile
from tests.property.histories import a_readable_draft, histories, last_day
from workflow.domain.chart import TRIGGERS
from workflow.rules.explain import explain
from workflow.rules.judgement import Accepted
from workflow.rules.next_steps import next_steps

DIFFERENCE = re.compile(r"(\d{4}-\d\d-\d\d) − (\d{4}-\d\d-\d\d) = (-?\d+) d")
SUM = re.compile(r"(\d{4}-\d\d-\d\d) \+ (\d+) d = (\d{4}-\d\d-\d\d)")


@settings(max_examples=80)
@given(histories(10), st.sampled_from(TRIGGERS), st.data())
def test_what_is_recorded_was_offered_and_leads_where_it_was_said_to_lead(
    file: PatientFile, fact_type: str, data: st.DataObject
) -> None:
    file.today = last_day(file) + timedelta(days=1)
    step = next(step for step in next_steps(file.state, file.today, file.protocols) if step.type == fact_type)
    draft = a_readable_draft(data.draw, fact_type, file.today)
    assume(draft is not None)
    assert draft is not None
    outcome = file.propose(draft)

    if isinstance(outcome, Accepted):
        other_attempt = getattr(draft.data, "attempt", None)
        assert step.allowed or draft.override is not None or other_attempt
        assert outcome.after.state in step.leads_to
    elif step.allowed:
        # Booking is always possible; what is booked meets the gates of its own step.
        assert outcome.code != "too_early" or fact_type == "appointment_booked"
        assert outcome.code not in {"relapse_without_remission", "mrd_needed"}


@settings(max_examples=40)
@given(histories())
def test_every_line_of_every_proof_holds(file: PatientFile) -> None:
    as_of = last_day(file)
    for window in file.state.windows:
        proof = explain(file.state, window.id, as_of, file.protocols)
        assert proof is not None
        assert (proof.verdict, proof.status) == (window.verdict(as_of), window.status(as_of))
        assert proof.source
        assert proof.protocol_sha256
        for line in proof.arithmetic:
            for later, earlier, days in DIFFERENCE.findall(line):
                assert (date.fromisoformat(later) - date.fromisoformat(earlier)).days == int(days)
            for start, days, end in SUM.findall(line):
                assert (date.fromisoformat(end) - date.fromisoformat(start)).days == int(days)
            assert DIFFERENCE.search(line) or SUM.search(line) or "calendar months" in line
