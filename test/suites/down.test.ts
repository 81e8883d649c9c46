import { renameSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applied, Workspace } from '../helpers/cpaas.ts';
import {
  bareLab,
  type Dump,
  dumpOf,
  expectDone,
  expectDump,
  hostDump,
  kernelNamespaces,
  ofMachine,
  processesOf,
  type Traces,
  traces,
} from '../helpers/dumps.ts';

const vm = new Workspace('lab-vm.yaml', 'suite-down-vm', ({ provider }) => {
  provider.lab = { ...provider.lab, servers: 1, agents: 1 };
});
const flat = new Workspace('lab-flat.yaml', 'suite-down-flat');
const built = new Workspace('lab-vm.yaml', 'suite-down-built', ({ provider }) => {
  provider.lab = { ...provider.lab, servers: 1, agents: 0 };
});

afterAll(() => Promise.all([vm, flat, built].map((lab) => lab.remove())));

/** What must be the same before a lab and after it: nothing bears its name, and the machine has the links it had. */
async function expectNoTrace(lab: Workspace, before: Traces, had: ReadonlySet<string>): Promise<void> {
  const { links, ...own } = await traces(lab, had);
  expect(own).toEqual({ namespaces: [], processes: [], mounts: [], files: [] });
  expect(links.filter((link) => !before.links.includes(link))).toEqual([]);
}

/** The processes whose end is the end of all others of the lab. */
async function killSupervisor(lab: Workspace): Promise<void> {
  const found = processesOf(lab.name).filter((line) => line.includes(`cpaas-lab:${lab.name}`));
  expect(found.length).toBeGreaterThan(0);
  for (const line of found) process.kill(Number(line.split(' ')[0]), 'SIGKILL');
  const bird = `/run/cpaas/${lab.name}/n`;
  await expect.poll(() => processesOf(lab.name).filter((line) => line.includes(bird)), { timeout: 30_000 }).toEqual([]);
}

describe.sequential.each([
  ['one machine', vm],
  ['two hosts and a pair', flat],
] as const)('down on machines that stood before: %s', (_, lab) => {
  let before: Traces;
  let bare: Dump;

  beforeAll(async () => {
    before = await traces(lab);
    bare = await bareLab(lab);
  });

  test('what up has done is undone: units, cluster, routes and rules are as they were', async () => {
    expectDone(await lab.up());
    expect(await dumpOf(lab)).not.toEqual(bare);
    const run = await lab.down();
    expectDone(run);
    await expectDump(lab, bare);
  });

  test('a second down has nothing to do', async () => {
    const journal = lab.journal();
    expectDone(await lab.down(), 'unchanged');
    expect(lab.journal()).toBe(journal);
  });

  test('down after the processes were killed undoes what it reaches, and the rest when they run again, without the cluster file', async () => {
    expectDone(await lab.up());
    await killSupervisor(lab);
    const run = await lab.down();
    expect(run).toMatchObject({ code: 2, outcome: 'failed' });
    expect(run.error?.message).toMatch(/the Kubernetes API does not answer/);
    expect(run.error?.message).toMatch(/out of reach: .*bigip1/);
    if (lab === vm) expect(await hostDump(lab, 'vm')).toEqual(ofMachine(bare, 'vm'));
    await bareLab(lab);
    renameSync(lab.file, `${lab.file}.gone`);
    expectDone(await lab.down('--cluster', lab.name));
    renameSync(`${lab.file}.gone`, lab.file);
    await expectDump(lab, bare);
  });

  test('lab down leaves nothing on the machine', async () => {
    const had = kernelNamespaces(lab);
    expect(had.size).toBeGreaterThan(5);
    expect(await lab.run('lab', 'down')).toMatchObject({ code: 0 });
    await expectNoTrace(lab, before, had);
  });

  test('lab down leaves nothing on the machine when the processes were killed before', async () => {
    await bareLab(lab);
    const had = kernelNamespaces(lab);
    await killSupervisor(lab);
    expect(await lab.run('lab', 'down')).toMatchObject({ code: 0 });
    await expectNoTrace(lab, before, had);
  });
});

describe.sequential('down on a lab that up has built', () => {
  let before: Traces;

  beforeAll(async () => {
    before = await traces(built);
  });

  test('takes it away with all that stood in it', async () => {
    expectDone(await built.up());
    const had = kernelNamespaces(built);
    expectDone(await built.down());
    await expectNoTrace(built, before, had);
  });

  test('takes it away when its processes were killed before', async () => {
    expectDone(await built.up());
    const had = kernelNamespaces(built);
    await killSupervisor(built);
    const run = await built.down();
    expectDone(run);
    expect(applied(run)).toEqual(['here lab.machines']);
    await expectNoTrace(built, before, had);
  });
});
