# Stands in for docker.io/library/haproxy:3.0 where no registry is reachable: Debian's HAProxy 3.0 with the official
# image's user, folder and command. For docker/check.sh only.
ARG BASE=docker.io/library/debian:trixie-slim
# hadolint ignore=DL3006
FROM ${BASE}
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends haproxy \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /usr/local/etc/haproxy
USER 99:99
STOPSIGNAL SIGUSR1
CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
