"""COG's Table 6: lineage, site, early or late, and residual disease to what follows remission (002, Table 6 [29])."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from workflow.domain.case import Phenotype
from workflow.domain.classification import Decision, Site, Status
from workflow.knowledge.decision_table import MARROW, Row
from workflow.knowledge.mrd import MrdPoint

_TABLE = "002, Table 6 [29]"
_EM: tuple[Site, ...] = ("isolated_em",)

# The table names no time point; AALL01P2 found the end of block 1 (of the first month) prognostic (002 [28]).
FLOW_AFTER_BLOCK_1 = MrdPoint(
    methods=("FLOW",),
    timepoints=("END_BLOCK_1",),
    positive_from=Decimal("0.0001"),
    negative_below=Decimal("0.0001"),
)

_TREATMENT: dict[Decision, str] = {
    "HSCT": "transplant",
    "BRIDGE_HSCT": "bridging therapy, then transplant",
    "CHEMO_MAINT": "continuation therapy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One cell of the printed table; `ids` are the rows for MRD negative, positive and unknown, or for any."""

    meant: str
    ids: tuple[str, ...]
    phenotype: Phenotype
    sites: tuple[Site, ...]
    timing: tuple[Literal["early", "late"], ...]
    negative: Decision
    positive: Decision
    status: Status = "explicit"
    contradictions: tuple[str, ...] = ()


# "Marrow" is printed once, and read as isolated and combined. The lines of T-lineage lie interleaved in the text that
# we have: read as cells that early and late share (X3). Early and late are printed without their months (C08), and one
# sentence misprints the cut-off by ten (C22).
_CELLS = (
    _Cell(
        meant="B-lineage marrow relapse (isolated or combined), early",
        ids=("CD-017", "CD-018", "CD-019"),
        phenotype="BCP",
        sites=MARROW,
        timing=("early",),
        negative="HSCT",
        positive="BRIDGE_HSCT",
        contradictions=("C08", "C22"),
    ),
    _Cell(
        meant="B-lineage marrow relapse (isolated or combined), late",
        ids=("CD-020", "CD-021", "CD-022"),
        phenotype="BCP",
        sites=MARROW,
        timing=("late",),
        negative="CHEMO_MAINT",
        positive="HSCT",
        contradictions=("C08", "C22"),
    ),
    _Cell(
        meant="B-lineage isolated extramedullary relapse, late",
        ids=("CD-023", "CD-024", "CD-025"),
        phenotype="BCP",
        sites=_EM,
        timing=("late",),
        negative="CHEMO_MAINT",
        positive="HSCT",
        contradictions=("C08", "C22"),
    ),
    _Cell(
        meant="T-lineage marrow relapse (isolated or combined), early and late alike",
        ids=("CD-026", "CD-027", "CD-028"),
        phenotype="T",
        sites=MARROW,
        timing=("early", "late"),
        negative="HSCT",
        positive="BRIDGE_HSCT",
        status="inferred",
        contradictions=("X3", "C22"),
    ),
    _Cell(
        meant="B-lineage isolated extramedullary relapse, early",
        ids=("CD-029",),
        phenotype="BCP",
        sites=_EM,
        timing=("early",),
        negative="HSCT",
        positive="HSCT",
        contradictions=("C08",),
    ),
    _Cell(
        meant="T-lineage isolated extramedullary relapse, early and late alike",
        ids=("CD-030",),
        phenotype="T",
        sites=_EM,
        timing=("early", "late"),
        negative="HSCT",
        positive="HSCT",
        status="inferred",
        contradictions=("X3",),
    ),
)


def _rows(cell: _Cell) -> Iterator[Row]:
    if len(cell.ids) == 1:
        any_mrd = f"{_TREATMENT[cell.negative]} with any MRD; we read “any” as covering an unknown result too"
        yield _row(cell, cell.ids[0], "any", cell.negative, any_mrd)
        return
    negative, positive, unknown = cell.ids
    yield _row(cell, negative, "negative", cell.negative, f"{_TREATMENT[cell.negative]} where MRD is below the cut-off")
    above = f"{_TREATMENT[cell.positive]} where MRD is at or above the cut-off"
    yield _row(cell, positive, "positive", cell.positive, above)
    left_open = f"{_TREATMENT[cell.negative]} or {_TREATMENT[cell.positive]}, by an MRD that is not known"
    yield _row(cell, unknown, "unknown", "NEED_MRD", left_open)


def _row(
    cell: _Cell, row_id: str, mrd: Literal["any", "negative", "positive", "unknown"], decision: Decision, says: str
) -> Row:
    return Row(
        id=row_id,
        decision=decision,
        text=f"{cell.meant}: {says}.",
        source=_TABLE if mrd == "any" else f"{_TABLE}; cut-off from 002, Table 2 [28]",
        status="not_stated" if mrd == "unknown" else cell.status,
        timing=cell.timing,
        sites=cell.sites,
        phenotype=cell.phenotype,
        mrd=mrd,
        contradictions=cell.contradictions,
    )


TABLE_6: tuple[Row, ...] = tuple(row for cell in _CELLS for row in _rows(cell))
