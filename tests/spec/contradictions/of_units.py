"""Examples of units, doses and cycles."""

from collections.abc import Iterator
from datetime import date, timedelta

from pydantic import BaseModel

from tests.facts import a_draft, a_registered_patient
from tests.spec.contradictions.example import Example, a_relapse, decision, found, measured, refused, site_and_gaps
from tests.spec.small_protocols import give
from tests.unit.protocols.texts import SOUND, broken, flawed_keys
from workflow.domain.errors import Refusal
from workflow.domain.facts.types import PAYLOADS
from workflow.protocols.library import shipped

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


def doses_of(drug: str) -> dict[str, list[str]]:
    """Return the amounts of a drug that shipped protocols show, by protocol."""
    shown = {
        protocol.id: [f"{dose.amount} {dose.unit}" for dose in protocol.doses if dose.drug == drug]
        for protocol in shipped().versions
    }
    return {name: amounts for name, amounts in shown.items() if amounts}


def flaws_of_dose(amount: str, unit: str) -> list[str]:
    """Return the keys at which a protocol with this dose of blinatumomab is refused."""
    dose = f'element = "R1"\ndrug = "Blinatumomab"\namount = {amount}\nunit = "{unit}"\nsource = "000, page 1"'
    return flawed_keys(f"{SOUND}\n[[doses]]\n{dose}\n")


def cut_off_flaws(cutoff: str, printed: str) -> list[str]:
    """Return the keys at which a protocol with this cut-off of MRD, printed so, is refused."""
    return flawed_keys(broken("cutoff = 0.001", f'cutoff = {cutoff}\nprinted = "{printed}"'))


def cut_offs_printed(printed: str) -> set[str]:
    """Return the cut-offs of the shipped protocols that their source prints so."""
    points = (point for protocol in shipped().versions for point in protocol.mrd_points)
    return {str(point.cutoff) for point in points if point.printed == printed}


def sixth_cycle_of_blinatumomab(after_cycles_for_mrd: int) -> str:
    """Return how the second cycle for relapsed disease is answered, the sixth of all after four for MRD."""
    file = a_registered_patient(shipped(), phenotype="BCP")
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="blinatumomab-mrd")
    for number in range(1, after_cycles_for_mrd + 1):
        started_on = date(2025, 1, 6) + timedelta(days=42 * number)
        give(file, f"CYCLE_{number}", str(started_on), str(started_on + timedelta(days=28)))
    file.add("protocol_chosen", "2026-01-05", protocol="blinatumomab-rr")
    give(file, "CYCLE_1", "2026-01-06", "2026-02-03")
    outcome = file.propose(a_draft("block_started", "2026-03-02", element="CYCLE_2"))
    return outcome.code if isinstance(outcome, Refusal) else "accepted"


def caps() -> dict[str, list[tuple[int, str]]]:
    """Return the caps of the shipped protocols, by protocol."""
    return {known.id: [(cap.most, cap.scope) for cap in known.caps] for known in shipped().versions if known.caps}


def cycle_days(protocol_id: str, rule: str) -> tuple[int | None, int | None]:
    """Return from which day after the start to which one the next cycle is on time."""
    protocol = shipped().named(protocol_id)
    window = protocol.window_rule(rule) if protocol else None
    return (window.earliest_days, window.latest_days) if window else (None, None)


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
        of="C22",
        says="a protocol whose cut-off is not the one it shows as printed is refused: 0.01 % is not 1e-3",
        shown=lambda: (
            cut_off_flaws("0.0001", "0.01 %"),
            cut_off_flaws("0.001", "0.01 %"),
            cut_off_flaws("0.0001", "0.01 % (10-3)"),
        ),
        expected=([], ["mrd_points[0].cutoff"], ["mrd_points[0].printed"]),
        otherwise=([], [], []),
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
        says="blinatumomab in mg is refused in a fact and in a protocol, and in thousands of micrograms as well",
        shown=lambda: (
            refused("block_started", element="CYCLE_1", dose_mg_per_m2="15")[0],
            flaws_of_dose("15", "mg/m2/day"),
            flaws_of_dose("15000", "mcg/m2/day"),
            flaws_of_dose("15", "mcg/m2/day"),
        ),
        expected=("data.dose_mg_per_m2", ["doses[0].unit"], ["doses[0].amount"], []),
        otherwise=(None, [], [], []),
    ),
    Example(
        of="C44",
        says="the shipped protocols show blinatumomab in micrograms alone",
        shown=lambda: doses_of("blinatumomab"),
        expected={"blinatumomab-mrd": ["15 mcg/m2/day", "28 mcg/day"], "blinatumomab-rr": ["28 mcg/day"]},
        otherwise={"blinatumomab-mrd": ["15 mg/m2/day", "28 mcg/day"], "blinatumomab-rr": ["28 mcg/day"]},
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
        says="relapsed disease and MRD are two protocols, each with its own cap: 5 in a life, and 4 in a course",
        shown=caps,
        expected={"blinatumomab-mrd": [(4, "course")], "blinatumomab-rr": [(5, "life")]},
        otherwise={"blinatumomab": [(5, "life")]},
    ),
    Example(
        of="C45",
        says="cycles for MRD count for no cap of relapsed disease: a second one after four of them is accepted",
        shown=lambda: sixth_cycle_of_blinatumomab(after_cycles_for_mrd=4),
        expected="accepted",
        otherwise="cap_reached",
    ),
    Example(
        of="C47",
        says="a cycle of inotuzumab lasts 21 days, or until 28 days after its start: no day 21 is stored for the gap",
        shown=lambda: cycle_days("inotuzumab", "TR-048"),
        expected=(21, 28),
        otherwise=(21, 27),
    ),
    Example(
        of="X7",
        says="10-3 and 10-4 are powers of ten whose superscript was lost, and the protocols show them as printed",
        shown=lambda: (
            cut_off_flaws("0.001", "10-3"),
            cut_off_flaws("0.0001", "10-3"),
            cut_offs_printed("10-3"),
            cut_offs_printed("10-4"),
        ),
        expected=([], ["mrd_points[0].cutoff"], {"0.001"}, {"0.0001"}),
        otherwise=(["mrd_points[0].printed"], ["mrd_points[0].printed"], {"7"}, {"6"}),
    ),
)
