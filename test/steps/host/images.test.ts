import { describe, expect, test } from 'vitest';
import type { Artifacts } from '../../../src/core/artifacts.ts';
import { reconcile } from '../../../src/core/reconcile.ts';
import { hostImages } from '../../../src/steps/host/images.ts';
import { fakeArtifacts, sha256 } from '../../helpers/fake-artifacts.ts';
import { type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const ARCHIVES: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.tar': ['registry.k8s.io/pause:3.10.1', 'registry.k8s.io/etcd:3.6.5-0'],
  'calico.tar': ['quay.io/calico/node:v3.31.7'],
};
const contentOf = (name: string): string => `archive ${name}`;

/** A bundle with two archives of images. */
const artifacts: Artifacts = {
  ...fakeArtifacts(),
  images: async () =>
    Object.keys(ARCHIVES).map((name) => {
      const bytes = Buffer.from(contentOf(name));
      const open = async function* () {
        yield bytes;
      };
      return { name, path: `/cache/${name}`, sha256: sha256(bytes), size: bytes.length, open };
    }),
  imageNames: async () =>
    new Map(
      Object.entries(ARCHIVES).flatMap(([archive, names]) => names.map((name) => [name, sha256(contentOf(archive))])),
    ),
};

function world(runs = true) {
  const power = new Power();
  const images = new Set(['docker.io/library/theirs:1']);
  const files = new Map<string, string>();
  const programs: FakeMachine['programs'] = {
    ctr: (args) => {
      if (args.slice(0, 3).join(' ') !== '--namespace k8s.io images') return { code: 1, stderr: 'usage' };
      if (!runs) return { code: 1, stderr: 'ctr: failed to dial "/run/containerd/containerd.sock"\n' };
      if (args[3] === 'list') return [...images, ''].join('\n');
      const archive = Object.keys(ARCHIVES).find((name) => files.get(args[4] ?? '') === contentOf(name));
      if (args[3] !== 'import' || archive === undefined) return { code: 1, stderr: 'ctr: no such file\n' };
      for (const name of ARCHIVES[archive] ?? []) {
        power.spend();
        images.add(name);
      }
      return '';
    },
    rm: ([, , path = '']) => {
      power.check();
      files.delete(path);
      return '';
    },
  };
  const machines = { n1: { name: 'n1', programs, files } };
  return { power, machines, artifacts, images, files, dump: () => [...images].toSorted() };
}

const all = Object.values(ARCHIVES)
  .flat()
  .map((name) => [name, true] as const);

stepLaws('host.images', {
  step: hostImages,
  place: { host: 'n1' },
  world,
  wishes: [all, all.filter(([name]) => name.includes('calico'))],
  foreign: ({ dump }) => (dump() as string[]).includes('docker.io/library/theirs:1'),
  verbatim: false,
});

describe('images of a bundle', () => {
  const write = async (here: ReturnType<typeof world>, names: readonly string[]) => {
    const ctx = fakeContext(here.machines, { power: here.power, artifacts });
    const step = hostImages({ host: 'n1' }, []);
    await step.write(
      ctx,
      names.map((key) => ({ key, from: undefined, to: true, before: undefined, cause: 'wanted' })),
    );
    return ctx;
  };

  test('come by the archive that they are in, of which nothing stays', async () => {
    const here = world();
    const { said } = await write(here, ['quay.io/calico/node:v3.31.7']);
    expect(said).toEqual(['images of calico.tar']);
    expect(here.files.size).toBe(0);
    expect(here.dump()).toEqual(['docker.io/library/theirs:1', 'quay.io/calico/node:v3.31.7']);
  });

  test.each([
    ['a kubelet has removed is not missed', true, true, []],
    ['has gone where no kubelet runs comes again', false, true, ['registry.k8s.io/pause:3.10.1']],
    ['did not come when a run was cut off comes', true, false, ['registry.k8s.io/pause:3.10.1']],
  ])('one that %s', async (_, node, settled, come) => {
    const name = 'registry.k8s.io/pause:3.10.1';
    const step = hostImages({ host: 'n1', node }, [[name, true]]);
    const seen = await step.read(fakeContext(world().machines), new Set([name]));
    const owned = new Map([[name, { before: undefined, meant: true, ours: [true], settled }]]);
    expect(reconcile(step, seen, owned).changes.map(({ key }) => key)).toEqual(come);
  });

  test('are none where containerd does not run yet, and one that no archive has any more is said', async () => {
    const step = hostImages({ host: 'n1' }, all);
    const seen = await step.read(fakeContext(world(false).machines), new Set(step.want.keys()));
    expect([...seen]).toEqual([]);
    await expect(write(world(), ['registry.k8s.io/gone:1'])).rejects.toMatchObject({ code: 'ARTIFACT.IMAGE' });
  });
});
