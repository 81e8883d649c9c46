import { describe, expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { hostPackages, installed, pinned } from '../../../src/steps/host/packages.ts';
import { fakeDebian } from '../../helpers/fake-debian.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { host: 'vm', set: 'tools', title: 'Packages' };
const world = () =>
  fakeDebian('vm', {
    packages: { curl: { version: '7.88' }, libold: { version: '1', auto: true } },
    archive: {
      jq: { versions: ['1.6', '1.7'], depends: ['libjq'] },
      libjq: { versions: ['1.7'], depends: ['libonig'] },
      libonig: { versions: ['6.9'] },
      curl: { versions: ['7.88', '8.0'] },
      kubelet: { versions: ['1.34.4-1.1', '1.35.8-1.1'] },
    },
  });

stepLaws('host.packages', {
  step: hostPackages,
  place,
  world,
  // undo looks which dependencies go along
  verbatim: false,
  wishes: [
    [installed('jq'), installed('curl')],
    [...pinned('kubelet', '1.34.4-1.1'), installed('jq')],
    pinned('kubelet', '1.35.8-1.1'),
  ],
});

const look = async (step: ReturnType<typeof hostPackages>, found = world()) =>
  reconcile(step, await step.read(fakeContext(found.machines), new Set(step.want.keys())), new Map());

describe('host.packages', () => {
  test('installs all in one command, without a question to anybody', async () => {
    const step = hostPackages({ ...place, proxy: 'http://proxy:3128' }, [
      installed('jq'),
      ...pinned('kubelet', '1.35.8-1.1'),
    ]);
    const { changes } = await look(step);
    expect(changes.map(step.describe)).toEqual(['jq', 'kubelet', 'kubelet 1.35.8-1.1', 'kubelet held']);
    const lines = step.commands(changes).map(({ argv }) => argv.join(' '));
    const quiet = 'env LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l UCF_FORCE_CONFFOLD=1';
    const apt = `${quiet} apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::http::Proxy=http://proxy:3128 -o Acquire::https::Proxy=http://proxy:3128`;
    expect(lines).toEqual([
      `${quiet} dpkg --force-confdef --force-confold --configure -a`,
      `${apt} update`,
      `${apt} -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install -y --no-install-recommends --no-upgrade --no-remove -- jq kubelet=1.35.8-1.1`,
      'apt-mark hold kubelet',
    ]);
  });

  test('takes dependencies away that nobody needs any more, and no others', async () => {
    const found = world();
    const ctx = fakeContext(found.machines);
    const before = found.dump();
    const step = hostPackages(place, [installed('jq')]);
    await step.write(ctx, (await look(step, found)).changes);
    expect([...found.packages.keys()].toSorted()).toEqual(['curl', 'jq', 'libjq', 'libold', 'libonig']);
    await step.write(ctx, [{ key: 'jq', from: 'installed', to: undefined, before: undefined, cause: 'unwanted' }]);
    expect(found.dump()).toEqual(before);
  });

  test('another version of what is installed is a risk, the first one is none', () => {
    const step = hostPackages(place, pinned('kubelet', '1.35.8-1.1'));
    const change = { key: 'kubelet version', to: '1.35.8-1.1', before: undefined, cause: 'wanted' as const };
    expect(step.risk({ ...change, from: undefined })).toEqual({ risk: 'additive' });
    expect(step.risk({ ...change, from: '1.34.4-1.1' })).toEqual({
      risk: 'disruptive',
      why: 'kubelet becomes 1.35.8-1.1: what runs of it is started again',
    });
  });

  test('a version that was there before is a conflict, and any version will do where none is wanted', async () => {
    expect(await look(hostPackages(place, [installed('curl')]))).toMatchObject({ changes: [], conflicts: [] });
    expect((await look(hostPackages(place, pinned('curl', '8.0')))).conflicts).toEqual([
      { key: 'curl version', why: 'curl is installed already, in version 7.88: 8.0 is wanted' },
    ]);
  });

  test('what is not to be had is told in the words of apt', async () => {
    for (const wish of [[installed('nothing')], pinned('jq', '9')]) {
      const step = hostPackages(place, wish);
      const found = world();
      const { changes } = await look(step, found);
      await expect(step.write(fakeContext(found.machines), changes)).rejects.toMatchObject({ code: 'APT.MISSING' });
    }
  });
});
