#!/usr/bin/env bash
# Sourced by docker/check.sh: what is looked at in the image, and in everything started together.

# --- the image --------------------------------------------------------------------------------------------------------

# In a container as compose.yaml makes them, without a network.
in_image() {
    podman run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp \
        --entrypoint sh "$image" -c "$1"
}

check_image() {
    check "it runs as 10001:10001" in_image '[ "$(id -u):$(id -g)" = 10001:10001 ]'
    check "its root file system may be read-only" in_image '! touch /opt/coursewatch/x 2>/dev/null && coursewatch --help'
    check "it holds no pip and nothing that builds" in_image '
        for tool in pip pip3 gcc cc c++ make ld git curl wget; do
            ! command -v $tool || exit 1
        done
        ! python3 -c "import pip" 2>/dev/null && ! python -c "import pip" 2>/dev/null &&
            ! python -c "import hatchling" 2>/dev/null && [ ! -e /build ]'
    check "it holds pg_dump and pg_restore, 17 or later" in_image '
        for tool in pg_dump pg_restore; do
            [ "$($tool --version | sed -E "s/.* ([0-9]+)\..*/\1/")" -ge 17 ] || exit 1
        done'
    check "it knows its health check, entry point and no secret" image_configured
}

image_configured() {
    local configuration
    configuration=$(podman image inspect "$image")
    grep -q '"coursewatch",$' <<<"$configuration" && grep -q '"health"' <<<"$configuration" &&
        ! grep -qi 'password\|BEGIN .*KEY' <<<"$configuration"
}

# --- can containers run here? -----------------------------------------------------------------------------------------

can_run() {
    if ! podman network create --internal --subnet 10.213.7.0/24 --ip-range 10.213.7.128/25 \
        --gateway 10.213.7.1 "${project}_inside" >"$work/said" 2>&1 ||
        ! podman run --rm --network "${project}_inside" --memory 64m --entrypoint true "$image" >>"$work/said" 2>&1; then
        skipped "everything that runs" "podman cannot run a limited container in a network here"
        tail -n 3 "$work/said"
        return 1
    fi
    [ -d /run/systemd/system ] || skipped "health checks by podman's own timers" "no systemd; they are run by hand below"
}

# --- everything together ----------------------------------------------------------------------------------------------

compose() { (cd "$work/docker" && timeout 600 podman-compose -p "$project" -f compose.yaml "$@"); }
backed_up() {
    compose -f compose.backup.yaml run --rm --no-deps -T backup
    ls "$work"/docker/backups/*.backup && grep 'the drill has succeeded' "$work"/docker/backups/*.drill
}
name_of() { printf '%s_%s_1' "$project" "$1"; }
within_container() { local of=$1; shift; podman exec "$(name_of "$of")" "$@"; }
ask() { curl --silent --max-time 20 --cacert "$work/certificate.pem" "$@"; }
status_of() { ask --output /dev/null --write-out '%{http_code}' "$@"; }
everybody_ready() { [ "$(status_of "https://localhost:$https/health/ready")" = 200 ]; }

start_all() {
    cp -R "$here" "$work/docker"
    rm -rf "$work/docker/secrets" "$work/docker/backups" "$work/docker/.env"
    "$work/docker/make-secrets.sh" localhost >"$work/made" 2>&1
    {
        printf 'COURSEWATCH_IMAGE=%s\nPOSTGRES_IMAGE=%s\nHAPROXY_IMAGE=%s\n' "$image" "$postgres" "$haproxy"
        printf 'BIND_ADDRESS=127.0.0.1\nHTTP_PORT=%s\nHTTPS_PORT=%s\n' "$http" "$https"
        printf 'PROXY_SUBNET=10.213.7.0/24\nPROXY_RANGE=10.213.7.128/25\nPROXY_GATEWAY=10.213.7.1\n'
        grep '^COURSEWATCH_' "$work/docker/env.example" | grep -v PUBLIC_URL
        printf 'COURSEWATCH_PUBLIC_URL=https://localhost:%s\n' "$https"
    } >"$work/docker/.env"
    openssl x509 -in "$work/docker/secrets/tls.pem" -out "$work/certificate.pem"
    local started=$SECONDS
    compose up -d --no-build >"$work/up.log" 2>&1 || true
    check "podman-compose up: everything is ready over TLS" within 300 everybody_ready
    say "  in $((SECONDS - started)) s; nobody waited for another's start but by himself"
    [ "$count_failed" = 0 ] || { show_logs; finish; }
}

show_logs() {
    local service
    for service in database migrate api-1 api-2 scheduler-1 scheduler-2 proxy; do
        say "--- $service"
        podman logs --tail 8 "$(name_of "$service")" 2>&1 || true
    done
}

inspected() { podman inspect --format "$2" "$(name_of "$1")"; }

check_first_start() {
    local service
    check "the migration ran once, as the owner, and ended" sh -c "[ '$(inspected migrate '{{.State.Status}} {{.State.ExitCode}}')' = 'exited 0' ]"
    for service in database api-1 api-2 scheduler-1 scheduler-2 proxy; do
        check "$service: not root, read-only, no capabilities, limited memory" hardened "$service"
    done
    if [ "$(inspected api-1 '{{.HostConfig.PidsLimit}}')" = 128 ]; then
        ok "the number of processes is limited"
    else
        skipped "pids_limit and the subnet of compose.yaml" \
            "this podman-compose passes neither on; the network was made beforehand"
    fi
    check "no password stands in an environment or a configuration" no_secret_inspected
    check "the program writes nothing beside /tmp and /data" sh -c "! podman exec $(name_of api-1) touch /opt/x"
    for service in database api-1 scheduler-1 proxy; do
        check "$service: its health check passes" within 60 podman healthcheck run "$(name_of "$service")"
    done
}

hardened() {
    local service=$1 pid
    pid=$(inspected "$service" '{{.State.Pid}}')
    [ "$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")" != 0 ] &&
        [ "$(awk '/^CapEff:/ { print $2 }' "/proc/$pid/status")" = 0000000000000000 ] &&
        [ "$(awk '/^NoNewPrivs:/ { print $2 }' "/proc/$pid/status")" = 1 ] &&
        [ "$(inspected "$service" '{{.HostConfig.ReadonlyRootfs}}')" = true ] &&
        [ "$(inspected "$service" '{{.HostConfig.Memory}}')" -gt 0 ]
}

no_secret_inspected() {
    local secret
    for secret in database_superuser_password database_owner_password database_app_password chain_secret; do
        # The secret is a pattern in a file: it stands in no argument.
        ! podman ps --all --quiet | xargs command podman inspect | grep -F -f "$work/docker/secrets/$secret" || return 1
    done
}

# --- the edge ---------------------------------------------------------------------------------------------------------

check_edge() {
    local url=https://localhost:$https
    check "HTTP leads to HTTPS" sh -c "curl -s -D - http://localhost:$http/worklist | grep -i '^location: $url/worklist'"
    check "a key over HTTP is refused, not redirected" [ "$(status_of "http://localhost:$http/api/v1/patients")" = 403 ]
    check "TLS 1.1 is refused" sh -c "! openssl s_client -connect localhost:$https -tls1_1 -cipher ALL:@SECLEVEL=0 </dev/null"
    check "metrics are not served outside" [ "$(status_of "$url/metrics")$(status_of "$url/%6detrics")" = 404404 ]
    head -c 2000000 /dev/zero >"$work/large"
    check "a body over 1 MiB is refused" [ "$(status_of --data-binary "@$work/large" "$url/api/v1/patients")" = 413 ]
    check "nobody gets in without a key" [ "$(status_of "$url/api/v1/patients")" = 401 ]
    # Straight at the API, past the proxy: from the database's network, which it does not trust.
    check "the API takes nothing that did not come through the proxy" sh -c "! podman exec \
        $(name_of scheduler-1) coursewatch health http://api-1:8000/api/v1/patients 2>&1 | grep -q 'answered 401'"
    check "nor from this machine past the proxy, which is in its network too" refused_from_here
    check "another certificate is taken up while it runs" certificate_renewed
}

# What the proxy says of a client, said by somebody with an account on this machine.
refused_from_here() {
    local address
    address=$(inspected api-1 "{{(index .NetworkSettings.Networks \"${project}_inside\").IPAddress}}")
    [ "$(curl --silent --output /dev/null --write-out '%{http_code}' --header 'X-Forwarded-Proto: https' \
        --header "Host: localhost:$https" "http://$address:8000/api/v1/patients")" = 403 ]
}

served() { openssl s_client -connect "localhost:$https" </dev/null 2>/dev/null | openssl x509 -noout -serial; }
serves() { [ "$(served)" = "$1" ]; }

certificate_renewed() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/certificate.pem" &&
        cat "$work/certificate.pem" "$work/key.pem" >"$work/docker/secrets/tls.pem" &&
        podman kill --signal USR2 "$(name_of proxy)" &&
        within 20 serves "$(openssl x509 -noout -serial -in "$work/certificate.pem")" &&
        within 20 everybody_ready
}

# --- what it is for ---------------------------------------------------------------------------------------------------

check_work() {
    within_container api-1 coursewatch key create check --role admin >"$work/key" 2>/dev/null || true
    chmod 0600 "$work/key"
    check "an admin key is made" grep -q . "$work/key"
    podman exec --interactive "$(name_of api-1)" sh -c 'cat >/tmp/cohort.csv' <"$root/tests/data/cohort.csv"
    check "the cohort is imported" within_container api-1 coursewatch import /tmp/cohort.csv --report /tmp/report.ndjson
    grep ' rows: ' "$work/said" | sed 's/^/         /' || true
    check "the worklist over HTTPS: 2 late, 10 critical on the block interval" worklist_shown
    check "a backup is made, and its drill succeeds" backed_up
    grep 'the drill has' "$work/said" | head -n 1 | sed 's/^/         /' || true
}

worklist_shown() {
    ask --header "Authorization: Bearer $(cat "$work/key")" \
        "https://localhost:$https/api/v1/worklist?as_of=2026-06-30&rule=TR-001" >"$work/worklist.json" &&
        python3 - "$work/worklist.json" <<'STATUS'
import json, sys
statuses = [item["status"] for item in json.load(open(sys.argv[1]))["items"]]
sys.exit((statuses.count("late"), statuses.count("critical")) != (2, 10) and f"{statuses}")
STATUS
}

# --- rights in the database -------------------------------------------------------------------------------------------

# sql USER PASSWORD_FILE DATABASE STATEMENT, from a container that holds that password.
sql() {
    podman exec "$(name_of database)" sh -c \
        'PGPASSWORD=$(cat "/run/secrets/$2") psql -h "$(hostname -i | cut -d" " -f1)" -U "$1" -d "$3" -tAc "$4"' \
        sh "$@" 2>&1
}

check_rights() {
    local app=(coursewatch_app database_app_password coursewatch)
    check "the app role reads facts" sql "${app[@]}" "SELECT count(*) FROM fact"
    check "the app role cannot delete a fact" denied "${app[@]}" "DELETE FROM fact"
    check "the app role cannot change a fact" denied "${app[@]}" "UPDATE fact SET seq = 0"
    check "the app role cannot drop a table" denied "${app[@]}" "DROP TABLE fact"
    check "the app role reaches no other database" refused coursewatch_app database_app_password postgres "SELECT 1"
    check "the superuser is not let in over the network" refused postgres database_superuser_password postgres "SELECT 1"
}

denied() { { sql "$@" || true; } | grep -E 'permission denied|must be owner'; }
refused() { { sql "$@" || true; } | grep 'no pg_hba.conf entry'; }
