"""Whether the amounts in a protocol can be what their source means: units, days, cut-offs, ages."""

from collections.abc import Iterator

from workflow.protocols.checks.printed_amounts import printed_amounts
from workflow.protocols.files.problems import Flaw, KeyPath
from workflow.protocols.files.vocabulary import DOSE_UNITS
from workflow.protocols.model import Dose, MrdPoint, Protocol

_IN_MICROGRAMS = "blinatumomab"
MICROGRAMS = tuple(unit for unit in DOSE_UNITS if unit.startswith("mcg"))
# As many micrograms are a milligram: the misprint, with its unit put right and its number left.
_A_MILLIGRAM = 1000


def doses(protocol: Protocol) -> Iterator[Flaw]:
    """Yield doses whose unit is a known misprint, and days that cannot be."""
    for place, dose in enumerate(protocol.doses):
        at: KeyPath = ("doses", place)
        yield from _misprinted(dose, at)
        if list(dose.days) != sorted(set(dose.days)) or min(dose.days, default=1) < 1:
            message = f"{list(dose.days)} are no days in order, the start counted as day 1"
            yield Flaw(at=(*at, "days"), message=message, allowed="whole numbers from 1 on, each later than the last")


def _misprinted(dose: Dose, at: KeyPath) -> Iterator[Flaw]:
    """Yield a dose of blinatumomab in mg: one source has lost the micro sign, a thousandfold overdose (C44)."""
    if _IN_MICROGRAMS not in dose.drug.casefold():
        return
    misprint = "the known misprint, a thousandfold (C44)"
    if dose.unit not in MICROGRAMS:
        message = f"{dose.drug} is given in micrograms; in {dose.unit} it is {misprint}"
        yield Flaw(at=(*at, "unit"), message=message, allowed=", ".join(MICROGRAMS))
    elif dose.amount >= _A_MILLIGRAM:
        message = f"{dose.amount} mcg of {dose.drug} are {dose.amount / _A_MILLIGRAM:f} mg, {misprint}"
        yield Flaw(at=(*at, "amount"), message=message, allowed=f"under {_A_MILLIGRAM} mcg")


def mrd_cut_offs(protocol: Protocol) -> Iterator[Flaw]:
    """Yield cut-offs that are another amount than the one printed beside them (C22)."""
    for place, point in enumerate(protocol.mrd_points):
        if point.printed is not None:
            yield from _cut_off(point, point.printed, ("mrd_points", place))


def _cut_off(point: MrdPoint, printed: str, at: KeyPath) -> Iterator[Flaw]:
    amounts = printed_amounts(printed)
    if not amounts:
        message = f'in "{printed}" stands no amount with its unit'
        yield Flaw(at=(*at, "printed"), message=message, allowed='as in "0.01 %", "10⁻⁴" or "1 in 10 000"')
    shares = {share for _, share in amounts}
    if len(shares) > 1:
        told = ", ".join(f"{written} is {share:f}" for written, share in amounts)
        message = f"printed in amounts that disagree (C22): {told}"
        yield Flaw(at=(*at, "printed"), message=message, allowed="one amount, or several that are the same")
    elif shares and point.cutoff != (share := shares.pop()):
        said = "there is no cut-off" if point.cutoff is None else f"{point.cutoff:f} is not {printed}"
        message = f"{said}: {amounts[0][0]} is {share:f} of all cells (C22)"
        yield Flaw(at=(*at, "cutoff"), message=message, allowed=f"{share:f}, or another printed")


def ages(protocol: Protocol) -> Iterator[Flaw]:
    """Yield ranges of age that nobody can be in."""
    for place, entry in enumerate(protocol.eligibility):
        if entry.age_years is not None and not 0 <= entry.age_years[0] <= entry.age_years[1]:
            yield Flaw(
                at=("eligibility", place, "age_years"),
                message=f"nobody is {entry.age_years[0]} to {entry.age_years[1]} years old",
                allowed="the first year of life that fits, then the last, as in [1, 21]",
            )


def numbers_of_patients(protocol: Protocol) -> Iterator[Flaw]:
    """Yield numbers of relapses and of regimens that end before they begin."""
    for place, entry in enumerate(protocol.eligibility):
        for key, what, bounds in (
            ("relapse_number_to", "relapse number", (entry.relapse_number_from, entry.relapse_number_to)),
            ("prior_regimens_to", "number of regimens", (entry.prior_regimens_from, entry.prior_regimens_to)),
        ):
            least, most = bounds
            if least is not None and most is not None and least > most:
                message = f"no {what} is {least} or more and {most} or less"
                yield Flaw(at=("eligibility", place, key), message=message, allowed=f"{least} or more, or a lower from")


def recovered_counts(protocol: Protocol) -> Iterator[Flaw]:
    """Both printed variants limit platelets and either leucocytes or neutrophils (002, Table 2 note 4)."""
    at: KeyPath = ("classification", "recovery")
    recovery = protocol.switches.recovery
    if recovery is None:
        return
    if (recovery.platelets_above is None) == (recovery.platelets_at_least is None):
        message = "platelets need one limit: above which number, or from which on"
        yield Flaw(at=at, message=message, allowed="platelets_above or platelets_at_least, not both")
    if recovery.wbc_above is None and recovery.anc_at_least is None:
        message = "leucocytes or neutrophils need a limit"
        yield Flaw(at=at, message=message, allowed="wbc_above, anc_at_least or both")
