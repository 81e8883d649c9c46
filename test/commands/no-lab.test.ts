import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCpaas } from '../helpers/run-cpaas.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-no-lab-'));
  file = join(folder, 'lab.yaml');
  const routers = '[{ name: bigip1, address: 10.10.2.20 }]';
  const spec = `{ provider: { lab: {} }, routers: ${routers} }`;
  writeFileSync(file, `apiVersion: cpaas.dev/v1alpha1\nkind: Cluster\nmetadata: { name: never-made }\nspec: ${spec}\n`);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const run = (line: string) => runCpaas(`${line} -f ${file} --state-dir ${join(folder, 'state')}`);

// whoever has just cloned the project may ask for anything before `cpaas up`; without root he is told that first
const code = process.getuid?.() === 0 ? 'HOST.UNREACHABLE' : 'HOST.ROOT';
const advice = () => (process.getuid?.() === 0 ? `cpaas up -f ${file}` : 'the same command with sudo');

test.each([
  'verify',
  'graph',
  'bgp status',
  'bgp routes',
  'bgp diff',
  'routes show',
  'routes sync',
  'bgp peer',
  'kubeconfig',
  'kubectl get nodes',
])('without a lab, %s names what is missing and what makes it', async (line) => {
  const { code: exit, stderr } = await run(line);
  expect({ exit, code: /^✖ (\S+)/m.exec(stderr)?.[1] }).toEqual({ exit: 2, code });
  expect(stderr).toContain(`→ ${advice()}`);
  // also where there is no room beside what is to be copied
  for (const label of stderr.split('\n').filter((each) => /makes the lab/.test(each))) expect(label).toMatch(/^ {4}/);
});

test('without a lab, a shell in it is told so', async () => {
  const { code: exit, stderr } = await run('lab shell bigip1');
  expect(exit).toBe(2);
  expect(stderr).toContain('LAB.UNKNOWN');
  expect(stderr).toContain(`→ cpaas up -f ${file}`);
});

test('whoever is not root is told so, and what sudo does not pass on, before anything is run', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  for (const line of ['bgp status', 'kubectl get nodes', 'routes sync']) {
    const { code: exit, stderr } = await run(line);
    expect({ line, exit, code: /^✖ (\S+)/m.exec(stderr)?.[1] }).toEqual({ line, exit: 2, code: 'HOST.ROOT' });
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(/→ the same command with sudo; .*--preserve-env=NAME/);
    // no line of whatever process this is
    expect(stderr).not.toContain(process.execPath);
  }
});

test('a call whose words are wrong is not advised again as it was', async () => {
  for (const line of ['rollback nope', 'forget nowhere', 'up --only nowhere']) {
    const { code: exit, stderr } = await run(line);
    expect({ line, exit }).toEqual({ line, exit: 2 });
    expect({ line, stderr }).not.toMatchObject({ stderr: expect.stringContaining('goes on from here') });
  }
});
