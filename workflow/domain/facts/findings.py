"""What was found at a relapse, site by site; absent means not recorded, never normal."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from workflow.domain.facts.base import Code, Entries, Instant, Measure, Payload, Percent

TestisState = Literal["normal", "enlarged", "biopsy_positive", "biopsy_negative", "removed", "not_examined"]
RelapseSite = Literal["isolated_bm", "combined_bm", "isolated_em"]

# Fuster 2014 (002), Table 2: M1 is under 5 % marrow blasts.
M1_BELOW_PERCENT = 5


class Csf(Payload):
    """One cerebrospinal fluid sample; cell counts per µl."""

    wbc_per_ul: Measure | None = None
    blasts: bool | None = None
    rbc_per_ul: Measure | None = None
    sampled_at: Instant | None = None


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
    other_em: Annotated[tuple[OtherSite, ...], Entries(most=20)] = ()

    def merged_with(self, later: "Findings") -> "Findings":
        """Return these findings with every part that `later` carries put in its place."""
        carried = {name: getattr(later, name) for name in later.model_fields_set}
        return self.model_copy(update=carried)


class RecordedFindings(Findings):
    """Findings of `findings_recorded`: at least one part, or there is nothing to record."""

    also_needs: ClassVar[tuple[str, ...]] = ("at least one finding",)

    @model_validator(mode="before")
    @classmethod
    def _parts_stand_directly(cls, sent: object) -> object:
        """Refuse the shape of a relapse, where the same parts stand under `findings`."""
        if not isinstance(sent, Mapping) or "findings" not in sent:
            return sent
        wrapped = sent["findings"]
        parts = [name for name in cls.model_fields if isinstance(wrapped, Mapping) and name in wrapped]
        meant = ", ".join(f"data.{name}" for name in parts or ["marrow_blasts_percent"])
        raise PydanticCustomError(
            "misplaced_field",
            "is not a field here: its parts stand directly in data; did you mean {meant}?",
            {"field": "findings", "meant": meant},
        )

    @model_validator(mode="after")
    def _something_found(self) -> "RecordedFindings":
        if not self.model_fields_set:
            raise PydanticCustomError("nothing_found", "must carry at least one finding, e.g. csf or testis")
        return self
