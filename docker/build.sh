#!/usr/bin/env bash
# Builds localhost/coursewatch:VERSION with buildah, podman or docker, whichever is there. Options are the builder's:
#
#   docker/build.sh --build-arg BASE=registry.hospital.example/debian:trixie-slim --secret id=ca,src=/etc/ssl/hospital.pem
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
name=localhost/coursewatch:$version
options=(--tag "$name" --label "org.opencontainers.image.version=$version" --file docker/Dockerfile "$@" .)

# Health checks are lost in buildah's and podman's own format.
if command -v buildah >/dev/null; then
    buildah bud --format docker "${options[@]}"
elif command -v podman >/dev/null; then
    podman build --format docker "${options[@]}"
elif command -v docker >/dev/null; then
    DOCKER_BUILDKIT=1 docker build "${options[@]}"
else
    printf 'None of buildah, podman and docker is installed.\n' >&2
    exit 1
fi
printf '%s is built\n' "$name"
