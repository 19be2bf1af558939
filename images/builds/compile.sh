#!/bin/bash
# Builds /source and leaves in /out what is to be copied onto an amphora. $1: keepalived or haproxy.
# What it writes last, where it fails, is the sentence that the user reads; lines with `progress:` are shown.
set -euo pipefail
cd /source
log=/tmp/log

# Runs a step; a failure ends with the first error that its tools wrote.
step() {
  echo "progress: $program: $1"
  shift
  "$@" > "$log" 2>&1 || failed
}

failed() {
  local first
  first=$(grep -m1 -E 'error: |undefined reference|: not found|No such file' "$log" || tail -n1 "$log")
  echo "$program does not build: ${first:-it says nothing}"
  exit 1
}

# Compiles with all processors, and counts what is compiled.
compile() {
  echo "progress: $program: compile"
  make -j"$(nproc)" "$@" 2>&1 | tee "$log" | counted || failed
}

counted() {
  local n=0 word
  while read -r word _; do
    if [ "$word" = CC ] && ((++n % 50 == 0)); then echo "progress: $program: $n files compiled"; fi
  done
}

program=$1
case $program in
  keepalived)
    [ -x configure ] || step 'autoreconf' autoreconf --install
    # Debian's flags (debian/rules), without SNMP and D-Bus.
    step configure ./configure --prefix=/usr --sysconfdir=/etc --localstatedir=/var --runstatedir=/run \
      --disable-dependency-tracking --enable-silent-rules \
      --enable-sha1 --enable-json --enable-bfd --enable-regex --with-init=systemd \
      CFLAGS='-g -O2 -fstack-protector-strong' LDFLAGS='-Wl,-z,relro' CPPFLAGS='-D_FORTIFY_SOURCE=2'
    # Objects that were built elsewhere may fit nothing here.
    step clean make clean
    compile
    install -D -m 755 bin/keepalived /out/usr/sbin/keepalived
    ;;
  haproxy)
    lua=$(ldd /usr/sbin/haproxy | sed -n 's/.*lib\(lua5\.[0-9]\).*/\1/p')
    # Debian's flags (debian/rules), without OpenTracing.
    flags=(TARGET=linux-glibc USE_OPENSSL=1 USE_LUA=1 "LUA_INC=/usr/include/$lua" "LUA_LIB_NAME=$lua" USE_PCRE2=1
      USE_PCRE2_JIT=1 USE_SYSTEMD=1 USE_PROMEX=1 IGNOREGIT=true
      'DEBUG_CFLAGS=-g -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2' 'LDFLAGS=-Wl,-z,relro')
    step clean make clean
    compile "${flags[@]}" haproxy
    install -D -m 755 haproxy /out/usr/sbin/haproxy
    ;;
esac
