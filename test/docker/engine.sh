#!/bin/bash
# A private Docker Engine in a network namespace that plays the VM: nothing is installed, nothing of the machine's own Docker is touched.
#   engine.sh GENERATION unpack     fetches and unpacks it (once), for whoever makes packages of it
#   engine.sh GENERATION start      fetches and unpacks it (once), starts containerd and dockerd
#   engine.sh GENERATION halt       ends dockerd alone, as `systemctl stop docker` does
#   engine.sh GENERATION restart    dockerd alone, as `systemctl restart docker` does, with ENGINE_SETTINGS as its daemon.json
#   engine.sh GENERATION stop       everything, and the namespace
#   engine.sh GENERATION enter CMD  a command where the engine is: its network, its socket, its docker client
# GENERATION is 20 (Debian 12's docker.io), 28 (Debian unstable's, on Debian 12's C library) or 29 (built by moby.sh, over unstable's
# containerd). CPAAS_DOCKER names the cache folder.
# The namespace ENGINE_NETNS is made by whoever starts it.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
generation=$1 verb=$2
shift 2
cache=${CPAAS_DOCKER:-$HOME/.cache/cpaas-docker}
netns=${ENGINE_NETNS:?}
here=$(cd "$(dirname "$0")" && pwd)
prefix=$cache/engine$generation
run=/run/$netns
data=$cache/data-$netns

unpack() {
  [ -e "$prefix/.whole" ] && return
  rm -rf "$prefix" && mkdir -p "$prefix/debs"
  if [ "$generation" = 20 ]; then
    (cd "$prefix/debs" && apt-get -qq -o APT::Sandbox::User=root download docker.io containerd runc tini)
  else
    # a private apt root that knows only unstable: the machine's own sources and lists stay as they are
    local apt=$prefix/apt mirror options
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
    options="-qq -o Dir::State=$apt -o Dir::State::lists=$apt/lists -o Dir::State::status=$apt/status -o Dir::Cache=$apt/cache
      -o Dir::Etc::sourcelist=$apt/sources.list -o Dir::Etc::sourceparts=- -o Acquire::Languages=none -o APT::Sandbox::User=root"
    local packages="docker.io docker-cli containerd"
    [ "$generation" != 29 ] || packages=containerd
    apt-get $options update
    (cd "$prefix/debs" && apt-get $options download $packages && apt-get -qq -o APT::Sandbox::User=root download runc tini)
  fi
  for deb in "$prefix"/debs/*.deb; do dpkg -x "$deb" "$prefix"; done
  if [ "$generation" = 29 ]; then
    install -t "$prefix/usr/sbin" "$cache/moby/dockerd" "$cache/moby/docker-proxy"
    install -t "$prefix/usr/bin" "$cache/moby/docker"
    ln -s tini-static "$prefix/usr/bin/docker-init"
  fi
  rm -rf "$prefix/debs" "$prefix/apt" "$prefix/usr/share"
  touch "$prefix/.whole"
}

inside() { nsenter --mount="/proc/$(cat "$run/holder.pid")/ns/mnt" --net="/run/netns/$netns" --wd="$PWD" "$@"; }
enter() { inside env PATH="$prefix/usr/sbin:$prefix/usr/bin:$PATH" DOCKER_HOST="unix://$run/docker.sock" "$@"; }

# A sleeping process keeps a mount namespace whose /sys is that of the network namespace.
hold() {
  mkdir -p "$run" "$data"
  [ -s "$run/holder.pid" ] && kill -0 "$(cat "$run/holder.pid")" 2>/dev/null && return
  rm -f "$run"/*.pid
  setsid nsenter --net="/run/netns/$netns" unshare --mount --propagation private bash -c '
    set -e
    mkdir -p "$1/cgroup"
    mount --rbind /sys/fs/cgroup "$1/cgroup"
    mount -t sysfs sysfs /sys
    mount --rbind "$1/cgroup" /sys/fs/cgroup
    echo $$ >"$1/holder.new" && mv "$1/holder.new" "$1/holder.pid"
    exec sleep infinity' _ "$run" </dev/null >"$run/holder.log" 2>&1 &
  until_there "$run/holder.pid"
}

until_there() { for _ in $(seq 400); do [ -e "$1" ] && return; sleep .05; done; echo "$1 does not come" >&2; return 1; }

spawn() {
  local name=$1
  shift
  (ulimit -n 20000 && exec setsid nsenter --mount="/proc/$(cat "$run/holder.pid")/ns/mnt" --net="/run/netns/$netns" \
    env PATH="$prefix/usr/sbin:$prefix/usr/bin:$PATH" "$@" </dev/null >>"$run/$name.log" 2>&1) &
  echo $! >"$run/$name.pid"
}

containerd_up() {
  local version=2
  [ "$generation" = 20 ] || version=3
  printf 'version = %s\nroot = "%s"\nstate = "%s"\ndisabled_plugins = ["io.containerd.grpc.v1.cri","io.containerd.cri.v1.images","io.containerd.cri.v1.runtime"]\n[grpc]\naddress = "%s"\n' \
    $version "$data/containerd" "$run/ctr" "$run/containerd.sock" >"$run/containerd.toml"
  spawn containerd containerd -c "$run/containerd.toml"
  until_there "$run/containerd.sock"
}

dockerd_up() {
  # root may lack a capability here that runc would ask for
  printf '#!/bin/sh\nRUNC_REAL=%s exec %s "$@"\n' "$prefix/usr/sbin/runc" "$here/runc-without-resource.sh" >"$run/runc" && chmod +x "$run/runc"
  echo "${ENGINE_SETTINGS:-{\}}" >"$run/daemon.json"
  spawn dockerd dockerd -H "unix://$run/docker.sock" --data-root "$data/docker" --exec-root "$run/exec" --pidfile "$run/own.pid" \
    --containerd "$run/containerd.sock" --userland-proxy-path "$prefix/usr/sbin/docker-proxy" --config-file "$run/daemon.json" \
    --cgroup-parent "$netns" --shutdown-timeout 5 --add-runtime "quiet=$run/runc" --default-runtime quiet
  for _ in $(seq 300); do enter docker version >/dev/null 2>&1 && return; sleep .1; done
  tail -20 "$run/dockerd.log" >&2
  return 1
}

terminate() {
  local pid
  [ -s "$run/$1.pid" ] || return 0
  pid=$(cat "$run/$1.pid")
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 300); do kill -0 "$pid" 2>/dev/null || break; sleep .1; done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$run/$1.pid"
}

# containerd leaves its shims running, which is right for a service and wrong here; what a test that was killed left behind is the same.
sweep() {
  local groups pids
  groups=$(find /sys/fs/cgroup -maxdepth 2 -type d -name "$netns")
  for _ in $(seq 100); do
    pids=$( (ip netns pids "$netns" 2>/dev/null || true
      for group in $groups; do find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null || true; done) | sort -u)
    [ -n "$pids" ] || break
    kill -9 $pids 2>/dev/null || true
    sleep .1
  done
  for group in $groups; do find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
}

case $verb in
  start) unpack && hold && containerd_up && dockerd_up ;;
  halt) terminate dockerd ;;
  restart) terminate dockerd && dockerd_up ;;
  unpack) unpack ;;
  stop)
    if [ -s "$run/dockerd.pid" ]; then enter sh -c 'docker ps -aq | xargs -r docker rm -fv' >/dev/null 2>&1 || true; fi
    terminate dockerd
    terminate containerd
    sweep
    rm -rf "$run" "$data" ;;
  enter) enter "$@" ;;
  *) sed -n 2,12p "$0"; exit 2 ;;
esac
