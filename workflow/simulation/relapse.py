"""Who a made-up patient is, and with which findings a relapse begins."""

from collections.abc import Mapping

from workflow.domain.facts.findings import Findings
from workflow.simulation import assumptions as assumed
from workflow.simulation.chance import Chance
from workflow.simulation.story import Day, Story
from workflow.simulation.strategy import STRATEGY, away_from_cuts, first_relapse

# Blasts and counts are drawn on the side of the printed limits (002, Table 2) on which the site says they are.
_MARROW_PERCENT = {"isolated_bm": (26, 95), "combined_bm": (8, 90), "isolated_em": (0, 4)}
_DOCTORS = ("oncology-1", "oncology-2", "oncology-3")


def new_patient(chance: Chance, pseudonym: str) -> Story:
    """Return the story of somebody with a first disease and a relapse on day 0, registered there."""
    sex = chance.weighted(assumed.SEX)
    story = Story(chance=chance, sex=sex)
    since_diagnosis = chance.between(assumed.DIAGNOSIS_TO_RELAPSE_DAYS)
    frontline = chance.between(assumed.FRONTLINE_DAYS)
    diagnosed = -away_from_cuts(since_diagnosis, frontline)
    frontline_end = diagnosed + frontline
    phenotype = chance.weighted(assumed.PHENOTYPE)
    relapsed_on_therapy = frontline_end >= 0
    story.tell(
        0,
        "patient_registered",
        pseudonym=pseudonym,
        site=chance.weighted(assumed.SITES),
        diagnosis_date=Day(diagnosed),
        birth_date=Day(diagnosed - chance.between(assumed.AGE_AT_DIAGNOSIS_DAYS)),
        frontline_ongoing=True if relapsed_on_therapy else None,
        frontline_end_date=None if relapsed_on_therapy else Day(frontline_end),
        phenotype=phenotype,
        ph_status=chance.weighted(assumed.PH_STATUS),
        sex=sex,
    )
    findings = diagnose(story, 0)
    story.case = first_relapse(
        since_diagnosis=-diagnosed, frontline=frontline, phenotype=phenotype, sex=sex, findings=findings
    )
    return story


def diagnose(story: Story, day: int) -> Findings:
    """Tell a relapse; return what was found."""
    site = story.chance.weighted(assumed.RELAPSE_SITE)
    story.outside_marrow = None if site == "isolated_bm" else _site_outside(story)
    findings = _findings(story, site)
    story.tell(day, "relapse_diagnosed", findings=findings)
    story.case = None
    return Findings.model_validate(findings)


def choose_protocol(story: Story, day: int, protocol: str | None = None) -> str:
    """Tell which protocol is followed and who answers for the patient; return the protocol."""
    chosen = protocol or story.chance.weighted(assumed.PROTOCOL)
    strategy = STRATEGY if chosen == "all-rez-bfm-2002" else None
    story.tell(day, "protocol_chosen", protocol=chosen, strategy=strategy)
    story.tell(day, "owner_changed", actor=story.chance.one_of(_DOCTORS))
    return chosen


def _findings(story: Story, site: str) -> Mapping[str, object]:
    chance = story.chance
    outside = story.outside_marrow
    findings: dict[str, object] = {
        "marrow_blasts_percent": chance.between(_MARROW_PERCENT[site]),
        "peripheral_blasts": site != "isolated_em" and chance.happens(assumed.PERIPHERAL_BLASTS),
        "csf": {
            "wbc_per_ul": chance.between((8, 120)) if outside == "cns" else chance.between((0, 3)),
            "blasts": outside == "cns",
            "rbc_per_ul": chance.between((0, 10)),
        },
        "cns_signs": False,
        "cns_mass": False,
    }
    if story.sex == "male":
        found = "biopsy_positive" if outside == "testis" else "normal"
        findings["testis"] = {"left": found, "right": "normal"}
    return findings


def _site_outside(story: Story) -> str:
    return story.chance.one_of(("cns", "testis")) if story.sex == "male" else "cns"
