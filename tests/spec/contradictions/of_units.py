"""Examples of units, doses and cycles."""

from collections.abc import Iterator

from pydantic import BaseModel

from tests.spec.contradictions.example import Example, a_relapse, decision, found, measured, refused, site_and_gaps
from tests.unit.protocols.texts import SOUND
from workflow.domain.facts.types import PAYLOADS
from workflow.protocols.library import shipped
from workflow.protocols.parse import parse_protocol
from workflow.protocols.problems import ProtocolError

MRD = {"timepoint": "END_INDUCTION", "method": "PCR", "sample_on": "2025-01-06", "value": "0.01", "unit": "percent"}


def uk_decides(value: str, unit: str) -> object:
    """Return what the UK recommends for IR with this result at the end of induction."""
    result = measured(value, "END_INDUCTION", unit=unit)
    return decision(a_relapse("late", "isolated_bm", mrd=result), "UKALL_R3")


def uk_decides_of_zero(sensitivity: str | None) -> object:
    """Return what the UK recommends for IR with a 0 at the end of induction, and this sensitivity in percent."""
    result = measured("0", "END_INDUCTION", unit="percent", sensitivity=sensitivity)
    return decision(a_relapse("late", "isolated_bm", mrd=result), "UKALL_R3")


def bfm_decides(value: str) -> object:
    """Return what BFM recommends for IR with this result after the second course."""
    result = measured(value, "AFTER_INDUCTION_COURSE_2")
    return decision(a_relapse("late", "isolated_bm", mrd=result), "BFM_2002")


def cog_decides(value: str, unit: str) -> object:
    """Return what COG recommends for a late marrow relapse with this result at the end of block 1."""
    result = measured(value, "END_BLOCK_1", "FLOW", unit=unit)
    return decision(a_relapse("late", "isolated_bm", mrd=result), "COG_TABLE6")


def fields_of(model: type[BaseModel]) -> Iterator[str]:
    """Yield the names of all fields of a payload, nested ones by their path."""
    for name, field in model.model_fields.items():
        yield name
        for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from (f"{name}.{inner}" for inner in fields_of(kind))


def doses_that_facts_take() -> list[str]:
    """Return every field of every fact that takes the dose of anything."""
    return [
        f"{fact_type}.{name}"
        for fact_type, payload in PAYLOADS.items()
        for name in fields_of(payload)
        if "dose" in name or name.endswith(("_mg", "_mcg", "_per_m2"))
    ]


def doses_in_protocols() -> list[str]:
    """Return the shipped protocols in which an amount of a drug stands."""
    amounts = (" mg", " mcg", " µg", "mg/m", "mcg/m", "g/m2", "g/m²")
    return [protocol.ref for protocol in shipped().versions if any(amount in protocol.body for amount in amounts)]


def keys_refused(text: str) -> list[str]:
    """Return the keys at which a protocol is refused, as its errors name them."""
    try:
        parse_protocol(text, "protocol.toml")
    except ProtocolError as refusal:
        return [line.split(": ")[1] for line in str(refusal).splitlines()]
    return []


def with_element_key(key: str) -> str:
    """Return a sound protocol whose element has one more key."""
    return SOUND.replace('label = "R1"', f'label = "R1"\n{key}', 1)


UNITS = (
    Example(
        of="C22",
        says="0.01 % is 1e-4, and for the UK at or above the cut-off",
        shown=lambda: (uk_decides("0.01", "percent"), uk_decides("0.0001", "fraction")),
        expected=("HSCT", "HSCT"),
        otherwise=("CHEMO_MAINT", "CHEMO_MAINT"),
    ),
    Example(
        of="C22",
        says="0.001 % lies under the cut-off of the UK, which is not 1e-5",
        shown=lambda: uk_decides("0.001", "percent"),
        expected="CHEMO_MAINT",
        otherwise="HSCT",
    ),
    Example(
        of="C22",
        says="0.01 % is at or above the cut-off of COG, which is not 1e-3",
        shown=lambda: (cog_decides("0.01", "percent"), cog_decides("0.0099", "percent")),
        expected=("HSCT", "CHEMO_MAINT"),
        otherwise=("CHEMO_MAINT", "CHEMO_MAINT"),
    ),
    Example(
        of="C22",
        says="a result between the cut-offs of the UK and BFM is positive for the one and negative for the other",
        shown=lambda: (uk_decides("0.0005", "fraction"), bfm_decides("0.0005")),
        expected=("HSCT", "CHEMO_MAINT"),
        otherwise=("CHEMO_MAINT", "CHEMO_MAINT"),
    ),
    Example(
        of="C22",
        says="a 0 is below the cut-off of the UK where its sensitivity reaches 0.01 %, and says nothing without one",
        shown=lambda: tuple(uk_decides_of_zero(sensitivity) for sensitivity in ("0.01", "0.1", None)),
        expected=("CHEMO_MAINT", "NEED_MRD", "NEED_MRD"),
        otherwise=("CHEMO_MAINT", "CHEMO_MAINT", "CHEMO_MAINT"),
    ),
    Example(
        of="C22",
        says="a result printed as 0.01 % and as 1e-3 is refused: one of the two is a misprint",
        shown=lambda: refused("mrd_reported", **MRD, also={"value": "0.001", "unit": "fraction"}),
        expected=("data.also.value", "mrd_contradiction"),
        otherwise=None,
    ),
    Example(
        of="C22",
        says="a result without a unit is refused",
        shown=lambda: refused("mrd_reported", **{name: value for name, value in MRD.items() if name != "unit"}),
        expected=("data.unit", "mrd_unit_missing"),
        otherwise=None,
    ),
    Example(
        of="C24",
        says="from 1e-3 on is positive for BFM, the limit itself included; 1e-2 is no other limit",
        shown=lambda: tuple(bfm_decides(value) for value in ("0.000999", "0.001", "0.00999", "0.01")),
        expected=("CHEMO_MAINT", "HSCT", "HSCT", "HSCT"),
        otherwise=("CHEMO_MAINT", "CHEMO_MAINT", "CHEMO_MAINT", "HSCT"),
    ),
    Example(
        of="C44",
        says="the dose of local irradiation is the only one that a fact takes, in Gy",
        shown=doses_that_facts_take,
        expected=["local_therapy_given.dose_gy"],
        otherwise=["block_started.dose_mg", "local_therapy_given.dose_gy"],
    ),
    Example(
        of="C44",
        says="blinatumomab in mg is refused in a fact, and a dose in a protocol",
        shown=lambda: (
            refused("block_started", element="CYCLE_1", dose_mg_per_m2="15")[0],
            keys_refused(with_element_key("dose_mg_per_m2 = 15")),
        ),
        expected=("data.dose_mg_per_m2", ["elements[0].dose_mg_per_m2"]),
        otherwise=(None, []),
    ),
    Example(
        of="C44",
        says="no shipped protocol names an amount of a drug",
        shown=doses_in_protocols,
        expected=[],
        otherwise=["blinatumomab-rr@1"],
    ),
    Example(
        of="C14",
        says="CSF is counted per µl: 5 cells with blasts are involvement, and there is no field for another unit",
        shown=lambda: (
            site_and_gaps(found(csf={"wbc_per_ul": 5, "blasts": True, "rbc_per_ul": 0})),
            refused("findings_recorded", csf={"wbc_per_ml": 5, "blasts": True})[0],
        ),
        expected=(("combined_bm",), "data.csf.wbc_per_ml"),
        otherwise=(("isolated_bm",), None),
    ),
    Example(
        of="C45",
        says="no cap of cycles is shared: a protocol that names one is refused until caps belong to an indication",
        shown=lambda: keys_refused(f"max_cycles = 5\n{SOUND}"),
        expected=["max_cycles"],
        otherwise=[],
    ),
    Example(
        of="C45",
        says="no protocol of blinatumomab stands for both indications",
        shown=lambda: [name for name in shipped().ids if name.startswith("blinatumomab")],
        expected=[],
        otherwise=["blinatumomab"],
    ),
)
