"""Finds the ways around row-level security that were made by hand: views, functions, rights beyond those we give."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from workflow.persistence.faults import translated
from workflow.persistence.migrations.grants import gives
from workflow.persistence.migrations.site_fence import FENCES, FUNCTIONS
from workflow.persistence.tables import METADATA

# Who looks through a view sees what its owner sees, whom the fence does not hold; a view may ask who looks instead.
# One that its owner keeps to himself leads nowhere. Copies of rows are not seen here: nothing tells what they are of.
_VIEWS = text("""
WITH RECURSIVE shown AS (
    SELECT to_regclass('public.' || name)::oid AS oid FROM unnest(CAST(:tables AS text[])) AS name
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
    AND (
        EXISTS (SELECT FROM aclexplode(relacl) WHERE grantee <> relowner)
        OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = shown.oid AND attacl IS NOT NULL)
    )
ORDER BY 1
""")
# What such a function does with rows its text does not tell. Those of extensions are whose the extensions are.
_FUNCTIONS = text("""
SELECT CAST(oid::regprocedure AS text) FROM pg_proc
WHERE prosecdef
    AND (
        pronamespace <> 'public'::regnamespace
        OR proname || '(' || pg_get_function_identity_arguments(oid) || ')' <> ALL (CAST(:ours AS text[]))
    )
    AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee <> proowner)
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
    )
ORDER BY 1
""")
_RIGHTS = text("""
SELECT relname, attname, privilege_type, CASE grantee WHEN 0 THEN NULL ELSE CAST(grantee::regrole AS text) END
FROM (
    SELECT pg_class.oid, relname, relowner, NULL AS attname, relacl AS given FROM pg_class
    UNION ALL
    SELECT pg_class.oid, relname, relowner, attname, attacl FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
) AS of_table, aclexplode(given)
WHERE grantee <> relowner AND oid IN (
    SELECT to_regclass('public.' || name) FROM unnest(CAST(:tables AS text[])) AS name
)
ORDER BY relname, privilege_type, attname, grantee
""")


def ways_around(connection: Connection) -> Iterator[str]:
    """Yield a name for each view, function or right by which others than the owner come at more than the fence lets.

    On SQLite there is no fence.
    """
    if connection.dialect.name != "postgresql":
        return
    ours = [f"{name}({function.arguments})" for name, function in FUNCTIONS.items()]
    with translated():
        views = connection.execute(_VIEWS, {"tables": list(FENCES)}).scalars().all()
        functions = connection.execute(_FUNCTIONS, {"ours": ours}).scalars().all()
        rights = connection.execute(_RIGHTS, {"tables": list(METADATA.tables)}).all()
    yield from (f"the view {name}" for name in views)
    yield from (f"the function {name}" for name in functions)
    for table, column, right, role in rights:
        if role is None or not gives(right, table, column):
            what = table if column is None else f"{table}.{column}"
            yield f"the right of {role or 'everybody'} to {right} {what}"
