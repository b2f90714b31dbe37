"""Reads the risk group of a first relapse in every scheme, and why: the cell, its citation and what disputes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflow.domain.case import Case, Phenotype
from workflow.domain.classification import BfmTiming, Group, Reason, SchemeId, Site, Timing, least_sure
from workflow.domain.facts.findings import RelapseSite
from workflow.knowledge.risk_tables import SCHEMES, Cell, Scheme
from workflow.knowledge.timing_reasons import in_words

_SITE_WORDS: Mapping[RelapseSite, str] = {
    "isolated_bm": "Isolated marrow",
    "combined_bm": "Combined marrow",
    "isolated_em": "Isolated extramedullary",
}
_PHENOTYPE_WORDS: Mapping[Phenotype, str] = {"BCP": "B-cell precursor", "T": "T-cell"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReading:
    """The groups of a relapse with their proof; `possible` has the group of every BFM class that the dates allow.

    A group is given where all those classes lead to it; `possible` is empty where the site needs review, and from the
    second relapse on.
    """

    groups: Mapping[SchemeId, Group | None]
    possible: Mapping[SchemeId, Mapping[BfmTiming, Group]]
    flags: tuple[str, ...]
    reasons: tuple[Reason, ...]


def risk_groups(case: Case, timing: Timing | None, site: Site) -> RiskReading:
    """Return the group of this relapse in every scheme, None where none can be said."""
    if timing is None:
        return _without_groups("the risk groups are made for the first relapse, so there is none here")
    if site == "needs_review":
        return _without_groups("the site of the relapse needs review, and no group is guessed over possible sites")
    possible = {scheme.id: _possible(scheme, case, timing, site) for scheme in SCHEMES}
    flagged = {reason.about.removeprefix("flags."): reason for reason in _flagged(case, timing, site)}
    return RiskReading(
        groups={scheme: _the_one(groups) for scheme, groups in possible.items()},
        possible=possible,
        flags=tuple(flagged),
        reasons=(*(_reason(scheme, case, timing, site) for scheme in SCHEMES), *flagged.values()),
    )


def _without_groups(because: str) -> RiskReading:
    return RiskReading(
        groups={scheme.id: None for scheme in SCHEMES},
        possible={},
        flags=(),
        reasons=tuple(
            Reason(
                about=f"risk.{scheme.id}",
                rule=scheme.id,
                text=f"No group: {because}.",
                source=scheme.source,
                status="not_stated",
            )
            for scheme in SCHEMES
        ),
    )


def _possible(scheme: Scheme, case: Case, timing: Timing, site: RelapseSite) -> dict[BfmTiming, Group]:
    return {name: scheme.cell(name, site, case.phenotype).group for name in timing.bfm_possible}


def _the_one(groups: Mapping[BfmTiming, Group]) -> Group | None:
    """Return the group to which every class leads, if there is one."""
    different = set(groups.values())
    return different.pop() if len(different) == 1 else None


def _reason(scheme: Scheme, case: Case, timing: Timing, site: RelapseSite) -> Reason:
    cells = {name: scheme.cell(name, site, case.phenotype) for name in timing.bfm_possible}
    sentences = [f"{_SITE_WORDS[site]} relapse, {_PHENOTYPE_WORDS[case.phenotype]}: {_said(cells)}", *_notes(cells)]
    contradictions = [contradiction for cell in cells.values() for contradiction in cell.contradictions]
    if timing.bfm_alternative is not None:
        other = scheme.cell(timing.bfm_alternative, site, case.phenotype)
        sentences.append(
            f"Read as {in_words((timing.bfm_alternative,))} (short frontline therapy) it is {other.group}: a clinician "
            "must confirm the class before the group is used"
        )
        contradictions.append("C05")
    return Reason(
        about=f"risk.{scheme.id}",
        rule=scheme.id,
        text=f"{'. '.join(sentences)}.",
        source="; ".join(dict.fromkeys(source for cell in cells.values() for source in cell.sources)),
        status=least_sure(cell.status for cell in cells.values()),
        contradictions=tuple(dict.fromkeys(contradictions)),
    )


def _said(cells: Mapping[BfmTiming, Cell]) -> str:
    """Return which class leads to which group, and whether that is one group."""
    groups = {name: cell.group for name, cell in cells.items()}
    one = _the_one(groups)
    if one is None:
        each = ", ".join(f"{group} if {in_words((name,))}" for name, group in groups.items())
        return f"{each}; no group while the end of frontline therapy is not known"
    return f"{one}, {in_words(tuple(groups))}{' alike' if len(groups) > 1 else ''}"


def _notes(cells: Mapping[BfmTiming, Cell]) -> Iterator[str]:
    """Yield what is to be known of the cells, each with its class where there are several."""
    for name, cell in cells.items():
        if cell.note:
            yield cell.note if len(cells) == 1 else f"If {in_words((name,))}: {cell.note}"


def _flagged(case: Case, timing: Timing, site: RelapseSite) -> Iterator[Reason]:
    """Yield one reason for each cell that a reader must know to be disputed between or inside schemes."""
    if site != "isolated_em" or timing.bfm is None:
        return
    cells = {scheme.id: scheme.cell(timing.bfm, site, case.phenotype) for scheme in SCHEMES}
    if timing.bfm == "very_early":
        groups = ", ".join(f"{scheme} {cell.group}" for scheme, cell in cells.items())
        yield Reason(
            about="flags.schemes_differ_on_very_early_em",
            rule="BFM",
            text=f"The schemes differ on very early isolated extramedullary relapses ({groups}); the strategy that is "
            "followed decides which one counts.",
            source="002, Table 5 [30,42]; 000, paragraph on the multivariate analysis",
            status="conflict",
            contradictions=("C29",),
        )
    if timing.bfm == "late" and case.phenotype == "T":
        disputed = cells["ALL_REZ_BFM_95"]
        yield Reason(
            about="flags.s1_or_s2",
            rule="ALL_REZ_BFM_95",
            text=f"{disputed.note}.",
            source="; ".join(disputed.sources),
            status=disputed.status,
            contradictions=disputed.contradictions,
        )
