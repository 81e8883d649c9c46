import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { faults } from '../helpers/broken-hosts.ts';
import { Workspace } from '../helpers/cpaas.ts';
import type { FakeMachine } from '../helpers/fake-host.ts';
import { factsMachine } from '../helpers/fake-host-facts.ts';
import { simulateHosts } from '../helpers/simulated-hosts.js';

// The built program against machines that are none: SSH servers on the loopback that answer as machines would.

/** All of these logins are answered by one process, however busy the machine is. */
const PATIENCE = ['--timeout', '120'];

interface KubeadmPart {
  prepare?: string;
  controlPlaneEndpoint?: string;
  hosts: object[];
}

/** A file of machines, each answered for by a fake one. */
async function machinesFile(
  name: string,
  machines: readonly FakeMachine[],
  hosts: readonly object[],
  users: Readonly<Record<string, string>> = {},
) {
  const asked: string[] = [];
  const simulated = await simulateHosts(machines.length, (host, argv, stdin) => {
    asked.push(argv.join(' '));
    const [program = '', ...args] = argv;
    return machines[host]?.programs[program]?.(args, stdin) ?? { code: 127, stderr: `${program}: command not found\n` };
  });
  const files = new Workspace('kubeadm-pair.yaml', name, (spec) => {
    const { kubeadm } = spec.provider as unknown as { kubeadm: KubeadmPart };
    kubeadm.prepare = 'none';
    kubeadm.controlPlaneEndpoint = 'api.example.com';
    kubeadm.hosts = hosts.map((host, at) => ({
      ...host,
      ssh: {
        host: '127.0.0.1',
        port: simulated.ports[at],
        user: users[machines[at]?.name ?? ''] ?? 'root',
        identityFiles: [simulated.identity],
      },
    }));
    spec.routers.length = 0;
  });
  return { files, simulated, asked };
}

describe('more than twenty broken machines, one fault each', () => {
  let site: Awaited<ReturnType<typeof machinesFile>>;
  const names = [...Object.keys(faults), 'no-sudo'];

  beforeAll(async () => {
    const machines = names.map((name, at): FakeMachine => {
      const { role: _, address: __, ...printed } = faults[name] ?? {};
      const machine = factsMachine({ name, address: `10.1.20.${at + 20}`, ...printed });
      const sudo = () => ({ code: 1, stderr: 'sudo: a password is required\n' });
      return name === 'no-sudo' ? { ...machine, programs: { sudo } } : machine;
    });
    const hosts = names.map((name) => {
      const { role = 'worker', address } = faults[name] ?? {};
      return { name, role, ...(address === undefined ? {} : { address }) };
    });
    site = await machinesFile('broken', machines, hosts, { 'no-sudo': 'ubuntu' });
  });
  afterAll(() => site?.simulated.close());

  test('are all told in one run of up, each with its fault, before anything is changed', async () => {
    const { code, stdout, events } = await site.files.events(
      'up',
      '--accept-new-host-keys',
      '-y',
      '-o',
      'json',
      ...PATIENCE,
    );
    const { error } = JSON.parse(stdout) as RunDocument;
    expect({ code, error }).toMatchObject({ code: 2, error: { code: 'STEP.CONFLICT' } });
    const told = (error?.evidence ?? []).flatMap(({ text }) => /^([\w-]+): /.exec(text)?.[1] ?? []);
    // the good one has the name of another
    expect(told.toSorted()).toEqual(names.toSorted());
    expect(names.length).toBeGreaterThan(25);
    expect(events.flatMap((event) => (event.type === 'command' && !event.reads ? [event.argv] : []))).toEqual([]);
  });

  test('are told by plan as well, in words for people', async () => {
    const { code, stdout, stderr } = await site.files.run('plan', ...PATIENCE);
    expect(code).toBe(2);
    for (const name of names) expect(stdout + stderr, name).toContain(`${name}: `);
  });
});

describe('a hundred machines', () => {
  let site: Awaited<ReturnType<typeof machinesFile>>;
  const names = Array.from({ length: 100 }, (_, at) => `node${at}`);

  beforeAll(async () => {
    const machines = names.map((name, at) =>
      factsMachine({ name, address: `10.1.20.${at + 20}`, programs: { nproc: '4\n' } }),
    );
    const hosts = names.map((name, at) => ({ name, role: at === 0 ? 'control-plane' : 'worker' }));
    site = await machinesFile('hundred', machines, hosts);
  });
  afterAll(() => site?.simulated.close());

  test('are told on a screen: what all of them get is said once', async () => {
    const { code, stdout } = await site.files.run('plan', '--accept-new-host-keys', ...PATIENCE);
    expect({ code }).toEqual({ code: 0 });
    expect(stdout.split('\n').length).toBeLessThan(40);
  });
});
