"""For whom something in a protocol is: groups of a risk scheme, and who may be treated by the whole of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypedDict


@dataclass(frozen=True, slots=True, kw_only=True)
class InGroups:
    """For patients in one of these groups of a risk scheme only, e.g. S4 of ALL_REZ_BFM_95."""

    scheme: str
    groups: tuple[str, ...]


class Bounds(NamedTuple):
    """From which number on and up to which one something fits, both included; None: however few, however many."""

    least: int | None
    most: int | None

    def hold(self, number: int) -> bool:
        """Whether a number lies within."""
        return (self.least is None or self.least <= number) and (self.most is None or number <= self.most)


class Conditions(TypedDict, total=False):
    """What an entry of `[[eligibility]]` states that something on file can answer, each by what it is about."""

    phenotype: str
    ph_status: str
    age_years: Bounds
    prior_regimens: Bounds
    relapse_number: Bounds
    in_remission: bool
    mrd_from: Decimal
    risk: InGroups


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """For whom the protocol is; asked when it is chosen, never refused.

    Any one of its `conditions` is enough; several entries must all hold. `prior_regimens_from` and `_to` count
    frontline therapy and each attempt with a block; `mrd_from` is a fraction of cells, `age_years` from the first to
    the last year of life that fits, both included. From and to of one number are one condition.
    """

    asks: str
    source: str
    phenotype: str | None = None
    ph_status: str | None = None
    relapse_number_from: int | None = None
    relapse_number_to: int | None = None
    prior_regimens_from: int | None = None
    prior_regimens_to: int | None = None
    in_remission: bool | None = None
    mrd_from: Decimal | None = None
    age_years: tuple[int, int] | None = None
    risk: InGroups | None = None

    @property
    def conditions(self) -> Conditions:
        """The conditions that are stated; empty where people answer the whole entry, since nothing on file does."""
        stated = Conditions()
        if self.phenotype is not None:
            stated["phenotype"] = self.phenotype
        if self.ph_status is not None:
            stated["ph_status"] = self.ph_status
        if self.age_years is not None:
            stated["age_years"] = Bounds(*self.age_years)
        if (regimens := Bounds(self.prior_regimens_from, self.prior_regimens_to)) != _UNBOUNDED:
            stated["prior_regimens"] = regimens
        if (relapses := Bounds(self.relapse_number_from, self.relapse_number_to)) != _UNBOUNDED:
            stated["relapse_number"] = relapses
        if self.in_remission is not None:
            stated["in_remission"] = self.in_remission
        if self.mrd_from is not None:
            stated["mrd_from"] = self.mrd_from
        if self.risk is not None:
            stated["risk"] = self.risk
        return stated


_UNBOUNDED = Bounds(None, None)
