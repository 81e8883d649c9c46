import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Writer } from '../../src/core/context.ts';
import { type Owned, reconcile } from '../../src/core/reconcile.ts';
import type { Step } from '../../src/core/step.ts';
import { bootUnits } from '../../src/host/boot-units.ts';
import { bootRoutes, hostBootRoutes } from '../../src/steps/host/boot-routes.ts';
import { type Hosts, openHosts } from '../../src/transport/connect.ts';
import { createSecrets } from '../../src/transport/secrets.ts';
import { fakeArtifacts } from '../helpers/fake-artifacts.ts';
import { rootfs } from '../helpers/machines/cache.ts';
import { type Lan, makeLan } from '../helpers/machines/lan.ts';
import { type Machine, startMachine } from '../helpers/machines/machine.ts';

// The units under systemd itself: what the fake of the unit tests does, it does too; and after a power cut they are called.

const PROOF = '/usr/local/bin/proof';
const SERVICE = 'cpaas-routes-site1.service';
let lan: Lan;
let machine: Machine;
let hosts: Hosts;
let ctx: Writer;
let before: string;

const wish = (stateDir: string) => {
  const { service, timer } = bootUnits('site1', { program: [PROOF], stateDir, user: 'admin' });
  const place = { host: 'admin', cluster: 'site1', timer: timer.name, needs: [PROOF] };
  return hostBootRoutes(place, bootRoutes([service, timer], [PROOF]));
};
const units = () => machine.ask(['find', '/etc/systemd/system', '-name', '*cpaas*', '-printf', '%p %m %u\\n']);
const proof = () => machine.run(['cat', '/var/tmp/proof']);

/** One run: what it changed. `owned`: what is ours by an earlier one. */
async function run(step: Step, owned: ReadonlyMap<string, unknown> = new Map()): Promise<readonly string[]> {
  const ours = new Map(
    [...owned].map(([key, meant]): [string, Owned] => [
      key,
      { before: undefined, meant, ours: [meant], settled: true },
    ]),
  );
  const look = async () => reconcile(step, await step.read(ctx, new Set([...step.want.keys(), ...owned.keys()])), ours);
  const { changes, conflicts } = await look();
  if (conflicts.length > 0) throw new Error(conflicts.map(({ why }) => why).join());
  await step.write(ctx, changes);
  expect((await look()).changes).toEqual([]);
  return changes.map(({ key }) => key);
}

beforeAll(async () => {
  lan = await makeLan({ name: 'hm-boot', address: '10.214.8.1/24' });
  machine = await startMachine(lan, { name: 'vm', address: '10.214.8.11', image: rootfs() });
  await machine.ask(['tee', PROOF], '#!/bin/sh\necho "$(id -un): $*" >> /var/tmp/proof\n');
  await machine.ask(['chmod', '755', PROOF]);
  hosts = openHosts({ admin: machine.spec('admin') }, { secrets: createSecrets(), emit: () => {} });
  ctx = {
    host: hosts.host,
    artifacts: fakeArtifacts(),
    identity: async (key) => key,
    secret: async () => '',
    isGoing: () => false,
    progress: () => {},
    signal: new AbortController().signal,
  };
  before = await units();
});
afterAll(async () => {
  await hosts?.closeAll();
  await machine?.stop();
  await lan?.remove();
});

describe.sequential('routes at boot', () => {
  test('are installed, enabled and started; a second run finds nothing to do', async () => {
    expect(await run(wish('/srv/one'))).toHaveLength(4);
    expect(await run(wish('/srv/one'))).toEqual([]);
    expect(await units()).toContain(`/etc/systemd/system/${SERVICE} 644 root\n`);
    expect(await machine.ask(['systemctl', 'list-timers', '--all'])).toContain(SERVICE);
  });

  test('a change of the units is what systemd knows then', async () => {
    expect(await run(wish('/srv/two words'), wish('/srv/one').want)).toEqual([SERVICE]);
    expect(await machine.ask(['systemctl', 'show', '-p', 'ExecStart', SERVICE])).toContain('/srv/two words');
    expect(await machine.ask(['systemctl', 'show', '-p', 'NeedDaemonReload', SERVICE])).toBe('NeedDaemonReload=no\n');
  });

  test('after a power cut the machine calls what it was told to, as the user it was told', async () => {
    await hosts.closeAll();
    await machine.ask(['rm', '-f', '/var/tmp/proof']);
    await machine.restart();
    const said = await vi.waitUntil(async () => (await proof()).stdout, { timeout: 60_000, interval: 200 });
    expect(said.split('\n')[0]).toBe('admin: routes sync --cluster site1 --state-dir /srv/two words --progress plain');
  });

  test('down takes all of it away', async () => {
    const nothing = hostBootRoutes.revive(wish('/srv/one').place);
    const owned = new Map([...wish('/srv/two words').want].slice(2));
    expect(await run(nothing, owned)).toHaveLength(4);
    expect(await units()).toBe(before);
    expect((await machine.run(['systemctl', 'cat', SERVICE])).code).not.toBe(0);
  });
});
