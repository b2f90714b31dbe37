#!/usr/bin/env bash
# Makes what a first start needs: passwords, the chain's secret, a certificate for trying, a folder for backups, and .env.
# What is there already is left alone, so it may be run again.
#
#   docker/make-secrets.sh [HOST]     HOST: the name in the certificate, localhost by default
#
# As root for docker and rootful podman, as the user who runs the containers for rootless podman.
set -euo pipefail
umask 077
cd "$(dirname "${BASH_SOURCE[0]}")"

host=${1:-localhost}
secrets=secrets
# The group of every container that may read a secret; user and group of Coursewatch's own processes.
container_id=10001

say() { printf '%s\n' "$*" >&2; }

# In the containers' eyes: rootless podman maps its users to others of this machine.
give_to_containers() {
    if [ "$(id -u)" = 0 ]; then
        chown "$@"
    elif command -v podman >/dev/null; then
        podman unshare chown "$@"
    else
        say "Run this as root: the containers read the secrets as group $container_id, and only root can give it to them."
        exit 1
    fi
}

random_line() { head -c 48 /dev/urandom | base64 -w 0 | tr -d '=' | tr '+/' '-_'; echo; }

# Complete before it has its name: whoever finds a secret finds all of it.
keep() {
    local name=$1 mode=$2
    if [ -e "$secrets/$name" ]; then
        cat >/dev/null
        say "  $secrets/$name is there already"
        return
    fi
    cat >"$secrets/.$name.new"
    chmod "$mode" "$secrets/.$name.new"
    give_to_containers "$container_id:$container_id" "$secrets/.$name.new"
    mv "$secrets/.$name.new" "$secrets/$name"
    say "  $secrets/$name made"
}

self_signed() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$host" \
        -addext "subjectAltName=DNS:$host" -keyout "$secrets/.key.new" -out "$secrets/.certificate.new" 2>/dev/null
    cat "$secrets/.certificate.new" "$secrets/.key.new"
    rm -f "$secrets/.certificate.new" "$secrets/.key.new"
}

# The folder keeps everybody else of this machine out; the modes inside are for the containers, each of which sees the
# files alone that compose.yaml names for it.
mkdir -p "$secrets"
chmod 0700 "$secrets"

for name in database_superuser_password database_owner_password database_app_password; do
    random_line | keep "$name" 0440
done
# Proves that no fact was altered: its owner alone reads it, or no process starts.
random_line | keep chain_secret 0400
# Empty until the hospital's mail server asks for one.
printf '' | keep smtp_password 0440

if [ -e "$secrets/tls.pem" ]; then
    say "  $secrets/tls.pem is there already"
elif command -v openssl >/dev/null; then
    self_signed | keep tls.pem 0440
    say "  It is a certificate for trying: $host, 90 days, signed by itself. Put the hospital's own in its place."
else
    say "  $secrets/tls.pem is missing, and there is no openssl to make one: put certificate, chain and key into it."
fi

if [ ! -e backups ]; then
    mkdir backups
    chmod 0700 backups
    give_to_containers "$container_id:$container_id" backups
    say "  backups made: docker/compose.backup.yaml writes there; carry them to another machine"
fi

if [ -e .env ]; then
    say "  .env is there already"
else
    sed "s|^COURSEWATCH_PUBLIC_URL=.*|COURSEWATCH_PUBLIC_URL=https://$host|" env.example >.env
    say "  .env made from env.example: look through it before the first start"
fi
say "Back up $secrets/chain_secret with the database: neither is of use without the other."
