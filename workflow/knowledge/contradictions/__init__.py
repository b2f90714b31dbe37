"""The places where the published sources contradict themselves or each other, and how each is read here."""

from collections.abc import Mapping

from workflow.knowledge.contradictions.consolidation import CONSOLIDATION
from workflow.knowledge.contradictions.contradiction import Contradiction
from workflow.knowledge.contradictions.extraction import EXTRACTION
from workflow.knowledge.contradictions.outcomes import OUTCOMES
from workflow.knowledge.contradictions.risk import RISK
from workflow.knowledge.contradictions.sites import SITES
from workflow.knowledge.contradictions.therapy import THERAPY
from workflow.knowledge.contradictions.timing import TIMING
from workflow.knowledge.contradictions.units import UNITS

# In the order in which a reader meets them: what is measured, when, where, how grave, what follows.
CONTRADICTIONS: Mapping[str, Contradiction] = {
    contradiction.id: contradiction
    for contradiction in (
        *UNITS,
        *TIMING,
        *SITES,
        *RISK,
        *CONSOLIDATION,
        *THERAPY,
        *OUTCOMES,
        *EXTRACTION,
    )
}
