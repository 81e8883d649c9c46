import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noPty, openPty, type Pty } from '../../helpers/pty.ts';
import { runCpaas } from '../../helpers/run-cpaas.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = (name = 'cpaas.yaml') => join(folder, name);
const written = (name = 'cpaas.yaml') => readFileSync(file(name), 'utf8');

/** What the flags write. */
async function byFlags(line: string): Promise<string> {
  expect(await runCpaas(`init -f ${file('flags.yaml')} --force ${line}`)).toMatchObject({ code: 0 });
  return written('flags.yaml');
}

test('flags answer everything, also where nobody can be asked', async () => {
  const text = await byFlags(
    '--name site1 --provider kubeadm --control-plane cp1=10.1.20.20 --worker w1=10.1.20.21 --nodes 10.1.20.0/24 --router bigip1=10.1.20.11',
  );
  expect(text).toContain('name: cp1\n          role: control-plane\n          address: 10.1.20.20');
  expect(text).toContain('name: w1\n          role: worker');
  expect(
    await byFlags('--provider existing --context c --nodes 10.1.20.0/24 --pods 10.53.0.0/16 --services 10.43.0.0/16'),
  ).toContain('context: c');
  expect(await runCpaas(`init -f ${file('wrong.yaml')} --provider kubeadm --worker w1`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('USAGE.FLAGS'),
  });
  expect(existsSync(file('wrong.yaml'))).toBe(false);
});

test('a file that cannot be written is foreseen', async () => {
  const { code, stderr } = await runCpaas(`init -f ${file('no/such/folder.yaml')} --name site1`);
  expect(code).toBe(2);
  expect(stderr).toContain('INIT.WRITE');
  expect(stderr).toContain('ENOENT');
});

test('answers that make no file are told by their flags, not by lines of a file that nobody has', async () => {
  const { code, stderr } = await runCpaas(`init -f ${file()} --provider existing --as-number 0 --nodes 10.1.20.5/24`);
  expect(code).toBe(2);
  expect(stderr).toMatch(/--nodes +10\.1\.20\.5\/24 is an address/);
  expect(stderr).toMatch(/--pods +is missing/);
  expect(stderr).toMatch(/--as-number +must be at least 1/);
  expect(stderr).not.toContain(`${file()}:`);
  expect(existsSync(file())).toBe(false);
});

test.each([
  ['lab', '--kubeconfig x --worker w1=10.1.20.21', ['--kubeconfig', '--worker']],
  ['existing', '--topology flat --agents 2', ['--topology', '--agents']],
  ['k3d', '--context c', ['--context']],
])('of provider %s flags are refused that say nothing of it', async (provider, flags, refused) => {
  const { code, stderr } = await runCpaas(`init -f ${file()} --provider ${provider} ${flags}`);
  expect(code).toBe(2);
  for (const flag of refused) expect(stderr).toMatch(new RegExp(`^ +${flag} +of `, 'm'));
  expect(existsSync(file())).toBe(false);
});

test('a file that is there is not overwritten', async () => {
  await byFlags('');
  expect((await runCpaas(`init -f ${file('flags.yaml')}`)).stderr).toContain('INIT.EXISTS');
});

test('a link that leads nowhere yet is there: nothing is written at its other end', async () => {
  symlinkSync(file('elsewhere.yaml'), file());
  expect(await runCpaas(`init -f ${file()} --name site1`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('INIT.EXISTS'),
  });
  expect(existsSync(file('elsewhere.yaml'))).toBe(false);
});

describe.skipIf(noPty)('on a terminal', () => {
  const open = (...words: readonly string[]): Pty => {
    expect(existsSync('dist/main.js'), 'the program is not built: npm run build').toBe(true);
    return openPty([process.execPath, resolve('bin/cpaas.js'), 'init', ...words], {
      cwd: folder,
      env: { HOME: folder },
    });
  };
  const DOWN = '\u001b[B';
  /** Answers each question when it is there. */
  async function answer(pty: Pty, answers: readonly (readonly [question: RegExp, keys: string])[]): Promise<void> {
    for (const [question, keys] of answers) {
      await pty.shows(question);
      pty.type(keys);
    }
  }

  test('whoever takes what is offered gets the file of the flags', async () => {
    const pty = open();
    await answer(pty, [
      [/Name of the cluster: \(cpaas1\)/, '\r'],
      [/Where does the cluster come from/, '\r'],
      [/How do the nodes stand/, '\r'],
      [/Control-plane nodes: \(1\)/, '\r'],
      [/Worker nodes: \(3\)/, '2\r'],
      [/AS number: \(64512\)/, '\r'],
      [/BIG-IP/, 'bigip1=10.10.2.20\r'],
      [/BIG-IP.*no more\)/, '\r'],
    ]);
    expect(await pty.ended).toBe(0);
    expect(written()).toBe(await byFlags('--agents 2 --router bigip1=10.10.2.20'));
  });

  test('machines, networks and units are asked for until they are right', async () => {
    const pty = open();
    await answer(pty, [
      [/Name of the cluster/, 'Site\r'],
      [/Small letters/, `${'\u007f'.repeat(4)}site1\r`],
      [/Where does/, `${DOWN}${DOWN}\r`],
      [/Control-plane machine, as NAME=ADDRESS:/, '\r'],
      [/A name and an address/, 'cp1=10.1.20.20\r'],
      [/Control-plane machine.*no more\)/, '\r'],
      [/Worker/, 'w1=10.1.20.21\r'],
      [/Worker.*no more\)/, '\r'],
      [/nodes stand in/, '10.1.20.0/24\r'],
      [/pods: \(192\.168\.0\.0\/16\)/, '\r'],
      [/services: \(10\.96\.0\.0\/12\)/, '\r'],
      [/AS number/, '64513\r'],
      [/BIG-IP/, 'bigip1=10.1.20.11,65010\r'],
      [/BIG-IP.*no more\)/, '\r'],
    ]);
    expect(await pty.ended).toBe(0);
    const flags =
      '--name site1 --provider kubeadm --control-plane cp1=10.1.20.20 --worker w1=10.1.20.21 --nodes 10.1.20.0/24 --pods 192.168.0.0/16 --services 10.96.0.0/12 --as-number 64513 --router bigip1=10.1.20.11,65010';
    expect(written()).toBe(await byFlags(flags));
  });

  test('Ctrl-C leaves nothing behind and is an interrupt', async () => {
    const pty = open();
    await answer(pty, [
      [/Name of the cluster/, 'site1\r'],
      [/Where does/, '\u0003'],
    ]);
    expect(await pty.ended).toBe(130);
    expect(pty.shown()).toContain('nothing was written');
    expect(existsSync(file())).toBe(false);
  });

  test('a file that has come there while questions were answered stays as it is', async () => {
    const pty = open();
    await answer(pty, [
      [/Name of the cluster/, '\r'],
      [/Where does/, '\r'],
      [/How do the nodes stand/, '\r'],
      [/Control-plane nodes/, '\r'],
      [/Worker nodes/, '\r'],
      [/AS number/, '\r'],
    ]);
    await pty.shows(/BIG-IP/);
    writeFileSync(file(), 'by somebody else');
    pty.type('\r');
    expect(await pty.ended).toBe(2);
    expect(pty.shown()).toContain('INIT.EXISTS');
    expect(written()).toBe('by somebody else');
  });

  test('nothing is asked of whoever has given an answer, or agrees to the usual', async () => {
    expect(await open('--name', 'site1').ended).toBe(0);
    expect(written()).toContain('name: site1');
    expect(await open('-y', '--force').ended).toBe(0);
    expect(written()).toBe(await byFlags(''));
  });
});
