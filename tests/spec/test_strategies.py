"""What follows remission by each strategy: every cell of their tables as printed, how sure it is, what disputes it."""

import pytest

from tests.spec.strategy_cases import STRATEGY_IDS, answer, mrd_for, relapse
from workflow.domain.case import Phenotype
from workflow.domain.facts.findings import RelapseSite
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.contradictions import CONTRADICTIONS
from workflow.knowledge.strategies import STRATEGIES

# Which row speaks (CD-…): of three, the first where MRD is negative, the second positive, the third not known.
CELLS = """
timing      site         phenotype  BFM_2002  UKALL_R3  I_BFM_FIG1  COG_TABLE6  PDQ_2014  APPROACH_001
very_early  isolated_em  BCP        5/2/4     12        16          29          34        35
very_early  combined_bm  BCP        6         12        16          17/18/19    31        35
very_early  isolated_bm  BCP        6         12        16          17/18/19    31        35
very_early  isolated_em  T          5/2/4     12        16          30          34        35
very_early  combined_bm  T          6         12        16          26/27/28    31        35
very_early  isolated_bm  T          6         12        16          26/27/28    31        35
early       isolated_em  BCP        3/2/4     10/9/11   13/14/15    29          34        35
early       combined_bm  BCP        3/2/4     10/9/11   13/14/15    17/18/19    31        35
early       isolated_bm  BCP        6         12        16          17/18/19    31        35
early       isolated_em  T          3/2/4     10/9/11   13/14/15    30          34        35
early       combined_bm  T          6         12        16          26/27/28    31        35
early       isolated_bm  T          6         12        16          26/27/28    31        35
late        isolated_em  BCP        1         8         13/14/15    23/24/25    34        36
late        combined_bm  BCP        3/2/4     10/9/11   13/14/15    20/21/22    32        36
late        isolated_bm  BCP        3/2/4     10/9/11   13/14/15    20/21/22    32        36
late        isolated_em  T          1         8         13/14/15    30          34        36
late        combined_bm  T          6         12        16          26/27/28    33        36
late        isolated_bm  T          6         12        16          26/27/28    33        36
"""
ROWS = [line.split() for line in CELLS.strip().splitlines()[1:]]
# What each row decides, how sure its cell is, where it is printed, and which contradictions touch it.
SAYS = {
    1: ("CHEMO_MAINT", "explicit", "002, Post-remission therapy [20,26,29,31]", {"C28"}),
    2: ("HSCT", "explicit", "002, Post-remission therapy [31]; Risk stratification [42]", {"C22", "C24"}),
    3: ("CHEMO_MAINT", "explicit", "002, Post-remission therapy [31]; Risk stratification [42]", {"C22", "C24"}),
    4: ("NEED_MRD", "not_stated", "002, Post-remission therapy [31]; Risk stratification [42]", {"C22", "C24"}),
    5: ("CHEMO_MAINT", "conflict", "002, Post-remission therapy [20,40,41,77]", {"C29", "C31"}),
    6: ("HSCT", "explicit", "002, Post-remission therapy [20,26,29,33,38,42,69]", set[str]()),
    8: ("CHEMO_MAINT", "conflict", "002, Reinduction [30]", {"C26"}),
    9: ("HSCT", "explicit", "002, Reinduction and Post-remission therapy [30]", {"C22", "C25", "C26"}),
    10: ("CHEMO_MAINT", "explicit", "002, Reinduction and Post-remission therapy [30]", {"C22", "C25", "C26"}),
    11: ("NEED_MRD", "not_stated", "002, Reinduction and Post-remission therapy [30]", {"C22", "C25", "C26"}),
    12: ("HSCT", "conflict", "002, Reinduction [30]", {"C26"}),
    13: ("CHEMO_MAINT", "inferred", "002, Figure 1", {"X4"}),
    14: ("HSCT", "inferred", "002, Figure 1", {"X4"}),
    15: ("NEED_MRD", "not_stated", "002, Figure 1", {"X4"}),
    16: ("HSCT", "inferred", "002, Figure 1", {"X4"}),
    17: ("HSCT", "explicit", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"C08", "C22"}),
    18: ("BRIDGE_HSCT", "explicit", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"C08", "C22"}),
    19: ("NEED_MRD", "not_stated", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"C08", "C22"}),
    20: ("CHEMO_MAINT", "explicit", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"C08", "C22"}),
    21: ("HSCT", "explicit", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"C08", "C22"}),
    22: ("NEED_MRD", "not_stated", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"C08", "C22"}),
    23: ("CHEMO_MAINT", "explicit", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"C08", "C22"}),
    24: ("HSCT", "explicit", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"C08", "C22"}),
    25: ("NEED_MRD", "not_stated", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"C08", "C22"}),
    26: ("HSCT", "inferred", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"X3", "C22"}),
    27: ("BRIDGE_HSCT", "inferred", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"X3", "C22"}),
    28: ("NEED_MRD", "not_stated", "002, Table 6 [29]; cut-off from 002, Table 2 [28]", {"X3", "C22"}),
    29: ("HSCT", "explicit", "002, Table 6 [29]", {"C08"}),
    30: ("HSCT", "inferred", "002, Table 6 [29]", {"X3"}),
    31: ("HSCT", "explicit", "004, Postreinduction therapy [30,31]", set[str]()),
    32: ("INDIVIDUAL", "explicit", "004, Postreinduction therapy [9,39-42]", {"C50"}),
    33: ("NOT_STATED", "not_stated", "004, Postreinduction therapy", set[str]()),
    34: ("NOT_STATED", "not_stated", "004, Postreinduction therapy", {"X6"}),
    35: ("HSCT", "explicit", "001, step 4", {"C92"}),
    36: ("NOT_STATED", "not_stated", "001, step 4", {"C50", "C92", "X6"}),
}
CONDITIONAL = {"HSCT", "CHEMO_MAINT", "BRIDGE_HSCT", "INDIVIDUAL"}
LEVELS = ("negative", "positive", "unknown")

EVERY_CELL = [
    (strategy, level, (timing, site, phenotype), int(rows[at % len(rows)]))
    for timing, site, phenotype, *cells in ROWS
    for strategy, cell in zip(STRATEGY_IDS, cells, strict=True)
    for rows in [cell.split("/")]
    for at, level in enumerate(LEVELS)
]


@pytest.mark.parametrize(("strategy", "level", "kind", "row"), EVERY_CELL)
def test_every_cell_of_every_strategy(
    strategy: Strategy, level: str, kind: tuple[str, RelapseSite, Phenotype], row: int
) -> None:
    case = relapse(*kind, mrd=mrd_for(strategy, level))
    recommendation, because = answer(case, strategy)
    decision, status, source, contradictions = SAYS[row]

    assert (recommendation.decision, recommendation.rule) == (decision, f"CD-{row:03}")
    assert recommendation.conditional_on == ("CR2" if decision in CONDITIONAL else None)
    assert (because.rule, because.status, because.source) == (f"CD-{row:03}", status, source)
    assert because.about == f"recommendation.{strategy}"
    assert set(because.contradictions) == contradictions


def test_every_contradiction_that_a_row_names_is_known() -> None:
    named = {known for table in STRATEGIES.values() for row in table.rows for known in row.contradictions}

    assert named <= set(CONTRADICTIONS)


def test_no_row_of_the_strategies_stands_there_without_a_cell_that_shows_it() -> None:
    after_failure = {table.after_failure.id for table in STRATEGIES.values() if table.after_failure}
    carried = {row.id for table in STRATEGIES.values() for row in table.rows}

    assert carried == {f"CD-{row:03}" for row in SAYS}
    assert carried | after_failure == {f"CD-{row:03}" for row in range(1, 38)}
