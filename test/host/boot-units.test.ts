import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bootUnits, systemdWord, unitMark } from '../../src/host/boot-units.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-units-'));
afterAll(() => rmSync(folder, { recursive: true }));
const call = {
  program: [process.execPath, '/opt/cpaas/bin/cpaas.js'],
  stateDir: '/var/lib/cpaas',
  user: userInfo().username,
};

test('the units say what they are for, whose they are, and what they call', () => {
  const { service, timer } = bootUnits('site1', {
    ...call,
    program: ['/usr/bin/node', '/opt/cpaas/bin/cpaas.js'],
    user: 'ops',
  });
  expect(service.name).toBe('cpaas-routes-site1.service');
  expect(timer.name).toBe('cpaas-routes-site1.timer');
  for (const { text } of [service, timer]) expect(text.startsWith(unitMark('site1'))).toBe(true);
  expect(service.text).toContain(
    '\nExecStart=/usr/bin/node /opt/cpaas/bin/cpaas.js routes sync --cluster site1 --state-dir /var/lib/cpaas --progress plain\n',
  );
  expect(service.text).toContain('\nAfter=network-online.target docker.service\n');
  expect(service.text).toContain('\nUser=ops\n');
});

test.each([
  ['/opt/c p', '"/opt/c p"'],
  ['100%$HOME', '100%%$$HOME'],
  [`"it's" \\`, `"\\"it's\\" \\\\"`],
  ['', '""'],
  ['; rm -rf /', '"; rm -rf /"'],
])('the word %j is written %s', (word, written) => {
  expect(systemdWord(word)).toBe(written);
});

test('nothing can end the line of a unit', () => {
  expect(() => systemdWord('/x\nExecStart=/bin/evil')).toThrow('control characters');
});

const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe.skipIf(!systemd)('systemd itself (needs systemd-analyze)', () => {
  const verify = (units: ReturnType<typeof bootUnits>) => {
    for (const { name, text } of [units.service, units.timer]) writeFileSync(join(folder, name), text);
    const paths = [units.service, units.timer].map(({ name }) => join(folder, name));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], {
      encoding: 'utf8',
    });
    return { status, said: `${stdout}${stderr}` };
  };

  test('verifies the units without a remark', () => {
    expect(verify(bootUnits('site1', call))).toEqual({ status: 0, said: '' });
  });

  test('would remark on a unit that is wrong', () => {
    const { service, timer } = bootUnits('site2', call);
    const wrong = { ...service, text: service.text.replace('Restart=on-failure', 'Restart=sometimes') };
    expect(verify({ service: wrong, timer }).said).toContain('sometimes');
  });

  test('hands every word of a hostile path over as it is', () => {
    const home = join(folder, `h"o'm\\e %h $HOME ; é`);
    mkdirSync(home);
    const script = join(home, 'say.cjs');
    writeFileSync(script, 'process.stdout.write(process.argv.slice(2).join("\\0"))');
    const units = bootUnits('site3', { ...call, program: [process.execPath, script], stateDir: home });
    const line = /^ExecStart=(.*)$/m.exec(units.service.text)?.[1] ?? '';
    // systemd takes the line apart by the rules of systemd.service(5); so does this
    const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
      (quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '').replaceAll('%%', '%').replaceAll('$$', '$'),
    );
    const [program = '', ...rest] = words;
    expect(execFileSync(program, rest, { encoding: 'utf8' }).split('\0')).toEqual([
      ...['routes', 'sync', '--cluster', 'site3', '--state-dir', home, '--progress', 'plain'],
    ]);
    expect(verify(units)).toEqual({ status: 0, said: '' });
  });
});
