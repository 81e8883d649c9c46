#!/bin/bash
# The node image: Debian with BIRD, this machine's node, and the lab's own code; as a tar file that `docker import` takes.
#   image.sh base      the part that stays, into the cache (once)
#   image.sh tar       the whole, to standard output
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cache=${CPAAS_DOCKER:-$HOME/.cache/cpaas-docker}
root=$(cd "$(dirname "$0")/../.." && pwd)

base() {
  [ -e "$cache/base.tar" ] && return
  local mirror
  mkdir -p "$cache"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
  rm -rf "$cache/base"
  nice -n 10 debootstrap --variant=minbase \
    --include=bird2,iproute2,iptables,socat,procps,openssl,libstdc++6,mount,kmod bookworm "$cache/base" "$mirror" >"$cache/base.log" 2>&1 ||
    { tail -5 "$cache/base.log" >&2; return 1; }
  # k3d's entry point traps SIGTERM by that name, which dash does not know
  ln -sf bash "$cache/base/bin/sh"
  rm -rf "$cache/base/var/cache/apt" "$cache/base/var/lib/apt/lists" "$cache/base/usr/share/doc" "$cache/base/usr/share/locale"
  install -D "$(command -v node)" "$cache/base/usr/local/bin/node"
  printf '#!/bin/sh\nexec node /opt/cpaas/test/docker/stand-in/k3s.js "$@"\n' >"$cache/base/bin/k3s"
  # k3d drains and uncordons servers with it
  printf '#!/bin/sh\nexit 0\n' >"$cache/base/bin/kubectl"
  chmod 755 "$cache/base/bin/k3s" "$cache/base/bin/kubectl"
  tar -C "$cache/base" -cf "$cache/base.new" . && mv "$cache/base.new" "$cache/base.tar"
  rm -rf "$cache/base"
}

case ${1:-} in
  base) base ;;
  tar)
    # a tar file ends with empty blocks, so the second one would not be seen behind the first
    work=$(mktemp)
    trap 'rm -f "$work"' EXIT
    cp "$cache/base.tar" "$work"
    modules=$(cd "$root" && npm ls --omit=dev --all --parseable 2>/dev/null | sed -n "s|^$root/||p" | grep -v '/node_modules/')
    tar -C "$root" --transform 's|^|opt/cpaas/|' -rf "$work" package.json dist test/docker/stand-in $modules
    cat "$work" ;;
  *) sed -n 2,5p "$0"; exit 2 ;;
esac
