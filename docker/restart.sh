#!/usr/bin/env bash
# Restarts the API and the schedulers one by one, so that somebody always answers; with --recreate in containers of the
# image that .env names now, after that image has migrated the database: that is an upgrade. Each is given time to end
# what it began, and the next waits until the last is ready. The migration comes once more at the end, for whom the old
# processes recorded meanwhile.
#
#   docker/restart.sh [--recreate] [SERVICE…]       all of them by default
#
# COMPOSE names another compose command, with its options: COMPOSE="podman-compose -p ward".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

stop_seconds=30
# A migration may take its time with a large database; a process is there at once.
migrated_seconds=3600
ready_seconds=180
# A migration that failed is started five times (compose.yaml); what lies as it ended for so long is not started again.
started_again_seconds=5
# Where the proxy cannot be asked: longer than it needs to see that an API is ready.
seen_seconds=5
recreate=no
if [ "${1:-}" = --recreate ]; then
    recreate=yes
    shift
fi
services=("$@")
if [ ${#services[@]} -eq 0 ]; then
    services=(api-1 api-2 scheduler-1 scheduler-2)
    [ "$recreate" = no ] || services=(migrate "${services[@]}" migrate)
fi

if [ -z "${COMPOSE:-}" ]; then
    if command -v podman-compose >/dev/null; then COMPOSE=podman-compose; else COMPOSE="docker compose"; fi
fi
read -ra compose <<<"$COMPOSE"

say() { printf '%s\n' "$*"; }

# Runs a command, and shows what it said only where it failed: podman-compose talks about every step.
quietly() {
    local said
    said=$("$@" 2>&1) || { printf '%s\n' "$said" >&2; return 1; }
}

container_of() {
    # podman-compose and docker compose set the same labels; the project is the one that COMPOSE works on.
    "$engine" ps --all --quiet --filter "label=com.docker.compose.service=$1" \
        --filter "label=com.docker.compose.project=$project"
}

# What asks is `coursewatch health` within the container itself.
ready() {
    local container
    container=$(container_of "$1")
    case $1 in
        migrate) [[ $(ended "$container") == "exited 0 "* ]] ;;
        api-*) healthy "$container" --ready && seen_by_proxy "$container" "$1" ;;
        *) healthy "$container" http://127.0.0.1:9000/health/live ;;
    esac
}

healthy() { answer=$("$engine" exec "$1" coursewatch health "$2" 2>&1); }

# An API counts once the proxy sends it requests: the next one must not end before.
seen_by_proxy() {
    [ -n "$proxy" ] || return 0
    healthy "$1" "http://proxy:8404/$2" && return
    [[ $answer == *"Connection refused"* ]] || return 1
    say "the proxy's haproxy.cfg is older than this script: it cannot be asked about $2, which is given $seen_seconds s instead"
    sleep "$seen_seconds"
}

ended() { "$engine" inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.FinishedAt}}' "$1"; }

failed_for_good() {
    local how
    how=$(ended "$1")
    [[ $how == "exited "* && $how != "exited 0 "* ]] && sleep "$started_again_seconds" && [ "$(ended "$1")" = "$how" ]
}

await() {
    local waited=0 longest=$ready_seconds
    [ "$1" != migrate ] || longest=$migrated_seconds
    until ready "$1"; do
        if [ "$1" = migrate ] && failed_for_good "$(container_of migrate)"; then
            "$engine" logs --tail 20 "$(container_of migrate)" >&2
            give_up "the migration failed, as it says above; once that is mended, run this again"
        fi
        waited=$((waited + 1))
        [ "$waited" -le "$longest" ] || give_up "$1 is not ready after $longest s${answer:+: $answer}"
        sleep 1
    done
}

give_up() {
    printf '%s\n%s is left as it failed; what was to come after it is as it was\n' "$1" "$service" >&2
    exit 1
}

case ${compose[0]} in
    docker) engine=docker ;;
    *) engine=podman ;;
esac
project=
for index in "${!compose[@]}"; do
    case ${compose[$index]} in
        -p | --project-name) project=${compose[$((index + 1))]} ;;
    esac
done
if [ -z "$project" ]; then
    # Releases of podman-compose do not agree on what a project without a name of its own is called.
    project=$("$engine" ps --all --quiet --filter label=com.docker.compose.service=api-1 |
        xargs --no-run-if-empty "$engine" inspect --format '{{index .Config.Labels "com.docker.compose.project"}}' | sort -u)
    if [ "$(grep -c . <<<"$project")" -ne 1 ]; then
        printf 'there is not exactly one Coursewatch here (found: %s); name it: COMPOSE="%s -p NAME"\n' \
            "${project:-none}" "$COMPOSE" >&2
        exit 1
    fi
fi

# A hospital's own proxy in its place is not asked.
proxy=$(container_of proxy)
answer=

for service in "${services[@]}"; do
    if [ "$recreate" = yes ]; then
        # Not `up --force-recreate`: podman-compose 1.0 takes down what the service depends on, the database too.
        # One that was broken off may have left none to stop.
        if [ -n "$(container_of "$service")" ]; then
            quietly "${compose[@]}" stop -t "$stop_seconds" "$service"
            quietly "$engine" rm "$(container_of "$service")"
        fi
        quietly "${compose[@]}" up -d --no-deps "$service"
    else
        quietly "${compose[@]}" restart -t "$stop_seconds" "$service"
    fi
    await "$service"
    if [ "$service" = migrate ]; then say "the database is migrated"; else say "$service is ready"; fi
done
