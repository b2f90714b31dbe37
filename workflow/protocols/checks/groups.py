"""Which groups each risk scheme has, and which combinations of them a protocol can tell apart."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from workflow.protocols.for_whom import InGroups
from workflow.protocols.model import Protocol

# The groups that the published tables fill (002, Table 5; 000, paragraph on the multivariate analysis). The tables
# stand in `knowledge`, which this layer does not know: a test compares the two.
GROUPS_OF: Mapping[str, tuple[str, ...]] = {
    "BFM": ("SR", "IR", "HR"),
    "UKALL_R3": ("SR", "IR", "HR"),
    "I_BFM_SG": ("SR", "HR"),
    "ALL_REZ_BFM_95": ("S1", "S2", "S3", "S4"),
}
# A patient's group by scheme; None for every group that no condition of the protocol names, and for an unknown one.
Groups = Mapping[str, str | None]


def holds(risk: InGroups | None, groups: Groups) -> bool:
    """Whether a condition holds for a patient in these groups; without a condition it holds for everybody."""
    return risk is None or groups.get(risk.scheme) in risk.groups


def conditions(protocol: Protocol) -> tuple[InGroups, ...]:
    """Return every risk condition of a protocol that decides on its course; eligibility only asks."""
    stated: list[InGroups | None] = [window.risk for window in protocol.windows]
    stated += [row.risk for row in protocol.sequence]
    stated.append(protocol.individual_decision.risk if protocol.individual_decision else None)
    return tuple(dict.fromkeys(risk for risk in stated if risk is not None))


def combinations(protocol: Protocol) -> tuple[Groups, ...]:
    """Return the patients that a protocol tells apart: each group that it names, and one of any other group."""
    named: dict[str, list[str]] = {}
    for risk in conditions(protocol):
        named.setdefault(risk.scheme, []).extend(risk.groups)
    told_apart = [_with_others(scheme, groups) for scheme, groups in named.items()]
    return tuple(dict(zip(named, groups, strict=True)) for groups in product(*told_apart))


def in_words(groups: Groups) -> str:
    """Return a patient's groups in words, ready to stand behind a sentence; nothing where nothing is told apart."""
    known = [f"{scheme} {group or 'any other group'}" for scheme, group in groups.items()]
    return f" (patients in {', '.join(known)})" if known else ""


def unknown_groups(risk: InGroups) -> Iterator[tuple[int, str]]:
    """Yield the place and the name of each group that the condition's scheme does not have."""
    known = GROUPS_OF[risk.scheme]
    yield from ((place, group) for place, group in enumerate(risk.groups) if group not in known)


def _with_others(scheme: str, groups: Sequence[str]) -> tuple[str | None, ...]:
    return (*(group for group in GROUPS_OF[scheme] if group in groups), None)
