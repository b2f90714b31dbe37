"""The indexes that lists at two clocks are read by, as the second migration makes them."""

from alembic import op

from workflow.persistence.migrations.first_schema.columns import index

_STANDING = "known_to IS NULL AND valid_to IS NULL"
_BRIEF = {
    "valid": {
        "postgresql": "(valid_to - valid_from) {} 60",
        "sqlite": "(julianday(valid_to) - julianday(valid_from)) {} 60",
    },
    "known": {
        "postgresql": "(known_to - known_from) {} interval '60 days'",
        "sqlite": "(julianday(known_to) - julianday(known_from)) {} 60",
    },
}
_PARTS = (
    ("ended", "valid", "valid_to IS NOT NULL", ["valid_to", "valid_from", "known_from", "known_to"]),
    (
        "replaced",
        "known",
        "valid_to IS NULL AND known_to IS NOT NULL",
        ["known_to", "known_from", "valid_from", "valid_to"],
    ),
)
_CARRIED = {
    "state_span": ["state", "site_id", "protocol", "patient_id"],
    "window_span": ["latest_on", "critical_from", "patient_id"],
}


def create() -> None:
    """Create them, in place of three that served less."""
    op.drop_index("ix_state_span_current", "state_span")
    op.drop_index("ix_state_span_state", "state_span")
    op.drop_index("ix_window_span_worklist", "window_span")
    standing = ["valid_from", "known_from", "patient_id", "known_to", "valid_to"]
    index("ix_window_span_worklist", "window_span", ["latest_on", *standing], where=_STANDING)
    index("ix_state_span_standing", "state_span", ["state", "site_id", "protocol", *standing], where=_STANDING)
    index(
        "ix_window_span_critical",
        "window_span",
        ["critical_from"],
        where=f"{_STANDING} AND critical_from IS NOT NULL AND (latest_on IS NULL OR latest_on > critical_from)",
    )
    index("ix_patient_silent_from", "patient", ["silent_from"], where="silent_from IS NOT NULL")
    index("ix_fact_occurred_on", "fact", ["occurred_on"])
    for table, carried in _CARRIED.items():
        index(f"ix_{table}_patient_id", table, ["patient_id"])
        for part, lasting, fixed, columns in _PARTS:
            for name, than in (("brief", "<="), ("long", ">")):
                where = {dialect: f"{fixed} AND {length.format(than)}" for dialect, length in _BRIEF[lasting].items()}
                index(f"ix_{table}_{part}_{name}", table, [*columns, *carried], where=where)


def drop() -> None:
    """Drop them, and make the three again that they replaced."""
    for table in _CARRIED:
        for part, *_ in _PARTS:
            for name in ("brief", "long"):
                op.drop_index(f"ix_{table}_{part}_{name}", table)
        op.drop_index(f"ix_{table}_patient_id", table)
    op.drop_index("ix_fact_occurred_on", "fact")
    op.drop_index("ix_patient_silent_from", "patient")
    op.drop_index("ix_window_span_critical", "window_span")
    op.drop_index("ix_state_span_standing", "state_span")
    op.drop_index("ix_window_span_worklist", "window_span")
    index("ix_window_span_worklist", "window_span", ["latest_on"], where="known_to IS NULL AND ended_as IS NULL")
    index("ix_state_span_current", "state_span", ["patient_id"], where="known_to IS NULL")
    index("ix_state_span_state", "state_span", ["state"], where=_STANDING)
