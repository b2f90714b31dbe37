#!/usr/bin/env bash
# Runs once, in the database's container, when its volume is empty: makes the two roles, the database and one for drills,
# and lets nobody else in. The owner migrates; the program runs as coursewatch_app, which `coursewatch db upgrade` grants
# its rights and which cannot change or delete a fact.
set -euo pipefail

# psql reads the passwords itself: they stand in no argument and in no variable of the environment.
psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --no-psqlrc --set ON_ERROR_STOP=1 <<'SQL'
\set owner_password `cat /run/secrets/database_owner_password`
\set app_password `cat /run/secrets/database_app_password`
CREATE ROLE coursewatch_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE coursewatch_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
-- So that a drill can work as the ward's processes do. It gives the owner nothing that it does not have.
GRANT coursewatch_app TO coursewatch_owner;
CREATE DATABASE coursewatch OWNER coursewatch_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT, TEMPORARY ON DATABASE coursewatch FROM PUBLIC;
GRANT CONNECT ON DATABASE coursewatch TO coursewatch_app;
CREATE DATABASE coursewatch_drill OWNER coursewatch_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT, TEMPORARY ON DATABASE coursewatch_drill FROM PUBLIC;
GRANT CONNECT ON DATABASE coursewatch_drill TO coursewatch_app;
SQL

# Over the network the two roles alone, each with its password. The superuser works inside this container only.
cat > "$PGDATA/pg_hba.conf" <<'HBA'
# TYPE  DATABASE                       USER                               ADDRESS  METHOD
local   all                            postgres                                    peer
host    coursewatch,coursewatch_drill  coursewatch_owner,coursewatch_app  all      scram-sha-256
HBA
