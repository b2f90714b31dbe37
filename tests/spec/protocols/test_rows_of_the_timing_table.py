"""Where each row of the table of timing rules stands (TR-001 to TR-068), by its scope and hardness."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from re import findall, fullmatch

import pytest

from workflow.knowledge.contradictions import CONTRADICTIONS
from workflow.knowledge.rules_of_no_protocol import RULES_OF_NO_PROTOCOL
from workflow.knowledge.timing_cuts import BFM_EARLY, BFM_VERY_EARLY, COG_EARLY, COG_VERY_EARLY, PDQ_EARLY
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocol

BFM = frozenset({"all-rez-bfm-90", "all-rez-bfm-95", "all-rez-bfm-2002"})
B95, B2002, UK, COG = "all-rez-bfm-95", "all-rez-bfm-2002", "ukall-r3", "cog-aall01p2"
BLOCKS = BFM | {UK, COG}
RR, MRD = "blinatumomab-rr", "blinatumomab-mrd"
SALVAGE = frozenset({RR, "inotuzumab", "nelarabine", "clofarabine", "liposomal-vincristine", "bortezomib-reinduction"})
# rule: what it is, and in which protocols
STANDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "TR-001": {"window": BFM},
    "TR-003": {"stated": BFM},  # not said whether from the end or the start
    "TR-004": {"window": BFM},
    "TR-005": {"stated": frozenset({B95})},  # no number
    "TR-006": {"window": frozenset({B95}), "individual decision": frozenset({B95})},
    # "any"; a window where the protocol has no point of its own for the marrow
    "TR-007": {"window": frozenset({"all-rez-bfm-90", B95}), "stated": frozenset({B2002, UK, COG}) | SALVAGE},
    "TR-008": {"stated": BLOCKS},
    "TR-009": {"window": frozenset({COG})},
    "TR-010": {"window": frozenset({COG})},
    "TR-011": {"stated": frozenset({B95, B2002, UK})},  # study weeks: information, no tasks
    "TR-012": {"stated": frozenset({B95, B2002, UK})},
    "TR-013": {"window": frozenset({B95, B2002})},
    "TR-014": {"window": frozenset({UK})},
    "TR-015": {"window": frozenset({UK})},
    "TR-016": {"window": BLOCKS},
    "TR-017": {"stated": BLOCKS},  # no time point for the diagnosis of the relapse, no frequency
    "TR-018": {"stated": BLOCKS},  # descriptive
    "TR-019": {"window": BLOCKS},
    "TR-020": {"stated": BLOCKS},  # no number
    "TR-021": {"window": BFM},
    "TR-022": {"stated": frozenset({COG})},  # for information, of late B-cell precursor marrow relapse alone
    "TR-023": {"window": BFM},
    "TR-024": {"stated": BLOCKS},
    "TR-025": {"stated": BLOCKS},  # doses: for display
    "TR-026": {"stated": BLOCKS},
    "TR-027": {"stated": BLOCKS},
    "TR-028": {"stated": BFM},
    "TR-029": {"stated": BLOCKS},
    "TR-030": {"stated": BFM},
    "TR-031": {"stated": BLOCKS},
    "TR-032": {"stated": BLOCKS},
    "TR-040": {"window": frozenset({RR})},
    "TR-041": {"window": frozenset({RR})},
    "TR-042": {"stated": frozenset({RR})},
    "TR-043": {"cap": frozenset({RR})},
    "TR-044": {"window": frozenset({MRD})},
    "TR-045": {"cap": frozenset({MRD})},
    "TR-047": {"stated": frozenset({"inotuzumab"})},
    "TR-048": {"window": frozenset({"inotuzumab"})},
    "TR-049": {"stated": frozenset({"nelarabine"})},
    "TR-050": {"window": frozenset({"nelarabine"})},
    "TR-051": {"window": frozenset({"liposomal-vincristine"})},
    "TR-052": {"window": frozenset({"clofarabine"})},
    "TR-053": {"stated": frozenset({COG})},  # studied on that platform, not pursued further
    "TR-054": {"stated": frozenset({COG})},
    "TR-055": {"stated": frozenset({"bortezomib-reinduction"})},
    "TR-057": {"stated": frozenset({"all-rez-bfm-90"})},
    "TR-058": {"stated": frozenset({B95})},
    "TR-061": {"stated": BLOCKS},
}
LIMITS_OF_CLASSES = {cut.rule for cut in (BFM_VERY_EARLY, BFM_EARLY, COG_VERY_EARLY, COG_EARLY, PDQ_EARLY)}
# What a text must carry of its row's numbers and sources.
CARRIES = {
    "TR-003": ("Two weeks", "5 to 7 days", "18 to 21 days"),
    "TR-007": ("within 4 weeks", "not a deadline"),
    "TR-008": ("28 to 31 days",),
    "TR-011": ("5 weeks", "no task"),
    "TR-012": ("12 to 13 weeks", "84 to 91 days", "no task"),
    "TR-018": ("about 3 months", "neither a target nor a latest day"),
    "TR-022": ("from 36 months", "2 years"),
    "TR-025": ("24 Gy to the cranium", "15 Gy to the spine", "18 or 24 Gy", "C49"),
    "TR-026": ("18 Gy", "78 %", "52 %", "18 months", "C49"),
    "TR-027": ("15 Gy", "C49"),
    "TR-028": ("1989", "late isolated marrow", "C39"),
    "TR-029": ("both testes with 24 Gy", "C48"),
    "TR-030": ("15 to 18 Gy", "24 Gy", "C48"),
    "TR-031": ("neither irradiation nor surgery", "C48"),
    "TR-053": ("14 days", "four doses", "360 mg/m2", "twice weekly"),
    "TR-054": ("four weekly doses", "360 mg/m2"),
    "TR-057": ("1 g/m2 over 36 hours", "5 g/m2 over 24 hours"),
    "TR-058": ("8 months",),
    "TR-061": ("11 %", "15 years"),
}


def newest() -> Iterator[Protocol]:
    for protocol_id in shipped().ids:
        protocol = shipped().named(protocol_id)
        assert protocol is not None
        yield protocol


def row_of(rule: str) -> str:
    """Return the row of the table that a rule comes from: TR-010 of TR-010-BLOCK_2."""
    return rule[: len("TR-000")]


def found() -> Mapping[str, Mapping[str, frozenset[str]]]:
    where: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for protocol in newest():
        stand = [("window", window.rule) for window in protocol.windows]
        stand += [("stated", said.rule) for said in protocol.stated]
        stand += [("cap", cap.rule) for cap in protocol.caps]
        if protocol.individual_decision is not None:
            stand.append(("individual decision", protocol.individual_decision.rule))
        for kind, rule in stand:
            if rule.startswith("TR-"):
                where[row_of(rule)][kind].add(protocol.id)
    return {rule: {kind: frozenset(ids) for kind, ids in kinds.items()} for rule, kinds in where.items()}


def test_every_row_stands_somewhere_or_has_a_reason_why_not() -> None:
    assert sorted((*STANDS, *LIMITS_OF_CLASSES, *RULES_OF_NO_PROTOCOL)) == [
        f"TR-{number:03}" for number in range(1, 69)
    ]


@pytest.mark.parametrize("rule", STANDS)
def test_a_row_stands_in_the_protocols_of_its_scope_and_in_no_other(rule: str) -> None:
    assert found().get(rule) == STANDS[rule]


@pytest.mark.parametrize("rule", [*sorted(LIMITS_OF_CLASSES), *RULES_OF_NO_PROTOCOL])
def test_a_row_with_a_reason_why_not_stands_in_no_protocol(rule: str) -> None:
    assert rule not in found()


@pytest.mark.parametrize("rule", RULES_OF_NO_PROTOCOL)
def test_a_row_of_no_protocol_says_why_with_its_source(rule: str) -> None:
    reason = RULES_OF_NO_PROTOCOL[rule]

    assert fullmatch(r"[A-Z0-9].*: .*\((?:000|002|003), .*\)\.", reason)
    assert set(findall(r"\bC\d\d\b", reason)) <= set(CONTRADICTIONS)


def test_the_survival_contrast_is_the_evidence_of_the_block_interval() -> None:
    quoting = {
        protocol.id
        for protocol in newest()
        if any("TR-002" in (window.first_interval_evidence or "") for window in protocol.windows)
    }
    assert quoting == BFM


def test_no_protocol_asks_for_a_second_csf_sample() -> None:
    assert [protocol.id for protocol in newest() if protocol.switches.second_csf_sample] == []


@pytest.mark.parametrize("rule", CARRIES)
def test_what_is_stated_carries_the_numbers_of_its_row(rule: str) -> None:
    texts = {
        said.text for protocol in newest() if protocol.id in BLOCKS for said in protocol.stated if said.rule == rule
    }

    (text,) = texts
    assert [part for part in CARRIES[rule] if part not in text] == []


@pytest.mark.parametrize("protocol", list(newest()), ids=lambda protocol: protocol.id)
def test_what_is_stated_names_its_row_among_its_sources(protocol: Protocol) -> None:
    rows = [said for said in protocol.stated if said.rule.startswith("TR-")]

    assert [said.rule for said in rows if row_of(said.rule) not in said.source] == []
