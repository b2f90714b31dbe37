"""Small files of facts, written as a ward would write them."""

from pathlib import Path

HEADER = (
    "patient,site,type,occurred_on,external_id,recorded_at,data.pseudonym,data.site,data.diagnosis_date,"
    "data.phenotype,data.relapse_site,data.protocol,data.element,data.given,data.to"
)
_COLUMNS = HEADER.split(",")


def row(patient: str, fact_type: str, occurred_on: str, **cells: str) -> str:
    """Return one line; `data_element` and the like stand for the columns with a dot."""
    named = {"patient": patient, "type": fact_type, "occurred_on": occurred_on}
    named |= {name.replace("data_", "data.", 1): cell for name, cell in cells.items()}
    assert set(named) <= set(_COLUMNS)
    return ",".join(named.get(column, "") for column in _COLUMNS)


def registration(patient: str, site: str = "berlin", **cells: str) -> str:
    """Return the line that registers a patient."""
    return row(
        patient,
        "patient_registered",
        "2025-01-06",
        data_pseudonym=patient,
        data_site=site,
        data_diagnosis_date="2022-03-01",
        data_phenotype="BCP",
        **cells,
    )


def course(patient: str, site: str = "berlin", **cells: str) -> list[str]:
    """Return six lines: registration, relapse, protocol, R1 with its completion, R2 after 21 days."""
    return [
        registration(patient, site, **cells),
        row(patient, "relapse_diagnosed", "2025-01-06", data_relapse_site="isolated_bm", **cells),
        row(patient, "protocol_chosen", "2025-01-06", data_protocol="all-rez-bfm-2002", **cells),
        row(patient, "block_started", "2025-01-07", data_element="R1", **cells),
        row(patient, "block_completed", "2025-01-12", data_given="as_planned", **cells),
        row(patient, "block_started", "2025-01-28", data_element="R2", **cells),
    ]


def write(path: Path, *lines: str) -> Path:
    """Write a CSV with these lines below the header; the first is row 2."""
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return path
