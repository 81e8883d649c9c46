#!/bin/bash
# Docker 29, which Debian does not have: dockerd, docker-proxy and docker from their Go modules, into the cache (once).
set -eu
cache=${CPAAS_DOCKER:-$HOME/.cache/cpaas-docker}
# beta.24 is what became 29.8.1, as its releases/versions.yaml says
ENGINE=29.8.1 MOBY=v2.0.0-beta.24 CLI=29.9.3
to=$cache/moby
[ ! -e "$to/.whole" ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOWORK=off GOFLAGS=-mod=mod
mkdir -p "$to"

build() {
  local program=$1 package=$2 version=$3
  nice -n 10 go build -trimpath -tags 'exclude_graphdriver_btrfs exclude_graphdriver_zfs' -ldflags "-s -w -X $version" -o "$to/$program" "$package"
}

mkdir "$work/engine" && cd "$work/engine"
go mod init engine
go get "github.com/moby/moby/v2/cmd/dockerd@$MOBY"
for program in dockerd docker-proxy; do
  build $program "github.com/moby/moby/v2/cmd/$program" "github.com/moby/moby/v2/dockerversion.Version=$ENGINE"
done
# what the client asks for is not to be had everywhere, and it takes no more than types from there
swarmkit=$(go list -m -f '{{.Path}}@{{.Version}}' github.com/moby/swarmkit/v2)

# the client is built as its own makefile does: vendor.mod is its go.mod under another name
mkdir "$work/fetch" && cd "$work/fetch"
go mod init fetch
cp -r "$(go mod download -json "github.com/docker/cli@v$CLI+incompatible" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')" "$work/cli"
chmod -R u+w "$work/cli" && cd "$work/cli"
rm -rf vendor && mv vendor.mod go.mod && mv vendor.sum go.sum
go mod edit -require="$swarmkit"
build docker ./cmd/docker "github.com/docker/cli/cli/version.Version=$CLI"
touch "$to/.whole"
