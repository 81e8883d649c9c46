import { mkdir, readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clusterName, isClusterName } from '../core/cluster-name.ts';
import { CpaasError, type Evidence } from '../core/errors.ts';
import { checkSpec } from './check-spec.ts';
import { LABS, labLayout } from './layout.ts';
import type { LabSpec } from './spec.ts';
import { call } from './supervisor/call.ts';
import { launch, supervisors } from './supervisor/launch.ts';
import { type LabState, readState } from './supervisor/state.ts';
import { teardown } from './supervisor/teardown.ts';
import { requireRoot, requireTools } from './supervisor/tools.ts';

export type { LabState, MachineState } from './supervisor/state.ts';

/** The program that supervises a lab. */
const SUPERVISOR = fileURLToPath(new URL('./supervisor/main.js', import.meta.url));
/** Milliseconds until a supervisor that was started answers; and how often it is tried. */
const START = 15_000;
const LAUNCHES = 5;

export interface ApplyOptions {
  /** Keys of parts to be marked as made by `cpaas up`; marks that are there stay as long as the part does. */
  readonly marks?: readonly string[];
  readonly supervisor?: string;
}

/**
 * Makes a lab what the spec says and resolves when all of it is up; nothing is done to what is so already. Works on a running lab,
 * on one whose supervisor was killed, and where there is none. Rejects with `LAB.ROOT`, `LAB.TOOLS`, `LAB.SPEC`, `LAB.NAMESPACE`
 * (then nothing was changed), `LAB.KERNEL`, or `LAB.FAILED`.
 */
export async function labApply(
  asked: LabSpec,
  onProgress: (text: string) => void = () => {},
  { supervisor = SUPERVISOR, marks = [] }: ApplyOptions = {},
): Promise<LabState> {
  await requireTools();
  const spec = checkSpec(asked);
  try {
    return await ask(spec, marks, onProgress, supervisor);
  } catch (error) {
    const state = await readState(spec.name);
    // Refused before anything was made: nothing is to be left of the try.
    if (error instanceof CpaasError && error.code === 'LAB.NAMESPACE' && state?.machines.length === 0)
      await labDown(spec.name);
    throw error;
  }
}

/** The lab's supervisor does it; where there is none, one is started. */
async function ask(
  spec: LabSpec,
  marks: readonly string[],
  onProgress: (text: string) => void,
  supervisor: string,
): Promise<LabState> {
  const { root } = labLayout(spec.name);
  let launches = 0;
  let starting = false;
  for (const until = Date.now() + START; Date.now() < until; await pause(30)) {
    const state = await call(spec, marks, onProgress);
    if (state) return state;
    if (starting) continue;
    if (launches === LAUNCHES) break;
    launches++;
    starting = true;
    await mkdir(root, { recursive: true });
    const { ended } = await launch(spec.name, supervisor);
    // It may have found another one at work, started by somebody else at the same moment.
    void ended.then(() => {
      starting = false;
    });
  }
  throw new CpaasError('LAB.FAILED', `the supervisor of lab ${spec.name} does not start`, {
    evidence: await lastWords(spec.name),
  });
}

/** The end of the supervisor's log. */
async function lastWords(name: string): Promise<readonly Evidence[]> {
  const text = await readFile(labLayout(name).supervisorLog, 'utf8').catch(() => '');
  return text
    .trimEnd()
    .split('\n')
    .slice(-10)
    .map((line) => ({ label: 'log', text: line }));
}

/** Takes a lab away, whatever is left of it: half made, killed, already gone. Rejects with `USAGE.NAME`, `LAB.ROOT` or `LAB.FAILED`. */
export async function labDown(name: string): Promise<void> {
  clusterName(name);
  requireRoot();
  await teardown(name);
}

/** A lab on this machine, and whether somebody looks after it: without a supervisor none of its processes lives. */
export interface ListedLab extends LabState {
  readonly running: boolean;
}

/** All labs of this machine, by name. Needs no root. */
export async function labList(): Promise<readonly ListedLab[]> {
  const folders = (await readdir(LABS).catch(() => [])).filter(isClusterName);
  const labs = await Promise.all(folders.sort().map(labShow));
  return labs.flatMap((lab) => lab ?? []);
}

export async function labShow(name: string): Promise<ListedLab | undefined> {
  const [state, pids] = await Promise.all([readState(name), supervisors(name)]);
  if (!state) return undefined;
  const running = pids.length > 0;
  const machines = state.machines.map((machine) => ({ ...machine, running: running && machine.running }));
  return { ...state, ready: running && state.ready, running, machines };
}

/**
 * The argv of an interactive shell in a machine, or of `words` run there: a node, a router, a pod, `vm` or `lan`. Rejects with
 * `LAB.UNKNOWN`.
 */
export async function labShell(
  name: string,
  machine: string,
  words: readonly string[] = [],
): Promise<readonly string[]> {
  const lab = await labShow(name);
  const found = lab?.machines.find((each) => each.name === machine);
  if (!lab?.running || !found) throw unknown(name, machine, lab);
  requireRoot();
  if (found.kind !== 'router')
    return ['ip', 'netns', 'exec', found.namespace, ...(words.length > 0 ? words : ['bash', '-i'])];
  const { unitShell } = await import('./bigip/part.ts');
  const router = lab.spec?.routers.find(({ address }) => address === found.address);
  if (!router) throw unknown(name, machine, lab);
  return unitShell({ ...router, name: found.unit }, labLayout(name), words);
}

function unknown(name: string, machine: string, lab: ListedLab | undefined): CpaasError {
  const message = !lab
    ? `there is no lab ${name}`
    : lab.running
      ? `lab ${name} has no machine ${machine}`
      : `lab ${name} is not running`;
  const machines = lab?.running ? [{ label: 'machines', text: lab.machines.map((each) => each.name).join(' ') }] : [];
  return new CpaasError('LAB.UNKNOWN', message, {
    evidence: machines,
    next: [
      ...(lab?.running ? [] : [{ label: 'makes it, and joins both ends', command: 'cpaas up' }]),
      { label: 'shows the labs of this machine', command: 'cpaas lab list' },
    ],
  });
}
