#!/usr/bin/env bash
# Sourced by docker/check.sh: what is killed, restarted and made anew while a ward works, and what it sees of that.

start_load() {
    python3 "$here/check/load.py" "$https" "$work/key" "$work/certificate.pem" "$1" >"$work/load.json" 2>"$work/load.err" &
    load=$!
}

# Ends the load, says what it saw, and fails where more failed than may.
load_failed_at_most() {
    kill "$load" 2>/dev/null || true
    wait "$load" || true
    load=
    python3 - "$1" "$work/load.json" <<'SUM'
import json, sys
seen = json.load(open(sys.argv[2]))
print(f"{seen['read']} read, {seen['recorded']} recorded, {seen['failed']} failed")
for failure in seen["failures"]:
    print(failure)
sys.exit(seen["failed"] > int(sys.argv[1]) or not (seen["read"] and seen["recorded"]))
SUM
}

figures() { sed 's/^/         /' "$work/said"; }

# From outside, as a kernel out of memory would do it: podman is not asked.
kill_process_of() { kill -KILL "$(inspected "$1" '{{.State.Pid}}')"; }
answers_again() { within_container "$1" coursewatch health --ready; }
swept_at() { ask "https://localhost:$https/health/ready" | grep -o '"last_sweep_at":"[^"]*"'; }
swept_since() { [ "$(swept_at)" != "$1" ]; }

check_failures() {
    local before
    start_load kill
    sleep 3
    kill_process_of api-1
    sleep 5
    # Four clients: what one had under way in that process is lost, and is told to be.
    check "api-1 is killed under load: the other answers" load_failed_at_most 4
    figures
    check "api-1 comes back by itself" within 120 answers_again api-1

    podman kill --signal KILL "$(name_of scheduler-1)" >/dev/null
    before=$(swept_at)
    check "scheduler-1 is killed: the other goes on sweeping" within 150 swept_since "$before"
    podman start "$(name_of scheduler-1)" >/dev/null

    podman restart --time 30 "$(name_of database)" >/dev/null 2>&1
    check "the database is restarted: everything comes back by itself" within 120 everybody_ready
    check "and the worklist is as it was" within 30 worklist_shown
    start_load database
    sleep 10
    check "and no request after that meets a connection that is gone" load_failed_at_most 0
    figures
    check "no process had to be started anew for it" [ "$(inspected api-2 '{{.RestartCount}}')" = 0 ]
}

# As docs/operations/containers.md says it.
restored_in_its_place() {
    compose stop -t 30 proxy api-1 api-2 scheduler-1 scheduler-2
    podman exec --interactive "$(name_of database)" psql --username postgres --set ON_ERROR_STOP=1 <<'SQL' &&
ALTER DATABASE coursewatch RENAME TO coursewatch_before;
CREATE DATABASE coursewatch OWNER coursewatch_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT, TEMPORARY ON DATABASE coursewatch FROM PUBLIC;
GRANT CONNECT ON DATABASE coursewatch TO coursewatch_app;
SQL
        compose -f compose.backup.yaml run --rm --no-deps -T --entrypoint coursewatch backup \
            db restore "/backups/$(basename "$work"/docker/backups/*.backup)" &&
        compose start api-1 api-2 scheduler-1 scheduler-2 proxy
}

check_return() {
    check "the night's backup is restored in the place of the database" restored_in_its_place
    check "everybody works on it" within 120 everybody_ready
    check "and the worklist is as it was" within 30 worklist_shown
    check "and all of it is healthy (db verify)" within_container api-1 coursewatch db verify
}

check_restarts() {
    local COMPOSE="podman-compose -p $project"
    export COMPOSE
    start_load restart
    check "API and schedulers are restarted one by one" "$work/docker/restart.sh"
    check "and no request failed" load_failed_at_most 0
    figures
    start_load recreate
    check "they are made anew one by one, as for a new image" "$work/docker/restart.sh" --recreate
    check "and no request failed" load_failed_at_most 0
    figures
    check "a migration that fails stops that, and says why" failed_migration_told
    check "and is made good by another" "$work/docker/restart.sh" --recreate migrate
    check "a proxy of an older configuration is not asked" older_proxy_not_asked
    check "in the end everything is ready" within 60 everybody_ready
    check "and everything recorded is as it was recorded (db verify)" within_container api-1 coursewatch db verify
    check "sign-in attempts are limited" sign_in_limited
}

failed_migration_told() {
    local before
    before=$(podman ps --quiet --filter "name=$(name_of api-1)")
    sed -i.kept 's/^COURSEWATCH_TIME_ZONE=.*/COURSEWATCH_TIME_ZONE=Nowhere/' "$work/docker/.env"
    ! "$work/docker/restart.sh" --recreate >"$work/stopped" 2>&1
    mv "$work/docker/.env.kept" "$work/docker/.env"
    cat "$work/stopped"
    grep 'TIME_ZONE must be' "$work/stopped" && grep 'the migration failed' "$work/stopped" &&
        [ "$(podman ps --quiet --filter "name=$(name_of api-1)")" = "$before" ]
}

older_proxy_not_asked() {
    sed -i '/^frontend seen/,/status 503$/d' "$work/docker/proxy/haproxy.cfg"
    podman restart "$(name_of proxy)" && "$work/docker/restart.sh" api-1 >"$work/restarted" && cat "$work/restarted" &&
        grep 'cannot be asked about api-1' "$work/restarted"
}

sign_in_limited() {
    local attempt
    for attempt in $(seq 40); do
        [ "$(status_of --data "key=wrong$attempt" "https://localhost:$https/sign-in")" != 429 ] || return 0
    done
    return 1
}
