import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CpaasError } from '../../../src/core/errors.ts';
import {
  ADMIN_CONF,
  API_SERVER_MANIFEST,
  BOOTSTRAP_CONF,
  CA_CERTIFICATE,
  ETCD_DATA,
  ETCD_MANIFEST,
  KUBELET_CERTIFICATE,
  OWNER,
} from '../../../src/kubeadm/paths.ts';
import { joinedNode, kubeadmNode } from '../../../src/steps/kubeadm/node.ts';
import { type FakeContext, type FakeProgram, fakeContext, Power } from '../../helpers/fake-host.ts';
import { CA, FakeCluster, FakeKubeadmHost, madeCluster, PIN } from '../../helpers/fake-kubeadm.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const MASTER = 'ssh://root@10.1.20.20';
const NODE = 'ssh://root@10.1.20.21';
const place = {
  host: NODE,
  cluster: 'site1',
  name: 'node1',
  controlPlane: MASTER,
  api: '10.1.20.20:6443',
  criSocket: 'unix:///run/containerd/containerd.sock',
  pods: '192.168.0.0/16',
};
const member = { role: 'worker', address: '10.1.20.21', cluster: PIN.one } as const;
const wish = joinedNode(member);
const second = joinedNode({ ...member, role: 'control-plane' });

function world() {
  const power = new Power();
  const cluster = new FakeCluster();
  const master = new FakeKubeadmHost('master', cluster, power);
  const node = new FakeKubeadmHost('node1', cluster, power);
  madeCluster(master, cluster, 'site1');
  // tokens that a cut has left live on until the next run, or until their time is over
  const dump = () => [node.dump(), master.dump(), [...cluster.nodes], cluster.running];
  return { power, cluster, master, node, machines: { [MASTER]: master, [NODE]: node }, dump };
}
type World = ReturnType<typeof world>;

for (const [role, wanted] of [
  ['worker', wish],
  ['control-plane', second],
] as const)
  stepLaws(`kubeadm.node as ${role}`, {
    step: kubeadmNode,
    place,
    world,
    wishes: [wanted],
    verbatim: false,
    foreign: (it) => [(it as World).master.dump(), (it as World).node.files.get('/etc/hosts')],
  });

const change = (from: unknown, to: unknown) => ({
  key: 'node',
  from,
  to,
  before: undefined,
  cause: to ? ('wanted' as const) : ('unwanted' as const),
});
const joins = (to = wish[0]?.[1]) => change(undefined, to);
const leaves = () => change(wish[0]?.[1], undefined);
const step = kubeadmNode(place, wish);
const seen = async (it: World) => (await step.read(fakeContext(it.machines), new Set(['node']))).get('node');
const claim = async (it: World, ours = false) => step.claim('node', await seen(it), wish[0]?.[1], ours);
const names = ({ cluster }: World) => [...cluster.tokens.values()].map(({ description }) => description);
const failing = (running: Promise<unknown>) =>
  running.then(
    () => expect.unreachable('it went well'),
    (error: unknown) => error as CpaasError,
  );
const texts = ({ message, evidence }: CpaasError) => [message, ...evidence.map(({ text }) => text)].join('\n');

/** What is asked again is asked at once. */
beforeEach(() => {
  vi.stubGlobal('setTimeout', (act: () => void) => setImmediate(act));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('kubeadm.node', () => {
  test('joins with a token made for it, which is in no command line, and is deleted at the end', async () => {
    const it = world();
    it.cluster.mint('an operator needs it');
    const ctx = fakeContext(it.machines);
    await step.write(ctx, [joins()]);
    expect(names(it)).toEqual(['an operator needs it', 'cpaas site1: node1']);
    const join = ctx.sent.find(({ argv }) => argv.includes('join'));
    expect(load(join?.stdin ?? '')).toMatchObject({
      discovery: {
        bootstrapToken: {
          apiServerEndpoint: '10.1.20.20:6443',
          token: expect.stringMatching(/^[a-z0-9]{6}\.[a-z0-9]{16}$/),
          caCertHashes: [PIN.one],
        },
      },
      nodeRegistration: { name: 'node1', kubeletExtraArgs: [{ name: 'node-ip', value: '10.1.20.21' }] },
    });
    expect(JSON.stringify(ctx.sent.map(({ argv }) => argv))).not.toMatch(/[a-z0-9]{6}\.[a-z0-9]{16}/);
    expect(it.node.files.get(OWNER)).toBe('site1\nready\njoined\n');
    await step.close?.act(ctx, []);
    expect(names(it)).toEqual(['an operator needs it']);
    expect(it.node.files.has(BOOTSTRAP_CONF)).toBe(false);
  });

  test('a further control plane is handed the key of the certificates, which go at the end', async () => {
    const it = world();
    const ctx = fakeContext(it.machines);
    await step.write(ctx, [joins(second[0]?.[1])]);
    expect(await seen(it)).toMatchObject({ value: { stage: 'joined', role: 'control-plane' } });
    expect([...it.cluster.secrets]).toEqual(['kubeadm-certs']);
    const key = it.cluster.certificateKeys[0] ?? '';
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(ctx.sent.map(({ argv }) => argv))).not.toContain(key);
    await step.close?.act(ctx, []);
    expect([...it.cluster.secrets, ...names(it)]).toEqual([]);
  });

  test('plan shows the join without its secrets', () => {
    const printed = step.commands([joins(second[0]?.[1])]);
    expect(printed.map(({ host, argv }) => [host, argv.join(' ')])).toMatchInlineSnapshot(`
      [
        [
          "ssh://root@10.1.20.20",
          "kubeadm token create --ttl 15m --description cpaas site1: node1",
        ],
        [
          "ssh://root@10.1.20.20",
          "flock --wait 600 /run/cpaas-kubeadm.lock sh -c cat | "$@" --config /dev/stdin sh kubeadm init phase upload-certs --upload-certs --skip-certificate-key-print",
        ],
        [
          undefined,
          "flock --wait 600 /run/cpaas-kubeadm.lock sh -c cat | "$@" --config /dev/stdin sh kubeadm join",
        ],
      ]
    `);
    expect(printed.at(-1)?.stdin).toMatch(/token: <token>[\s\S]*certificateKey: <key>/);
  });

  test('a join cut off anywhere is begun, ours, and made anew by the next run', async () => {
    for (let cut = 1; ; cut++) {
      const it = world();
      it.power.supply(cut);
      const ctx = fakeContext(it.machines, { power: it.power });
      const whole = await step.write(ctx, [joins()]).then(
        () => true,
        () => false,
      );
      it.power.supply();
      const found = await seen(it);
      expect(found, `cut after ${cut}`).toMatchObject({ mark: 'ours', value: { stage: whole ? 'joined' : 'begun' } });
      if (whole) break;
      await step.write(fakeContext(it.machines), [change(found?.value, wish[0]?.[1])]);
      expect(await seen(it), `cut after ${cut}`).toEqual({ mark: 'ours', value: wish[0]?.[1] });
      await step.close?.act(fakeContext(it.machines), []);
      expect(names(it), `cut after ${cut}`).toEqual([]);
    }
  });

  test('a half join of somebody else is refused with the way out', async () => {
    const it = world();
    it.node.files.set(CA_CERTIFICATE, CA.one).set(BOOTSTRAP_CONF, 'x\n');
    expect(await claim(it)).toEqual({ conflict: expect.stringMatching(/somebody has begun a join.*kubeadm reset/) });
    it.node.files.set(OWNER, 'site1\n');
    expect(await claim(it, true)).toBe('take');
  });

  test("a node of somebody else's cluster is a conflict, one that was joined by hand is left", async () => {
    const it = world();
    await step.write(fakeContext(it.machines), [joins()]);
    it.node.files.delete(OWNER);
    expect(await claim(it)).toBe('leave');
    it.node.files.set(CA_CERTIFICATE, CA.other);
    expect(await claim(it)).toEqual({ conflict: expect.stringContaining(PIN.other) });
  });

  test('what kubeadm says is told with what it means, and never with the token', async () => {
    const taken = world();
    taken.cluster.nodes.set('node1', { ready: true, unschedulable: false, role: 'worker' });
    const name = await failing(step.write(fakeContext(taken.machines), [joins()]));
    expect(name).toMatchObject({
      code: 'KUBEADM.JOIN',
      message: expect.stringContaining('of this name is in the cluster'),
    });

    const other = world();
    const mint = other.cluster.mint.bind(other.cluster);
    other.cluster.mint = (description) => mint(description).replace(/.$/, 'z');
    const wrong = await failing(step.write(fakeContext(other.machines), [joins()]));
    expect(wrong.message).toContain('is another cluster');
    expect(texts(wrong)).toContain('•••');
    expect(texts(wrong)).not.toMatch(/[a-z0-9]{6}\.[a-z0-9]{16}/);
  });

  test('leaves the cluster before it is reset: closed, emptied where its pods have a place to go, forgotten', async () => {
    const it = world();
    const ctx: FakeContext = fakeContext(it.machines);
    await step.write(ctx, [joins()]);
    it.cluster.nodes.set('node2', { ready: true, unschedulable: false, role: 'worker' });
    await step.write(ctx, [leaves()]);
    const verbs = ctx.sent.filter(({ argv }) => argv[0] === 'kubectl').map(({ argv }) => argv[5]);
    expect(verbs).toEqual(['cordon', 'drain', 'delete']);
    expect([...it.cluster.nodes.keys()]).toEqual(['master', 'node2']);
    expect([...it.node.files.keys()]).toEqual(['/etc/hosts']);
  });

  test('pods that have no place to go are not waited for: the control plane takes none', async () => {
    const it = world();
    const ctx = fakeContext(it.machines);
    await step.write(ctx, [joins()]);
    await step.write(ctx, [leaves()]);
    expect(ctx.sent.some(({ argv }) => argv.includes('drain'))).toBe(false);
    expect([...it.cluster.nodes.keys()]).toEqual(['master']);
  });

  const further = second[0]?.[1];
  const members = ({ cluster }: World) => [...cluster.members.keys()];
  const joinedTwice = async (it: World) => {
    await step.write(fakeContext(it.machines), [joins(further)]);
    expect(members(it)).toEqual(['master', 'node1']);
  };

  test('a control plane leaves etcd before the cluster forgets it: the others still agree', async () => {
    const it = world();
    await joinedTwice(it);
    const ctx = fakeContext(it.machines);
    await step.write(ctx, [change(further, undefined)]);
    expect(members(it)).toEqual(['master']);
    expect(it.cluster.running).toBe(true);
    expect([...it.cluster.nodes.keys()]).toEqual(['master']);
    expect([...it.node.files.keys()]).toEqual(['/etc/hosts']);
    expect(ctx.said).toContain('its etcd leaves the others');
  });

  test('a control plane whose join was cut off, wherever, leaves etcd before it is made anew or given up', async () => {
    for (const to of [further, undefined])
      for (let cut = 1; ; cut++) {
        const it = world();
        it.power.supply(cut);
        const whole = await step.write(fakeContext(it.machines, { power: it.power }), [joins(further)]).then(
          () => true,
          () => false,
        );
        it.power.supply();
        if (whole) break;
        const found = await seen(it);
        await step.write(fakeContext(it.machines), [change(found?.value, to)]);
        expect(it.cluster.running, `cut after ${cut}`).toBe(true);
        expect(members(it), `cut after ${cut}`).toEqual(to ? ['master', 'node1'] : ['master']);
        expect([...it.cluster.nodes.keys()], `cut after ${cut}`).toEqual(to ? ['master', 'node1'] : ['master']);
      }
  });

  test('a control plane leaves etcd also where the cluster has forgotten its node, or has never known it', async () => {
    const forgotten = world();
    await joinedTwice(forgotten);
    forgotten.cluster.nodes.delete('node1');
    await step.write(fakeContext(forgotten.machines), [change(further, undefined)]);
    expect(members(forgotten)).toEqual(['master']);
    expect(forgotten.cluster.running).toBe(true);

    // cut off before its kubelet registers, and before its etcd starts: it has no name there yet
    const unknown = world();
    await joinedTwice(unknown);
    unknown.cluster.nodes.delete('node1');
    const announced = { address: member.address, started: false, lost: false };
    unknown.cluster.members.delete('node1');
    unknown.cluster.members.set('learner', announced);
    await step.write(fakeContext(unknown.machines), [change({ stage: 'begun' }, undefined)]);
    expect(members(unknown)).toEqual(['master']);
  });

  /** A control plane whose kubectl fails with some words where it is told to, and does as usual otherwise. */
  const failingKubectl = (it: World, says: (args: readonly string[]) => string | undefined) => {
    const { kubectl } = it.master.programs;
    const fails: FakeProgram = (args, stdin) => {
      const stderr = says(args);
      return stderr === undefined ? (kubectl?.(args, stdin) ?? '') : { code: 1, stderr };
    };
    const programs = { ...it.master.programs, kubectl: fails };
    return { ...it.machines, [MASTER]: { name: 'master', files: it.master.files, programs } };
  };
  /** The first control plane, in a run that takes it away. */
  const GOING = [`kubeadm.control-plane:${MASTER}`];
  const LIST = '/v3/cluster/member/list';
  const UNABLE = 'Error from server (ServiceUnavailable): the server is currently unable to handle the request\n';
  const CLOSED = 'The connection to the server 10.1.20.20:6443 was refused - did you specify the right host or port?\n';

  test('an etcd that chooses another leader is waited for, before the cluster forgets the node', async () => {
    const it = world();
    await joinedTwice(it);
    let silent = 3;
    const machines = failingKubectl(it, (args) => {
      if (members(it).length > 1 || silent-- <= 0) return undefined;
      return args.includes('--raw') ? UNABLE : CLOSED;
    });
    const ctx = fakeContext(machines);
    await step.write(ctx, [change(further, undefined)]);
    expect(ctx.sent.filter(({ argv }) => argv.includes(LIST))).toHaveLength(5);
    expect([...it.cluster.nodes.keys()]).toEqual(['master']);
  });

  test('others that are not agreed again after a removal stop it, and the host is not reset', async () => {
    const it = world();
    await joinedTwice(it);
    const machines = failingKubectl(it, (args) =>
      args.includes(LIST) && members(it).length === 1 ? UNABLE : undefined,
    );
    const error = await failing(step.write(fakeContext(machines), [change(further, undefined)]));
    expect(error).toMatchObject({ code: 'KUBEADM.ETCD' });
    expect(await seen(it)).toMatchObject({ value: { stage: 'joined' } });
    await step.write(fakeContext(it.machines), [change(further, undefined)]);
    expect([...it.cluster.nodes.keys()]).toEqual(['master']);
  });

  test('a cluster that stops answering half-way keeps its node from being reset: nobody would delete it', async () => {
    for (const word of ['cordon', 'delete']) {
      const it = world();
      await step.write(fakeContext(it.machines), [joins()]);
      const machines = failingKubectl(it, (args) => (args.includes(word) ? CLOSED : undefined));
      const error = await failing(step.write(fakeContext(machines), [leaves()]));
      expect(error).toMatchObject({ code: 'KUBE.UNREACHABLE' });
      expect(await seen(it)).toMatchObject({ value: { stage: 'joined' } });
    }
  });

  test('where the whole cluster goes a node is reset also when the API goes silent half-way: its address may have been that of the node', async () => {
    const it = world();
    await joinedTwice(it);
    const machines = failingKubectl(it, (args) => (args.includes('delete') ? CLOSED : undefined));
    await step.write(fakeContext(machines, { going: GOING }), [change(further, undefined)]);
    expect([...it.node.files.keys()]).toEqual(['/etc/hosts']);
    expect(members(it)).toEqual(['master']);
  });

  test('an etcd that cannot be left stops the removal, and the host is not reset', async () => {
    const it = world();
    await joinedTwice(it);
    const REJECTED = 'Error from server (BadRequest): the server rejected our request for an unknown reason\n';
    for (const [call, answer, meaning] of [
      ['remove', REJECTED, 'too few of the others are alive'],
      ['remove', UNABLE, 'it has no leader, or one of the others does not answer'],
      [LIST, UNABLE, 'it has no leader'],
      [LIST, 'error: tls: failed to find any PEM data in certificate input\n', 'cannot leave'],
    ] as const) {
      const machines = failingKubectl(it, (args) => (args.some((arg) => arg.endsWith(call)) ? answer : undefined));
      const error = await failing(step.write(fakeContext(machines), [change(further, undefined)]));
      expect(error).toMatchObject({ code: 'KUBEADM.ETCD', message: expect.stringContaining(meaning) });
      expect(texts(error)).toContain(answer.trim());
      expect(await seen(it)).toMatchObject({ value: { stage: 'joined', role: 'control-plane' } });
      expect(members(it)).toEqual(['master', 'node1']);
    }
  });

  test('where the whole cluster goes its etcd is asked, and not obeyed', async () => {
    const it = world();
    await joinedTwice(it);
    const words = 'Error from server (BadRequest): the server rejected our request for an unknown reason\n';
    const machines = failingKubectl(it, (args) => (args.includes('/v3/cluster/member/remove') ? words : undefined));
    await step.write(fakeContext(machines, { going: GOING }), [change(further, undefined)]);
    expect([...it.node.files.keys()]).toEqual(['/etc/hosts']);
    expect([...it.cluster.nodes.keys()]).toEqual(['master']);
  });

  test('an etcd elsewhere is its owner’s, and a worker asks none', async () => {
    const it = world();
    await step.write(fakeContext(it.machines), [joins()]);
    const ctx = fakeContext(it.machines);
    await step.write(ctx, [leaves()]);
    expect(ctx.sent.some(({ argv }) => argv.includes('--raw'))).toBe(false);

    const other = world();
    await joinedTwice(other);
    other.master.files.delete(ETCD_MANIFEST);
    const asked = fakeContext(other.machines);
    await step.write(asked, [change(further, undefined)]);
    expect(asked.sent.some(({ argv }) => argv.includes('--raw'))).toBe(false);
  });

  test('an etcd that somebody runs on a worker leaves it whole, and outlives it', async () => {
    const it = world();
    await step.write(fakeContext(it.machines), [joins()]);
    it.node.files.set(ETCD_DATA, 'theirs');
    expect(await seen(it)).toEqual({ mark: 'ours', value: wish[0]?.[1] });
    // kubeadm itself empties only what a manifest of etcd names: without one it takes etcd to be elsewhere
    const ctx = fakeContext(it.machines);
    await step.write(ctx, [leaves()]);
    expect(ctx.sent.some(({ argv }) => argv.includes(ETCD_DATA))).toBe(false);
    expect(step.commands([leaves()]).some(({ argv }) => argv.includes(ETCD_DATA))).toBe(false);
    expect(it.node.files.get(ETCD_DATA)).toBe('theirs');
  });

  test('somebody’s etcd on a worker is there still after a join and a removal that were cut off, wherever, and went on', async () => {
    for (const removes of [false, true])
      for (let cut = 1; ; cut++) {
        const it = world();
        if (removes) await step.write(fakeContext(it.machines), [joins()]);
        it.node.files.set(ETCD_DATA, 'theirs');
        it.power.supply(cut);
        const ctx = fakeContext(it.machines, { power: it.power });
        const whole = await step.write(ctx, [removes ? leaves() : joins()]).then(
          () => true,
          () => false,
        );
        it.power.supply();
        if (whole) break;
        const found = await seen(it);
        await step.write(fakeContext(it.machines), [change(found?.value, removes ? undefined : wish[0]?.[1])]);
        expect(it.node.files.get(ETCD_DATA), `cut after ${cut}`).toBe('theirs');
        expect(await seen(it), `cut after ${cut}`).toEqual(removes ? undefined : { mark: 'ours', value: wish[0]?.[1] });
      }
  });

  test('the etcd of a control plane goes with it where its removal was cut off, wherever', async () => {
    for (let cut = 1; ; cut++) {
      const it = world();
      await joinedTwice(it);
      it.power.supply(cut);
      const whole = await step.write(fakeContext(it.machines, { power: it.power }), [change(further, undefined)]).then(
        () => true,
        () => false,
      );
      it.power.supply();
      if (whole) break;
      const found = await seen(it);
      if (found) await step.write(fakeContext(it.machines), [change(found.value, undefined)]);
      expect([...it.node.files.keys()], `cut after ${cut}`).toEqual(['/etc/hosts']);
      expect(it.cluster.running, `cut after ${cut}`).toBe(true);
    }
  });

  test('a whole node that has lost files is made anew with a word for its pods, a control plane as one', async () => {
    for (const [to, gone] of [
      [wish[0]?.[1], [KUBELET_CERTIFICATE]],
      [further, [ADMIN_CONF, API_SERVER_MANIFEST]],
      [further, [ADMIN_CONF]],
    ] as const) {
      const it = world();
      await step.write(fakeContext(it.machines), [joins(to)]);
      for (const path of gone) it.node.files.delete(path);
      const found = await seen(it);
      expect(found).toMatchObject({ mark: 'ours', value: { stage: 'begun', damaged: true } });
      expect(step.risk(change(found?.value, to))).toEqual({ risk: 'disruptive', why: 'the pods on node1' });
      expect(step.describe(change(found?.value, to))).toContain('files are missing there');
      await step.write(fakeContext(it.machines), [change(found?.value, to)]);
      expect(await seen(it)).toEqual({ mark: 'ours', value: to });
      expect(it.cluster.running).toBe(true);
    }
  });

  test('a node whose mark was written before it told of joins stays as it is, and leaves as it came', async () => {
    for (const to of [wish[0]?.[1], further]) {
      const it = world();
      await step.write(fakeContext(it.machines), [joins(to)]);
      it.node.files.set(OWNER, 'site1\nready\n');
      expect(await seen(it)).toEqual({ mark: 'ours', value: to });
      await step.write(fakeContext(it.machines), [change(to, undefined)]);
      expect([...it.node.files.keys()]).toEqual(['/etc/hosts']);
      expect([...it.cluster.nodes.keys()]).toEqual(['master']);
      expect(it.cluster.running).toBe(true);
    }
  });

  test('pods that do not go stop the removal, and the host is not reset', async () => {
    const it = world();
    await step.write(fakeContext(it.machines), [joins()]);
    it.cluster.nodes.set('node2', { ready: true, unschedulable: false, role: 'worker' });
    const { kubectl } = it.master.programs;
    const stuck = { ...it.master.programs };
    stuck['kubectl'] = (args, stdin) =>
      args.includes('drain')
        ? { code: 1, stderr: 'error when evicting pods/"db-0": Cannot evict pod as it would violate the budget\n' }
        : (kubectl?.(args, stdin) ?? '');
    const machines = { ...it.machines, [MASTER]: { name: 'master', files: it.master.files, programs: stuck } };
    expect(await failing(step.write(fakeContext(machines), [leaves()]))).toMatchObject({ code: 'KUBEADM.DRAIN' });
    expect(await seen(it)).toMatchObject({ value: { stage: 'joined' } });
  });

  test('a control plane whose cluster does not answer is reset only where the whole cluster goes', async () => {
    const it = world();
    await joinedTwice(it);
    const says = new CpaasError('HOST.UNREACHABLE', 'master is gone');
    const gone = (going: readonly string[]) => {
      const ctx = fakeContext(it.machines, { going });
      const host = (key: string) => ({
        ...ctx.host(key),
        ...(key === MASTER ? { query: () => Promise.reject(says) } : {}),
      });
      return { ...ctx, host };
    };
    const silent = (going: readonly string[]) => fakeContext(it.machines, { going });
    it.cluster.running = false;
    for (const [ctx, answer] of [
      [silent([`kubeadm.control-plane:${NODE}`]), 'was refused'],
      [gone([]), 'master is gone'],
    ] as const) {
      const error = await failing(step.write(ctx, [change(further, undefined)]));
      expect(error).toMatchObject({ code: 'KUBEADM.ETCD' });
      expect(texts(error)).toContain(answer);
      expect(await seen(it)).toMatchObject({ value: { stage: 'joined' } });
    }
    await step.write(gone(GOING), [change(further, undefined)]);
    expect([...it.node.files.keys()]).toEqual(['/etc/hosts']);
  });

  test('a control plane that was out of reach when its cluster went is reset by the next run', async () => {
    const it = world();
    await joinedTwice(it);
    it.master.files.clear();
    it.cluster.running = false;
    await step.write(fakeContext(it.machines), [change(further, undefined)]);
    expect([...it.node.files.keys()]).toEqual(['/etc/hosts']);
  });

  test('an etcd that answers late is waited for, and so is an API', async () => {
    for (const word of [LIST, 'nodes']) {
      const it = world();
      await joinedTwice(it);
      let silent = 3;
      const machines = failingKubectl(it, (args) => (args.includes(word) && silent-- > 0 ? CLOSED : undefined));
      await step.write(fakeContext(machines), [change(further, undefined)]);
      expect([...it.cluster.nodes.keys(), ...members(it)]).toEqual(['master', 'master']);
    }
  });

  test('is reset also when its cluster does not answer any more', async () => {
    const it = world();
    await step.write(fakeContext(it.machines), [joins()]);
    it.cluster.running = false;
    const silent = fakeContext(it.machines);
    await step.write(silent, [leaves()]);
    expect(silent.said).toContain('its cluster does not answer: it is reset all the same');

    const gone = world();
    await step.write(fakeContext(gone.machines), [joins()]);
    const ctx = fakeContext(gone.machines);
    const dead = () => Promise.reject(new CpaasError('HOST.UNREACHABLE', 'master is gone'));
    const without = {
      ...ctx,
      host: (key: string) => (key === MASTER ? { ...ctx.host(key), query: dead } : ctx.host(key)),
    };
    await step.write(without, [leaves()]);
    await step.close?.act(without, []);
    expect([...gone.node.files.keys()]).toEqual(['/etc/hosts']);
  });

  test('a program that gives no token is no kubeadm', async () => {
    const it = world();
    const programs = { ...it.master.programs, kubeadm: () => 'welcome to this machine\n' };
    const machines = { ...it.machines, [MASTER]: { name: 'master', files: it.master.files, programs } };
    expect(await failing(step.write(fakeContext(machines), [joins()]))).toMatchObject({ code: 'KUBEADM.ANSWER' });
  });
});
