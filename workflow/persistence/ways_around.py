"""Finds the ways around row-level security that were made by hand: views, functions, rights beyond those we give."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, text

from workflow.persistence.faults import translated
from workflow.persistence.migrations.grants import gives
from workflow.persistence.migrations.site_fence import FENCES, FUNCTIONS
from workflow.persistence.tables import METADATA

# More are counted: who wants all of them asks PostgreSQL.
_NAMED_AT_MOST = 4
# Roles that the fence does not hold see everything as it is. What is theirs leads around it, where others may use it;
# a view or function of somebody else shows no more than that one sees, and what nobody else may use leads nowhere.
# PostgreSQL's own roles count by their members: pg_read_all_data may look through every view.
_UNHELD = """
WITH RECURSIVE ours AS (
    SELECT to_regclass('public.' || name)::oid AS oid FROM unnest(CAST(:tables AS text[])) AS name
), held AS (
    SELECT oid FROM pg_roles WHERE rolname !~ '^pg_' AND NOT rolbypassrls AND NOT EXISTS (
        SELECT FROM pg_class WHERE oid IN (SELECT oid FROM ours) AND pg_has_role(pg_roles.oid, relowner, 'USAGE')
    )
)
"""
# Who looks through a view sees what its owner sees; a view may ask who looks instead. Copies of rows are not seen here:
# nothing tells what they are of.
_VIEWS = text(f"""{_UNHELD}, shown AS (
    SELECT oid FROM ours
    UNION
    SELECT ev_class FROM shown
    JOIN pg_depend ON refclassid = 'pg_class'::regclass AND refobjid = shown.oid AND classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite ON pg_rewrite.oid = objid
)
SELECT CAST(shown.oid::regclass AS text) FROM shown JOIN pg_class USING (oid)
WHERE relkind IN ('v', 'm')
    AND NOT EXISTS (
        SELECT FROM pg_options_to_table(reloptions) WHERE option_name = 'security_invoker' AND option_value::boolean
    )
    AND relowner NOT IN (SELECT oid FROM held)
    AND EXISTS (
        SELECT FROM held WHERE has_schema_privilege(held.oid, relnamespace, 'USAGE') AND (
            has_any_column_privilege(held.oid, shown.oid, 'SELECT, INSERT, UPDATE')
            OR has_table_privilege(held.oid, shown.oid, 'DELETE')
        )
    )
ORDER BY 1
""")  # noqa: S608 -- our own text
# What such a function does with rows its text does not tell. Those of extensions are whose the extensions are.
_FUNCTIONS = text(f"""{_UNHELD}
SELECT CAST(oid::regprocedure AS text) FROM pg_proc
WHERE prosecdef
    AND (
        pronamespace <> 'public'::regnamespace
        OR proname || '(' || pg_get_function_identity_arguments(oid) || ')' <> ALL (CAST(:ours AS text[]))
    )
    AND proowner NOT IN (SELECT oid FROM held)
    AND EXISTS (
        SELECT FROM held WHERE has_schema_privilege(held.oid, pronamespace, 'USAGE')
            AND has_function_privilege(held.oid, pg_proc.oid, 'EXECUTE')
    )
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
    )
ORDER BY 1
""")  # noqa: S608 -- our own text
# Who has all rights of the owner by himself is given nothing by these.
_RIGHTS = text("""
SELECT relname, attname, privilege_type, CASE grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(grantee) END
FROM (
    SELECT pg_class.oid, relname, relowner, NULL AS attname, relacl AS given FROM pg_class
    UNION ALL
    SELECT pg_class.oid, relname, relowner, attname, attacl FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
) AS of_table, aclexplode(given)
WHERE (grantee = 0 OR NOT pg_has_role(grantee, relowner, 'USAGE')) AND oid IN (
    SELECT to_regclass('public.' || name) FROM unnest(CAST(:tables AS text[])) AS name
)
ORDER BY relname, attname, privilege_type
""")


class _Right(NamedTuple):
    """What a role, or everybody, may do with a table or a column of it."""

    table: str
    column: str | None
    given: str
    role: str | None


def ways_around(connection: Connection, app_role: str) -> Iterator[str]:
    """Yield a name for each view, function or right by which roles of the hospital's own may come past the fence.

    Who made them may have had reasons: monitoring, reports, a pooler. On SQLite there is no fence.
    """
    if connection.dialect.name != "postgresql":
        return
    ours = [f"{name}({function.arguments})" for name, function in FUNCTIONS.items()]
    with translated():
        views = connection.execute(_VIEWS, {"tables": list(FENCES)}).scalars().all()
        functions = connection.execute(_FUNCTIONS, {"tables": list(FENCES), "ours": ours}).scalars().all()
    yield from (f"the view {name}" for name in views)
    yield from (f"the function {name}" for name in functions)
    yield from _told([right for right in _rights(connection) if right.role not in {None, app_role}])


def rights_too_many(connection: Connection, app_role: str) -> Iterator[str]:
    """Yield a name for each right on our tables that the app role or everybody has, and no release has given.

    None on SQLite.
    """
    if connection.dialect.name == "postgresql":
        yield from _told([right for right in _rights(connection) if right.role in {None, app_role}])


def _rights(connection: Connection) -> Sequence[_Right]:
    with translated():
        found = [_Right(*row) for row in connection.execute(_RIGHTS, {"tables": list(METADATA.tables)})]
    return [right for right in found if right.role is None or not gives(right.given, right.table, right.column)]


def _told(rights: Sequence[_Right]) -> Iterator[str]:
    """Yield a line for each role and all the tables with which it may do the same."""
    of_place: dict[tuple[str, str], list[str]] = {}
    for right in rights:
        place = right.table if right.column is None else f"{right.table}.{right.column}"
        of_place.setdefault((right.role or "everybody", place), []).append(right.given)
    of_role = sorted(((role, ", ".join(given)), place) for (role, place), given in of_place.items())
    for (role, given), found in groupby(of_role, key=lambda one: one[0]):
        places = [place for _, place in found]
        more = f" and {len(places) - _NAMED_AT_MOST} more" if len(places) > _NAMED_AT_MOST else ""
        yield f"the right of {role} to {given} {', '.join(places[:_NAMED_AT_MOST])}{more}"
