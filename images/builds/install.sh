#!/bin/bash
# Puts a build in the place of Debian's program. $1: keepalived or haproxy; $2: package, binary or source.
# What it writes last, where it fails, is the sentence that the user reads.
set -euo pipefail
program=$1 kind=$2
. /etc/os-release
here="Debian ${VERSION_CODENAME:-$PRETTY_NAME}"
from="take one that was built for ${VERSION_CODENAME:-this release}, or name the release that it was built for, such as --with release=trixie"

if [ "$kind" = package ]; then
  deb=/tmp/build/program.deb
  name=$(dpkg-deb --field "$deb" Package)
  [ "$name" = "$program" ] || { echo "the package is $name, not $program"; exit 1; }
  version=$(dpkg-deb --field "$deb" Version)
  if ! DEBIAN_FRONTEND=noninteractive dpkg --force-confold --install "$deb" > /tmp/log 2>&1; then
    # dpkg: "keepalived depends on libc6 (>= 2.38); however:" and, on the next line, what is there.
    needs=$(sed -n 's/^ .* depends on \(.*\); however:$/\1/p' /tmp/log | paste -sd, | sed 's/,/, /g')
    if [ -n "$needs" ]; then
      echo "$program $version needs $needs, which $here does not have here: $from"
    else
      echo "$program $version cannot be installed: $(grep -m1 -E '^dpkg: error|package architecture' /tmp/log || tail -n1 /tmp/log)"
    fi
    exit 1
  fi
  # The agent decides when it runs.
  systemctl disable "$program.service" > /dev/null 2>&1
else
  version="the $kind of $program"
fi

# A program that is linked statically needs nothing, and ldd fails.
missing=$({ ldd "/usr/sbin/$program" 2>&1 || true; } \
  | sed -n 's/^[[:space:]]*\(.*\) => not found$/\1/p; s/.*version .\(.*\). not found (required by .*/\1/p' \
  | sort -u | paste -sd, | sed 's/,/, /g')
if [ -n "$missing" ]; then
  echo "$version needs $missing, which $here does not have here: $from"
  exit 1
fi
says=$("/usr/sbin/$program" -v 2>&1 | head -n1) || true
case $program:$says in
  keepalived:Keepalived\ v* | haproxy:HAProxy\ version\ * | haproxy:HA-Proxy\ version\ *) echo "$says" ;;
  *)
    echo "it is no $program: run with -v, it says ${says:-nothing}"
    exit 1
    ;;
esac
