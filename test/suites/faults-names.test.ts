import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { labLayout } from '../../src/lab/layout.ts';
import { type Spec, Workspace } from '../helpers/cpaas.ts';
import { bareLab } from '../helpers/dumps.ts';
import { duringCell, type Fault } from '../helpers/fault-cells.ts';
import { FaultTable } from '../helpers/fault-table.ts';
import { endsWell, learn, type Victim } from '../helpers/kill-cells.ts';
import { noLab } from '../helpers/lab.ts';

const NAME = 'faults-n';
const ROUTER = 'bigip1.example';
const { kubeconfig, identity, knownHosts } = labLayout(NAME);

const one = ({ provider, routers }: Spec): void => {
  Object.assign(provider.lab, { servers: 1, agents: 0, calicoApi: 'v3' });
  routers.splice(1);
  Object.assign(routers[0] ?? {}, { peers: [] });
};
const ssh = { host: ROUTER, user: 'root', identityFiles: [identity] };
const login = (more: object) => (spec: Spec) => {
  for (const router of spec.routers) router.bigip = { ...router.bigip, ssh: { ...ssh, ...more } };
};
/** What makes the machines, and what joins them as a cluster that was there before, from its own host, by the router's name. */
const lab = new Workspace('lab-flat.yaml', NAME, one);
const site = new Workspace('lab-flat.yaml', NAME, (spec) => {
  one(spec);
  Object.assign(spec, { provider: { existing: { kubeconfig } } });
  login({})(spec);
});
const hosts = join(site.folder, 'hosts');
const resolver = join(site.folder, 'resolv.conf');
const NAMES = 'mount --bind "$0" /etc/hosts && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';
site.by = ['ip', 'netns', 'exec', `${NAME}-server-0`, 'unshare', '--mount', 'sh', '-c', NAMES, hosts, resolver];

const KNOWN = '127.0.0.1 localhost\n';
const named = (): void => writeFileSync(hosts, `${KNOWN}10.1.20.11 ${ROUTER}\n`);
const unnamed = (): void => writeFileSync(hosts, KNOWN);
const LOST = { code: 2, tells: /^HOST\.UNREACHABLE$/ } as const;
const table = new FaultTable();
const DOWN = ['down', '--confirm', NAME];

const faults: readonly Fault[] = [
  { name: 'name of the router does not resolve', begin: unnamed, heal: named, ...LOST },
  {
    name: 'name stops resolving in the middle',
    moment: 'after the intent, before the change',
    step: 'calico.',
    does: { run: ['sh', '-c', 'echo "$0" >"$1"', KNOWN.trim(), hosts] },
    heal: named,
    code: 0,
  },
  {
    name: 'proxy to the router fails',
    begin: () => site.edit(login({ proxyCommand: ['false'] })),
    heal: () => site.edit(login({})),
    ...LOST,
  },
];

describe.skipIf(noLab).sequential('a router that is known by name', () => {
  let up: Victim;
  let down: Victim;

  beforeAll(async () => {
    named();
    writeFileSync(resolver, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
    const bare = await bareLab(lab);
    const keys = readFileSync(knownHosts, 'utf8').replaceAll(/^\S+/gm, ROUTER);
    mkdirSync(join(site.state, NAME), { recursive: true, mode: 0o700 });
    writeFileSync(join(site.state, NAME, 'known_hosts'), keys);
    up = await learn(site, 'up', ['up'], bare, () => endsWell(site, ...DOWN));
    down = await learn(site, 'down', DOWN, up.to, () => endsWell(site, 'up'));
  });

  afterAll(async () => {
    table.print();
    await lab.remove();
  });

  test.each(faults)(
    '$name',
    async (fault) => {
      await duringCell(site, up, fault, table);
      await duringCell(site, down, fault, table);
    },
    600_000,
  );
});
