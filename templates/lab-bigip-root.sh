#!/bin/sh
# Puts the root of a lab's BIG-IP together and runs a program in it: lab-bigip-root.sh VIEW FILES HOSTNAME PROGRAM [WORD...]
#
# Called in a mount namespace and a UTS namespace of its own (unshare --mount --uts --propagation private): nothing of this is
# seen outside, and all of it goes when the last process inside does. Programs and libraries are the machine's, read-only;
# /config, /etc, /home, /root, /run, /shared and /var are the unit's own.
set -eu
view=$1 files=$2 hostname=$3
shift 3

mkdir -p "$view"
mount -t tmpfs -o mode=0755 unit "$view"
cd "$view"
mkdir dev proc sys tmp usr etc
chmod 1777 tmp

# /usr is the machine's, but for its programs: those by links, without the ones that are about the machine and not the unit, and
# with the unit's own.
for folder in /usr/*; do
    name=${folder#/usr/}
    if [ -L "$folder" ]; then
        cp -P "$folder" usr/
    elif [ "$name" = bin ] || [ "$name" = sbin ]; then
        mkdir "usr/$name" "usr/.$name"
        mount --bind "$folder" "usr/.$name"
        ( cd "usr/$name" && ln -s "../.$name"/* . && rm -f systemctl init telinit halt poweroff shutdown runlevel vtysh )
    elif [ -d "$folder" ]; then
        mkdir "usr/$name"
        mount --bind "$folder" "usr/$name"
    fi
done
rm -f usr/bin/reboot usr/sbin/reboot
for program in imish tmsh bigstart vtysh rdexec reboot; do cp "$files/client" "usr/bin/$program"; done
ln -s ../bin/vtysh ../bin/reboot usr/sbin/
for top in bin sbin lib lib32 lib64 libx32; do
    [ -L "/$top" ] && cp -P "/$top" . && continue
    [ ! -d "/$top" ] || { mkdir "$top"; mount --bind "/$top" "$top"; }
done

# Of the machine's /etc only what programs need to run at all.
for name in alternatives iproute2 ld.so.cache ld.so.conf ld.so.conf.d protocols services terminfo; do
    [ ! -e "/etc/$name" ] || cp -a "/etc/$name" etc/
done
cp -a "$files"/etc/. etc/

for folder in config home root run shared var; do
    mkdir -p "$folder" "$files/$folder"
    mount --bind "$files/$folder" "$folder"
done
mount --rbind /dev dev
mount --rbind /sys sys
mount -t proc proc proc
hostname "$hostname"

mkdir .machine
pivot_root . .machine
cd /
umount -l .machine
rmdir .machine
exec "$@"
