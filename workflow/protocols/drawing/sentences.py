"""What a protocol states beside its windows, each entry as a sentence: the same on pages, in pictures, on terminals."""

from collections.abc import Iterator

from workflow.protocols.drawing.wording import groups_words
from workflow.protocols.model import START, Cap, Dose, Element, Eligibility, Follows, IndividualDecision, MrdPoint

BEGINNING = "the beginning of an attempt"
_SCOPES = {"course": "in one course", "life": "in a life, all courses together"}


def element_words(element: Element) -> str:
    """Return what is special about an element; empty where nothing is."""
    said = []
    if element.numbered:
        said.append(f"{element.code}_1, {element.code}_2 … as many as are given")
    if element.continuous_infusion:
        said.append("continuous infusion: while it runs no block interval does")
    return "; ".join(said)


def after_words(row: Follows) -> str:
    """Return what a row of the sequence is about: an element, or the beginning of an attempt."""
    return BEGINNING if row.after == START else row.after


def follows_words(row: Follows) -> str:
    """Return a row of the sequence, e.g. `After R1 comes R2, for S4 (ALL_REZ_BFM_95).`, with its full stop."""
    place = f"At {BEGINNING}" if row.after == START else f"After {row.after}"
    whom = f", for {groups_words(row.risk)}" if row.risk else ""
    return f"{place} comes {' or '.join(row.then)}{whom}."


def cap_words(cap: Cap) -> str:
    """Return how often elements may be started: `At most 4 starts of CYCLE in one course.`, with its full stop."""
    starts = "start" if cap.most == 1 else "starts"
    return f"At most {cap.most} {starts} of {' or '.join(cap.elements)} {_SCOPES[cap.scope]}."


def individual_words(decision: IndividualDecision) -> str:
    """Return for whom each next element needs a decision."""
    return (
        f"For {groups_words(decision.risk)} a decision to continue must be on file after each element "
        "before the next may start."
    )


def mrd_words(point: MrdPoint) -> str:
    """Return the cut-off of an MRD point with what counts as positive, or that none is stated."""
    if point.cutoff is None:
        return "not stated"
    return f"{point.cutoff:f} of the cells; at or above is positive"


def dose_words(dose: Dose) -> str:
    """Return a dose as it is given, e.g. `0.8 mg/m2, days 1, 8, 15 (the start is day 1)`."""
    said = f"{dose.amount:f} {dose.unit}"
    if not dose.days:
        return said
    name = "day" if len(dose.days) == 1 else "days"
    return f"{said}, {name} {', '.join(map(str, dose.days))} (the start is day 1)"


def eligibility_words(entry: Eligibility) -> str:
    """Return what of an entry is read from the patient's facts; any one of several is enough."""
    return " or ".join(_conditions(entry)) or "nothing on file answers it: people do"


def _conditions(entry: Eligibility) -> Iterator[str]:
    if entry.phenotype is not None:
        yield f"phenotype {entry.phenotype}"
    if entry.ph_status is not None:
        yield f"Ph {entry.ph_status}"
    if entry.relapse_number_from is not None:
        yield f"relapse number {entry.relapse_number_from} or later"
    if entry.prior_regimens_from is not None:
        yield f"at least {entry.prior_regimens_from} regimens before (frontline therapy and each attempt with a block)"
    if entry.in_remission is not None:
        yield "in remission" if entry.in_remission else "not in remission"
    if entry.mrd_from is not None:
        yield f"MRD at or above {entry.mrd_from:f} of the cells"
    if entry.age_years is not None:
        yield f"{entry.age_years[0]} to {entry.age_years[1]} years old"
    if entry.risk is not None:
        yield groups_words(entry.risk)
