"""The page of the risk groups: every cell of every scheme with its proof."""

from collections.abc import Iterator

from workflow.domain.switches import AS_MOST_SOURCES
from workflow.knowledge.risk_tables import SCHEMES, SITES, Scheme
from workflow.knowledge.table_6 import FLOW_AFTER_BLOCK_1, TABLE_6
from workflow.knowledge.timing_cuts import BFM_EARLY, BFM_VERY_EARLY
from workflow.services.reference.blocks import Block, Heading, Page, Paragraph, Table, Words, spans
from workflow.services.reference.cells import (
    SCHEMES_PAGE,
    SITE_WORDS,
    STATUS_WORDS,
    TIMING_WORDS,
    contradictions,
    rule,
)
from workflow.services.reference.rows import decision_rows

_LEAD = (
    "A first relapse is read under every scheme side by side. A group says nothing without its scheme: SR of one is IR "
    "of another. From the second relapse on there are no groups. Very early, early and late are the classes of BFM; "
    "their limits: "
)
_TABLE_6 = "COG Table 6"
_TABLE_6_LEAD = (
    "COG divides by lineage, site, early or late, and residual disease, without naming groups. “Marrow” is printed "
    "once and applied to isolated and combined relapses; early and late are printed without their months, and read by "
    f"the cut of {AS_MOST_SOURCES.table_6_late_from_months} months unless a protocol says otherwise. The MRD result "
    f"that counts: {FLOW_AFTER_BLOCK_1.words}."
)


def schemes_page() -> Page:
    """Return the page of the risk schemes and of Table 6."""
    schemes = (block for scheme in SCHEMES for block in _scheme(scheme))
    table_6 = (Heading(2, _TABLE_6), Paragraph(_TABLE_6_LEAD), decision_rows("Rows of COG Table 6", TABLE_6))
    return Page(
        name=SCHEMES_PAGE,
        title="Risk schemes",
        about="which group a first relapse has under each scheme, cell by cell, and COG Table 6",
        blocks=(Paragraph((_LEAD, rule(BFM_VERY_EARLY.rule), ", ", rule(BFM_EARLY.rule), ".")), *schemes, *table_6),
    )


def _scheme(scheme: Scheme) -> Iterator[Block]:
    yield Heading(2, scheme.id)
    touched = spans(contradictions(scheme.contradictions))
    whole = (" Touching the whole table: ", *touched, ".") if touched else ()
    yield Paragraph((f"Source: {scheme.source}.", *whole))
    yield Table(
        f"Groups of {scheme.id}",
        ("when", "phenotype", *(SITE_WORDS[site] for site in SITES)),
        tuple((TIMING_WORDS[when], phenotype, *groups) for (when, phenotype), groups in scheme.grid.items()),
    )
    yield Table(
        f"Every cell of {scheme.id}",
        ("when", "phenotype", "site", "group", "how sure", "source", "note", "contradictions"),
        tuple(_cells(scheme)),
    )


def _cells(scheme: Scheme) -> Iterator[tuple[Words, ...]]:
    for when, phenotype in scheme.grid:
        for site in SITES:
            cell = scheme.cell(when, site, phenotype)
            own = [one for one in cell.contradictions if one not in scheme.contradictions]
            yield (
                TIMING_WORDS[when],
                phenotype,
                SITE_WORDS[site],
                cell.group,
                STATUS_WORDS[cell.status],
                "; ".join(cell.sources),
                cell.note,
                contradictions(own),
            )
