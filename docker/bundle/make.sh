#!/usr/bin/env bash
# Makes dist/coursewatch-VERSION-bundle.tar: all that an installation on a closed network needs, in one file.
# BUNDLE_PYTHONS: the Pythons it is installed with there, by default those of Debian 12 and 13, Ubuntu 24.04 and the
# image's base; BUNDLE_MACHINE: their processor; BUNDLE_IMAGE=off: no image.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export LC_ALL=C
umask 022

python=.venv/bin/python
pythons=${BUNDLE_PYTHONS:-3.11 3.12 3.13}
machine=${BUNDLE_MACHINE:-x86_64}
version=$($python -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
name=coursewatch-$version
wheelhouse=dist/wheelhouse
stage=dist/$name
# Not compressed: podman 4 loads no other from a file.
image=dist/$name-image.tar
# The oldest Linux that the wheels are chosen for; what asks for an older one runs there too.
newest_glibc=28
oldest_glibc=5

say() { printf '%s\n' "$*" >&2; }

fail() { say "make bundle: $*"; exit 1; }

revision() {
    local changed=""
    [ -z "$(git status --porcelain)" ] || changed="-with-changes"
    printf '%s%s\n' "$(git rev-parse HEAD)" "$changed"
}

# Every wheel of the lock for every Python, each checked against its hash; from wherever pip is set to look.
fill_wheelhouse() {
    local platforms=() minor one
    for ((minor = newest_glibc; minor >= oldest_glibc; minor--)); do
        platforms+=(--platform "manylinux_2_${minor}_$machine")
    done
    platforms+=(--platform "manylinux2014_$machine" --platform "linux_$machine")
    rm -rf "$wheelhouse"
    mkdir -p "$wheelhouse"
    for one in $pythons; do
        say "Wheels for Python $one on linux $machine …"
        $python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
            --requirement requirements.lock --python-version "$one" --implementation cp "${platforms[@]}" \
            --dest "$wheelhouse"
    done
}

# What is in the repository, and nothing else: no file that lies about, no secret, no database.
copy_tree() {
    rm -rf "$stage"
    mkdir -p "$stage"
    git ls-files -z |
        while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
        tar --create --null --files-from=- | tar --extract --directory "$stage"
    [ -z "$(find "$stage" -type l)" ] || fail "the repository has links, which no check sum vouches for: $(find "$stage" -type l)"
}

# Our own wheel is built from the copied tree, so that it holds what the bundle shows; its hash is locked as well.
build_wheel() {
    local wheel
    $python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index \
        --wheel-dir "$stage/dist" "./$stage"
    wheel=$(cd "$stage/dist" && ls coursewatch-*.whl)
    printf 'coursewatch==%s \\\n    --hash=sha256:%s\n' "$version" "$(sha256sum <"$stage/dist/$wheel" | cut -d ' ' -f 1)" \
        >"$stage/dist/coursewatch.lock"
}

# Prints what the manifest says of the image; without a builder the bundle goes without, and says so.
take_image() {
    if [ "${BUNDLE_IMAGE:-on}" = off ]; then
        printf 'none: left out by BUNDLE_IMAGE=off\n'
    elif save_image; then
        cp "$image" "$stage/dist/"
        printf '%s\n' "$image"
    else
        printf 'none: no image could be built here\n'
    fi
}

save_image() {
    local builder reference=localhost/coursewatch:$version
    builder=$(command -v buildah || command -v podman || command -v docker) || return 1
    rm -f "$image"
    make --no-print-directory image >&2 || return 1
    case $builder in
        */buildah) buildah push --quiet "$reference" "docker-archive:$image:$reference" >&2 ;;
        */podman) podman save --quiet --format docker-archive --output "$image" "$reference" >&2 ;;
        *) docker save --output "$image" "$reference" >&2 ;;
    esac
}

[ -x $python ] || fail "there is no .venv here; run: make install"
git rev-parse --git-dir >/dev/null 2>&1 || fail "this is no git repository: a bundle tells the revision that it was made of"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

fill_wheelhouse
copy_tree
mkdir -p "$stage/dist"
cp -r "$wheelhouse" "$stage/dist/"
build_wheel
image_told=$(take_image)
cp docker/bundle/install.sh "$stage/install.sh"
cat >"$stage/MANIFEST" <<MANIFEST
name=coursewatch
version=$version
revision=$(revision)
committed=$(git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)
pythons=$pythons
platform=linux $machine, glibc 2.$newest_glibc or newer
wheels=$(find "$stage/dist/wheelhouse" -name '*.whl' | wc -l)
image=$image_told
MANIFEST
(cd "$stage" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
# Sorted, with one time and one owner: the same tree makes the same bytes.
tar --create --format=gnu --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode=u+rwX,go+rX,go-w --directory dist --file "dist/$name-bundle.tar" "$name"
# Left here, an image built later would take wheels of an older lock from it.
rm -rf "$stage" "$wheelhouse"
(cd dist && sha256sum "$name-bundle.tar" >"$name-bundle.tar.sha256")
say "dist/$name-bundle.tar ($(du -h "dist/$name-bundle.tar" | cut -f 1)), image: $image_told"
say "Its SHA-256, to be taken there by another way: $(cut -d ' ' -f 1 "dist/$name-bundle.tar.sha256")"
