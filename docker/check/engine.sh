#!/usr/bin/env bash
# Sourced by docker/check.sh: gets the tools, a storage of their own for them, a base image, and the images.

# Installs by apt what is missing, where that may be done.
get_tools() {
    local missing=() tool
    for tool in buildah podman runc podman-compose debootstrap openssl curl python3; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        skipped "everything" "missing: ${missing[*]}; they are installed by apt alone, and by root alone"
        finish
    fi
    say "Installing ${missing[*]} by apt; they stay installed."
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes \
        buildah podman runc podman-compose debootstrap aardvark-dns netavark iptables openssl curl python3; } \
        >"$work/apt.log" 2>&1; then
        tail -n 5 "$work/apt.log"
        skipped "everything" "apt could not install ${missing[*]}"
        finish
    fi
}

# Images, containers and networks of this check alone: what this machine has beside them is neither seen nor touched.
separate_storage() {
    mkdir -p "$work/storage" "$work/networks"
    printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$work/storage" "$work/run" \
        >"$work/storage.conf"
    {
        # Limits that anybody may set; compose.yaml sets its own.
        printf '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
        printf '[network]\nnetwork_config_dir = "%s"\n' "$work/networks"
        printf '[engine]\nruntime = "runc"\nevents_logger = "file"\n'
        [ -d /run/systemd/system ] || printf 'cgroup_manager = "cgroupfs"\n'
    } >"$work/containers.conf"
    export CONTAINERS_STORAGE_CONF="$work/storage.conf" CONTAINERS_CONF="$work/containers.conf"
}

# Without systemd podman complains of health checks' timers at every start; nothing else is hidden.
podman() { command podman "$@" 2> >(grep -v 'systemd connection' >&2); }

# The base image: the real one where a registry is reachable, else one by debootstrap.
get_base() {
    local official=docker.io/library/debian:trixie-slim
    if [ -n "${BASE:-}" ]; then
        base=$BASE
        say "Base image: $base, as BASE says"
    elif timeout 60 buildah pull --quiet "$official" >/dev/null 2>&1; then
        base=$official
        say "Base image: $base"
    else
        base=localhost/check-trixie:1
        skipped "the official images debian:trixie-slim, postgres:17 and haproxy:3.0" \
            "no registry is reachable; stand-ins of Debian's packages are tried instead"
        debootstrap --variant=minbase trixie "$work/trixie" >"$work/debootstrap.log" 2>&1 ||
            { tail -n 5 "$work/debootstrap.log"; failed "a base by debootstrap"; finish; }
        tar -C "$work/trixie" -c . | podman import --quiet - "$base" >/dev/null
        rm -rf "$work/trixie"
    fi
}

build() {
    local image=$1 file=$2 context=$3
    shift 3
    timeout 900 buildah bud --isolation chroot --format docker --build-arg "BASE=$base" --tag "$image" --file "$file" \
        "$@" "$context" >"$work/build.log" 2>&1 || { tail -n 15 "$work/build.log"; return 1; }
}

get_images() {
    local secrets=() started=$SECONDS
    # What this machine trusts, the build may trust: a proxy that inspects TLS is in there.
    [ -r /etc/ssl/certs/ca-certificates.crt ] && secrets=(--secret id=ca,src=/etc/ssl/certs/ca-certificates.crt)
    if [ -d "$root/dist/wheelhouse" ]; then say "Packages: from dist/wheelhouse"; else say "Packages: from the index"; fi
    image=localhost/check-coursewatch:1
    check "the image is built (docker/Dockerfile)" build "$image" "$root/docker/Dockerfile" "$root" "${secrets[@]}"
    say "  in $((SECONDS - started)) s, $(podman image inspect --format '{{.Size}}' "$image" | numfmt --to=si)B"
    postgres=docker.io/library/postgres:17 haproxy=docker.io/library/haproxy:3.0
    timeout 120 buildah pull --quiet "$postgres" >/dev/null 2>&1 || {
        postgres=localhost/check-postgres:1
        check "a stand-in for postgres:17 is built" build "$postgres" "$here/check/postgres.Dockerfile" "$here/check"
    }
    timeout 120 buildah pull --quiet "$haproxy" >/dev/null 2>&1 || {
        haproxy=localhost/check-haproxy:1
        check "a stand-in for haproxy:3.0 is built" build "$haproxy" "$here/check/haproxy.Dockerfile" "$here/check"
    }
}
