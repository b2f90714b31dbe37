"""Everything of the tables that decides a stored classification, as one text: whoever changes it changes its hash."""

from workflow.domain.facts.findings import M1_BELOW_PERCENT
from workflow.domain.switches import AS_MOST_SOURCES
from workflow.knowledge.csf import CSF_ERYTHROCYTES_PER_UL, CSF_LEUCOCYTES_PER_UL, SECOND_SAMPLE_AFTER
from workflow.knowledge.marrow import M3_ABOVE_PERCENT
from workflow.knowledge.risk_tables import SCHEMES
from workflow.knowledge.statements import STATEMENTS
from workflow.knowledge.strategies import STRATEGIES
from workflow.knowledge.timing_cuts import BFM_EARLY, BFM_VERY_EARLY, COG_EARLY, COG_VERY_EARLY, PDQ_EARLY


def tables_in_full() -> str:
    """Return the tables as text, the same in every process; what is a function in them is named by its row alone."""
    limits = (
        M1_BELOW_PERCENT,
        M3_ABOVE_PERCENT,
        CSF_LEUCOCYTES_PER_UL,
        CSF_ERYTHROCYTES_PER_UL,
        SECOND_SAMPLE_AFTER,
    )
    cuts = (BFM_VERY_EARLY, BFM_EARLY, COG_VERY_EARLY, COG_EARLY, PDQ_EARLY)
    statements = tuple((row.id, row.strategy, row.says, row.condition) for row in STATEMENTS)
    return repr((limits, cuts, AS_MOST_SOURCES, SCHEMES, dict(STRATEGIES), statements))
