"""Every table, so that one import fills the metadata that migrations are compared with."""

from workflow.persistence.tables.access import (
    AccessLogTable,
    ActorGrantTable,
    ActorTable,
    ApiKeyTable,
    EndedSessionTable,
    IdempotencyTable,
)
from workflow.persistence.tables.alerts import AlertEventTable, AlertTable, AttemptTable, NoticeTable
from workflow.persistence.tables.base import Row
from workflow.persistence.tables.patients import (
    FactTable,
    PatientSiteTable,
    PatientTable,
    StateSpanTable,
    WindowSpanTable,
)
from workflow.persistence.tables.reference import (
    HeartbeatTable,
    InstallationTable,
    ProtocolSignatureTable,
    ProtocolVersionTable,
    SealedHeadTable,
    SealTable,
    SiteSettingTable,
)

METADATA = Row.metadata
# Refused by trigger on both databases, and never granted to the app role on PostgreSQL: update and delete.
APPEND_ONLY = (
    *("fact", "alert_event", "attempt", "access_log", "site_setting", "protocol_version"),
    *("protocol_signature", "seal", "sealed_head"),
)

__all__ = [
    "APPEND_ONLY",
    "METADATA",
    "AccessLogTable",
    "ActorGrantTable",
    "ActorTable",
    "AlertEventTable",
    "AlertTable",
    "ApiKeyTable",
    "AttemptTable",
    "EndedSessionTable",
    "FactTable",
    "HeartbeatTable",
    "IdempotencyTable",
    "InstallationTable",
    "NoticeTable",
    "PatientSiteTable",
    "PatientTable",
    "ProtocolSignatureTable",
    "ProtocolVersionTable",
    "Row",
    "SealTable",
    "SealedHeadTable",
    "SiteSettingTable",
    "StateSpanTable",
    "WindowSpanTable",
]
