"""What was found at a relapse, site by site; absent means not recorded, never normal."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from workflow.domain.facts.base import Code, Instant, Measure, Payload, Percent

TestisState = Literal["normal", "enlarged", "biopsy_positive", "biopsy_negative", "removed", "not_examined"]
RelapseSite = Literal["isolated_bm", "combined_bm", "isolated_em"]

# Fuster 2014 (002), Table 2: CSF leucocytes at least 5/µl with blasts, and no more than 20 erythrocytes/µl.
CSF_LEUCOCYTES_PER_UL = 5
CSF_ERYTHROCYTES_PER_UL = 20
# Fuster 2014 (002), Table 2: M1 is under 5 % marrow blasts.
M1_BELOW_PERCENT = 5


class Csf(Payload):
    """One cerebrospinal fluid sample; cell counts per µl."""

    wbc_per_ul: Measure | None = None
    blasts: bool | None = None
    rbc_per_ul: Measure | None = None
    sampled_at: Instant | None = None

    @property
    def positive(self) -> bool:
        """CNS involvement by CSF (002, Table 2); a contaminated or incomplete sample proves nothing."""
        return (
            self.wbc_per_ul is not None
            and self.wbc_per_ul >= CSF_LEUCOCYTES_PER_UL
            and self.blasts is True
            and self.rbc_per_ul is not None
            and self.rbc_per_ul <= CSF_ERYTHROCYTES_PER_UL
        )


class Testis(Payload):
    """Examination of both testes."""

    left: TestisState
    right: TestisState


class OtherSite(Payload):
    """One extramedullary site other than CNS and testis, with its biopsy."""

    site: Code
    biopsy: Literal["positive", "negative", "not_done"]


class Findings(Payload):
    """Findings at a relapse; every part may come later through `findings_recorded`."""

    marrow_blasts_percent: Percent | None = None
    peripheral_blasts: bool | None = None
    csf: Csf | None = None
    cns_signs: bool | None = None
    cns_mass: bool | None = None
    testis: Testis | None = None
    other_em: Annotated[tuple[OtherSite, ...], Field(strict=False, max_length=20)] = ()

    @property
    def extramedullary_sites(self) -> tuple[str, ...]:
        """The sites proven extramedullary by these findings: `cns`, `testis`, `other`.

        Clinical CNS signs alone prove the CNS only where the marrow is M1 (002, Table 2; gap G7 otherwise).
        """
        marrow_is_m1 = self.marrow_blasts_percent is not None and self.marrow_blasts_percent < M1_BELOW_PERCENT
        proven = {
            "cns": (self.csf is not None and self.csf.positive)
            or self.cns_mass is True
            or (self.cns_signs is True and marrow_is_m1),
            "testis": self.testis is not None and "biopsy_positive" in (self.testis.left, self.testis.right),
            "other": any(site.biopsy == "positive" for site in self.other_em),
        }
        return tuple(site for site, found in proven.items() if found)

    def screening_gaps(self, sex: str | None) -> tuple[str, ...]:
        """Return the parts without which no relapse may be called isolated (001, pitfalls): `csf`, `testis`."""
        gaps = ["csf"] if self.csf is None else []
        if self.testis is None and sex != "female":
            gaps.append("testis")
        return tuple(gaps)

    def merged_with(self, later: "Findings") -> "Findings":
        """Return these findings with every part that `later` carries put in its place."""
        carried = {name: getattr(later, name) for name in later.model_fields_set}
        return self.model_copy(update=carried)


class RecordedFindings(Findings):
    """Findings of `findings_recorded`: at least one part, or there is nothing to record."""

    also_needs: ClassVar[tuple[str, ...]] = ("at least one finding",)

    @model_validator(mode="after")
    def _something_found(self) -> "RecordedFindings":
        if not self.model_fields_set:
            raise PydanticCustomError("nothing_found", "must carry at least one finding, e.g. csf or testis")
        return self
