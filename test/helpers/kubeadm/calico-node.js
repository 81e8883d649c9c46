// What stands in for calico-node on a real cluster: it runs in the pods of the published manifest, by their own rights, finds the
// node's address where the manifest says, takes a block, gives pods their network, and keeps a real BIRD at what the API says, with
// the lab's own rendering.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { peersOf } from './dist/lab/calico/bird/peers.js';
import { readAffinity, readFilter, readNode, readPeer, readPool, readSettings } from './dist/lab/calico/bird/read.js';
import { renderBird } from './dist/lab/calico/bird/render.js';
import { affinityDraft } from './dist/lab/calico/ipam/affinity.js';
import { connect } from './dist/lab/kube/client.js';

const { NODENAME, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, CALICO_IPV4POOL_CIDR } = process.env;
const [, nodes] = (process.env.IP_AUTODETECTION_METHOD ?? '').split('=');
const blockSize = Number(process.env.CALICO_IPV4POOL_BLOCK_SIZE);
const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const CALICO = '/apis/crd.projectcalico.org/v1';
const SOCKET = '/run/bird/bird.ctl';
const CONFIG = '/run/bird/bird.conf';

const client = connect({
  url: `https://${KUBERNETES_SERVICE_HOST}:${KUBERNETES_SERVICE_PORT}`,
  ca: readFileSync(`${account}/ca.crt`, 'utf8'),
  token: readFileSync(`${account}/token`, 'utf8'),
});
const items = async (path) => (await client.list(path)).items;

/** The address in the range that the manifest names. */
function ownAddress() {
  const range = ipaddr.IPv4.parseCIDR(nodes);
  const all = Object.values(networkInterfaces()).flat();
  const found = all.find(({ family, address }) => family === 'IPv4' && ipaddr.IPv4.parse(address).match(...range));
  if (!found) throw new Error(`no address in ${nodes}`);
  return found.cidr;
}

async function register() {
  const annotations = { 'projectcalico.org/IPv4Address': ownAddress() };
  await client.patch(`/api/v1/nodes/${NODENAME}/status`, { metadata: { annotations } });
  const object = (kind, name, spec) => ({ apiVersion: 'crd.projectcalico.org/v1', kind, metadata: { name }, spec });
  const version = { calicoVersion: process.env.CALICO_VERSION, datastoreReady: true, clusterType: 'k8s,bgp' };
  await client.create(`${CALICO}/clusterinformations`, object('ClusterInformation', 'default', version));
  const pool = {
    ...{ cidr: CALICO_IPV4POOL_CIDR, blockSize, ipipMode: 'Never', vxlanMode: 'Never' },
    ...{ natOutgoing: true, nodeSelector: 'all()' },
  };
  await client.create(`${CALICO}/ippools`, object('IPPool', 'default-ipv4-ippool', pool));
}

/** The node's block: the one that it has, or the next free one. */
async function block() {
  const affinities = await items(`${CALICO}/blockaffinities`);
  const own = affinities.find(({ spec }) => spec.node === NODENAME);
  if (own) return own.spec.cidr;
  const [first] = ipaddr.IPv4.parseCIDR(CALICO_IPV4POOL_CIDR);
  const base = first.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
  for (let n = 1; ; n++) {
    const value = base + n * 2 ** (32 - blockSize);
    const cidr = `${[24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.')}/${blockSize}`;
    if (affinities.some(({ spec }) => spec.cidr === cidr)) continue;
    const draft = affinityDraft(NODENAME, cidr, 'confirmed');
    await client.create(`${CALICO}/blockaffinities`, {
      apiVersion: 'crd.projectcalico.org/v1',
      kind: 'BlockAffinity',
      ...draft,
    });
    return block();
  }
}

/** As Calico has it: each pod a link of its own to the node, addresses from the node's block. */
function network(cidr) {
  const ipam = { type: 'host-local', ranges: [[{ subnet: cidr }]], routes: [{ dst: '0.0.0.0/0' }] };
  const plugins = [{ type: 'ptp', ipMasq: false, ipam }];
  writeFileSync(
    '/host/etc/cni/net.d/10-calico.conflist',
    JSON.stringify({ name: 'k8s-pod-network', cniVersion: '0.4.0', plugins }),
  );
}

async function config() {
  const [nodeObjects, settings, peers, filters, pools, affinities] = await Promise.all([
    items('/api/v1/nodes'),
    ...['bgpconfigurations', 'bgppeers', 'bgpfilters', 'ippools', 'blockaffinities'].map((kind) =>
      items(`${CALICO}/${kind}`),
    ),
  ]);
  const read = (objects, reader) => objects.flatMap((object) => reader(object) ?? []);
  const secret = () => undefined;
  const all = read(nodeObjects, readNode);
  const node = all.find(({ name }) => name === NODENAME);
  const own = readSettings(settings, NODENAME, secret);
  return renderBird({
    node,
    nodes: all,
    settings: own,
    peers: peersOf(
      node,
      read(peers, (object) => readPeer(object, secret)),
      all,
      own,
    ),
    filters: read(filters, readFilter),
    pools: read(pools, readPool),
    blocks: read(affinities, readAffinity)
      .filter((each) => each.node === NODENAME)
      .map(({ cidr }) => cidr),
  });
}

mkdirSync('/run/bird', { recursive: true });
await register();
network(await block());
let told;
for (;;) {
  const wanted = await config().catch((error) => {
    console.error(error.message);
    return told;
  });
  if (wanted && wanted !== told) {
    writeFileSync(CONFIG, wanted);
    if (told === undefined)
      spawn('/usr/sbin/bird', ['-f', '-c', CONFIG, '-s', SOCKET], { stdio: 'inherit' }).on('exit', (code) =>
        process.exit(code ?? 1),
      );
    else spawn('/usr/sbin/birdc', ['-s', SOCKET, 'configure'], { stdio: 'inherit' });
    told = wanted;
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
