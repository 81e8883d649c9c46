import type { Event, StepRef } from '../../core/events.ts';
import type { ElementChange } from '../../core/step.ts';
import { bytes, received } from '../text/bytes.ts';
import { shellLine } from '../text/commands.ts';
import { duration } from '../text/duration.ts';
import { type Failure, failures } from '../text/failures.ts';
import { mapStrings, oneLine } from '../text/harmless.ts';
import { count, remark } from '../text/words.ts';

/** An event in words. `detail`: said only to those who asked for everything. */
export interface EventText {
  readonly detail: boolean;
  readonly lines: readonly string[];
}

/**
 * What an event says to a person, one thing a line, for the plain listener and the log file. Secrets go first: folded into a line or
 * quoted for a shell, they would no longer be known. `took`: how long it was, where that is not the event's own to tell.
 */
export function eventText(original: Event, redact: (text: string) => string, took?: string): EventText {
  const event = 'error' in original ? original : mapStrings(original, redact);
  switch (event.type) {
    case 'run.start':
      return plainly(`${event.command} ${event.cluster}, run ${event.run}`);
    case 'run.end':
      return plainly(`${event.outcome} after ${duration(event.seconds)}`);
    case 'phase.start':
      return detail(`${event.phase}: ${count(event.steps.length, 'step')}`);
    case 'phase.end':
      return detail(`${event.phase}: ended after ${duration(event.seconds)}`);
    case 'step.start':
      return detail(`${at(event)}: starts`);
    case 'step.progress':
      return detail(`${at(event)}: ${event.text}`);
    case 'step.satisfied':
      return plainly(`${at(event)}: already so`);
    case 'step.applied':
      return plainly(
        ...event.lines.map(
          (line, nth) => `${at(event)}: ${sign(event.changes[nth])} ${line}${why(event.changes[nth])}`,
        ),
        `${at(event)}: done in ${took ?? duration(event.seconds)}`,
      );
    case 'step.released':
      return plainly(`${at(event)}: no longer ours: ${event.keys.join(', ')} (${event.why})`);
    case 'step.closed':
      return plainly(`${at(event)}: ${event.remark ?? event.closing}`);
    case 'step.skipped':
      return plainly(`${at(event)}: skipped, ${event.why}`);
    case 'step.failed':
      return plainly(...failed(at(event), failures(event.error, redact)));
    case 'host.lost':
      return plainly(...failed(event.host, failures(event.error, redact)));
    case 'gate.wait':
      return plainly(`${event.phase}: waiting for ${event.gate}: ${event.missing}`);
    case 'gate.open':
      return plainly(`${event.phase}: ${event.gate} after ${duration(event.seconds)}`);
    case 'artifact.progress':
      return detail(`fetching ${event.artifact}: ${received(event)}`);
    case 'artifact.fetched':
      return plainly(`fetched ${event.artifact}: ${bytes(event.size)} in ${duration(event.seconds)}`);
    case 'command': {
      const ended = event.code ? `, ended with ${event.code}` : '';
      return detail(`${event.host} $ ${shellLine(event.argv)}   ${duration(event.seconds)}${ended}`);
    }
    case 'warning':
      return plainly(`warning: ${event.text}`);
    case 'error':
      return plainly(...failed('cpaas', failures(event.error, redact)));
  }
}

const plainly = (...lines: readonly string[]): EventText => ({ detail: false, lines: lines.map(oneLine) });
const detail = (line: string): EventText => ({ detail: true, lines: [oneLine(line)] });

/** As in a plan: added, changed, taken away. */
const sign = (change: ElementChange | undefined): string =>
  change?.to === undefined ? '-' : change.from === undefined ? '+' : '~';

const why = (change: ElementChange | undefined): string => (change ? remark(change) : '');

/** `bigip1: router bgp 64512`; one word where both are the same. */
const at = ({ host, title }: StepRef): string => (title === host ? host : `${host}: ${title}`);

const failed = (where: string, all: readonly Failure[]): readonly string[] =>
  all.flatMap(({ code, message, evidence }) => [
    `${where}: failed: ${code ? `${code} ` : ''}${message}`,
    ...evidence.map(({ label, text }) => `${where}:   ${label} ${text}`),
  ]);
