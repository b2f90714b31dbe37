"""What is said of the site of a relapse, of every gap in its definitions and of what to do, each with its source."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.domain.classification import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence, with the names of the findings that stand in it in braces, and where it is written."""

    text: str
    source: str
    status: Status = "explicit"
    contradictions: tuple[str, ...] = ()


STATED = Said(
    text="Recorded as the site of this relapse; it was not read from findings.",
    source="operational: the site as stated by who recorded the relapse",
    status="inferred",
)

CLASSES: Mapping[str, Said] = {
    "isolated_bm": Said(
        text="Marrow relapse: {marrow} {m3} 25 % blasts (M3), {blood}; nothing is proven outside the marrow ({csf}).",
        source="002, Table 2 [21,24,26,28,30,36,38]; 002, Basic concepts",
        contradictions=("C10", "C13"),
    ),
    "isolated_bm_by_blood": Said(
        text="Marrow relapse: {blood}, {marrow} ≥ 5 % marrow blasts; nothing is proven outside the marrow ({csf}).",
        source="002, Table 2 [21,24,26,28,30,36,38]; 002, Basic concepts",
        contradictions=("C13",),
    ),
    "combined_bm": Said(
        text="{marrow} ≥ 5 % marrow blasts, and proven outside the marrow: {proven}.",
        source="002, Table 2 [22,24,26,28,30,38,39]; 002, Basic concepts",
        contradictions=("C13",),
    ),
    "isolated_em": Said(
        text="{marrow} < 5 % marrow blasts, {blood}, and proven outside the marrow: {proven}.",
        source="002, Table 2 [24,25,28,30,36,38,39]; 002, Basic concepts [24]",
        contradictions=("C21",),
    ),
}

GAPS: Mapping[str, Said] = {
    "G1": Said(
        text=(
            "{marrow} % marrow blasts (from 5 to 25 %), {blood}, nothing proven outside the marrow: too few for a "
            "marrow relapse (> 25 %), too many for an isolated extramedullary one (< 5 %). Repeat the marrow."
        ),
        source="002, Table 2 [21,24,26,28,30,36,38]",
        status="not_stated",
        contradictions=("C11",),
    ),
    "G2": Said(
        text=(
            "Exactly {marrow} % marrow blasts, {blood}: M2 by one definition (5 to 25 %), M3 by another (≥ 25 %, "
            "written for a relapse after a new remission). Repeat the marrow."
        ),
        source="002, Table 2 [28]; 002, Table 2 [19]",
        status="conflict",
        contradictions=("C10",),
    ),
    "G3": Said(
        text=(
            "Proven outside the marrow: {proven}; {marrow} < 5 % marrow blasts, and blood blasts: an isolated "
            "extramedullary relapse has none in the blood, a combined one has at least 5 % in the marrow. Repeat the "
            "marrow and the blood film."
        ),
        source="002, Table 2 [24]",
        status="not_stated",
        contradictions=("C12",),
    ),
    "G4": Said(
        text=(
            "Blasts among too few cells ({csf}): no rule makes it a CNS relapse, and the CNS is not free of disease "
            "either. Repeat the CSF."
        ),
        source="002, Table 2",
        status="not_stated",
    ),
    "G5": Said(
        text=(
            "Blood blasts with {marrow} < 5 % marrow blasts, and nothing proven elsewhere: to the letter a marrow "
            'relapse ("and/or"), but to be confirmed. Repeat the marrow.'
        ),
        source="002, Table 2 [21,24,26,28,30,36,38]",
        status="inferred",
    ),
    "G6": Said(
        text=(
            "Screening outside the marrow is incomplete ({unscreened}), so isolated and combined cannot be told apart. "
            "Examine and record it.{csf_open}"
        ),
        source="001, Common pitfalls; 002, Table 2",
    ),
    "G7": Said(
        text=(
            "{marrow} ≥ 5 % marrow blasts with {suspected}, not proven by CSF, imaging or biopsy: calling it combined "
            "would lower the risk group on unproven disease. Confirm it first."
        ),
        source="002, Table 2 [24]",
        status="inferred",
        contradictions=("C20",),
    ),
    "csf_not_evaluable": Said(
        text=(
            "The sample neither proves nor excludes the CNS ({csf}): it holds more than 20 erythrocytes/µl. Repeat the "
            "CSF."
        ),
        source="002, Table 2",
        status="inferred",
        contradictions=("C15",),
    ),
    "second_csf_sample": Said(
        text=(
            "The protocol asks for blasts in two consecutive samples at least 24 hours apart ({csf}). Take a second "
            "sample, and record when each was taken."
        ),
        source="002, Table 2 note 1 [38,40]; TR-033",
        contradictions=("C16",),
    ),
    "unproven_suspicion": Said(
        text="There are {suspected}, not proven by CSF, imaging or biopsy. Confirm or exclude it.",
        source="002, Table 2 [24]",
        contradictions=("C20",),
    ),
    "blood_not_recorded": Said(
        text="Whether the blood has blasts is not recorded, and the site depends on it. Record peripheral_blasts.",
        source="002, Table 2 [21,24,26,28,30,36,38]",
    ),
    "marrow_not_recorded": Said(
        text="The marrow blasts are not recorded, and every site depends on them. Record marrow_blasts_percent.",
        source="002, Table 2",
    ),
    "site_contradicted": Said(
        text="{stated} was stated, the findings give {found}. Correct the relapse: either the site or the findings.",
        source="operational: the site as stated by who recorded the relapse; 002, Table 2",
        status="conflict",
    ),
    "no_disease_proven": Said(
        text="{marrow} < 5 % marrow blasts, {blood}, nothing proven outside the marrow: no relapse is proven.",
        source="002, Table 2",
    ),
}

FLAGS: Mapping[str, Said] = {
    "csf_not_evaluable": Said(
        text="The CSF cannot be judged ({csf}). Repeat it.",
        source="002, Table 2",
        status="inferred",
        contradictions=("C15",),
    ),
    "second_csf_sample": Said(
        text="The positive CSF waits for a second sample at least 24 hours later ({csf}).",
        source="002, Table 2 note 1 [38,40]; TR-033",
        contradictions=("C16",),
    ),
    "contralateral_testis": Said(
        text="Disease is proven in one testis, and the other was not biopsied: exclude subclinical disease there.",
        source="002, Table 2 note 2; 002, Basic concepts [24]",
        contradictions=("C20",),
    ),
    "marrow_25_percent": Said(
        text="Exactly {marrow} % marrow blasts lie on the limit that the source writes in two ways (> 25 %, ≥ 25 %).",
        source="002, Table 2 [28]; 002, Table 2 [19]",
        status="conflict",
        contradictions=("C10",),
    ),
    "site_as_stated": Said(
        text="{stated} was stated and stands; the findings alone leave the site open ({gaps}). Record what is missing.",
        source="operational: the site as stated by who recorded the relapse",
        status="inferred",
    ),
}
