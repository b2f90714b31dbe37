"""What patients refer to: sites, protocol versions, the seals of the chain, and the installation itself."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from workflow.persistence.tables.base import COUNTED, Row


class SiteSettingTable(Row, table=True):
    """A site as set from an instant on; a change is a new row, so that the past stays explainable."""

    __tablename__ = "site_setting"

    site_id: str = Field(primary_key=True)
    from_recorded_at: datetime = Field(primary_key=True)
    name: str
    time_zone: str
    working_days: str
    holidays: str
    contacts: str
    silent_after_days: int | None = None
    notices_at: str | None = None
    mrd_result_days: int | None = None
    actor_id: str


class ProtocolVersionTable(Row, table=True):
    """The body of a protocol version as it was first loaded; courses pin its SHA-256.

    `origin` says whose it was then: shipped with a release of the program (None too: there were no others), or own.
    """

    __tablename__ = "protocol_version"
    __table_args__ = (UniqueConstraint("sha256"),)

    id: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    sha256: str
    body: str
    stored_at: datetime
    origin: str | None = None


class ProtocolSignatureTable(Row, table=True):
    """Who signed which body as its author or as its approver: one person a part, and each person one part."""

    __tablename__ = "protocol_signature"
    __table_args__ = (
        UniqueConstraint("sha256", "actor_id"),
        CheckConstraint("part IN ('author', 'approver')", name="part"),
    )

    sha256: str = Field(primary_key=True, foreign_key="protocol_version.sha256")
    part: str = Field(primary_key=True)
    actor_id: str
    signed_at: datetime
    note: str | None = None


class SealTable(Row, table=True):
    """A seal over the heads of the chains that grew since the seal before, itself chained; `patients` counts them."""

    __tablename__ = "seal"

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTED)
    sealed_at: datetime
    patients: int
    heads_sha256: str
    prev_hash: str
    hash: str


class SealedHeadTable(Row, table=True):
    """The head of one patient's chain as a seal found it: the newest fact and its hash."""

    __tablename__ = "sealed_head"
    __table_args__ = (Index(None, "patient_id", "seq"),)

    seal_id: int = Field(
        primary_key=True, foreign_key="seal.id", sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    patient_id: str = Field(primary_key=True)
    seq: int
    hash: str


class HeartbeatTable(Row, table=True):
    """When a job of the scheduler last ran, in whichever process; `report` says what it found, JSON text of counts."""

    __tablename__ = "heartbeat"

    job: str = Field(primary_key=True)
    process: str
    period_seconds: int
    started_at: datetime
    finished_at: datetime | None = None
    report: str | None = None


class InstallationTable(Row, table=True):
    """The one row about this database: whether it is for rehearsal, and which secret its chain is made with.

    `usable_from` is the oldest revision whose processes may go on working on these tables while they are upgraded;
    `judged_by` names the rules of the last upgrade, which everybody is judged anew with.
    """

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    rehearsal: bool = False
    secret_check: str | None = None
    usable_from: str | None = None
    judged_by: str | None = None
