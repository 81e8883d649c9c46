import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declareGlobals } from '../../../src/cli/globals.ts';
import { candidateSources, FILES } from '../../../src/commands/completion/candidates.ts';
import { placeholder } from '../../../src/commands/completion/command-line.ts';
import { noPty, openPty, type Pty } from '../../helpers/pty.ts';
import { runCpaas } from '../../helpers/run-cpaas.ts';
import { allCommands } from '../../meta/program.ts';

let folder: string;
const path = (name: string) => join(folder, name);

/** A run that the state of a cluster remembers. */
const journal = (run: string): string =>
  `${JSON.stringify({ v: 1, run, at: '2026-11-22T14:15:02.000Z', type: 'run', command: 'up', user: 'u', machine: 'm' })}\n`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-completion-'));
  for (const cluster of ['site1', 'site2']) mkdirSync(path(`state/cpaas/${cluster}`), { recursive: true });
  const example = readFileSync('examples/lab-vm.yaml', 'utf8');
  writeFileSync(path('cpaas.yaml'), example.replace(/name: lab-vm/, 'name: site1'));
  writeFileSync(path('site 2.yaml'), '');
  mkdirSync(path('bin'));
  writeFileSync(path('bin/cpaas'), `#!/bin/sh\nexec '${process.execPath}' '${resolve('bin/cpaas.js')}' "$@"\n`);
  chmodSync(path('bin/cpaas'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What is offered for the last of the words, without what it is about. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const env = { XDG_STATE_HOME: path('state'), HOME: folder, CPAAS_FILE: path('cpaas.yaml') };
  const { code, stdout, stderr } = await runCpaas(['completion', 'bash', '--complete', '--', ...words], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').flatMap((line) => line.split('\t')[0] || []);
}

describe('offers', () => {
  test.for<[string, readonly string[], readonly string[]]>([
    ['verbs', ['ro'], ['rollback', 'routes']],
    ['verbs behind options and their values', ['-o', 'json', '--cluster=x', 'do'], ['doctor', 'down']],
    ['verbs of a group', ['bgp', ''], ['peer', 'unpeer', 'status', 'routes', 'diff']],
    ['flags of a verb', ['up', '--ad'], ['--adopt']],
    ['flags of every verb', ['up', '--acc'], ['--accept-new-host-keys']],
    ['flags of a verb in a group', ['bgp', 'peer', '--dry'], ['--dry-run']],
    ['no flag again', ['up', '--adopt', '--ad'], []],
    ['but one that may be given again', ['bgp', 'peer', '--router', 'x', '--router'], ['--router']],
    ['choices of an option', ['-o', ''], ['text', 'json', 'yaml']],
    ['choices behind an equals sign', ['plan', '--output=j'], ['--output=json']],
    ['choices of an argument', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['clusters of the state', ['down', '--cluster', ''], ['site1', 'site2']],
    ['clusters behind an equals sign', ['--confirm=site2'], ['--confirm=site2']],
    ['phases of the file', ['up', '--only', 'host r'], ['Host routes']],
    ['kinds of its steps', ['up', '--only', 'host.r'], ['host.routes']],
    ['error codes', ['explain', 'kube.un'], ['KUBE.UNREACHABLE']],
    ['files, by the shell', ['-f', ''], [':files']],
    ['files, by the shell', ['verify', '--junit='], [':files']],
    ['nothing where any text will do', ['init', '--name', ''], []],
    ["nothing of another program's words", ['kubectl', '--', 'get', ''], []],
    ['nothing below what is not there', ['up', '--only', 'x', '-f', '/no/where', '--only', ''], []],
  ])('%s: %j', async ([, words, expected]) => {
    expect((await offered(...words)).toSorted()).toEqual(expected.toSorted());
  });

  test('the runs of a cluster, with what they were', async () => {
    writeFileSync(path('state/cpaas/site2/journal.ndjson'), journal('20261122-141502'));
    expect(await offered('rollback', '--cluster', 'site2', '')).toEqual(['20261122-141502']);
    expect(await offered('runs', 'show', '')).toEqual([]);
  });

  test('every value of the command line has a name that is known, or takes any text', async () => {
    const asked = (await allCommands()).flatMap(({ command }) => [...command.options, ...command.registeredArguments]);
    const names = [...declareGlobals(new Command()).options, ...asked]
      .filter(({ argChoices }) => !argChoices)
      .map(placeholder)
      .filter((name) => name !== '' && !FILES.has(name) && !(name in candidateSources));
    expect([...new Set(names)].toSorted()).toMatchInlineSnapshot(`
      [
        "addresses",
        "asn",
        "cidr",
        "login",
        "n",
        "name",
        "name=address",
        "name=address[,asn",
        "number",
        "os/arch",
        "seconds",
        "words",
      ]
    `);
  });
});

/** A shell on a terminal with the completion loaded, as the help says. */
async function openShell(argv: readonly string[], setup: string): Promise<Pty> {
  expect(existsSync('dist/main.js'), 'the program is not built: npm run build').toBe(true);
  const env = { PATH: `${path('bin')}:${process.env['PATH']}`, HOME: folder, XDG_STATE_HOME: path('state') };
  const pty = openPty(argv, { env, cwd: folder });
  pty.type(`${setup}; echo rea''dy\n`);
  await pty.shows(/^ready/m);
  return pty;
}

/** Types a part of a line and tab; what stands on the line then. The line is wiped out afterwards. */
async function completed(pty: Pty, part: string, whole: string): Promise<void> {
  pty.type(`${part}\t`);
  const literal = whole.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
  await pty.shows(new RegExp(literal));
  pty.type('\u0015');
}

const here = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

describe.skipIf(noPty)('bash', () => {
  let pty: Pty;
  beforeAll(async () => {
    pty = await openShell(['bash', '--norc', '--noprofile', '-i'], "PS1='$ '; source <(cpaas completion bash)");
  });
  afterAll(() => pty?.kill());

  test.for([
    ['cpaas roll', 'cpaas rollback '],
    ['cpaas up --rollb', 'cpaas up --rollback-on-failure '],
    ['cpaas -o js', 'cpaas -o json '],
    ['cpaas plan --output=js', 'cpaas plan --output=json '],
    ['cpaas down --cluster site', 'cpaas down --cluster site'],
    ['cpaas up --only Host\\ r', 'cpaas up --only Host\\ routes '],
    ['cpaas up --only "Host r', 'cpaas up --only "Host routes" '],
    ['cpaas -f cpa', 'cpaas -f cpaas.yaml '],
    ['cpaas -f sit', 'cpaas -f site\\ 2.yaml '],
    ['cpaas --file=cpa', 'cpaas --file=cpaas.yaml '],
  ] as const)('%s becomes %s', async ([part, whole]) => completed(pty, part, whole));
});

describe.skipIf(noPty || !here('zsh'))('zsh', () => {
  let pty: Pty;
  beforeAll(async () => {
    pty = await openShell(
      ['zsh', '-f', '-i'],
      "PS1='$ '; autoload -U compinit; compinit -D; source <(cpaas completion zsh)",
    );
  });
  afterAll(() => pty?.kill());

  test.for([
    ['cpaas roll', 'cpaas rollback'],
    ['cpaas up --rollb', 'cpaas up --rollback-on-failure'],
    ['cpaas plan --output=js', 'cpaas plan --output=json'],
    ['cpaas up --only Host\\ r', 'cpaas up --only Host\\ routes'],
    ['cpaas explain KUBE.UN', 'cpaas explain KUBE.UNREACHABLE'],
    ['cpaas -f cpa', 'cpaas -f cpaas.yaml'],
    ['cpaas --file=cpa', 'cpaas --file=cpaas.yaml'],
  ] as const)('%s becomes %s', async ([part, whole]) => completed(pty, part, whole));
});

describe.skipIf(!here('fish'))('fish', () => {
  const complete = (line: string): readonly string[] => {
    const env = { PATH: `${path('bin')}:${process.env['PATH']}`, HOME: folder, XDG_STATE_HOME: path('state') };
    const words = ['--no-config', '-c', 'cpaas completion fish | source; complete -C $argv[1]', line];
    const { stdout } = spawnSync('fish', words, { env, cwd: folder, encoding: 'utf8' });
    return stdout.trimEnd().split('\n');
  };

  test.for<[string, readonly string[]]>([
    ['cpaas roll', ['rollback\tundo one run']],
    ['cpaas -o ', ['json', 'text', 'yaml']],
    ['cpaas plan --output=js', ['--output=json']],
    ['cpaas up --only "Host r', ['Host routes\tphase']],
    ['cpaas -f cp', ['cpaas.yaml']],
  ])('%s is offered %j', ([line, offers]) => {
    expect(complete(line).toSorted()).toEqual(offers);
  });
});
