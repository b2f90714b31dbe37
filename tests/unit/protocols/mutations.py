"""Mistakes that people make in a protocol, as changes to the shipped ones, with what must be said of each."""

from dataclasses import dataclass

PROTOCOL = "protocol.toml"
EXAMPLES = "examples.toml"


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One mistake: every `old` of a shipped file becomes `new`, and `check` answers at `key` with `said`.

    `line` stands in the line that is named, so that the place is checked without counting lines by hand.
    """

    name: str
    of: str
    old: str
    new: str
    key: str
    line: str
    said: str
    file: str = PROTOCOL


CYCLE_ROW = '[[sequence]]\nafter = "CYCLE"\nthen = ["CYCLE"]\nsource = "003, blinatumomab [35,36]"\n\n'
BLOCK_ROW = '[[sequence]]\nafter = "BLOCK_3"\nthen = ["BLOCK_2"]\nsource = "002, Reinduction [28]"\n\n'
EXTRA = '[[elements]]\ncode = "EXTRA"\nlabel = "Extra"\nsource = "002, Reinduction [30]"\n\n'
MAINTENANCE = 'expects = [{ facts = ["maintenance_completed"] }]'

MUTATIONS = (
    Mutation(
        name="unreachable element",
        of="cog-aall01p2",
        old='then = ["BLOCK_3"]',
        new='then = ["BLOCK_1"]',
        key="elements[2].code",
        line='code = "BLOCK_3"',
        said="the sequence never comes to BLOCK_3; from START it leads to BLOCK_1, BLOCK_2 only",
    ),
    Mutation(
        name="trap after the cap",
        of="blinatumomab-rr",
        old='[[caps]]\nrule = "TR-043"\nelements = ["CYCLE"]\nmost = 5',
        new=f'{CYCLE_ROW}[[caps]]\nrule = "TR-043"\nelements = ["CYCLE"]\nmost = 1',
        key="sequence[0].then",
        line='then = ["CYCLE"]',
        said="CYCLE is a trap: only CYCLE may follow, and TR-043 allows 1 of CYCLE",
    ),
    Mutation(
        name="a number beyond the cap",
        of="blinatumomab-rr",
        old='element = "CYCLE"\ndrug',
        new='element = "CYCLE_6"\ndrug',
        key="doses[0].element",
        line='element = "CYCLE_6"',
        said="CYCLE_6 can never be given: TR-043 allows 5 of CYCLE",
    ),
    Mutation(
        name="late for what the cap refuses",
        of="blinatumomab-rr",
        old="hard_min_days = 42\n",
        new="latest_days = 49\nhard_min_days = 42\n",
        key="windows[2].latest_days",
        line="latest_days = 49",
        said="after CYCLE_5 TR-041-START would be late for a start that TR-043 refuses",
    ),
    Mutation(
        name="window never met",
        of="all-rez-bfm-90",
        old=f'{MAINTENANCE}\nlatest_months = 24\nclosed_by = ["consolidation_decided"]',
        new=f"{MAINTENANCE.replace('maintenance_completed', 'reinduction_failed')}\nlatest_months = 24\n"
        'closed_by = ["consolidation_decided", "block_started"]',
        key="windows[5].expects[0].facts",
        line="reinduction_failed",
        said="TR-021 can never be met: from maintenance_started no way leads to reinduction_failed before "
        "block_started, consolidation_decided, maintenance_started closes it",
    ),
    Mutation(
        name="minimum beyond another's latest",
        of="all-rez-bfm-90",
        old="earliest_days = 4\nlatest_days = 6",
        new="earliest_days = 22\nlatest_days = 24",
        key="windows[1].earliest_days",
        line="earliest_days = 22",
        said="whoever keeps to earliest_days = 22 of TR-004 is late by TR-001: at least 22 days, at most 21",
    ),
    Mutation(
        name="unknown element",
        of="ukall-r3",
        old='anchor_elements = ["BLOCK_3"]',
        new='anchor_elements = ["BLOK_3"]',
        key="windows[1].anchor_elements[0]",
        line='"BLOK_3"',
        said="BLOK_3 is not an element of this protocol, did you mean BLOCK?; allowed: BLOCK",
    ),
    Mutation(
        name="group of the wrong scheme",
        of="all-rez-bfm-95",
        old='rule = "TR-006"\nrisk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }',
        new='rule = "TR-006"\nrisk = { scheme = "ALL_REZ_BFM_95", groups = ["HR"] }',
        key="individual_decision.risk.groups[0]",
        line='groups = ["HR"]',
        said="HR is no group of ALL_REZ_BFM_95; allowed: groups of ALL_REZ_BFM_95: S1, S2, S3, S4",
    ),
    Mutation(
        name="rule without source",
        of="blinatumomab-mrd",
        old='source = "003, blinatumomab for MRD [37]: 14 days free; TR-044"',
        new='source = "TR-044"',
        key="windows[2].source",
        line='source = "TR-044"',
        said="names no citation, only a rule",
    ),
    Mutation(
        name="rule without example",
        of="cog-aall01p2",
        old='rule = "TR-019"',
        new='rule = "TR-019-NEW"',
        key="windows[4].rule",
        line='rule = "TR-019-NEW"',
        said="no example expects a window of TR-019-NEW",
    ),
    Mutation(
        name="cap without example",
        of="blinatumomab-rr",
        file=EXAMPLES,
        old='answer = "cap_reached", rule = "TR-043"',
        new='answer = "accepted"',
        key="caps[0].most",
        line="most = 5",
        said="no example shows TR-043 one beyond its limit: number 6, refused",
    ),
    Mutation(
        name="cap not shown at its limit",
        of="blinatumomab-mrd",
        old="most = 4",
        new="most = 5",
        key="caps[0].most",
        line="most = 5",
        said="no example shows TR-045 at its limit: number 5 of CYCLE, accepted",
    ),
    Mutation(
        name="minimum without example",
        of="all-rez-bfm-95",
        file=EXAMPLES,
        old='answer = "too_early"',
        new='answer = "accepted"',
        key="windows[0].hard_min_days",
        line="hard_min_days = 14",
        said="no example shows the last day before the minimum of TR-001, refused",
    ),
    Mutation(
        name="decision without example",
        of="all-rez-bfm-95",
        file=EXAMPLES,
        old='answer = "individual_decision_needed", rule = "TR-006"',
        new='answer = "accepted"',
        key="individual_decision.rule",
        line='rule = "TR-006"',
        said="no example shows TR-006 refused: a start in S4 without the decision to go on",
    ),
    Mutation(
        name="branch without example",
        of="all-rez-bfm-2002",
        old='anchor = "donor_search_started"',
        new='anchor = "donor_search_started"\nrisk = { scheme = "BFM", groups = ["HR"] }',
        key="windows[4].risk",
        line='groups = ["HR"]',
        said="no example shows a patient outside HR, for whom TR-019 opens no window",
    ),
    Mutation(
        name="branch of the sequence without example",
        of="cog-aall01p2",
        old='then = ["BLOCK_1"]',
        new='then = ["BLOCK_1"]\nrisk = { scheme = "BFM", groups = ["HR"] }',
        key="sequence[0].risk",
        line='groups = ["HR"]',
        said="no example shows what comes after START outside HR",
    ),
    Mutation(
        name="decision never shown passed",
        of="all-rez-bfm-95",
        file=EXAMPLES,
        old="continue = true",
        new="continue = false",
        key="individual_decision.rule",
        line='rule = "TR-006"',
        said="no example shows TR-006 passed: a start accepted after block_decision, continue = true",
    ),
    Mutation(
        name="row without example",
        of="cog-aall01p2",
        old='[[mrd_points]]\ntimepoint = "END_BLOCK_1"',
        new=f'{BLOCK_ROW}[[mrd_points]]\ntimepoint = "END_BLOCK_1"',
        key="sequence[3].after",
        line='after = "BLOCK_3"',
        said="no example goes from BLOCK_3 to BLOCK_2",
    ),
    Mutation(
        name="element without example",
        of="ukall-r3",
        old='[[elements]]\ncode = "BLOCK"',
        new=f'{EXTRA}[[elements]]\ncode = "BLOCK"',
        key="elements[0].code",
        line='code = "EXTRA"',
        said="no example starts EXTRA",
    ),
    Mutation(
        name="condition never shown met",
        of="blinatumomab-rr",
        file=EXAMPLES,
        old='data = { protocol = "blinatumomab-rr" }, answer = "accepted", warnings = []',
        new='data = { protocol = "blinatumomab-rr" }, answer = "accepted", warnings = ["eligibility_not_met"]',
        key="eligibility[0].asks",
        line='asks = "B-cell ALL"',
        said="no example shows a patient for whom the conditions hold",
    ),
    Mutation(
        name="departure without example",
        of="cog-aall01p2",
        file=EXAMPLES,
        old='warnings = ["out_of_sequence"]',
        new="warnings = []",
        key="sequence",
        line="[[sequence]]",
        said="no example departs from the sequence",
    ),
    Mutation(
        name="condition never shown unmet",
        of="blinatumomab-rr",
        file=EXAMPLES,
        old='"eligibility_not_met"',
        new='"eligibility_unknown"',
        key="eligibility[0].asks",
        line='asks = "B-cell ALL"',
        said="0 of 2 conditions are shown unmet",
    ),
    Mutation(
        name="blinatumomab in mg",
        of="blinatumomab-mrd",
        old='unit = "mcg/m2/day"',
        new='unit = "mg/m2/day"',
        key="doses[0].unit",
        line='unit = "mg/m2/day"',
        said="in mg/m2/day it is the known misprint, a thousandfold (C44); allowed: mcg/m2/day, mcg/day",
    ),
    Mutation(
        name="0.01 % as 1e-3",
        of="cog-aall01p2",
        old="cutoff = 0.0001",
        new="cutoff = 0.001",
        key="mrd_points[0].cutoff",
        line="cutoff = 0.001",
        said="0.001 is not 0.01 %: 0.01 % is 0.0001 of all cells (C22)",
    ),
)
