#!/usr/bin/env bash
# Builds and starts what docker/ describes, for real, and looks whether it holds: images, first start, import, a killed
# container, restarts under load, a database that goes away. A line for each check, a last line with the counts; exit
# code 1 where one failed. Everything it makes is its own and removed at the end; apt's packages stay.
#
#   docker/check.sh                  as root, on Debian, some ten minutes
#
# BASE names a base image to build on. KEEP=1 leaves everything running and says where.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "${TMPDIR:-/tmp}/coursewatch-check.XXXXXX")
project=check$$
https=18443 http=18080
count_ok=0 count_failed=0 count_skipped=0

say() { printf '%s\n' "$*"; }
ok() { count_ok=$((count_ok + 1)); say "ok       $*"; }
failed() { count_failed=$((count_failed + 1)); say "FAILED   $*"; }
skipped() { count_skipped=$((count_skipped + 1)); say "skipped  $1: $2"; }

# check NAME COMMAND…: ok where the command succeeds; what it says is shown where it does not.
check() {
    local name=$1
    shift
    if "$@" >"$work/said" 2>&1; then ok "$name"; else failed "$name"; sed 's/^/         /' "$work/said" | tail -n 15; fi
}

# within SECONDS COMMAND…: tries it every second until it succeeds.
within() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 1
    done
}

# shellcheck source=docker/check/engine.sh
. "$here/check/engine.sh"
# shellcheck source=docker/check/running.sh
. "$here/check/running.sh"
# shellcheck source=docker/check/failures.sh
. "$here/check/failures.sh"

clean_up() {
    set +e
    [ -z "${load:-}" ] || kill "$load" 2>/dev/null
    if [ -n "${KEEP:-}" ]; then
        say "Left as it is: $work; export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf"
        return
    fi
    if [ -e "$work/storage.conf" ]; then
        {
            podman rm --all --force --time 0 --volumes
            podman network ls --quiet --filter "name=$project" | xargs --no-run-if-empty podman network rm --force
            podman volume prune --force
            buildah rm --all
            podman rmi --all --force
            umount "$work/storage/overlay"
        } >/dev/null 2>&1
    fi
    rm -rf "$work"
}

finish() {
    say "$count_ok ok, $count_failed failed, $count_skipped skipped"
    [ "$count_failed" = 0 ] || exit 1
    exit 0
}

trap clean_up EXIT
trap 'exit 1' INT TERM

get_tools
separate_storage
get_base
get_images
check_image
[ "$count_failed" = 0 ] || finish
can_run || finish
start_all
check_first_start
check_edge
check_work
check_rights
check_failures
check_return
check_restarts
finish
