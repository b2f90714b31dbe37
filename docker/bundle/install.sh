#!/usr/bin/env bash
# Installs Coursewatch from this bundle, without any network: a release beside the one before it, then the switch.
set -euo pipefail
export LC_ALL=C
umask 022

usage() {
    cat <<'USAGE'
./install.sh [--prefix DIR] [--python PYTHON] [--systemd]

--prefix DIR     where releases go: DIR/releases/VERSION, and DIR/current leads to the one in use;
                 /opt/coursewatch, or ~/coursewatch for whoever is not root
--python PYTHON  the Python to install with; without it the first that the bundle has wheels for
--systemd        as root: makes the user coursewatch, /etc/coursewatch with examples of its settings and a new
                 chain secret (what is there stays as it is), puts the units into /etc/systemd/system and
                 coursewatch-admin into /usr/local/sbin

Databases, settings and secrets are never touched. Run it again with the next release's bundle to upgrade.
USAGE
}

say() { printf '%s\n' "$*"; }

fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

misused() { printf 'install.sh: %s\n\n' "$*" >&2; usage >&2; exit 2; }

manifest() { sed -n "s/^$1=//p" "$bundle/MANIFEST"; }

check_sums() {
    (cd "$bundle" && sha256sum --check --quiet --strict SHA256SUMS) ||
        fail "a file is not what SHA256SUMS says; copy the bundle anew"
}

# 0: this interpreter is one that the bundle has wheels for.
fits() {
    local told
    told=$("$1" -I -c 'import sys; print("%d.%d" % sys.version_info[:2] if sys.version_info >= (3, 11) else "")' 2>/dev/null) &&
        [ -n "$told" ] && [[ " $pythons " == *" $told "* ]]
}

find_python() {
    local one
    for one in ${python:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if command -v "$one" >/dev/null && fits "$one"; then
            command -v "$one"
            return
        fi
    done
    fail "${python:-no Python found here} is not one that this bundle has wheels for: $pythons (3.11 at least).
Name one with --python, or make the bundle anew, e.g.: make bundle BUNDLE_PYTHONS=\"3.13 3.14\""
}

require_venv() {
    "$python" -I -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$python cannot make virtual environments. On Debian and Ubuntu: apt-get install -y python3-venv"
}

# pip without its settings: whatever index this machine knows, none is asked.
pip_install() {
    env -i PATH="$PATH" HOME=/nonexistent LC_ALL=C PIP_CONFIG_FILE=/dev/null "$release/bin/python" -I -m pip --isolated install \
        --quiet --disable-pip-version-check --no-cache-dir --no-index --only-binary=:all: --require-hashes --no-deps "$@"
}

# A folder is whole once its manifest is there; what an interrupted run left is made anew.
install_release() {
    if [ -e "$release/MANIFEST" ]; then
        cmp --silent "$bundle/dist/coursewatch.lock" "$release/coursewatch.lock" ||
            fail "$release holds another build of $version; move it away first, if nothing runs from it"
        say "$release is there already."
        return
    fi
    rm -rf "$release"
    mkdir -p "$prefix/releases"
    "$python" -I -m venv "$release" || fail "$python could not make $release"
    pip_install --find-links "$bundle/dist/wheelhouse" --requirement "$bundle/requirements.lock"
    pip_install --find-links "$bundle/dist" --requirement "$bundle/dist/coursewatch.lock"
    (cd / && "$release/bin/coursewatch" --help >/dev/null)
    mkdir "$release/systemd" "$release/docker"
    cp -r "$bundle/docs" "$bundle"/*.md "$release/"
    cp -r "$bundle/docker/drill.sh" "$bundle/docker/monitoring" "$release/docker/"
    for unit in "$bundle"/docker/systemd/*; do
        sed "s:/opt/coursewatch:$prefix:g" "$unit" >"$release/systemd/${unit##*/}"
    done
    cp "$bundle/requirements.lock" "$bundle/dist/coursewatch.lock" "$release/"
    cp "$bundle/MANIFEST" "$release/.MANIFEST"
    mv "$release/.MANIFEST" "$release/MANIFEST"
}

# One rename: a process that starts meanwhile gets the one release or the other.
switch_to_release() {
    before=$(readlink "$prefix/current" || true)
    rm -f "$prefix/.current"
    ln -s "releases/$version" "$prefix/.current"
    mv --no-target-directory "$prefix/.current" "$prefix/current"
}

set_up_systemd() {
    local settings=/etc/coursewatch file
    [ "$(id -u)" = 0 ] || fail "--systemd needs root; without it, run what docs/operations/closed-network.md shows"
    id coursewatch >/dev/null 2>&1 ||
        useradd --system --user-group --home-dir /var/lib/coursewatch --no-create-home --shell /usr/sbin/nologin coursewatch
    install --directory --mode 0750 --group coursewatch "$settings"
    for file in coursewatch.env migrate.env; do
        [ -e "$settings/$file" ] || install --mode 0640 --group coursewatch "$release/systemd/$file" "$settings/$file"
    done
    for file in app.password owner.password; do
        [ -e "$settings/$file" ] || install --mode 0600 /dev/null "$settings/$file"
    done
    if [ ! -e "$settings/chain.secret" ]; then
        (umask 077 && "$release/bin/python" -I -c 'import secrets; print(secrets.token_hex(32))' >"$settings/chain.secret")
        say "$settings/chain.secret is new. A database that has facts already needs its own: put that there instead."
    fi
    for file in "$release"/systemd/*.service "$release"/systemd/*.timer "$release"/systemd/*.target; do
        install --mode 0644 "$file" /etc/systemd/system/
    done
    install -D --mode 0755 "$release/systemd/coursewatch-admin" /usr/local/sbin/coursewatch-admin
    [ ! -d /run/systemd/system ] || systemctl daemon-reload
}

tell_next_steps() {
    say "Coursewatch $version (revision $(manifest revision)) is at $prefix/current."
    if [ -n "$before" ] && [ "$before" != "releases/$version" ]; then
        say "Before it: $before. Back to it, while the database allows it (docs/operations/upgrading.md):"
        say "  ln -s $before $prefix/.current && mv -T $prefix/.current $prefix/current"
        say "Processes that run go on with the old release until they are started again."
    fi
    say ""
    say "Next:"
    if [ -n "$systemd" ]; then
        say "  1. /etc/coursewatch/coursewatch.env and migrate.env: the databases' addresses; *.password beside them"
        say "  2. systemctl start coursewatch-migrate"
        say "  3. systemctl enable --now coursewatch-api@8001 coursewatch-api@8002 coursewatch-scheduler@9001 coursewatch-scheduler@9002 coursewatch-backup.timer coursewatch.target"
    else
        say "  On one machine, with SQLite in ./coursewatch-data: $prefix/current/bin/coursewatch serve"
        say "  As services on PostgreSQL: ./install.sh --systemd as root, or the units in $prefix/current/systemd"
    fi
    say "  All of it: $prefix/current/docs/operations.md"
}

bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix="" python="" systemd="" before=""
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=${2:-}; [ -n "$prefix" ] || misused "--prefix needs a folder"; shift 2 ;;
        --python) python=${2:-}; [ -n "$python" ] || misused "--python needs an interpreter"; shift 2 ;;
        --systemd) systemd=yes; shift ;;
        --help | -h) usage; exit 0 ;;
        *) misused "$1 is no option of it" ;;
    esac
done
[ -e "$bundle/SHA256SUMS" ] || fail "run the install.sh that lies beside SHA256SUMS in an unpacked bundle"
if [ -z "$prefix" ]; then
    prefix=$HOME/coursewatch
    [ "$(id -u)" != 0 ] || prefix=/opt/coursewatch
fi
check_sums
version=$(manifest version)
pythons=$(manifest pythons)
python=$(find_python)
require_venv
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
release=$prefix/releases/$version
install_release
switch_to_release
[ -z "$systemd" ] || set_up_systemd
tell_next_steps
