"""Only what changed is written: the difference between two sets of spans, and a chain over the facts."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.persistence.snapshots import facts, windows
from workflow.domain.facts.fact import Fact
from workflow.domain.spans import StateSpan
from workflow.domain.windows import Window
from workflow.persistence.chain import GENESIS, fact_hash
from workflow.persistence.outcome import NewFact, Spans
from workflow.persistence.rows import chained, changed_spans

NOW = datetime(2024, 1, 1, tzinfo=UTC)
SECRET = b"a secret"
spans_of_states = st.builds(
    StateSpan,
    course=st.none() | st.integers(1, 2),
    state=st.sampled_from(["registered", "mrd_check"]),
    site_id=st.sampled_from(["north", "south"]),
    protocol=st.none() | st.just("all-rez-bfm-2002@1"),
    valid_from=st.dates(date(2024, 1, 1), date(2024, 1, 3)),
    valid_to=st.none() | st.dates(date(2024, 1, 2), date(2024, 1, 4)),
)
keyed_windows = st.lists(windows, max_size=4, unique_by=lambda window: (window.course, window.rule, window.anchor))


@given(st.lists(spans_of_states, max_size=4), st.lists(spans_of_states, max_size=4))
def test_closing_and_opening_lead_from_the_old_states_to_the_new(
    before: list[StateSpan], after: list[StateSpan]
) -> None:
    changed = changed_spans("p1", Spans(before, ()), Spans(after, ()), NOW)
    closed = {tuple(row[f"of_{name}"] for name in NAMES) for row in changed["closed_states"]}
    opened = {tuple(row[name] for name in NAMES) for row in changed["opened_states"]}
    stored = {tuple(getattr(span, name) for name in NAMES) for span in before}
    assert closed <= stored
    assert (stored - closed) | opened == {tuple(getattr(span, name) for name in NAMES) for span in after}
    assert not closed & opened


NAMES = ("course", "state", "site_id", "protocol", "valid_from", "valid_to")


@given(keyed_windows, keyed_windows, st.integers(0, 4))
def test_only_windows_that_changed_are_written(before: list[Window], other: list[Window], kept: int) -> None:
    kept_windows = [replace(window) if place % 2 else window for place, window in enumerate(before[:kept])]
    keys = {(window.course, window.rule, window.anchor) for window in kept_windows}
    after = [*kept_windows, *(new for new in other if (new.course, new.rule, new.anchor) not in keys)]
    changed = changed_spans("p1", Spans((), before), Spans((), after), NOW)
    closed = {(row["of_course"], row["of_rule"], row["of_anchor"]) for row in changed["closed_windows"]}
    opened = {(row["course"], row["rule"], row["anchor"]) for row in changed["opened_windows"]}
    assert not (closed | opened) & keys
    stored = {(window.course, window.rule, window.anchor) for window in before}
    assert (stored - closed) | opened == {(window.course, window.rule, window.anchor) for window in after}
    assert all(row["known_from"] == NOW and row["known_to"] is None for row in changed["opened_windows"])


@given(st.lists(facts(), min_size=1, max_size=4))
def test_every_fact_is_chained_to_the_one_before(recorded: list[Fact]) -> None:
    rows = chained("p1", [NewFact(fact) for fact in recorded], SECRET, prev_hash=GENESIS)
    before = GENESIS
    for row in rows:
        assert row["prev_hash"] == before
        assert row["hash"] == fact_hash(SECRET, before, row)
        before = row["hash"]
    assert len({row["hash"] for row in rows}) == len(rows)


@given(facts(), facts())
def test_another_fact_patient_or_secret_gives_another_hash(one: Fact, other: Fact) -> None:
    (row,) = chained("p1", [NewFact(one)], SECRET, prev_hash=GENESIS)
    (elsewhere,) = chained("p2", [NewFact(one)], SECRET, prev_hash=GENESIS)
    (forged,) = chained("p1", [NewFact(one)], b"another secret", prev_hash=GENESIS)
    (second,) = chained("p1", [NewFact(other)], SECRET, prev_hash=GENESIS)
    assert row["hash"] not in {elsewhere["hash"], forged["hash"]}
    same = {name: value for name, value in second.items() if name != "hash"} == {
        name: value for name, value in row.items() if name != "hash"
    }
    assert (row["hash"] == second["hash"]) == same
