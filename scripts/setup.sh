# Sourced by quickstart and test: installs what is missing, then builds. Quick when nothing is.
# Debian 12 and 13, Ubuntu 24.04; as root, or as somebody who may use sudo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then printf '\033[2m· %s\033[0m\n' "$*" >&2; else printf '· %s\n' "$*" >&2; fi; }
die() { printf 'scripts: %s\n' "$*" >&2; exit 2; }

ROOT=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || die "run it as root, or install sudo"
  ROOT=(sudo)
fi

check_node() {
  command -v node >/dev/null || die "Node.js 20.19 or newer is needed: https://nodejs.org/en/download"
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    die "Node.js $(node --version) is too old: 20.19 or newer is needed"
}

# Packages by the program they bring. BIRD, FRR and sshd are needed as programs only: no service of theirs is started, none is enabled.
PROGRAMS="systemd-analyze:systemd bird:bird2 /usr/lib/frr/bgpd:frr sshd:openssh-server ip:iproute2 iptables:iptables socat:socat ping:iputils-ping openssl:openssl unshare:util-linux ssh:openssh-client sysctl:procps ${TEST_PROGRAMS:-}"
SERVICES="bird bird6 frr ssh sshd ssh.socket"

install_packages() {
  local missing=() entry
  for entry in $PROGRAMS; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "${entry%%:*}" >/dev/null || missing+=("${entry##*:}")
  done
  command -v kubectl >/dev/null || missing+=(kubernetes-client)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "please install ${missing[*]} (only apt is known here)"
  say "installing ${missing[*]}"
  "${ROOT[@]}" apt-get update -qq >/dev/null
  if ! apt-cache show kubernetes-client >/dev/null 2>&1; then
    missing=("${missing[@]/kubernetes-client/}")
  fi
  local there
  there=$(enabled_services)
  without_starting "${ROOT[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 ${missing[*]} >/dev/null
  leave_disabled "$there"
  command -v kubectl >/dev/null || install_kubectl
}

enabled_services() {
  local service
  for service in $SERVICES; do
    if systemctl is-enabled --quiet "$service" 2>/dev/null; then echo "$service"; fi
  done
}

# policy-rc.d is how Debian is told not to start what it installs.
start_again() {
  "${ROOT[@]}" rm -f /usr/sbin/policy-rc.d
  trap - EXIT INT TERM HUP
}

without_starting() {
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then
    # also when Ctrl-C or a signal ends the script: no service of this machine would ever start again
    trap start_again EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    printf '#!/bin/sh\nexit 101\n' | "${ROOT[@]}" tee $policy >/dev/null
    "${ROOT[@]}" chmod 755 $policy
    made=1
  fi
  local code=0
  "$@" || code=$?
  [ -z "$made" ] || start_again
  return $code
}

# What was not enabled before is not enabled because of us, so a reboot starts nothing either.
leave_disabled() {
  local service
  for service in $(enabled_services); do
    grep -qx "$service" <<<"$1" || "${ROOT[@]}" systemctl disable --now --quiet "$service" 2>/dev/null || true
  done
}

# Where the distribution has no package (Ubuntu): the published program, checked by its digest.
KUBECTL=1.35.8
KUBECTL_SHA256_amd64=874d5e72dbb819f43cff16bcd1e4f8bac5b7f2361fe1e55049b0a6c676fb0cbf
KUBECTL_SHA256_arm64=cc749967b62f4422260bc9c0aa7a7c55f45175ae38cb8d95767b5d2b7e04c1fd
install_kubectl() {
  local arch digest file
  arch=$(dpkg --print-architecture)
  digest=KUBECTL_SHA256_$arch
  [ -n "${!digest:-}" ] || die "there is no kubectl for $arch to be had: install it yourself"
  say "fetching kubectl $KUBECTL"
  file=$(mktemp)
  node -e '
    const [url, file] = process.argv.slice(1);
    fetch(url).then(async (answer) => {
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      require("node:fs").writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
    }).catch((error) => { console.error(error.message, error.cause?.message ?? ""); process.exit(1); });
  ' "https://dl.k8s.io/release/v$KUBECTL/bin/linux/$arch/kubectl" "$file" || die "kubectl could not be fetched"
  echo "${!digest}  $file" | sha256sum --check --quiet || die "kubectl $KUBECTL has another digest than it should"
  "${ROOT[@]}" install -m 755 "$file" /usr/local/bin/kubectl
  rm -f "$file"
}

# npm ci is skipped while the lock file is the one that was installed.
install_modules() {
  local stamp=node_modules/.cpaas-lock
  if ! cmp -s package-lock.json $stamp; then
    say "installing npm packages"
    npm ci --no-audit --no-fund --loglevel=error >/dev/null
    cp package-lock.json $stamp
  fi
}

build() {
  if [ ! -e dist/.built ] || [ -n "$(find src tsconfig*.json package.json -newer dist/.built -print -quit)" ]; then
    say "building"
    rm -rf dist
    npx tsc -p tsconfig.build.json
    touch dist/.built
  fi
}

check_node
install_packages
install_modules
build
