import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDown, labList, labShell } from '../../src/lab/labs.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { namespaces } from '../../src/lab/machines/look.ts';
import { dockerBridge } from '../../src/lab/machines/names.ts';
import { run, tryRun } from '../../src/lab/machines/run.ts';
import { supervisors } from '../../src/lab/supervisor/launch.ts';
import { asks, labSpec, nodes, noLab, pings, serve, type TestLab, until, useLab } from '../helpers/lab.ts';

const ROUTER = '10.10.2.20';
const NODE = '172.19.0.3';
const POD = '10.53.3.66';

/** Namespaces of a lab, and processes in them. */
const own = async (lab: string) => [...(await namespaces())].filter((name) => name.startsWith(`${lab}-`));
const processesIn = async (namespace: string) =>
  (await run(['ip', 'netns', 'pids', namespace])).split('\n').filter(Boolean).map(Number);
const processes = async (lab: string) => (await Promise.all((await own(lab)).map(processesIn))).flat();

/** Everything the kernel holds of a lab, in words. */
async function everything(lab: string): Promise<string> {
  const parts = (await own(lab)).sort().map(async (name) => {
    const inside = ['ip', 'netns', 'exec', name];
    const links = await run(['ip', '-n', name, '-d', 'link']);
    const addresses = await run(['ip', '-n', name, '-4', 'addr']);
    const routes = await run(['ip', '-n', name, 'route']);
    const rules = (await run([...inside, 'iptables-save'])).replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '');
    // The age of a bridge's timers is no change.
    return [
      name,
      links.replace(/(hello|gc|tcn|topology_change|message_age|forward_delay)_timer +[\d.]+/g, ''),
      addresses,
      routes,
      rules,
    ];
  });
  return (await Promise.all(parts)).flat().join('\n');
}

/** What becomes of a lab in whose making something is done. One that was made faster than that is made again. */
async function halfWay(lab: TestLab, act: () => Promise<void>): Promise<unknown> {
  for (;;) {
    const making = lab.apply().then(
      () => undefined,
      (error: unknown) => error,
    );
    await until(async () => (await own(lab.spec.name)).length > 2);
    await act();
    const failed = await making;
    if (failed !== undefined) return failed;
    await lab.down();
  }
}

/** The routes that a BIG-IP and a VM of the articles have once BGP and `cpaas` have done their part. */
async function addRoutes(lab: TestLab): Promise<void> {
  await lab.run('bigip1', ['ip', 'route', 'replace', '172.19.0.0/16', 'via', '10.10.2.10']);
  await lab.run('bigip1', ['ip', 'route', 'replace', '10.53.0.0/16', 'via', '10.10.2.10']);
  await lab.run('vm', ['ip', 'route', 'replace', '10.53.3.64/26', 'via', NODE]);
}

describe.skipIf(noLab)("Docker's generations between a router and the nodes", () => {
  const lab = useLab(labSpec('lm-docker'), { bare: true });
  const bridge = dockerBridge('lm-docker');
  const rules = {
    U: ['filter', `DOCKER-USER -i ens160 -o ${bridge} -s ${ROUTER} -j ACCEPT`],
    R: ['raw', `PREROUTING -i ens160 -s ${ROUTER} -d 172.19.0.0/16 -j ACCEPT`],
    M: ['nat', `POSTROUTING -s 172.19.0.0/16 -d ${ROUTER} -j ACCEPT`],
  } as const;
  const iptables = (verb: '-I' | '-D', rule: keyof typeof rules) => {
    const [table, words] = rules[rule];
    return lab.run('vm', ['iptables', '-t', table, verb, ...words.split(' ')]);
  };

  beforeAll(async () => {
    await lab.apply();
    await serve(lab, 'bigip1', 179);
    await serve(lab, 'agent-0', 179);
  });

  const ok = true;
  const blocked = false;
  test.each`
    docker     | extra              | added      | pingNode   | tcpNode    | pingPod    | tcpPod     | seenAs
    ${'none'}  | ${''}              | ${''}      | ${blocked} | ${blocked} | ${blocked} | ${blocked} | ${undefined}
    ${'none'}  | ${'ip_forward'}    | ${''}      | ${ok}      | ${ok}      | ${ok}      | ${ok}      | ${NODE}
    ${'20.10'} | ${''}              | ${''}      | ${blocked} | ${blocked} | ${blocked} | ${blocked} | ${'10.10.2.10'}
    ${'20.10'} | ${''}              | ${'M'}     | ${blocked} | ${blocked} | ${blocked} | ${blocked} | ${NODE}
    ${'20.10'} | ${''}              | ${'U R M'} | ${ok}      | ${ok}      | ${ok}      | ${ok}      | ${NODE}
    ${'20.10'} | ${'policy ACCEPT'} | ${''}      | ${ok}      | ${ok}      | ${ok}      | ${ok}      | ${'10.10.2.10'}
    ${'28.0'}  | ${''}              | ${''}      | ${blocked} | ${blocked} | ${blocked} | ${blocked} | ${'10.10.2.10'}
    ${'28.0'}  | ${''}              | ${'U'}     | ${ok}      | ${ok}      | ${ok}      | ${ok}      | ${'10.10.2.10'}
    ${'28.0'}  | ${''}              | ${'U R M'} | ${ok}      | ${ok}      | ${ok}      | ${ok}      | ${NODE}
    ${'28.2'}  | ${''}              | ${''}      | ${blocked} | ${blocked} | ${blocked} | ${blocked} | ${'10.10.2.10'}
    ${'28.2'}  | ${'policy ACCEPT'} | ${''}      | ${blocked} | ${blocked} | ${blocked} | ${blocked} | ${'10.10.2.10'}
    ${'28.2'}  | ${''}              | ${'U'}     | ${blocked} | ${blocked} | ${ok}      | ${ok}      | ${'10.10.2.10'}
    ${'28.2'}  | ${''}              | ${'R'}     | ${blocked} | ${blocked} | ${blocked} | ${blocked} | ${'10.10.2.10'}
    ${'28.2'}  | ${''}              | ${'M'}     | ${blocked} | ${blocked} | ${blocked} | ${blocked} | ${undefined}
    ${'28.2'}  | ${''}              | ${'U R'}   | ${ok}      | ${ok}      | ${ok}      | ${ok}      | ${'10.10.2.10'}
    ${'28.2'}  | ${''}              | ${'U M'}   | ${blocked} | ${blocked} | ${ok}      | ${ok}      | ${undefined}
    ${'28.2'}  | ${''}              | ${'R M'}   | ${blocked} | ${blocked} | ${blocked} | ${blocked} | ${NODE}
    ${'28.2'}  | ${''}              | ${'U R M'} | ${ok}      | ${ok}      | ${ok}      | ${ok}      | ${NODE}
  `('$docker $extra + $added', async ({ docker, extra, added, pingNode, tcpNode, pingPod, tcpPod, seenAs }) => {
    if (lab.spec.docker !== docker) await lab.apply({ docker });
    await addRoutes(lab);
    if (extra === 'ip_forward') await lab.run('vm', ['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    if (extra === 'policy ACCEPT') await lab.run('vm', ['iptables', '-P', 'FORWARD', 'ACCEPT']);
    const names = (added.split(' ') as string[]).filter(Boolean) as (keyof typeof rules)[];
    for (const name of names) await iptables('-I', name);
    try {
      const [node, tcp, pod, echo, peer] = await Promise.all([
        pings(lab, 'bigip1', NODE),
        asks(lab, 'bigip1', NODE, 179),
        pings(lab, 'bigip1', POD),
        asks(lab, 'bigip1', POD, 8080),
        asks(lab, 'agent-0', ROUTER, 179),
      ]);
      expect({
        pingNode: node,
        tcpNode: tcp === ROUTER,
        pingPod: pod,
        tcpPod: echo === 'hello',
        seenAs: peer,
      }).toEqual({ pingNode, tcpNode, pingPod, tcpPod, seenAs });
    } finally {
      for (const name of names) await iptables('-D', name);
      if (extra === 'policy ACCEPT') await lab.run('vm', ['iptables', '-P', 'FORWARD', 'DROP']);
    }
  });

  test("a new generation takes the old one's rules along and leaves everybody else's", async () => {
    await lab.apply({ docker: '28.2' });
    await lab.run('vm', ['iptables', '-I', 'DOCKER-USER', '-s', ROUTER, '-j', 'ACCEPT']);
    await lab.apply({ docker: '20.10' });
    const { stdout } = await lab.run('vm', ['iptables-save']);
    expect(stdout).not.toContain('DOCKER-FORWARD');
    expect(stdout).not.toContain('*raw\n-A');
    expect(stdout).toContain('-A FORWARD -j DOCKER-ISOLATION-STAGE-1');
    expect(stdout).toContain(`-A DOCKER-USER -s ${ROUTER}/32 -j ACCEPT`);
  });
});

describe.skipIf(noLab)('a lab that stands', () => {
  const name = 'lm-stands';
  const lab = useLab(labSpec(name), { bare: true });
  beforeAll(() => lab.apply());

  test('is listed, with its machines', async () => {
    const found = (await labList()).find((each) => each.name === name);
    expect(found).toMatchObject({ ready: true, running: true });
    expect(found?.machines.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'lan lan',
      'vm vm',
      'node server-0',
      'node agent-0',
      'router bigip1',
      'pod pod-server-0',
      'pod pod-agent-0',
    ]);
    expect(found?.machines.every(({ made, running }) => made && running)).toBe(true);
  });

  test('lets a shell into its machines, and says which there are', async () => {
    expect(await labShell(name, 'agent-0')).toEqual(['ip', 'netns', 'exec', `${name}-agent-0`, 'bash', '-i']);
    const route = await labShell(name, 'agent-0', ['ip', 'route', 'get', ROUTER]);
    expect(await run(route)).toMatch(`${ROUTER} via `);
    await expect(labShell(name, 'agent-7')).rejects.toMatchObject({ code: 'LAB.UNKNOWN' });
  });

  test('a second apply changes nothing', async () => {
    const before = [await everything(name), readFileSync(labLayout(name).state, 'utf8'), await processes(name)];
    await lab.apply();
    expect(lab.said.filter((line) => line.startsWith('made'))).toEqual([]);
    expect([await everything(name), readFileSync(labLayout(name).state, 'utf8'), await processes(name)]).toEqual(
      before,
    );
  });

  test('two applies at once are one after another', async () => {
    const [one, two] = await Promise.all([lab.apply(), lab.apply()]);
    expect(two).toEqual(one);
  });

  test('what others have put there stays', async () => {
    await lab.run('vm', ['ip', 'route', 'add', '10.53.3.64/26', 'via', NODE, 'proto', '201']);
    await lab.run('bigip1', ['ip', 'addr', 'del', `${ROUTER}/24`, 'dev', 'internal']);
    const before = await everything(name);
    await lab.apply();
    expect(await everything(name)).toBe(before);
    await lab.run('vm', ['ip', 'route', 'del', '10.53.3.64/26', 'proto', '201']);
    await lab.run('bigip1', ['ip', 'addr', 'add', `${ROUTER}/24`, 'dev', 'internal']);
  });

  test('a lost link, route and rule are made again', async () => {
    await lab.run('agent-0', ['ip', 'link', 'del', 'eth0']);
    await lab.run('server-0', ['ip', 'route', 'del', 'default']);
    await lab.run('vm', ['iptables', '-D', 'FORWARD', '-j', 'DOCKER-FORWARD']);
    await lab.apply();
    expect(await pings(lab, 'server-0', NODE)).toBe(true);
    expect((await lab.run('server-0', ['ip', 'route', 'show', 'default'])).stdout).toContain('via 172.19.0.1');
    expect((await lab.run('vm', ['iptables', '-S', 'FORWARD'])).stdout.split('\n').slice(1, 3)).toEqual([
      '-A FORWARD -j DOCKER-USER',
      '-A FORWARD -j DOCKER-FORWARD',
    ]);
  });

  test('a lost namespace is made again, and the pods of its node with it', async () => {
    await run(['ip', 'netns', 'del', `${name}-agent-0`]);
    await lab.apply();
    expect(await asks(lab, 'agent-0', POD, 8080)).toBe('hello');
  });

  test('a process that dies is started again, and the log says so', async () => {
    const { birdSocket } = labLayout(name).node('agent-0');
    const [before] = await processesIn(`${name}-agent-0`);
    if (before === undefined) throw new Error('BIRD does not run');
    process.kill(before, 'SIGKILL');
    await until(async () => ((await processesIn(`${name}-agent-0`))[0] ?? before) !== before);
    await until(async () => (await tryRun(['birdc', '-s', birdSocket, 'show', 'status'])).code === 0);
    expect(readFileSync(labLayout(name).supervisorLog, 'utf8')).toMatch(
      /agent-0\/bird: was killed by SIGKILL; starting it again/,
    );
  });

  test('a node that left the spec goes with its pod, and a new one comes', async () => {
    const [server] = nodes(1);
    const agent = { name: 'agent-9', role: 'agent', address: '172.19.0.19' } as const;
    await lab.apply({ nodes: server ? [server, agent] : [] });
    expect((await own(name)).sort()).toEqual(
      ['agent-9', 'bigip1', 'lan', 'pod-agent-9', 'pod-server-0', 'server-0', 'vm'].map((each) => `${name}-${each}`),
    );
    expect(existsSync(labLayout(name).node('agent-0').root)).toBe(false);
    expect(await pings(lab, 'pod-agent-9', '172.19.0.2')).toBe(true);
    await lab.apply({ nodes: nodes(2) });
    expect(await pings(lab, 'agent-0', '172.19.0.2')).toBe(true);
  });

  test('a router under a new name is the same unit', async () => {
    const before = await everything(name);
    const { machines } = await lab.apply({
      routers: [{ name: 'east', address: ROUTER, selfIp: 'internal', switches: {} }],
    });
    expect(await everything(name)).toBe(before);
    expect(machines.find(({ kind }) => kind === 'router')).toMatchObject({
      name: 'east',
      unit: 'bigip1',
      namespace: `${name}-bigip1`,
    });
    await lab.apply({ routers: labSpec(name).routers });
  });

  test('when its supervisor is killed nothing of it lives, and apply takes over what stands', async () => {
    const { supervisor, instance } = await lab.apply();
    const before = await everything(name);
    process.kill(supervisor, 'SIGKILL');
    await until(async () => (await processes(name)).length === 0 && (await supervisors(name)).length === 0);
    expect((await labList()).find((each) => each.name === name)).toMatchObject({ ready: false, running: false });

    const after = await lab.apply();
    expect(after).toMatchObject({ ready: true, instance });
    expect(await everything(name)).toBe(before);
    expect(await asks(lab, 'agent-0', POD, 8080)).toBe('hello');
  });

  test('when its supervisor is killed half-way, apply goes on to the same end', async () => {
    const before = await everything(name);
    await lab.down();
    // the others end with the first
    const killed = async () => {
      const [first = 0] = await supervisors(name);
      process.kill(first, 'SIGKILL');
    };
    expect(await halfWay(lab, killed)).toMatchObject({ code: 'LAB.FAILED' });
    // one that is dying still takes calls
    await until(async () => (await supervisors(name)).length === 0);
    await lab.apply();
    const inWords = (text: string) =>
      text.replace(/(@if|link-netns|link-netnsid|promiscuity) ?\S+|([0-9a-f]{2}:){5}[0-9a-f]{2}|^\d+:/gm, '');
    expect(
      inWords(await everything(name))
        .split('\n')
        .sort(),
    ).toEqual(inWords(before).split('\n').sort());
  });

  test('another pod network is another cluster: everything is made anew', async () => {
    const inode = () => run(['stat', '-c', '%i', `/run/netns/${name}-vm`]);
    const before = await inode();
    await lab.apply({ pods: '10.54.0.0/16' });
    expect(await inode()).not.toBe(before);
    expect(lab.said[0]).toContain('another cluster');
  });
});

describe.skipIf(noLab)('a flat lab', () => {
  const lab = useLab(
    labSpec('lm-flat', {
      topology: 'flat',
      docker: 'none',
      lan: '10.1.20.0/24',
      nodeNetwork: '10.1.20.0/24',
      nodes: nodes(2, '10.1.20'),
      routers: [11, 12].map((at) => ({
        name: `bigip${at - 10}`,
        address: `10.1.20.${at}`,
        selfIp: 'internal',
        switches: at === 12 ? { selfIp: 'missing' } : {},
      })),
    }),
    { bare: true },
  );
  beforeAll(() => lab.apply());

  test('has no VM: routers and nodes are neighbours', async () => {
    expect(await own('lm-flat')).not.toContain('lm-flat-vm');
    expect(await pings(lab, 'bigip1', '10.1.20.3')).toBe(true);
  });

  test('a router reaches a pod by way of its node', async () => {
    await lab.run('bigip1', ['ip', 'route', 'add', '10.53.3.64/26', 'via', '10.1.20.3']);
    expect(await asks(lab, 'bigip1', POD, 8080)).toBe('hello');
    expect(await pings(lab, 'bigip1', POD)).toBe(true);
  });

  test('a pod shows its own address to other pods and its node elsewhere', async () => {
    await serve(lab, 'bigip1', 179);
    await serve(lab, 'pod-server-0', 179);
    await lab.run('agent-0', ['ip', 'route', 'add', '10.53.2.64/26', 'via', '10.1.20.2']);
    await lab.run('server-0', ['ip', 'route', 'add', '10.53.3.64/26', 'via', '10.1.20.3']);
    expect(await asks(lab, 'pod-agent-0', '10.1.20.11', 179)).toBe('10.1.20.3');
    expect(await asks(lab, 'pod-agent-0', '10.53.2.66', 179)).toBe(POD);
  });

  test('a self-IP that is missing is left to its unit', async () => {
    expect((await lab.run('bigip2', ['ip', '-4', 'addr', 'show', 'internal'])).stdout).toBe('');
    await lab.apply();
    expect((await lab.run('bigip2', ['ip', '-4', 'addr', 'show', 'internal'])).stdout).toBe('');
  });
});

describe.skipIf(noLab)('several labs', () => {
  const labs = ['lm-one', 'lm-two'].map((name) => useLab(labSpec(name), { bare: true }));

  test('have the same addresses side by side, and nothing shows in the machine', async () => {
    const monitor = spawn('ip', ['monitor', 'link', 'address', 'route']);
    let shown = '';
    monitor.stdout.on('data', (text) => {
      shown += text;
    });
    await Promise.all(labs.map((lab) => lab.apply()));
    const [one, two] = labs as [TestLab, TestLab];
    expect(await asks(one, 'agent-0', POD, 8080)).toBe('hello');
    await one.run('agent-0', ['ip', 'link', 'set', 'eth0', 'down']);
    expect(await pings(one, 'server-0', NODE)).toBe(false);
    expect(await pings(two, 'server-0', NODE)).toBe(true);
    await one.down();
    expect(await pings(two, 'server-0', NODE)).toBe(true);
    monitor.kill();
    await once(monitor, 'close');
    expect(shown).toBe('');
  });
});

describe.skipIf(noLab)('taking a lab down', () => {
  const name = 'lm-down';
  const lab = useLab(labSpec(name), { bare: true });
  const left = async () => ({
    namespaces: await own(name),
    supervisors: await supervisors(name),
    folder: existsSync(labLayout(name).root),
    mounts: readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(labLayout(name).root)),
  });
  const nothing = { namespaces: [], supervisors: [], folder: false, mounts: [] };

  test('leaves nothing, not even a shell in a machine, and may be repeated', async () => {
    await lab.apply();
    const shell = spawn('ip', ['netns', 'exec', `${name}-agent-0`, 'sleep', 'infinity']);
    const gone = once(shell, 'exit');
    await until(async () => (await processes(name)).includes(shell.pid ?? 0));
    await lab.down();
    await gone;
    expect(await left()).toEqual(nothing);
    await lab.down();
    expect(await left()).toEqual(nothing);
  });

  test('leaves nothing when the supervisor was killed before and its folder is in disorder', async () => {
    const { supervisor } = await lab.apply();
    process.kill(supervisor, 'SIGKILL');
    writeFileSync(labLayout(name).state, '{');
    await lab.down();
    expect(await left()).toEqual(nothing);
  });

  test('leaves nothing when the lab was being made', async () => {
    expect(await halfWay(lab, lab.down)).toMatchObject({ code: 'LAB.FAILED' });
    expect(await left()).toEqual(nothing);
  });

  describe('with a namespace of somebody else', () => {
    beforeAll(() => run(['ip', 'netns', 'add', `${name}-agent-0`]));
    afterAll(() => run(['ip', 'netns', 'del', `${name}-agent-0`]));

    test('a lab refuses its name before anything is made, and down leaves it alone', async () => {
      await expect(lab.apply()).rejects.toMatchObject({ code: 'LAB.NAMESPACE' });
      expect(await left()).toEqual({ ...nothing, namespaces: [`${name}-agent-0`] });
      await labDown(name);
      expect(await own(name)).toEqual([`${name}-agent-0`]);
    });
  });
});

describe.skipIf(noLab)('the program form', () => {
  const program = fileURLToPath(new URL('../../dist/lab/ctl.js', import.meta.url));
  const answer = async (...argv: string[]) => JSON.parse((await tryRun(argv)).stdout) as unknown;

  test('prints what the library answers, and failures with their code', async () => {
    expect(await answer('node', program, 'show', 'no-such-lab')).toBeNull();
    expect(await tryRun(['node', program, 'apply'], '{}')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('"code":"LAB.SPEC"'),
    });
  });

  test('tells whoever is not root how to become so', async () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    expect(await answer(...nobody, 'node', program, 'down', 'no-such-lab')).toMatchObject({
      error: { code: 'LAB.ROOT' },
    });
  });
});

describe.skipIf(noLab)('a large lab', () => {
  const lab = useLab(labSpec('lm-large', { nodes: nodes(100) }), { bare: true });

  test('of 100 nodes comes up', async () => {
    const started = performance.now();
    const { ready } = await lab.apply();
    console.log(`100 nodes, each with BIRD and a pod: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    expect(ready).toBe(true);
    expect(await asks(lab, 'agent-98', '10.53.101.66', 8080)).toBe('hello');
  });
});
