import { describe, expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { hostKubeconfig, kubeconfigCopy } from '../../../src/steps/host/kubeconfig.ts';
import { sha256 } from '../../helpers/fake-artifacts.ts';
import { type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const SOURCE = '/etc/kubernetes/admin.conf';
const place = { host: 'master', path: '/home/u/.kube/config', source: SOURCE, user: 'admin' };
const ADMIN = 'users: a private key\n';

function world(files: Readonly<Record<string, string>> = {}) {
  const power = new Power();
  const disk = new Map(Object.entries({ [SOURCE]: ADMIN, ...files }));
  const folders = new Set(['/home/u', ...(Object.keys(files).length > 0 ? ['/home/u/.kube'] : [])]);
  const programs: FakeMachine['programs'] = {
    sha256sum: (args) => {
      const path = args.at(-1) ?? '';
      const content = disk.get(path);
      return content === undefined ? { code: 1, stderr: 'sha256sum: No such file\n' } : `${sha256(content)}  ${path}\n`;
    },
    ls: (args) => {
      const path = args.at(-1) ?? '';
      if (!folders.has(path)) return { code: 2, stderr: 'ls: No such file or directory\n' };
      const names = [...disk.keys()].filter((file) => file.startsWith(`${path}/`));
      return names.map((file) => `${file.slice(path.length + 1)}\n`).join('');
    },
    install: (args) => {
      const [from = '', to = ''] = args.slice(-2);
      if (args.slice(0, 3).join(' ') === '-d -o admin') {
        power.spend();
        folders.add(to);
        return '';
      }
      if (args.slice(0, 4).join(' ') !== '-m 600 -o admin' || !folders.has('/home/u/.kube'))
        return { code: 1, stderr: 'install: cannot create\n' };
      power.spend();
      disk.set(to, disk.get(from) ?? '');
      return '';
    },
    rm: (args) => {
      power.spend();
      disk.delete(args.at(-1) ?? '');
      return '';
    },
    rmdir: (args) => {
      power.spend();
      const path = args.at(-1) ?? '';
      if (![...disk.keys()].some((file) => file.startsWith(`${path}/`))) folders.delete(path);
      return '';
    },
  };
  return {
    power,
    disk,
    machines: { master: { name: 'master', programs } },
    dump: () => ({ disk: [...disk].toSorted(), folders: [...folders].toSorted() }),
  };
}

stepLaws('host.kubeconfig', {
  step: hostKubeconfig,
  place,
  world,
  wishes: [kubeconfigCopy(sha256(ADMIN)), []],
});

describe('a kubeconfig of the user’s own', () => {
  test('keeps a folder that something of somebody’s is in', async () => {
    const step = hostKubeconfig(place, kubeconfigCopy(sha256(ADMIN)));
    const here = world({ '/home/u/.kube/cache': 'x' });
    const seen = await step.read(fakeContext(here.machines), new Set());
    expect(seen.get('folder')).toEqual({ value: 'used' });
    expect(reconcile(step, seen, new Map()).changes.map(({ key }) => key)).toEqual(['kubeconfig']);
  });

  describe('that was copied there', () => {
    const copied = 'users: an older key\n';
    const looked = async (content: string, of = ADMIN) => {
      const step = hostKubeconfig(place, kubeconfigCopy(sha256(of)));
      const seen = await step.read(fakeContext(world({ [place.path]: content }).machines), new Set(step.want.keys()));
      const meant = sha256(copied);
      return reconcile(
        step,
        seen,
        new Map([['kubeconfig', { before: undefined, meant, ours: [meant], settled: true }]]),
      );
    };

    test('follows the cluster’s when that is another', async () => {
      expect((await looked(copied)).changes).toMatchObject([{ key: 'kubeconfig', to: sha256(ADMIN) }]);
    });

    test('is left once the user has changed it, whether the cluster’s is another or not', async () => {
      for (const of of [ADMIN, copied])
        expect(await looked('contexts: of my own\n', of)).toMatchObject({ changes: [], conflicts: [], satisfied: 2 });
    });
  });

  test('is left, whatever is in it; the secret is in no value', async () => {
    const step = hostKubeconfig(place, kubeconfigCopy(sha256(ADMIN)));
    const here = world({ [place.path]: 'mine\n' });
    const seen = await step.read(fakeContext(here.machines), new Set(step.want.keys()));
    expect(reconcile(step, seen, new Map())).toMatchObject({ changes: [], conflicts: [] });
    expect(JSON.stringify([...step.want, step.place])).not.toContain('private');
  });
});
