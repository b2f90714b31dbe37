"""Every pair of state and fact type does what the table beside says, written by hand from the domain model (§2)."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.facts import LEAST, OVERRIDE, PatientFile, a_draft
from tests.spec.chart_paths import ASKED_ON, Circumstances, reach
from workflow.domain.chart import ACTIVE, LIVING, STATES, TRANSITIONS, TRIGGERS
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.rules.judgement import Accepted
from workflow.rules.machine import GUARDS, fire

TABLE = Path(__file__).with_name("chart_table.csv")
REFUSED, STAYS, BEFORE, GATE = "refused", "stays", "before", "gate "
# In what the patient differs, by the words of the table's second column.
PATIENTS: Mapping[str, Circumstances] = {
    "without a course": Circumstances(course=False),
    "after a remission": Circumstances(early_remission=True),
    "no remission yet": Circumstances(marrow_blasts_percent=30),
    "last assessment not final": Circumstances(final=False),
    "intensive chemotherapy completed": Circumstances(intensive_completed=True),
    "local therapy indicated": Circumstances(relapse_site="combined_bm"),
    "hsct decided meanwhile": Circumstances(meanwhile=("consolidation_decided", "hsct")),
    "chemotherapy decided meanwhile": Circumstances(meanwhile=("consolidation_decided", "chemotherapy")),
    "bridging decided meanwhile": Circumstances(meanwhile=("consolidation_decided", "bridging_then_hsct")),
    "cancelled meanwhile for chemotherapy": Circumstances(meanwhile=("hsct_cancelled", "chemotherapy")),
    "cancelled meanwhile as individual": Circumstances(meanwhile=("hsct_cancelled", "individual")),
}
# In what the fact differs. In the chart's paths R2 runs in reinduction, R1 everywhere else.
FACTS: Mapping[str, Mapping[str, object]] = {
    "the awaited element": {"element": "R1", "end": "omitted", "reason": "organ toxicity"},
    "the running element, omitted": {"end": "omitted", "reason": "organ toxicity"},
    "the running element, ceased": {"end": "ceased", "reason": "organ toxicity"},
    "another element, ceased": {"element": "F2", "end": "ceased", "reason": "organ toxicity"},
    "hsct": {"decision": "hsct"},
    "chemotherapy": {"decision": "chemotherapy"},
    "bridging_then_hsct": {"decision": "bridging_then_hsct"},
    "next chemotherapy": {"reason": "no donor", "next": "chemotherapy"},
    "next individual": {"reason": "no donor", "next": "individual"},
    "next palliative": {"reason": "no donor", "next": "palliative"},
    "palliative": {"intent": "palliative"},
    "stopped": {"intent": "stopped"},
    "curative": {"intent": "curative"},
}
SAID_BY_THE_DEFAULT = {
    "",
    "in a course",
    "last assessment final",
    "nothing decided meanwhile",
    "local therapy not indicated",
}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def patient_for(row: Mapping[str, str], state: str) -> PatientFile:
    named = [PATIENTS[words] for words in row["when"].split("; ") if words in PATIENTS]
    return reach(state, *named)


def draft_for(row: Mapping[str, str], file: PatientFile) -> FactDraft:
    data = dict(LEAST[row["fact"]])
    for words in row["when"].split("; "):
        data = dict(FACTS.get(words, data))
    if row["fact"] == "block_ended" and "element" not in data:
        data["element"] = "R2" if file.state.state == "reinduction.block" else "R1"
    if row["fact"] == "delay_explained":
        late = [deviation.window for deviation in file.state.deviations if deviation.days_past_latest]
        data["window"] = late[0] if late else data["window"]
    gated = row["fact"] == "relapse_diagnosed"
    return a_draft(row["fact"], ASKED_ON, override=OVERRIDE if gated else None, **data)


def expected(cell: str, file: PatientFile) -> str:
    if cell == STAYS:
        return file.state.state
    return file.state.before[-1] if cell == BEFORE else cell.removeprefix(GATE)


def chart_says(file: PatientFile, draft: FactDraft) -> str:
    arrow = fire(file.state, draft.type, draft.data)
    return REFUSED if arrow is None else arrow.dest


def record_says(file: PatientFile, draft: FactDraft) -> str:
    outcome = file.propose(draft)
    if isinstance(outcome, Accepted):
        return outcome.after.state
    # Nothing was late yet in these: the chart has the arrow, the delay does not exist.
    if outcome.code == "no_such_delay" and not file.state.deviations:
        return file.state.state
    assert outcome.code == "not_possible_in_state"
    assert draft.type in outcome.detail
    return REFUSED


def row_name(row: Mapping[str, str]) -> str:
    return f"{row['fact']}: {row['when'] or 'always'}"


@pytest.mark.parametrize("row", rows(), ids=row_name)
def test_every_state_answers_a_fact_as_the_table_says(row: dict[str, str]) -> None:
    wanted, by_chart, by_record = {}, {}, {}
    for state in STATES:
        if row[state]:
            file = patient_for(row, state)
            draft = draft_for(row, file)
            wanted[state] = expected(row[state], file)
            by_chart[state] = chart_says(file, draft)
            by_record[state] = record_says(file, draft)

    assert by_chart == wanted
    assert by_record == wanted


def test_the_table_names_every_pair_of_state_and_fact_type() -> None:
    told = {(row["fact"], state) for row in rows() for state in STATES if row[state]}

    assert told == {(fact, state) for fact in TRIGGERS for state in STATES}
    assert len(told) == 44 * 21


def test_the_table_says_nothing_twice_and_only_what_the_tests_understand() -> None:
    named = [(row["fact"], row["when"]) for row in rows()]
    words = {word for row in rows() for word in row["when"].split("; ")}
    cells = {cell for row in rows() for name, cell in row.items() if name in STATES}

    assert len(named) == len(set(named))
    assert words <= {*PATIENTS, *FACTS, *SAID_BY_THE_DEFAULT}
    assert cells <= {"", STAYS, BEFORE, REFUSED, f"{GATE}second_relapse", *STATES}


@pytest.mark.parametrize("state", [state for state in STATES if state != "registered"])
def test_a_relapse_without_a_remission_is_asked_about_before_it_is_recorded(state: str) -> None:
    (row,) = (row for row in rows() if row["when"] == "no remission yet")
    if not row[state].startswith(GATE):
        assert row[state] in {"", REFUSED}
        return
    outcome = patient_for(row, state).propose(a_draft("relapse_diagnosed", ASKED_ON))

    assert isinstance(outcome, Refusal)
    assert outcome.code == "relapse_without_remission"


@pytest.mark.parametrize("state", ACTIVE)
@pytest.mark.parametrize("suspension", ["lost_to_follow_up", "withdrawn"])
def test_resumed_care_leads_back_to_the_state_before(state: str, suspension: str) -> None:
    file = reach(state)
    before = file.state
    file.add(suspension, ASKED_ON)
    file.add("care_resumed", ASKED_ON.replace(month=12))

    assert (file.state.state, file.state.before) == (state, before.before)
    assert file.state.course == before.course


@pytest.mark.parametrize("state", [state for state in LIVING if state != "palliative"])
@pytest.mark.parametrize("intent", ["palliative", "stopped"])
def test_curative_intent_leads_back_to_the_state_before(state: str, intent: str) -> None:
    file = reach(state)
    before = file.state
    file.add("treatment_intent_changed", ASKED_ON, intent=intent)
    file.add("treatment_intent_changed", ASKED_ON.replace(month=12), intent="curative")

    assert (file.state.state, file.state.before) == (state, before.before)
    assert file.state.course == before.course


def test_the_machine_agrees_with_a_plain_table_of_the_charts_data() -> None:
    arrows: dict[tuple[str, str], list[tuple[tuple[str, ...], str]]] = {}
    for arrow in TRANSITIONS:
        arrows.setdefault((arrow.source, arrow.fact), []).append((arrow.when, arrow.dest))
    disagreements = []
    for row in rows():
        for state in (state for state in STATES if row[state]):
            file = patient_for(row, state)
            for fact in TRIGGERS:
                draft = draft_for(row if row["fact"] == fact else {"fact": fact, "when": ""}, file)
                plain = REFUSED
                for when, dest in reversed(arrows.get((state, fact), [])):
                    parts = (name.partition(":") for name in when)
                    if all(GUARDS[name](file.state, draft.data, argument) for name, _, argument in parts):
                        plain = dest
                if plain != chart_says(file, draft):
                    disagreements.append((state, fact, row["when"]))

    assert disagreements == []
