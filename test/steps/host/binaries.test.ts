import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Writer } from '../../../src/core/context.ts';
import { Facts } from '../../../src/core/facts.ts';
import { reconcile } from '../../../src/core/reconcile.ts';
import { binariesStep } from '../../../src/providers/hosts/binaries.ts';
import { binaries, hostBinaries } from '../../../src/steps/host/binaries.ts';
import { asHost } from '../../../src/transport/host.ts';
import { local } from '../../../src/transport/local.ts';
import { fakeArtifacts, sha256 } from '../../helpers/fake-artifacts.ts';
import { fakeFiles } from '../../helpers/fake-files.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const HOST = 'local';
const contents = {
  'kubectl 1.35.8 linux/amd64': 'kubectl of today',
  'kubectl 1.34.4 linux/amd64': 'kubectl of yesterday',
  'helm:helm 3.18.4 linux/amd64': 'helm',
};
const artifacts = fakeArtifacts(contents);
const program = (key: keyof typeof contents, version: string) => ({ version, sha256: sha256(contents[key]) });
const kubectl = ['kubectl', program('kubectl 1.35.8 linux/amd64', '1.35.8')] as const;
const older = ['kubectl', program('kubectl 1.34.4 linux/amd64', '1.34.4')] as const;
const helm = ['helm', program('helm:helm 3.18.4 linux/amd64', '3.18.4')] as const;

const FOLDER = '/opt/cpaas/bin';
const place = { host: HOST, folder: FOLDER };

stepLaws('host.binaries', {
  step: hostBinaries,
  place,
  world: () => fakeFiles(HOST, { folders: ['/opt'], files: { '/opt/other': 'somebody’s' }, artifacts }),
  wishes: [binaries(FOLDER, [kubectl]), binaries(FOLDER, [kubectl, helm]), binaries(FOLDER, [older])],
  foreign: ({ dump }) => JSON.stringify(dump()).includes('somebody’s'),
  verbatim: false,
});

describe('what stands there already', () => {
  const seen = async (files: Readonly<Record<string, string>>, more: object = {}) => {
    const world = fakeFiles(HOST, { folders: ['/opt', '/opt/cpaas', FOLDER], files, artifacts, ...more });
    const step = hostBinaries({ ...place, accepts: { kubectl: '1.34 - 1.36' } }, binaries(FOLDER, [kubectl, helm]));
    const found = await step.read(fakeContext(world.machines, world), new Set(step.want.keys()));
    return reconcile(step, found, new Map());
  };

  test('and is as wanted is left, and is not ours', async () => {
    const { changes, conflicts, satisfied } = await seen({ [`${FOLDER}/kubectl`]: 'kubectl of today' });
    expect(changes.map(({ key }) => key)).toEqual(['helm']);
    expect({ conflicts, satisfied }).toEqual({ conflicts: [], satisfied: 4 });
  });

  test('in another version that will do is left too, whoever has built it', async () => {
    for (const own of ['kubectl of yesterday', 'built by hand: Client Version: v1.36.0-rc.1\n'])
      expect((await seen({ [`${FOLDER}/kubectl`]: own })).changes.map(({ key }) => key)).toEqual(['helm']);
  });

  test('in one that will not do is a conflict that says which', async () => {
    const old = 'Client Version: v1.19.9\n';
    expect((await seen({ [`${FOLDER}/kubectl`]: old, [`${FOLDER}/helm`]: 'no helm at all' })).conflicts).toEqual([
      {
        key: 'kubectl',
        why: `somebody’s kubectl 1.19.9 stands in ${FOLDER}, and 1.35.8 is wanted: remove it, or choose another folder (spec.tools.folder)`,
      },
      expect.objectContaining({ why: expect.stringContaining('helm of an unknown version') }),
    ]);
  });

  test('and cannot be run is a conflict', async () => {
    const { conflicts } = await seen({ [`${FOLDER}/kubectl`]: 'kubectl of today' }, { mode: '644' });
    expect(conflicts).toEqual([
      { key: 'kubectl', why: `somebody’s ${FOLDER}/kubectl cannot be run by everybody (mode 644)` },
    ]);
  });
});

test('plan says what would be done as a shell would', () => {
  const step = hostBinaries(place, binaries(FOLDER, [kubectl]));
  const added = [...step.want].map(([key, to]) => ({
    key,
    from: undefined,
    to,
    before: undefined,
    cause: 'wanted' as const,
  }));
  const removed = added.map(({ key, to }) => ({
    key,
    from: to,
    to: undefined,
    before: undefined,
    cause: 'unwanted' as const,
  }));
  expect([...step.commands(added), ...step.commands(removed)].map(({ argv }) => argv.join(' '))).toMatchInlineSnapshot(`
    [
      "mkdir -p /opt/",
      "mkdir -p /opt/cpaas/",
      "mkdir -p /opt/cpaas/bin/",
      "install -m 755 <kubectl 1.35.8> /opt/cpaas/bin/kubectl",
      "rm -f -- /opt/cpaas/bin/kubectl",
      "rmdir --ignore-fail-on-non-empty /opt/cpaas/bin/",
      "rmdir --ignore-fail-on-non-empty /opt/cpaas/",
      "rmdir --ignore-fail-on-non-empty /opt/",
    ]
  `);
  expect(added.map(step.describe)).toEqual([
    'folder /opt/',
    'folder /opt/cpaas/',
    'folder /opt/cpaas/bin/',
    'kubectl 1.35.8',
  ]);
});

test('a host is asked once what kind of machine it is, however many programs come', async () => {
  let asked = 0;
  const world = fakeFiles(HOST, { folders: ['/opt', '/opt/cpaas', FOLDER], files: {}, artifacts });
  const machine = world.machines[HOST] ?? expect.unreachable('the host');
  const uname = () => {
    asked++;
    return 'Linux x86_64\n';
  };
  const ctx = fakeContext({ [HOST]: { ...machine, programs: { ...machine.programs, uname } } }, world);
  const step = hostBinaries(place, [kubectl, helm]);
  const { changes } = reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
  await step.fetch(ctx, changes);
  expect(asked).toBe(1);
  await step.write(ctx, changes);
  expect(asked).toBe(2);
});

describe('on a real machine', () => {
  let root: string;
  let ctx: Writer;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cpaas-binaries-'));
    const machine = asHost(local('here'));
    ctx = { ...fakeContext({}, { artifacts: fakeArtifacts(contents) }), host: () => machine };
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const settle = async (step: ReturnType<typeof hostBinaries>) => {
    const look = async () => reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
    const { changes } = await look();
    await step.write(ctx, changes);
    expect((await look()).changes).toEqual([]);
    return changes;
  };

  test.skipIf(process.arch !== 'x64')(
    'programs come whole, can be run, and go again with the folders made for them',
    async () => {
      const folder = join(root, 'cpaas', 'bin');
      const facts = new Facts(ctx);
      const step = await binariesStep(facts, { host: HOST, folder }, { kubectl: 'v1.35.8', helm: '3.18.4' });
      const changes = await settle(step);
      expect(readFileSync(join(folder, 'kubectl'), 'utf8')).toBe('kubectl of today');
      expect((statSync(join(folder, 'kubectl')).mode & 0o777).toString(8)).toBe('755');
      expect(await settle(step)).toEqual([]);

      // somebody puts a thing of his own beside it
      writeFileSync(join(root, 'cpaas', 'note'), 'mine');
      await step.write(
        ctx,
        changes.map((change) => ({ ...change, from: change.to, to: undefined, cause: 'unwanted' as const })),
      );
      expect(existsSync(folder)).toBe(false);
      expect(readdirSync(join(root, 'cpaas'))).toEqual(['note']);
    },
  );

  test('a program of somebody else’s is asked for its version', async () => {
    writeFileSync(join(root, 'kubectl'), '#!/bin/sh\necho "Client Version: v1.33.1"\n');
    chmodSync(join(root, 'kubectl'), 0o755);
    writeFileSync(join(root, 'helm'), '#!/bin/sh\nexit 3\n');
    chmodSync(join(root, 'helm'), 0o755);
    mkdirSync(join(root, 'deeper'));
    const step = hostBinaries({ host: HOST, folder: root }, binaries(root, [kubectl, helm]));
    const seen = await step.read(ctx, new Set(['kubectl', 'helm', `${root}/`, `${root}/none/`]));
    expect([...seen].map(([key, { value }]) => [key, value])).toEqual([
      [`${root}/`, { folder: true, used: true }],
      ['kubectl', { version: '1.33.1', sha256: sha256(readFileSync(join(root, 'kubectl'))) }],
      ['helm', { version: 'unknown', sha256: sha256(readFileSync(join(root, 'helm'))) }],
    ]);
  });
});
