import { describe, expect, test } from 'vitest';
import type { ElementChange } from '../../../src/core/step.ts';
import { CLUSTER, type K3dPart, KUBECONFIG, k3dParts } from '../../../src/k3d/parts.ts';
import type { ClusterShape } from '../../../src/k3d/shape.ts';
import { k3dCluster } from '../../../src/steps/k3d/cluster.ts';
import { fakeArtifacts } from '../../helpers/fake-artifacts.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { FakeK3d } from '../../helpers/fake-k3d.ts';
import { leastManifest, place, shape } from '../../helpers/k3d.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const artifacts = fakeArtifacts({ 'calico-manifest 3.31.7 any': leastManifest });
const newer: ClusterShape = { ...shape, image: 'docker.io/rancher/k3s:v1.35.6-k3s1' };

function found(): FakeK3d {
  const here = new FakeK3d();
  here.networks.set(place.network, { subnet: place.nodes, gateway: '172.19.0.1', options: {}, labels: {} });
  return here;
}

stepLaws('k3d.cluster', {
  step: k3dCluster,
  place,
  world: () => {
    const here = found();
    return { machines: { [place.host]: here.machine }, power: here.power, artifacts, dump: () => here.dump() };
  },
  wishes: [k3dParts(shape, 3), k3dParts(shape, 2), k3dParts(newer, 3), k3dParts({ ...shape, servers: 3 }, 0)],
  verbatim: false,
});

/** A cluster as a run leaves it. */
async function made(agents = 3, wanted = shape) {
  const here = found();
  const context = () => fakeContext({ [place.host]: here.machine }, { power: here.power, artifacts });
  const step = k3dCluster(place, k3dParts(wanted, agents));
  await step.write(
    context(),
    [...step.want].map(([key, to]) => change(key, undefined, to as K3dPart)),
  );
  return { here, context, look: async () => step.read(context(), new Set(step.want.keys())) };
}

const change = (key: string, from: K3dPart | undefined, to: K3dPart | undefined): ElementChange<K3dPart> => ({
  key,
  from,
  to,
  before: undefined,
  cause: 'wanted',
});

describe('a cluster', () => {
  test('k3d gets a configuration beside what it copies, and nothing that leads to the user’s kubeconfig', async () => {
    const { here } = await made();
    expect([...here.files.keys()].sort()).toEqual([
      '/state/cpaas1/k3d/calico.yaml',
      '/state/cpaas1/k3d/k3d.yaml',
      '/state/cpaas1/kubeconfig',
    ]);
    expect(here.files.get('/state/cpaas1/k3d/calico.yaml')).toContain('cidr=172.19.0.0/16');
    expect(here.files.get('/state/cpaas1/k3d/k3d.yaml')).toMatch(/updateDefaultKubeconfig: false/);
  });

  test('images of a bundle are given to Docker and to every node', async () => {
    const archive = {
      ...(await artifacts.file({ name: 'calico-manifest', version: '3.31.7', platform: 'any' })),
      name: 'a.tar',
    };
    const here = found();
    const bundle = { ...artifacts, images: async () => [archive] };
    const ctx = fakeContext({ [place.host]: here.machine }, { power: here.power, artifacts: bundle });
    const step = k3dCluster(place, k3dParts(shape, 1));
    await step.write(
      ctx,
      [...step.want].map(([key, to]) => change(key, undefined, to as K3dPart)),
    );
    expect(ctx.sent.map(({ argv }) => argv.slice(0, 3).join(' '))).toContain('docker load --quiet');
    expect([...here.files.keys()]).toContain('/state/cpaas1/k3d/images/a.tar');
    expect(here.files.get('/state/cpaas1/k3d/k3d.yaml')).toContain(
      'volume: /state/cpaas1/k3d/images:/var/lib/rancher/k3s/agent/images',
    );
  });

  test('the kubeconfig leads to the machine’s own address, which the certificate has', async () => {
    const { here } = await made();
    expect(here.files.get(place.kubeconfig)).toContain('server: https://10.10.2.10:36281');
  });

  test('a kubeconfig that somebody has changed is written anew; its credentials stay out of every value', async () => {
    const { here, look } = await made();
    expect((await look()).get(KUBECONFIG)).toEqual({ value: { current: true }, mark: 'ours' });
    here.files.set(place.kubeconfig, 'something else');
    expect((await look()).get(KUBECONFIG)).toEqual({ value: { current: false }, mark: 'ours' });
    expect(JSON.stringify([...(await look())])).not.toContain('secret');
  });

  test('nodes that were stopped are started, though k3d says that it failed', async () => {
    const { here, context, look } = await made();
    for (const [name, container] of here.containers) if (name.startsWith('k3d-cpaas1')) container.running = false;
    expect((await look()).get('agent-1')?.value).toEqual({ role: 'agent', running: false });
    const step = k3dCluster(place, k3dParts(shape, 3));
    await step.write(context(), [
      change('agent-1', { role: 'agent', running: false }, { role: 'agent', running: true }),
    ]);
    expect((await look()).get('agent-1')?.value).toEqual({ role: 'agent', running: true });
  });

  test('an agent that comes later bears the name that k3d gives, and is told from the others by its number', async () => {
    const { here, context, look } = await made();
    await k3dCluster(place, []).write(context(), [change('agent-3', undefined, { role: 'agent', running: true })]);
    expect([...here.containers.keys()]).toContain('k3d-cpaas1-agent-3-0');
    expect((await look()).get('agent-3')).toEqual({ value: { role: 'agent', running: true }, mark: 'ours' });
  });

  test('an agent that goes is drained, and Kubernetes forgets it', async () => {
    const { here, context } = await made();
    const ctx = context();
    await k3dCluster(place, []).write(ctx, [change('agent-2', { role: 'agent', running: true }, undefined)]);
    expect(here.nodes).not.toContain('k3d-cpaas1-agent-2');
    expect(ctx.sent.map(({ argv }) => argv.filter((word) => !word.startsWith('-')).join(' '))).toEqual([
      'kubectl /state/cpaas1/kubeconfig 20s drain k3d-cpaas1-agent-2 60s',
      'k3d node delete k3d-cpaas1-agent-2',
      'kubectl /state/cpaas1/kubeconfig 20s delete node k3d-cpaas1-agent-2',
    ]);
  });

  test('what k3d says of a failure is quoted without its colours', async () => {
    const { here, context } = await made(1);
    here.networks.delete(place.network);
    const step = k3dCluster(place, []);
    const wish = step.write(context(), [change(CLUSTER, { shape }, { shape: newer })]);
    await expect(wish).rejects.toMatchObject({
      code: 'K3D.FAILED',
      evidence: [{ label: 'command' }, { label: 'k3d', text: 'network k3d-cpaas1 not found' }],
    });
  });
});

describe('claims and risks', () => {
  const claim = (there: ClusterShape, ours = true) =>
    k3dCluster(place, []).claim(CLUSTER, { value: { shape: there }, mark: ours ? 'ours' : 'other' }, { shape }, ours);

  test('somebody else’s cluster of the same name is a conflict', async () => {
    const { here, look } = await made();
    for (const { labels } of here.containers.values()) delete (labels as Record<string, string>)['cpaas.dev/cluster'];
    const there = (await look()).get(CLUSTER);
    expect(there?.mark).toBe('other');
    expect(k3dCluster(place, []).claim(CLUSTER, there, { shape: newer }, false)).toEqual({
      conflict: "somebody else's k3d cluster has this name: cluster is not ours",
    });
  });

  test('more names in the certificate than were asked for will do', () => {
    expect(claim({ ...shape, tlsSans: [...shape.tlsSans, '10.10.2.10'] })).toBe('leave');
    expect(claim({ ...shape, tlsSans: [] })).toBe('take');
  });

  test.each([
    [
      { image: 'docker.io/rancher/k3s:v1.35.5-k3s1' },
      { image: newer.image },
      'image docker.io/rancher/k3s:v1.35.5-k3s1 →',
    ],
    [{ servers: 1 }, { servers: 3 }, 'servers 1 → 3'],
    [{}, { args: [...shape.args, '--debug'] }, 'with --debug'],
    [{ tlsSans: [] }, {}, 'certificate without k3s.example.com'],
    // an agent does not know what the cluster was made with
    [{ servers: 0, image: 'sha256:64367e', args: [] }, {}, 'none of its servers is left'],
  ])('%j to %j makes the cluster anew, and says so', (from, to, why) => {
    const [before, after] = [
      { ...shape, ...from },
      { ...shape, ...to },
    ];
    const made = change(CLUSTER, { shape: before }, { shape: after });
    const { risk, why: said } = k3dCluster(place, []).risk(made);
    expect(risk).toBe('destructive');
    expect(said).toContain(`the cluster cpaas1 is made anew, all in it is lost: ${why}`);
  });

  test('plan shows the configuration that k3d will get', () => {
    const step = k3dCluster(place, k3dParts(shape, 1));
    const changes = [...step.want].map(([key, to]) => change(key, undefined, to as K3dPart));
    expect(step.commands(changes)).toMatchInlineSnapshot(`
      [
        {
          "argv": [
            "mkdir",
            "-p",
            "-m",
            "0700",
            "/state/cpaas1/k3d",
          ],
        },
        {
          "argv": [
            "tee",
            "/state/cpaas1/k3d/calico.yaml",
          ],
          "stdin": "<the manifest of Calico v3.31.7, with these settings>
      ",
        },
        {
          "argv": [
            "tee",
            "/state/cpaas1/k3d/k3d.yaml",
          ],
          "stdin": "# Made by cpaas for the cluster cpaas1
      apiVersion: k3d.io/v1alpha5
      kind: Simple
      metadata:
        name: cpaas1
      servers: 1
      agents: 1
      image: docker.io/rancher/k3s:v1.35.5-k3s1
      network: k3d-cpaas1
      kubeAPI:
        host: 10.10.2.10
      files:
        - description: Calico
          source: calico.yaml
          destination: /var/lib/rancher/k3s/server/manifests/calico.yaml
          nodeFilters:
            - server:*
      options:
        k3d:
          wait: true
          timeout: 600s
          disableLoadbalancer: true
        k3s:
          extraArgs:
            - arg: --flannel-backend=none
              nodeFilters:
                - server:*
            - arg: --disable-network-policy
              nodeFilters:
                - server:*
            - arg: --cluster-cidr=10.53.0.0/16
              nodeFilters:
                - server:*
            - arg: --disable=servicelb,traefik
              nodeFilters:
                - server:*
            - arg: --tls-san=k3s.example.com
              nodeFilters:
                - server:*
        kubeconfig:
          updateDefaultKubeconfig: false
          switchCurrentContext: false
        runtime:
          labels:
            - label: cpaas.dev/cluster=cpaas1
              nodeFilters:
                - server:*
                - agent:*
            - label: cpaas.dev/calico={"version":"v3.31.7","pods":"10.53.0.0/16","blockSize":26,"encapsulation":"None","natOutgoing":true}
              nodeFilters:
                - server:*
      ",
        },
        {
          "argv": [
            "k3d",
            "cluster",
            "create",
            "--config",
            "/state/cpaas1/k3d/k3d.yaml",
          ],
        },
        {
          "argv": [
            "k3d",
            "kubeconfig",
            "get",
            "cpaas1",
          ],
        },
        {
          "argv": [
            "tee",
            "/state/cpaas1/kubeconfig",
          ],
          "stdin": "<what k3d printed, with an address that its certificate has>
      ",
        },
      ]
    `);
  });
});
