"""From findings to the site of a relapse; what fits no published definition needs review, with what to do about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from workflow.domain.case import Case
from workflow.domain.classification import Reason, Site
from workflow.domain.facts.findings import M1_BELOW_PERCENT, Csf, Findings
from workflow.domain.switches import Switches
from workflow.knowledge.csf import CsfReading, read_csf
from workflow.knowledge.marrow import M3_ABOVE_PERCENT, marrow_class
from workflow.knowledge.site_reasons import CLASSES, FLAGS, GAPS, STATED, Said
from workflow.knowledge.wording import written

_OPEN_CSF = {"few_cells": "G4", "not_evaluable": "csf_not_evaluable", "unconfirmed": "second_csf_sample"}
_REFUTED = "site_contradicted"
_NOT_BIOPSIED = ("normal", "enlarged", "not_examined")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReading:
    """The site of one relapse; `gaps` say why the findings give none, also where a stated site stands instead."""

    site: Site
    gaps: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The findings of one relapse as the definitions ask for them; `proven` says how each site is proven."""

    marrow: float | None
    blood: bool | None
    relapse_number: int
    csf: CsfReading
    proven: Mapping[str, str]
    suspected: tuple[str, ...]
    unscreened: tuple[str, ...]
    one_testis: bool


def site_of(case: Case) -> SiteReading:
    """Return the site of a relapse (002, Table 2): total; what no definition covers is `needs_review` with its gaps.

    A stated site counts as recorded, and fills the gaps of findings: somebody who saw the patient said so; the flag
    `site_as_stated` and the gaps stay visible. Findings that give another class refute it (gap `site_contradicted`).
    """
    stated = case.relapse_site
    if stated is None:
        return _site_by_findings(case)
    as_stated = Reason(about="relapse_site", rule=stated, text=STATED.text, source=STATED.source, status=STATED.status)
    if case.findings is None or case.findings == Findings():
        return SiteReading(site=stated, reasons=(as_stated,))
    found = _site_by_findings(case)
    if found.site == stated:
        return found
    if not found.gaps:
        said = _reason("relapse_site", _REFUTED, GAPS[_REFUTED], found=found.site, stated=stated)
        return replace(found, site="needs_review", gaps=(_REFUTED,), reasons=(said, *found.reasons))
    filled = _reason("flags.site_as_stated", stated, FLAGS["site_as_stated"], gaps=", ".join(found.gaps), stated=stated)
    return replace(
        found,
        site=stated,
        flags=(*found.flags, "site_as_stated"),
        reasons=(as_stated, *found.reasons, filled),
    )


def proven_sites(findings: Findings, switches: Switches, earlier_csf: tuple[Csf, ...] = ()) -> tuple[str, ...]:
    """Return the sites outside the marrow that findings prove, of `cns`, `testis`, `other` (002, Table 2).

    Clinical CNS signs alone prove the CNS only where the marrow is M1 (gap G7 otherwise).
    """
    csf = read_csf(findings.csf, earlier_csf, second_sample=switches.second_csf_sample)
    return tuple(_proof(findings, switches, csf))


def screening_gaps(findings: Findings, sex: str | None, earlier_csf: tuple[Csf, ...] = ()) -> tuple[str, ...]:
    """Return what is still to be examined before a relapse may be called isolated: `csf`, `testis`, `other_em`.

    All sites outside the marrow are to be screened (001, Common pitfalls). Testes are not asked of girls; signs, a
    mass or other sites that nobody mentions count as nothing found.
    """
    gaps = []
    if read_csf(findings.csf, earlier_csf, second_sample=False).state in {"not_recorded", "incomplete"}:
        gaps.append("csf")
    testis = findings.testis
    if sex != "female" and (testis is None or "not_examined" in {testis.left, testis.right}):
        gaps.append("testis")
    if any(site.biopsy == "not_done" for site in findings.other_em):
        gaps.append("other_em")
    return tuple(gaps)


def _site_by_findings(case: Case) -> SiteReading:
    seen = _look_at(case)
    gaps = _gaps(seen)
    facts = _in_words(seen)
    flags = tuple(_flags(seen, gaps))
    of_flags = tuple(_reason(f"flags.{flag}", flag, FLAGS[flag], **facts) for flag in flags)
    if gaps:
        of_gaps = tuple(_reason("relapse_site", gap, GAPS[gap], **facts) for gap in gaps)
        return SiteReading(site="needs_review", gaps=gaps, flags=flags, reasons=(*of_gaps, *of_flags))
    site = _class(seen)
    said = CLASSES["isolated_bm_by_blood" if site == "isolated_bm" and not _is_m3(seen) else site]
    return SiteReading(site=site, flags=flags, reasons=(_reason("relapse_site", site, said, **facts), *of_flags))


def _look_at(case: Case) -> _Seen:
    findings = case.findings or Findings()
    csf = read_csf(findings.csf, case.earlier_csf, second_sample=case.switches.second_csf_sample)
    testis = findings.testis
    sides = (testis.left, testis.right) if testis else ()
    proof = _testis_proof(case.switches)
    diseased = any(side in proof for side in sides)
    suspected = {
        "clinical CNS signs": findings.cns_signs is True,
        "an enlarged testis": "enlarged" in sides,
    }
    return _Seen(
        marrow=findings.marrow_blasts_percent,
        blood=findings.peripheral_blasts,
        relapse_number=case.relapse_number,
        csf=csf,
        proven=_proof(findings, case.switches, csf),
        suspected=tuple(name for name, is_suspected in suspected.items() if is_suspected),
        unscreened=screening_gaps(findings, case.sex, case.earlier_csf),
        one_testis=diseased and any(side in _NOT_BIOPSIED for side in sides if side not in proof),
    )


def _proof(findings: Findings, switches: Switches, csf: CsfReading) -> dict[str, str]:
    marrow = findings.marrow_blasts_percent
    by_signs = findings.cns_signs is True and marrow is not None and marrow < M1_BELOW_PERCENT
    sides = (findings.testis.left, findings.testis.right) if findings.testis else ()
    found = {
        "cns": (
            csf.text if csf.state == "positive" else "",
            "a mass on imaging" if findings.cns_mass else "",
            "clinical signs" if by_signs else "",
        ),
        "testis": tuple(dict.fromkeys(_testis_proof(switches).get(side, "") for side in sides)),
        "other": tuple(f"{site.site} by biopsy" for site in findings.other_em if site.biopsy == "positive"),
    }
    return {site: ", ".join(filter(None, by)) for site, by in found.items() if any(by)}


def _testis_proof(switches: Switches) -> dict[str, str]:
    by_biopsy = {"biopsy_positive": "by biopsy"}
    return {**by_biopsy, "enlarged": "by enlargement"} if switches.testis_by_enlargement else by_biopsy


def _is_m3(seen: _Seen) -> bool:
    return seen.marrow is not None and marrow_class(seen.marrow, relapse_number=seen.relapse_number) == "M3"


def _gaps(seen: _Seen) -> tuple[str, ...]:
    """Return every gap that applies; what is open outside the marrow matters only where nothing is proven there."""
    open_elsewhere = () if seen.proven else tuple(_open_elsewhere(seen))
    blood_open = ("blood_not_recorded",) if seen.blood is None else ()
    if seen.marrow is None:
        return ("marrow_not_recorded", *blood_open, *open_elsewhere)
    if seen.marrow < M1_BELOW_PERCENT:
        if seen.blood:
            return ("G3",) if seen.proven else ("G5", *open_elsewhere)
        return blood_open if seen.proven else ("no_disease_proven", *blood_open, *open_elsewhere)
    if seen.proven:
        return ()
    if seen.blood or _is_m3(seen):
        return open_elsewhere
    return ("G2" if seen.marrow == M3_ABOVE_PERCENT else "G1", *blood_open, *open_elsewhere)


def _open_elsewhere(seen: _Seen) -> Iterator[str]:
    if seen.csf.state in _OPEN_CSF:
        yield _OPEN_CSF[seen.csf.state]
    if seen.suspected:
        leukaemic_marrow = seen.marrow is not None and seen.marrow >= M1_BELOW_PERCENT
        yield "G7" if leukaemic_marrow else "unproven_suspicion"
    if seen.unscreened:
        yield "G6"


def _class(seen: _Seen) -> Site:
    if seen.marrow is not None and seen.marrow < M1_BELOW_PERCENT:
        return "isolated_em"
    return "combined_bm" if seen.proven else "isolated_bm"


def _flags(seen: _Seen, gaps: tuple[str, ...]) -> Iterator[str]:
    if seen.csf.state == "not_evaluable":
        yield "csf_not_evaluable"
    if seen.csf.state == "unconfirmed":
        yield "second_csf_sample"
    if seen.one_testis:
        yield "contralateral_testis"
    if "G2" in gaps:
        yield "marrow_25_percent"


def _in_words(seen: _Seen) -> dict[str, str]:
    marrow = "no" if seen.marrow is None else written(seen.marrow)
    blood = {True: "blood blasts", False: "no blood blasts", None: "blood blasts not recorded"}[seen.blood]
    incomplete = seen.csf.state == "incomplete"
    return {
        "marrow": marrow,
        "blood": blood,
        "csf": seen.csf.text,
        "proven": "; ".join(f"{site} ({by})" for site, by in seen.proven.items()),
        "suspected": " and ".join(seen.suspected),
        "unscreened": ", ".join(seen.unscreened),
        "csf_open": f" {seen.csf.text}: record {' and '.join(seen.csf.missing)}." if incomplete else "",
        "m3": "≥" if seen.relapse_number > 1 else ">",
    }


def _reason(about: str, rule: str, said: Said, **facts: str) -> Reason:
    return Reason(
        about=about,
        rule=rule,
        text=said.text.format(**facts),
        source=said.source,
        status=said.status,
        contradictions=said.contradictions,
    )
