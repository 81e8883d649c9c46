import type { Reader } from '../../../core/context.ts';
import { CpaasError } from '../../../core/errors.ts';
import { reading } from '../../../core/reading.ts';
import { imishExec } from '../../../drivers/imish.ts';
import { ANY_ANSWER, isWhole, settlingConfig, whole } from '../change/running.ts';
import { type ConfigLine, EMPTY, parseFile, type RouterConfig } from '../config/config.ts';
import { isSecret } from '../config/lines.ts';
import type { RouteDomainPlace } from '../place.ts';

type Where = Pick<RouteDomainPlace, 'host' | 'routeDomain'>;

/** Where `write` puts the configuration of a route domain. `save sys config` does not. */
const savedFile = (routeDomain: number): string => `/config/zebos/rd${routeDomain}/ZebOS.conf`;

/** The most lines that a remark quotes. */
const MOST = 5;

/** Lines for a sentence: the first of them, and how many more there are. */
export const someOf = (lines: readonly string[]): string =>
  [...lines.slice(0, MOST), ...(lines.length > MOST ? [`and ${lines.length - MOST} more`] : [])].join('; ');

export interface Saved {
  readonly enabled: boolean;
  /** Lines in force that are not saved, and saved lines that are not in force any more. */
  readonly differing: readonly string[];
  /** Whether anything of BGP is saved. */
  readonly keeps: boolean;
  /** Whether passwords are in force: nobody sees whether the same are saved. */
  readonly hides: boolean;
}

/** What a restart, or enabling BGP, brings back. Rejects with `BGP.ANSWER` for what cannot be read. */
export async function savedConfig(ctx: Reader, { host, routeDomain }: Where): Promise<RouterConfig> {
  const unit = ctx.host(host);
  const file = await unit.read(savedFile(routeDomain));
  if (file !== undefined) return parseFile(file) ?? unread(unit.name, savedFile(routeDomain));
  // nothing was ever saved; or this login sees no files, and imish does
  const { stdout } = await unit.query(reading(imishExec(routeDomain, 'show startup-config'), { codes: ANY_ANSWER }));
  // an excuse is shown where nothing is saved; half a configuration is no answer
  return isWhole(stdout) || /^(!|router |interface )/m.test(stdout) ? whole(stdout, unit.name) : EMPTY;
}

/** Daemons read lines at the left as well: what is ours among them would be taken for gone. */
function unread(unit: string, file: string): never {
  throw new CpaasError('BGP.ANSWER', `${unit}: the lines of ${file} are not indented, so it cannot be read`, {
    next: [{ label: 'saves what is in force, on the unit', command: "imish -e 'write'" }],
  });
}

/** Compares what is in force with what a restart would bring back. Their order says nothing. */
export async function savedState(ctx: Reader, { host, routeDomain }: Where): Promise<Saved> {
  const { enabled, config } = await settlingConfig(ctx, { host, routeDomain });
  const saved = await savedConfig(ctx, { host, routeDomain });
  const keeps = saved.lines.some(({ element }) => element?.key === 'router bgp');
  const hides = config.lines.some(({ element }) => element !== undefined && isSecret(element.key));
  return { enabled, keeps, hides, differing: enabled ? differing(config, saved) : [] };
}

function differing(running: RouterConfig, saved: RouterConfig): readonly string[] {
  const [force, file] = [namesOf(running), namesOf(saved)];
  return [
    ...[...force].filter((line) => !file.has(line)).map((line) => `not saved: ${line}`),
    ...[...file].filter((line) => !force.has(line)).map((line) => `saved, but gone: ${line}`),
  ];
}

const namesOf = ({ lines }: RouterConfig): ReadonlySet<string> =>
  new Set(lines.filter(isConfigured).map(({ context, text }) => unsecret(`${context && `${context}: `}${text}`)));

/** A line that may be shown and kept: what is nobody's element may hold a secret too. */
export const unsecret = (line: string): string => line.replace(SECRET, '$1 <not shown>');

const SECRET = /\b(password|key-string|md5|secret) .+$/;

/** A unit on which nothing was ever configured shows these, saved or not. */
export const isConfigured = ({ context, text }: ConfigLine): boolean =>
  !/^line (con|vty) /.test(context || text) && text !== 'no service password-encryption';
