#!/usr/bin/env bash
# Turns a process in namespaces of its own into a machine: its root an overlay, systemd as PID 1.
# enter.sh FOLDER NAME IMAGE [SOURCE=TARGET…] (`+SOURCE=TARGET`: writable)
set -euo pipefail
folder=$1 name=$2 image=$3
shift 3
root=$folder/root
hostname "$name"
mount --make-rprivate /
mkdir -p "$folder"/{root,upper,work}
mount -t overlay overlay -o "lowerdir=$image,upperdir=$folder/upper,workdir=$folder/work" "$root"

# Settings of the kernel that are not a namespace's own would be this computer's: they can be read, and a few that programs set are
# stand-ins, plain files over the real ones.
mount -t proc proc "$root/proc"
for area in fs kernel vm; do
  mount --bind "$root/proc/sys/$area" "$root/proc/sys/$area"
  mount -o remount,bind,ro "$root/proc/sys/$area"
done
mkdir -p "$folder/sysctl"
for setting in fs/inotify/max_user_instances fs/inotify/max_user_watches vm/overcommit_memory vm/panic_on_oom vm/swappiness \
  kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  [ -e "$root/proc/sys/$setting" ] || continue
  file=$folder/sysctl/${setting//\//.}
  [ -e "$file" ] || cat "$root/proc/sys/$setting" >"$file"
  mount --bind "$file" "$root/proc/sys/$setting"
done
# As swap areas are: this computer's are none of a machine's business.
printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' >"$folder/swaps"
mount --bind "$folder/swaps" "$root/proc/swaps"

mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
if grep -q '^[1-9]' /proc/self/cgroup; then
  while IFS=: read -r _ controllers _; do
    case $controllers in
      '') at=unified type=cgroup2 options=rw ;;
      name=*) at=${controllers#name=} type=cgroup options=none,$controllers ;;
      *) at=$controllers type=cgroup options=$controllers ;;
    esac
    mkdir "$root/sys/fs/cgroup/$at"
    mount -t $type -o "$options" cgroup "$root/sys/fs/cgroup/$at"
  done </proc/self/cgroup
else
  umount "$root/sys/fs/cgroup"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi

mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root"/dev/{pts,shm}
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 kmsg:1:11; do
  IFS=: read -r node major minor <<<"$device"
  mknod -m 666 "$root/dev/$node" c "$major" "$minor"
done
for place in run tmp dev/shm; do mount -t tmpfs tmpfs "$root/$place"; done
chmod 1777 "$root/tmp"

for volume in "$@"; do
  source=${volume%%=*} target=$root${volume#*=}
  source=${source#+}
  if [ -d "$source" ]; then mkdir -p "$target"; else mkdir -p "${target%/*}"; touch "$target"; fi
  mount --bind "$source" "$target"
  [[ $volume == +* ]] || mount -o remount,bind,ro "$target"
done

if [ ! -e "$root/etc/ssh/ssh_host_ed25519_key" ]; then
  cp -p "$folder"/ssh_host_ed25519_key* "$root/etc/ssh/"
  cp "$folder/hosts" "$root/etc/hosts"
  echo "$name" >"$root/etc/hostname"
  # 192.0.2.0/24 is nobody's
  echo 'nameserver 192.0.2.53' >"$root/etc/resolv.conf"
fi
mkdir -p "$root/.old"
cd "$root"
mount --make-rprivate /
pivot_root . .old
umount -l /.old
rmdir /.old
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
