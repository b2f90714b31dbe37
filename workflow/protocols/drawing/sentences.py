"""What a protocol states beside its windows, each entry as a sentence: the same on pages, in pictures, on terminals."""

from collections.abc import Iterator

from workflow.protocols.drawing.wording import groups_words
from workflow.protocols.for_whom import Bounds, Eligibility
from workflow.protocols.model import START, Cap, Dose, Element, Follows, IndividualDecision, MrdPoint

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
    """Return a dose as given on each of its days, e.g. `0.5 mg/m2, days 8, 15 (the start is day 1)`."""
    said = f"{dose.amount:f} {dose.unit}"
    if not dose.days:
        return said
    name = "day" if len(dose.days) == 1 else "days"
    return f"{said}, {name} {', '.join(map(str, dose.days))} (the start is day 1)"


def eligibility_words(entry: Eligibility) -> str:
    """Return what of an entry is read from the patient's facts; any one of several is enough."""
    return " or ".join(_conditions(entry)) or "nothing on file answers it: people do"


def _conditions(entry: Eligibility) -> Iterator[str]:
    stated = entry.conditions
    if "phenotype" in stated:
        yield f"phenotype {stated['phenotype']}"
    if "ph_status" in stated:
        yield f"Ph {stated['ph_status']}"
    if "age_years" in stated:
        yield f"{stated['age_years'].least} to {stated['age_years'].most} years old"
    if "prior_regimens" in stated:
        yield f"{_regimens(stated['prior_regimens'])} before (frontline therapy and each attempt with a block)"
    if "relapse_number" in stated:
        yield _relapses(stated["relapse_number"])
    if "in_remission" in stated:
        yield "in remission" if stated["in_remission"] else "not in remission"
    if "mrd_from" in stated:
        yield f"MRD at or above {stated['mrd_from']:f} of the cells"
    if "risk" in stated:
        yield groups_words(stated["risk"])


def _regimens(bounds: Bounds) -> str:
    if bounds.most is None:
        return f"at least {bounds.least} regimens"
    if bounds.least is None:
        return f"at most {bounds.most} regimens"
    return f"{_from_to(bounds.least, bounds.most)} regimens"


def _relapses(bounds: Bounds) -> str:
    if bounds.most is None:
        return f"relapse number {bounds.least} or later"
    return f"relapse number {_from_to(bounds.least or 1, bounds.most)}"


def _from_to(least: int, most: int) -> str:
    return str(most) if least == most else f"{least} to {most}"
