import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { CpaasError, type Evidence } from '../core/errors.ts';
import { parseAddress } from '../net/cidr.ts';
import { findingsOf } from './issues.ts';
import { type Env, homePath } from './kubeconfig.ts';
import { AsNumber } from './schema/fields.ts';
import { BigIp } from './schema/router.ts';
import { Ssh } from './schema/ssh.ts';

/** The flags that stand in for a cluster file, as they were typed. */
export interface AdhocFlags {
  readonly router?: readonly string[];
  readonly as?: string;
  readonly remoteAs?: string;
  readonly neighbors?: readonly string[];
  readonly fromKubeconfig?: string;
  readonly context?: string;
  readonly peerGroup?: string;
  readonly routeDomain?: string;
  readonly selfIp?: string;
  readonly passwordEnv?: string;
}

/** What a command cannot do without. */
export interface AdhocNeeds {
  /** Of `cpaas bgp`, for advice. */
  readonly verb: string;
  readonly as?: boolean;
  readonly neighbors?: boolean;
}

type Login = z.infer<typeof Ssh>;

export interface AdhocUnit {
  /** As it was typed, without scheme, login and the usual port: what messages call it. */
  readonly name: string;
  readonly ssh: Login;
}

/** What the flags say, checked. */
export interface AdhocWish {
  readonly units: readonly AdhocUnit[];
  /** The units' AS; the cluster's where only that is known. */
  readonly asNumber?: number;
  /** The neighbors' AS; the units', or what the cluster says, when left out. */
  readonly remoteAs?: number;
  /** Addresses; those of the cluster's nodes when left out. */
  readonly neighbors?: readonly string[];
  /** An absolute path. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Name of the self-IP; whichever fits when left out. */
  readonly selfIp?: string;
  readonly peerGroup: string;
  readonly routeDomain: number;
}

/** Reads the flags. Rejects with `USAGE.FLAGS`, which tells everything that is wrong with them, before anything is contacted. */
export function adhocWish(flags: AdhocFlags, needs: AdhocNeeds, env: Env): AdhocWish {
  const problems: Evidence[] = [];
  const complain = (label: string, text: string): undefined => void problems.push({ label, text });
  const parsed = <T>(label: string, schema: z.ZodType<T>, value: unknown): T | undefined => {
    const { data, error } = schema.safeParse(value);
    for (const issue of error?.issues ?? [])
      for (const { message } of findingsOf(issue, value, () => `${value}`)) complain(label, message);
    return data;
  };
  const { shape } = BigIp;

  const password = flags.passwordEnv === undefined ? undefined : { env: flags.passwordEnv };
  if (password && !env[password.env]) complain('--password-env', `the variable ${password.env} is not set`);
  const units = (flags.router ?? []).flatMap((text) => unitOf(text, password, complain) ?? []);
  if (!flags.router?.length) complain('--router', 'is missing: say how to log in, ssh://root@10.1.20.11');
  for (const name of repeated(units.map((unit) => unit.name))) complain('--router', `${name} is there twice`);

  const { neighbors: given, fromKubeconfig: file } = flags;
  const neighbors = given?.flatMap((text) => text.split(',')).map((text) => text.trim());
  for (const text of neighbors ?? []) if (!parseAddress(text)) complain('--neighbors', notAddress(text));
  for (const text of repeated(neighbors ?? [])) complain('--neighbors', `${text} is there twice`);
  if (neighbors && file !== undefined) complain('--from-kubeconfig', 'stands beside --neighbors: give one of them');
  if (needs.neighbors && !neighbors && file === undefined)
    complain('--neighbors', 'is missing: give the addresses, 10.1.20.20,10.1.20.21, or --from-kubeconfig PATH');

  const kubeconfig = file === undefined ? undefined : resolve(homePath(file, env));
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) complain('--from-kubeconfig', `there is no ${kubeconfig}`);
  if (flags.context !== undefined && file === undefined)
    complain('--context', 'is about --from-kubeconfig, which is missing');

  if (needs.as && flags.as === undefined && file === undefined)
    complain('--as', "is missing: the unit's own AS number, such as 64512");
  const routeDomain = parsed('--route-domain', shape.routeDomain, number(flags.routeDomain));
  const peerGroup = parsed('--peer-group', shape.peerGroup, flags.peerGroup);
  const optional = {
    asNumber: flags.as === undefined ? undefined : parsed('--as', AsNumber, flags.as),
    remoteAs: flags.remoteAs === undefined ? undefined : parsed('--remote-as', AsNumber, flags.remoteAs),
    selfIp: flags.selfIp === undefined ? undefined : parsed('--self-ip', shape.selfIp, flags.selfIp),
    ...{ neighbors, kubeconfig, context: flags.context },
  };
  if (problems.length > 0) throw misused(needs.verb, problems);
  const known = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { units, peerGroup: peerGroup ?? '', routeDomain: routeDomain ?? 0, ...known };
}

export const misused = (verb: string, problems: readonly Evidence[]): CpaasError =>
  new CpaasError(
    'USAGE.FLAGS',
    problems.length === 1 ? 'a flag is not as it should be' : `${problems.length} flags are not as they should be`,
    { evidence: problems, next: [{ label: 'shows all flags, with examples', command: `cpaas bgp ${verb} --help` }] },
  );

/** `ssh://root@10.1.20.11:22`, of which only the host is needed. */
function unitOf(
  text: string,
  password: Login['password'],
  complain: (label: string, text: string) => undefined,
): AdhocUnit | undefined {
  const [, scheme, login = ''] = /^(?:([a-z]+):\/\/)?(.*?)\/?$/i.exec(text) ?? [];
  if (scheme !== undefined && scheme !== 'ssh')
    return complain('--router', `a unit is logged in to by ssh, not ${scheme}`);
  const at = login.lastIndexOf('@');
  const user = login.slice(0, Math.max(0, at));
  // not repeated: it is seen on the command line already
  if (user.includes(':')) return complain('--router', 'has a password in it: name a variable instead, --password-env');
  const [, host = '', port] = /^(\[[\da-f:.]+\]|[^:]+)(?::(\d+))?$/i.exec(login.slice(at + 1)) ?? [];
  const { data, error } = Ssh.safeParse({
    host: host.replace(/^\[|\]$/g, ''),
    ...(at >= 0 ? { user } : {}),
    ...(port ? { port: Number(port) } : {}),
    ...(password ? { password } : {}),
  });
  if (!host || error) return complain('--router', `${text}: a unit is named as ssh://root@10.1.20.11`);
  return { name: port === undefined || port === '22' ? data.host : `${host}:${port}`, ssh: data };
}

function notAddress(text: string): string {
  if (text === '') return 'holds an empty address: separate addresses by commas alone';
  const [bare = ''] = text.split(/[%/]/);
  return parseAddress(bare) && bare !== text
    ? `${text}: an address is wanted, ${bare}`
    : `${text} is no address such as 10.1.20.20`;
}

/** A number where it is one; any other text as it is, for the schema to refuse. */
const number = (text: string | undefined): unknown => (text !== undefined && /^\d+$/.test(text) ? Number(text) : text);

const repeated = (texts: readonly string[]): ReadonlySet<string> =>
  new Set(texts.filter((text, at) => texts.indexOf(text) !== at));
