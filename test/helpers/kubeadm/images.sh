#!/usr/bin/env bash
# One image archive with the names of Calico's three images, in which the stand-in runs: node, BIRD, the lab's own code.
# images.sh OUT VERSION REPOSITORY
set -euo pipefail
out=$1 version=$2 repository=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,usr/bin,usr/sbin,opt/cni/bin,run,tmp,var,etc} "$root"/cpaas/node_modules
node=$(command -v node)
put() { # a program with its libraries
  install -D "$1" "$root$2"
  ldd "$1" | grep -o '/[^ ]*' | sort -u | while read -r library; do install -D "$(realpath "$library")" "$root$library"; done
}
put "$node" /usr/bin/node
put /usr/sbin/bird /usr/sbin/bird
put "$(command -v birdc)" /usr/sbin/birdc
put "$(command -v birdcl)" /usr/bin/birdcl
cp -r "$repository/dist" "$root/cpaas/dist"
cp "$repository/test/helpers/kubeadm/calico-node.js" "$repository/package.json" "$root/cpaas/"
for module in zod ipaddr.js js-yaml argparse p-limit yocto-queue; do
  [ ! -d "$repository/node_modules/$module" ] || cp -r "$repository/node_modules/$module" "$root/cpaas/node_modules/$module"
done
# What the manifest runs besides: the installer and the probes say yes, the controllers wait.
printf '#!/usr/bin/node\nconst up = require("node:fs").existsSync("/run/bird/bird.ctl");\nprocess.exit(process.argv.some((word) => /^-bird/.test(word)) && !up ? 1 : 0);\n' >"$root/bin/calico-node"
for program in opt/cni/bin/install opt/cni/bin/calico-ipam usr/bin/check-status; do
  printf '#!/usr/bin/node\n' >"$root/$program"
done
cp "$root/bin/calico-node" "$root/usr/bin/calico-node"
printf '#!/usr/bin/node\nif (process.env.ENABLED_CONTROLLERS) setInterval(() => {}, 1e9);\nelse import("/cpaas/calico-node.js");\n' >"$root/bin/start"
chmod 755 "$root"/bin/* "$root"/opt/cni/bin/* "$root"/usr/bin/*
tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 -cf "$work/layer.tar" .
digest=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
mkdir "$work/image"
cat >"$work/config.json" <<END
{"architecture":"amd64","os":"linux","created":"1970-01-01T00:00:00Z","rootfs":{"type":"layers","diff_ids":["sha256:$digest"]},
"config":{"Env":["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","CALICO_VERSION=$version"],"Entrypoint":["/bin/start"]}}
END
config=$(sha256sum "$work/config.json" | cut -d' ' -f1).json
mv "$work/config.json" "$work/image/$config"
mkdir "$work/image/$digest"
mv "$work/layer.tar" "$work/image/$digest/layer.tar"
names=$(for name in cni node kube-controllers; do printf ',"quay.io/calico/%s:%s"' "$name" "$version"; done)
printf '[{"Config":"%s","RepoTags":[%s],"Layers":["%s/layer.tar"]}]' "$config" "${names:1}" "$digest" >"$work/image/manifest.json"
tar -C "$work/image" -cf "$out.new" .
mv "$out.new" "$out"
