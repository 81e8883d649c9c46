import type { PlanDocument } from '../../core/documents.ts';
import { spread } from '../text/columns.ts';
import { shellLines } from '../text/commands.ts';
import { oneLine } from '../text/harmless.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';
import { type Heading, headingLines } from './heading.ts';
import { planLines, planSummary, sections } from './plan-rows.ts';

export interface PlanScreen {
  readonly plan: PlanDocument;
  readonly heading: Heading;
}

/** What `up` would do, on one screen. */
export const planText: Renderer<PlanScreen> = renderer(({ plan, heading }, view) => {
  const rows = planLines(sections(plan.phases, view.verbose), view);
  return [...headingLines(heading, view), '', ...rows, ...(rows.length > 0 ? [''] : []), ...closing(plan, view)];
});

function closing(
  { phases, summary, cluster }: PlanDocument,
  { style, width, as = (command) => command }: View,
): readonly string[] {
  const { pending, conflict, unreachable, deferred } = summary;
  if (pending + conflict + unreachable + deferred === 0)
    return [`  ${style.done('✔')} ${cluster} is as its file says. Nothing to do.`];
  const lines = spread(
    `  ${planSummary(phases)}.`,
    style.dim(pending > 0 ? `${as('cpaas plan --commands')} shows every line that would be sent.` : ''),
    Math.min(width, 118),
  );
  if (conflict > 0)
    return [...lines, `  ${style.wrong('!')} What is not ours stays as it is: up changes nothing until it is settled.`];
  return lines;
}

/**
 * The same as a shell script to read or to run by hand, each step under a comment that says where. Exact: nothing is wrapped, cut or
 * replaced, except that control characters are escaped.
 */
export function planCommands({ phases }: PlanDocument): string {
  const blocks = phases.flatMap(({ name, deferred, steps }) => [
    ...steps
      .filter(({ commands }) => commands.length > 0)
      .map(({ title, host, commands }) => block(`${name}: ${title}`, host, commands)),
    ...(deferred === undefined ? [] : [[`# ${oneLine(name)}: ${oneLine(deferred)}`]]),
  ]);
  return blocks.map((lines) => lines.join('\n')).join('\n\n');
}

/** The same, complete: what stands in the way, and that there is nothing to send, are comments in it. */
export function dryRunText(plan: PlanDocument): string {
  const steps = plan.phases.flatMap((phase) => phase.steps);
  const obstacles = [
    ...plan.phases.flatMap(({ name, error }) => (error === undefined ? [] : [`# ${oneLine(name)}: ${oneLine(error)}`])),
    ...steps.flatMap(({ host, title, state, why, conflicts = [] }) => [
      ...conflicts.map((each) => `# in the way on ${oneLine(host)}: ${oneLine(title)}: ${oneLine(each.why)}`),
      ...(state === 'unreachable' ? [`# ${oneLine(host)} cannot be looked at: ${oneLine(why ?? '')}`] : []),
    ]),
  ];
  const commands = planCommands(plan);
  if (commands === '' && obstacles.length === 0) return '# Nothing to send: all is as asked.';
  return [...new Set(obstacles), ...(commands === '' ? [] : [commands])].join('\n');
}

function block(title: string, host: string, commands: PlanDocument['phases'][number]['steps'][number]['commands']) {
  let at = host;
  return [
    `# ${oneLine(title)}, on ${oneLine(host)}`,
    ...commands.flatMap((command) => {
      const moved = command.host === at ? [] : [`# on ${oneLine(command.host)}`];
      at = command.host;
      return [...moved, ...shellLines(command)];
    }),
  ];
}
