"""What is copied: the rows of chosen patients as PostgreSQL itself writes them for COPY, ready to be renamed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from workflow.persistence.chain import GENESIS, fact_hash
from workflow.persistence.tables import (
    AccessLogTable,
    AlertEventTable,
    AlertTable,
    AttemptTable,
    FactTable,
    NoticeTable,
    PatientSiteTable,
    PatientTable,
    StateSpanTable,
    WindowSpanTable,
)
from workflow.persistence.tables.base import Row, table_of

# In the order in which one refers to another; how the rows of one patient are found in each.
OF_PATIENT: Mapping[type[Row], str] = {
    PatientTable: "id = {id}",
    PatientSiteTable: "patient_id = {id}",
    FactTable: "patient_id = {id}",
    StateSpanTable: "patient_id = {id}",
    WindowSpanTable: "patient_id = {id}",
    AlertTable: "patient_id = {id}",
    AlertEventTable: "alert_id IN (SELECT id FROM alert WHERE patient_id = {id})",
    NoticeTable: "alert_id IN (SELECT id FROM alert WHERE patient_id = {id})",
    AttemptTable: (
        "notice_id IN (SELECT notice.id FROM notice JOIN alert ON alert.id = alert_id WHERE patient_id = {id})"
    ),
    AccessLogTable: "patient_id = {id}",
}
TABLES = tuple(table_of(model).name for model in OF_PATIENT)
FACT, PATIENT = "fact", "patient"
# 2026-01-01: the copies' identifiers are of version 7 and stand behind each other as if registered one by one.
_FIRST_MILLISECOND = 1_767_225_600_000
Lines = dict[str, str]


@dataclass(frozen=True, slots=True)
class Template:
    """One patient to copy: rows as COPY text by table, and the facts once more as values, for their hashes."""

    id: str
    pseudonym: str
    head_hash: str
    inner_ids: tuple[str, ...]
    text: Mapping[str, str]
    fact_columns: tuple[str, ...]
    fact_lines: tuple[tuple[str, ...], ...]
    facts: tuple[Mapping[str, Any], ...]

    def copied(self, number: int, secret: bytes) -> Lines:
        """Return every row under the names of the copy of this number, each hash made by the code of the house."""
        patient_id, pseudonym = new_id(number, 0), f"LOAD-{number:07d}"
        renamed = [(self.id, patient_id), (self.pseudonym, pseudonym)]
        renamed += [(inner, new_id(number, place)) for place, inner in enumerate(self.inner_ids, start=1)]
        facts, head_hash = self._facts(patient_id, pseudonym, secret)
        lines = {FACT: facts}
        for table, text in self.text.items():
            for old, new in renamed:
                text = text.replace(old, new)  # noqa: PLW2901 -- one name after the other
            lines[table] = text
        lines[PATIENT] = lines[PATIENT].replace(self.head_hash, head_hash)
        return lines

    def _facts(self, patient_id: str, pseudonym: str, secret: bytes) -> tuple[str, str]:
        at = {name: self.fact_columns.index(name) for name in ("patient_id", "payload", "payload_sha256")}
        links = self.fact_columns.index("prev_hash"), self.fact_columns.index("hash")
        before, told = GENESIS, []
        for line, fact in zip(self.fact_lines, self.facts, strict=True):
            fields, row = list(line), {**fact, "patient_id": patient_id}
            fields[at["patient_id"]] = patient_id
            if self.pseudonym in fact["payload"]:
                payload = fact["payload"].replace(self.pseudonym, pseudonym)
                row["payload_sha256"] = sha256(payload.encode()).hexdigest()
                fields[at["payload"]] = fields[at["payload"]].replace(self.pseudonym, pseudonym)
                fields[at["payload_sha256"]] = row["payload_sha256"]
            own = fact_hash(secret, before, row)
            fields[links[0]], fields[links[1]] = before, own
            before = own
            told.append("\t".join(fields))
        return "\n".join(told) + "\n", before


def new_id(number: int, place: int) -> str:
    """Return the identifier of a copy, or of what belongs to it: version 7, rising with the number."""
    digits = f"{_FIRST_MILLISECOND + number:012x}7{place:03x}8{0:03x}{number:012x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def read_templates(connection: psycopg.Connection[Any], ids: Sequence[str]) -> list[Template]:
    """Return these patients as templates."""
    return [_template(connection, patient_id) for patient_id in ids]


def columns_of(table: str) -> tuple[str, ...]:
    """Return the columns that are copied: all but the one that the database counts."""
    found = next(table_of(model) for model in OF_PATIENT if table_of(model).name == table)
    return tuple(column.name for column in found.columns if column is not found.autoincrement_column)


def _template(connection: psycopg.Connection[Any], patient_id: str) -> Template:
    told = {table_of(model).name: "".join(_lines(connection, model, patient_id)) for model in OF_PATIENT}
    facts = connection.cursor(row_factory=dict_row).execute(
        "SELECT * FROM fact WHERE patient_id = %s ORDER BY seq", [patient_id]
    )
    inner = connection.execute(
        "SELECT id FROM alert WHERE patient_id = %(id)s UNION ALL "
        "SELECT notice.id FROM notice JOIN alert ON alert.id = alert_id WHERE patient_id = %(id)s ORDER BY id",
        {"id": patient_id},
    )
    row = connection.execute("SELECT pseudonym, head_hash FROM patient WHERE id = %s", [patient_id]).fetchone()
    assert row is not None
    return Template(
        id=patient_id,
        pseudonym=row[0],
        head_hash=row[1],
        inner_ids=tuple(each[0] for each in inner),
        text={name: text for name, text in told.items() if name != FACT},
        fact_columns=columns_of(FACT),
        fact_lines=tuple(tuple(line.split("\t")) for line in told[FACT].split("\n")[:-1]),
        facts=tuple(facts),
    )


def _lines(connection: psycopg.Connection[Any], model: type[Row], patient_id: str) -> Iterator[str]:
    name = table_of(model).name
    order = sql.SQL(" ORDER BY seq" if name == FACT else "")
    chosen = sql.SQL(OF_PATIENT[model]).format(id=sql.Literal(patient_id))
    statement = sql.SQL("COPY (SELECT {columns} FROM {table} WHERE {chosen}{order}) TO STDOUT").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns_of(name))),
        table=sql.Identifier(name),
        chosen=chosen,
        order=order,
    )
    with connection.cursor().copy(statement) as copy:
        for block in copy:
            yield bytes(block).decode()
