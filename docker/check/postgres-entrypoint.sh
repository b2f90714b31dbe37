#!/usr/bin/env bash
# What the official image does at a start, as far as compose.yaml uses it: an empty data folder is made into a cluster
# with the superuser's password, scripts of /docker-entrypoint-initdb.d run against a server without network, and then
# the server starts.
set -euo pipefail
umask 077

if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    chmod 0700 "$PGDATA"
    # As the official image does: words of POSTGRES_INITDB_ARGS are options.
    read -ra options <<<"${POSTGRES_INITDB_ARGS:-}"
    initdb --username="${POSTGRES_USER:-postgres}" --pwfile="$POSTGRES_PASSWORD_FILE" "${options[@]}"
    printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
    pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
    if [ "${POSTGRES_DB:-postgres}" != postgres ]; then
        createdb --username="${POSTGRES_USER:-postgres}" "$POSTGRES_DB"
    fi
    for script in /docker-entrypoint-initdb.d/*.sh; do
        [ -e "$script" ] || continue
        if [ -x "$script" ]; then "$script"; else . "$script"; fi
    done
    pg_ctl -D "$PGDATA" -m fast -w stop
    # The official image's sample configuration listens everywhere; Debian's does not.
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
fi
exec "$@"
