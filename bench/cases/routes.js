import { spawnSync } from 'node:child_process';
import { hostRoutes, route } from '../../dist/steps/host/routes.js';
import { asHost } from '../../dist/transport/host.js';
import { netns } from '../../dist/transport/netns.js';
import { pair, run } from '../measure.js';

export const needsRoot = true;

const COUNT = 5000;
const NAMESPACE = `cpaas-bench-${process.pid}`;

/** The write of a step against one raw `ip -batch` of the same lines, in a namespace of its own. */
export async function measure() {
  const inside = (...argv) => run('ip', 'netns', 'exec', NAMESPACE, ...argv);
  run('ip', 'netns', 'add', NAMESPACE);
  try {
    inside('ip', 'link', 'add', 'nodes', 'type', 'veth', 'peer', 'name', 'far');
    inside('ip', 'address', 'add', '172.19.0.1/16', 'dev', 'nodes');
    for (const end of ['nodes', 'far']) inside('ip', 'link', 'set', end, 'up');
    const wanted = Array.from({ length: COUNT }, (_, at) =>
      route(`10.${64 + (at >> 10)}.${(at >> 2) & 255}.${(at & 3) * 64}/26`, `172.19.0.${2 + (at % 200)}`),
    );
    const step = hostRoutes({ host: 'here', cluster: 'bench', range: '10.64.0.0/10' }, wanted);
    const changes = wanted.map(([key, to]) => ({ key, from: undefined, to, before: undefined, cause: 'wanted' }));
    const [{ stdin }] = step.commands(changes);
    const host = asHost(netns('here', NAMESPACE));
    const context = { host: () => host, signal: new AbortController().signal, progress: () => {} };
    const empty = () => {
      const there = inside('ip', 'route', 'show', 'proto', '201').trimEnd().split('\n').length;
      if (there !== COUNT) throw new Error(`${there} of ${COUNT} routes are there`);
      inside('ip', 'route', 'flush', 'proto', '201');
    };
    const raw = () => {
      const { status, stderr } = spawnSync('ip', ['netns', 'exec', NAMESPACE, 'ip', '-batch', '-'], { input: stdin });
      if (status !== 0) throw new Error(`${stderr}`);
    };
    const write = () => step.write(context, changes);
    const [written, batched] = await pair(15, write, raw, empty);
    return [
      { what: `ip -batch of ${COUNT} routes`, value: batched * 1000, unit: ' ms' },
      { what: `host.routes writes ${COUNT} routes`, value: written * 1000, unit: ' ms' },
      { what: 'host.routes / ip -batch', value: written / batched, unit: '', most: 1.5 },
    ];
  } finally {
    run('ip', 'netns', 'del', NAMESPACE);
  }
}
