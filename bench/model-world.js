// A cluster of any size, its routers and the machine that its nodes are behind, as the answers that they give: what kubectl, ip, tmsh and
// imish print. `settle` makes the world what a plan wants, so that a run on it has nothing to do.
import { elementsOf, parseConfig, ROUTER, renderConfig } from '../dist/routers/bigip/config/config.js';
import { levelOf, lineOf } from '../dist/routers/bigip/config/lines.js';

const BLOCKS = 4;
const PODS = 28;
const GATEWAY = 'vm';
export const CLUSTER = 'bench';

const nodeName = (at) => `node-${String(at).padStart(4, '0')}`;
const nodeAddress = (at) => `172.19.${1 + (at >> 7)}.${1 + (at & 127)}`;
const blockCidr = (at) => `10.${64 + (at >> 10)}.${(at >> 2) & 255}.${(at & 3) * 64}/26`;
const routerAddress = (at) => `10.10.2.${20 + at}`;
const times = (count, make) => Array.from({ length: count }, (_, at) => make(at));

/** The cluster file of such a world. */
export const clusterFile = (routers) => ({
  apiVersion: 'cpaas.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name: CLUSTER },
  spec: {
    provider: { existing: { kubeconfig: '/k' } },
    network: { nodes: '172.19.0.0/16', pods: '10.64.0.0/10', services: '10.43.0.0/16' },
    bgp: { asNumber: 64512 },
    routers: times(routers, (at) => ({
      name: `bigip${at}`,
      address: routerAddress(at),
      bigip: { ssh: { host: routerAddress(at), user: 'root' }, selfIp: 'internal', peerGroup: 'calico-k8s' },
    })),
  },
});

export class ModelWorld {
  constructor(nodes, routers) {
    this.answers = kubernetes(nodes, routers);
    this.routes = [];
    this.forward = '0\n';
    this.calico = new Map();
    this.units = new Map(times(routers, (at) => [`ssh://root@${routerAddress(at)}`, unit(at)]));
    this.tables = { nodes, routers, summary: summary(nodes), learned: learned(nodes), installed: installed(nodes) };
    this.asked = 0;
    this.bytes = 0;
  }

  get ctx() {
    return {
      host: (key) => ({
        name: key,
        query: async (command) => this.#answer(key, command),
        queryAll: async (commands) => commands.map((command) => this.#answer(key, command)),
        read: async () => undefined,
        run: async () => {
          throw new Error('nothing is to be changed here');
        },
      }),
      identity: async (key) => key,
      secret: async () => '',
      signal: new AbortController().signal,
    };
  }

  /** Makes the world what the changes of a survey want. */
  settle(items) {
    for (const { step, found } of items)
      for (const { key, to } of found?.changes ?? []) {
        if (step.kind === 'host.routes') this.routes.push({ dst: key, gateway: to.via, protocol: '201', dev: 'br0' });
        else if (step.kind === 'host.sysctl') this.forward = `${to}\n`;
        else if (step.kind.startsWith('calico.')) this.calico.set(`${step.kind} ${key}`, to);
        else this.units.get(step.host).want.set(`${step.kind} ${key}`, to);
      }
  }

  #answer(key, { argv }) {
    const stdout = this.units.has(key) ? this.#ofUnit(key, argv) : this.#ofMachine(argv);
    const output = typeof stdout === 'string' ? { stdout, stderr: '', code: 0 } : { stdout: '', stderr: '', ...stdout };
    this.asked++;
    this.bytes += output.stdout.length;
    return output;
  }

  #ofMachine(argv) {
    const [program, ...words] = argv;
    if (program === 'kubectl') return this.#kubectl(words);
    if (program === 'cat') return this.forward;
    if (program.endsWith('-save')) return '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n';
    if (words.includes('get')) return JSON.stringify([{ dst: words.at(-1), dev: 'up0', prefsrc: '10.10.2.10' }]);
    return JSON.stringify([{ dst: '172.19.0.0/16', dev: 'br0', protocol: '2', prefsrc: '172.19.0.1' }, ...this.routes]);
  }

  #kubectl(words) {
    const at = words.indexOf('get');
    if (words.includes('exec')) return this.answers.birdcl;
    if (words[at + 1] === '--raw') return this.answers.apis;
    const kinds = words[at + 1];
    if (kinds.startsWith('bgp'))
      return list(kinds.split(',').flatMap((kind) => this.#calicoObjects(kind.split('.')[0])));
    return this.answers[kinds.split(/[.,]/)[0]];
  }

  #calicoObjects(plural) {
    const of = (kind) =>
      [...this.calico].filter(([id]) => id.startsWith(`${kind} `)).map(([id, to]) => [id.slice(kind.length + 1), to]);
    const labels = { 'app.kubernetes.io/managed-by': 'cpaas', 'cpaas.dev/cluster': CLUSTER };
    if (plural === 'bgpconfigurations') {
      const settings = of('calico.bgp-configuration').filter(([, to]) => to !== true || typeof to !== 'boolean');
      const spec = Object.fromEntries(of('calico.bgp-configuration').filter(([key]) => !key.includes(' ')));
      return settings.length > 0 ? [object('BGPConfiguration', 'default', { spec }, { labels })] : [];
    }
    if (plural === 'bgpfilters') return [];
    return of('calico.bgp-peers').map(([, { name, spec }]) => object('BGPPeer', name, { spec }, { labels }));
  }

  #ofUnit(key, argv) {
    const { want, address } = this.units.get(key);
    const said = argv.join(' ');
    const bgp = want.get('bigip.routing-protocol BGP');
    if (said === 'id -u') return '0\n';
    if (argv[0] === 'cat') return { code: 1 };
    if (said.includes('show running-config')) return runningConfig(want);
    if (said.includes('show ip bgp summary')) return this.tables.summary;
    if (said.includes('show ip bgp')) return this.tables.learned;
    if (said.includes('show ip route')) return this.tables.installed;
    if (said.includes('sys version')) return 'Sys::Version\nMain Package\n  Product     BIG-IP\n  Version     17.1.0\n';
    if (said.includes('tmrouted')) return 'sys db tmrouted.tmos.routing { value "disable" }\n';
    if (said.includes('route-domain')) return `net route-domain 0 { id 0 ${bgp ? 'routing-protocol { BGP } ' : ''}}\n`;
    if (said.includes('net routing bgp')) return { code: 1 };
    if (said.includes('net self')) {
      const allow = want.has('bigip.self-ip tcp:bgp') ? '{ tcp:bgp }' : 'none';
      return `net self internal { address ${address}/24 allow-service ${allow} traffic-group traffic-group-local-only vlan internal }\n`;
    }
    const routes = [...want].filter(([id]) => id.startsWith('bigip.route '));
    return routes
      .map(
        ([id, { gw }]) =>
          `net route cpaas-${CLUSTER}-${id.split(' ')[1].replace('/', '_')} { description "cpaas:${CLUSTER}" gw ${gw} network ${id.split(' ')[1]} }\n`,
      )
      .join('');
  }
}

const unit = (at) => ({ address: routerAddress(at), want: new Map() });

/** As a unit prints the lines that are wanted there; made once for each state. */
const configs = new WeakMap();
function runningConfig(want) {
  const known = configs.get(want);
  if (known?.size === want.size) return known.text;
  const lines = [...want]
    .filter(([id]) => id.startsWith('bigip.bgp '))
    .map(([id, value]) => ({ key: id.slice('bigip.bgp '.length), value }))
    .map((element) => ({
      context: element.key === ROUTER || levelOf(element.key).level === 'global' ? '' : ROUTER,
      text: lineOf(element),
      element,
    }));
  const text = renderConfig({ lines });
  if (elementsOf(parseConfig(text)).size !== lines.length) throw new Error('the model prints what cannot be read back');
  configs.set(want, { size: want.size, text });
  return text;
}

const object = (kind, name, rest, metadata = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...metadata },
  ...rest,
});
const list = (items) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 4);

function kubernetes(nodes, routers) {
  const blocks = nodes * BLOCKS;
  const owner = (at) => nodeName(Math.floor(at / BLOCKS));
  const pod = (at) => ({
    handle_id: `k8s-pod-network.${at}`,
    secondary: {
      namespace: 'default',
      node: owner(Math.floor(at / PODS)),
      pod: `pod-${at}`,
      timestamp: '2026-11-25 00:00:00 +0000 UTC',
    },
  });
  return {
    apis: JSON.stringify({ groups: [{ name: 'crd.projectcalico.org', versions: [{ version: 'v1' }] }] }),
    nodes: list([
      object('Namespace', 'kube-system', {}, { uid: 'bench' }),
      ...times(nodes, (at) =>
        object('Node', nodeName(at), {
          status: {
            addresses: [{ type: 'InternalIP', address: nodeAddress(at) }],
            conditions: [{ type: 'Ready', status: 'True' }],
          },
        }),
      ),
    ]),
    blockaffinities: list([
      ...times(blocks, (at) =>
        object('BlockAffinity', `${owner(at)}-${at}`, {
          spec: { cidr: blockCidr(at), node: owner(at), state: 'confirmed', deleted: 'false' },
        }),
      ),
      ...times(blocks, (at) =>
        object('IPAMBlock', `block-${at}`, {
          spec: {
            cidr: blockCidr(at),
            affinity: `host:${owner(at)}`,
            allocations: times(64, (nth) => (nth < PODS ? nth : null)),
            attributes: times(PODS, (nth) => pod(at * PODS + nth)),
            unallocated: times(64 - PODS, (nth) => PODS + nth),
            deleted: false,
          },
        }),
      ),
    ]),
    pods: list(
      times(nodes, (at) =>
        object(
          'Pod',
          `calico-node-${at}`,
          { spec: { nodeName: nodeName(at), hostNetwork: true }, status: { phase: 'Running' } },
          { namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
        ),
      ).concat(
        times(nodes * 10, (at) =>
          object(
            'Pod',
            `pod-${at}`,
            { spec: { nodeName: nodeName(at % nodes) }, status: { phase: 'Running', podIP: `10.64.0.${at & 255}` } },
            { namespace: 'default' },
          ),
        ),
      ),
    ),
    birdcl: [
      'BIRD v0.3.3+birdv1.6.8 ready.',
      'name     proto    table    state  since       info',
      ...times(routers, (at) =>
        [
          `Global_${routerAddress(at).replaceAll('.', '_')} BGP      master   up     10:00:00    Established   `,
          '  BGP state:          Established',
          `    Neighbor address: ${routerAddress(at)}`,
          '    Neighbor AS:      64512',
        ].join('\n'),
      ),
      '',
    ].join('\n'),
  };
}

const summary = (nodes) =>
  [
    'Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd',
    ...times(
      nodes,
      (at) => `${nodeAddress(at).padEnd(15)} 4 64512      24      47        2    0    0 00:09:11        ${BLOCKS}`,
    ),
    '',
  ].join('\n');

const learned = (nodes) =>
  [
    '   Network          Next Hop            Metric LocPrf Weight Path',
    ...times(
      nodes * BLOCKS,
      (at) => `*>i${blockCidr(at).padEnd(19)} ${nodeAddress(Math.floor(at / BLOCKS))}   0 100 0 i`,
    ),
    '',
  ].join('\n');

const installed = (nodes) =>
  times(
    nodes * BLOCKS,
    (at) => `B       ${blockCidr(at)} [200/0] via ${nodeAddress(Math.floor(at / BLOCKS))}, internal, 00:01:00`,
  ).join('\n');

export { GATEWAY };
