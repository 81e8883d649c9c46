import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { labLayout } from '../../dist/lab/layout.js';
import { parseConfig } from '../../dist/routers/bigip/config/config.js';
import { linesOf } from '../../dist/routers/bigip/config/order.js';
import { seenIn } from '../../dist/routers/bigip/config/seen.js';
import { wantedBgp } from '../../dist/routers/bigip/config/wanted.js';
import { bigipBgp } from '../../dist/steps/bigip/bgp.js';
import { openHosts } from '../../dist/transport/connect.js';
import { median, onLab, seconds } from '../measure.js';

export const needsRoot = true;

const UNITS = 10;
const NEIGHBORS = 50;
const CLUSTER = 'bench';
const TRIES = [1, 2, 3, 4, 5];
/** Milliseconds one way. On this machine the units share the cores with each other and with cpaas; at a distance each has its own. */
const AWAY = 20;
const addressOf = (unit) => `10.10.2.${20 + unit}`;
const spec = {
  provider: {
    lab: { topology: 'vm', servers: 1, agents: 0, vm: '10.10.2.10', switches: { routingProtocol: true } },
  },
  routers: Array.from({ length: UNITS }, (_, unit) => ({ name: `bigip${unit}`, address: addressOf(unit) })),
};
const wish = (count) =>
  wantedBgp({
    asNumber: 64512,
    clusterAs: 64512,
    peerGroup: 'calico-k8s',
    gracefulRestartTime: 120,
    neighbors: Array.from({ length: count }, (_, at) => ({
      address: `172.19.${at >> 8}.${at & 255}`,
      asNumber: 64512,
    })),
  });
const changesTo = (want) => want.map(([key, to]) => ({ key, from: undefined, to, before: undefined, cause: 'wanted' }));
const WANT = wish(NEIGHBORS);
const LINES = linesOf(changesTo(WANT), { asNumber: 64512, cluster: CLUSTER }).length;
const placeOf = (unit) => ({ host: `${unit}`, unit: `${unit}`, cluster: CLUSTER, routeDomain: 0, asNumber: 64512 });

/** The lines of a unit over SSH, for one and for many at a time; the same line by line; and a big configuration read. */
export const measure = async () => [
  ...reading(),
  ...(await onLab('bgp1', { ...spec, routers: spec.routers.slice(0, 1) }, async (cpaas) => {
    cpaas('lab', 'up');
    cpaas('bgp', 'peer', '--no-cluster', '-y');
    const again = [];
    for (const _ of TRIES) again.push(await seconds(() => cpaas('bgp', 'peer', '--no-cluster')));
    return [{ what: 'bgp peer on one unit with nothing to do', value: median(again), unit: ' s', most: 1.5 }];
  })),
  ...(await onLab('bgp', spec, async (cpaas, name) => {
    cpaas('lab', 'up');
    const near = await pushes(name, 0);
    const far = await pushes(name, AWAY);
    const naiveLine = (await seconds(() => TRIES.map(() => naive(name, 0)))) / TRIES.length;
    const naively = naiveLine * LINES;
    const all = `${UNITS} units at once / one unit`;
    return [
      { what: `${LINES} lines on one unit, from nothing to read-back`, value: near.one, unit: ' s' },
      { what: `the same, a connection for each line`, value: naively, unit: ' s' },
      { what: 'ours / a connection for each line', value: near.one / naively, unit: '', most: 0.1 },
      { what: `${all}, ${2 * AWAY} ms there and back`, value: far.all / far.one, unit: '', most: 3 },
      { what: `${all}, all simulated on these cores`, value: near.all / near.one, unit: '' },
    ];
  })),
];

/** Seconds from nothing to read-back: one unit, and all of them at once. */
async function pushes(name, away) {
  const hosts = openHosts(table(name, away), {
    secrets: { redact: (text) => text, reveal: async () => '' },
    emit: () => {},
  });
  const context = {
    host: (key) => hosts.host(key),
    signal: new AbortController().signal,
    progress: () => {},
    secret: async () => '',
  };
  const configure = async (unit) => {
    const step = bigipBgp(placeOf(unit), WANT);
    await step.write(context, changesTo(WANT));
    const seen = await step.read(context, new Set(step.want.keys()));
    if (WANT.some(([key, value]) => seen.get(key)?.value !== value)) throw new Error(`bigip${unit} has other lines`);
  };
  const clear = (unit) =>
    bigipBgp(placeOf(unit), []).write(
      context,
      WANT.map(([key, from]) => ({ key, from, to: undefined, before: undefined, cause: 'unwanted' })),
    );
  const units = Array.from({ length: UNITS }, (_, unit) => unit);
  try {
    // every connection stands before the clock runs
    await Promise.all(units.map(configure));
    await Promise.all(units.map(clear));
    const one = await seconds(() => configure(0));
    await clear(0);
    const all = await seconds(() => Promise.all(units.map(configure)));
    await Promise.all(units.map(clear));
    return { one, all };
  } finally {
    await hosts.closeAll();
  }
}

function table(name, away) {
  const layout = labLayout(name);
  const enter = fileURLToPath(new URL('../../dist/lab/enter.js', import.meta.url));
  const distance = fileURLToPath(new URL('../distance.js', import.meta.url));
  const through = away > 0 ? [process.execPath, distance, `${away}`] : [];
  return Object.fromEntries(
    spec.routers.map(({ name: router, address }, unit) => [
      `${unit}`,
      {
        name: router,
        tmsh: true,
        reach: {
          via: 'ssh',
          user: 'root',
          host: address,
          identityFiles: [layout.identity],
          knownHosts: [layout.knownHosts],
          proxyCommand: [...through, process.execPath, enter, name, address],
        },
      },
    ]),
  );
}

/** One line as scripts do it: ssh, imish, the way into `router bgp`, the line, and out. */
function naive(name, unit) {
  const layout = labLayout(name);
  const options = [
    '-F',
    'none',
    '-o',
    `UserKnownHostsFile=${layout.knownHosts}`,
    '-o',
    `HostKeyAlias=${addressOf(unit)}`,
  ];
  const login = ['-i', layout.identity, '-o', 'IdentitiesOnly=yes', 'root@127.0.0.1', 'TERM=vt100 imish'];
  const inside = ['netns', 'exec', layout.namespace(`bigip${unit}`), 'ssh', ...options, ...login];
  const input = [
    'enable',
    'configure terminal',
    'router bgp 64512',
    'bgp log-neighbor-changes',
    'end',
    'exit',
    '',
  ].join('\n');
  const { status, stderr } = spawnSync('ip', inside, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Ten thousand lines of somebody's, of which one neighbor is to become ours. */
function reading() {
  const theirs = Array.from(
    { length: 5_000 },
    (_, at) =>
      ` neighbor 10.${at >> 8}.${at & 255}.1 remote-as ${at + 1}\n neighbor 10.${at >> 8}.${at & 255}.1 route-map X in\n`,
  );
  const text = `!\nrouter bgp 64512\n${theirs.join('')}!\nend\n`;
  const keys = new Set(WANT.map(([key]) => key));
  const taken = [];
  for (let at = 0; at < 15; at++) {
    const start = performance.now();
    const current = parseConfig(text);
    const seen = seenIn(current, CLUSTER, keys);
    const due = changesTo(WANT).filter(({ key, to }) => seen.get(key)?.value !== to);
    linesOf(due, { asNumber: 64512, cluster: CLUSTER, current });
    taken.push(performance.now() - start);
  }
  return [
    { what: '10,000 lines of running configuration parsed and diffed', value: median(taken), unit: ' ms', most: 100 },
  ];
}
