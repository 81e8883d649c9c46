import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { dump, load } from 'js-yaml';
import { expect } from 'vitest';
import type { PlanDocument, RunDocument, StatusDocument, VerifyDocument } from '../../src/core/documents.ts';
import type { Event } from '../../src/core/events.ts';
import { unitPaths } from '../../src/lab/bigip/unit/paths.ts';
import { labShell } from '../../src/lab/labs.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { WarmProgram } from './warm-program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin/cpaas.js');

/** What one call of the built program came to. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Env = Readonly<Record<string, string>>;

/** A cluster file in a folder of its own, with a state folder beside it, and the built program to act on them as a user does. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'cpaas-suite-'));
  readonly file = join(this.folder, 'cpaas.yaml');
  readonly state = join(this.folder, 'state');
  readonly name: string;
  env: Env = {};
  /** Program and words that the built program is called by: in another namespace, with another name for something. */
  by: readonly string[] = [];
  /** Where many calls are made one after the other: one process of the built program takes them all, without the environment of others. */
  warm = false;
  #program: WarmProgram | undefined;

  /** Starts from one of the examples, under another name, with changes made to it. */
  constructor(example: string, name: string, edit: (spec: Spec) => void = () => {}) {
    this.name = name;
    const cluster = load(readFileSync(join(root, 'examples', example), 'utf8')) as Cluster;
    cluster.metadata.name = name;
    edit(cluster.spec);
    writeFileSync(this.file, dump(cluster));
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
    // a run of the tests that was killed leaves its lab: found standing, it would be taken for what this one has made
    if (existsSync(labLayout(name).root)) execaSync(process.execPath, [bin, 'lab', 'down', name]);
  }

  /** Edits the cluster file as a user would. */
  edit(change: (spec: Spec) => void): void {
    const cluster = load(readFileSync(this.file, 'utf8')) as Cluster;
    change(cluster.spec);
    writeFileSync(this.file, dump(cluster));
  }

  start(args: readonly string[], env: Env = {}) {
    const [program = '', ...words] = [...this.by, process.execPath, bin, ...this.#words(args)];
    return execa(program, words, {
      reject: false,
      stdin: 'ignore',
      env: { ...this.env, ...env, NO_COLOR: '1' },
      stripFinalNewline: false,
    });
  }

  // before the verb: whatever follows `--` is another program's
  #words(args: readonly string[]): readonly string[] {
    return ['-f', this.file, '--state-dir', this.state, ...args];
  }

  async run(...args: readonly string[]): Promise<Ended> {
    // kubectl has the terminal of whoever called it
    if (this.warm && args[0] !== 'kubectl') {
      this.#program ??= new WarmProgram();
      return this.#program.run(this.#words(args));
    }
    const { exitCode = -1, stdout, stderr } = await this.start(args);
    return { code: exitCode, stdout, stderr };
  }

  /** A call whose stdout is one document. */
  async document<T>(
    ...args: readonly string[]
  ): Promise<T & { readonly code: number; readonly kind: string; readonly stderr: string }> {
    const { code, stdout, stderr } = await this.run(...args, '-o', 'json');
    try {
      return { ...JSON.parse(stdout), code, stderr };
    } catch {
      throw new Error(`no document from cpaas ${args.join(' ')} (exit ${code}):\n${stdout}\n${stderr}`);
    }
  }

  readonly up = (...args: readonly string[]) => this.document<RunDocument>('up', ...args);
  readonly down = (...args: readonly string[]) => this.document<RunDocument>('down', '--confirm', this.name, ...args);
  readonly plan = (...args: readonly string[]) => this.document<PlanDocument>('plan', ...args);
  readonly status = () => this.document<StatusDocument>('status');
  readonly verify = () => this.document<VerifyDocument>('verify');

  /** A call with `--progress json`: its events, too. */
  async events(...args: readonly string[]): Promise<Ended & { readonly events: readonly Event[] }> {
    const ended = await this.run(...args, '--progress', 'json');
    const lines = ended.stderr.split('\n').filter((line) => line.startsWith('{'));
    return { ...ended, events: lines.map((line) => JSON.parse(line) as Event) };
  }

  journal(): string {
    return readFileSync(join(this.state, this.name, 'journal.ndjson'), 'utf8');
  }

  /** Runs a command inside one of the lab's machines: `vm`, `server-0`, `bigip1`. */
  async inside(machine: string, ...argv: readonly string[]): Promise<string> {
    const { stdout } = await execa('ip', ['netns', 'exec', `${this.name}-${machine}`, ...argv]);
    return stdout;
  }

  /** Lines typed at the bash of a unit, such as `imish -e "show running-config"`; what they print. */
  async unit(router: string, ...lines: readonly string[]): Promise<string> {
    const [program = '', ...words] = await labShell(this.name, router);
    const ended = await execa(program, words, {
      input: `export TERM=vt100\n${lines.join('\n')}\n`,
      reject: false,
    });
    return ended.stdout;
  }

  /** Every command that a unit's programs carried out, as the lab wrote it down. */
  commandLog(router: string): string {
    return readFileSync(join(labLayout(this.name).unit(router), 'commands.log'), 'utf8');
  }

  /** What a unit has saved of the BGP of route domain 0. */
  savedBgp(router: string): string {
    return readFileSync(unitPaths(labLayout(this.name).unit(router)).zebosConf(0), 'utf8');
  }

  /** Takes away what is left of the lab, for `afterAll`. Fails when it does not go. */
  async remove(): Promise<void> {
    this.#program?.stop();
    this.#program = undefined;
    await execa(process.execPath, [bin, 'lab', 'down', this.name]);
  }
}

/** Steps of a run that did something. */
export const applied = ({ steps }: RunDocument): readonly string[] =>
  steps.filter(({ outcome }) => outcome === 'applied').map(({ id, host }) => `${host} ${id.split(':')[0]}`);

/** What a plan or a status says is to be changed: `host kind: key`. */
export const due = ({ phases }: PlanDocument): readonly string[] =>
  phases.flatMap(({ steps }) =>
    steps.flatMap(({ host, kind, changes }) => changes.map(({ key, cause }) => `${host} ${kind}: ${key} (${cause})`)),
  );

export function expectWhole(report: VerifyDocument): void {
  expect(report.checks.filter(({ result }) => result !== 'pass')).toEqual([]);
  expect(report.summary.pass).toBeGreaterThan(0);
}

/** The parts of a cluster file that suites change. */
export interface Spec {
  provider: { lab: Record<string, unknown> };
  network: Record<string, string>;
  calico?: Record<string, unknown>;
  bgp: Record<string, unknown>;
  routers: { name: string; address: string; asNumber?: number; peers?: string[]; bigip?: Record<string, unknown> }[];
}
type Cluster = { metadata: { name: string }; spec: Spec };
