import { CpaasError, type NextAction } from '../../core/errors.ts';
import { wrap } from '../text/columns.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';
import { count } from '../text/words.ts';
import type { Terminal } from './terminal.ts';

/** A change that somebody has to agree to. */
export interface AtStake {
  readonly risk: 'disruptive' | 'destructive';
  /** The place, and the machine it is on. */
  readonly title: string;
  readonly host: string;
  /** What dies by it. */
  readonly why?: string;
  /** The change in words. */
  readonly text: string;
}

export interface Consent {
  readonly atStake: readonly AtStake[];
  /** What has to be typed before anything is destroyed. */
  readonly cluster: string;
  /** The command as the user gave it, without `cpaas` and without consent: `up`. */
  readonly command: string;
}

/**
 * Names what is at stake and asks; no is the default, and leaving the question is no. What is destroyed asks for the cluster's name.
 * Throws `CONSENT.NEEDED` where nobody can be asked.
 */
export async function askConsent(consent: Consent, terminal: Terminal): Promise<'yes' | 'no'> {
  const { input, output, view, signal } = terminal;
  if (!output.isTTY || !input.isTTY) throw consentNeeded(consent);
  output.write(`${atStakeText(consent, view)}\n\n`);
  const { confirm, input: ask } = await import('@inquirer/prompts');
  const context = { input, output, ...(signal === undefined ? {} : { signal }) };
  const { cluster } = consent;
  const theme = themeOf(view);
  try {
    if (!isDestructive(consent))
      return (await confirm({ message: 'Go on?', default: false, theme }, context)) ? 'yes' : 'no';
    const typed = await ask({ message: `To go on, type the name of the cluster (${cluster}):`, theme }, context);
    return typed.trim() === cluster ? 'yes' : 'no';
  } catch (error) {
    // Ctrl-C and Ctrl-D leave the question. An abort from outside is the caller's to tell.
    if (error instanceof Error && error.name === 'ExitPromptError') return 'no';
    throw error;
  }
}

/** inquirer colours for itself whatever the flags say, so it is given ours. */
export function themeOf({ style }: View) {
  const same = (text: string) => text;
  const { strong, change, dim, wrong } = style;
  return {
    prefix: change('?'),
    style: {
      message: same,
      answer: strong,
      defaultAnswer: (text: string) => dim(`(${text})`),
      help: dim,
      highlight: strong,
      key: strong,
      error: wrong,
    },
  };
}

const isDestructive = ({ atStake }: Consent): boolean => atStake.some(({ risk }) => risk === 'destructive');

/** What is at stake, the worst first, with what dies by it. */
export const atStakeText: Renderer<Consent> = renderer(({ atStake }, view) => {
  const { style } = view;
  const destructive = atStake.filter(({ risk }) => risk === 'destructive');
  const disruptive = atStake.filter(({ risk }) => risk === 'disruptive');
  return [
    ...(destructive.length > 0 ? [style.wrong(`This destroys (${count(destructive.length, 'change')}):`)] : []),
    ...groupLines(destructive, view),
    ...(disruptive.length > 0 ? [style.change(`This interrupts (${count(disruptive.length, 'change')}):`)] : []),
    ...groupLines(disruptive, view),
  ];
});

const SHOWN = 8;

/** Changes of one place under its name; those of one reason share it. */
function groupLines(changes: readonly AtStake[], { style, width }: View): readonly string[] {
  const places = [...new Set(changes.map(place))];
  return places.flatMap((name) => {
    const here = changes.filter((change) => place(change) === name);
    const reasons = [...new Set(here.flatMap(({ why }) => why ?? []))];
    const rest = here.length - SHOWN;
    const under = (text: string) => wrap(text, width, 6).map((line, at) => (at === 0 ? `    ${line}` : line));
    return [
      `  ${style.strong(name)}`,
      ...here.slice(0, SHOWN).flatMap(({ text }) => under(text)),
      ...(rest > 0 ? [style.dim(`    … ${rest} more, shown by cpaas plan -v`)] : []),
      ...reasons.flatMap((why) => under(`→ ${why}`)),
    ];
  });
}

const place = ({ title, host }: AtStake): string =>
  title.includes(host) || host === 'here' ? title : `${title} on ${host}`;

function consentNeeded(consent: Consent): CpaasError {
  const { atStake, cluster, command } = consent;
  const consented: NextAction = isDestructive(consent)
    ? { label: 'agrees to all of it', command: `cpaas ${command} --confirm ${cluster}` }
    : { label: 'agrees to it', command: `cpaas ${command} -y` };
  return new CpaasError('CONSENT.NEEDED', `${command} needs your consent, and there is no terminal to ask on`, {
    evidence: atStake.map((change) => ({
      label: change.risk,
      text: `${place(change)}: ${[change.text, change.why].filter(Boolean).join(' → ')}`,
    })),
    // a plan is what up would do, and of nothing else
    next: [consented, ...(command === 'up' ? [{ label: 'shows every change', command: 'cpaas plan' }] : [])],
  });
}
