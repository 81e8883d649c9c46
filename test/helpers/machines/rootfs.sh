#!/usr/bin/env bash
# The root file system of test machines: Debian with systemd, OpenSSH, sudo and apt. Made once for each release and set of packages,
# kept beside the others. rootfs.sh CACHE RELEASE [PACKAGE…]; prints the folder.
set -euo pipefail
cache=$1 release=$2
shift 2
include=systemd,systemd-sysv,dbus,apt,ca-certificates,iproute2,iputils-ping,iptables,kmod,mount,openssh-server,procps,sudo
for package in "$@"; do include+=,$package; done

hash() { sha256sum | cut -c1-12; }
base=$cache/base-$release-$(echo "$include" | hash)
root=$cache/$release-$({ cat "${BASH_SOURCE[0]}"; echo "$include"; } | hash)
mkdir -p "$cache"
exec 9>"$cache/.lock-$release"
flock 9
[ -f "$cache/id" ] || ssh-keygen -q -t ed25519 -N '' -C test-machines -f "$cache/id"

new=$(mktemp -d "$cache/.new-XXXXXX")
trap 'rm -rf "$new"' EXIT
if [ ! -e "$base" ]; then
  # where this machine itself takes Debian from
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
  debootstrap --variant=minbase --include="$include" "$release" "$new" "$mirror" >&2
  chmod 755 "$new"
  # Nothing to fetch from until a test says where; no traces of the making.
  rm -rf "$new"/etc/apt/sources.list "$new"/var/lib/apt/lists/* "$new"/var/cache/apt/*.bin "$new"/var/cache/apt/archives/*.deb \
    "$new"/etc/ssh/ssh_host_* "$new"/var/log/*.log "$new"/var/log/apt/*
  mkdir -p "$new"/var/lib/apt/lists/partial
  mv -T "$new" "$base"
fi
if [ ! -e "$root" ]; then
  rm -rf "$new"
  cp -a "$base" "$new"
  : >"$new"/etc/machine-id
  : >"$new"/etc/fstab
  # What needs devices, a console or modules, which a machine in namespaces has none of.
  for unit in systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udev-trigger.service \
    systemd-networkd.service systemd-logind.service getty.target console-getty.service systemd-modules-load.service \
    sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount \
    systemd-remount-fs.service systemd-firstboot.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-timesyncd.service systemd-tmpfiles-clean.timer; do
    ln -sf /dev/null "$new/etc/systemd/system/$unit"
  done
  ln -sf /lib/systemd/system/multi-user.target "$new"/etc/systemd/system/default.target
  printf 'HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\nMaxStartups 100\nMaxSessions 100\n' >"$new"/etc/ssh/sshd_config.d/test.conf
  # root; somebody who may use sudo; somebody who has to say his password; somebody who may not.
  for user in admin typist guest; do chroot "$new" useradd -m -s /bin/bash $user; done
  echo 'typist:typists-password' | chroot "$new" chpasswd
  printf 'admin ALL=(ALL) NOPASSWD: ALL\ntypist ALL=(ALL) ALL\n' >"$new"/etc/sudoers.d/test
  for user in root admin typist guest; do
    home=$(chroot "$new" getent passwd $user | cut -d: -f6)
    install -d -m 700 "$new$home/.ssh"
    install -m 600 "$cache/id.pub" "$new$home/.ssh/authorized_keys"
    chroot "$new" chown -R $user: "$home/.ssh"
  done
  mv -T "$new" "$root"
fi
echo "$root"
