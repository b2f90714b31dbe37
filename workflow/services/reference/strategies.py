"""The page of the strategies: from group and residual disease to what follows remission, row by row."""

from collections.abc import Iterator, Mapping

from workflow.knowledge.decision_table import StrategyTable
from workflow.knowledge.statements import STATEMENTS
from workflow.knowledge.strategies import STRATEGIES
from workflow.knowledge.timing_cuts import BFM_EARLY, BFM_VERY_EARLY, COG_EARLY, COG_VERY_EARLY, PDQ_EARLY, Cut
from workflow.services.reference.blocks import (
    Block,
    Code,
    Heading,
    Link,
    Listing,
    Page,
    Paragraph,
    Table,
    Words,
    joined,
    spans,
)
from workflow.services.reference.cells import SCHEMES_PAGE, STRATEGIES_PAGE, rule
from workflow.services.reference.rows import decision_rows

_LEAD = (
    "Each strategy answers by its own source. A recommendation is computed and is no treatment decision: it reads "
    "“recommended by …”, on the condition of a second remission until one is on file. After a transplant, and from the "
    "second relapse on, every decision is an individual one."
)
_SYSTEMS: Mapping[str, str] = {
    "BFM": "early and late as BFM says",
    "COG": "early and late as COG says",
    "PDQ": "early and late as PDQ says: on therapy or within 6 months of its end",
    "BFM_AND_COG": "early and late without a definition: read only where BFM and COG agree",
}
_CUTS: Mapping[str, tuple[Cut, ...]] = {
    "BFM": (BFM_VERY_EARLY, BFM_EARLY),
    "COG": (COG_VERY_EARLY, COG_EARLY),
    "PDQ": (PDQ_EARLY,),
    "BFM_AND_COG": (BFM_VERY_EARLY, BFM_EARLY, COG_VERY_EARLY, COG_EARLY),
}
_DECISIONS: Mapping[str, str] = {
    "HSCT": "transplant",
    "CHEMO_MAINT": "chemotherapy and maintenance, without a transplant",
    "BRIDGE_HSCT": "bridging therapy, then transplant",
    "NEED_MRD": "the MRD result that decides is missing",
    "NEED_TIMING": "a date that decides is missing",
    "NEED_THRESHOLD": "the strategy has a branch for MRD and prints no cut-off",
    "AMBIGUOUS_TIMING": "the source says early or late without a definition, and the systems disagree",
    "INDIVIDUAL": "no rule: an individual decision",
    "REFRACTORY_BRANCH": "no remission: what the source names for that",
    "NOT_STATED": "the source says nothing here",
    "NOT_APPLICABLE": "the strategy is not made for this relapse",
}


def strategies_page() -> Page:
    """Return the page of the six strategies and of what the sources say beside them."""
    strategies = (block for name, table in STRATEGIES.items() for block in _strategy(name, table))
    return Page(
        name=STRATEGIES_PAGE,
        title="Strategies",
        about="what six strategies decide after remission, row by row, and what else the sources say",
        blocks=(
            Paragraph(_LEAD),
            Heading(2, "Decisions"),
            Listing(tuple((Code(code), f": {words}") for code, words in _DECISIONS.items())),
            *strategies,
            Heading(2, "Beside the strategies"),
            Paragraph("What sources say without allocating anybody; shown only where its own condition fits."),
            _statements(),
        ),
    )


def _strategy(name: str, table: StrategyTable) -> Iterator[Block]:
    yield Heading(2, name)
    limits = joined([rule(cut.rule) for cut in _CUTS[table.system]])
    said: list[Words] = [(f"Timing: {_SYSTEMS[table.system]}; its limits: ", *spans(limits), ".")]
    if table.scheme is not None:
        said.append(("Groups: ", Link(text=table.scheme, page=SCHEMES_PAGE, anchor=table.scheme.lower()), "."))
    said.append(f"MRD: {table.point.words}." if table.point else "MRD: no branch.")
    yield Listing(tuple(said))
    yield decision_rows(f"Rows of {name}", table.rows)
    if table.after_failure is not None:
        yield decision_rows(f"{name}: without a remission", (table.after_failure,))
    else:
        yield Paragraph("The source says nothing of a patient without a remission.")


def _statements() -> Table:
    rows = tuple(
        (
            row.id,
            Code(row.strategy),
            row.says,
            row.text,
            f"{row.point.words}: {row.level}" if row.point else "",
            row.condition or "",
            row.source,
        )
        for row in STATEMENTS
    )
    heads = ("row", "by", "says", "in words", "MRD", "condition", "source")
    return Table("What the sources say beside the strategies", heads, rows)
