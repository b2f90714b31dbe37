"""A database that somebody chose for a drill is empty again, whatever an administrator has added to the ward's own."""

import psycopg
import pytest

from tests.databases import PostgresqlServer, Urls
from tests.integration.backup.ward import Ward
from workflow.persistence.backup import postgresql
from workflow.persistence.engine import parse_url

ON_POSTGRESQL = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
EMPTY = pytest.mark.parametrize("empty_urls", ["postgresql"], indirect=True)
# What the owner of the tables may add, so that it is in the backup and restored with it.
BY_OWNER = (
    "CREATE STATISTICS added_together ON patient_id, seq FROM fact",
    'CREATE TABLE "a % of ""all"": x" (one integer GENERATED ALWAYS AS IDENTITY, two serial)',
    "CREATE TYPE composed AS (one integer)",
    "CREATE TABLE of_composed OF composed",
    "CREATE TYPE listed AS ENUM ('one')",
    "CREATE DOMAIN positive AS integer CHECK (value > 0)",
    # The second type of this one comes before it in every list.
    "CREATE TYPE spanned AS RANGE (subtype = float8, multirange_type_name = a_spanned)",
    'CREATE COLLATION bytewise FROM "C"',
    "CREATE SEQUENCE numbers",
    "CREATE VIEW seen AS SELECT 1 AS one",
    "CREATE VIEW a_seen AS SELECT one FROM seen",
    "CREATE MATERIALIZED VIEW kept AS SELECT one, one + 1 AS two FROM a_seen",
    "CREATE INDEX kept_one ON kept (one)",
    # Before what it belongs to in every list, and not a table's.
    "CREATE STATISTICS a_kept_sum ON one, two FROM kept",
    "CREATE TABLE whole (one integer)",
    "CREATE TABLE heir () INHERITS (whole)",
    "CREATE TABLE parted (one integer) PARTITION BY RANGE (one)",
    "CREATE TABLE a_part PARTITION OF parted FOR VALUES FROM (1) TO (2)",
    "CREATE FUNCTION of_many(integer, OUT one integer, VARIADIC many integer[]) LANGUAGE sql AS 'SELECT 1'",
    "CREATE PROCEDURE done(integer, OUT one integer) LANGUAGE sql AS 'SELECT 1'",
    "CREATE AGGREGATE added(integer) (sfunc = int4pl, stype = integer)",
    "CREATE AGGREGATE counted(*) (sfunc = int8inc, stype = int8, initcond = '0')",
    "CREATE OPERATOR %% (leftarg = integer, rightarg = integer, function = int4eq)",
    "CREATE OPERATOR !!! (rightarg = integer, function = int4um)",
    "CREATE TEXT SEARCH DICTIONARY words (template = simple)",
    "CREATE TEXT SEARCH CONFIGURATION wording (copy = simple)",
    "CREATE CONVERSION converted FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
)
# What a superuser alone may add.
BY_SUPERUSER = (
    (
        "CREATE TEXT SEARCH PARSER parsing (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, "
        "lextypes = prsd_lextype)"
    ),
    "CREATE TEXT SEARCH TEMPLATE a_template (lexize = dsimple_lexize)",
    "CREATE OPERATOR FAMILY hashed USING hash",
    (
        "CREATE OPERATOR CLASS ordered FOR TYPE integer USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, "
        "OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer)"
    ),
    (
        "CREATE AGGREGATE placed(float8 ORDER BY anyelement) "
        "(sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra)"
    ),
    "CREATE FUNCTION numbered() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number'",
    "CREATE TYPE based",
    "CREATE FUNCTION based_in(cstring) RETURNS based LANGUAGE internal IMMUTABLE STRICT AS 'int4in'",
    "CREATE FUNCTION based_out(based) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'",
    "CREATE TYPE based (input = based_in, output = based_out, like = int4)",
    "CREATE TYPE announced",
    "CREATE FOREIGN DATA WRAPPER wrapper",
    "CREATE SERVER elsewhere FOREIGN DATA WRAPPER wrapper",
    "CREATE FOREIGN TABLE from_elsewhere (one integer) SERVER elsewhere",
    "CREATE PUBLICATION published FOR TABLES IN SCHEMA public",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC",
)


def add(url: str, statements: tuple[str, ...]) -> None:
    """Let an administrator add what is in these statements."""
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement)


def standing(url: str) -> list[str]:
    """Name what stands in a database, by PostgreSQL's own catalogs."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace "
            "UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
            "UNION ALL SELECT oprname FROM pg_operator WHERE oprnamespace = 'public'::regnamespace "
            "UNION ALL SELECT opcname FROM pg_opclass WHERE opcnamespace = 'public'::regnamespace "
            "UNION ALL SELECT opfname FROM pg_opfamily WHERE opfnamespace = 'public'::regnamespace "
            "UNION ALL SELECT collname FROM pg_collation WHERE collnamespace = 'public'::regnamespace "
            "UNION ALL SELECT conname FROM pg_conversion WHERE connamespace = 'public'::regnamespace "
            "UNION ALL SELECT stxname FROM pg_statistic_ext WHERE stxnamespace = 'public'::regnamespace "
            "UNION ALL SELECT prsname FROM pg_ts_parser WHERE prsnamespace = 'public'::regnamespace "
            "UNION ALL SELECT tmplname FROM pg_ts_template WHERE tmplnamespace = 'public'::regnamespace "
            "UNION ALL SELECT dictname FROM pg_ts_dict WHERE dictnamespace = 'public'::regnamespace "
            "UNION ALL SELECT cfgname FROM pg_ts_config WHERE cfgnamespace = 'public'::regnamespace"
        ).fetchall()
    return [str(name) for (name,) in found]


@ON_POSTGRESQL
def test_a_drill_works_with_what_the_owner_has_added_and_leaves_nothing_of_it(ward: Ward) -> None:
    add(ward.courses.urls.owner, BY_OWNER)
    ward.backed_up()
    with ward.empty() as urls:
        finished = ward.drilled("--into", urls.owner)
        assert standing(urls.owner) == []
    assert finished.code == 0, finished.out
    assert finished.out.splitlines()[-2].endswith(" is empty again")


@EMPTY
def test_whatever_a_schema_can_hold_is_dropped(empty_urls: Urls, postgresql_server: PostgresqlServer) -> None:
    url = postgresql_server.superuser_url(empty_urls)
    add(url, ("CREATE TABLE fact (patient_id integer, seq integer)", *BY_OWNER, *BY_SUPERUSER))
    with postgresql.connected(parse_url(url)) as connection:
        postgresql.drop_all(connection)
        connection.commit()
    assert standing(url) == []
