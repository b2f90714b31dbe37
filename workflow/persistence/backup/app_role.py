"""Whether a ward's processes could work on a restored database: their role is the server's, and in no backup."""

import re
from dataclasses import dataclass

from sqlalchemy import Connection, text

from workflow.persistence.backup.errors import RestoreError
from workflow.persistence.engine import parse_url
from workflow.persistence.tables import METADATA

# Before PostgreSQL 16 every member of a role may become it.
_ROLE = text(
    "SELECT rolcanlogin AS may_sign_in, has_database_privilege(oid, current_database(), 'CONNECT') AS may_connect, "
    "has_schema_privilege(oid, 'public', 'USAGE') AS may_enter, pg_has_role(oid, CASE WHEN "
    "current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) AS may_be_taken, "
    "current_database() AS database, current_user AS us FROM pg_roles WHERE rolname = :role"
)
_KEPT_FROM_IT = text(
    "SELECT name FROM unnest(CAST(:tables AS text[])) AS name, to_regclass('public.' || name) AS of "
    "WHERE NOT (has_table_privilege(:role, of, 'SELECT') AND has_table_privilege(:role, of, 'INSERT')) LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class AppRole:
    """The app role of a server: its name, the role that asked, and whether that one may take it."""

    name: str
    us: str
    may_be_taken: bool


def require_app_role(connection: Connection, role: str) -> AppRole:
    """Return the role that a ward's processes sign in as; raises RestoreError where they could not work as it."""
    found = connection.execute(_ROLE, {"role": role}).one_or_none()
    if found is None:
        raise RestoreError(
            f"the role {role} does not exist on this server, so no process of the ward could work here: CREATE ROLE "
            f"{role} LOGIN, or name another in COURSEWATCH_APP_ROLE"
        )
    if not found.may_sign_in:
        raise RestoreError(f"the role {role} may not sign in, so no process of the ward could: ALTER ROLE {role} LOGIN")
    if not found.may_connect:
        raise RestoreError(
            f"the role {role} may not reach this database: GRANT CONNECT ON DATABASE {found.database} TO {role}"
        )
    kept = connection.execute(_KEPT_FROM_IT, {"role": role, "tables": list(METADATA.tables)}).scalar_one_or_none()
    if kept is not None or not found.may_enter:
        what = "the schema public" if kept is None else f"the table {kept}"
        raise RestoreError(
            f"the role {role} may not work with {what}: `coursewatch db upgrade` grants its rights, as the owner of "
            "the database and of the schema public"
        )
    return AppRole(role, found.us, found.may_be_taken)


def as_role(url: str, role: str) -> str:
    """Return the URL of a PostgreSQL database by which sessions take a role that their own may take."""
    taken = re.sub(r"([\\ ])", r"\\\1", role)
    query = [("options", f"-c role={taken}")]
    return parse_url(url).update_query_pairs(query, append=True).render_as_string(hide_password=False)
