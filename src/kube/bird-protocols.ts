/** One BGP session as BIRD shows it. */
export interface BirdSession {
  /** `Global_10_10_2_20`, `Mesh_172_19_0_3`. */
  readonly name: string;
  readonly peer?: string;
  readonly neighborAs?: number;
  /** Shown by BIRD 2 only. */
  readonly localAs?: number;
  /** `Established`, a state of BGP on the way there, or `Down`; `unknown` for words that no BIRD is known to say. */
  readonly state: string;
  /** A time of day, or a date, of the machine that BIRD runs on. */
  readonly since?: string;
  /** What BIRD says is wrong. */
  readonly error?: string;
}

const states = new Set([
  'Established',
  'Idle',
  'Connect',
  'Active',
  'Passive',
  'OpenSent',
  'OpenConfirm',
  'Close',
  'Down',
]);

/**
 * The BGP sessions in what `birdcl show protocols all` prints, by BIRD 1.6 and by 2. Nothing where the text is not that: a session is
 * never taken for Established unless BIRD says so in words that are known.
 */
export function parseProtocols(text: string): readonly BirdSession[] | undefined {
  if (!/^name +proto +table +state +since/im.test(text)) return undefined;
  const sections = text.split(/^(?=\S)/m).filter((section) => /^\S+ +BGP /.test(section));
  return sections.map(session);
}

function session(section: string): BirdSession {
  const [line = ''] = section.split('\n', 1);
  const [, name = '', column = '', since, info = ''] =
    /^(\S+) +BGP +\S+ +(\S+) +(\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d\S*)?|\d\d:\d\d\S*) *(.*?) *$/.exec(line) ?? [];
  const detail = (label: string) => new RegExp(`^ +${label}: +(.*?) *$`, 'm').exec(section)?.[1];
  const state = detail('BGP state') ?? info.split(/ {2,}/)[0] ?? '';
  const known = states.has(state) && (state === 'Established') === (column === 'up');
  const [peer, as, own] = [detail('Neighbor address'), detail('Neighbor AS'), detail('Local AS')];
  const error = detail('Last error') ?? info.split(/ {2,}/)[1];
  return {
    name: name || (line.split(' ', 1)[0] ?? ''),
    ...(peer === undefined ? {} : { peer }),
    ...(as !== undefined && /^\d+$/.test(as) ? { neighborAs: Number(as) } : {}),
    ...(own !== undefined && /^\d+$/.test(own) ? { localAs: Number(own) } : {}),
    state: known ? state : column === 'down' ? 'Down' : 'unknown',
    ...(since === undefined ? {} : { since }),
    ...(error ? { error } : known || column === 'down' ? {} : { error: `BIRD says: ${line.trim()}` }),
  };
}
