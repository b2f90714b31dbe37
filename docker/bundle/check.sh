#!/usr/bin/env bash
# Installs from the bundle where nothing can be reached, serves there, imports the cohort, upgrades and goes back.
# One argument: the bundle. Without root a network namespace of its own user is tried; what was skipped is told.
set -euo pipefail
export LC_ALL=C

bundle=$(realpath "${1:?check.sh needs the bundle: a tar that make bundle made}")
here=$(realpath "${BASH_SOURCE[0]}")
port=8000
skipped=()

say() { printf '%s\n' "$*"; }

fail() { printf 'check-bundle: FAILED: %s\n' "$*" >&2; exit 1; }

seen() { printf '  seen: %s\n' "$*"; }

skip() { skipped+=("$*"); printf '  SKIPPED: %s\n' "$*"; }

# A network namespace has a loopback, and nothing else in the world.
enter_closed_network() {
    local way
    for way in "unshare --net" "unshare --user --map-root-user --net"; do
        if $way true 2>/dev/null; then
            # shellcheck disable=SC2086 # a command and its options
            exec $way env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/nonexistent \
                PIP_CONFIG_FILE=/dev/null CHECK_BUNDLE_WITHIN="$way" "$BASH" "$here" "$bundle"
        fi
    done
    fail "no network namespace can be made here (run it as root): whether anything is fetched would not be seen"
}

prove_closed() {
    say "In a network of its own ($CHECK_BUNDLE_WITHIN):"
    ip link set lo up 2>/dev/null || python3 -I - <<'UP' || fail "the loopback cannot be brought up"
import fcntl, socket, struct
with socket.socket() as any_socket:  # SIOCSIFFLAGS: IFF_UP
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14s", b"lo", 1, b""))
UP
    python3 -I - <<'LOOK' || fail "something beyond this machine answers"
import socket
assert [name for _, name in socket.if_nameindex()] == ["lo"], socket.if_nameindex()
try:
    socket.create_connection(("192.0.2.1", 443), timeout=3)
except OSError as fault:
    print(f"  seen: interfaces: lo alone; 192.0.2.1: {fault.strerror}")
else:
    raise SystemExit(1)
LOOK
}

# `told COMMAND…` runs it, keeps what it said in $work/told, and shows all of that where it failed.
told() { "$@" >"$work/told" 2>&1 || { cat "$work/told" >&2; fail "$*"; }; }

refused() { if "$@" >"$work/told" 2>&1; then fail "accepted: $*"; fi; }

unpack() {
    work=$(mktemp -d)
    trap 'stop_server; rm -rf "$work"' EXIT
    tar --extract --file "$bundle" --directory "$work"
    source_tree=$(find "$work" -mindepth 1 -maxdepth 1 -type d)
    version=$(sed -n 's/^version=//p' "$source_tree/MANIFEST")
    seen "$(basename "$bundle"): $(find "$source_tree" -type f | wc -l) files, $(paste -sd ' ' "$source_tree/MANIFEST")"
}

check_refusals() {
    local wheel
    say "A bundle that was changed on the way:"
    cp -r "$source_tree" "$work/changed"
    wheel=$(find "$work/changed/dist/wheelhouse" -name 'fastapi-[0-9]*.whl')
    printf 'x' >>"$wheel"
    refused "$work/changed/install.sh" --prefix "$work/refused"
    grep -q "not what SHA256SUMS says" "$work/told" || fail "$(cat "$work/told")"
    seen "one byte more in ${wheel##*/}: $(grep -c FAILED "$work/told") file refused by SHA256SUMS"
    (cd "$work/changed" && find . -type f ! -name SHA256SUMS -print0 | xargs -0 sha256sum >SHA256SUMS)
    refused "$work/changed/install.sh" --prefix "$work/refused"
    grep -q "DO NOT MATCH THE HASHES" "$work/told" || fail "$(cat "$work/told")"
    [ ! -e "$work/refused/current" ] || fail "a refused release is in use"
    seen "the same with SHA256SUMS made anew: refused by pip against the lock; nothing is in use"
    rm -rf "$work/changed" "$work/refused"
}

install_here() {
    say "install.sh:"
    prefix=$work/opt
    told "$source_tree/install.sh" --prefix "$prefix"
    sed 's/^/  | /' "$work/told"
    told "$prefix/current/bin/python" -m pip check
    told "$source_tree/install.sh" --prefix "$prefix"
    grep -q "is there already" "$work/told" || fail "a second run did not see the first"
    seen "pip check: $("$prefix/current/bin/python" -m pip check); a second run changes nothing"
}

start_server() {
    (cd "$work" && exec "$prefix/current/bin/coursewatch" serve --port $port >>"$work/served" 2>&1) &
    server=$!
    told curl --silent --show-error --fail --retry 60 --retry-delay 1 --retry-all-errors --output /dev/null \
        "http://127.0.0.1:$port/health/ready"
}

stop_server() {
    [ -n "${server:-}" ] || return 0
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=""
}

fetch() { curl --silent --show-error --fail --cookie "$work/cookies" --cookie-jar "$work/cookies" "$@"; }

check_pages() {
    local path origin=http://127.0.0.1:$port key
    for path in /health/live /health/ready /metrics /openapi.json /docs /sign-in; do
        told fetch "$origin$path"
        ! grep -qE '(src|href)="https?://' "$work/told" || fail "$path leads elsewhere"
        seen "GET $path: 200, $(wc -c <"$work/told") bytes"
    done
    key=$(cat "$work/coursewatch-data/admin.key")
    told fetch --output /dev/null --data-urlencode "key=$key" --header "Origin: $origin" "$origin/sign-in"
    told fetch "$origin/worklist"
    grep -q "critical" "$work/told" || fail "the worklist's page shows nobody: $(head -c 300 "$work/told")"
    seen "GET /worklist, signed in: 200, $(wc -c <"$work/told") bytes"
}

check_ward() {
    say "serve, import and worklist there:"
    start_server
    (cd "$work" && told "$prefix/current/bin/coursewatch" import "$source_tree/tests/data/cohort.csv")
    seen "import: $(grep " rows: " "$work/told")"
    (cd "$work" && told "$prefix/current/bin/coursewatch" worklist --as-of 2026-06-30 --rule TR-001)
    grep -q "10 critical" "$work/told" || fail "$(cat "$work/told")"
    seen "worklist of 2026-06-30: $(grep "critical" "$work/told" | tail -n 1 | sed 's/^ *//')"
    check_pages
}

# The same wheels under another release's name: what is switched is the link, and what stays is the data.
check_upgrade() {
    local next=$version.next facts
    say "The next release beside this one, and back:"
    facts=$(sha256sum <"$work/coursewatch-data/chain.secret")
    cp -r "$source_tree" "$work/next"
    sed -i "s/^version=.*/version=$next/" "$work/next/MANIFEST"
    (cd "$work/next" && find . -type f ! -name SHA256SUMS -print0 | xargs -0 sha256sum >SHA256SUMS)
    told "$work/next/install.sh" --prefix "$prefix"
    [ "$(readlink "$prefix/current")" = "releases/$next" ] || fail "current is $(readlink "$prefix/current")"
    seen "current: releases/$next, and the running server: $(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$port/health/live")"
    stop_server
    start_server
    seen "after its restart, ready; the secret of the chain is $([ "$facts" = "$(sha256sum <"$work/coursewatch-data/chain.secret")" ] && echo "as it was")"
    ln -s "releases/$version" "$prefix/.current" && mv -T "$prefix/.current" "$prefix/current"
    stop_server
    start_server
    (cd "$work" && told "$prefix/current/bin/coursewatch" db verify)
    seen "back at releases/$(basename "$(readlink "$prefix/current")"): $(head -n 1 "$work/told")"
    stop_server
}

check_make() {
    say "make install from the bundle's tree, as on a machine for development:"
    if ! command -v make >/dev/null; then skip "make is not installed here"; return; fi
    [ ! -e "$source_tree/.venv" ] || fail "the bundle brings a .venv"
    told env PIP_NO_INDEX=1 PIP_FIND_LINKS="$source_tree/dist/wheelhouse" make -C "$source_tree" install
    (cd "$work" && told "$source_tree/.venv/bin/coursewatch" worklist --as-of 2026-06-30)
    seen "PIP_NO_INDEX=1 PIP_FIND_LINKS=…/dist/wheelhouse make install: coursewatch runs"
}

check_image() {
    local image
    say "The image:"
    image=$(sed -n 's/^image=//p' "$source_tree/MANIFEST")
    case $image in
        none*) skip "the bundle has no image ($image)" ;;
        *)
            told tar --list --file "$source_tree/$image" manifest.json
            seen "$image: $(tar --extract --to-stdout --file "$source_tree/$image" manifest.json | grep -o '"RepoTags":[^]]*]')"
            skip "the image was not started: docker/check.sh does that"
            ;;
    esac
}

[ -n "${CHECK_BUNDLE_WITHIN:-}" ] || enter_closed_network
prove_closed
unpack
check_refusals
install_here
check_ward
check_upgrade
check_make
check_image
say "check-bundle: all that was looked at holds; skipped: ${#skipped[@]}"
