"""Finds where row-level security on PostgreSQL is not what it should be, and whom it does not hold."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, text

from workflow.persistence.faults import translated
from workflow.persistence.migrations.site_fence import FENCES, FUNCTIONS, SEARCH_PATH, name_of

_NOT_HELD = text("SELECT bool_and(row_security_active(to_regclass(name))) FROM unnest(CAST(:tables AS text[])) AS name")
_TABLES = text(
    "SELECT relname, relrowsecurity FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname IN :tables"
).bindparams(bindparam("tables", expanding=True))
_POLICIES = text(
    "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies "
    "WHERE schemaname = 'public' AND tablename IN :tables ORDER BY tablename, policyname"
).bindparams(bindparam("tables", expanding=True))
# They read as their owner does: as one whom the fence does not hold, and nobody else. They answer the app role only.
_FUNCTIONS = text(
    "SELECT proname, prosrc, prosecdef, array_to_string(proconfig, ','), proowner = t.relowner, provolatile, "
    "EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0) "
    "FROM pg_proc, pg_class t "
    "WHERE pronamespace = 'public'::regnamespace AND proname IN :names AND t.oid = to_regclass('patient_site')"
).bindparams(bindparam("names", expanding=True))
# What the app role is by itself, and then whom it may become. That an owner may become the app role is wanted.
_APP_ROLE_UNHELD = text("""
WITH unheld AS (
    SELECT oid, rolname FROM pg_roles WHERE rolsuper OR rolbypassrls
    UNION
    SELECT relowner, pg_get_userbyid(relowner) FROM pg_class
    WHERE oid IN (SELECT to_regclass('public.' || name) FROM unnest(CAST(:tables AS text[])) AS name)
), app AS (
    SELECT pg_roles.oid, EXISTS (SELECT FROM unheld WHERE unheld.oid = pg_roles.oid) AS itself FROM pg_roles
    WHERE rolname = :role
)
SELECT unheld.rolname FROM app, unheld
WHERE CASE WHEN itself THEN unheld.oid = app.oid ELSE pg_has_role(app.oid, unheld.oid, 'MEMBER') END
ORDER BY 1
""")
Policy = tuple[object, ...]


def holds_us(connection: Connection) -> bool:
    """Whether row-level security holds the role of this connection; on SQLite there are neither roles nor fences."""
    if connection.dialect.name != "postgresql":
        return True
    with translated():
        return bool(connection.execute(_NOT_HELD, {"tables": list(FENCES)}).scalar_one())


def unheld_app_role(connection: Connection, app_role: str) -> Iterator[str]:
    """Yield the app role's name where row-level security does not hold it, or once for each such role it may become."""
    if connection.dialect.name != "postgresql":
        return
    with translated():
        found = connection.execute(_APP_ROLE_UNHELD, {"role": app_role, "tables": list(FENCES)}).scalars().all()
    for role in found:
        yield f"the role {app_role}" if role == app_role else f"the role {app_role}, which may become {role}"


def broken_fences(connection: Connection) -> Iterator[str]:
    """Yield a name for each table, policy or function of the fence that is not as it was made."""
    if connection.dialect.name != "postgresql":
        return
    with translated():
        on: dict[str, bool] = {row[0]: row[1] for row in connection.execute(_TABLES, {"tables": list(FENCES)})}
        found = {(row[0], row[1]): tuple(row[2:]) for row in connection.execute(_POLICIES, {"tables": list(FENCES)})}
        functions = {row[0]: tuple(row[1:]) for row in connection.execute(_FUNCTIONS, {"names": list(FUNCTIONS)})}
    yield from (f"row-level security of the table {table}" for table in FENCES if not on.get(table))
    expected = dict(_policies())
    for key in sorted({*expected, *found}):
        if key not in found or expected.get(key) != _told(found[key]):
            yield f"the policy {key[1]} of the table {key[0]}"
    for name, function in FUNCTIONS.items():
        expected_of = (function.body, True, f"search_path={SEARCH_PATH}", True, function.kind[0].lower(), False)
        if functions.get(name) != expected_of:
            yield f"the function {name}"


def as_told(condition: str | None) -> str | None:
    """Return a condition without what PostgreSQL adds when it tells it: spaces, brackets, casts of text."""
    return None if condition is None else re.sub(r"\s+|[()]|::text\b(\[\])?", "", condition)


def _policies() -> Iterator[tuple[tuple[str, str], Policy]]:
    for table, fence in FENCES.items():
        for command, using, check in fence.policies():
            told = ("PERMISSIVE", "{public}", command, as_told(using), as_told(check))
            yield (table, name_of(table, command)), told


def _told(policy: Policy) -> Policy:
    *how, using, check = policy
    return (*how, as_told(using), as_told(check))  # type: ignore[arg-type]
