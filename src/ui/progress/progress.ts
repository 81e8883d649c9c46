import type { Event, StepRef } from '../../core/events.ts';
import { received } from '../text/bytes.ts';
import { type Failure, failures } from '../text/failures.ts';
import { mapStrings } from '../text/harmless.ts';
import { count } from '../text/words.ts';

interface FailedRow {
  readonly code?: string;
  readonly message: string;
}

/** One line of the task list: a phase, or what it does on one host. */
export interface Row {
  readonly name: string;
  state: 'waiting' | 'running' | 'ended';
  /** What is happening now. */
  doing: string;
  /** The same without the title of its step, where there is more to say than that. */
  detail?: string | undefined;
  /** Titles of what was changed, each with how much of it. */
  readonly applied: string[];
  /** Why something was left out, or what else is to be known. */
  readonly remarks: string[];
  readonly failed: FailedRow[];
  /** Steps that have not ended yet. */
  readonly left: Set<string>;
  seconds: number;
}

/** A phase while it runs. */
export interface PhaseProgress {
  readonly phase: string;
  readonly by: 'phase' | 'host';
  readonly rows: Map<string, Row>;
  /** Gates that are waited at. */
  readonly waited: Set<string>;
  readonly redact: (text: string) => string;
}

type PhaseStart = Extract<Event, { type: 'phase.start' }>;

export function startPhase({ phase, by, steps }: PhaseStart, redact: PhaseProgress['redact']): PhaseProgress {
  const progress: PhaseProgress = { phase, by, rows: new Map(), waited: new Set(), redact };
  for (const { step, host } of steps) rowNamed(progress, by === 'host' ? host : phase).left.add(step);
  return progress;
}

const newRow = (name: string): Row => ({
  name,
  state: 'waiting',
  doing: '',
  applied: [],
  remarks: [],
  failed: [],
  left: new Set(),
  seconds: 0,
});

function rowNamed({ rows }: PhaseProgress, name: string): Row {
  const row = rows.get(name) ?? newRow(name);
  rows.set(name, row);
  return row;
}

/** Follows one event of a running phase. Secrets go first: in a line that is cut or folded they would no longer be known. */
export function follow(progress: PhaseProgress, original: Event): void {
  const { redact } = progress;
  const event = 'error' in original ? original : mapStrings(original, redact);
  switch (event.type) {
    case 'phase.end':
      for (const row of progress.rows.values()) row.state = 'ended';
      if (progress.by === 'phase') rowNamed(progress, progress.phase).seconds = event.seconds;
      return;
    case 'gate.wait':
      progress.waited.add(event.gate);
      say(rowNamed(progress, progress.phase), `waiting for ${event.gate}: ${event.missing}`);
      return;
    case 'gate.open': {
      const row = progress.rows.get(progress.phase);
      const waited = progress.waited.delete(event.gate);
      if (row === undefined) return;
      row.doing = '';
      // what was so already is no news: an `up` that changes nothing says so in its last line alone
      if (progress.by === 'host' && waited) {
        row.applied.push(event.gate);
        row.seconds += event.seconds;
      }
      return;
    }
    case 'artifact.progress':
      say(rowNamed(progress, progress.phase), `fetching ${event.artifact}: ${received(event)}`);
      return;
    case 'host.lost':
      if (progress.by === 'host') fail(rowNamed(progress, event.host), failures(event.error, redact));
      return;
    default:
      if ('step' in event) followStep(progress, event);
  }
}

type StepEvent = Extract<Event, StepRef>;

function followStep(progress: PhaseProgress, event: StepEvent): void {
  const row = rowNamed(progress, progress.by === 'host' ? event.host : progress.phase);
  switch (event.type) {
    case 'step.start':
      say(row, event.title);
      return;
    case 'step.progress':
      say(row, `${event.title}: ${event.text}`, event.text);
      return;
    case 'step.closed':
      if (event.remark) row.remarks.push(event.remark);
      return;
    case 'step.released':
      row.remarks.push(`no longer ours, left as found: ${event.keys.join(', ')} (${event.why})`);
      return;
    case 'step.skipped':
      row.remarks.push(`${event.title}: ${event.why}`);
      break;
    case 'step.applied':
      row.applied.push(amount(event.title, event.changes));
      break;
    case 'step.failed':
      fail(row, failures(event.error, progress.redact));
      break;
  }
  row.left.delete(event.step);
  row.doing = '';
  if ('seconds' in event) row.seconds += event.seconds;
  if (progress.by === 'host' && row.left.size === 0) row.state = 'ended';
}

function say(row: Row, text: string, detail?: string): void {
  row.state = 'running';
  row.doing = text;
  row.detail = detail;
}

function fail(row: Row, all: readonly Failure[]): void {
  for (const { code, message } of all)
    if (!row.failed.some((known) => known.message === message))
      row.failed.push(code === undefined ? { message } : { code, message });
}

/** What was done, and how much of it was only to repair what had changed since. */
function amount(title: string, changes: Extract<StepEvent, { type: 'step.applied' }>['changes']): string {
  const repaired = changes.filter(({ cause }) => cause === 'drift').length;
  const words = [
    ...(changes.length > 1 ? [count(changes.length, 'change')] : []),
    ...(repaired > 0 ? [repaired === changes.length ? 'repaired' : `${repaired} repaired`] : []),
  ];
  return words.length > 0 ? `${title} (${words.join(', ')})` : title;
}
