import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import type { Event } from '../../src/core/events.ts';
import { applied, expectWhole, Workspace } from '../helpers/cpaas.ts';
import { until } from '../helpers/lab.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

const LAB = 'suite-blocks';
const lab = new Workspace('lab-vm.yaml', LAB, ({ provider }) => Object.assign(provider.lab, { agents: 2 }));

/** A block that nobody has, and nodes as the lab numbers them. */
const BLOCK = '10.53.200.0/26';
const IN_BLOCK = ['10.53.200.7', '10.53.200.8'] as const;
const ADDRESS = { 'server-0': '172.19.0.2', 'agent-0': '172.19.0.3', 'agent-1': '172.19.0.4' } as const;

beforeAll(async () => {
  lab.warm = true;
  expectApplied(await lab.up());
});
afterAll(() => lab.remove());

async function kubectl(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.run('kubectl', '--', ...words);
  if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`);
  return stdout;
}

/** Starts a pod on a node, with the address that it asks for, and waits until it runs. */
async function startPod(name: string, nodeName: keyof typeof ADDRESS, address: string): Promise<void> {
  const annotations = { 'cni.projectcalico.org/ipAddrs': JSON.stringify([address]) };
  const spec = { nodeName, containers: [{ name: 'echo', image: 'echo' }] };
  const file = join(lab.folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, annotations }, spec }));
  await kubectl('apply', '-f', file);
  await kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
}

/** Stops a pod, and waits until its address is given back, which is after it is gone. */
async function stopPod(name: string): Promise<void> {
  await kubectl('delete', 'pod', name, '--timeout=60s');
  await until(async () => {
    const blocks = await kubectl(
      'get',
      'ipamblocks.crd.projectcalico.org',
      '-o',
      'jsonpath={.items[*].spec.attributes}',
    );
    return !blocks.includes(`"pod":"${name}"`);
  });
}

/** `cpaas routes sync`, with every command of it that could change something and every change that it made. */
async function sync(): Promise<{
  readonly run: RunDocument;
  readonly sent: readonly string[];
  readonly lines: readonly string[];
}> {
  const { code, stdout, events } = await lab.events('routes', 'sync', '-o', 'json');
  const run = JSON.parse(stdout) as RunDocument;
  expect({ code, error: run.error }).toEqual({ code: 0, error: undefined });
  const sent = events.flatMap((event) => (event.type === 'command' && !event.reads ? [commandOf(event)] : []));
  const lines = events.flatMap((event) => (event.type === 'step.applied' ? event.lines : []));
  return { run, sent, lines };
}

const commandOf = ({ host, argv }: Extract<Event, { type: 'command' }>): string => `${host}: ${argv.join(' ')}`;
const BATCH = `${LAB}-vm: ip -batch -`;

/** Packets from the unit reach an address: BGP may need a moment longer than the host. */
const expectAnswers = (address: string): Promise<void> =>
  vi.waitFor(async () => expect(await lab.unit('bigip1', `ping -c 1 -W 1 ${address}`)).toContain(' 0% packet loss'), {
    timeout: 30_000,
    interval: 200,
  });

const hostRoutes = (): Promise<string> => lab.inside('vm', 'ip', 'route', 'show', 'proto', '201');

describe.sequential('when pod blocks change', () => {
  test('a block that is new gets its one route, by one command, and its pods answer', async () => {
    await startPod('fresh', 'agent-0', IN_BLOCK[0]);
    const { run, sent, lines } = await sync();
    expect(run.outcome).toBe('applied');
    expect(applied(run)).toEqual([`${LAB}-vm host.routes`]);
    expect(sent).toEqual([BATCH]);
    expect(lines).toEqual([`${BLOCK} via ${ADDRESS['agent-0']}`]);
    await expectAnswers(IN_BLOCK[0]);
  });

  test('an address that another node borrows gets a route of its own, and answers', async () => {
    await startPod('borrower', 'agent-1', IN_BLOCK[1]);
    const { sent, lines } = await sync();
    expect(sent).toEqual([BATCH]);
    expect(lines).toEqual([`${IN_BLOCK[1]}/32 via ${ADDRESS['agent-1']}`]);
    await expectAnswers(IN_BLOCK[1]);
    await expectAnswers(IN_BLOCK[0]);
  });

  test('an address that was given back loses its route, and only this', async () => {
    await stopPod('borrower');
    const { sent, lines } = await sync();
    expect(sent).toEqual([BATCH]);
    expect(lines).toEqual([`${IN_BLOCK[1]}/32 via ${ADDRESS['agent-1']}`]);
    expect(await hostRoutes()).not.toContain(`${IN_BLOCK[1]} `);
    expect(await hostRoutes()).toContain(BLOCK);
  });

  test('a block that moves to another node takes its route along', async () => {
    await stopPod('fresh');
    await kubectl('delete', 'blockaffinities.crd.projectcalico.org', `agent-0-${BLOCK.replace(/[./]/g, '-')}`);
    await kubectl('delete', 'ipamblocks.crd.projectcalico.org', BLOCK.replaceAll(/[./]/g, '-'));
    await startPod('moved', 'agent-1', IN_BLOCK[0]);
    const { sent, lines } = await sync();
    expect(sent).toEqual([BATCH]);
    expect(lines).toEqual([`${BLOCK} via ${ADDRESS['agent-0']} → ${ADDRESS['agent-1']}`]);
    await expectAnswers(IN_BLOCK[0]);
  });

  test('where nothing has changed, nothing is sent', async () => {
    const journal = lab.journal();
    const { run, sent } = await sync();
    expect(run.outcome).toBe('unchanged');
    expect(sent).toEqual([]);
    expect(lab.journal()).toBe(journal);
    expectWhole(await lab.verify());
  });

  test('a pool that is not exported is missed at no router', async () => {
    const exported = (on: boolean) =>
      kubectl(
        ...['patch', 'ippools.crd.projectcalico.org', 'default-ipv4-ippool', '--type=merge'],
        ...['--patch', JSON.stringify({ spec: { disableBGPExport: !on } })],
      );
    await exported(false);
    await until(async () => !(await lab.unit('bigip1', 'imish -e "show ip bgp"')).includes(BLOCK.split('/')[0] ?? ''));
    const { code, checks } = await lab.verify();
    const ofPods = checks.filter(({ id }) => /^(route|packet) /.test(id));
    expect({ code, results: [...new Set(ofPods.map(({ result }) => result))] }).toEqual({ code: 0, results: ['skip'] });
    expect(checks.some(({ id }) => /^(tcp|ping)/.test(id))).toBe(false);
    expectUnchanged(await lab.up());
    await exported(true);
    await expectAnswers(IN_BLOCK[0]);
  });

  test('what a reboot takes away is there again after one sync', async () => {
    const before = await hostRoutes();
    await lab.inside('vm', 'ip', 'route', 'flush', 'proto', '201');
    const { sent, lines } = await sync();
    expect(sent).toEqual([BATCH]);
    expect(lines).toHaveLength(before.trim().split('\n').length);
    expect(await hostRoutes()).toBe(before);
  });
});

describe.sequential('when the file changes', () => {
  const orderOf = (events: readonly Event[]): readonly string[] =>
    events.flatMap((event) => (event.type === 'step.applied' ? [event.step.split(':')[0] ?? ''] : []));

  test('an agent more: first the node comes, then the neighbor, then its route', async () => {
    lab.edit(({ provider }) => Object.assign(provider.lab, { agents: 3 }));
    const { code, events } = await lab.events('up');
    expect(code).toBe(0);
    expect(orderOf(events)).toEqual(['lab.machines', 'bigip.bgp', 'host.routes']);
    expectWhole(await lab.verify());
    expect(await lab.unit('bigip1', 'imish -e "show ip bgp summary"')).toContain('172.19.0.5');
    expectUnchanged(await lab.up());
  });

  test('an agent less needs consent: without it nothing is changed', async () => {
    lab.edit(({ provider }) => Object.assign(provider.lab, { agents: 2 }));
    const { code, error, steps } = await lab.up();
    expect({ code, error: error?.code, steps }).toEqual({ code: 2, error: 'CONSENT.NEEDED', steps: [] });
    expect(await lab.unit('bigip1', 'imish -e "show ip bgp summary"')).toContain('172.19.0.5');
    expect(await lab.inside('agent-2', 'hostname')).not.toBe('');
  });

  test('with it, the neighbor and the route go before the node does', async () => {
    const { code, events } = await lab.events('up', '-y');
    expect(code).toBe(0);
    const order = orderOf(events);
    expect([...order].sort()).toEqual(['bigip.bgp', 'host.routes', 'lab.machines']);
    expect(order.at(-1)).toBe('lab.machines');
    expect(await lab.unit('bigip1', 'imish -e "show running-config"')).not.toContain('172.19.0.5');
    expect(await hostRoutes()).not.toContain('172.19.0.5');
    await expect(lab.inside('agent-2', 'hostname')).rejects.toThrow('agent-2');
    expectWhole(await lab.verify());
    expectUnchanged(await lab.up());
  });

  test('down takes all of it away', async () => {
    expectApplied(await lab.down());
  });
});
