import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorSummary, RunDocument } from '../../src/core/documents.ts';
import { due, expectWhole, Workspace } from '../helpers/cpaas.ts';
import { dumpOf } from '../helpers/dumps.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

const PASSWORD = 'right-9f2c-horse';
const WRONG = 'wrong-77ab-staple';
const UNIT = '10.10.2.20';

const lab = new Workspace('lab-vm.yaml', 'suite-login', ({ provider, routers }) => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
  const ssh = { host: UNIT, user: 'root', password: { env: 'UNIT_PASSWORD' } };
  Object.assign(routers[0] ?? {}, { bigip: { ...routers[0]?.bigip, ssh } });
});
const run = join('/run/cpaas', lab.name);
const knownHosts = join(run, 'known_hosts');

beforeAll(async () => {
  expect(await lab.run('lab', 'up')).toMatchObject({ code: 0 });
  await givePassword(PASSWORD);
});
afterAll(() => lab.remove());

/** Gives root of the unit another password than a BIG-IP leaves the factory with: `default` stands in many a line that is no secret. */
async function givePassword(password: string): Promise<void> {
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim();
  await lab.unit('bigip1', `usermod -p '${hash}' root`);
}

/** A call that must fail: its exit code, its error, what it sent that could change something, and all that it printed. */
async function failing(
  ...args: readonly string[]
): Promise<{ code: number; error: ErrorSummary; changing: readonly string[]; said: string }> {
  const { code, stdout, stderr, events } = await lab.events(...args, '-o', 'json');
  const document = JSON.parse(stdout) as RunDocument & ErrorSummary;
  const changing = events.flatMap((event) => (event.type === 'command' && !event.reads ? [event.argv.join(' ')] : []));
  return { code, error: document.error ?? document, changing, said: stdout + stderr };
}

const evidence = ({ evidence = [] }: ErrorSummary, label: string): string =>
  evidence
    .filter((each) => each.label === label)
    .map(({ text }) => text)
    .join('\n');

/** Changes that the journal knows to have been meant; the file is there when there were any. */
function intents({ state, name }: Workspace): number {
  const path = join(state, name, 'journal.ndjson');
  if (!existsSync(path)) return 0;
  return readFileSync(path, 'utf8').split('"type":"intent"').length - 1;
}

/** Every file that cpaas has written in its state, as one text. */
function stateText(folder = lab.state): string {
  return readdirSync(folder, { withFileTypes: true })
    .map(
      (entry) =>
        join(folder, entry.name) &&
        (entry.isDirectory() ? stateText(join(folder, entry.name)) : readFileSync(join(folder, entry.name), 'utf8')),
    )
    .join('\n');
}

const fingerprint = (line: string): string =>
  execFileSync('ssh-keygen', ['-l', '-f', '-'], { input: `${line}\n`, encoding: 'utf8' }).split(' ')[1] ?? '';

/** Sets what is known of the unit's host keys while something is tried. */
async function knowing(
  lines: (known: readonly string[]) => readonly string[],
  act: () => Promise<void>,
): Promise<void> {
  const before = readFileSync(knownHosts, 'utf8');
  writeFileSync(knownHosts, `${lines(before.trim().split('\n')).join('\n')}\n`);
  try {
    await act();
  } finally {
    writeFileSync(knownHosts, before);
  }
}

describe.sequential('logging in to a unit', () => {
  test('a wrong password: told as such, with nothing done on any machine', async () => {
    lab.env = { UNIT_PASSWORD: WRONG };
    const before = await dumpOf(lab);
    for (const verb of ['up', 'plan']) {
      const { code, error, changing } = await failing(verb);
      if (verb === 'up') expect(error.code).toBe('HOST.AUTH');
      expect({ code, changing }).toEqual({ code: 2, changing: [] });
    }
    expect(intents(lab)).toBe(0);
    expect(await dumpOf(lab)).toEqual(before);
  });

  test('a password that is not there is told before anybody is asked', async () => {
    lab.env = { UNIT_PASSWORD: '' };
    const { code, error, changing } = await failing('up');
    expect({ code, changing }).toEqual({ code: 2, changing: [] });
    expect(error.message).toContain('UNIT_PASSWORD is not set');
  });

  test('a changed host key: both fingerprints are told, and nothing is sent', async () => {
    lab.env = { UNIT_PASSWORD: PASSWORD };
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(lab.folder, 'other')]);
    const [type, key] = readFileSync(join(lab.folder, 'other.pub'), 'utf8').split(' ');
    const other = `${UNIT} ${type} ${key}`;
    await knowing(
      () => [other],
      async () => {
        const { code, error, changing } = await failing('up', '--accept-new-host-keys');
        expect({ code, error: error.code, changing }).toEqual({ code: 2, error: 'HOST.KEY_CHANGED', changing: [] });
        expect(evidence(error, 'expected')).toContain(fingerprint(other));
        expect(evidence(error, 'seen')).toMatch(/SHA256:/);
        expect(evidence(error, 'seen')).not.toContain(fingerprint(other));
      },
    );
    expect(intents(lab)).toBe(0);
  });

  test('an unknown host key: its fingerprint is told; accepted on request, it is kept in the state', async () => {
    const keys = readFileSync(knownHosts, 'utf8').trim().split('\n');
    await knowing(
      () => [],
      async () => {
        const { code, error, changing } = await failing('up');
        expect({ code, error: error.code, changing }).toEqual({ code: 2, error: 'HOST.KEY_UNKNOWN', changing: [] });
        expect(keys.map(fingerprint)).toContain(evidence(error, 'seen').split(' ')[1]);
        expect(intents(lab)).toBe(0);

        expectApplied(await lab.up('--accept-new-host-keys'));
        expect(intents(lab)).toBeGreaterThan(0);
        expect(keys).toContain(readFileSync(join(lab.state, lab.name, 'known_hosts'), 'utf8').trim());
        expectUnchanged(await lab.up());
      },
    );
    expectWhole(await lab.verify());
    expectApplied(await lab.down());
  });

  test('a port that is closed: everything else is done, and the unit follows when it answers again', async () => {
    const reject = ['INPUT', '-p', 'tcp', '--dport', '22', '-j', 'REJECT', '--reject-with', 'tcp-reset'];
    await lab.inside('bigip1', 'iptables', '-I', ...reject);
    try {
      const plan = await lab.plan();
      expect(plan.code).toBe(2);
      const out = plan.phases.flatMap(({ steps }) => steps.filter(({ state }) => state === 'unreachable'));
      expect([...new Set(out.map(({ host }) => host))]).toEqual(['bigip1']);
      expect(await lab.status()).toMatchObject({ code: 5, healthy: false });
      const { code, error, steps } = await lab.up();
      expect({ code, error: error?.code }).toEqual({ code: 2, error: 'HOST.UNREACHABLE' });
      expect(error && evidence(error, 'bigip1')).toContain(`${UNIT} port 22`);
      const done = steps.filter(({ outcome }) => outcome === 'applied').map(({ id }) => id.split(':')[0]);
      expect(done).toContain('host.routes');
    } finally {
      await lab.inside('bigip1', 'iptables', '-D', ...reject);
    }
    expectApplied(await lab.up());
    expectWhole(await lab.verify());
    expectApplied(await lab.down());
  });

  test('a password that stands in every second line, as `default` does, spoils no answer', async () => {
    await givePassword('default');
    lab.env = { UNIT_PASSWORD: 'default' };
    expectApplied(await lab.up());
    expect(due(await lab.status())).toEqual([]);
    expectUnchanged(await lab.up());
    expectWhole(await lab.verify());
    expectApplied(await lab.down());
    await givePassword(PASSWORD);
  });

  test('no password is in anything that was printed or kept', async () => {
    lab.env = { UNIT_PASSWORD: PASSWORD };
    const run = await lab.events('up', '-v', '-o', 'json', '--log-file', join(lab.folder, 'run.log'));
    expect(run.code).toBe(0);
    const kept = stateText();
    const plain = await lab.run('down', '--confirm', lab.name, '-v', '--progress', 'plain');
    expect(plain.code).toBe(0);
    const log = readFileSync(join(lab.folder, 'run.log'), 'utf8');
    const everything = [run.stdout, run.stderr, plain.stdout, plain.stderr, log, kept, stateText()].join('\n');
    expect(everything).toContain('bigip1');
    expect(everything).toContain('UNIT_PASSWORD');
    for (const secret of [PASSWORD, WRONG]) expect(everything).not.toContain(secret);
  });
});

describe.sequential('a unit that lets anybody in and then says nothing', () => {
  const silent = new Workspace('lab-vm.yaml', 'suite-login-hang', ({ provider }) => {
    Object.assign(provider.lab, { servers: 1, agents: 0, switches: { hang: true } });
  });
  beforeAll(async () => {
    expect(await silent.run('lab', 'up')).toMatchObject({ code: 0 });
  });
  afterAll(() => silent.remove());

  // long enough for everybody else, also where the machine is busy
  const PATIENCE = ['--timeout', '10'];

  test.each([['up'], ['bgp', 'peer', '--no-cluster']])(
    '%s gives it up in the time it was given, says what it waited for, and has sent nothing that changes',
    async (...words) => {
      const { code, stdout, events } = await silent.events(...words, ...PATIENCE, '-o', 'json');
      const { error } = JSON.parse(stdout) as RunDocument;
      expect({ code, error: error?.code }).toEqual({ code: 2, error: 'HOST.TIMEOUT' });
      expect(error?.message).toMatch(/^bigip1: no end of .* within 10 s$/);
      expect(events.filter((event) => event.type === 'command' && !event.reads)).toEqual([]);
      expect(intents(silent)).toBe(0);
    },
  );

  test('so does what only looks', async () => {
    // what cannot be read makes a plan and a proof impossible; for status it is a finding
    for (const [verb, exit] of [['plan', 2] as const, ['status', 5] as const, ['verify', 2] as const]) {
      const { code, stderr } = await silent.run(verb, ...PATIENCE);
      expect(code, verb).toBe(exit);
      expect(stderr, verb).toMatch(/HOST\.TIMEOUT {2}bigip1: no end of .* within 10 s/);
    }
  });
});
