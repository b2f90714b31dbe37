"""The page of the chart: its states, and which fact leads from where to where."""

from collections.abc import Iterator

from workflow.domain.chart import LIVING, STATES, TRANSITIONS, Transition
from workflow.protocols.drawing.diagram import chart_mermaid
from workflow.services.reference.blocks import Block, Code, Diagram, Heading, Page, Paragraph, Table, Words
from workflow.services.reference.cells import CHART_PAGE

_LEAD = (
    "Each patient is a state machine fed with dated facts. A fact that stands in none of these rows for a state is "
    "refused there, naming those that are possible. A late fact is never refused for being late."
)


def chart_page() -> Page:
    """Return the page of the chart."""
    states = tuple((Code(name), meaning) for name, meaning in STATES.items())
    blocks: tuple[Block, ...] = (
        Paragraph(_LEAD),
        Heading(2, "States"),
        Table("States", ("state", "meaning"), states),
        Heading(2, "As a diagram"),
        Paragraph("Facts that leave the state as it is are not drawn."),
        Diagram(title="The chart", mermaid=chart_mermaid()),
        Heading(2, "What leads where"),
        Paragraph("Of several rows for one fact and state the first whose condition holds is taken."),
        Table("What leads where", ("fact", "from", "to", "where", "leaves, says"), tuple(_moves(moving=True))),
        Heading(2, "What leaves the state as it is"),
        Table("What leaves the state as it is", ("fact", "from", "to", "where", "says"), tuple(_moves(moving=False))),
    )
    return Page(
        name=CHART_PAGE,
        title="The chart",
        about="the states a patient can be in, and which fact leads from where to where",
        blocks=blocks,
    )


def _moves(*, moving: bool) -> Iterator[tuple[Words, ...]]:
    """Yield arrows of one fact, condition and goal as one row."""
    grouped: dict[tuple[object, ...], list[Transition]] = {}
    leading = {(arrow.fact, arrow.when, arrow.dest) for arrow in TRANSITIONS if arrow.source != arrow.dest}
    for arrow in TRANSITIONS:
        leads = (arrow.fact, arrow.when, arrow.dest) in leading
        if leads == moving:
            goal = arrow.dest if leads else ""
            grouped.setdefault((arrow.fact, goal, arrow.when, arrow.deviation, arrow.warning), []).append(arrow)
    for arrows in grouped.values():
        first = arrows[0]
        yield (
            Code(first.fact),
            _from(tuple(arrow.source for arrow in arrows)),
            Code(first.dest) if moving else "the same",
            ", ".join(_guard(guard) for guard in first.when),
            ", ".join(dict.fromkeys(said for said in (first.deviation, first.warning) if said)).replace("_", " "),
        )


def _guard(guard: str) -> str:
    """Return a guard in words; what it is asked about keeps its name, as in `awaits mrd_check`."""
    asks, _, name = guard.partition(":")
    return f"{asks.replace('_', ' ')} {name}".rstrip()


def _from(sources: tuple[str, ...]) -> Words:
    missing = [state for state in LIVING if state not in sources]
    if not missing:
        return "every living state"
    if len(missing) < len(LIVING) // 3:
        return f"every living state but {', '.join(missing)}"
    return ", ".join(sources)
