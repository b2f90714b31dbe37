"""The one statement that locks a patient, read before anything about them is decided."""

from sqlalchemy import TextClause, TextualSelect, bindparam, text
from sqlmodel import UTCDateTime

# One row is locked and nothing is joined to it: joined rows would be those from before the wait for the lock.
# Membership and the treating site's setting are looked up beside the row. The clock is read after the lock for the
# same reason. `moment` stands in for the database's clock where one was handed in.
# The treating site is the one that the row itself names: by a clock that was set back, the membership of the hospital
# that handed the patient over has not ended yet.
# Row-level security remembers whom it reached, so that it is not asked again for each of their rows.
# All but the locked row is seen as it was when the statement began. Where the row was changed during the wait for its
# lock, that is too old (a hand-over may have ended this very membership): `outdated` says so, and the statement, sent
# once more, sees what was committed meanwhile; hence memberships are held against its own time, not the transaction's.
_ON_POSTGRESQL = """
WITH p AS MATERIALIZED (
    SELECT
        id, site_id, pseudonym, version, state_json, engine, last_seq, head_hash, open_alerts, next_due_at, judged_by,
        changed_at, ledger_at, xmin AS written_by
    FROM patient
    WHERE id = CAST(:id AS text) AND (CAST(:sites AS text[]) IS NULL OR EXISTS (
        SELECT 1 FROM patient_site m
        WHERE m.patient_id = patient.id AND m.site_id = ANY(CAST(:sites AS text[]))
            AND (m.until_at IS NULL OR m.until_at > COALESCE(CAST(:moment AS timestamptz), statement_timestamp()))
    ))
    FOR UPDATE
)
SELECT p.*,
    (SELECT seen.xmin FROM patient seen WHERE seen.id = p.id) IS DISTINCT FROM p.written_by AS outdated,
    COALESCE(CAST(:moment AS timestamptz), clock_timestamp()) AS now,
    CASE WHEN CAST(:sites AS text[]) IS NOT NULL THEN remember_reached(p.id) END AS remembered,
    (
        SELECT CAST(
            json_agg(
                json_build_array(m.role, m.site_id, m.until_at)
                ORDER BY (m.role = 'treating' AND m.site_id = p.site_id) DESC, m.role DESC, m.site_id
            ) AS text
        )
        FROM patient_site m
        WHERE m.patient_id = p.id
            AND (m.until_at IS NULL OR m.until_at > COALESCE(CAST(:moment AS timestamptz), statement_timestamp()))
    ) AS members,
    (
        SELECT CAST(json_build_array(
            s.site_id, s.time_zone, s.working_days, s.holidays, s.contacts, s.notices_at, s.mrd_result_days,
            s.silent_after_days
        ) AS text) FROM site_setting s
        WHERE s.site_id = p.site_id
        ORDER BY s.from_recorded_at DESC LIMIT 1
    ) AS site
FROM p
"""
# The transaction has the only write lock already; `moment` was read after it.
_ON_SQLITE = """
SELECT id, pseudonym, version, state_json, engine, last_seq, head_hash, open_alerts, next_due_at, judged_by,
    changed_at, ledger_at, :moment AS now, FALSE AS outdated,
    (
        SELECT json_group_array(json_array(m.role, m.site_id, m.until_at)) FROM (
            SELECT role, site_id, until_at, role = 'treating' AND site_id = p.site_id AS treats FROM patient_site
            WHERE patient_id = p.id AND (until_at IS NULL OR until_at > :moment)
            ORDER BY treats DESC, role DESC, site_id
        ) m
    ) AS members,
    (
        SELECT json_array(
            s.site_id, s.time_zone, s.working_days, s.holidays, s.contacts, s.notices_at, s.mrd_result_days,
            s.silent_after_days
        ) FROM site_setting s
        WHERE s.site_id = p.site_id
        ORDER BY s.from_recorded_at DESC LIMIT 1
    ) AS site
FROM patient p
WHERE id = :id AND (:sites IS NULL OR EXISTS (
    SELECT 1 FROM patient_site m
    WHERE m.patient_id = p.id AND m.site_id IN (SELECT value FROM json_each(:sites))
        AND (m.until_at IS NULL OR m.until_at > :moment)
))
"""


def _with_types(statement: TextClause) -> TextualSelect:
    return statement.bindparams(bindparam("moment", type_=UTCDateTime())).columns(
        now=UTCDateTime(), changed_at=UTCDateTime(), next_due_at=UTCDateTime(), ledger_at=UTCDateTime()
    )


LOCK = {"postgresql": _with_types(text(_ON_POSTGRESQL)), "sqlite": _with_types(text(_ON_SQLITE))}
