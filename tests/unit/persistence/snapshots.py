"""Made-up snapshots and facts of every shape, for the laws of storage."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import get_args

from hypothesis import strategies as st

from workflow.domain.classification import (
    BfmTiming,
    Classification,
    CogSubclass,
    CogTiming,
    Decision,
    Group,
    PdqTiming,
    Recommendation,
    SchemeId,
    Site,
    Timing,
)
from workflow.domain.facts.fact import Fact, Override
from workflow.domain.facts.findings import Csf, Findings, OtherSite, RelapseSite, Testis, TestisState
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.registration import NoteAdded, PatientRegistered
from workflow.domain.facts.response import MrdReported, ResponseAssessed
from workflow.domain.facts.treatment import BlockDeferred, Cause, RelapseDiagnosed, Strategy
from workflow.domain.patient import (
    Block,
    BlockDecided,
    Conflict,
    ConsolidationDecision,
    Course,
    Deviation,
    DeviationKind,
    MrdOnFile,
    PatientState,
    StateChange,
)
from workflow.domain.windows import Window

days = st.dates(date(1990, 1, 1), date(2040, 1, 1))
codes = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1)
counts = st.integers(1, 99)
measures = st.floats(0, 1e6, allow_nan=False)
zones = st.integers(-12, 12).map(lambda hours: timezone(timedelta(hours=hours)))
instants = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds


def some(**parts: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Return any choice of these parts: what nobody said stays out."""
    return st.fixed_dictionaries({}, optional=parts)


csf = some(
    wbc_per_ul=measures,
    blasts=st.booleans(),
    rbc_per_ul=measures,
    sampled_at=st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=zones),  # noqa: DTZ001 -- bounds
).map(lambda parts: Csf(**parts))  # type: ignore[arg-type]
testis = st.builds(Testis, left=st.sampled_from(get_args(TestisState)), right=st.sampled_from(get_args(TestisState)))
other_sites = st.builds(OtherSite, site=codes, biopsy=st.sampled_from(["positive", "negative", "not_done"]))
findings = some(
    marrow_blasts_percent=st.floats(0, 100),
    peripheral_blasts=st.booleans() | st.none(),
    csf=csf | st.none(),
    cns_signs=st.booleans(),
    cns_mass=st.booleans(),
    testis=testis,
    other_em=st.lists(other_sites, max_size=3).map(tuple),
).map(lambda parts: Findings(**parts))  # type: ignore[arg-type]
registrations = st.builds(
    lambda optional, **required: PatientRegistered(**required, **optional),
    some(
        ph_status=st.sampled_from(["positive", "negative", "unknown"]),
        sex=st.sampled_from(["female", "male", "other"]) | st.none(),
        prior_hsct=st.booleans(),
        birth_date=st.dates(date(1980, 1, 1), date(1989, 12, 31)),
        frontline_ongoing=st.just(value=False) | st.none(),
    ),
    pseudonym=codes,
    site=codes,
    diagnosis_date=days,
    phenotype=st.sampled_from(["BCP", "T"]),
)
windows = st.builds(
    Window,
    rule=codes,
    course=counts,
    label=texts,
    anchor=counts,
    anchor_on=days,
    protocol=codes,
    expects=st.lists(codes, max_size=3).map(tuple),
    **{name: st.none() | days for name in ("hard_min_on", "earliest_on", "target_on", "latest_on")},
    **{name: st.none() | days for name in ("critical_from", "review_on", "ended_on", "paused_on", "changed_on")},
    interrupted_days=st.integers(0, 99),
    end=st.sampled_from(["met", "closed", None]),
    ended_by=st.none() | counts,
    ended_because=st.none() | texts,
    # What moves on the anchor's own day has never stood otherwise.
).filter(lambda window: window.changed_on != window.anchor_on)
blocks = st.builds(
    Block,
    fact=counts,
    element=codes,
    attempt=counts,
    started_on=days,
    phase=codes,
    ended_on=st.none() | days,
    ended=st.none() | codes,
)
maybe_code, maybe_day, maybe_truth = st.none() | codes, st.none() | days, st.none() | st.booleans()
decimals = st.sampled_from(["0.00050", "5E-4", "0", "1", "0.1", "0.000100"])
maybe_strategy = st.none() | st.sampled_from(get_args(Strategy))
some_codes = st.lists(codes, max_size=2).map(tuple)
recommendations = st.builds(
    Recommendation,
    decision=st.none() | st.sampled_from(get_args(Decision)),
    rule=maybe_code,
    conditional_on=st.sampled_from([None, "CR2"]),
)


def possible(kind: object) -> st.SearchStrategy[tuple[str, ...]]:
    """Return any choice of classes of one system, at least one."""
    return st.lists(st.sampled_from(get_args(kind)), min_size=1, max_size=3, unique=True).map(tuple)


timings = st.builds(
    Timing,
    bfm_possible=possible(BfmTiming),
    cog=st.sampled_from(get_args(CogTiming)),
    cog_subclass=st.sampled_from(get_args(CogSubclass)),
    pdq_possible=possible(PdqTiming),
    bfm_alternative=st.none() | st.sampled_from(get_args(BfmTiming)),
)
classifications = st.builds(
    Classification,
    site=st.sampled_from([*get_args(RelapseSite), *get_args(get_args(Site)[-1])]),
    timing=st.none() | timings,
    risk=st.dictionaries(st.sampled_from(get_args(SchemeId)), st.none() | st.sampled_from(get_args(Group))),
    recommendation=st.dictionaries(st.sampled_from(get_args(Strategy)), recommendations),
    gaps=some_codes,
    statements=some_codes,
    flags=some_codes,
)
results = st.builds(
    MrdOnFile,
    fact=counts,
    version=counts,
    result=st.builds(lambda value, on: MrdReported.model_validate(_mrd(value, on)), decimals, days),
    doubt=st.none() | texts,
    confirmed=st.booleans(),
)
responses = st.builds(
    lambda optional, **required: ResponseAssessed(**required, **optional),
    some(peripheral_blasts=st.booleans(), wbc=measures, csf=csf, testis=testis, em_disease=st.booleans()),
    marrow_blasts_percent=st.floats(0, 100),
    final=st.booleans(),
)
decisions = st.builds(
    ConsolidationDecision,
    fact=counts,
    on=days,
    decision=codes,
    strategy=maybe_strategy,
    recommended=st.none() | recommendations,
    agrees=maybe_truth,
    reason=maybe_code,
)
courses = st.builds(
    Course,
    number=counts,
    relapse_on=days,
    relapse_site=st.none() | st.sampled_from(get_args(RelapseSite)),
    findings=st.none() | findings,
    earlier_csf=st.lists(csf, max_size=2).map(tuple),
    extramedullary=some_codes,
    protocol=maybe_code,
    protocol_sha=maybe_code,
    strategy=maybe_strategy,
    acknowledged_flags=some_codes,
    attempt=counts,
    blocks=st.lists(blocks, max_size=3).map(tuple),
    had_remission=st.booleans(),
    was_in_remission=st.booleans(),
    in_remission=st.booleans(),
    assessment_final=maybe_truth,
    response=st.none() | responses,
    reinduction_failed=st.booleans(),
    decision=maybe_code,
    decided=st.none() | decisions,
    decided_before=st.lists(decisions, max_size=2).map(tuple),
    awaits=maybe_code,
    interrupted_on=maybe_day,
    interrupted_again_on=maybe_day,
    attempt_failed=st.booleans(),
    block_decision=st.none() | st.builds(BlockDecided, fact=counts, on=days, goes_on=st.booleans()),
    intensive_completed=st.booleans(),
    local_therapy_settled=st.booleans(),
    transplanted_on=maybe_day,
    mrd=st.lists(results, max_size=2).map(tuple),
    mrd_not_available=some_codes,
    classification=st.none() | classifications,
)
deviations = st.builds(
    Deviation,
    kind=st.sampled_from(get_args(DeviationKind)),
    fact=counts,
    occurred_on=days,
    window=maybe_code,
    days=st.none() | counts,
    days_past_latest=st.none() | counts,
    explained_days=counts,
    explained=st.booleans(),
)
snapshots = st.builds(
    PatientState,
    registration=registrations,
    state=codes,
    before=st.lists(codes, max_size=2).map(tuple),
    course=st.none() | courses,
    ended_courses=st.lists(courses, max_size=1).map(tuple),
    windows=st.lists(windows, max_size=3).map(tuple),
    earlier_windows=st.lists(windows, max_size=2).map(tuple),
    deviations=st.lists(deviations, max_size=2).map(tuple),
    unconfirmed=st.lists(counts, max_size=2).map(tuple),
    conflicts=st.lists(st.builds(Conflict, fact=counts, type=codes, occurred_on=days, state=codes), max_size=2).map(
        tuple
    ),
    trail=st.lists(st.builds(StateChange, on=days, state=codes, course=st.none() | counts), max_size=3).map(tuple),
    last_order=st.none() | st.tuples(counts, days, counts, counts),
    last_contact_on=maybe_day,
    owner=maybe_code,
    deputy=maybe_code,
)
payloads = st.one_of(
    registrations.map(lambda data: ("patient_registered", data)),
    texts.map(lambda text: ("note_added", NoteAdded(text=text[:4000]))),
    st.builds(lambda value, on: ("mrd_reported", read_payload("mrd_reported", _mrd(value, on))), decimals, days),
    st.booleans().map(lambda go: ("block_decision", read_payload("block_decision", {"continue": go, "reason": "x"}))),
    st.just(("block_deferred", BlockDeferred(causes=(Cause(code="infection", primary=True), Cause(code="family"))))),
    findings.filter(lambda found: bool(found.model_fields_set)).map(
        lambda found: ("relapse_diagnosed", RelapseDiagnosed(findings=found))
    ),
)
overrides = st.builds(Override, code=codes, reason=st.none() | texts, ordered_by=maybe_code)


def _mrd(value: str, on: date) -> dict[str, object]:
    return {"timepoint": "PRE_HSCT", "method": "PCR", "sample_on": on, "unit": "fraction", "value": value}


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Return a fact with any choice of what may stand beside its payload."""
    fact_type, data = draw(payloads)
    return Fact(
        seq=draw(counts),
        lineage=draw(counts),
        type=fact_type,
        occurred_on=draw(days),
        data=data,
        recorded_at=draw(instants),
        recorded_by=draw(codes),
        operation=draw(st.sampled_from(["record", "supersede", "void"])),
        target_seq=draw(st.none() | counts),
        certainty=draw(st.sampled_from(["exact", "estimated"])),
        note=draw(st.none() | texts),
        override=draw(st.none() | overrides),
        on_behalf_of=draw(maybe_code),
        external_id=draw(maybe_code),
        source_recorded_at=draw(st.none() | instants),
        protocol_sha=draw(maybe_code),
    )
