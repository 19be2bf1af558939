#!/bin/sh
# Runs in the new root once the packages are there.
set -eu

# Of some packages the files alone are wanted, without what they depend on; their versions are kept.
for package in /tmp/*.deb; do
  [ -e "$package" ] || continue
  dpkg-deb --extract "$package" /
  dpkg-deb --show "$package" >> /usr/lib/unpacked-packages
  rm "$package"
done

# Python's packages were installed with a py3compile that does nothing: compiling them all at once takes a fraction of the time.
rm -f /usr/local/bin/py3compile
if [ -x /usr/bin/python3 ]; then
  python3 -m compileall -q -j 0 /usr/lib/python3/dist-packages
fi

# The agent decides when these run; the packages' own configurations must never come up.
systemctl disable haproxy.service keepalived.service nftables.service
# Nothing here is upgraded, rotated or scrubbed on a timer in the middle of a measurement.
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  e2scrub_reap.service fstrim.timer systemd-tmpfiles-clean.timer
# Terminals and devices belong to the host.
systemctl mask getty.target console-getty.service systemd-udevd.service systemd-logind.service \
  systemd-networkd.service systemd-resolved.service systemd-timesyncd.service \
  dev-hugepages.mount sys-fs-fuse-connections.mount sys-kernel-config.mount \
  sys-kernel-debug.mount sys-kernel-tracing.mount dev-mqueue.mount
# Done when the image was made, or the host's business; each of them holds up every boot.
systemctl mask systemd-sysusers.service systemd-tmpfiles-setup.service systemd-tmpfiles-setup-dev.service \
  systemd-sysctl.service systemd-remount-fs.service systemd-journal-flush.service systemd-user-sessions.service \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-pcrphase.service \
  systemd-pcrphase-sysinit.service systemd-binfmt.service systemd-pstore.service systemd-repart.service \
  dbus.service dbus.socket
systemctl set-default multi-user.target

# Units come from the packages and from the agent alone: generators would only lengthen each reload of systemd.
mkdir -p /etc/systemd/system-generators
for generator in /usr/lib/systemd/system-generators/*; do
  ln -s /dev/null "/etc/systemd/system-generators/${generator##*/}"
done

# Empty, not missing: each container gets an identity of its own, without first-boot presets (machine-id(5)).
: > /etc/machine-id
rm -f /var/lib/dbus/machine-id /etc/hostname
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/log/*.log /var/log/apt
