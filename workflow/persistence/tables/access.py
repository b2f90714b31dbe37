"""Who may see and do what, and who did."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from workflow.persistence.tables.base import COUNTED, Row

ROLES = "role IN ('viewer', 'nurse', 'clinician', 'coordinator', 'admin')"


class ActorTable(Row, table=True):
    """A person or a service; never a key."""

    __tablename__ = "actor"
    __table_args__ = (CheckConstraint("kind IN ('person', 'service')", name="kind"),)

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    kind: str
    made_at: datetime


class ActorGrantTable(Row, table=True):
    """A role at one site, or at all sites where `site_id` is None; kept after it is revoked."""

    __tablename__ = "actor_grant"
    __table_args__ = (
        CheckConstraint(ROLES, name="role"),
        Index(
            "uq_actor_grant_site",
            "actor_id",
            "site_id",
            "role",
            unique=True,
            postgresql_where=text("site_id IS NOT NULL AND revoked_at IS NULL"),
            sqlite_where=text("site_id IS NOT NULL AND revoked_at IS NULL"),
        ),
        Index(
            "uq_actor_grant_everywhere",
            "actor_id",
            "role",
            unique=True,
            postgresql_where=text("site_id IS NULL AND revoked_at IS NULL"),
            sqlite_where=text("site_id IS NULL AND revoked_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTED)
    actor_id: str = Field(foreign_key="actor.id")
    site_id: str | None = None
    role: str
    granted_at: datetime
    revoked_at: datetime | None = None


class ApiKeyTable(Row, table=True):
    """A key of an actor; its secret is stored as a digest, found by the public `id`."""

    __tablename__ = "api_key"
    __table_args__ = (Index(None, "actor_id"),)

    id: str = Field(primary_key=True)
    actor_id: str = Field(foreign_key="actor.id")
    secret_sha256: str
    made_at: datetime
    revoked_at: datetime | None = None


class EndedSessionTable(Row, table=True):
    """A browser's session that was signed out of, by the digest of its cookie, until it would have ended by itself."""

    __tablename__ = "ended_session"

    sha256: str = Field(primary_key=True)
    until_at: datetime


class AccessLogTable(Row, table=True):
    """One act of reading or writing; never updated, never deleted. Holds ids and kinds, no clinical data."""

    __tablename__ = "access_log"
    __table_args__ = (Index(None, "patient_id", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTED)
    at: datetime
    actor_id: str
    action: str
    patient_id: str | None = None
    site_id: str | None = None
    items: int | None = None


class IdempotencyTable(Row, table=True):
    """The first answer to a request that may come twice; kept for 30 days."""

    __tablename__ = "idempotency"
    __table_args__ = (Index(None, "made_at"),)

    actor_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    status: int
    body: str
    version: int | None = None
    made_at: datetime
