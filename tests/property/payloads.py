"""Data of every fact type as people might send it, for laws that hold whatever they send."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from tests.facts import DIAGNOSED_ON, LEAST
from workflow.domain.facts.findings import RelapseSite, TestisState
from workflow.domain.facts.response import MrdMethod, MrdTimepoint
from workflow.domain.facts.treatment import Strategy
from workflow.domain.reasons import BlockEnd, CauseCode

Data = st.SearchStrategy[dict[str, Any]]
SOME_DAYS = st.integers(0, 40)
ELEMENTS = st.sampled_from(["R1", "R2", "F1", "NOT_LISTED"])
COUNTS = st.one_of(st.integers(0, 10**6), st.floats(0, 1e6), st.sampled_from(["0", "12.50", "1e3"]))
PERCENTS = st.one_of(st.integers(0, 100), st.floats(0, 100), st.sampled_from(["4.99", "5", "25.0", "100"]))
MAYBE = st.none() | st.booleans()
WORDS = st.sampled_from(["fever", "no bed", "Knochenmark spät erholt", "家族", "a" * 80])
TESTIS = st.fixed_dictionaries(dict.fromkeys(("left", "right"), st.sampled_from(get_args(TestisState))))
CSF = st.fixed_dictionaries(
    {},
    optional={
        "wbc_per_ul": COUNTS | st.none(),
        "blasts": MAYBE,
        "rbc_per_ul": COUNTS,
        "sampled_at": st.sampled_from(["2025-01-06T08:30:00+01:00", "2024-12-31T23:59:59.5Z"]),
    },
)
FINDINGS = st.fixed_dictionaries(
    {},
    optional={
        "marrow_blasts_percent": PERCENTS,
        "peripheral_blasts": MAYBE,
        "csf": CSF | st.none(),
        "cns_signs": MAYBE,
        "cns_mass": MAYBE,
        "testis": TESTIS,
        "other_em": st.lists(
            st.fixed_dictionaries({"site": WORDS, "biopsy": st.sampled_from(["positive", "negative", "not_done"])}),
            max_size=2,
        ),
    },
)
MRD_RESULTS = st.one_of(
    st.fixed_dictionaries({"unit": st.just("fraction"), "value": st.sampled_from(["0.0005", 0, 1, 0.001, "1e-5"])}),
    st.fixed_dictionaries({"unit": st.just("percent"), "below": st.sampled_from(["0.01", 0.05])}),
    st.fixed_dictionaries({"unit": st.just("log10"), "value": st.sampled_from([-4, "-3.5"])}),
    st.fixed_dictionaries({"result": st.sampled_from(["no_marker", "not_evaluable"])}),
)
TIMEPOINTS = st.sampled_from(get_args(MrdTimepoint))
METHODS = st.sampled_from(get_args(MrdMethod))
CAUSES = st.lists(
    st.fixed_dictionaries({"code": st.sampled_from(get_args(CauseCode))}, optional={"primary": st.booleans()}),
    max_size=3,
)


def _before(on: date) -> st.SearchStrategy[str]:
    return SOME_DAYS.map(lambda days: str(max(DIAGNOSED_ON, on - timedelta(days=days))))


def _after(on: date) -> st.SearchStrategy[str]:
    return SOME_DAYS.map(lambda days: str(on + timedelta(days=days)))


def _about_disease(on: date) -> Mapping[str, Data]:
    return {
        "relapse_diagnosed": st.fixed_dictionaries(
            {"relapse_site": st.sampled_from(get_args(RelapseSite))},
            optional={"findings": FINDINGS, "relapse_number": st.integers(1, 4)},
        ),
        "findings_recorded": FINDINGS,
        "response_assessed": st.fixed_dictionaries(
            {"marrow_blasts_percent": PERCENTS, "final": st.booleans()},
            optional={"peripheral_blasts": MAYBE, "wbc": COUNTS, "csf": CSF, "testis": TESTIS},
        ),
        "counts_recorded": st.fixed_dictionaries({}, optional={"sampled_on": _before(on), "anc": COUNTS}),
        "toxicity_recorded": st.fixed_dictionaries({"kind": WORDS}, optional={"grade": st.integers(1, 5)}),
        "mrd_sampled": st.fixed_dictionaries({"timepoint": TIMEPOINTS, "method": METHODS, "sample_on": _before(on)}),
        "mrd_reported": st.tuples(
            st.fixed_dictionaries({"timepoint": TIMEPOINTS, "method": METHODS, "sample_on": _before(on)}), MRD_RESULTS
        ).map(lambda parts: parts[0] | parts[1]),
        "mrd_not_available": st.fixed_dictionaries({"timepoint": TIMEPOINTS}),
    }


def _about_treatment(on: date) -> Mapping[str, Data]:
    return {
        "protocol_chosen": st.fixed_dictionaries(
            {"protocol": st.sampled_from(["all-rez-bfm-2002", "all-rez-bfm-2002@1", "all-rez-bfm-90"])},
            optional={
                "strategy": st.sampled_from(get_args(Strategy)),
                "acknowledged_flags": st.lists(WORDS, max_size=2),
            },
        ),
        "block_started": st.fixed_dictionaries({"element": ELEMENTS}, optional={"attempt": st.integers(1, 3)}),
        "block_completed": st.sampled_from(["as_planned", "modified", "stopped_early"]).map(lambda how: {"given": how}),
        "block_ended": st.fixed_dictionaries(
            {"element": ELEMENTS, "end": st.sampled_from(get_args(BlockEnd)), "reason": WORDS}
        ),
        "block_deferred": st.fixed_dictionaries(
            {}, optional={"causes": CAUSES, "review_on": _after(on), "until": _after(on), "element": ELEMENTS}
        ),
        "block_decision": st.fixed_dictionaries({"continue": st.booleans(), "reason": WORDS}),
        "consolidation_decided": st.sampled_from(["hsct", "chemotherapy", "bridging_then_hsct"]).map(
            lambda decision: {"decision": decision}
        ),
        "hsct_cancelled": st.fixed_dictionaries(
            {"reason": WORDS}, optional={"next": st.sampled_from(["chemotherapy", "individual", "palliative"])}
        ),
        "treatment_intent_changed": st.sampled_from(["curative", "palliative", "stopped"]).map(
            lambda intent: {"intent": intent}
        ),
        "delay_explained": st.fixed_dictionaries(
            {
                "window": st.integers(3, 20).map(lambda seq: f"1:TR-001:f{seq}"),
                "segments": st.lists(
                    st.fixed_dictionaries({"code": st.sampled_from(get_args(CauseCode)), "days": st.integers(1, 9)}),
                    min_size=1,
                    max_size=2,
                ),
            }
        ),
    }


def _about_care(on: date) -> Mapping[str, Data]:
    return {
        "confirmed": st.integers(2, 20).map(lambda seq: {"fact": f"f{seq}"}),
        "contact_recorded": _before(on).map(lambda day: {"on": day}),
        "appointment_booked": st.fixed_dictionaries(
            {"for": st.sampled_from(["mri", "block_started"]), "on": _after(on)}
        ),
        "site_changed": st.fixed_dictionaries(
            {"to": st.sampled_from(["berlin", "hamburg"])},
            optional={"role": st.sampled_from(["transfer", "shared_care"]), "until": _after(on)},
        ),
        "lost_to_follow_up": st.fixed_dictionaries({}, optional={"last_contact_on": _before(on), "reason": WORDS}),
        "note_added": WORDS.map(lambda text: {"text": text}),
    }


def data_of(fact_type: str, on: date) -> Data:
    """Return a strategy of raw data for a fact of this type and day; most of it can be read."""
    known = {**_about_disease(on), **_about_treatment(on), **_about_care(on)}
    return known.get(fact_type, st.just(dict(LEAST[fact_type])))
